"""Closed forms against published figures and against each other."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.simulate.geometry import (
    Pen,
    Roller,
    Stamp,
    Tool,
    duplicate_share_random,
    entry_angle_deg,
    neighbour_share,
    rolling,
    same_dose,
    within_share,
)

KNOWN = json.loads((Path(__file__).parents[1] / "reference" / "coverage.json").read_text(encoding="utf-8"))
MEDICAL = Roller(192, 20, 20, 8)
radii = st.floats(0.0, 3.0)
densities = st.floats(0.1, 5000)
rollers = st.builds(Roller, st.integers(1, 600), st.floats(15, 40), st.floats(15, 60))


def test_density_of_the_medical_roller() -> None:
    one, fifteen = KNOWN["geo-per-pass"], KNOWN["geo-15"]
    assert MEDICAL.density_per_pass == pytest.approx(one["predicted"], abs=0.005)
    assert MEDICAL.density_per_pass == pytest.approx(one["published"], rel=one["relative"])
    assert 15 * MEDICAL.density_per_pass == pytest.approx(fifteen["predicted"], abs=0.05)
    assert 15 * MEDICAL.density_per_pass == pytest.approx(fifteen["published"], rel=fifteen["relative"])


@pytest.mark.parametrize("rows", [8, 0], ids=["given", "found"])
def test_medical_roller_has_8_rows_of_24(rows: int) -> None:
    known = KNOWN["geo-needles-8x24"]
    roller = Roller(192, 20, 20, rows)
    assert roller.row_sizes == (known["each"],) * known["rows"]
    assert len(set(roller.layout())) == known["needles"]
    angles = sorted(turn * 360 for across, turn in roller.layout() if across == roller.layout()[0][0])
    assert angles[1] - angles[0] == pytest.approx(known["pitch_deg"])


def test_pen_makes_990_holes_a_second() -> None:
    known = KNOWN["geo-dermapen-990"]
    assert Pen(known["needles"], 6, known["hz"], 20).holes_per_second == known["per_second"]


def test_within_and_neighbours() -> None:
    for r, share in KNOWN["geo-F"]["predicted"].items():
        assert within_share(float(r), MEDICAL.density_per_pass, 20) == pytest.approx(share, abs=5e-5)
    for r, (_, _, exact) in KNOWN["geo-G"]["measured"].items():
        assert neighbour_share(float(r), MEDICAL.density_per_pass, 20) == pytest.approx(exact, abs=5e-5)


def test_duplicates_of_random_strikes() -> None:
    known = KNOWN["geo-dup"]
    found = duplicate_share_random(known["distance_mm"], 20 * MEDICAL.density_per_pass)
    assert found == pytest.approx(known["random"], abs=5e-4)
    assert found == pytest.approx(known["measured"], rel=known["relative"])


def test_entry_angle() -> None:
    known = KNOWN["kin-entry"]
    for mm, degrees in known["degrees"].items():
        assert entry_angle_deg(known["drum_diameter_mm"], float(mm)) == pytest.approx(degrees, abs=0.06)
    turn = rolling(MEDICAL, 0.5)
    assert turn.needles_in_skin == pytest.approx(192 * 2 * turn.entry_angle_deg / 360)
    assert turn.force_share() == pytest.approx(1 / turn.needles_in_skin)


def test_on_paper_it_runs_on_its_tips() -> None:
    assert MEDICAL.density_on_paper(0.5) == pytest.approx(100 * 192 / (2 * math.pi * 10.5 * 20))


@given(radii, radii, densities, st.integers(1, 60))
def test_shares_grow_with_distance(a: float, b: float, density: float, passes: int) -> None:
    low, high = sorted((a, b))
    assert 0 <= within_share(low, density, passes) <= within_share(high, density, passes) <= 1
    assert neighbour_share(low, density, passes) <= neighbour_share(high, density, passes)
    assert neighbour_share(low, density, passes) <= within_share(low, density, passes) <= within_share(low, density, passes + 1)


@given(rollers, st.integers(1, 60), st.integers(1, 60))
def test_dose_adds_up(roller: Roller, a: int, b: int) -> None:
    together = same_dose(roller, a + b, MEDICAL).passes
    assert together == pytest.approx(same_dose(roller, a, MEDICAL).passes + same_dose(roller, b, MEDICAL).passes)
    assert same_dose(roller, a, roller).whole_passes == a


@given(rollers)
def test_layout_is_on_the_drum(roller: Roller) -> None:
    layout = roller.layout()
    assert len(layout) == roller.needles
    assert all(abs(across) < roller.width_mm / 2 and 0 <= turn < 2 for across, turn in layout)


def test_same_dose_in_seconds() -> None:
    dose = same_dose(MEDICAL, 20, Pen(12, 6, 100, 20))
    assert dose.seconds_per_cm2 == pytest.approx(dose.density_per_cm2 / 1200)
    assert same_dose(MEDICAL, 56, Roller(540, 20, 20, 9)).whole_passes == 20


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Roller(-1, 20, 20), "needles"),
        (lambda: Roller(192, -20, 20), "drum-diameter-mm"),
        (lambda: Roller(192, 20, -1), "width-mm"),
        (lambda: Roller(192, 20, float("nan")), "width-mm"),
        (lambda: Roller(19000, 10, 10), "do not fit the drum"),
        (lambda: Roller(192, 20, 20, 192), "do not fit the drum in 192 rows"),
        (lambda: Stamp(5000, 10), "do not fit a head"),
        (lambda: Stamp(35, 10, -1), "grid"),
        (lambda: Pen(3000, 6, 100, 20), "do not fit a tip"),
        (lambda: Pen(12, 6, 100, 0), "speed-mm-s"),
        (lambda: Pen(12, 6, 0, 20), "hz"),
        (lambda: same_dose(MEDICAL, 0, MEDICAL), "passes"),
        (lambda: entry_angle_deg(20, 0), "mm"),
    ],
)
def test_what_cannot_be_is_refused(make: object, word: str) -> None:
    with pytest.raises(InputError, match="allowed:") as caught:
        make()  # type: ignore[operator]
    assert word in str(caught.value)


@pytest.mark.parametrize("tool", [MEDICAL, Stamp(35, 10), Stamp(7, 10), Pen(12, 6, 100, 20)], ids=lambda t: type(t).__name__)
def test_pitch_is_the_smallest_distance(tool: Tool) -> None:
    assert 0 < tool.pitch_mm <= tool.width_mm
