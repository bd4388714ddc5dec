"""Depth, closing of the channels and redness, each only as far as it was measured. Times are hours.

What nobody has measured well enough for one person is not here: how much of a product gets in, what the deeper skin makes of
it, how scars or the scalp will look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.knowledge.rows import Measured
from needlewise.simulate.geometry import number_in

OPEN_SHARE = 0.16  # an opening this far from closed is no longer told from closed skin; see `closed_after_hours`
PRIOR_HALF_LIFE_HOURS = 5.0  # the 2016 post: halved in 4 to 6 hours; only a starting point
PRIOR_LOG_SD = 1.0  # wide: 95 % between 0.7 and 35 hours


def measured(quantity: str) -> tuple[Measured, ...]:
    """Return the published measurements of "depth-share", "closure" or "redness"."""
    rows: dict[str, Measured] = table("healing")
    return tuple(row for row in rows.values() if row.quantity == quantity)


def depth_mm(needle_mm: float) -> tuple[float, float]:
    """Return the range of depths a needle of this length may reach: published shares of its length, 0.20 to 0.77.

    The low end is a roller on rat skin, the high end a flat array pressed into living human skin. There is no best guess
    between them: nobody has measured rollers in people well enough.
    """
    number_in("mm", needle_mm, 0.05, 10)
    rows = measured("depth-share")
    return needle_mm * min(row.low for row in rows), needle_mm * max(row.high for row in rows)


def closure() -> tuple[Measured, ...]:
    """Return one bar for each end point and condition, shortest first; never merged into one curve."""
    return tuple(sorted(measured("closure"), key=lambda row: (row.high, row.id)))


def longest_closure_hours() -> float:
    """Return the longest time any human measurement leaves channels open, one standard deviation included: for safety."""
    return max(row.high for row in measured("closure") if row.safety)


def closed_after_hours(half_life_hours: float, open_share: float = OPEN_SHARE) -> float:
    """Return when an exponential closing falls below what can be told: t½ · log2(1 / share).

    With 16 % this gives the three closure times of the impedance study (PMC8259462) from its half-lives within 10 %.
    """
    number_in("half-life", half_life_hours, 0.01, 1000, "h")
    number_in("share", open_share, 0.001, 0.999, "")
    return half_life_hours * math.log2(1 / open_share)


@dataclass(frozen=True)
class Redness:
    """How fast a person's redness halves.

    Attributes
    ----------
    half_life_hours, low_hours, high_hours : float
        Median, and the 90 % interval.
    start : float or None
        Redness above baseline at time 0, in the unit measured; None without measurements.
    measurements : int
    """

    half_life_hours: float
    low_hours: float
    high_hours: float
    start: float | None
    measurements: int


def redness(hours: Sequence[float] = (), above_baseline: Sequence[float] = (), sd: float | None = None) -> Redness:
    """Fit y(t) = A · 2^(−t/h) to one person's own timed redness, with a wide prior on h.

    Parameters
    ----------
    hours, above_baseline : sequences of float
        Times since the session, and redness minus the person's baseline in any unit.
    sd : float
        Standard deviation of one measurement, in the same unit.

    Notes
    -----
    ln h has a normal prior (median 5 h, SD 1), A a flat one, which is integrated out exactly; h is summed over a grid.
    Without measurements the prior comes back.

    Raises
    ------
    InputError
        Lists of unequal length, a negative time, or measurements without their standard deviation.
    """
    if len(hours) != len(above_baseline):
        raise InputError("redness", len(above_baseline), f"one value for each of the {len(hours)} times")
    for hour in hours:
        number_in("hours", hour, 0, 1000, "h")
    for value in above_baseline:
        number_in("redness", value, -1e6, 1e6, "")
    if hours and (sd is None or not (math.isfinite(sd) and sd > 0)):
        raise InputError("sd", sd, "above 0: how far two measurements of the same skin differ")
    grid = [math.log(PRIOR_HALF_LIFE_HOURS) + PRIOR_LOG_SD * (i / 100 - 4) for i in range(801)]
    logs, starts = [], []
    for x in grid:
        weight, start = _evidence(math.exp(x), hours, above_baseline, sd or 1.0)
        logs.append(weight - 0.5 * ((x - math.log(PRIOR_HALF_LIFE_HOURS)) / PRIOR_LOG_SD) ** 2)
        starts.append(start)
    top = max(logs)
    weights = [math.exp(v - top) for v in logs]
    low, middle, high = (math.exp(_quantile(grid, weights, q)) for q in (0.05, 0.5, 0.95))
    mean = sum(w * a for w, a in zip(weights, starts, strict=True)) / sum(weights) if hours else None
    return Redness(middle, low, high, mean, len(hours))


def _evidence(half_life: float, hours: Sequence[float], values: Sequence[float], sd: float) -> tuple[float, float]:
    """Return the log likelihood of a half-life with the start integrated out, and the best start."""
    if not hours:
        return 0.0, 0.0
    shape = [2 ** (-t / half_life) for t in hours]
    power = sum(s * s for s in shape)
    if power < 1e-12:
        return -1e12, 0.0
    start = sum(s * v for s, v in zip(shape, values, strict=True)) / power
    miss = sum((v - start * s) ** 2 for s, v in zip(shape, values, strict=True))
    return -0.5 * miss / sd**2 - 0.5 * math.log(power), start


def _quantile(grid: Sequence[float], weights: Sequence[float], share: float) -> float:
    wanted, run = share * sum(weights), 0.0
    for x, weight in zip(grid, weights, strict=True):
        run += weight
        if run >= wanted:
            return x
    return grid[-1]
