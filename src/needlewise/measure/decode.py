"""From a file's bytes to encoded pixels, in bounded memory and time.

The size is read from the header and refused before anything is decoded. A large picture is shrunk while or right after it is
decoded, on encoded values: for the low contrast of skin that differs from shrinking linear light by well under 1 %, alike in
red, green and blue.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import cv2
import numpy as np
from PIL import Image, ImageFile

from needlewise.errors import InputError
from needlewise.measure.bands import png_bands, png_head, shrunk, tiff_bands
from needlewise.measure.exif import Shooting, shooting_of
from needlewise.measure.heic import shrunk_heic
from needlewise.measure.jpeg import fast_decode, read_header
from needlewise.measure.kinds import DAMAGED, check_size
from needlewise.measure.profile import (
    SRGB,
    UNTAGGED,
    Pixels,
    Profile,
    ProfileError,
    display_p3,
    read_profile,
    through_engine,
)
from needlewise.measure.quiet import quiet
from needlewise.said import say

MAX_DECODED = 165_000_000  # bytes held at once while decoding a picture as a whole; with the rest it stays under 300 MB
MAX_PIXELS = 210_000_000  # of what is shrunk while it is decoded, so even a 200 megapixel phone fits
STRIP = 512  # rows handed over at once, so that a picture is not held twice
MODES = {"1": "L", "L": "L", "LA": "LA", "P": "RGBA", "PA": "RGBA", "RGB": "RGB", "RGBX": "RGB", "RGBA": "RGBA", "RGBa": "RGBA",
         "YCbCr": "RGB", "CMYK": "CMYK"}  # fmt: skip


logging.getLogger("PIL").addHandler(logging.NullHandler())  # it reports damage to stderr; here one line says it


@dataclass(frozen=True)
class Raw:
    """Decoded but still encoded: HxW or HxWx3 of 8 or 16 bits, upright; `opaque` is False where the picture is see-through."""

    pixels: Pixels
    profile: Profile
    shooting: Shooting
    size: tuple[int, int]  # width, height of the upright picture in the file, before shrinking
    opaque: Pixels | None = None


def decode(data: bytes, name: str, kind: str, max_side: int | None) -> Raw:
    """Decode, shrink to at most `max_side` and turn upright.

    Raises
    ------
    InputError
        The picture is damaged, too large, animated, or of a kind that is not a photograph.
    """
    read = {"JPEG": _jpeg, "HEIC": _heic}.get(kind, _pillow)
    with _told(name):
        return read(data, name, max_side)


def decode_large(file: BinaryIO, name: str, kind: str, max_side: int, length: int) -> Raw | None:
    """Decode a large PNG or TIFF a band at a time; None for one that is small or must be decoded whole.

    Raises
    ------
    InputError
        As `decode`.
    """
    with _told(name), quiet():
        image = _open(file, name)
        _one_picture(name, int(getattr(image, "n_frames", 1)))
        found: dict[bytes, bytes] = {}
        bands: Iterator[Pixels] | None = None
        width, height = image.size
        if kind == "PNG":
            file.seek(0)
            head = png_head(file.read(33))
            bands = png_bands(file, head, found) if head.plain else None
        else:
            tags: Any = getattr(image, "tag_v2", {})
            width, height = tags.get(256, 0), tags.get(257, 0)
            _check_strips(image, length)
            bands = tiff_bands(file, tags, "<" if image.tag_v2.prefix == b"II" else ">")  # type: ignore[attr-defined]
        factor = max(width, height) // max_side
        if bands is None or factor < 2:
            return None
        check_size(name, width, height, MAX_PIXELS)
        pixels = shrunk(_opacity(bands), factor)
        opaque = None
        if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
            opaque = pixels[..., -1] == np.iinfo(pixels.dtype).max
            pixels = np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3])
        block = found.get(b"eXIf") or image.info.get("exif") if kind == "PNG" else image.getexif()
        shooting = shooting_of(block) if block else Shooting()
        icc = image.info.get("icc_profile") or b""
        profile = _profile(icc, 1 if pixels.ndim == 2 else 3)
        pixels = _finish(pixels, max_side, shooting.orientation)
        if profile is None:
            pixels, profile = _engine(pixels, icc)
        size = _upright_size(width, height, shooting.orientation)
        return Raw(pixels, profile, shooting, size, None if opaque is None else _opaque(opaque, pixels, shooting.orientation))


def _opacity(bands: Iterator[Pixels]) -> Iterator[Pixels]:
    """Make what is see-through in any part wholly so, before it is averaged."""
    for band in bands:
        if band.ndim == 3 and band.shape[2] in (2, 4):
            band = band.copy()
            band[..., -1][band[..., -1] < np.iinfo(band.dtype).max] = 0
        yield band


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say in one line what a decoder raises."""
    try:
        yield
    except ProfileError as error:
        hint = say("{problem}: open it in any photo program and save a copy in sRGB", problem=error.args[0])
        raise InputError("photo", name, "a picture with a whole colour profile", hint) from error
    except InputError:
        raise
    except Exception as error:  # five decoders raise a dozen unrelated kinds on damaged files
        raise InputError("photo", name, "a whole picture", DAMAGED) from error


