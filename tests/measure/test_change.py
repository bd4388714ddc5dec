"""Intervals are tried on simulated people whose true change is known."""

import datetime as dt
import math

import numpy as np
import pytest

from needlewise.errors import InputError
from needlewise.measure.change import (
    DEFAULTS,
    VERDICTS,
    Measure,
    Spread,
    judge,
    not_comparable,
    smallest_detectable,
    spread_from,
    too_soon,
)
from needlewise.measure.student import cumulative, quantile
from needlewise.measure.trend import FEWEST_SESSIONS, Session, trend

REDNESS = Measure("redness", "redness@1", "100·log10(R/G)")
SPREAD = Spread(0.6, 0.24, 12, "a test")
PEOPLE = 2500
# three Monte-Carlo standard errors of a share of 0.95
WITHIN = 3 * math.sqrt(0.95 * 0.05 / PEOPLE)
START = dt.date(2026, 1, 5)


def test_student_agrees_with_tables() -> None:
    # NIST/SEMATECH e-Handbook, table of Student's t, two-sided 5 %
    for df, t in {1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 100: 1.984}.items():
        assert quantile(0.975, df) == pytest.approx(t, abs=6e-4)
        assert cumulative(quantile(0.975, df), df) == pytest.approx(0.975, abs=1e-10)
    assert quantile(0.975, math.inf) == pytest.approx(1.959964, abs=1e-6)
    assert quantile(0.025, 7) == -quantile(0.975, 7)


def test_the_formula() -> None:
    same = smallest_detectable(0.6, 0.3, 3, 3, 12)
    assert same == pytest.approx(quantile(0.975, 12) * math.sqrt(2) * math.sqrt(0.6**2 + 0.3**2 / 3))
    assert smallest_detectable(0.6, 0.3, 1, 3, 12) > same
    assert smallest_detectable(0.6, 0.3, 10_000, 10_000, 12) > quantile(0.975, 12) * math.sqrt(2) * 0.6
    with pytest.raises(InputError):
        smallest_detectable(0.6, 0.3, 0, 3, 12)


def people(rng: np.random.Generator, df: float) -> np.ndarray:
    """Each person's own σ over the default's, spread as the default's degrees of freedom say."""
    return 1 / np.sqrt(rng.chisquare(df, PEOPLE) / df)


def session(rng: np.random.Generator, level: float, ratio: float, shots: int) -> list[float]:
    return list(level + rng.normal(0, SPREAD.session * ratio) + rng.normal(0, SPREAD.shot * ratio, shots))


@pytest.mark.parametrize("untreated", [0, 2, 4])
@pytest.mark.parametrize("shots", [(1, 1), (3, 3), (1, 3)])
def test_intervals_hold_95_percent(untreated: int, shots: tuple[int, int]) -> None:
    rng = np.random.default_rng(100 * untreated + 10 * shots[0] + shots[1])
    held = 0
    for ratio in people(rng, SPREAD.df):
        days = [session(rng, 0, ratio, 3) for _ in range(untreated)]
        before, after = session(rng, 0, ratio, shots[0]), session(rng, 1.5, ratio, shots[1])
        own = spread_from(days, [], SPREAD)
        change = judge("cheek-left", REDNESS, float(np.mean(after) - np.mean(before)), own, shots)
        assert change.low is not None and change.high is not None
        held += change.low <= 1.5 <= change.high
    assert held / PEOPLE == pytest.approx(0.95, abs=WITHIN)


def test_own_days_teach_a_wrong_default() -> None:
    """A person who wanders twice as much as the default is served better by every untreated day."""
    rng = np.random.default_rng(5)
    held = []
    for untreated in (0, 2, 6, 20):
        inside = 0
        for _ in range(1000):
            own = spread_from([session(rng, 0, 2, 3) for _ in range(untreated)], [], SPREAD)
            difference = np.mean(session(rng, 0, 2, 3)) - np.mean(session(rng, 0, 2, 3))
            inside += abs(difference) <= smallest_detectable(own.session, own.shot, 3, 3, own.df)
        held.append(inside / 1000)
    assert held == sorted(held)
    assert held[-1] > 0.90


def test_spread_says_where_it_comes_from() -> None:
    default = DEFAULTS["redness"]
    assert spread_from([], [], default) == default
    assert "default" in default.basis and "not from your own skin" in default.basis
    own = spread_from([[1.0, 1.2], [1.4, 1.3]], [], default)
    assert "your own 2 untreated days" in own.basis and "default" in own.basis
    assert own.df == default.df + 1
    shots_only = spread_from([[1.0, 1.2, 1.1]], [[2.0, 2.1]], default)
    assert shots_only.session == default.session and "your own 5 shots" in shots_only.basis


@pytest.mark.parametrize(
    ("difference", "better", "early", "verdict"),
    [
        (-3, "lower", False, "better"),
        (3, "lower", False, "worse"),
        (3, "higher", False, "better"),
        (-3, "higher", False, "worse"),
        (0.5, "lower", False, "no detectable change"),
        (-3, "lower", True, "too early"),
    ],
)
def test_verdicts(difference: float, better: str, early: bool, verdict: str) -> None:
    measure = Measure("redness", "redness@1", "u", better)
    change = judge("chin", measure, difference, SPREAD, (3, 3), early=early)
    assert change.verdict == verdict and verdict in VERDICTS
    assert change.smallest_detectable is not None and change.low == difference - change.smallest_detectable


