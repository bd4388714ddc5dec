"""A ruler tells the scale only if its ticks are the ones that were named, and says how well it tells it."""

from __future__ import annotations

import io
import math
from pathlib import Path

import cv2
import imprint_photos as photos
import imprint_scenes as scenes
import numpy as np
import pytest
from PIL import Image

from needlewise.errors import InputError
from needlewise.measure.imprint import read_imprint
from needlewise.measure.imprint.outline import find_plane
from needlewise.measure.imprint.page import Picture, Plane, open_picture
from needlewise.measure.imprint.ruler import find_ruler
from needlewise.measure.imprint.upright import set_upright

SIZE, COUNT = (2400, 1800), 90
# lengths in mm of every so many ticks
TENS, HALVES, SIXTEENTHS = {10: 6.0, 5: 4.5}, {20: 6.0, 10: 4.5, 2: 3.5}, {16: 6.0, 8: 5.0, 4: 4.0, 2: 3.2}


def camera(tilt: float, way: float, focal_mm: float = 27.0, px_per_mm: float = 11.0) -> np.ndarray:
    """Return the homography from millimetres, 0 in the middle of the picture, to pixels."""
    f = focal_mm / 36 * SIZE[0]
    axis = math.radians(tilt) * np.array([math.cos(math.radians(way)), math.sin(math.radians(way)), 0.0])
    turn = cv2.Rodrigues(axis)[0]
    k = np.array([(f, 0, SIZE[0] / 2), (0, f, SIZE[1] / 2), (0, 0, 1)])
    return np.asarray(k @ np.c_[turn[:, :2], (0.0, 0.0, f / px_per_mm)])


def px(to_px: np.ndarray, mm: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.perspectiveTransform(np.asarray(mm, float).reshape(1, -1, 2), to_px)[0])


def scale(image: np.ndarray, to_px: np.ndarray, step: float, longer: dict[int, float], y: float, up: int) -> None:
    """Draw ticks from the line `y`, each 0.2 mm wide and 2.5 mm long, but `longer` every so many."""
    for k in range(COUNT):
        long = next((mm for every, mm in sorted(longer.items(), reverse=True) if k % every == 0), 2.5)
        x = (k - COUNT / 2) * step
        tick = px(to_px, np.array([(x - 0.1, y), (x + 0.1, y), (x + 0.1, y + up * long), (x - 0.1, y + up * long)]))
        cv2.fillPoly(image, [np.round(tick * 16).astype(np.int32)], (60,), cv2.LINE_AA, 4)


def shot(*scales: tuple[float, dict[int, float], float, int], to_px: np.ndarray | None = None) -> Picture:
    """Return the picture of a ruler 30 mm wide, whose edges lie 25 and 55 mm below the middle."""
    to_px = camera(6, 30) if to_px is None else to_px
    image = np.full(SIZE[::-1], 215, np.uint8)
    cv2.fillPoly(image, [px(to_px, np.array([(-70, 25), (70, 25), (70, 55), (-70, 55)])).astype(np.int32)], (185,))
    for step, longer, y, up in scales:
        scale(image, to_px, step, longer, y, up)
    noisy = cv2.GaussianBlur(image, (0, 0), 0.8).astype(float) + np.random.default_rng(0).normal(0, 2, image.shape)
    data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8))[1].tobytes()
    return Picture(data, *SIZE)


def worst(plane: Plane, to_px: np.ndarray) -> float:
    """Return the greatest relative error of lengths of 20 mm in the middle of the picture."""
    at = np.array([(-10, 0), (10, 0), (0, -10), (0, 10), (-7.07, -7.07), (7.07, 7.07)])
    mm = plane.mm(px(to_px, at))
    return float(np.abs(np.linalg.norm(mm[1::2] - mm[::2], axis=1) / 20 - 1).max())


MM, HALF, INCH = (1.0, TENS, 25.0, 1), (0.5, HALVES, 25.0, 1), (25.4 / 16, SIXTEENTHS, 55.0, -1)


def test_millimetres_are_told_from_the_inches_on_the_other_edge() -> None:
    for scales in ((MM,), (MM, INCH), (INCH, MM)):
        assert worst(find_ruler(shot(*scales), 1.0), camera(6, 30)) < 0.01


