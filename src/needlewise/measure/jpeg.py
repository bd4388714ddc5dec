"""JPEG: what the segments before the first scan say, and the fast decoder (ITU-T T.81)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import simplejpeg  # type: ignore[import-untyped]

from needlewise.measure.profile import Pixels

MAX_SCANS = 60  # of a progressive JPEG: encoders write about 10, thousands are an attack on time


@dataclass(frozen=True)
class JpegHeader:
    """What the segments before the first scan say."""

    width: int
    height: int
    channels: int
    progressive: bool
    held: float  # bytes a pixel that a decoder of a progressive picture holds until its last scan
    exif: bytes
    icc: bytes


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content up to the first scan (ITU-T T.81, B.1)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 1:  # fill bytes and markers without content
            at += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (0xDA, 0xD9) or size < 2:
            return
        yield marker, data[at + 4 : at + 2 + size]
        at += 2 + size


def read_header(data: bytes) -> JpegHeader:
    frame, exif, chunks, blocks = None, b"", {}, [1]
    for marker, content in jpeg_segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(content) >= 6:
            frame = (marker, *struct.unpack_from(">BHHB", content))
            blocks = [(part >> 4) * (part & 15) for part in content[7::3][: frame[4]]]
        elif marker == 0xE1 and content[:6] == b"Exif\0\0" and not exif:
            exif = content
        elif marker == 0xE2 and content[:12] == b"ICC_PROFILE\0" and len(content) > 14:
            chunks[content[12]] = content[14:]
    if frame is None:
        raise ValueError("no frame before the first scan")
    kind, _, height, width, channels = frame
    icc = b"".join(chunks[number] for number in sorted(chunks))
    progressive = kind in (0xC2, 0xC6, 0xCA)
    held = 2.0 * sum(blocks) / max(1, *blocks)  # 16-bit coefficients
    if progressive and sum(1 for _ in re.finditer(rb"\xff\xda\x00[\x08\x0a\x0c]", data)) > MAX_SCANS:
        raise ValueError("too many scans")
    return JpegHeader(width, height, channels, progressive, held, exif, icc)


def fast_decode(data: bytes, colours: str, least: dict[str, int]) -> Pixels | None:
    """Decode with libjpeg-turbo, treating what it only warns about as damage; None for a kind it does not know."""
    try:
        return np.asarray(simplejpeg.decode_jpeg(data, colours, **least))
    except ValueError as error:
        if "before marker 0xd9" in str(error):  # padding before the end: harmless, and some cameras write it
            return np.asarray(simplejpeg.decode_jpeg(data, colours, strict=False, **least))
        if "subsampling" in str(error):
            return None
        raise
