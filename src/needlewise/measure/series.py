"""Many days of one person: each compared with the first photos, and the straight line through them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.measure.change import DEFAULTS
from needlewise.measure.pair import BLEMISHES, PIGMENT, REDNESS, TEXTURE, WIDE, Comparison, compare
from needlewise.measure.trend import Session, Trend, trend

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
    """Trends by (zone, measure), and the days that could not be used, with why."""

    trends: Mapping[tuple[str, str], Trend]
    unused: Mapping[str, str]


def series(days: Sequence[Day], review: dt.date | None = None, today: dt.date | None = None) -> Series:
    """Compare every day with the first photos and fit the trends.

    One bad photo does not end the series: its day is named in `unused`.

    Raises
    ------
    InputError
        No day could be used.
    """
    values: dict[tuple[str, str], list[Session]] = {}
    unused: dict[str, str] = {}
    for day in days:
        try:
            found = compare(day.before, day.after, day.zones, day.control)
            taken = _taken(day.name, found)
        except InputError as error:
            unused[day.name] = str(error)
            continue
        first = found.before.photo.meta.taken
        for c in found.changes:
            mine = values.setdefault((c.zone, c.what), [Session(first.date(), (0.0,))] if first else [])
            if c.difference is not None:
                mine.append(Session(taken, (c.difference,)))
        if all(c.difference is None for c in found.changes):
            unused[day.name] = "not comparable: " + "; ".join(found.comparable["redness"].reasons)
    if not values:
        raise InputError("manifest", f"{len(days)} days", "at least one day that can be used", next(iter(unused.values()), ""))
    early = review is not None and (today or dt.date.today()) < review
    measures = {m.what: m for m in (REDNESS, PIGMENT, TEXTURE, BLEMISHES)}
    trends = {
        (zone, what): trend(measures[what], _one_a_day(sessions), SPREADS[what], early)
        for (zone, what), sessions in values.items()
        if sessions
    }
    return Series(trends, unused)


def _one_a_day(sessions: Sequence[Session]) -> list[Session]:
    days: dict[dt.date, list[float]] = {}
    for session in sessions:
        days.setdefault(session.day, []).extend(session.values)
    return [Session(day, tuple(values)) for day, values in days.items()]


def _taken(name: str, found: Comparison) -> dt.date:
    taken = found.after.photo.meta.taken
    if taken is not None:
        return taken.date()
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        raise InputError("pair", name, "a date such as 2026-11-23, as the photo does not say when it was taken") from None