def test_wider_and_not_comparable() -> None:
    plain, wide = (judge("chin", REDNESS, 1.9, SPREAD, (3, 3), wider=w) for w in (1.0, 1.5))
    assert plain.smallest_detectable and wide.smallest_detectable == pytest.approx(1.5 * plain.smallest_detectable)
    assert "1.5 times as wide" in wide.basis
    refused = not_comparable("chin", REDNESS, "the light came 60° further from the left")
    assert refused.verdict == "not comparable" and refused.difference is None and refused.basis.startswith("the light")
    with pytest.raises(InputError):
        judge("chin", REDNESS, math.nan, SPREAD, (1, 1))


def test_looking_again_too_soon_is_gently_refused() -> None:
    words = too_soon(START, START + dt.timedelta(days=6))
    assert "6 days earlier" in words and "2026-02-02" in words
    assert not too_soon(START, dt.date(2026, 2, 2))
    assert "the same day" in too_soon(START, START)
    with pytest.raises(InputError):
        too_soon(START, START - dt.timedelta(days=1))


def series(rng: np.random.Generator, months: int, slope: float, ratio: float, shots: int = 3) -> list[Session]:
    return [
        Session(START + dt.timedelta(days=30 * i), tuple(session(rng, slope * i * 30 * 12 / 365.25, ratio, shots)))
        for i in range(months)
    ]


@pytest.mark.parametrize("months", [5, 8, 12])
def test_trend_intervals_hold_95_percent(months: int) -> None:
    rng = np.random.default_rng(months)
    held = 0
    for ratio in people(rng, SPREAD.df)[: PEOPLE // 2]:
        found = trend(REDNESS, series(rng, months, -0.3, ratio), SPREAD)
        assert found.low is not None and found.high is not None
        held += found.low <= -0.3 <= found.high
    assert held / (PEOPLE // 2) == pytest.approx(0.95, abs=WITHIN * math.sqrt(2) + 0.01)


@pytest.mark.parametrize("where", [0, 4, -1])
def test_one_bad_session_does_not_make_a_trend(where: int) -> None:
    rng = np.random.default_rng(17)
    for _ in range(100):
        sessions = series(rng, 9, -0.5, 1)
        clean = trend(REDNESS, sessions, SPREAD)
        bad = sessions[where]
        sessions[where] = Session(bad.day, tuple(value + 15 for value in bad.values))
        spoilt = trend(REDNESS, sessions, SPREAD)
        assert clean.per_month is not None and spoilt.per_month is not None and clean.high is not None
        assert abs(spoilt.per_month - clean.per_month) < 0.25
        assert bad.day in spoilt.left_out


def test_one_bad_shot_of_three_hardly_matters() -> None:
    rng = np.random.default_rng(3)
    sessions = series(rng, 6, -0.5, 1)
    first = sessions[-1]
    clean = trend(REDNESS, sessions, SPREAD)
    sessions[-1] = Session(first.day, (first.values[0] + 20, *first.values[1:]))
    spoilt = trend(REDNESS, sessions, SPREAD)
    assert clean.per_month is not None and spoilt.per_month == pytest.approx(clean.per_month, abs=0.1)
    assert not spoilt.left_out


def test_a_day_of_other_light_weighs_less_and_shows_it() -> None:
    sessions = series(np.random.default_rng(4), 8, -0.5, 0.2)
    sessions[-1] = Session(sessions[-1].day, tuple(v + 1.5 for v in sessions[-1].values))
    plain = trend(REDNESS, sessions, SPREAD)
    sessions[-1] = Session(sessions[-1].day, sessions[-1].values, 3.0)
    weighed = trend(REDNESS, sessions, SPREAD)
    assert plain.per_month is not None and weighed.per_month is not None and weighed.low is not None and plain.low is not None
    assert abs(weighed.per_month + 0.5) < abs(plain.per_month + 0.5)
    assert weighed.points[-1].half_width == pytest.approx(3 * plain.points[-1].half_width)
    assert weighed.per_month - weighed.low > plain.per_month - plain.low


def test_trend_verdicts() -> None:
    rng = np.random.default_rng(8)
    sessions = series(rng, 7, -0.8, 1)
    assert trend(REDNESS, sessions, SPREAD).verdict == "better"
    assert trend(REDNESS, sessions[::-1], SPREAD) == trend(REDNESS, sessions, SPREAD)
    assert trend(REDNESS, sessions, SPREAD, early=True).verdict == "too early"
    few = trend(REDNESS, sessions[: FEWEST_SESSIONS - 1], SPREAD)
    assert few.verdict == "too early" and few.per_month is None and "5" in few.basis
    with pytest.raises(InputError, match="one day"):
        trend(REDNESS, [*sessions, sessions[0]], SPREAD)
    with pytest.raises(InputError, match="finite"):
        trend(REDNESS, [*sessions, Session(START - dt.timedelta(days=9), ())], SPREAD)
