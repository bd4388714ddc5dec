"""Opening photos: every kind a phone makes, colour by its profile, and what the file says about how it was taken."""

import datetime as dt
from dataclasses import fields
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawing import HEIC, SRGB_CURVE, drawn, exif, icc, para, saved
from PIL import Image

from needlewise.errors import InputError
from needlewise.measure.photo import Photo, PhotoMeta, from_array, load_photo, to_linear, to_srgb8
from needlewise.measure.profile import P3_TO_XYZ, SRGB_TO_XYZ, ProfileError, read_profile

ADOBE_TO_XYZ = np.array([[0.6097559, 0.2052401, 0.1492240], [0.3111242, 0.6256560, 0.0632197], [0.0194811, 0.0608902, 0.7448387]])


def opened(tmp_path: Path, data: bytes, ending: str, max_side: int | None = None) -> Photo:
    path = tmp_path / f"photo{ending}"
    path.write_bytes(data)
    return load_photo(path, max_side)


def off(photo: Photo, picture: np.ndarray) -> float:
    return float(np.abs(to_srgb8(photo.pixels).astype(int) - picture).mean())


@pytest.mark.parametrize(
    ("kind", "ending", "options", "most"),
    [
        ("JPEG", ".jpg", {"quality": 95, "subsampling": 0}, 1.5),
        ("JPEG", ".JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 1.5),
        ("JPEG", ".jpg", {"quality": 95, "subsampling": 2, "exif": exif()}, 3),
        ("PNG", ".png", {}, 0),
        ("WebP", ".webp", {"lossless": True}, 0),
        ("WebP", ".webp", {"quality": 95}, 4),
        ("TIFF", ".tif", {}, 0),
        ("TIFF", ".tiff", {"compression": "tiff_lzw"}, 0),
    ],
)
def test_every_kind_opens(tmp_path: Path, kind: str, ending: str, options: dict[str, object], most: float) -> None:
    photo = opened(tmp_path, saved(drawn(), kind, **options), ending)
    assert photo.pixels.dtype == np.float32 and photo.pixels.shape == (64, 96, 3)
    assert photo.clipped.shape == (64, 96) and photo.clipped.mean() < 0.01
    assert off(photo, drawn()) <= most


def test_heic_is_turned_and_in_its_own_colours(tmp_path: Path) -> None:
    photo = opened(tmp_path, HEIC.read_bytes(), ".heic")
    assert photo.meta.profile == "Display P3" and photo.meta.camera == "Maker One" and photo.meta.iso == 100
    expected = np.clip(to_linear(np.rot90(drawn(), -1)) @ np.linalg.solve(SRGB_TO_XYZ, P3_TO_XYZ).T, 0, 1)
    assert photo.shape == (96, 64)
    assert np.abs(photo.pixels - expected).mean() < 0.01


@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize("grey", [False, True])
def test_sixteen_bits_are_kept(tmp_path: Path, kind: str, grey: bool) -> None:
    fine = (np.linspace(20000, 20255, 64 * 96).reshape(64, 96)).astype(np.uint16)  # all one value in 8 bits
    picture = fine if grey else np.dstack([fine, fine // 2, fine // 3])
    data = cv2.imencode(f".{kind}", picture if grey else picture[..., ::-1])[1].tobytes()
    photo = opened(tmp_path, data, f".{kind}")
    np.testing.assert_allclose(photo.pixels[..., 0], to_linear(fine), atol=1e-6)
    assert len(np.unique(photo.pixels[..., 0])) > 200
    assert photo.meta.grey is grey


@pytest.mark.parametrize("options", [{}, {"subsampling": "4:1:1"}])
def test_grey_becomes_three_equal_channels(tmp_path: Path, options: dict[str, object]) -> None:
    grey = drawn(168, 192)[..., 1]
    for kind, ending in (("PNG", ".png"), ("JPEG", ".jpg")):
        photo = opened(tmp_path, saved(grey, kind), ending)
        assert photo.meta.grey and photo.shape == (192, 168)
        assert (photo.pixels[..., 0] == photo.pixels[..., 1]).all() and (photo.pixels[..., 1] == photo.pixels[..., 2]).all()
    assert from_array(np.dstack([grey] * 3)).meta.grey and not from_array(drawn()).meta.grey
    rare = Image.fromarray(drawn())
    rare.save(tmp_path / "rare.jpg", quality=95, **options)
    assert off(load_photo(tmp_path / "rare.jpg"), drawn()) < 4


def test_cmyk(tmp_path: Path) -> None:
    Image.fromarray(drawn()).convert("CMYK").save(tmp_path / "ink.jpg", quality=95)
    assert off(load_photo(tmp_path / "ink.jpg"), drawn()) < 3


def test_palette_and_see_through(tmp_path: Path) -> None:
    clear = np.dstack([drawn(), np.full((64, 96), 255, np.uint8)])
    clear[:, :10, 3] = 0
    photo = opened(tmp_path, saved(clear, "PNG"), ".png")
    assert photo.clipped[:, :10].all() and not photo.clipped[:, 10:].any()
    Image.fromarray(drawn()).quantize(200).save(tmp_path / "few.png")
    assert off(load_photo(tmp_path / "few.png"), drawn()) < 4


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize(("kind", "ending"), [("JPEG", ".jpg"), ("PNG", ".png"), ("TIFF", ".tif")])
def test_orientation(tmp_path: Path, turn: int, kind: str, ending: str) -> None:
    upright = drawn()
    undo = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1], 5: lambda a: a.swapaxes(0, 1),
            6: lambda a: np.rot90(a, 1), 7: lambda a: a[::-1, ::-1].swapaxes(0, 1), 8: lambda a: np.rot90(a, -1)}  # fmt: skip
    stored = np.ascontiguousarray(undo.get(turn, lambda a: a)(upright))
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    photo = opened(tmp_path, saved(stored, kind, exif=exif(turn), **options), ending)
    assert off(photo, upright) < 2 and (photo.meta.width, photo.meta.height) == (96, 64)


@pytest.mark.parametrize(
    ("matrix", "curve"), [(P3_TO_XYZ, SRGB_CURVE), (ADOBE_TO_XYZ, b"curv" + bytes(4) + b"\0\0\0\x01\x02\x33")]
)
def test_a_profile_leads_to_the_same_linear_light(tmp_path: Path, matrix: np.ndarray, curve: bytes) -> None:
    """One colour written in two spaces is one colour: the device values are computed here from the sRGB ones."""
    wanted = to_linear(drawn()).astype(np.float64)
    device = np.clip(wanted @ np.linalg.solve(matrix, SRGB_TO_XYZ).T, 0, 1)
    encoded = to_srgb8(device) if curve is SRGB_CURVE else np.rint(device ** (256 / 0x233) * 255).astype(np.uint8)
    photo = opened(tmp_path, saved(encoded, "PNG", icc_profile=icc(matrix, curve, name="wide")), ".png")
    assert photo.meta.profile == "wide"
    assert np.abs(photo.pixels - wanted).max() < 0.01
    plain = opened(tmp_path, saved(encoded, "PNG"), ".png")
    assert np.abs(plain.pixels - wanted).max() > 0.02


def test_srgb_by_profile_is_srgb_by_default(tmp_path: Path) -> None:
    tagged = opened(tmp_path, saved(drawn(), "PNG", icc_profile=icc(SRGB_TO_XYZ, SRGB_CURVE)), ".png")
    np.testing.assert_array_equal(tagged.pixels, from_array(drawn()).pixels)


def test_a_profile_agrees_with_littlecms() -> None:
    """The matrix path against LittleCMS's sRGB profile: the same curve and, within its rounding, no matrix."""
    from PIL import ImageCms

    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = read_profile(made, 3)
    assert profile is not None and profile.curves is None and profile.matrix is None


@pytest.mark.parametrize(
    "curve", [para(0, 2.2), para(1, 2.2, 1.0, 0.0), para(2, 2.2, 1.0, 0.0, 0.0), para(4, 2.2, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)]
)
def test_formulas_of_one_gamma_agree(curve: bytes) -> None:
    profile = read_profile(icc(SRGB_TO_XYZ, curve), 3)
    assert profile is not None and profile.curves is not None
    np.testing.assert_allclose(profile.curves[0], np.linspace(0, 1, 4096) ** 2.2, atol=1e-4)


@pytest.mark.parametrize(
    "broken",
    [b"", b"x" * 200, icc(SRGB_TO_XYZ, SRGB_CURVE)[:300], icc(SRGB_TO_XYZ * 2, SRGB_CURVE), icc(SRGB_TO_XYZ, b"none" + bytes(20)),
     icc(SRGB_TO_XYZ, SRGB_CURVE, b"CMYK"), icc(SRGB_TO_XYZ, para(0, 0.0)), icc(SRGB_TO_XYZ, b"curv" + bytes(4) + b"\0\xff\0\0")],
)  # fmt: skip
def test_a_broken_profile_is_refused(broken: bytes) -> None:
    with pytest.raises(ProfileError):
        read_profile(broken, 3)


def test_only_what_says_how_it_was_taken_is_kept(tmp_path: Path) -> None:
    photo = opened(tmp_path, saved(drawn(), "JPEG", exif=exif()), ".jpg")
    assert photo.meta == PhotoMeta(
        96, 64, dt.datetime(2026, 3, 1, 9, 30), 0.01, 100, "manual", True, 5.5, 26, "Maker One", "none (taken as sRGB)", False
    )
    kept = " ".join(str(getattr(photo.meta, field.name)) for field in fields(photo.meta))
    assert not any(secret in kept for secret in ("4711", "OWNER", "51.5"))


def test_shrinking(tmp_path: Path) -> None:
    large = np.asarray(Image.fromarray(drawn()).resize((960, 640)))
    for kind, ending in (("JPEG", ".jpg"), ("PNG", ".png"), ("WebP", ".webp")):
        photo = opened(tmp_path, saved(large, kind, exif=exif(6)), ending, max_side=96)
        assert photo.shape == (96, 64) and (photo.meta.width, photo.meta.height) == (640, 960)
        assert off(photo, np.rot90(drawn(), -1)) < 4
    assert opened(tmp_path, saved(drawn(), "PNG"), ".png", max_side=500).shape == (64, 96)


def test_clipped_is_marked() -> None:
    picture = drawn()
    picture[10:20, 40:50, 0] = 255
    assert from_array(picture).clipped[10:20, 40:50].all() and from_array(picture).clipped.sum() == 100
    assert from_array(picture.astype(np.uint16) * 257).clipped.sum() == 100


def test_transfer_curve() -> None:
    """IEC 61966-2-1: 0.5 encoded is 0.21404 linear; both ways return every 8-bit value."""
    assert to_linear(np.array([0.5]))[0] == pytest.approx(0.214041, abs=1e-6)
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_srgb8(to_linear(every)), every)
    np.testing.assert_allclose(to_linear(every), to_linear(every.astype(np.uint16) * 257), atol=1e-6)


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4), np.uint8)])
def test_from_array_refuses_other_shapes(wrong: np.ndarray) -> None:
    with pytest.raises(InputError):
        from_array(wrong)
