"""Large PNG and TIFF pictures, a band of rows at a time and shrunk as they come: memory stays the same whatever their size.

A band is handed to the ordinary decoder as a small picture of its own. In a TIFF the strips or tiles are compressed one by one,
so a few of them make one (TIFF 6.0). A PNG is one compressed stream whose rows lean on the row above (PNG 1.2, 6): the stream
is unpacked here, and each band begins with the finished row above it, which needs no other.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import cv2
import numpy as np
from PIL import Image

from needlewise.measure.profile import Pixels

ROWS = 256  # of a band, about
READ = 1 << 16
SIGNATURE = b"\x89PNG\r\n\x1a\n"
DEPTHS = (8, 16)
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG's colour types
CARRIERS = {1: (8, 0), 2: (8, 4), 3: (8, 2), 4: (8, 6), 6: (16, 2), 8: (16, 6)}  # bytes a pixel: depth and type of the same step
TILED, STRIPS = (324, 325), (273, 279)  # where they are, how long
KEPT = (254, 258, 259, 262, 277, 278, 284, 317, 322, 323, 338, 339, 530, 531, 532)  # tags that say how to decode a strip


@dataclass(frozen=True)
class PngHead:
    """What a PNG's first chunk says."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def plain(self) -> bool:
        """Whether its rows come in order and in whole bytes."""
        return not self.interlaced and self.depth in DEPTHS and self.colour in CHANNELS

    @property
    def step(self) -> int:
        """Bytes a pixel."""
        return CHANNELS[self.colour] * self.depth // 8


def shrunk(bands: Iterator[Pixels], factor: int) -> Pixels:
    """Average whole squares of `factor` pixels; fewer than that many columns and rows at the right and below are left off."""
    kept: Pixels | None = None
    small = []
    for band in bands:
        band = band if kept is None else np.concatenate([kept, band])
        rows, columns = band.shape[0] // factor, band.shape[1] // factor
        kept = band[rows * factor :].copy()
        if rows:
            whole = np.ascontiguousarray(band[: rows * factor, : columns * factor])
            small.append(np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)))
    return np.concatenate(small)


