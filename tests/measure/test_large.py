"""Large pictures are decoded a band at a time: the same picture as when decoded whole, in memory that stays the same."""

import io
import struct
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from bad_files import chunk, flipped
from drawing import HEIC, SRGB_CURVE, drawn, exif, icc, saved, tiled_heic
from PIL import Image

from needlewise.errors import InputError
from needlewise.measure.decode import Raw, decode, decode_large
from needlewise.measure.heic import shrunk_heic
from needlewise.measure.photo import Photo, load_photo, to_srgb8
from needlewise.measure.profile import P3_TO_XYZ

SIDE = 160


def picture() -> np.ndarray:
    noise = np.random.default_rng(1).integers(-20, 20, (700, 1000, 1))
    return np.clip(drawn(1000, 700).astype(int) + noise, 0, 255).astype(np.uint8)


@cache
def files() -> dict[str, bytes]:
    colour = picture()
    grey = colour[..., 1]
    clear = np.dstack([colour, np.full(grey.shape, 255, np.uint8)])
    clear[:200, 300:, 3] = 0
    deep = (colour.astype(np.uint16) * 257 + 3)[..., ::-1]
    few = io.BytesIO()
    Image.fromarray(colour).quantize(200).save(few, "PNG")
    profile = icc(P3_TO_XYZ, SRGB_CURVE)
    made = {
        "colour.png": saved(colour, "PNG", exif=exif(6), icc_profile=profile),
        "grey.png": saved(grey, "PNG"),
        "clear.png": saved(clear, "PNG"),
        "grey clear.png": saved(clear[..., [1, 3]], "PNG"),
        "few.png": few.getvalue(),
        "deep.png": cv2.imencode(".png", deep)[1].tobytes(),
        "deep grey.png": cv2.imencode(".png", deep[..., 1])[1].tobytes(),
        "deep.tif": cv2.imencode(".tiff", deep)[1].tobytes(),
        "grey.tif": saved(grey, "TIFF", exif=exif(8)),
        "clear.tif": saved(clear, "TIFF", compression="tiff_adobe_deflate"),
        "large-endian.tif": large_endian(colour),
    }
    for packed in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        made[f"{packed}.tif"] = saved(colour, "TIFF", compression=packed, tiffinfo={274: 6}, icc_profile=profile)
    return made


def large_endian(colour: np.ndarray) -> bytes:
    """A TIFF of most significant bytes first, 16 bits, one strip."""
    body = (colour.astype(">u2") * 257).tobytes()
    bits = 8 + len(body)
    entries = [(256, 4, 1000), (257, 4, 700), (258, 3, bits), (259, 3, 1), (262, 3, 2), (273, 4, 8), (277, 3, 3), (278, 4, 700),
               (279, 4, len(body))]  # fmt: skip
    table = struct.pack(">H", len(entries))
    for tag, kind, value in sorted(entries):
        count = 3 if tag == 258 else 1
        table += struct.pack(">HHI", tag, kind, count)
        table += struct.pack(">HH", value, 0) if kind == 3 and tag != 258 else struct.pack(">I", value)
    return b"MM\0*" + struct.pack(">I", bits + 6) + body + struct.pack(">3H", 16, 16, 16) + table + bytes(4)


def banded(path: Path) -> Raw | None:
    kind = "PNG" if path.suffix == ".png" else "TIFF"
    with path.open("rb") as file:
        return decode_large(file, path.name, kind, SIDE, path.stat().st_size)


