"""Laying one photo on another: known motions are found, side light does not fool it, and what cannot be laid is refused."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.align import align, warp
from needlewise.measure.face import Face
from needlewise.measure.photo import Photo, from_array

SIDE = 480


def skin(seed: int = 1) -> NDArray[np.float64]:
    """Draw skin of pores and folds (linear RGB, SIDE x SIDE x 3)."""
    rng = np.random.default_rng(seed)
    relief = sum(
        share * cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), size) * size for share, size in ((0.3, 1.5), (0.3, 4))
    )
    return np.exp(0.25 * relief)[..., None] * np.array([0.45, 0.25, 0.18])


def shown(linear: NDArray[np.float64], seed: int = 2) -> Photo:
    """Photograph linear light, with noise."""
    noisy = 255 * np.clip(linear, 0, 1) ** (1 / 2.2) + np.random.default_rng(seed).normal(0, 1.5, linear.shape)
    return from_array(np.clip(noisy, 0, 255).astype(np.uint8))


def softly_moved(picture: NDArray[np.float64], amount: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the picture moved by a slow wave of `amount` px and a turn of 2 degrees, and the way back (after -> before)."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), 2, 1.02)
    back_x = turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] + amount * np.sin(2 * np.pi * y / 320)
    back_y = turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] + amount * np.cos(2 * np.pi * x / 280)
    back = np.stack([back_x, back_y], -1).astype(np.float32)
    return cv2.remap(picture, back, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), back


def misses(alignment, back: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance by which going there (found) and back (known) misses the start, in the middle of the picture."""
    found = cv2.remap(back, alignment.map_x, alignment.map_y, cv2.INTER_LINEAR)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    miss = np.hypot(found[..., 0] - x, found[..., 1] - y)
    return miss[50:-50, 50:-50]


@pytest.mark.parametrize("side_light", [0.0, 0.7])
def test_a_soft_motion_is_found_and_side_light_does_not_fool_it(side_light: float) -> None:
    before = skin()
    moved, back = softly_moved(before, 3)
    ramp = 1 + side_light * np.linspace(-1, 1, SIDE)[None, :, None]
    found = align(shown(before), shown(moved * ramp, 3))
    assert np.percentile(misses(found, back), 95) < 0.7
    assert found.inliers > 50
    assert 0 < found.error_px < 2


def test_the_same_photo_lies_where_it_lies() -> None:
    photo = shown(skin())
    found = align(photo, photo)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    assert np.hypot(found.map_x - x, found.map_y - y).max() < 0.05


def test_another_size_is_carried_over() -> None:
    before = skin()
    after = shown(cv2.resize(before, (720, 720), interpolation=cv2.INTER_CUBIC))
    found = align(shown(before), after)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    miss = np.hypot(found.map_x - (x * 1.5 + 0.25), found.map_y - (y * 1.5 + 0.25))[30:-30, 30:-30]
    assert np.percentile(miss, 95) < 0.7


def test_warp_undoes_the_motion_strip_by_strip() -> None:
    tall = np.tile(skin(), (2, 1, 1))  # more rows than one strip
    found = align(shown(tall), shown(np.roll(tall, 6, axis=1)))
    x, y = found.map_x, found.map_y
    picture = tall.astype(np.float32)
    assert np.array_equal(warp(picture, found), cv2.remap(picture, x, y, cv2.INTER_LINEAR))
    again = warp(np.roll(picture, 6, axis=1), found)
    assert np.median(np.abs(again - picture)[40:-40, 40:-40]) < 0.01


def test_outside_the_after_photo_is_zero() -> None:
    before = skin()
    found = align(shown(before), shown(before[:, 100:]))
    inside = warp(np.full((SIDE, SIDE - 100), 255, np.uint8), found)
    assert not inside[:, :90].any()
    assert inside[:, 110:].all()


def test_landmarks_start_it_and_the_skin_corrects_them() -> None:
    before = skin()
    moved, back = softly_moved(before, 3)
    rng = np.random.default_rng(4)
    points = rng.uniform(60, SIDE - 60, (478, 2)).astype(np.float32)
    turn = cv2.invertAffineTransform(cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), 2, 1.02))
    there = (points @ turn[:, :2].T + turn[:, 2] + rng.normal(0, 2, points.shape) + 3).astype(np.float32)
    found = align(shown(before), shown(moved, 3), face(points), face(there))
    assert "landmarks" in found.method
    assert np.percentile(misses(found, back)[40:-40, 40:-40], 95) < 0.8


def test_pixels_off_the_mask_take_the_motion_of_the_skin_beside_them() -> None:
    before = skin()
    after = np.roll(before, 5, axis=1)
    after[:, 300:] = skin(9)[:, 300:]  # another background
    mask = np.zeros((SIDE, SIDE), bool)
    mask[60:420, 60:260] = True
    found = align(shown(before), shown(after, 3), mask=mask)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    miss = np.hypot(found.map_x - x - 5, found.map_y - y)
    assert np.percentile(miss[mask], 95) < 0.7
    assert miss.max() < 5


@pytest.mark.parametrize("other", [skin(7), np.full((SIDE, SIDE, 3), 0.3)])
def test_other_skin_or_none_is_refused(other: NDArray[np.float64]) -> None:
    with pytest.raises(InputError, match="the same skin in both"):
        align(shown(skin()), shown(other, 5))


def test_landmarks_that_are_one_point_are_refused() -> None:
    photo, point = shown(skin()), face(np.full((478, 2), 200, np.float32))
    with pytest.raises(InputError, match="16 x 16"):
        align(photo, photo, point, point)


def face(points: NDArray[np.float32]) -> Face:
    """Make a face of points alone."""
    blank = Face(points, np.zeros(478, np.float32), {}, (0.0, 0.0, 0.0), 10.0, 1.0)
    return replace(blank, points=points)
