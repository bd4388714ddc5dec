"""The light's direction from the picture, on shading of known angle, and the gate built on it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure import comparable
from needlewise.measure.comparable import texture_drift, texture_gate, zone_width
from needlewise.measure.face import Face
from needlewise.measure.light import CORNERS, Light, light_change, light_of, light_table
from needlewise.measure.photo import load_photo
from needlewise.measure.zones import luminance

RELIT = Path(__file__).parents[2] / ".." / "shared" / "photos" / "relit"
FRONT = Light(0.0, 0.0, 0.0, 0.1, 0.2)


def shaded(azimuth: float, elevation: float = 0.0) -> NDArray[np.float32]:
    """Shade an ellipsoid head cut out tightly; angles to the person's own left (the picture's right) and up."""
    y, x = np.mgrid[0:192, 0:168]
    across, up = (x - 83.5) / 100, (95.5 - y) / 125
    ahead = np.sqrt(np.clip(1 - across**2 - up**2, 0.01, 1))
    normal = np.stack([across, up / 1.25, ahead / 0.9], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    to_light = lamp(azimuth, elevation).direction
    return (0.4 * (0.05 + np.clip(normal @ np.array(to_light), 0, 1)) ** 2.2).astype(np.float32)


def lamp(azimuth: float, elevation: float = 0.0, softness: float = 0.1, level: float = 0.2) -> Light:
    a, e = math.radians(azimuth), math.radians(elevation)
    return Light(math.degrees(math.acos(math.cos(a) * math.cos(e))), azimuth, elevation, softness, level)


@pytest.mark.parametrize("azimuth", [-60, -40, -20, 0, 20, 40, 60])
def test_azimuth_of_known_shading(azimuth: float) -> None:
    light = light_of(shaded(azimuth))
    assert light.azimuth_deg == pytest.approx(azimuth, abs=10)
    assert light_change(light_of(shaded(0)), light) == pytest.approx(abs(azimuth), abs=10)


def test_mirrored_picture_mirrors_the_light() -> None:
    picture = shaded(35)
    right, left = light_of(picture), light_of(np.ascontiguousarray(picture[:, ::-1]))
    assert left.azimuth_deg == pytest.approx(-right.azimuth_deg, abs=8)


@given(st.floats(0.02, 2.0))
@settings(max_examples=15, deadline=None)
def test_exposure_changes_only_the_level(gain: float) -> None:
    picture = shaded(30)
    plain, other = light_of(picture), light_of((picture * np.float32(gain)).astype(np.float32))
    assert light_change(plain, other) < 0.05
    assert other.softness == pytest.approx(plain.softness, abs=1e-3)
    assert other.level == pytest.approx(plain.level * gain, rel=1e-3)


def test_fill_light_is_softer() -> None:
    hard = shaded(40)
    even = np.full_like(hard, hard.mean())
    softness = [light_of((1 - share) * hard + share * even).softness for share in (0.0, 0.4, 0.8)]
    assert softness == sorted(softness) and softness[-1] > softness[0] + 0.1


def test_a_face_elsewhere_in_the_picture_is_brought_into_the_frame() -> None:
    picture = shaded(30)
    canvas = np.zeros((500, 460), np.float32)
    canvas[100:484, 60:396] = np.kron(picture, np.ones((2, 2), np.float32))
    points = np.zeros((478, 2), np.float32)
    points[list(CORNERS)] = light_table().corners * 2 + [60.5, 100.5]
    face = Face(points, np.zeros(478, np.float32), {}, (0, 0, 0), 10.0, 1.0)
    assert light_change(light_of(canvas, None, face), light_of(picture)) < 2


def test_a_covered_part_is_left_out() -> None:
    picture, seen = shaded(30), np.ones((192, 168), bool)
    seen[:30] = False
    spoiled = picture.copy()
    spoiled[:30] = 0.9
    kept = light_of(spoiled, seen)
    assert light_change(kept, light_of(picture)) < 8
    assert light_change(kept, light_of(picture)) < light_change(light_of(spoiled), light_of(picture)) + 1


@pytest.mark.parametrize("mask", [None, np.zeros((192, 168), bool)])
def test_nothing_to_see_is_refused(mask: NDArray[np.bool_] | None) -> None:
    with pytest.raises(InputError):
        light_of(np.zeros((192, 168), np.float32), mask)


def test_direction_and_angles_agree() -> None:
    light = light_of(shaded(25, 20))
    assert math.degrees(math.acos(light.direction[2])) == pytest.approx(light.angle_deg, abs=1e-6)
    assert sum(part**2 for part in light.direction) == pytest.approx(1)


def test_gate_by_angle() -> None:
    verdicts = [texture_gate(FRONT, lamp(angle)).verdict for angle in (0, 8, 18, 27, 35, 60, 120)]
    assert verdicts == [comparable.COMPARABLE] * 2 + [comparable.WIDER] * 2 + [comparable.NOT_COMPARABLE] * 3
    assert set(verdicts) == set(comparable.VERDICTS)


@given(st.floats(0, 28), st.floats(0, 28))
def test_width_grows_with_the_light_change(first: float, second: float) -> None:
    near, far = sorted((first, second))
    assert 1 <= texture_gate(FRONT, lamp(near)).width_factor <= texture_gate(FRONT, lamp(far)).width_factor


def test_width_grows_where_shadows_moved() -> None:
    gates = [texture_gate(FRONT, lamp(5), share) for share in (1.0, 0.7, 0.4)]
    assert [gate.verdict for gate in gates] == [comparable.COMPARABLE, comparable.COMPARABLE, comparable.WIDER]
    assert gates[0].width_factor == 1 and gates[1].width_factor < gates[2].width_factor


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (lamp(60), "60° further from your left"),
        (lamp(-60), "60° further from your right"),
        (lamp(0, 50), "50° further from above"),
        (lamp(0, -40), "40° further from below"),
        (lamp(0, level=0.005), "second photo is too dark"),
        (lamp(0, softness=0.9), "much softer"),
    ],
)
def test_refusal_says_why_and_what_to_do(after: Light, words: str) -> None:
    verdict, factor, reason = texture_gate(FRONT, after)
    assert verdict == comparable.NOT_COMPARABLE and factor == 1
    assert words in reason and ": " in reason


def test_drift_has_a_sign_and_cancels() -> None:
    assert texture_drift(FRONT, lamp(20)) < 0
    assert texture_drift(FRONT, lamp(20)) == -texture_drift(lamp(20), FRONT)


def test_one_zone_tells_less_than_the_face() -> None:
    assert zone_width("face") == 1
    assert zone_width("cheek-left") == zone_width("cheek-right") > 1
    assert zone_width("temple-left") == zone_width("glabella")


def test_lights_are_values() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        FRONT.level = 1.0  # type: ignore[misc]


@pytest.mark.skipif(not RELIT.is_dir(), reason="the pictures of people in many lights are not here")
def test_real_faces() -> None:
    """The shipped table has seen these people; benchmarks/measure_relit.py leaves each out."""
    errors = []
    lights = ((0, 0), (25, 0), (-50, 0), (0, 45), (-70, 45))
    for person, (azimuth, elevation) in itertools.product(("yaleB01", "yaleB07"), lights):
        path = RELIT / person / f"{person}_P00A{azimuth:+04d}E{elevation:+03d}.png"
        errors.append(light_change(light_of(luminance(load_photo(path).pixels)), lamp(-azimuth, elevation)))
    assert np.median(errors) < 10 and max(errors) < 30
