"""Places on the face and the skin in them, on a drawn average face and on real ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from needlewise.errors import InputError
from needlewise.measure.face import Face, find_face, frame_face
from needlewise.measure.photo import Photo, from_array, load_photo
from needlewise.measure.zones import SIDES, ZONES, skin_mask, zone_mask, zone_outline, zone_polygon

FACES = Path(__file__).parents[2] / ".." / "shared" / "photos" / "faces"
SKIN = (200, 150, 125)


def plain() -> tuple[np.ndarray, Face]:
    """Return an evenly coloured picture, 700 high and 600 wide, and an average face in its middle."""
    face = frame_face(from_array(np.full((500, 400, 3), SKIN, np.uint8)))
    return np.full((700, 600, 3), SKIN, np.uint8), replace(face, points=face.points + np.float32(100))


def test_places_do_not_overlap() -> None:
    picture, face = plain()
    whole = np.ones(picture.shape[:2], bool)
    count = sum(zone_mask(from_array(picture), face, zone, whole).astype(int) for zone in ZONES if zone != "face")
    assert (count > 1).mean() < 0.01  # the outlines' shared edges
    inside = zone_mask(from_array(picture), face, "face", whole)
    assert (count[~inside] > 0).mean() < 0.01


@pytest.mark.parametrize("zone", ZONES)
def test_every_place_has_skin(zone: str) -> None:
    picture, face = plain()
    mask = zone_mask(from_array(picture), face, zone)
    assert mask.dtype == bool and mask.shape == picture.shape[:2] and mask.sum() > 0.0005 * mask.size


@pytest.mark.parametrize("place", SIDES)
def test_sides_mirror_each_other(place: str) -> None:
    face = plain()[1]
    (left,), (right,) = (zone_polygon(face, f"{place}-{side}") for side in ("left", "right"))
    assert left[:, 0].min() > 300 > right[:, 0].max()
    np.testing.assert_allclose(left * (-1, 1) + (600, 0), right, atol=0.2)


@pytest.mark.parametrize(
    ("zone", "says"), [("cheek", "cheek-left or cheek-right"), ("forhead", "did you mean forehead"), ("hand", "drawn by hand")]
)
def test_an_unknown_place(zone: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        zone_outline(zone)


def test_features_are_no_skin() -> None:
    picture, face = plain()
    skin = skin_mask(from_array(picture), face)
    for point in (159, 386, 13, 0, 17, 52, 282, 234, 152):  # lids, lips, brows, the rim
        x, y = face.points[point].astype(int)
        assert not skin[y, x], point
    for point in (50, 280, 151, 4, 205, 425, 199):  # cheeks, forehead, nose, chin
        x, y = face.points[point].astype(int)
        assert skin[y, x], point


def test_hair_clipped_and_dark_are_left_out() -> None:
    picture, face = plain()
    x, y = face.points[69].astype(int)
    picture[y - 30 : y + 30, x - 60 : x + 20] = (60, 45, 35)  # a fringe
    x2, y2 = face.points[280].astype(int)
    picture[y2 - 10 : y2 + 10, x2 - 10 : x2 + 10] = 255
    x3, y3 = face.points[50].astype(int)
    picture[y3 - 10 : y3 + 10, x3 - 10 : x3 + 10] = 12
    skin = skin_mask(from_array(picture), face)
    assert skin[y - 25 : y + 25, x - 50 : x + 10].mean() < 0.05
    assert not skin[y2 - 11 : y2 + 11, x2 - 11 : x2 + 11].any() and not skin[y3 - 10 : y3 + 10, x3 - 10 : x3 + 10].any()


def test_fine_dark_lines_stay_skin() -> None:
    """Wrinkles are what is measured: a mask that drops them would measure nothing."""
    picture, face = plain()
    x, y = face.points[151].astype(int)
    picture[y : y + 3, x - 60 : x + 60] = (110, 75, 60)
    assert skin_mask(from_array(picture), face)[y : y + 3, x - 55 : x + 55].mean() > 0.95


def test_side_light_leaves_most_of_the_skin() -> None:
    picture, face = plain()
    shade = np.linspace(0.35, 1.1, 600)[None, :, None]
    lit = from_array(np.clip(picture * shade, 0, 249).astype(np.uint8))
    assert skin_mask(lit, face).sum() > 0.9 * skin_mask(from_array(picture), face).sum()


def test_a_face_outside_the_frame() -> None:
    picture, face = plain()
    shifted = replace(face, points=face.points + np.float32(900))
    assert not skin_mask(from_array(picture), shifted).any()
    half: Photo = from_array(picture[:, :300])
    assert skin_mask(half, face).shape == (700, 300) and skin_mask(half, face).any()


@pytest.mark.skipif(not FACES.is_dir(), reason="the shared photos of faces are not beside the project")
@pytest.mark.parametrize("name", ["biden.jpg", "biden2.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg"])
def test_real_faces_show_skin_in_every_place(name: str) -> None:
    photo = load_photo(FACES / name)
    face = find_face(photo)
    skin = skin_mask(photo, face)
    outline = zone_mask(photo, face, "face", np.ones_like(skin))
    assert 0.45 < skin.sum() / outline.sum() < 0.85
    for zone in ZONES:
        inside = zone_mask(photo, face, zone, outline)
        seen = inside.sum() > 0.01 * outline.sum()  # a place turned away is hardly there
        assert not seen or zone_mask(photo, face, zone, skin).sum() > 0.25 * inside.sum(), zone
