"""The texture index and the drawn lines, on furrows drawn by the test."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.texture import ridge_change, ridge_index, ridge_lines, steady_light, thin

EYES = 180.0
SIDE = 240


def skin(furrows: int = 0, depth: float = 0.12, side: int = SIDE, seed: int = 1) -> NDArray[np.float32]:
    """Draw skin of fine grain with dark furrows across it."""
    noise = np.random.default_rng(seed).normal(0, 1, (side, side)).astype(np.float32)
    scale = side / SIDE
    log = 0.08 * cv2.GaussianBlur(noise, (0, 0), 1.2 * scale) * 1.2 * scale
    y, x = np.mgrid[0:side, 0:side] / scale
    for at in np.linspace(60, 180, furrows):
        across = y - at - 6 * np.sin(x / 40)
        log -= depth * np.exp(-0.5 * (across / 1.3) ** 2) * ((x > 45) & (x < 195))
    return (0.3 * np.exp(log)).astype(np.float32)


def zone(side: int = SIDE) -> NDArray[np.bool_]:
    mask = np.zeros((side, side), bool)
    edge = side // 8
    mask[edge:-edge, edge:-edge] = True
    return mask


def index(picture: NDArray[np.float32]) -> float:
    return ridge_index(picture, zone(picture.shape[0]), EYES * picture.shape[0] / SIDE)


def test_more_furrows_raise_the_index() -> None:
    values = [index(skin(count)) for count in range(6)]
    assert values == sorted(values) and values[-1] > 1.3 * values[0]


def test_deeper_furrows_raise_the_index_by_less_than_their_depth() -> None:
    values = [index(skin(4, depth)) for depth in (0.0, 0.06, 0.12, 0.24)]
    assert values == sorted(values)
    assert values[3] / values[2] < 2


@given(st.floats(1e-3, 3))
@settings(max_examples=10, deadline=None)
def test_exposure_changes_nothing(gain: float) -> None:
    picture = skin(3)
    assert abs(ridge_change(index(picture), index((picture * np.float32(gain)).astype(np.float32)))) < 0.01


@pytest.mark.parametrize("tilt", [0.3, -0.5])
def test_a_slow_slope_of_light_changes_little(tilt: float) -> None:
    slope = np.exp(tilt * np.linspace(-1, 1, SIDE, dtype=np.float32))[None, :]
    assert abs(ridge_change(index(skin(3)), index(skin(3) * slope))) < 1.5


def test_the_same_skin_closer_gives_the_same_index() -> None:
    far = skin(3, side=480)
    near = np.asarray(cv2.resize(far, (960, 960), interpolation=cv2.INTER_CUBIC))
    assert abs(ridge_change(index(far), index(near))) < 3


def test_lines_lie_on_the_furrows() -> None:
    lines = ridge_lines(skin(3, 0.3), zone(), EYES)
    y, x = np.nonzero(lines)
    off = np.min([np.abs(y - at - 6 * np.sin(x / 40)) for at in np.linspace(60, 180, 3)], axis=0)
    assert np.mean(off <= 3) > 0.9
    assert lines.sum() > 0.7 * 3 * 150
    assert not (lines & ~zone()).any()


def test_lines_of_a_large_picture_are_still_thin() -> None:
    small, large = (ridge_lines(skin(3, 0.3, side=side), zone(side), EYES * side / SIDE) for side in (240, 960))
    assert large.sum() == pytest.approx(4 * small.sum(), rel=0.3)
    assert (thin(large) == large).mean() > 0.999


def test_plain_skin_has_few_lines() -> None:
    assert ridge_lines(skin(), zone(), EYES).sum() < 0.2 * ridge_lines(skin(4, 0.3), zone(), EYES).sum()


def test_steady_light_drops_the_moved_edge_only() -> None:
    before, after = skin(2), skin(2) * np.float32(1.7)
    assert steady_light(before, after, zone(), EYES)[zone()].all()
    after[:, :100] *= np.float32(0.5)
    steady = steady_light(before, after, zone(), EYES)
    assert not steady[40:200, 97:103].any()
    assert steady[40:200, 125:200].all() and steady[40:200, 40:75].all()


def test_change_is_symmetric() -> None:
    assert ridge_change(0.1, 0.2) == pytest.approx(100 * math.log(2))
    assert ridge_change(0.1, 0.2) == -ridge_change(0.2, 0.1)


def test_thin_keeps_one_pixel_and_connection() -> None:
    bar = np.zeros((30, 60), bool)
    bar[10:15, 5:55] = True
    line = thin(bar)
    assert (line.sum(axis=0) <= 1).all() and line.sum() > 40
    assert cv2.connectedComponents(line.astype(np.uint8), connectivity=8)[0] == 2


def test_zones_at_the_rim_of_the_picture_work() -> None:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:60, :60] = True
    assert ridge_index(skin(3), mask, EYES) > 0
    assert ridge_lines(skin(3), mask, EYES).shape == (SIDE, SIDE)


@pytest.mark.parametrize("scale", [0.0, -3.0, math.nan, math.inf])
def test_a_wrong_scale_is_refused(scale: float) -> None:
    with pytest.raises(InputError, match="face_scale_px"):
        ridge_index(skin(), zone(), scale)


def test_too_little_skin_is_refused() -> None:
    mask = np.zeros((SIDE, SIDE), bool)
    with pytest.raises(InputError, match="skin"):
        ridge_index(skin(), mask, EYES)
    mask[5:8, 5:8] = True
    with pytest.raises(InputError, match="skin"):
        ridge_index(skin(), mask, EYES)


def test_expected_places_decide_between_faint_lines() -> None:
    picture, expected = skin(3, 0.16), np.ones((SIDE, SIDE), np.float32)
    expected[:, :120], expected[:, 120:] = 2.0, 0.2
    lines = ridge_lines(picture, zone(), EYES, expected)
    assert lines[:, :118].sum() > ridge_lines(picture, zone(), EYES)[:, :118].sum()
    assert not lines[:, 124:].any()
