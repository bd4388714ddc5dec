"""TIFF: what is not part of the picture leaves the directory, and every byte that nothing kept uses becomes zero (TIFF 6.0)."""

from __future__ import annotations

import struct

from needlewise.measure.private.block import DETAIL, KEPT_DETAIL, KEPT_MAIN
from needlewise.measure.private.jpeg import APP0, APP2, APP14, END, MARKER, PICTURE, SCAN

STRUCTURE = frozenset({
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 296, 301, 317, 318, 319, 320,
    322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 347, 529, 530, 531, 532, 34675,
})  # fmt: skip
OLD_JPEG, JPEG = 6, 7
COMPRESSION, STARTS, LENGTHS, TILES, TILE_LENGTHS, TABLES = 259, 273, 279, 324, 325, 347
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # bytes by type
RAW = frozenset({330, 50706})  # pictures within pictures, and a camera's raw file


class _File:
    """A TIFF and the bytes of it that stay."""

    def __init__(self, data: bytes) -> None:
        self.data, self.out = data, bytearray(len(data))
        self.order = "<" if data[:2] == b"II" else ">"
        self.keep(0, 4)

    def keep(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= len(self.data):
            raise ValueError("a part beyond the end")
        self.out[start:end] = self.data[start:end]

    def directory(self, at: int, allowed: frozenset[int]) -> tuple[dict[int, tuple[int, ...]], int]:
        """Write a directory with the allowed entries only; return their whole numbers, and where the next one is."""
        (count,) = struct.unpack_from(f"{self.order}H", self.data, at)
        end = at + 2 + 12 * count
        if end + 4 > len(self.data):
            raise ValueError("a directory beyond the end")
        found: dict[int, tuple[int, ...]] = {}
        entries = []
        for place in range(at + 2, end, 12):
            tag, kind, number, value = struct.unpack_from(f"{self.order}HHII", self.data, place)
            if tag in RAW:
                raise ValueError("not one plain picture")
            if tag not in allowed or tag in found or kind not in SIZES:
                continue
            size = SIZES[kind] * number
            start = place + 8 if size <= 4 else value
            if size > 4:
                self.keep(start, start + size)
            found[tag] = self._numbers(kind, number, start)
            entries.append(self.data[place : place + 12])
        self.out[at : at + 2] = struct.pack(f"{self.order}H", len(entries))
        self.out[at + 2 : at + 2 + 12 * len(entries)] = b"".join(entries)
        return found, struct.unpack_from(f"{self.order}I", self.data, end)[0]

    def _numbers(self, kind: int, number: int, start: int) -> tuple[int, ...]:
        letter = {1: "B", 3: "H", 4: "I", 13: "I"}.get(kind)
        return struct.unpack_from(f"{self.order}{number}{letter}", self.data, start) if letter else ()


def clean_tiff(data: bytes) -> bytes:
    """Return the first picture alone.

    Raises
    ------
    ValueError
        It is damaged, a camera's raw file, or holds several pictures.
    """
    file = _File(data)
    (first,) = struct.unpack_from(f"{file.order}I", data, 4)
    file.keep(4, 8)
    main, following = file.directory(first, STRUCTURE | KEPT_MAIN)
    if following or main.get(COMPRESSION) == (OLD_JPEG,):
        raise ValueError("several pictures, or an old kind")
    if DETAIL in main:
        file.directory(main[DETAIL][0], KEPT_DETAIL)
    for starts, lengths in ((STARTS, LENGTHS), (TILES, TILE_LENGTHS)):
        for start, length in zip(main.get(starts, ()), main.get(lengths, ()), strict=True):
            file.keep(start, start + length)
            if main.get(COMPRESSION) == (JPEG,) and not _plain(data[start : start + length]):
                raise ValueError("a strip with more than its picture")
    return bytes(file.out)


def _plain(strip: bytes) -> bool:
    """Say whether a JPEG strip holds nothing beside its picture."""
    at = 2
    while found := MARKER.search(strip, at):
        marker, at = found.group(1)[0], found.end()
        if marker == END:
            return not strip[at:].strip(b"\0")
        if marker not in PICTURE | {APP0, APP2, APP14}:
            return False
        at += int.from_bytes(strip[at : at + 2], "big") if marker != SCAN else 0
    return False
