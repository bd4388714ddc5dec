"""Position, serial numbers, names and captions leave a photo's file, and its pixels stay as they were."""

import io
import re
import struct

import numpy as np
import pi_heif
import pytest
from drawing import HEIC, drawn, exif, saved
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin

from needlewise.errors import InputError
from needlewise.measure.exif import shooting_of
from needlewise.measure.private import discreet
from needlewise.measure.private.block import kept_fields

XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>51,30N</exif:GPSLatitude></x:xmpmeta>'
PRIVATE = (b"SERIAL-4711", b"OWNER-NAME", b"GPSLatitude", b"MAKER-NOTE", b"CAPTION", b"TRAILER", b"51,30N")


def full_exif(orientation: int = 6) -> bytes:
    block = Image.Exif()
    block.load(exif(orientation))
    detail = block.get_ifd(0x8769)
    detail[0x927C] = b"MAKER-NOTE with its own position"
    block[0x010E], block[0x013C], block[0x8298] = "CAPTION of mine", "OWNER-NAME's phone", "OWNER-NAME"
    return block.tobytes()


def jpeg(**options: object) -> bytes:
    data = saved(drawn(), "JPEG", quality=90, exif=full_exif(), xmp=XMP, comment=b"CAPTION", **options)
    iptc = b"\xff\xed" + struct.pack(">H", 2 + 14 + 7) + b"Photoshop 3.0\0" + b"CAPTION"
    return data[:2] + iptc + data[2:] + b"TRAILER" + data[2:]  # a second picture and what a maker adds


def png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "OWNER-NAME")
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return saved(drawn(), "PNG", exif=full_exif(), pnginfo=info) + b"TRAILER"


def tiff(**options: object) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    block = Image.Exif()
    block.load(full_exif(1))
    tags[0x010F], tags[0x0110], tags[0x010E] = "Maker", "Maker One", "CAPTION"
    if not options:  # libtiff writes no directories within directories
        tags[0x8769], tags[0x8825] = dict(block.get_ifd(0x8769)), dict(block.get_ifd(0x8825))
    tags[700] = XMP
    return saved(drawn(), "TIFF", tiffinfo=tags, **options)


def heic() -> bytes:
    """The drawn HEIC with another EXIF block at the end of its data, and a caption and a trailer of a maker's own."""
    data = bytearray(HEIC.read_bytes())
    block = full_exif(1)
    item = struct.pack(">I", 6) + (block if block.startswith(b"Exif") else b"Exif\0\0" + block)
    old = struct.pack(">IHII", 1882, 1, 0, 328)  # in the table of places: from where, in one part, how long
    data[(at := data.index(old)) : at + len(old)] = struct.pack(">IHII", len(data) + 8, 1, 0, len(item))
    caption = struct.pack(">I4s", 8 + 7, b"uuid") + b"CAPTION"
    return bytes(data) + struct.pack(">I4s", 8 + len(item), b"mdat") + item + caption + b"TRAILER and more"


FILES = {
    "jpeg": jpeg(), "progressive": jpeg(progressive=True), "png": png(),
    "webp": saved(drawn(), "WebP", quality=90, exif=full_exif(), xmp=XMP),
    "lossless": saved(drawn(), "WebP", lossless=True, exif=full_exif()),
    "tiff": tiff(), "tiff-lzw": tiff(compression="tiff_lzw"), "heic": heic(),
}  # fmt: skip


def opened(data: bytes) -> tuple[np.ndarray, dict, bytes]:
    if data[4:8] == b"ftyp":
        file = pi_heif.open_heif(data)
        return np.array(file), {}, file.info.get("exif") or b""
    image = Image.open(io.BytesIO(data))
    gps = dict(image.getexif().get_ifd(0x8825))
    return np.asarray(image), gps, image.info.get("exif") or image.getexif().tobytes()


@pytest.mark.parametrize("name", FILES)
def test_what_is_private_goes_and_the_pixels_stay(name: str) -> None:
    data = FILES[name]
    assert any(word in data for word in PRIVATE)
    out = discreet(data, "mine").data
    assert [word for word in PRIVATE if word in out] == []
    before, after = opened(data), opened(out)
    assert (before[0] == after[0]).all()
    assert after[1] == {}
    assert discreet(out, "mine").data == out


@pytest.mark.parametrize("name", sorted(set(FILES) - {"tiff-lzw"}))
def test_how_it_was_taken_stays(name: str) -> None:
    out = discreet(FILES[name], "mine").data
    shot = shooting_of(opened(out)[2])
    assert shot == discreet(out, "mine").shooting
    assert shot.taken is not None and shot.taken.isoformat() == "2026-03-01T09:30:00"
    assert shot.camera == "Maker One" and shot.iso == 100 and shot.focal35_mm == 26 and shot.flash is True
    assert shot.orientation == (1 if name[:4] in ("tiff", "heic") else 6)
    assert shot.exposure_s == pytest.approx(0.01)


def test_the_position_is_gone_as_numbers_too() -> None:
    latitude = struct.pack("<6I", 103, 2, 0, 1, 0, 1), struct.pack(">6I", 103, 2, 0, 1, 0, 1)
    for name, data in FILES.items():
        if name == "tiff-lzw":
            continue
        assert any(number in data for number in latitude), name
        assert not any(number in discreet(data, "mine").data for number in latitude), name


def test_what_is_no_whole_picture_is_refused() -> None:
    for data in (b"", b"%PDF-1.4", b"\0" * 100, b"GIF89a"):
        with pytest.raises(InputError, match="JPEG, HEIC"):
            discreet(data, "mine")
    moving = io.BytesIO()
    frames = [Image.fromarray(drawn()), Image.fromarray(drawn()[::-1].copy())]
    frames[0].save(moving, "WebP", save_all=True, append_images=frames[1:])
    several = io.BytesIO()
    frames[0].save(several, "TIFF", save_all=True, append_images=frames[1:])
    for data in (moving.getvalue(), several.getvalue(), FILES["jpeg"][:700], FILES["png"][:300], FILES["heic"][:600]):
        with pytest.raises(InputError):
            discreet(data, "mine")


@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
    st.integers(0, 3000),
)
def test_damage_never_lets_anything_through(name: str, hits: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(FILES[name])
    for at, value in hits:
        data[at % min(len(data), 2000)] = value
    del data[len(data) - cut * (cut % 3 == 0) % len(data) :]
    try:
        out = discreet(bytes(data), "mine").data
    except InputError:
        return
    blocks = [m.start() for m in re.finditer(rb"II\*\0|MM\0\*", out)]
    said = " ".join(str(kept_fields(out[at:])) for at in blocks)  # damage may turn a serial number's tag into the camera's own
    assert "SERIAL-4711" in said or b"SERIAL-4711" not in out
    assert "OWNER-NAME" in said or b"OWNER-NAME" not in out
