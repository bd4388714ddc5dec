"""The pictures of a comparison of a drawn face, whose true change is known."""

import cv2
import numpy as np
import pytest

from needlewise.measure.pair import Comparison
from needlewise.measure.pictures import BLUE, ORANGE, SIDE, Picture, Pictures, encoded
from needlewise.measure.zones import zone_polygon


@pytest.fixture(scope="module")
def pictures(drawn_comparison: Comparison) -> Pictures:
    return Pictures(drawn_comparison)


def inside(pictures: Pictures, zone: str, picture: Picture) -> np.ndarray:
    """Return the middle of a zone's pixels, (N, 3)."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    corners = np.array(pictures.outlines()[zone]) * (width, height)
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1)
    return picture[cv2.erode(mask, np.ones((41, 41), np.uint8)) > 0].astype(float)


def test_every_picture_has_one_size_and_is_small(pictures: Pictures) -> None:
    made = pictures.all()
    assert set(made) == {
        "before", "after", "change-redness", "change-pigment", "haemoglobin-before", "haemoglobin-after", "melanin-before",
        "melanin-after", "lines-before", "lines-after",
    }  # fmt: skip
    assert len({picture.shape for picture in made.values()}) == 1
    for picture in made.values():
        assert max(picture.shape) <= SIDE and picture.dtype == np.uint8
        assert len(encoded(picture)) < 600_000 and len(encoded(picture, ".jpg")) < 200_000
    back = cv2.imdecode(np.frombuffer(encoded(made["before"]), np.uint8), cv2.IMREAD_COLOR)
    assert (back[..., ::-1] == made["before"]).all()


def test_the_after_picture_lies_on_the_before(pictures: Pictures) -> None:
    one, two = (cv2.Canny(picture, 60, 120) for picture in pictures.aligned)
    near = cv2.dilate(one, np.ones((7, 7), np.uint8)) > 0
    assert near[two > 0].mean() > 0.8


def test_the_map_is_blue_where_paler_and_orange_where_redder(pictures: Pictures) -> None:
    made = pictures.change("redness")
    cheek, brow = (inside(pictures, zone, made.picture).mean(0) for zone in ("cheek-right", "forehead"))
    assert cheek[2] - cheek[0] > 40 and brow[0] - brow[2] > 30
    assert 0 < made.wander < 1.5 < made.full


def test_the_map_tells_apart_without_colour() -> None:
    """Both ends are seen through each of the three colour blindnesses (Machado 2009, severity 1) as far apart as strong greys."""
    blind = {
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }
    for matrix in blind.values():
        ends = [np.array(matrix) @ np.array(colour) for colour in (BLUE, ORANGE)]
        assert np.linalg.norm(ends[0] - ends[1]) > 90


def test_what_is_not_measured_is_never_white(pictures: Pictures, drawn_comparison: Comparison) -> None:
    """Hatching and the pale face differ from the middle of the scale, so that "not measured" is no "no change"."""
    made = pictures.change("redness").picture
    corner = made[:60, :60].reshape(-1, 3)
    assert len(np.unique(corner, axis=0)) > 1  # hatched
    face = drawn_comparison.before.face
    (lips,) = zone_polygon(face, "upper-lip")
    assert np.isfinite(lips).all()
    assert (np.ptp(made[:60, :60].astype(int), axis=2) == 0).all()  # grey, no colour of the scale


def test_lines_are_drawn_where_the_lines_are(pictures: Pictures) -> None:
    assert pictures.lines is not None
    for drawn, plain in zip(pictures.lines, pictures.aligned, strict=True):
        changed = (drawn != plain).any(axis=2)
        assert 0 < changed.mean() < 0.03
    forehead = inside(pictures, "forehead", (pictures.lines[0] != pictures.aligned[0]).astype(np.uint8))
    assert forehead.any()  # the drawn face has furrows there


def test_no_lines_where_texture_may_not_be_compared(drawn_comparison: Comparison) -> None:
    from dataclasses import replace

    gates = {name: replace(gate, verdict="not comparable") for name, gate in drawn_comparison.comparable.items()}
    refused = Pictures(replace(drawn_comparison, comparable=gates))
    assert refused.lines is None and set(refused.all()) == {"before", "after"}


def test_blood_shows_in_one_picture_and_not_in_the_other(pictures: Pictures) -> None:
    change = {}
    for part in ("haemoglobin", "melanin"):
        before, after = pictures.separated(part)
        change[part] = [inside(pictures, zone, after).mean() - inside(pictures, zone, before).mean() for zone in
                        ("cheek-right", "forehead")]  # fmt: skip
    paler, redder = change["haemoglobin"]
    assert paler > 40 and redder < -40  # darker is more
    assert max(abs(v) for v in change["melanin"]) < 0.5 * min(paler, -redder)
