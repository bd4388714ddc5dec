"""Is a change real? From two numbers and how much such numbers wander to a verdict, with an interval.

Shots of one session share light and skin state, so more shots shrink only σ_shot; σ_session stays whole:

    Var(difference) = 2·σ²_session + σ²_shot·(1/n_before + 1/n_after)
    smallest detectable change = t(0.975, df)·√Var(difference)

With n shots either side that is t·√2·√(σ²_session + σ²_shot/n). Source of the form: Weir. J Strength Cond Res 2005;19:231-40
(minimal difference), with a normal quantile replaced by Student's t because the σ are estimated.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, variance
from types import MappingProxyType

from needlewise.errors import InputError
from needlewise.measure.student import quantile
from needlewise.said import say

__all__ = [
    "CONFIDENCE", "DEFAULTS", "VERDICTS", "Change", "Measure", "Spread", "direction", "judge", "not_comparable",
    "smallest_detectable", "spread_from", "too_soon",
]  # fmt: skip

CONFIDENCE = 0.95
VERDICTS = ("better", "worse", "no detectable change", "too early", "not comparable")
DAYS_APART = 28  # our choice: what needling does to skin takes weeks to months, and looking more often only shows chance


@dataclass(frozen=True)
class Spread:
    """How much a measure wanders where nothing changed.

    Attributes
    ----------
    session : float
        Standard deviation between days of the same skin, in the measure's unit.
    shot : float
        Standard deviation between shots of one session.
    df : float
        Degrees of freedom: how many repeats `session` is worth.
    basis : str
        Where they come from, in words for the person.
    """

    session: float
    shot: float
    df: float
    basis: str

    def __post_init__(self) -> None:
        for name in ("session", "shot"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(name, value, "a standard deviation of 0 or more")
        if not self.df > 0:
            raise InputError("df", self.df, "more than 0")


# Used until a person's own untreated days are known. df is what lets other people wander more than the default says.
DEFAULTS: Mapping[str, Spread] = MappingProxyType({
    "redness": Spread(0.60, 0.24, 12, say(
        "the default for redness (between days {days:.2f}, between shots {shots:.2f} in 100·log10(R/G)), from photos "
        "re-photographed in simulation with the light within 25°; not from your own skin", days=0.60, shots=0.24)),
    "spots": Spread(0.80, 0.30, 12, say(
        "the default for dark spots (between days {days:.2f}, between shots {shots:.2f} in 100·log10), from spots painted on "
        "faces and re-photographed in simulation with the light within 25°; not from your own skin", days=0.80, shots=0.30)),
    "texture": Spread(4.2, 2.8, 12, say(
        "the default for texture (between days {days} %, between shots {shots} %), from faces photographed within one minute "
        "with the light within 25° and within 12°; not from your own skin; the index understates a change in relief about "
        "threefold", days=4.2, shots=2.8)),
})  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """What is measured: `better` says whether a lower or a higher number is."""

    what: str
    method: str
    unit: str
    better: str = "lower"

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            raise InputError("better", self.better, "lower or higher")


@dataclass(frozen=True)
class Change:
    """One change in one zone; the numbers are None where the photos may not be compared.

    `low` and `high` bound the true difference (after minus before) with 95 % confidence.
    """

    zone: str
    what: str
    method: str
    unit: str
    difference: float | None
    low: float | None
    high: float | None
    smallest_detectable: float | None
    verdict: str
    basis: str


def smallest_detectable(sd_session: float, sd_shot: float, n_before: int, n_after: int, df: float) -> float:
    """Return the smallest difference that chance makes in fewer than 5 of 100 comparisons, in the unit of the SDs."""
    if min(n_before, n_after) < 1:
        raise InputError("shots", min(n_before, n_after), "at least 1 before and 1 after")
    wander = 2 * sd_session**2 + sd_shot**2 * (1 / n_before + 1 / n_after)
    return quantile(0.5 + CONFIDENCE / 2, df) * math.sqrt(wander)


def spread_from(untreated: Sequence[Sequence[float]], sessions: Sequence[Sequence[float]], default: Spread) -> Spread:
    """Return a person's own spread, held together with the default by as much as the default is worth.

    Parameters
    ----------
    untreated : sequence of sequences
        The shots of each day on which nothing had been done; two days are advised, none is allowed.
    sessions : sequence of sequences
        The shots of every other session: they tell σ_shot only.
    default : Spread

    Returns
    -------
    Spread
        s² = (df₀·s₀² + df·s²)/(df₀ + df) and df₀ + df degrees of freedom, for both σ (Smyth. Stat Appl Genet Mol Biol
        2004;3:3, eq. for the moderated variance): two days alone would make t = 12.7 and no change detectable.
    """
    repeats = [list(shots) for shots in (*untreated, *sessions) if len(shots) > 1]
    shot_df = sum(len(shots) - 1 for shots in repeats)
    shot_own = sum(variance(shots) * (len(shots) - 1) for shots in repeats) / shot_df if shot_df else 0.0
    shot = math.sqrt(_moderated(default.shot**2, default.df, shot_own, shot_df)) if shot_df else default.shot
    days = [list(shots) for shots in untreated if shots]
    day_df = len(days) - 1
    if day_df < 1:
        basis = default.basis
        if shot_df:
            of_shots = shot_df + len(repeats)
            basis = say("{basis}; between shots from your own {shots} shots", basis=basis, shots=of_shots)
        return replace(default, shot=shot, basis=basis)
    # the means of days wander by σ²_session + σ²_shot/n: what the shots explain is taken off again
    between = variance([fmean(shots) for shots in days]) - shot**2 * fmean(1 / len(shots) for shots in days)
    session = math.sqrt(max(_moderated(default.session**2, default.df, between, day_df), 0.0))
    basis = say("your own {days} untreated days, held together with {basis}", days=len(days), basis=default.basis)
    return Spread(session, shot, default.df + day_df, basis)


def judge(
    zone: str,
    measure: Measure,
    difference: float,
    spread: Spread,
    shots: tuple[int, int],
    *,
    wider: float = 1.0,
    early: bool = False,
) -> Change:
    """Return the change with its interval and verdict.

    Parameters
    ----------
    difference : float
        After minus before, in the measure's unit.
    shots : (int, int)
        How many photos before and after.
    wider : float
        Factor of the interval where the photos are comparable only with a wider one; at least 1.
    early : bool
        The review date lies ahead: the numbers are given, the verdict waits.
    """
    if not (math.isfinite(difference) and wider >= 1):
        raise InputError("difference", difference, "a finite number, and a factor of the interval of at least 1")
    limit = wider * smallest_detectable(spread.session, spread.shot, *shots, spread.df)
    verdict = "too early" if early else direction(difference - limit, difference + limit, measure.better)
    basis = spread.basis
    if wider != 1:
        basis = say("{basis}; interval {wider:.2g} times as wide because the photos differ", basis=basis, wider=wider)
    return Change(zone, measure.what, measure.method, measure.unit, difference, difference - limit, difference + limit,
                  limit, verdict, basis)  # fmt: skip


def not_comparable(zone: str, measure: Measure, reason: str) -> Change:
    """Return a change without numbers, because photos that may not be compared give none worth reading."""
    return Change(zone, measure.what, measure.method, measure.unit, None, None, None, None, "not comparable", reason)


def direction(low: float, high: float, better: str) -> str:
    """Return better or worse where the interval leaves 0 out, else that no change was detectable."""
    if low <= 0 <= high:
        return "no detectable change"
    return "better" if (high < 0) == (better == "lower") else "worse"


def too_soon(last: dt.date, today: dt.date, days_apart: int = DAYS_APART) -> str:
    """Return kind words and the day to come back if it is too soon to measure again, else ""."""
    since = (today - last).days
    if since < 0:
        raise InputError("last", last.isoformat(), say("a day up to {day}", day=today.isoformat()))
    if since >= days_apart:
        return ""
    again = (last + dt.timedelta(days=days_apart)).isoformat()
    return say(
        "The photos before are from {ago}. Skin changes over weeks, so a look now would show chance, not change. "
        "Measure again from {again}; until then your skin needs no watching.", ago=_ago(since), again=again,
    )  # fmt: skip


def _ago(days: int) -> str:
    if days < 2:
        return say("one day earlier") if days else say("the same day")
    return say("{days} days earlier", days=days)


def _moderated(prior: float, prior_df: float, own: float, own_df: float) -> float:
    share = own_df / (prior_df + own_df)
    return prior + share * (own - prior)
