"""One concern: what may be expected by now, what was measured, and what to do next. No score, and no forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext

from needlewise.knowledge import table
from needlewise.knowledge.rows import Concern
from needlewise.measure.change import CONFIDENCE, Measure, direction
from needlewise.measure.student import quantile
from needlewise.measure.trend import Trend
from needlewise.share.trend_chart import Lane, Mark, trend_chart
from needlewise.treat.applied import Applied
from needlewise.treat.expect import Expectation, expectation
from needlewise.web.models import Change, Event, Person, Session, ZoneLog
from needlewise.web.services import settled
from needlewise.web.services.comparing import NOT_COMPARABLE, TOO_EARLY, Compared, shown
from needlewise.web.services.planning import today
from needlewise.web.services.settled import End, Told
from needlewise.web.services.standing import Standing
from needlewise.web.spoken import products, sentence, short_day
from needlewise.web.words import event_words

# Our own choice: what a photo shows that speaks of which concern. Scars, hair and the body are for the eyes: see `share.guide`
SPEAKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"marks": ("spots", "pigment"), "lines": ("texture",), "texture": ("texture",)}
)
SPEAKS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "post-acne-redness": ("redness", "blemishes"), "sun-damage": ("spots", "pigment", "texture"),
    "melasma": ("pigment",),  # patches wider than a spot
})  # fmt: skip
PRODUCT_EVENTS = ("new-routine", "new-medicine")
BETTER, WORSE, NO_CHANGE = "better", "worse", "no detectable change"
NO_PHOTOS, WAITING, NOT_MEASURED = "no photos", "being looked at", "not measured"
VIEWS: Mapping[str, tuple[str, ...]] = MappingProxyType(  # kept to look at, for concerns that no number speaks of
    {"scars": ("lamp-left", "lamp-right"), "hair": ("scalp",), "body": ("body",)}
)
MOST_MARKS = 24  # of one kind, on a page and in its charts: more than a year and a half of monthly sessions
FEW = 4.0  # degrees of freedom where none are known


@dataclass(frozen=True)
class Line:
    """One zone and measure over time, with the days that matter to its chart."""

    zone: str
    what: str
    trend: Trend
    latest: Change
    look_on: dt.date | None
    happened: tuple[Lane, ...]
    write: Callable[[dt.date], str]

    @property
    def chart(self) -> str:
        """The chart as SVG, drawn when a page shows it."""
        return trend_chart(self.zone, self.trend, self.look_on, self.happened, sentence, self.write)


@dataclass(frozen=True)
class Progress:
    """Where one concern stands.

    Attributes
    ----------
    goal : mapping
        As in the profile: concern, zones.
    expect : Expectation
    answer : str
        better, worse, no detectable change, too early, not comparable, "no photos", "being looked at" (photos wait)
        or "not measured".
    latest : Compared or None
        The latest comparison that counts.
    lines : tuple of Line
        What speaks of this concern; `beside` what else changed in its zones.
    again : date or None
        From when another look can show change, if that is to come.
    eyes : tuple of (pose, first End, last End)
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
    eyes: tuple[tuple[str, End, End], ...]
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
    """Return where each concern stands (or `only` one), reading as many records as are shown."""
    chosen = [goal for goal in goals(person) if only in (None, goal["concern"])]
    if not chosen:
        return []
    about = _about(person, chosen)
    return [_one(person, goal, about) for goal in chosen]


@dataclass(frozen=True)
class _About:
    """What all concerns share: the latest day that counts, with the trends of its view, and what else happened."""

    latest: Standing | None
    spreads: Mapping[str, Any]
    trends: Mapping[tuple[str, str, str], Trend]
    told: Told
    again: dt.date | None
    events: tuple[Lane, ...]


def _about(person: Person, chosen: Sequence[Mapping[str, Any]]) -> _About:
    told = settled.sure(person)
    latest = _latest(person, next(iter(told.last.values()), ""))
    concerns: list[Concern] = [table("concerns")[goal["concern"]] for goal in chosen]
    spreads, trends = {}, {}
    if latest is not None:
        spreads = (latest.sitting.reading.result or {}).get("spreads", {})
        zones = {zone for goal in chosen for zone in goal.get("zones", ())} | {"face"}
        measures = {what for concern in concerns for what in speaks(concern)}
        trends = settled.trends(person, pose=latest.sitting.pose, zone__in=zones, what__in=measures)
    return _About(latest, spreads, trends, told, settled.patience(told, person), _events(person))


def _latest(person: Person, key: str) -> Standing | None:
    found = settled.days(person).defer(None).filter(pk=key).first() if key else None
    return Standing(found, (), found.stands.state, Standing(found.stands.against, ())) if found else None


