"""After a session: warning signs, when a photograph of the redness matters, and whether it fades as expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.knowledge.rows import Measured
from needlewise.knowledge.session_rows import Flag
from needlewise.model import Says
from needlewise.said import join, say
from needlewise.simulate.geometry import number_in
from needlewise.simulate.healing import Redness, measured, redness

URGENCIES = ("emergency", "today", "soon")  # most urgent first
START_WITHIN_HOURS = 6.0  # our choice: a first measurement later than this no longer shows where the redness began
JUDGED_FROM_HOURS = 24.0  # before that it may still rise: the rule's sign is redness that grows after a day
BEYOND = 2.0  # standard deviations: about one false alarm in 40 at each point
VERDICTS = ("as expected", "slower than expected", "not enough points")


def red_flags(hours: float | None = None) -> tuple[Flag, ...]:
    """Return the warning signs that count at `hours` after the session (all of them if None), most urgent first."""
    rows: list[Flag] = list(table("flags").values())
    fits = [r for r in rows if hours is None or (r.from_hours <= hours and (not r.to_hours or hours <= r.to_hours))]
    return tuple(sorted(fits, key=lambda r: URGENCIES.index(r.urgency)))


def report_to(country: str) -> str:
    """Return where a harm is reported in this country; where none was read, whom to ask."""
    for row in table("regulation").values():
        if row.country == country.upper() and row.report:
            return say("Report it to {name}: others learn from it.", name=row.report)
    return say("Report it to your country's regulator of medical devices: others learn from it.")


def photo_hours() -> tuple[float, ...]:
    """Return the hours after a session at which a photograph of the redness matters."""
    return tuple(table("care")["redness-photos"].choice.value)


@dataclass(frozen=True)
class Expected:
    """Redness expected at an hour, as a share of where it began: the low and high end of 90 %, and the middle."""

    hours: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class ExpectedRedness:
    """What a chart of the redness shows beside one's own points.

    Attributes
    ----------
    curve : tuple of Expected
        From the wide prior of `simulate.healing.redness`: half-life 5 h, 90 % from 1 to 26 h.
    published : tuple of Measured
        One bar for each published measurement of redness on needled skin: gone by then, in its condition.
    says : tuple of Says
    """

    curve: tuple[Expected, ...]
    published: tuple[Measured, ...]
    says: tuple[Says, ...]


def expected_redness(hours: Sequence[float] | None = None) -> ExpectedRedness:
    """Return the expected range at these hours; at every second hour of the first three days if None."""
    prior = redness()
    when = [2.0 * i for i in range(37)] if hours is None else [number_in("hours", h, 0, 1000, "h") for h in hours]
    curve = tuple(
        Expected(h, *(_left(h, t) for t in (prior.low_hours, prior.half_life_hours, prior.high_hours))) for h in when
    )
    return ExpectedRedness(curve, measured("redness"), table("care")["redness"].says)


def _left(hours: float, half_life: float) -> float:
    return float(2 ** (-hours / half_life))


@dataclass(frozen=True)
class RednessJudged:
    """Whether redness fades as expected.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    text : str
    fit : Redness or None
        The person's own half-life; None where there are not enough points.
    slower_at : tuple of float
        Hours at which it was redder than the slow end of what is expected.
    says : tuple of Says
    """

    verdict: str
    text: str
    fit: Redness | None
    slower_at: tuple[float, ...]
    says: tuple[Says, ...]


def judge_redness(hours: Sequence[float], above_baseline: Sequence[float], sd: float | Sequence[float]) -> RednessJudged:
    """Compare a person's timed redness with what is expected.

    Parameters
    ----------
    hours, above_baseline : sequences of float
        Times since the session, and redness minus the person's own before it, in any one unit.
    sd : float or sequence of float
        Standard deviation of a measurement, one for all or one each.

    Notes
    -----
    A point from 24 h on is slower than expected when it exceeds y₀·2^(−(t−t₀)/h) by more than twice its standard deviation
    together with that of the start; (t₀, y₀) is the first point, h the slow end (95 %) of the prior half-life, 26 h.

    Raises
    ------
    InputError
        Lists of unequal length, a time that cannot be, or a standard deviation that is not above 0.
    """
    spread = [float(sd)] * len(hours) if isinstance(sd, int | float) else [float(s) for s in sd]
    if not len(hours) == len(above_baseline) == len(spread):
        raise InputError("redness", len(above_baseline), f"one value and one spread for each of the {len(hours)} times")
    for h, y, s in zip(hours, above_baseline, spread, strict=True):
        number_in("hours", h, 0, 1000, "h")
        number_in("redness", y, -1e6, 1e6, "")
        number_in("sd", s, 1e-9, 1e6, "")
    points = sorted(zip(hours, above_baseline, spread, strict=True))
    says = table("care")["redness"].says
    later = [p for p in points if p[0] >= JUDGED_FROM_HOURS]
    if not points or points[0][0] > START_WITHIN_HOURS or not later:
        text = say("Not enough photographs yet: one within {start:g} hours of the session and one from {later:g} hours on.",
                   start=START_WITHIN_HOURS, later=JUDGED_FROM_HOURS)  # fmt: skip
        return RednessJudged("not enough points", text, None, (), says)
    fit = redness([p[0] for p in points], [p[1] for p in points], max(spread))
    slow = tuple(h for h, y, s in later if _above(points[0], (h, y, s)))
    if not slow:
        text = say("Your redness fades within what is expected.")
        return RednessJudged("as expected", text, fit, (), says)
    text = say("At {hours:g} hours it is redder than expected. Look for warning signs: spreading, heat, pain that grows, pus, "
               "fever. With any of them, be seen today.", hours=slow[0])  # fmt: skip
    return RednessJudged("slower than expected", join([text, table("care")["redness"].home]), fit, slow, says)


def _above(start: tuple[float, float, float], point: tuple[float, float, float]) -> bool:
    share = _left(point[0] - start[0], redness().high_hours)
    expected = max(0.0, start[1]) * share
    noise = (point[2] ** 2 + (share * start[2]) ** 2) ** 0.5
    return bool(point[1] - expected > BEYOND * noise)