@pytest.mark.parametrize("name", files())
def test_it_is_the_same_picture(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(files()[name])
    found = banded(path)
    assert found is not None
    whole = decode(path.read_bytes(), name, "PNG" if path.suffix == ".png" else "TIFF", SIDE)
    assert (found.profile.name, found.shooting, found.size) == (whole.profile.name, whole.shooting, whole.size)
    scale = 257 if whole.pixels.dtype == np.uint16 else 1
    assert found.pixels.dtype == whole.pixels.dtype and found.pixels.shape == whole.pixels.shape
    opaque = [np.ones(raw.pixels.shape[:2], bool) if raw.opaque is None else raw.opaque for raw in (found, whole)]
    assert (opaque[0] == opaque[1]).mean() > 0.97 and opaque[0].all() == ("clear" not in name)
    apart = np.abs(found.pixels.astype(float) - whole.pixels)[opaque[0] & opaque[1]]
    assert apart.mean() < 2 * scale


@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_a_damaged_one_is_refused(tmp_path: Path, ending: str) -> None:
    options = {".png": {}, ".tif": {"compression": "tiff_adobe_deflate"}}[ending]
    data = saved(picture(), {".png": "PNG", ".tif": "TIFF"}[ending], **options)
    bad = [data[: len(data) * share // 100] for share in (30, 60, 95)] + [flipped(data, 2000, len(data) - 2000, 1, 0.01)]
    for number, content in enumerate(bad):
        path = tmp_path / f"{number}{ending}"
        path.write_bytes(content)
        with pytest.raises(InputError, match="photo: "):
            load_photo(path, SIDE)


def test_a_png_of_too_few_rows_is_refused(tmp_path: Path) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4000, 4000, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(12001 * 3000), 1)) + chunk(b"IEND", b"")
    (tmp_path / "short.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + body)
    with pytest.raises(InputError, match="damaged or cut short"):
        load_photo(tmp_path / "short.png", 1000)


def test_heic_by_its_planes_is_the_same_colour() -> None:
    import pi_heif

    file = pi_heif.open_heif(HEIC.read_bytes())
    by_planes = shrunk_heic(HEIC.read_bytes(), 1000)
    assert by_planes is not None
    assert np.abs(np.asarray(file).astype(int) - by_planes).max() <= 2
    half = shrunk_heic(HEIC.read_bytes(), 48)
    assert half is not None and half.shape == (48, 32, 3)


@pytest.mark.parametrize("turned", [False, True])
def test_heic_of_tiles_as_phones_write_it(tmp_path: Path, turned: bool) -> None:
    path = tmp_path / "phone.heic"
    path.write_bytes(tiled_heic(6, 5, turned))
    photo = load_photo(path, 96)
    tiles = np.tile(drawn(), (5, 6, 1))
    expected = cv2.resize(np.rot90(tiles) if turned else tiles, photo.shape[::-1], interpolation=cv2.INTER_AREA)
    assert photo.shape == ((96, 53) if turned else (53, 96)) and photo.meta.profile == "none (taken as sRGB)"
    assert (photo.meta.width, photo.meta.height) == ((320, 576) if turned else (576, 320))
    assert np.abs(to_srgb8(photo.pixels).astype(int) - expected).mean() < 2
    for share in (0.5, 0.9, 0.99):
        path.write_bytes(tiled_heic(6, 5, turned)[: int(share * len(tiled_heic(6, 5, turned)))])
        with pytest.raises(InputError, match="photo: "):
            load_photo(path, 96)


PEAK = """
import sys
from needlewise.measure.photo import load_photo
photo = load_photo(sys.argv[1], 1200)
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1], *photo.shape)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(
    ("ending", "options"),
    [(".png", {"compress_level": 1}), (".tif", {}), (".tiff", {"compression": "tiff_lzw"}), (".jpg", {}),
     (".jpeg", {"progressive": True})],
)  # fmt: skip
def test_48_megapixels_stay_small(tmp_path: Path, ending: str, options: dict[str, object]) -> None:
    path = tmp_path / f"large{ending}"
    Image.fromarray(cv2.resize(picture(), (8064, 6048), interpolation=cv2.INTER_NEAREST)).save(path, **options)
    done = subprocess.run([sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True, timeout=120)
    peak, height, width = (int(value) for value in done.stdout.split())
    assert (height, width) == (900, 1200)
    assert peak / 1024 < 280


def test_the_photo_is_as_when_opened_whole(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(files()["colour.png"])
    small, whole = load_photo(path, SIDE), load_photo(path)
    assert isinstance(small, Photo) and small.shape == (SIDE, 112) and small.meta == whole.meta
    expected = cv2.resize(whole.pixels, small.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.pixels - expected).mean() < 0.01
