"""One concern: what may be expected by now, what was measured, and what to do next. No score, and no forecast."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from needlewise.knowledge import table
from needlewise.knowledge.rows import Concern
from needlewise.measure.change import CONFIDENCE, Measure, Spread, direction
from needlewise.measure.student import quantile
from needlewise.measure.trend import Session as Day
from needlewise.measure.trend import Trend, trend
from needlewise.share.trend_chart import Lane, Mark, trend_chart
from needlewise.treat.expect import Expectation, expectation
from needlewise.web.models import Change, Event, Person, Reading, ZoneLog
from needlewise.web.services import measuring, photos
from needlewise.web.services.comparing import NOT_COMPARABLE, TOO_EARLY, Compared, shown
from needlewise.web.services.measuring import Standing
from needlewise.web.services.planning import today
from needlewise.web.spoken import sentence, short_day
from needlewise.web.words import event_words

# Our own choice: what a photo shows that speaks of which concern. Scars, hair and the body are for the eyes: see `share.guide`
SPEAKS: Mapping[str, tuple[str, ...]] = MappingProxyType({"marks": ("pigment",), "lines": ("texture",), "texture": ("texture",)})
SPEAKS_OF = MappingProxyType({"post-acne-redness": ("redness", "blemishes"), "sun-damage": ("pigment", "texture")})
PRODUCT_EVENTS = ("new-routine", "new-medicine")
BETTER, WORSE, NO_CHANGE = "better", "worse", "no detectable change"
NO_PHOTOS, NOT_MEASURED = "no photos", "not measured"
Needled: TypeAlias = tuple[str, UUID, dt.date]  # a zone, the session, and its day
FEW = 4.0  # degrees of freedom where none are known


@dataclass(frozen=True)
class Line:
    """One zone and measure over time; `chart` is SVG."""

    zone: str
    what: str
    trend: Trend
    latest: Change
    chart: str


@dataclass(frozen=True)
class Progress:
    """Where one concern stands.

    Attributes
    ----------
    goal : mapping
        As in the profile: concern, zones.
    expect : Expectation
    answer : str
        better, worse, no detectable change, too early, not comparable, "no photos" or "not measured".
    latest : Compared or None
        The latest comparison that counts.
    lines : tuple of Line
        What speaks of this concern; `beside` what else changed in its zones.
    again : date or None
        From when another look can show change, if that is to come.
    eyes : tuple of (Standing, Standing)
        First and latest day of each view that is only for the eyes.
    happened : tuple of Lane
    """

    goal: Mapping[str, Any]
    expect: Expectation
    answer: str
    latest: Compared | None
    lines: tuple[Line, ...]
    beside: tuple[Change, ...]
    again: dt.date | None
    eyes: tuple[tuple[Standing, Standing], ...]
    happened: tuple[Lane, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        return speaks(table("concerns")[self.goal["concern"]])


def speaks(concern: Concern) -> tuple[str, ...]:
    """Return the measures that speak of a concern; none where a number would say nothing."""
    return SPEAKS_OF.get(concern.id) or SPEAKS.get(concern.group, ())


def goals(person: Person) -> list[dict[str, Any]]:
    """Return the person's goals, those with a concern we know."""
    return [goal for goal in person.profile.get("goals") or [] if goal.get("concern") in table("concerns")]


def progress(person: Person, only: str | None = None) -> list[Progress]:
    """Return where each concern stands (or `only` one), in a number of queries that does not grow."""
    chosen = [goal for goal in goals(person) if only in (None, goal["concern"])]
    if not chosen:
        return []
    standings = measuring.standings(person)
    done = ZoneLog.objects.filter(session__person=person, session__ended__isnull=False)
    logs = [(zone, session, timezone.localtime(at).date())
            for zone, session, at, passes in done.values_list("zone", "session_id", "session__started", "passes")
            if any(passes.values())]  # fmt: skip
    events = list(Event.objects.of(person))
    read = _read(standings)
    changes = list(Change.objects.filter(reading__in=[s.sitting.reading.pk for s in read]))
    spreads = _spreads(read)
    return [_one(person, goal, standings, read, logs, events, changes, spreads) for goal in chosen]


def _read(standings: Sequence[Standing]) -> list[Standing]:
    """Return the days that were read and count, of the view that has most of them."""
    counts = [s for s in standings if s.state == "read" and s.sitting.hours_after is None]
    poses = Counter(s.sitting.pose for s in counts)
    best = max(measuring.READ_POSES, key=lambda pose: poses[pose])
    return [s for s in counts if s.sitting.pose == best]


def _spreads(read: Sequence[Standing]) -> dict[str, Any]:
    """Return how much each measure wanders in each zone, as the latest reading knew it."""
    if not read:
        return {}
    result = Reading.objects.values_list("result", flat=True).get(pk=read[-1].sitting.reading.pk)
    return dict((result or {}).get("spreads", {}))


