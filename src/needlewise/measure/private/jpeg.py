"""JPEG: the segments that make the picture stay, byte for byte (ITU-T T.81, B.1); so do its colours and a small EXIF block.

What follows the picture (a second picture, a moment of video, a maker's trailer) goes.
"""

from __future__ import annotations

import re

from needlewise.measure.private.block import clean_block

PICTURE = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}) - {0xC8}
SCAN, END, APP0, APP1, APP2, APP14 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE
MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # within a scan FF 00 is a value and D0 to D7 are restarts
LARGEST = 65_533  # bytes of one segment's content


def clean_jpeg(data: bytes) -> bytes:
    """Return the picture alone.

    Raises
    ------
    ValueError
        It has no end, or a segment reaches beyond it.
    """
    out, at, seen = [b"\xff\xd8"], 2, False
    while True:
        found = MARKER.search(data, at)
        if found is None:
            raise ValueError("no end of the picture")
        marker, at = found.group(1)[0], found.end()
        if marker == END:
            return b"".join([*out, b"\xff\xd9"])
        if marker in (0x01, 0xD8):
            continue
        size = int.from_bytes(data[at : at + 2], "big")
        content = data[at + 2 : at + size]
        if size < 2 or len(content) != size - 2:
            raise ValueError("a segment beyond the end")
        at += size
        kept = _kept(marker, content, seen)
        seen = seen or (marker == APP1 and bool(kept))
        if kept is not None:
            out.append(bytes([0xFF, marker]) + (len(kept) + 2).to_bytes(2, "big") + kept)
        if marker == SCAN:
            following = MARKER.search(data, at)
            if following is None:
                raise ValueError("no end of the picture")
            out.append(data[at : following.start()])
            at = following.start()


def _kept(marker: int, content: bytes, seen: bool) -> bytes | None:
    """Return what stays of a segment's content, or None."""
    if marker in PICTURE:
        return content
    if marker == APP0 and content[:5] == b"JFIF\0" and len(content) >= 14:
        return content[:12] + b"\0\0"  # without its small picture
    if marker == APP1 and content[:6] == b"Exif\0\0" and not seen:
        block = clean_block(content)
        return b"Exif\0\0" + block if block and len(block) < LARGEST - 6 else None
    if marker == APP2 and content[:12] == b"ICC_PROFILE\0":
        return content
    if marker == APP14 and content[:5] == b"Adobe" and len(content) >= 12:
        return content[:12]
    return None