def png_head(head: bytes) -> PngHead:
    """Read the first chunk from a file's first 33 bytes."""
    if len(head) < 33 or head[12:16] != b"IHDR":
        raise ValueError("no header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head[16:29])
    return PngHead(width, height, depth, colour, bool(interlaced))


def png_bands(file: BinaryIO, head: PngHead, found: dict[bytes, bytes]) -> Iterator[Pixels]:
    """Yield rows of a plain PNG as uint8 or uint16, HxW or HxWxC; other chunks are left in `found`.

    Raises
    ------
    ValueError
        A chunk is damaged, or there are too few rows.
    """
    stride = 1 + head.width * head.step
    above = bytes(stride - 1)
    left, raw = head.height, bytearray()
    for piece in _unpacked(file, found):
        raw += piece
        while left and len(raw) >= stride * min(ROWS, left):
            rows = min(ROWS, left)
            band = _unfiltered(head, b"\0" + above + raw[: stride * rows], rows + 1)[1:]
            above, left = band[-1].tobytes(), left - rows
            del raw[: stride * rows]
            yield _meant(head, band, found)
    if left:
        raise ValueError("too few rows")


def _unpacked(file: BinaryIO, found: dict[bytes, bytes]) -> Iterator[bytes]:
    """Yield what the IDAT chunks hold, unpacked, a little at a time."""
    file.seek(len(SIGNATURE))
    unpack = zlib.decompressobj()
    while True:
        length, kind = struct.unpack(">I4s", _exactly(file, 8))
        check = zlib.crc32(kind)
        keep = kind in (b"PLTE", b"tRNS", b"eXIf")
        content = b""
        for start in range(0, length, READ):
            part = _exactly(file, min(READ, length - start))
            check = zlib.crc32(part, check)
            if kind == b"IDAT":
                while part and not unpack.eof:
                    yield unpack.decompress(part, 16 * READ)
                    part = unpack.unconsumed_tail
            elif keep and length <= READ:
                content = part
        if check != struct.unpack(">I", _exactly(file, 4))[0]:
            raise ValueError("a chunk is damaged")
        if keep:
            found[kind] = content
        if kind == b"IEND":
            return


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise ValueError("cut short")
    return data


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _unfiltered(head: PngHead, raw: bytes, rows: int) -> Pixels:
    """Undo the filters, by the decoder, of rows as they lie in the stream; return their bytes, rows x (width x step)."""
    depth, colour = CARRIERS[head.step]
    first = _chunk(b"IHDR", struct.pack(">IIBBBBB", head.width, rows, depth, colour, 0, 0, 0))
    small = SIGNATURE + first + _chunk(b"IDAT", zlib.compress(raw, 0)) + _chunk(b"IEND", b"")
    found: Any = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.shape[:2] != (rows, head.width):
        raise ValueError("rows cannot be decoded")
    if colour == 4:  # grey with opacity comes as four channels
        found = found[..., [0, 3]] if found.ndim == 3 else np.dstack([found, np.full_like(found, 255)])
    elif colour in (2, 6):
        found = cv2.cvtColor(found, cv2.COLOR_BGR2RGB if colour == 2 else cv2.COLOR_BGRA2RGBA)
    if depth == 16:
        found = found.astype(">u2")
    return np.ascontiguousarray(found).view(np.uint8).reshape(rows, -1)


def _meant(head: PngHead, band: Pixels, found: dict[bytes, bytes]) -> Pixels:
    """Return the rows' bytes as pixels."""
    rows = len(band)
    if head.colour == 3:
        palette = np.zeros((256, 4), np.uint8)
        palette[:, 3] = 255
        colours = np.frombuffer(found[b"PLTE"][: len(found[b"PLTE"]) // 3 * 3], np.uint8).reshape(-1, 3)
        palette[: len(colours), :3] = colours
        clear = np.frombuffer(found.get(b"tRNS", b""), np.uint8)
        palette[: len(clear), 3] = clear
        return np.asarray(palette[band.reshape(rows, head.width)])
    pixels = band if head.depth == 8 else band.view(">u2").astype(np.uint16)
    channels = CHANNELS[head.colour]
    return pixels.reshape(rows, head.width) if channels == 1 else pixels.reshape(rows, head.width, channels)


def tiff_bands(file: BinaryIO, tags: Any, order: str) -> Iterator[Pixels] | None:
    """Return an iterator over the rows of a TIFF as uint8 or uint16, or None for a kind that must be decoded whole.

    Parameters
    ----------
    tags
        Pillow's `tag_v2`.
    order : str
        "<" or ">", the file's byte order.
    """
    bits = tags.get(258, (1,))
    bits = bits if isinstance(bits, tuple) else (bits,)
    samples = tags.get(277, 1)
    if set(bits) not in ({8}, {16}) or tags.get(284, 1) != 1 or samples not in (1, 3, 4) or tags.get(262) not in (1, 2, 6):
        return None
    if tags.get(259, 1) == 1 and 273 in tags and tags.get(262) != 6:
        return _raw_rows(file, tags, np.dtype(f"{order}u{bits[0] // 8}"), samples)
    each = tags.get(323) if 324 in tags else min(tags.get(278, tags[257]), tags[257])
    return _strips(file, tags, order, int(each)) if each <= 4 * ROWS else None


def _raw_rows(file: BinaryIO, tags: Any, kind: np.dtype[Any], samples: int) -> Iterator[Pixels]:
    """Yield rows that are stored as they are."""
    width, height = tags[256], tags[257]
    stride, each = width * samples * kind.itemsize, min(tags.get(278, height), height)
    for number, start in enumerate(tags[273]):
        strip = min(each, height - number * each)
        for top in range(0, strip, ROWS):
            rows = min(ROWS, strip - top)
            file.seek(start + top * stride)
            band = np.frombuffer(_exactly(file, rows * stride), kind).reshape(rows, width, samples)
            yield band.astype(kind.newbyteorder("=")) if samples > 1 else band[..., 0].astype(kind.newbyteorder("="))


def _strips(file: BinaryIO, tags: Any, order: str, each: int) -> Iterator[Pixels]:
    """Yield rows of some strips, or of a row of tiles, decoded as a small TIFF of their own."""
    where, long = TILED if 324 in tags else STRIPS
    width, height = tags[256], tags[257]
    across = -(-width // tags[322]) if where == TILED[0] else 1
    together = across * max(1, ROWS // each)
    for first in range(0, len(tags[where]), together):
        parts = []
        for start, size in zip(tags[where][first : first + together], tags[long][first : first + together], strict=True):
            file.seek(start)
            parts.append(_exactly(file, size))
        rows = min(len(parts) // across * each, height - first // across * each)
        yield _decoded(_small_tiff(tags, order, parts, where, rows), rows, width)


def _decoded(small: bytes, rows: int, width: int) -> Pixels:
    """Decode a small TIFF: 8 bits by Pillow, which is strict about damage; 16 bits by OpenCV, which alone keeps them."""
    image = Image.open(io.BytesIO(small), formats=("TIFF",))
    bits: Any = getattr(image, "tag_v2", {}).get(258, (1,))
    if 16 in bits:
        found: Any = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_UNCHANGED)
        if found is not None and found.ndim == 3:
            found = cv2.cvtColor(found, cv2.COLOR_BGR2RGB if found.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    else:
        found = np.asarray(image.convert("RGBA") if image.mode == "RGBa" else image)
    if found is None or found.shape[:2] != (rows, width):
        raise ValueError("rows cannot be decoded")
    return np.asarray(found)


def _small_tiff(tags: Any, order: str, parts: list[bytes], where: int, rows: int) -> bytes:
    """Return a TIFF of these strips or tiles (TIFF 6.0, section 2)."""
    entries: dict[int, tuple[int, bytes]] = {256: _longs(order, [tags[256]]), 257: _longs(order, [rows])}
    for tag in KEPT:
        if tag in tags and isinstance(tags[tag], int | tuple) and (tag != 278 or where == STRIPS[0]):
            values = tags[tag] if isinstance(tags[tag], tuple) else (tags[tag],)
            if all(isinstance(value, int) for value in values):
                entries[tag] = 3, struct.pack(f"{order}{len(values)}H", *(min(value, 65535) for value in values))
    if 347 in tags:  # tables shared by all JPEG strips
        entries[347] = 7, bytes(tags[347])
    at, starts = 8, []
    for part in parts:
        starts.append(at)
        at += len(part) + len(part) % 2
    entries[where] = _longs(order, starts)
    entries[where + (1 if where == TILED[0] else 6)] = _longs(order, [len(part) for part in parts])
    table, beyond = struct.pack(f"{order}H", len(entries)), b""
    place = at + 2 + 12 * len(entries) + 4
    for tag, (kind, value) in sorted(entries.items()):
        count = len(value) // {3: 2, 4: 4, 7: 1}[kind]
        table += struct.pack(f"{order}HHI", tag, kind, count)
        table += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", place + len(beyond))
        beyond += value + bytes(len(value) % 2) if len(value) > 4 else b""
    body = b"".join(part + bytes(len(part) % 2) for part in parts)
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", at)
    return start + body + table + bytes(4) + beyond


def _longs(order: str, values: list[int]) -> tuple[int, bytes]:
    return 4, struct.pack(f"{order}{len(values)}I", *values)