@pytest.mark.parametrize("other", [HALF, INCH, (25.4 / 32, {**SIXTEENTHS, 32: 7.0}, 25.0, 1)],
                         ids=["halves", "sixteenths", "thirty-seconds"])  # fmt: skip
def test_ticks_that_are_no_millimetres_are_not_taken_for_them(other: tuple[float, dict[int, float], float, int]) -> None:
    with pytest.raises(InputError, match="by how their lengths change"):
        find_ruler(shot(other), 1.0)


def test_ticks_that_are_all_alike_are_taken_at_their_word() -> None:
    assert worst(find_ruler(shot((1.0, {}, 25.0, 1)), 1.0), camera(6, 30)) < 0.01


def test_half_millimetres_may_be_named() -> None:
    assert worst(find_ruler(shot(HALF), 0.5), camera(6, 30)) < 0.01


def test_bright_ticks_on_a_dark_ruler() -> None:
    light = shot(MM, INCH)
    image = cv2.imdecode(np.frombuffer(light.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    dark = Picture(cv2.imencode(".jpg", 255 - image)[1].tobytes(), *SIZE)
    assert worst(find_ruler(dark, 1.0), camera(6, 30)) < 0.01


@pytest.mark.parametrize("told", [88.0, 89.0, 91.0])
def test_a_length_counted_a_little_wrong_is_set_right_by_the_ticks(told: float) -> None:
    assert worst(find_ruler(shot(MM), told), camera(6, 30)) < 0.01  # 89 mm from the first of 90 ticks to the last


@pytest.mark.parametrize("told", [20.0, 80.0, 150.0])
def test_a_length_that_the_ticks_contradict_is_refused(told: float) -> None:
    with pytest.raises(InputError, match="by how their lengths change"):
        find_ruler(shot(MM), told)


@pytest.mark.parametrize("focal", [24.0, 27.0, 36.0])
@pytest.mark.parametrize("way", [0, 30, 60, 90, 135])
def test_the_told_error_holds_the_true_one(way: float, focal: float) -> None:
    rng = np.random.default_rng(int(way + focal))
    misses = []
    for tilt in (3, 10, 18):
        to_px = camera(tilt, way, focal)
        n = np.arange(-75, 75)
        lines = [px(to_px, np.c_[n, np.full(len(n), y)]) for y in (25.8, 27.6)]
        lines[1] += _onto_parallel(*lines)
        near, deep = (line + rng.normal(0, 0.15, line.shape) for line in lines)
        found, known = (set_upright(near, deep, np.arange(len(n)), n.astype(float), SIZE, told) for told in (None, focal))
        at = np.array([(-5.0, 0), (5, 0), (0, -5), (0, 5)])
        for upright in (found, known):
            mm = cv2.perspectiveTransform(px(to_px, at)[None], upright.to_mm)[0]
            along, across = np.linalg.norm(mm[1::2] - mm[::2], axis=1) / 10 - 1
            misses += [abs(along) / math.hypot(upright.along, 5e-4), abs(across) / math.hypot(upright.across, 5e-4)]
        assert known.across <= found.across + 1e-3 and abs(across) < 0.015
    assert max(misses) < 3.5


def _onto_parallel(near: np.ndarray, deep: np.ndarray) -> np.ndarray:
    """Return how far to move the places `deep` along their ticks, so that they lie on a line parallel to `near`."""
    along = (near[-1] - near[0]) / np.linalg.norm(near[-1] - near[0])
    across = np.array([-along[1], along[0]])
    way = deep - near
    return np.asarray(((way @ across).mean() / (way @ across) - 1)[:, None] * way)


def test_the_tilt_about_the_ruler_itself_is_not_known_and_is_refused(tmp_path: Path) -> None:
    to_px = camera(19, 0, 50.0)  # a long lens, which a ruler cannot tell from a wide one held straighter
    path = tmp_path / "imprint.jpg"
    path.write_bytes(shot(MM, to_px=to_px).data)
    with pytest.raises(InputError, match="straighter above"):
        read_imprint(path, "roller", 0.5, 1.0)
    image, exif = Image.open(path), Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = round(50 * math.hypot(36, 24) / math.hypot(36, 27))  # the camera's own word, of a 4:3 sensor
    told = io.BytesIO()
    image.save(told, "JPEG", quality=95, exif=exif)
    path.write_bytes(told.getvalue())
    picture = open_picture(path)
    assert picture.focal_mm == pytest.approx(50, rel=0.02)
    assert worst(find_ruler(picture, 1.0), to_px) < 0.01


@pytest.mark.parametrize("up", [1, -1])
def test_the_holes_before_an_edge_with_even_ticks_are_not_the_rulers(up: int) -> None:
    y = 25.0 if up > 0 else 55.0
    plane = find_ruler(shot((1.0, {}, y, up)), 1.0)
    assert plane.outside is not None
    free, ours = px(camera(6, 30), np.array([(0.0, y - 3 * up), (0.0, y + 4 * up)]))
    inside = [cv2.pointPolygonTest(plane.outside.astype(np.float32), tuple(float(v) for v in p), False) > 0 for p in (free, ours)]
    assert inside == [False, True]


def test_inches_on_the_far_edge_do_not_contradict_even_millimetres() -> None:
    assert worst(find_ruler(shot((1.0, {}, 25.0, 1), INCH), 1.0), camera(6, 30)) < 0.01


@pytest.mark.parametrize(("tilt", "way"), [(3, 0), (12, 60), (18, 135)])
@pytest.mark.parametrize("rim", [0.0, 1.5, 3.0])
def test_a_card_with_a_printed_rim(tilt: float, way: float, rim: float) -> None:
    to_px = camera(tilt, way, px_per_mm=18.0)
    image = np.full((*SIZE[::-1], 3), (168, 170, 172), np.uint8)
    x, y = photos.CARD[0] / 2, photos.CARD[1] / 2
    for inset, colour in ((0.0, (120, 40, 30)), (rim, (225, 228, 230))):
        corners = np.array([(-x + inset, -y + inset), (x - inset, -y + inset), (x - inset, y - inset), (-x + inset, y - inset)])
        cv2.fillPoly(image, [np.round(px(to_px, corners) * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
    noisy = cv2.GaussianBlur(image, (0, 0), 1.0).astype(float) + np.random.default_rng(1).normal(0, 2, image.shape)
    data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8))[1].tobytes()
    assert worst(find_plane(Picture(data, *SIZE), "card"), to_px) < 0.008


def test_a_shadow_along_the_edge_does_not_join_the_ticks(tmp_path: Path) -> None:
    image = cv2.imdecode(np.frombuffer(shot(MM).data, np.uint8), cv2.IMREAD_GRAYSCALE)
    edge = px(camera(6, 30), np.array([(-70, 24.9), (70, 24.9)]))
    cv2.line(image, *[tuple(int(v) for v in p) for p in edge], (70,), 4, cv2.LINE_AA)
    path = tmp_path / "shadow.jpg"
    path.write_bytes(cv2.imencode(".jpg", image)[1].tobytes())
    assert worst(find_ruler(open_picture(path), 1.0), camera(6, 30)) < 0.01


@pytest.mark.parametrize(("seed", "name"), [(15015, "other-hard"), (17064, "hard")])
def test_a_card_is_followed_to_its_own_sides(tmp_path: Path, seed: int, name: str) -> None:
    rng = np.random.default_rng((seed, len(name)))  # once read 6 % and 2 % too small: a side was taken where it is not
    device = photos.random_device(rng)
    if name == "hard":
        taken = photos.random_shot(rng, True)
        data = photos.photograph(device, taken, seed)
    else:
        taken, look = scenes.random_scene(rng, True)
        data = scenes.photograph(device, taken, look, seed)
    path = tmp_path / "card.jpg"
    path.write_bytes(data)
    assert find_plane(open_picture(path), taken.scale).px_per_mm > 0
    found = read_imprint(path, device.kind, device.needle_mm, taken.scale)
    assert found.needles == device.needles and found.pitch.value == pytest.approx(device.pitch_mm, rel=0.005)
