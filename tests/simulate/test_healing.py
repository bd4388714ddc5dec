"""Depth, closing and redness: ranges as published, and nothing that nobody measured."""

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_geometry import KNOWN

import needlewise.simulate
from needlewise import cli
from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.simulate.healing import (
    OPEN_SHARE,
    closed_after_hours,
    closure,
    depth_mm,
    longest_closure_hours,
    measured,
    redness,
)

FORBIDDEN = re.compile(r"(^|_)(mg|milligrams?|ug|micrograms?|flux|dose_delivered|collagen|elastin|hairs?|scars?|forecast)(_|$)")


def test_depth_is_a_range_of_published_shares() -> None:
    assert depth_mm(1.0) == pytest.approx((0.20, 0.77), abs=0.005)
    assert depth_mm(1.5) == pytest.approx((0.30, 1.155), abs=0.005)


def test_half_lives_lead_to_closure_times() -> None:
    known = KNOWN["close-sites"]
    assert known["open_share"] == OPEN_SHARE
    for half_life, hours in known["half_life_then_closure_h"].values():
        assert closed_after_hours(half_life) == pytest.approx(hours, rel=known["relative"])
    rows = {row.id: row for row in measured("closure")}
    for site, (half_life, hours) in known["half_life_then_closure_h"].items():
        row = rows["close-" + site.replace("_", "-")]
        assert row.half_life == half_life and row.says[0].value == hours and row.low < hours < row.high


def test_closing_times_are_as_published() -> None:
    known = KNOWN["close-published"]
    rows = {row.id: row for row in measured("closure")}
    for name, hours in known["hours"].items():
        low, high = hours if isinstance(hours, list) else (hours, hours)
        assert rows[name].says[0].value in (hours, (low, high)) and rows[name].high == high and rows[name].low in (low, 0)
    for name, (mean, sd) in known["mean_and_sd"].items():
        assert rows[name].says[0].value == mean
        assert (rows[name].low, rows[name].high) == pytest.approx((mean - sd, mean + sd), abs=0.051)
    assert len(rows) == len(known["hours"]) + len(known["mean_and_sd"]) + len(KNOWN["close-sites"]["half_life_then_closure_h"])


def test_every_bar_says_where_and_how() -> None:
    bars = closure()
    assert [bar.high for bar in bars] == sorted(bar.high for bar in bars)
    for bar in bars:
        assert bar.end_point and bar.skin and bar.condition and bar.says[0].source in table("sources")


def test_safety_uses_the_longest_human_bound() -> None:
    human = [bar for bar in closure() if "human" in bar.skin]
    assert longest_closure_hours() == max(bar.high for bar in human)
    assert 72 <= longest_closure_hours() <= table("care")["channels"].duration_hours  # the plan waits at least as long


def test_redness_without_measurements_is_the_wide_prior() -> None:
    found = redness()
    assert found.half_life_hours == pytest.approx(5, rel=0.02) and found.start is None
    assert found.low_hours < 1 and found.high_hours > 24


@given(st.floats(1, 20), st.floats(3, 30))
def test_redness_finds_the_half_life(half_life: float, start: float) -> None:
    hours = [0, 1, 2, 4, 8, 16, 24, 48]
    found = redness(hours, [start * 2 ** (-t / half_life) for t in hours], 0.05)
    assert found.half_life_hours == pytest.approx(half_life, rel=0.1)
    assert found.low_hours <= found.half_life_hours <= found.high_hours
    assert found.start == pytest.approx(start, rel=0.1)


def test_more_noise_is_less_certain() -> None:
    narrow, wide = (redness([0, 6, 24], [10, 4.4, 0.4], sd) for sd in (0.2, 3))
    assert wide.high_hours - wide.low_hours > narrow.high_hours - narrow.low_hours


@pytest.mark.parametrize("bad", [([0], [1, 2], 1), ([0], [1], None), ([0], [1], 0), ([-1], [1], 1), ([0], [float("inf")], 1)])
def test_bad_redness_is_refused(bad: tuple[list[float], list[float], float | None]) -> None:
    with pytest.raises(InputError, match="allowed:"):
        redness(*bad)


def names_in(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Dict):
            found |= {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in found}


def test_what_nobody_measured_is_not_computed(capsys: pytest.CaptureFixture[str]) -> None:
    package = Path(next(iter(needlewise.simulate.__path__)))
    shown = [package.parent / "share" / "simulated.py", package.parent / "share" / "dose.py", package.parent / "charts.py"]
    drawn = {"likeness.py", "portrait.py", "relief.py"}  # they draw a person, who has hair; they compute nothing about it
    files = [*(path for path in package.glob("*.py") if path.name not in drawn), *shown]
    assert len(files) > 5
    for file in files:
        bad = [name for name in names_in(ast.parse(file.read_text(encoding="utf-8"))) if FORBIDDEN.search(name)]
        assert not bad, f"{file.name} names {bad}"
    cli.main(["coverage", "--device", "roller-192", "--passes", "2", "--mm", "0.5", "--json"])
    assert not [key for key in re.findall(r'"(\w+)":', capsys.readouterr().out) if FORBIDDEN.search(key)]
    assert not [row for row in table("healing").values() if row.quantity not in ("depth-share", "closure", "redness")]


@pytest.mark.parametrize("name", ["milligrams", "collagen_share", "hair_forecast", "mg_per_cm2", "scar_depth"])
def test_the_guard_sees_a_forbidden_name(name: str) -> None:
    assert FORBIDDEN.search(next(iter(names_in(ast.parse(f"def {name}(): ...")))))
    assert not FORBIDDEN.search("charge") and json.dumps(name)
