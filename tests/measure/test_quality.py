"""What is said of one photo."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from needlewise.measure.face import find_face, frame_face
from needlewise.measure.photo import from_array, load_photo, to_srgb8
from needlewise.measure.quality import check_photo, edge_blur
from needlewise.measure.zones import luminance

FACES = Path(__file__).parents[2] / ".." / "shared" / "photos" / "faces"
needs_faces = pytest.mark.skipif(not FACES.is_dir(), reason="the shared photos of faces are not beside the project")


@pytest.mark.parametrize("blur", [0.8, 1.5, 3.0])
def test_blur_of_known_size(blur: float) -> None:
    picture = np.full((200, 200), 0.6, np.float32)
    for x in range(20, 180, 40):
        cv2.circle(picture, (x, x), 12, 0.2, -1, cv2.LINE_8)
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32)
    assert edge_blur(blurred, np.ones((200, 200), bool)) == pytest.approx(blur, rel=0.35)
    assert np.isnan(edge_blur(np.full((50, 50), 0.5, np.float32), np.ones((50, 50), bool)))


def reasons(picture: np.ndarray) -> set[str]:
    photo = from_array(picture)
    return {reason.what for reason in check_photo(photo, frame_face(photo)).reasons}


def test_light_on_a_plain_face() -> None:
    picture = np.full((600, 500, 3), (200, 150, 125), np.uint8)
    assert reasons(picture) == set()
    dark, bright, side = picture.copy(), picture.copy(), picture.copy()
    dark[:, :250], bright[:300], side[:, :250] = 10, 255, (110, 82, 68)
    assert "too-dark" in reasons(dark) and "too-bright" in reasons(bright) and "side-light" in reasons(side)
    assert "grey" in reasons(picture[..., 0])
    photo = from_array(side)
    words = next(reason for reason in check_photo(photo, frame_face(photo)).reasons if reason.what == "side-light")
    assert "your left cheek" in words.says and words.must


def test_off_the_face() -> None:
    picture = np.full((100, 100, 3), 120, np.uint8)
    cv2.circle(picture, (50, 50), 20, (60, 40, 30), -1)
    quality = check_photo(from_array(picture), None)
    assert quality.ok and quality.reasons == () and quality.values["blur_px"] < 2


@needs_faces
def test_a_real_photo_made_worse() -> None:
    photo = load_photo(FACES / "obama.jpg")
    face = find_face(photo)
    quality = check_photo(photo, face)
    assert quality.ok and {reason.what for reason in quality.reasons} <= {"expression", "small"}
    soft = from_array(np.asarray(cv2.GaussianBlur(to_srgb8(photo.pixels), (0, 0), 6)))
    assert "blurred" in {reason.what for reason in check_photo(soft, find_face(soft)).reasons}
    near = replace(photo, meta=replace(photo.meta, focal35_mm=13.0))
    assert "near" in {reason.what for reason in check_photo(near, face).reasons}
    cut = from_array(to_srgb8(photo.pixels)[:, : int(face.points[1, 0])])
    assert not check_photo(cut, face).ok
    assert quality.values["px_per_mm"] == pytest.approx(1 / face.mm_per_px[0])
    assert luminance(photo.pixels).shape == photo.shape
