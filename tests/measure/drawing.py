"""Pictures, colour profiles and EXIF blocks the tests draw themselves."""

import io
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HEIC = Path(__file__).parent / "data" / "drawn.heic"  # `drawn(96, 64)` at quality 90 with Display P3's profile


def drawn(width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    """Skin-like ramps, with a bright square at the upper left so that turning shows."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    picture = np.stack([150 + 70 * x, 110 + 60 * y, 90 + 40 * x * y], axis=-1)
    picture[: height // 4, : width // 4] = (240, 235, 230)
    return np.rint(picture).astype(np.uint8)


def icc(matrix: NDArray[np.float64], curve: bytes, space: bytes = b"RGB ", name: str = "drawn") -> bytes:
    """Return a matrix profile (ICC.1:2022): `matrix` device RGB to XYZ under D50, `curve` a curv or para tag."""
    description = name.encode("utf-16-be")
    tags = [
        (
            b"desc",
            b"mluc" + bytes(4) + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(description), 28) + description,
        )
    ]
    for sign, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True):
        tags.append((sign, b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in column))))
    tags += [(sign, curve) for sign in (b"rTRC", b"gTRC", b"bTRC")]
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for sign, content in tags:
        content += bytes(-len(content) % 4)
        table += sign + struct.pack(">II", start + len(body), len(content))
        body += content
    head = bytearray(128)
    head[0:4] = struct.pack(">I", start + len(body))
    head[8:12], head[12:16], head[16:20], head[20:24], head[36:40] = b"\x04\0\0\0", b"mntr", space, b"XYZ ", b"acsp"
    head[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(head) + table + body


def para(kind: int, *values: float) -> bytes:
    """Return a parametric curve tag."""
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))


SRGB_CURVE = para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def exif(orientation: int = 1) -> bytes:
    """Return an EXIF block with what is kept (time, exposure ...) and what is not (position, serial number, owner)."""
    block = Image.Exif()
    block[0x0112], block[0x010F], block[0x0110] = orientation, "Maker", "Maker One"
    detail = block.get_ifd(0x8769)
    detail[0x9003], detail[0x829A], detail[0x8827] = "2026:03:01 09:30:00", 0.01, 100
    detail[0x9209], detail[0x920A], detail[0xA403], detail[0xA405] = 0x19, 5.5, 1, 26
    detail[0xA431], detail[0xA430] = "SERIAL-4711", "OWNER-NAME"
    block.get_ifd(0x8825)[1], block.get_ifd(0x8825)[2] = "N", (51.5, 0.0, 0.0)
    return block.tobytes()


def saved(picture: NDArray[np.uint8], kind: str, **options: object) -> bytes:
    """Return `picture` as a file of Pillow's `kind`."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **options)
    return out.getvalue()


def boxes(data: bytes) -> dict[bytes, bytes]:
    """Return the content of each box of an ISO base media file (ISO 14496-12, 4.2), the last of each kind."""
    found, at = {}, 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        size = len(data) - at if size == 0 else size
        if size < 8:
            break
        found[kind] = data[at + 8 : at + size]
        at += size
    return found


def box(kind: bytes, content: bytes, full: int | None = None) -> bytes:
    """Return a box; `full` is its version and flags where it has them."""
    content = content if full is None else struct.pack(">I", full) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def tiled_heic(columns: int, rows: int, turned: bool = False) -> bytes:
    """Return a HEIC as phones write them: a grid of tiles (ISO 23008-12, 6.6.2.3), each `drawn()`, upright or turned left."""
    meta = boxes(boxes(HEIC.read_bytes())[b"meta"][4:])
    codec = boxes(boxes(meta[b"iprp"])[b"ipco"])[b"hvcC"]
    picture = boxes(HEIC.read_bytes())[b"mdat"][: struct.unpack_from(">I", meta[b"iloc"], 22)[0]]  # EXIF follows it
    ids = range(2, 2 + columns * rows)
    size = struct.pack(">HH", 96 * columns, 64 * rows)
    properties = [box(b"hvcC", codec), box(b"ispe", struct.pack(">II", 96, 64), 0)]
    properties += [box(b"ispe", struct.pack(">II", 96 * columns, 64 * rows), 0), box(b"irot", bytes([1 if turned else 0]))]
    uses = struct.pack(">IHBBB", 1 + len(ids), 1, 2, 3, 0x84)
    uses += b"".join(struct.pack(">HBBB", one, 2, 0x81, 2) for one in ids)
    entries = [box(b"infe", struct.pack(">HH4sB", 1, 0, b"grid", 0), 2 << 24)]
    entries += [box(b"infe", struct.pack(">HH4sB", one, 0, b"hvc1", 0), 2 << 24 | 1) for one in ids]
    start = 0
    for _ in range(2):  # where the tiles lie depends on the length of what comes before them
        places = struct.pack(">HHHHII", 1, 1, 0, 1, 0, 4 + len(size))
        places += b"".join(struct.pack(">HHHHII", one, 0, 0, 1, start, len(picture)) for one in ids)
        head = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + box(b"meta", b"".join([
            box(b"hdlr", bytes(4) + b"pict" + bytes(13), 0),
            box(b"pitm", struct.pack(">H", 1), 0),
            box(b"iloc", b"\x44\0" + struct.pack(">H", 1 + len(ids)) + places, 1 << 24),
            box(b"iinf", struct.pack(">H", len(entries)) + b"".join(entries), 0),
            box(b"iref", box(b"dimg", struct.pack(f">HH{len(ids)}H", 1, len(ids), *ids)), 0),
            box(b"iprp", box(b"ipco", b"".join(properties)) + box(b"ipma", uses, 0)),
            box(b"idat", bytes([0, 0, rows - 1, columns - 1]) + size),
        ]), 0)  # fmt: skip
        start = len(head) + 8
    return head + box(b"mdat", picture)
