"""Bad photo files, made from good ones: cut short, misnamed, bombs, animations, fuzzed bytes, fuzzed EXIF and colour profiles."""

import io
import re
import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from drawing import HEIC, SRGB_CURVE, drawn, exif, icc, saved
from PIL import Image

from needlewise.measure.profile import P3_TO_XYZ

Bad = tuple[str, bytes, str]  # what it is, content, ending
ENDINGS = (".jpg", ".heic", ".png", ".webp", ".tif")


def good() -> list[Bad]:
    picture, block, profile = drawn(160, 120), exif(6), icc(P3_TO_XYZ, SRGB_CURVE)
    deep = (picture.astype(np.uint16) * 257)[..., ::-1]
    ink = io.BytesIO()
    Image.fromarray(picture).convert("CMYK").save(ink, "JPEG")
    return [
        ("jpeg", saved(picture, "JPEG", exif=block, icc_profile=profile), ".jpg"),
        ("progressive", saved(picture, "JPEG", progressive=True, exif=block), ".jpg"),
        ("cmyk", ink.getvalue(), ".jpg"),
        ("grey jpeg", saved(picture[..., 0], "JPEG"), ".jpg"),
        ("png", saved(picture, "PNG", exif=block, icc_profile=profile), ".png"),
        ("png 16", cv2.imencode(".png", deep)[1].tobytes(), ".png"),
        ("webp", saved(picture, "WebP", exif=block, icc_profile=profile), ".webp"),
        ("tiff", saved(picture, "TIFF", exif=block, icc_profile=profile), ".tif"),
        ("packed tiff", saved(picture, "TIFF", compression="tiff_lzw"), ".tif"),
        ("tiff 16", cv2.imencode(".tiff", deep)[1].tobytes(), ".tif"),
        ("heic", HEIC.read_bytes(), ".heic"),
    ]


def truncated() -> Iterator[Bad]:
    for name, data, ending in good():
        for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
            yield f"{name} cut at {share}", data[: int(len(data) * share)], ending


def misnamed() -> Iterator[Bad]:
    for name, data, ending in good():
        for other in ENDINGS:
            if other != ending:
                yield f"{name} called {other}", data, other
    others = (
        b"plain text",
        b"<html><body>",
        b"%PDF-1.7\n",
        b"PK\3\4" + bytes(60),
        b"GIF89a" + bytes(40),
        b"BM" + bytes(60),
        bytes(4) + b"ftypavif" + bytes(40),
        bytes(4) + b"ftypisom" + bytes(40),
        b"\x7fELF" + bytes(60),
        bytes(500),
        b"\xff" * 500,
    )
    for content in others:
        yield f"not a photo {content[:6]!r}", content, ".jpg"
    for ending, magic in zip(
        ENDINGS, (b"\xff\xd8\xff", bytes(4) + b"ftypheic", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"II*\0"), strict=True
    ):
        yield f"empty {ending}", b"", ending
        yield f"one byte {ending}", magic[:1], ending
        yield f"only magic {ending}", magic, ending
        yield f"magic and noise {ending}", magic + np.random.default_rng(1).bytes(3000), ending


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, body: bytes, extra: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def sized(data: bytes, width: int, height: int) -> bytes:
    """Make a JPEG's frame header lie about its size."""
    match = re.search(rb"\xff[\xc0\xc2]\x00[\x0b\x11\x14]\x08", data)
    assert match
    return data[: match.end()] + struct.pack(">HH", height, width) + data[match.end() + 4 :]


def bombs() -> Iterator[Bad]:
    jpegs = {name: data for name, data, ending in good() if ending == ".jpg"}
    for name, data in jpegs.items():
        for width, height in ((65500, 65500), (12000, 9000), (1000, 1000), (0, 0), (1, 1), (160, 0), (65500, 40)):
            yield f"{name} lying {width}x{height}", sized(data, width, height), ".jpg"
    scan = jpegs["progressive"].rindex(b"\xff\xda")
    end = jpegs["progressive"].rindex(b"\xff\xd9")
    yield "thousands of scans", jpegs["progressive"][:end] + jpegs["progressive"][scan:end] * 5000 + b"\xff\xd9", ".jpg"
    zeros = zlib.compress(bytes(50_000_000), 1)
    yield "png 20000x20000", png(20000, 20000, 1, 0, zeros), ".png"
    yield "png 2 000 000 000 wide", png(2_000_000_000, 1, 8, 2, zeros[:100]), ".png"
    yield "png of too few rows", png(8000, 8000, 8, 2, zeros), ".png"
    yield "png 16 of too few rows", png(5000, 5000, 16, 2, zeros), ".png"
    yield "png with a text bomb", png(64, 64, 8, 0, zlib.compress(bytes(65 * 64)), chunk(b"zTXt", b"a\0\0" + zeros)), ".png"
    yield "png with a profile bomb", png(64, 64, 8, 0, zlib.compress(bytes(65 * 64)), chunk(b"iCCP", b"a\0\0" + zeros)), ".png"
    yield "png with nothing in it", png(64, 64, 8, 0, b""), ".png"
    yield "png without size", png(0, 0, 8, 0, b""), ".png"
    small = [Image.fromarray(drawn()[:, :, k % 3]) for k in range(3)]
    for kind, ending in (("PNG", ".png"), ("WebP", ".webp"), ("TIFF", ".tif")):
        out = io.BytesIO()
        small[0].save(out, kind, save_all=True, append_images=small[1:])
        yield f"{ending} with three pictures", out.getvalue(), ending
    large = b"WEBPVP8L" + struct.pack("<I", 14) + b"\x2f" + struct.pack("<I", 16382 | 16382 << 14) + bytes(9)
    yield "webp as large as can be", b"RIFF" + struct.pack("<I", len(large)) + large, ".webp"
    tiff = saved(drawn(), "TIFF")
    for tag in (256, 257, 273, 277, 279):  # width, height, where the strips are, samples, how long
        at = tiff.find(struct.pack("<H", tag) + b"\x03\0\x01\0\0\0")
        at = at if at >= 0 else tiff.find(struct.pack("<H", tag) + b"\x04\0\x01\0\0\0")
        for value in (0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF):
            changed = tiff[: at + 2] + b"\x04\0\x01\0\0\0" + struct.pack("<I", value) + tiff[at + 12 :]
            yield f"tiff tag {tag} says {value}", changed, ".tif"


def flipped(data: bytes, start: int, stop: int, seed: int, share: float) -> bytes:
    rng = np.random.default_rng(seed)
    out = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(start, stop, max(1, int((stop - start) * share)))
    out[at] = rng.integers(0, 256, at.size)
    return out.tobytes()


def fuzzed() -> Iterator[Bad]:
    """Yield files that may open or not: noise in the EXIF block, in the profile, anywhere."""
    for name, data, ending in good():
        where = {"anywhere": (0, len(data))}
        marks = {
            "exif": re.search(rb"(II\*\0|MM\0\*)", data[8:] if ending == ".tif" else data),
            "profile": re.search(rb"acsp", data),
        }
        if marks["exif"]:
            where["exif"] = (marks["exif"].start(), min(len(data), marks["exif"].start() + 300))
        if marks["profile"]:
            where["profile"] = (marks["profile"].start() - 36, min(len(data), marks["profile"].start() + 400))
        for part, (start, stop) in where.items():
            for seed in range(6):
                yield f"{name}, {part} fuzzed {seed}", flipped(data, start, stop, seed, (0.002, 0.02, 0.2)[seed % 3]), ending