def _one(
    person: Person, goal: Mapping[str, Any], standings: Sequence[Standing], read: Sequence[Standing], logs: Sequence[Needled],
    events: Sequence[Event], changes: Sequence[Change], spreads: Mapping[str, Any],
) -> Progress:  # fmt: skip
    concern: Concern = table("concerns")[goal["concern"]]
    zones = tuple(goal.get("zones", ()))
    days = sorted({session: day for zone, session, day in logs if zone in zones}.values())
    setting = person.profile.get("person", {}).get("setting") or "home"
    expect = expectation(concern.id, days[0] if days else None, len(days), today(), setting)
    measures = speaks(concern)
    latest = shown(read[-1], expect.look_on) if read else None
    here = [c for c in (latest.changes if latest else ()) if c.zone in (*zones, "face")]
    happened = _happened(days, events)
    lines = _lines(read, changes, spreads, [c for c in here if c.what in measures], expect.look_on, happened)
    others = tuple(c for c in here if c.what not in measures and c.verdict in (BETTER, WORSE))
    answer = _answer(bool(measures), [c for c in here if c.what in measures], spreads)
    return Progress(goal, expect, answer, latest, lines, others, photos.patience(standings), _eyes(concern, standings), happened)


def _answer(measured: bool, changes: Sequence[Change], spreads: Mapping[str, Any]) -> str:
    """Return one word for all zones and measures together: what calls for care comes first.

    With several looked at, one in twenty would say better or worse by chance alone. So each interval is widened until all of them
    together are right 95 times in 100 (Bonferroni: Dunn. J Am Stat Assoc 1961;56:52-64).
    """
    if not measured:
        return NOT_MEASURED
    verdicts = {change.verdict for change in changes} & {TOO_EARLY, NOT_COMPARABLE}
    numbers = [change for change in changes if change.difference is not None]
    if numbers and TOO_EARLY not in verdicts:
        said = {_together(change, spreads, len(numbers)) for change in numbers}
        return next(v for v in (WORSE, BETTER, NO_CHANGE) if v in said)
    return next((v for v in (TOO_EARLY, NOT_COMPARABLE) if v in verdicts), NO_PHOTOS)


def _together(change: Change, spreads: Mapping[str, Any], number: int) -> str:
    assert change.difference is not None and change.low is not None and change.high is not None
    df = spreads.get(change.what, {}).get(change.zone, {}).get("df") or FEW
    wider = quantile(1 - (1 - CONFIDENCE) / 2 / number, df) / quantile(0.5 + CONFIDENCE / 2, df)
    low, high = (change.difference + wider * (end - change.difference) for end in (change.low, change.high))
    return direction(low, high, Measure(change.what, change.method, change.unit).better)


def _lines(
    read: Sequence[Standing], changes: Sequence[Change], spreads: Mapping[str, Any], latest: Sequence[Change],
    look_on: dt.date | None, happened: Sequence[Lane],
) -> tuple[Line, ...]:  # fmt: skip
    when = {standing.sitting.reading.pk: standing.sitting.day for standing in read}
    out = []
    for change in latest:
        spread = spreads.get(change.what, {}).get(change.zone)
        against = read[0].against
        if spread is None or against is None:
            continue
        days = {against.sitting.day: 0.0}
        for c in changes:
            if (c.zone, c.what) == (change.zone, change.what) and c.difference is not None:
                days[when[c.reading_id]] = c.difference
        measure = Measure(change.what, change.method, change.unit)
        early = look_on is not None and today() < look_on
        found = trend(measure, [Day(day, (value,)) for day, value in days.items()], Spread(**spread), early)
        chart = trend_chart(change.zone, found, look_on, happened, sentence, short_day)
        out.append(Line(change.zone, change.what, found, change, chart))
    return tuple(out)


def _happened(days: Iterable[dt.date], events: Sequence[Event]) -> tuple[Lane, ...]:
    """Return what else may have changed the skin, in lanes: sessions, products, and the rest."""
    marks: dict[str, list[Mark]] = {"sessions": [Mark(day, day, gettext("session")) for day in days], "products": [], "other": []}
    for event in sorted(events, key=lambda e: e.date):
        lane = "products" if event.what in PRODUCT_EVENTS else "other"
        marks[lane].append(Mark(event.date, event.until or event.date, event_words(event.what)))
    names = {"sessions": gettext("Sessions"), "products": gettext("Products and medicines"), "other": gettext("Also happened")}
    return tuple(Lane(names[lane], tuple(found), lane == "sessions") for lane, found in marks.items() if found)


def _eyes(concern: Concern, standings: Sequence[Standing]) -> tuple[tuple[Standing, Standing], ...]:
    """Return first and latest day of each view that is kept to look at, for concerns that no number speaks of."""
    views = {"scars": ("lamp-left", "lamp-right"), "hair": ("scalp",), "body": ("body",)}.get(concern.group, ())
    out = []
    for view in views:
        days = [s for s in standings if s.sitting.pose == view]
        if len(days) > 1:
            out.append((days[0], days[-1]))
    return tuple(out)
