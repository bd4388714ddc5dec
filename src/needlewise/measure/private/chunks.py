"""PNG and WebP: files of chunks, of which those that make the picture stay (PNG third edition; RFC 9649)."""

from __future__ import annotations

import struct
import zlib

from needlewise.measure.private.block import clean_block

PNG = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"pHYs"})
WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
HAS_EXIF, HAS_XMP, ANIMATED = 0x08, 0x04, 0x02  # flags in the first byte of VP8X


def clean_png(data: bytes) -> bytes:
    """Return the picture alone. An animation keeps its still picture.

    Raises
    ------
    ValueError
        It has no end, or a chunk reaches beyond it.
    """
    out, at = [PNG], len(PNG)
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            raise ValueError("a chunk beyond the end")
        if kind in PNG_KEPT:
            out.append(data[at:end])
        elif kind == b"eXIf" and (block := clean_block(data[at + 8 : end - 4])):
            out.append(struct.pack(">I4s", len(block), kind) + block + struct.pack(">I", zlib.crc32(kind + block)))
        if kind == b"IEND":
            return b"".join(out)
        at = end
    raise ValueError("no end of the picture")


def clean_webp(data: bytes) -> bytes:
    """Return the picture alone.

    Raises
    ------
    ValueError
        It is cut short, or it moves.
    """
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise ValueError("cut short")
    chunks, at, block = [], 12, b""
    while at + 8 <= end:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        content = data[at + 8 : at + 8 + size]
        if len(content) != size or at + 8 + size > end:
            raise ValueError("a chunk beyond the end")
        if kind in WEBP_KEPT:
            chunks.append((kind, content))
        elif kind == b"EXIF" and not block:
            block = clean_block(content)
        at += 8 + size + size % 2
    if block:
        chunks.append((b"EXIF", block))
    return _riff(chunks, bool(block))


def _riff(chunks: list[tuple[bytes, bytes]], has_block: bool) -> bytes:
    parts = []
    for kind, content in chunks:
        if kind == b"VP8X":
            if not content or content[0] & ANIMATED:
                raise ValueError("it moves")
            content = bytes([(content[0] & ~(HAS_EXIF | HAS_XMP)) | (HAS_EXIF if has_block else 0)]) + content[1:]
        elif kind == b"EXIF" and chunks[0][0] != b"VP8X":
            continue  # only the extended form may hold one
        parts.append(kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2))
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
