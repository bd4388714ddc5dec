"""Drawn strikes against closed forms, published figures and plain common sense."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_geometry import KNOWN, MEDICAL

from needlewise.errors import InputError
from needlewise.simulate.coverage import RADII_MM, Coverage, coverage, measure
from needlewise.simulate.geometry import Pen, Roller, Stamp, Tool, neighbour_share
from needlewise.simulate.nearest import Cells, nearest, neighbours
from needlewise.simulate.strikes import HANDS, Hand, Technique, density_per_cm2, strikes

TOOLS = [MEDICAL, Roller(540, 20, 20, 9), Roller(97, 25, 30), Stamp(35, 10), Stamp(35, 10, 12), Pen(12, 6, 100, 40)]


@pytest.fixture(scope="module")
def twenty() -> Coverage:
    return coverage(MEDICAL, Technique(20), seed=7, repeats=12)


def test_density_is_the_closed_form_within_half_a_percent(twenty: Coverage) -> None:
    assert twenty.mean.density_per_cm2 == pytest.approx(twenty.closed_density, rel=0.005)
    assert twenty.mean.density_per_cm2 == pytest.approx(twenty.closed_density, abs=5 * twenty.standard_error.density_per_cm2)


def test_within_is_the_closed_form(twenty: Coverage) -> None:
    drawn = dict(zip(RADII_MM, zip(twenty.mean.within, twenty.standard_error.within, strict=True), strict=True))
    for r, (measured, se) in KNOWN["geo-F"]["measured"].items():
        mean, own = drawn[float(r)]
        exact = twenty.closed_within[float(r)]
        assert exact == pytest.approx(KNOWN["geo-F"]["predicted"][r], abs=5e-5)
        assert mean == pytest.approx(exact, abs=4 * own)
        assert mean == pytest.approx(measured, abs=4 * math.hypot(own, se))


def test_duplicates(twenty: Coverage) -> None:
    known = KNOWN["geo-dup"]
    assert twenty.mean.duplicate_share == pytest.approx(known["measured"], rel=known["relative"])


def test_neighbours_follow_their_law() -> None:
    found: dict[str, list[float]] = {r: [] for r in KNOWN["geo-G"]["measured"]}
    for seed in range(8):
        points = np.concatenate(list(strikes(MEDICAL, Technique(20), 53, np.random.default_rng(seed))))
        beside, _ = neighbours(Cells(points), (np.abs(points) < 50).all(1), 0.25)
        for r, shares in found.items():
            shares.append(float(np.mean(beside <= float(r))))
    for r, (measured, se, _) in KNOWN["geo-G"]["measured"].items():
        mean, own = np.mean(found[r]), np.std(found[r], ddof=1) / math.sqrt(8)
        assert mean == pytest.approx(neighbour_share(float(r), MEDICAL.density_per_pass, 20), abs=4 * own)
        assert mean == pytest.approx(measured, abs=4 * math.hypot(own, se))


def test_20_passes_of_540_are_56_of_192() -> None:
    known = KNOWN["geo-equiv"]
    a = coverage(Roller(540, 20, 20, 9), Technique(known["passes_540"]), repeats=4).mean
    b = coverage(MEDICAL, Technique(known["passes_192"]), repeats=4).mean
    for one, gap, duplicates in zip((a, b), known["gap_p95"], known["duplicates"], strict=True):
        assert one.gap_p95_mm == pytest.approx(gap, rel=0.05)
        assert one.duplicate_share == pytest.approx(duplicates, rel=0.03)
    assert a.density_per_cm2 == pytest.approx(b.density_per_cm2, rel=0.01)
    assert a.nearest_median_mm == pytest.approx(b.nearest_median_mm, rel=0.03)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda t: f"{type(t).__name__}-{t.needles}")
@pytest.mark.parametrize("hand", HANDS)
def test_mean_density_is_exact_for_every_hand(tool: Tool, hand: str) -> None:
    technique = Technique(4, 4, HANDS[hand])
    counts = [sum(map(len, strikes(tool, technique, 60, np.random.default_rng(s)))) for s in range(40)]
    mean, se = np.mean(counts) / 144, np.std(counts, ddof=1) / 144 / math.sqrt(40)
    assert mean == pytest.approx(density_per_cm2(tool, technique), abs=4.5 * se + 1e-9)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda t: f"{type(t).__name__}-{t.needles}")
@given(directions=st.integers(1, 16), passes=st.integers(1, 4), seed=st.integers(0, 2**32))
@settings(max_examples=8)
def test_density_adds_up_and_knows_no_direction(tool: Tool, directions: int, passes: int, seed: int) -> None:
    found = sum(len(hits) for hits in strikes(tool, Technique(passes, directions), 80, np.random.default_rng(seed)))
    expected = tool.density_per_pass * 160**2 / 100
    if isinstance(tool, Stamp):
        expected = 160**2 / tool.step_mm**2 * tool.needles
    rim = 4 * 160 * tool.needles / 160  # a pass can gain or lose along the rim only
    assert abs(found / passes - expected) < max(0.05 * expected, rim)


def test_shares_grow_with_radius_and_passes() -> None:
    few, many = (coverage(MEDICAL, Technique(n), repeats=2).mean for n in (3, 9))
    assert list(few.within) == sorted(few.within)
    assert all(a <= b for a, b in zip(few.within, many.within, strict=True))
    assert few.largest_gap_mm > many.largest_gap_mm


def test_the_same_seed_draws_the_same() -> None:
    assert coverage(MEDICAL, Technique(4), seed=3, repeats=2) == coverage(MEDICAL, Technique(4), seed=3, repeats=2)
    assert coverage(MEDICAL, Technique(4), seed=3, repeats=2) != coverage(MEDICAL, Technique(4), seed=4, repeats=2)


def test_retracing_covers_less() -> None:
    even, retrace = (coverage(MEDICAL, Technique(20, 4, HANDS[h]), repeats=3) for h in ("even", "retrace"))
    assert retrace.mean.within[3] < even.mean.within[3] - 0.03
    assert retrace.mean.duplicate_share > even.mean.duplicate_share
    assert not retrace.closed_within


def test_gaps_between_lanes_thin_the_dose() -> None:
    found = coverage(MEDICAL, Technique(4, 4, Hand(gap_mm=5)), repeats=4)
    assert found.closed_density == pytest.approx(4 * MEDICAL.density_per_pass * 20 / 25)
    assert found.mean.density_per_cm2 == pytest.approx(found.closed_density, rel=0.02)


@given(st.integers(2, 400), st.integers(1, 60), st.integers(0, 10**6), st.sampled_from([2, 3]), st.floats(0, 1))
@settings(max_examples=60)
def test_nearest_is_exact(n: int, m: int, seed: int, axes: int, clump: float) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-50, 50, (n, axes)) * np.where(rng.uniform(size=(n, 1)) < clump, 0.01, 1.0)
    asked = rng.uniform(-60, 60, (m, axes))
    table = np.linalg.norm(points[None] - asked[:, None], axis=2)
    cells = Cells(points)
    assert nearest(cells, asked) == pytest.approx(table.min(1))
    some = rng.uniform(size=n) < 0.8
    beside, before = neighbours(cells, some, 5.0)
    each = np.linalg.norm(points[None] - points[:, None], axis=2)
    np.fill_diagonal(each, np.inf)
    assert beside == pytest.approx(each.min(1)[some])
    each[np.triu_indices(n)] = np.inf
    first = each.min(1)[some]
    assert before == pytest.approx(np.where(first <= 5, first, np.inf))


def test_one_point_has_no_neighbour() -> None:
    alone = Cells(np.zeros((1, 2)))
    assert [found.tolist() for found in neighbours(alone, np.ones(1, bool), 0.25)] == [[np.inf], [np.inf]]
    assert nearest(alone, np.array([[3.0, 4.0]]))[0] == 5
    assert nearest(Cells(np.zeros((0, 2))), np.zeros((1, 2)))[0] == np.inf


def test_measures_of_a_known_lattice() -> None:
    line = np.arange(-60, 60) + 0.5
    points = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    found = measure(points, 50, np.random.default_rng(1))
    assert found.density_per_cm2 == 100 and found.density_sd == 0
    assert found.nearest_median_mm == pytest.approx(1) and found.duplicate_share == 0
    assert found.largest_gap_mm == pytest.approx(math.sqrt(0.5), abs=0.02)
    assert found.within[3] == pytest.approx(math.pi / 4, abs=0.01)


@pytest.mark.parametrize("technique", [(0, 4), (5, 0), (5, 17), (1001, 4)])
def test_impossible_techniques_are_refused(technique: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="allowed:"):
        Technique(*technique)
    with pytest.raises(InputError, match="gap-mm"):
        coverage(MEDICAL, Technique(1, 1, Hand(gap_mm=-20)))


def test_sparse_and_dense_devices_get_fitting_patches() -> None:
    sparse, dense = coverage(Roller(1, 50, 50), Technique(1), repeats=2), coverage(Pen(12, 6, 100, 20), Technique(30), repeats=2)
    assert sparse.patch_mm > 100 > dense.patch_mm
    assert dense.mean.strikes < 200_000
    with pytest.raises(InputError, match="too many to draw"):
        coverage(Pen(100, 6, 1000, 0.01), Technique(1))