def _one_picture(name: str, frames: int) -> None:
    if frames > 1:
        hint = say("this file holds {frames}: save the one you mean as JPEG or PNG", frames=frames)
        raise InputError("photo", name, "one still picture", hint)


def _finish(pixels: Pixels, max_side: int | None, turn: int) -> Pixels:
    height, width = pixels.shape[:2]
    if max_side is not None and max(height, width) > max_side:
        scale = max_side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return upright(pixels, turn)


def upright(pixels: Pixels, turn: int) -> Pixels:
    """Undo EXIF orientation 1–8 (CIPA DC-008, tag 274): mirrored for 2, 4, 5, 7; then half or quarter turns."""
    if turn in (2, 4, 5, 7):
        pixels = np.asarray(cv2.flip(pixels, 0 if turn == 4 else 1))
    rotate = {3: cv2.ROTATE_180, 5: cv2.ROTATE_90_COUNTERCLOCKWISE, 6: cv2.ROTATE_90_CLOCKWISE,
              7: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}.get(turn)  # fmt: skip
    return pixels if rotate is None else np.asarray(cv2.rotate(pixels, rotate))


def _upright_size(width: int, height: int, turn: int) -> tuple[int, int]:
    return (height, width) if turn >= 5 else (width, height)


def _jpeg(data: bytes, name: str, max_side: int | None) -> Raw:
    header = read_header(data)
    width, height = header.width, header.height
    scaled = max_side is not None and not header.progressive
    check_size(name, width, height, MAX_PIXELS if scaled else MAX_DECODED / max(3.0, header.held))
    shooting = shooting_of(header.exif) if header.exif else Shooting()
    profile = _profile(header.icc, header.channels)
    colours = {1: "GRAY", 4: "CMYK"}.get(header.channels, "RGB")
    share = 1.0 if max_side is None else min(1.0, max_side / max(width, height))
    least = {"min_width": math.ceil(width * share), "min_height": math.ceil(height * share)} if share < 1 else {}
    pixels = fast_decode(data, colours, least)
    if pixels is not None and colours == "CMYK":
        pixels = 255 - pixels  # Photoshop's way, which all follow: 255 is no ink
    if pixels is None:
        with quiet():
            return _from_pillow(_open(data, name), name, max_side, header.icc, shooting)
    if profile is None or header.channels == 4:
        pixels, profile = _engine(pixels, header.icc)
    upright_size = _upright_size(width, height, shooting.orientation)
    pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    return Raw(_finish(pixels, max_side, shooting.orientation), profile, shooting, upright_size)


