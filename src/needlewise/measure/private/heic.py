"""HEIC: a file of boxes whose items lie at absolute places, so that it is changed in place (ISO/IEC 14496-12, 23008-12).

Boxes, items and properties that are not part of the picture are overwritten with zeros, as is every byte that no kept item uses.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from needlewise.measure.private.block import clean_block

TOP = frozenset({b"ftyp", b"meta", b"mdat"})
META = frozenset({b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat", b"dinf", b"grpl"})
ITEMS = frozenset({b"hvc1", b"av01", b"jpeg", b"grid", b"iden", b"iovl", b"tmap"})
PROPERTIES = frozenset({
    b"hvcC", b"av1C", b"jpgC", b"ispe", b"colr", b"pixi", b"irot", b"imir", b"clap", b"pasp", b"auxC", b"a1lx", b"a1op", b"lsel",
    b"clli", b"mdcv", b"cclv", b"rloc", b"amve",
})  # fmt: skip
Place: TypeAlias = tuple[int, int]  # first byte and the one after the last


class Box(NamedTuple):
    """One box: its type, where it begins, where its content begins, and where it ends."""

    kind: bytes
    at: int
    inside: int
    end: int


def clean_heic(data: bytes) -> bytes:
    """Return the file with zeros in place of all that is not its picture.

    Raises
    ------
    ValueError
        It is damaged, or built in a way this does not know.
    """
    out = bytearray(data)
    top = list(_boxes(out, 0, len(out), ragged=True))
    del out[top[-1].end :]  # some phones put a trailer of their own behind the last box
    metas = [box for box in top if box.kind == b"meta"]
    if len(metas) != 1 or top[0].kind != b"ftyp":
        raise ValueError("not one picture")
    meta = metas[0]
    inner = {box.kind: box for box in _boxes(out, meta.inside + 4, meta.end)}
    if not {b"iloc", b"iinf", b"iprp"} <= set(inner):
        raise ValueError("no items")
    kinds, base = _kinds(out, inner[b"iinf"]), inner[b"idat"].inside if b"idat" in inner else None
    places = _places(out, inner[b"iloc"], base)
    kept = [place for item, where in places.items() if kinds.get(item) in ITEMS for place in where]
    blocks = [where for item, where in places.items() if kinds.get(item) == b"Exif"]
    written = [_written(bytes(b"".join(out[a:b] for a, b in where))) for where in blocks]
    holders = [box for box in (*top, *inner.values()) if box.kind in (b"mdat", b"idat")]
    if any(not any(h.inside <= a <= b <= h.end for h in holders) for a, b in (p for where in places.values() for p in where)):
        raise ValueError("an item outside the data")
    for box in holders:
        _zero_but(out, box, kept)
    for box in (*(b for b in top if b.kind not in TOP), *(b for k, b in inner.items() if k not in META)):
        _blank(out, box)
    for box in _boxes(out, inner[b"iprp"].inside, inner[b"iprp"].end):
        for part in _boxes(out, box.inside, box.end) if box.kind == b"ipco" else ():
            if part.kind not in PROPERTIES:
                _blank(out, part)
    for where, text in zip(blocks, written, strict=True):
        _write(out, where, text, kept)
    return bytes(out)


def _boxes(data: bytearray, at: int, end: int, ragged: bool = False) -> Iterator[Box]:
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        inside = at + 8
        if size == 1:
            size, inside = struct.unpack_from(">Q", data, at + 8)[0], at + 16
        elif size == 0:
            size = end - at
        if size < inside - at or at + size > end or (ragged and not kind.isalnum()):
            if ragged and kind not in TOP:
                return
            raise ValueError("a box beyond the end")
        yield Box(kind, at, inside, at + size)
        at += size


def _kinds(data: bytearray, iinf: Box) -> dict[int, bytes]:
    """Return the type of each item by its number."""
    start = iinf.inside + (6 if data[iinf.inside] == 0 else 8)
    kinds = {}
    for box in _boxes(data, start, iinf.end):
        version = data[box.inside]
        if box.kind != b"infe" or version not in (2, 3):
            raise ValueError("an item of an old kind")
        wide = 2 if version == 2 else 4
        at = box.inside + 4
        kinds[int.from_bytes(data[at : at + wide], "big")] = bytes(data[at + wide + 2 : at + wide + 6])
    return kinds


def _places(data: bytearray, iloc: Box, base: int | None) -> dict[int, list[Place]]:
    """Return where in the file each item lies."""
    version, at = data[iloc.inside], iloc.inside + 4
    if version > 2:
        raise ValueError("an unknown table of places")
    sizes = data[at] >> 4, data[at] & 15, data[at + 1] >> 4, data[at + 1] & 15 if version else 0
    at += 2

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > iloc.end:
            raise ValueError("a table cut short")
        return int.from_bytes(data[at - size : at], "big")

    wide = 4 if version == 2 else 2
    places: dict[int, list[Place]] = {}
    for _ in range(number(wide)):
        item = number(wide)
        method = number(2) & 15 if version else 0
        elsewhere, origin = number(2), number(sizes[2])
        if method > 1 or elsewhere or (method == 1 and base is None):
            raise ValueError("an item kept elsewhere")
        origin += base or 0 if method == 1 else 0
        places[item] = []
        for _ in range(number(2)):
            number(sizes[3])
            start, length = origin + number(sizes[0]), number(sizes[1])
            if start + length > len(data) or (not length and sizes[1]):
                raise ValueError("an item beyond the end")
            if not sizes[1]:
                raise ValueError("an item without a length")
            places[item].append((start, start + length))
    return places


def _written(block: bytes) -> bytes:
    """Return an item's EXIF block as it is to be written."""
    skip = int.from_bytes(block[:4], "big") + 4
    made = clean_block(block[skip:]) if skip < len(block) else b""
    return struct.pack(">I", 6) + b"Exif\0\0" + made if made else b""


def _zero_but(out: bytearray, box: Box, kept: list[Place]) -> None:
    at = box.inside
    for start, end in sorted(kept):
        if box.inside <= start and end <= box.end:
            if start > at:
                out[at:start] = bytes(start - at)
            at = max(at, end)
    out[at : box.end] = bytes(max(0, box.end - at))


def _blank(out: bytearray, box: Box) -> None:
    out[box.at + 4 : box.at + 8] = b"free"
    out[box.inside : box.end] = bytes(box.end - box.inside)


def _write(out: bytearray, where: list[Place], text: bytes, kept: list[Place]) -> None:
    """Write an item over its old place, the rest zeros; one that does not fit is left out."""
    if any(a < d and c < b for a, b in where for c, d in kept):
        raise ValueError("an item that shares its place")
    room = sum(b - a for a, b in where)
    text = (text if len(text) <= room else b"").ljust(room, b"\0")
    for a, b in where:
        out[a:b], text = text[: b - a], text[b - a :]
