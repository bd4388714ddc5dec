"""Many days of one person: each compared with the first photos, and the straight line through them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.measure.change import DEFAULTS, too_soon
from needlewise.measure.own import NOBODYS, untreated_days
from needlewise.measure.pair import BLEMISHES, PIGMENT, REDNESS, SPOTS, TEXTURE, WIDE, Comparison, compare
from needlewise.measure.trend import Session, Trend, trend
from needlewise.said import join, say

SPREADS = {**WIDE, **DEFAULTS}


@dataclass(frozen=True)
class Day:
    """One later day: its photos against the first ones; `name` may be its date when the photos carry none."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    zones: tuple[str, ...]
    control: str = ""


@dataclass(frozen=True, eq=False)
class Series:
    """Trends by (zone, measure), the days that could not be used, with why, and what else a person should know."""

    trends: Mapping[tuple[str, str], Trend]
    unused: Mapping[str, str]
    notes: tuple[str, ...] = ()


def series(
    days: Sequence[Day],
    review: dt.date | None = None,
    today: dt.date | None = None,
    *,
    untreated: Sequence[Sequence[str]] = (),
    anyway: bool = False,
    done: Callable[[], None] = lambda: None,
) -> Series:
    """Compare every day with the first photos and fit the trends.

    One bad photo does not end the series: its day is named in `unused`.

    Parameters
    ----------
    untreated : sequence of sequences of paths
        The shots of each day on which nothing had been done; two at least, or none.
    anyway : bool
        Count the latest day too if it came sooner after the one before than skin can change. Earlier days always count: looking
        back over them is no new look.
    done : callable
        Called after each photo's or day's comparison.

    Raises
    ------
    InputError
        No day could be used, or the untreated days are no two days.
    """
    if not days:
        raise InputError("manifest", "no day", "at least one day with photos before and after")
    first_day, unused = days[0], dict[str, str]()

    def read(shot: object) -> Comparison:
        found = compare(first_day.before[:1], [str(shot)], first_day.zones, first_day.control, anyway=True)
        done()
        return found

    own = untreated_days(untreated, read) if untreated else NOBODYS
    found_days: list[tuple[str, dt.date, Comparison]] = []
    for day in days:
        try:
            found = compare(day.before, day.after, day.zones, day.control, anyway=True)
            found_days.append((day.name, _taken(day.name, found), found))
        except InputError as error:
            unused[day.name] = str(error)
        done()
    if not anyway:
        _wait(found_days, unused)
    values = _sessions(found_days, unused)
    if not values:
        raise InputError("manifest", f"{len(days)} days", "at least one day that can be used", next(iter(unused.values()), ""))
    early = review is not None and (today or dt.date.today()) < review
    measures = {m.what: m for m in (REDNESS, PIGMENT, SPOTS, TEXTURE, BLEMISHES)}
    trends = {
        (zone, what): trend(measures[what], _one_a_day(sessions), own.spread(zone, what, SPREADS[what]), early)
        for (zone, what), sessions in values.items()
        if sessions
    }
    return Series(trends, unused, own.notes)


def _wait(found: list[tuple[str, dt.date, Comparison]], unused: dict[str, str]) -> None:
    """Set the latest day aside if it came sooner after the day before than skin can change."""
    firsts = [c.before.photo.meta.taken for _, _, c in found]
    known = sorted({day for _, day, _ in found} | {taken.date() for taken in firsts if taken})
    if len(known) < 2:
        return
    words = too_soon(known[-2], known[-1])
    for name, day, comparison in list(found):
        if words and day == known[-1]:
            unused[name] = words
            found.remove((name, day, comparison))


def _sessions(found: Sequence[tuple[str, dt.date, Comparison]], unused: dict[str, str]) -> dict[tuple[str, str], list[Session]]:
    """Return the differences to the first photos by zone and measure, the first photos themselves being 0."""
    values: dict[tuple[str, str], list[Session]] = {}
    for name, taken, comparison in found:
        first = comparison.before.photo.meta.taken
        for c in comparison.changes:
            mine = values.setdefault((c.zone, c.what), [Session(first.date(), (0.0,))] if first else [])
            if c.difference is not None:
                mine.append(Session(taken, (c.difference,), comparison.comparable[c.what].width_factor))
        if all(c.difference is None for c in comparison.changes):
            unused[name] = say("not comparable: {reasons}", reasons=join(comparison.comparable["redness"].reasons, "; "))
    return values


def _one_a_day(sessions: Sequence[Session]) -> list[Session]:
    days: dict[dt.date, list[Session]] = {}
    for session in sessions:
        days.setdefault(session.day, []).append(session)
    return [Session(day, tuple(v for s in same for v in s.values), max(s.wider for s in same)) for day, same in days.items()]


def _taken(name: str, found: Comparison) -> dt.date:
    taken = found.after.photo.meta.taken
    if taken is not None:
        return taken.date()
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        raise InputError("pair", name, "a date such as 2026-11-23, as the photo does not say when it was taken") from None