def _heic(data: bytes, name: str, max_side: int | None) -> Raw:
    import pi_heif  # type: ignore[import-untyped]  # only here: few files need it

    if data[8:12] in (b"hevc", b"msf1"):
        _one_picture(name, 2)
    file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    width, height = file.size
    check_size(name, width, height, MAX_DECODED / 3.3)
    if file.mode not in ("L", "LA", "RGB", "RGBA"):
        raise ValueError("not a photograph")
    info = file.info
    shooting = shooting_of(info["exif"]) if info.get("exif") else Shooting()
    icc = info.get("icc_profile") or b""
    colours = info.get("nclx_profile") or {}
    if not icc and colours.get("transfer_characteristics") in (16, 18):  # PQ, HLG (ITU-T H.273, table 3)
        hint = "share it from the phone as JPEG"
        raise InputError("photo", name, "a picture of ordinary dynamic range", hint)
    p3 = not icc and colours.get("color_primaries") == 12  # P3 under D65 (ITU-T H.273, table 2)
    small = shrunk_heic(data, max_side) if max_side is not None and file.mode in ("L", "RGB") else None
    if small is not None:
        profile = display_p3() if p3 else _profile(icc, 1 if small.ndim == 2 else 3)
        small = _finish(small, max_side, 1)
        if profile is None:
            small, profile = _engine(small, icc)
        return Raw(small, profile, shooting, (width, height))
    pixels = np.asarray(file)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    opaque = pixels[..., -1] == 255 if channels in (2, 4) else None
    if channels in (2, 4):
        pixels = np.ascontiguousarray(pixels[..., 0] if channels == 2 else pixels[..., :3])
    profile = display_p3() if p3 else _profile(icc, 1 if channels <= 2 else 3)
    # libheif has turned it upright already; copied, because the pixels are freed with `file`
    pixels = np.array(_finish(pixels, max_side, 1))
    if profile is None:
        pixels, profile = _engine(pixels, icc)
    return Raw(pixels, profile, shooting, (width, height), None if opaque is None else _opaque(opaque, pixels, 1))


def _open(data: bytes | BinaryIO, name: str) -> ImageFile.ImageFile:
    """Read the header only; a header that lies about sizes or text is refused by its message."""
    try:
        return Image.open(io.BytesIO(data) if isinstance(data, bytes) else data, formats=("JPEG", "PNG", "WEBP", "TIFF"))
    except Image.DecompressionBombError as error:
        allowed = say("at most {most:.0f} megapixels", most=MAX_DECODED / 3e6)
        raise InputError("photo", name, allowed, "save a smaller copy") from error


def _pillow(data: bytes, name: str, max_side: int | None) -> Raw:
    with quiet():  # Pillow warns of odd metadata and of bombs by a limit of its own; OpenCV and libtiff print what is damaged
        image = _open(data, name)
        _one_picture(name, int(getattr(image, "n_frames", 1)))
        if image.format == "TIFF":
            _check_strips(image, len(data))
        shooting = shooting_of(image.getexif())
        icc = image.info.get("icc_profile") or b""
        return _from_pillow(image, name, max_side, icc if isinstance(icc, bytes) else b"", shooting, data)


def _check_strips(image: ImageFile.ImageFile, length: int) -> None:
    """Refuse a TIFF whose strips or tiles lie outside the file or are too few: decoders would fill in the rest (TIFF 6.0)."""
    tags: Any = getattr(image, "tag_v2", {})
    starts, sizes = tags.get(273) or tags.get(324), tags.get(279) or tags.get(325)
    if not starts or not sizes or len(starts) != len(sizes):
        raise ValueError("no strips")
    if any(start < 8 or size < 1 or start + size > length for start, size in zip(starts, sizes, strict=True)):
        raise ValueError("a strip outside the file")
    bits = tags.get(258, (1,))
    height = image.size[1] if image.size[1] == tags.get(257) else image.size[0]
    needed = image.size[0] * image.size[1] * (sum(bits) if isinstance(bits, tuple) else bits) // 8
    if 273 in tags and len(starts) * min(tags.get(278, height), height) < height:
        raise ValueError("strips for too few rows")
    if tags.get(259, 1) == 1 and sum(sizes) < needed:
        raise ValueError("strips too short")


def _depth16(image: ImageFile.ImageFile, data: bytes) -> bool:
    if image.format == "PNG":
        return data[24:25] == b"\x10" and image.mode != "P"
    bits: Any = getattr(image, "tag_v2", {}).get(258, ())
    return bool(bits) and all(value == 16 for value in (bits if isinstance(bits, tuple) else (bits,)))


