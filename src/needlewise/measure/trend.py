"""The trend of a series over months: a straight line that one bad photo cannot bend, with its interval.

A series has tens of days, so the standard library is quick enough, and whoever shows a trend need not load numpy.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, compress
from statistics import fmean, median
from typing import NamedTuple

from needlewise.errors import InputError
from needlewise.measure.change import CONFIDENCE, Measure, Spread, direction
from needlewise.measure.student import quantile
from needlewise.said import say

__all__ = ["FEWEST_SESSIONS", "OnLine", "Point", "Session", "Trend", "trend"]

DAYS_A_MONTH = 365.25 / 12
FEWEST_SESSIONS = 5  # with fewer, a last session gone wrong looks like a trend
CUT = 4.685  # residuals beyond so many standard deviations count nothing; 95 % efficient on normal errors (Huber 1981)
EFFICIENCY = 0.95
MEDIAN_COST = math.pi / 2  # of a median's variance over a mean's, for many shots; for three it is 1.35
ROUNDS = 50


@dataclass(frozen=True)
class Session:
    """The shots of one day, each already measured; `wider` is the factor of the interval where the photos differed."""

    day: dt.date
    values: tuple[float, ...]
    wider: float = 1.0


class Point(NamedTuple):
    """One session as it counts: the median of its shots, half the width of its 95 % interval, and whether it counts."""

    day: dt.date
    value: float
    half_width: float
    shots: int
    counts: bool


class OnLine(NamedTuple):
    """The line on one day, with the 95 % interval of the line there."""

    day: dt.date
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Trend:
    """Change a month, with a 95 % interval; None where there are too few sessions.

    `left_out` are the days whose sessions lie too far from the line to count; `line` is empty where there is none.
    """

    what: str
    method: str
    unit: str
    per_month: float | None
    low: float | None
    high: float | None
    sessions: int
    left_out: tuple[dt.date, ...]
    verdict: str
    basis: str
    points: tuple[Point, ...] = ()
    line: tuple[OnLine, ...] = ()


def trend(measure: Measure, sessions: Sequence[Session], spread: Spread, early: bool = False) -> Trend:
    """Return the straight line through the sessions.

    Each session counts by the median of its shots. From Theil and Sen's line (the median of all slopes between two sessions)
    Tukey's biweight at the scale the person's own spread gives settles the slope; its standard error is σ/√(0.95·Σ(x−x̄)²)
    over the sessions that count, its interval Student's with the spread's degrees of freedom. The line's own interval on a day
    adds σ²/(0.95·N) for its height to (x−x̄)² of the slope's variance, as for any straight line.

    Parameters
    ----------
    sessions : sequence of Session
        In any order, one a day.
    early : bool
        The review date lies ahead: the verdict waits.

    References
    ----------
    Sen. J Am Stat Assoc 1968;63:1379-89. Beaton, Tukey. Technometrics 1974;16:147-85.
    """
    ordered = sorted(sessions, key=lambda session: session.day)
    _check(ordered)
    named = measure.what, measure.method, measure.unit
    values = [median(session.values) for session in ordered]
    scale = [s.wider * math.sqrt(spread.session**2 + spread.shot**2 * _cost(len(s.values))) for s in ordered]
    t = quantile(0.5 + CONFIDENCE / 2, spread.df)
    points = [Point(s.day, v, t * sd, len(s.values), True) for s, v, sd in zip(ordered, values, scale, strict=True)]
    if len(ordered) < FEWEST_SESSIONS:
        basis = say("{sessions} sessions; a trend needs {least}, so that one bad photo cannot make it", sessions=len(ordered),
                    least=FEWEST_SESSIONS)  # fmt: skip
        return Trend(*named, None, None, None, len(ordered), (), "too early", basis, tuple(points))
    months = [(session.day - ordered[0].day).days / DAYS_A_MONTH for session in ordered]
    slope, height, weights = _line(months, values, scale)
    counted = [weight > 0 for weight in weights]
    middle, level_error, slope_error = _standard_errors(list(compress(months, counted)), list(compress(scale, counted)))
    wide = t * slope_error
    points = [point._replace(counts=counts) for point, counts in zip(points, counted, strict=True)]
    left_out = tuple(point.day for point in points if not point.counts)
    verdict = "too early" if early else direction(slope - wide, slope + wide, measure.better)
    line = []
    for session, month in zip(ordered, months, strict=True):
        value, half = height + slope * month, t * math.hypot(level_error, (month - middle) * slope_error)
        line.append(OnLine(session.day, value, value - half, value + half))
    return Trend(
        *named, slope, slope - wide, slope + wide, len(ordered), left_out, verdict, spread.basis, tuple(points), tuple(line)
    )


def _line(x: Sequence[float], y: Sequence[float], scale: Sequence[float]) -> tuple[float, float, list[float]]:
    """Return the slope, the height at x = 0 and the weight of every session."""
    slope = median((y[j] - y[i]) / (x[j] - x[i]) for i, j in combinations(range(len(x)), 2))
    height = median(v - slope * at for at, v in zip(x, y, strict=True))
    weights = [1.0] * len(x)
    for _ in range(ROUNDS):
        far = [(v - height - slope * at) / (sd * CUT) for at, v, sd in zip(x, y, scale, strict=True)]
        weights = [(1 - f**2) ** 2 if abs(f) < 1 else 0.0 for f in far]
        if sum(weight > 0 for weight in weights) < FEWEST_SESSIONS - 1:
            return slope, height, [1.0] * len(x)  # no line most sessions agree on: all count, and the slope stays the median
        exact = [weight / sd**2 for weight, sd in zip(weights, scale, strict=True)]
        middle, level = _average(x, exact), _average(y, exact)
        along = math.fsum(w * (at - middle) * (v - level) for w, at, v in zip(exact, x, y, strict=True))
        better = along / math.fsum(w * (at - middle) ** 2 for w, at in zip(exact, x, strict=True))
        height = level - better * middle
        if math.isclose(better, slope, rel_tol=1e-10, abs_tol=1e-12):
            break
        slope = better
    return slope, height, weights


def _average(values: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(w * value for w, value in zip(weights, values, strict=True)) / math.fsum(weights)


def _standard_errors(x: Sequence[float], scale: Sequence[float]) -> tuple[float, float, float]:
    """Return the middle of x, and the standard errors of the line's height there and of its slope."""
    exact = [1 / sd**2 for sd in scale]
    middle = _average(x, exact)
    spread = math.fsum(w * (at - middle) ** 2 for w, at in zip(exact, x, strict=True))
    return middle, 1 / math.sqrt(EFFICIENCY * math.fsum(exact)), 1 / math.sqrt(EFFICIENCY * spread)


def _cost(shots: int) -> float:
    """Return the variance of the median of so many shots, in units of one shot's."""
    return 1 / shots if shots < 3 else MEDIAN_COST / shots


def _check(sessions: Sequence[Session]) -> None:
    if len({session.day for session in sessions}) < len(sessions):
        raise InputError("day", "two sessions on one day", "one session a day", "put its shots together")
    for session in sessions:
        if not (session.values and math.isfinite(fmean(session.values))):
            allowed = say("at least one finite value on {day}", day=session.day.isoformat())
            raise InputError("values", session.values, allowed)
