"""Passes follow the device: never more than our own pattern, never more holes than it makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.model import Device
from needlewise.planning.dose import dose

OURS = 122.2  # holes per cm² of 8 passes with the 192-needle roller: 8 x 192 / (2 pi x 1 cm x 2 cm)


@pytest.mark.parametrize(
    ("device", "passes", "directions"),
    [
        (None, 8, 4),
        (Device("roller", 0.3, needles=192), 8, 4),
        (Device("roller", 0.3, needles=540), 2, 2),
        (Device("roller", 0.3), 4, 4),
        (Device("stamp", 0.3, needles=35), 3, 3),
        (Device("pen", 0.3, needles=12), 1, 1),
        (Device("pen", 0.3, needles=1080), 4, 4),
    ],
)
def test_passes(device: Device | None, passes: int, directions: int) -> None:
    made = dose(device)
    assert (made.passes, made.directions) == (passes, directions) and made.text.endswith(".")


@given(st.integers(1, 5000))
def test_a_denser_roller_never_gets_more_holes(needles: int) -> None:
    made = dose(Device("roller", 0.3, needles=needles))
    density = needles / (2 * 3.14159265 * 10 * 20) * 100
    assert 1 <= made.passes <= 8 and made.passes % made.directions == 0
    assert made.passes * density <= OURS * 1.01 or made.passes == 1 or "not known" in made.text