def _from_pillow(
    image: ImageFile.ImageFile, name: str, max_side: int | None, icc: bytes, shooting: Shooting, data: bytes = b""
) -> Raw:
    width, height = image.size
    deep = _depth16(image, data)
    channels = 4 if image.mode in ("RGBA", "CMYK") else 1 if image.mode in ("L", "1", "I;16", "I;16B") else 3
    twice = 2 if deep or image.format == "WEBP" else 1
    check_size(name, width, height, MAX_DECODED / (max(channels, 4) * twice))  # Pillow holds colour in four bytes
    turn = 1 if image.format == "TIFF" else shooting.orientation  # both decoders turn a TIFF upright themselves
    if deep:
        pixels, opaque = _deep(image, data)
    else:
        small = _reduced(image, max_side)
        pixels, opaque = _array(small)
        if small.mode == "CMYK":
            pixels, icc = _engine(pixels, icc)[0], b""
    profile = _profile(icc, 1 if pixels.ndim == 2 else 3)
    pixels = _finish(pixels, max_side, turn)
    if profile is None:
        pixels, profile = _engine(pixels, icc)
    upright_size = _upright_size(width, height, turn)
    return Raw(pixels, profile, shooting, upright_size, None if opaque is None else _opaque(opaque, pixels, turn))


def _reduced(image: ImageFile.ImageFile, max_side: int | None) -> Image.Image:
    if image.mode not in MODES:
        raise ValueError("not a photograph")
    image.load()
    factor = 1 if max_side is None else max(image.size) // max_side
    mode = MODES[image.mode]
    if factor > 1 and image.mode == mode:
        return image.reduce(factor)
    return image if image.mode == mode else image.convert(mode)


def _array(image: Image.Image) -> tuple[Pixels, Pixels | None]:
    width, height = image.size
    bands = len(image.getbands())
    kept = bands - (image.mode in ("LA", "RGBA"))
    pixels = np.empty((height, width, kept) if kept > 1 else (height, width), np.uint8)
    opaque = np.empty((height, width), bool) if kept < bands else None
    for top in range(0, height, STRIP):
        part = np.asarray(image.crop((0, top, width, min(height, top + STRIP))))
        rows = slice(top, top + part.shape[0])
        pixels[rows] = part if kept == bands else part[..., 0] if kept == 1 else part[..., :kept]
        if opaque is not None:
            opaque[rows] = part[..., -1] == 255
    return pixels, opaque


def _deep(image: ImageFile.ImageFile, data: bytes) -> tuple[Pixels, Pixels | None]:
    """Decode 16 bits a channel, which Pillow would cut to 8. Pillow checks a PNG's sums first; OpenCV lets gaps pass."""
    if image.format == "PNG":
        _open(data, "").verify()
    pixels: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[1::-1] != image.size:
        raise ValueError("16-bit picture cannot be decoded")
    if pixels.ndim == 2:
        return pixels, None
    opaque = pixels[..., 3] == 65535 if pixels.shape[2] == 4 else None
    return np.ascontiguousarray(pixels[..., 2::-1]), opaque


def _opaque(opaque: Pixels, pixels: Pixels, turn: int) -> Pixels:
    """Bring the mask to the pixels' size; a pixel that is see-through in any part is not opaque."""
    mask = upright(opaque.astype(np.uint8) * 255, turn)
    return np.equal(cv2.resize(mask, pixels.shape[1::-1], interpolation=cv2.INTER_AREA), 255)


def _profile(icc: bytes, channels: int) -> Profile | None:
    return read_profile(icc, channels) if icc else UNTAGGED


def _engine(pixels: Pixels, icc: bytes) -> tuple[Pixels, Profile]:
    """Return 8-bit sRGB through a colour engine; ink values without a profile by Pillow's plain formula."""
    eight = np.ascontiguousarray(pixels if pixels.dtype == np.uint8 else pixels >> 8, np.uint8)
    if eight.ndim == 2 or eight.shape[2] == 3:
        return np.asarray(through_engine(Image.fromarray(eight), icc)), SRGB
    ink = Image.frombytes("CMYK", eight.shape[1::-1], eight.tobytes())
    return np.asarray(through_engine(ink, icc) if icc else ink.convert("RGB")), SRGB if icc else UNTAGGED
