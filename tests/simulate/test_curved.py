"""A curved face: flat when it is flat, and every needle where geometry puts it."""

import json
import math

import numpy as np
import pytest
from test_geometry import MEDICAL

from needlewise import cli
from needlewise.errors import InputError
from needlewise.simulate.curved import Face, Touch, curved_coverage, face_strikes, measure_face, settle
from needlewise.simulate.geometry import Pen, Roller, Stamp, Tool
from needlewise.simulate.nearest import Floats
from needlewise.simulate.strikes import HANDS, Technique, density_per_cm2

TOOLS = [MEDICAL, Roller(97, 25, 30), Stamp(35, 10), Pen(12, 6, 100, 40)]
WHICH = {"ids": lambda t: f"{type(t).__name__}-{t.needles}"}


def plane(slope: float) -> Face:
    return Face(90, lambda x, y: slope * x)


@pytest.mark.parametrize("tool", TOOLS, **WHICH)
@pytest.mark.parametrize("hand", HANDS)
def test_a_flat_face_is_flat_skin(tool: Tool, hand: str) -> None:
    technique, rng = Technique(6, 4, HANDS[hand]), np.random.default_rng(3)
    hits = face_strikes(plane(0), tool, technique, 63, rng, Touch(0.5, 0.1))
    found, spread = measure_face(plane(0), hits, rng, 0.5)
    assert found.density_per_cm2 == pytest.approx(density_per_cm2(tool, technique), rel=0.01 if hand == "even" else 0.08)
    assert spread.full_depth_share == 1 and np.allclose(hits[:, 3], 0.5)


def test_a_tilted_plane_is_still_even() -> None:
    face, rng = plane(0.5), np.random.default_rng(3)
    hits = face_strikes(face, MEDICAL, Technique(6, 1), 63, rng, Touch(0.5, 0.1))  # lanes run up the slope
    found, spread = measure_face(face, hits, rng, 0.5)
    assert spread.full_depth_share > 0.999
    assert found.density_per_cm2 == pytest.approx(6 * MEDICAL.density_per_pass, rel=0.02)


def test_a_rigid_drum_bridges_a_sphere() -> None:
    radius = 70.0
    ball = Face(60, lambda x, y: np.sqrt(np.maximum(1, radius**2 - x**2 - y**2)) - radius)
    rows = np.linspace(-8.75, 8.75, 8)
    zero: Floats = np.zeros(1)
    _, _, depth = settle(ball, zero, zero, zero, np.zeros(8), rows, Touch(1.5, 0.3))
    sag = radius - np.sqrt(radius**2 - rows**2)
    assert depth[0] == pytest.approx(np.minimum(1.5, 1.8 - (sag - sag.min())), abs=0.01)


def test_softer_skin_and_longer_needles_reach_more() -> None:
    def density(needle: float, give: float) -> float:
        return curved_coverage(MEDICAL, Technique(8), needle, give).mean.density_per_cm2

    assert density(0.5, 0.1) < density(0.5, 0.5) < density(1.5, 0.5) <= 8 * MEDICAL.density_per_pass


def test_a_narrow_pen_serves_a_face_more_evenly_than_a_drum() -> None:
    wide, narrow = (curved_coverage(t, Technique(8), 0.5, 0.2) for t in (MEDICAL, Pen(12, 6, 100, 40)))
    assert narrow.spread.full_depth_share > wide.spread.full_depth_share + 0.1


def test_curved_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["coverage", "--device", "roller-192", "--passes", "20", "--curved", "--mm", "0.5"]
    assert cli.main([*words, "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["density_per_cm2"] < doc["flat_density_per_cm2"] and not doc["exact"]["density"]
    assert doc["curved"]["density_p05"] < doc["density_per_cm2"] < doc["curved"]["density_p95"] + doc["density_sd"]
    assert any("skin gives 0.5 mm, our assumption" in line for line in doc["assumptions"])
    assert cli.main(words) == 0
    assert "curved face" in capsys.readouterr().out


@pytest.mark.parametrize("bad", [{"needle_mm": -1.0}, {"yield_mm": -0.1}, {"yield_mm": math.nan}, {"repeats": 1}])
def test_bad_figures_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(InputError, match="allowed:"):
        curved_coverage(MEDICAL, Technique(2), **bad)  # type: ignore[arg-type]


def test_too_many_strikes_are_refused() -> None:
    with pytest.raises(InputError, match=r"up to \d+ passes"):
        curved_coverage(Pen(12, 6, 100, 20), Technique(500))
