"""The trend of a series over months: a straight line that one bad photo cannot bend, with its interval."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.change import CONFIDENCE, Measure, Spread, direction
from needlewise.measure.student import quantile

__all__ = ["FEWEST_SESSIONS", "OnLine", "Point", "Session", "Trend", "trend"]

Floats: TypeAlias = NDArray[np.float64]

DAYS_A_MONTH = 365.25 / 12
FEWEST_SESSIONS = 5  # with fewer, a last session gone wrong looks like a trend
CUT = 4.685  # residuals beyond so many standard deviations count nothing; 95 % efficient on normal errors (Huber 1981)
EFFICIENCY = 0.95
MEDIAN_COST = math.pi / 2  # of a median's variance over a mean's, for many shots; for three it is 1.35
ROUNDS = 50


@dataclass(frozen=True)
class Session:
    """The shots of one day, each already measured."""

    day: dt.date
    values: tuple[float, ...]


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
    values = np.array([median(session.values) for session in ordered])
    scale = np.sqrt([spread.session**2 + spread.shot**2 * _cost(len(session.values)) for session in ordered])
    t = quantile(0.5 + CONFIDENCE / 2, spread.df)
    points = [Point(s.day, float(v), float(t * sd), len(s.values), True) for s, v, sd in zip(ordered, values, scale, strict=True)]
    if len(ordered) < FEWEST_SESSIONS:
        basis = f"{len(ordered)} sessions; a trend needs {FEWEST_SESSIONS}, so that one bad photo cannot make it"
        return Trend(*named, None, None, None, len(ordered), (), "too early", basis, tuple(points))
    months = np.array([(session.day - ordered[0].day).days for session in ordered]) / DAYS_A_MONTH
    slope, height, weights = _line(months, values, scale)
    counted = weights > 0
    middle, level_error, slope_error = _standard_errors(months[counted], scale[counted])
    wide = t * slope_error
    points = [point._replace(counts=bool(counts)) for point, counts in zip(points, counted, strict=True)]
    left_out = tuple(point.day for point in points if not point.counts)
    verdict = "too early" if early else direction(slope - wide, slope + wide, measure.better)
    on_line = height + slope * months
    half = t * np.hypot(level_error, (months - middle) * slope_error)
    line = tuple(OnLine(s.day, float(v), float(v - h), float(v + h)) for s, v, h in zip(ordered, on_line, half, strict=True))
    return Trend(*named, slope, slope - wide, slope + wide, len(ordered), left_out, verdict, spread.basis, tuple(points), line)


def _line(x: Floats, y: Floats, scale: Floats) -> tuple[float, float, Floats]:
    """Return the slope, the height at x = 0 and the weight of every session, shape (N,)."""
    one, two = np.triu_indices(len(x), 1)
    slope = float(np.median((y[two] - y[one]) / (x[two] - x[one])))
    height = float(np.median(y - slope * x))
    weights = np.ones(len(x))
    for _ in range(ROUNDS):
        far = (y - height - slope * x) / (scale * CUT)
        weights = np.where(np.abs(far) < 1, (1 - far**2) ** 2, 0)
        exact = weights / scale**2
        if (exact > 0).sum() < FEWEST_SESSIONS - 1:  # no line most sessions agree on: all count, and the slope stays the median
            return slope, height, np.ones(len(x))
        middle, level = np.average(x, weights=exact), np.average(y, weights=exact)
        better = float((exact * (x - middle) * (y - level)).sum() / (exact * (x - middle) ** 2).sum())
        height = float(level - better * middle)
        if math.isclose(better, slope, rel_tol=1e-10, abs_tol=1e-12):
            break
        slope = better
    return slope, height, weights


def _standard_errors(x: Floats, scale: Floats) -> tuple[float, float, float]:
    """Return the middle of x, and the standard errors of the line's height there and of its slope."""
    exact = 1 / scale**2
    middle = float(np.average(x, weights=exact))
    spread = float((exact * (x - middle) ** 2).sum())
    return middle, float(1 / np.sqrt(EFFICIENCY * exact.sum())), float(1 / np.sqrt(EFFICIENCY * spread))


def _cost(shots: int) -> float:
    """Return the variance of the median of so many shots, in units of one shot's."""
    return 1 / shots if shots < 3 else MEDIAN_COST / shots


def _check(sessions: Sequence[Session]) -> None:
    if len({session.day for session in sessions}) < len(sessions):
        raise InputError("day", "two sessions on one day", "one session a day", "put its shots together")
    for session in sessions:
        if not (session.values and math.isfinite(fmean(session.values))):
            raise InputError("values", session.values, f"at least one finite value on {session.day.isoformat()}")