def _one(person: Person, goal: Mapping[str, Any], about: _About) -> Progress:
    concern: Concern = table("concerns")[goal["concern"]]
    zones = tuple(goal.get("zones", ()))
    first, number, marks = _needled(person, zones)
    setting = person.profile.get("person", {}).get("setting") or "home"
    expect = expectation(concern.id, first, number, today(), setting)
    measures = speaks(concern)
    latest = shown(about.latest, expect.look_on) if about.latest else None
    happened = (*_lane(gettext("Sessions"), marks, all(mark.text == gettext("session") for mark in marks)), *about.events)
    here = [c for c in (latest.changes if latest else ()) if c.zone in (*zones, "face")]
    mine = _speaking(here, measures)
    others = tuple(c for c in here if c not in mine and c.verdict in (BETTER, WORSE))
    eyes = tuple((view, *about.told.ends[view]) for view in VIEWS.get(concern.group, ()) if view in about.told.ends)
    answer = _answer(bool(measures), mine, about.spreads, WAITING if about.told.waits else NO_PHOTOS)
    lines = _lines(mine, about.trends, expect.look_on, happened)
    return Progress(goal, expect, answer, latest, lines, others, about.again, eyes, happened)


def _needled(person: Person, zones: Sequence[str]) -> tuple[dt.date | None, int, list[Mark]]:
    """Return the day of the first session in these zones, how many there were, and marks of the latest, the latest first."""
    logs = ZoneLog.objects.filter(session=OuterRef("pk"), zone__in=zones).exclude(passes={})
    done = Session.objects.of(person).filter(Exists(logs), ended__isnull=False)
    found = done.aggregate(first=Min("started"), number=Count("pk"))
    first = found["first"] and timezone.localtime(found["first"]).date()
    latest = done.order_by("-started").values_list("started", "products")[: MOST_MARKS + 1]
    return first, found["number"], [_session_mark(timezone.localtime(at).date(), put_on) for at, put_on in latest]


def _session_mark(day: dt.date, put_on: Sequence[Mapping[str, str]]) -> Mark:
    """Return a session's mark, with what was put on the skin where something was."""
    named = products(a for a in (Applied(**one) for one in put_on) if not a.alone)
    return Mark(day, day, gettext("session: %(products)s") % {"products": named} if named else gettext("session"))


def _speaking(changes: Sequence[Change], measures: Sequence[str]) -> list[Change]:
    """Return what speaks of a concern: where spots were followed they do, and not the pigment of all the skin between them."""
    followed = {c.zone for c in changes if c.what == "spots" and c.difference is not None} if "spots" in measures else set()
    return [c for c in changes if c.what in measures and not (c.what == "pigment" and c.zone in followed)]


def _answer(measured: bool, changes: Sequence[Change], spreads: Mapping[str, Any], without: str) -> str:
    """Return one word for all zones and measures together, or `without` them: what calls for care comes first.

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
    return next((v for v in (TOO_EARLY, NOT_COMPARABLE) if v in verdicts), without)


def _together(change: Change, spreads: Mapping[str, Any], number: int) -> str:
    assert change.difference is not None and change.low is not None and change.high is not None
    df = spreads.get(change.what, {}).get(change.zone, {}).get("df") or FEW
    wider = quantile(1 - (1 - CONFIDENCE) / 2 / number, df) / quantile(0.5 + CONFIDENCE / 2, df)
    low, high = (change.difference + wider * (end - change.difference) for end in (change.low, change.high))
    return direction(low, high, Measure(change.what, change.method, change.unit).better)


def _lines(
    latest: Sequence[Change], trends: Mapping[tuple[str, str, str], Trend], look_on: dt.date | None, happened: tuple[Lane, ...]
) -> tuple[Line, ...]:
    write = cache(short_day)  # the charts share what happened, and its days are written once
    early = look_on is not None and today() < look_on
    pose = next((pose for pose, _, _ in trends), "")
    out = []
    for change in latest:
        found = trends.get((pose, change.zone, change.what))
        if found is not None:
            found = replace(found, verdict=TOO_EARLY) if early else found
            out.append(Line(change.zone, change.what, found, change, look_on, happened, write))
    return tuple(out)


def _events(person: Person) -> tuple[Lane, ...]:
    """Return what else may have changed the skin, in lanes: products, and the rest."""
    product, mine = Q(what__in=PRODUCT_EVENTS), Event.objects.of(person)
    rows = {gettext("Products and medicines"): mine.filter(product), gettext("Also happened"): mine.exclude(product)}
    return tuple(
        lane for name, found in rows.items()
        for lane in _lane(name, [Mark(e.date, e.until or e.date, event_words(e.what)) for e in found[: MOST_MARKS + 1]])
    )  # fmt: skip


def _lane(name: str, marks: Sequence[Mark], plain: bool = False) -> tuple[Lane, ...]:
    """Return a lane of the latest marks (given latest first), none where nothing happened; its name says when there are more."""
    if len(marks) > MOST_MARKS:
        name = gettext("%(name)s (the latest %(number)s)") % {"name": name, "number": MOST_MARKS}
    return (Lane(name, tuple(marks[MOST_MARKS - 1 :: -1]), plain),) if marks else ()
