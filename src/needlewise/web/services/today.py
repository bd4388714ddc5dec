"""Today: the one thing to do first, then what rests, what may go on the skin, and what the day holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from needlewise import model
from needlewise.knowledge import table
from needlewise.share import merge
from needlewise.share.merge import Todo
from needlewise.treat.clock import Done, Ready, SkinNow, ready_times, skin_now
from needlewise.treat.expect import expectation
from needlewise.treat.stages import due
from needlewise.web.models import Person, Session, Sitting
from needlewise.web.services.outcome import Outcome, outcome
from needlewise.web.services.planning import REMEMBERED, Needled, needled, today, with_plan

AFTERCARE = dt.timedelta(hours=max(r.offset_hours + r.duration_hours for r in table("care").values() if r.phase == "channels"))
CALENDAR = ("pause", "photo", "session", "restart", "sunscreen", "follow-up-photo", "review")


@dataclass(frozen=True)
class Rest:
    """A zone that rests, and from when it may be needled again, by the skin's own rest."""

    zones: tuple[str, ...]
    ready: dt.datetime
    why: Ready


@dataclass(frozen=True)
class Day:
    """Everything that Today shows.

    `kind` names the first thing to do: "open" (a session to go on with), "photos", "session", "aftercare", "look", or the plan's
    own "ask", "refer", "stop", "wait", and "rest" when there is nothing to do.
    """

    kind: str
    plan: model.Plan
    outcome: Outcome
    due: tuple[str, ...]
    session: Session | None
    rests: tuple[Rest, ...]
    skin: SkinNow | None
    waiting: tuple[Ready, ...]
    stopped: tuple[Ready, ...]
    paused: tuple[Todo, ...]
    coming: tuple[tuple[dt.date, tuple[Todo, ...]], ...]


def day_of(person: Person) -> Day:
    """Put today together."""
    day, now = today(), timezone.localtime()
    who, made = with_plan(person, day)
    logs = needled(person)
    sessions = _newest(person)
    running = next((s for s in sessions if s.ended is None), None)
    last = next((s for s in sessions if s.ended is not None), None)
    zones = tuple(z.zone for z in made.zones if not due(who, made, z, day))
    done = [Done(log.zone, log.ended, log.mm or _longest()) for log in logs if log.zone]
    ready = ready_times(who, done, made) if done else ()
    kind = _kind(person, who, made, running, last, zones, logs)
    skin = skin_now(sorted(ready, key=lambda r: not r.yours), now) if ready else None
    not_yet = skin.not_yet if skin else ()
    pauses = [t for date, todos in merge.todos(made).items() if date <= day for t in todos if t.step.action == "pause"]
    return Day(
        kind=kind,
        plan=made,
        outcome=outcome(made),
        due=zones,
        session=running or last,
        rests=_rests(ready, now),
        skin=skin,
        waiting=tuple(r for r in not_yet if r.at > now),
        stopped=tuple(r for r in not_yet if r.at <= now),
        paused=tuple(t for t in pauses if t.step.until is None or t.step.until > day),
        coming=tuple(_ahead(made, day))[:3],
    )


def _longest() -> float:
    """A length that nobody wrote down rests like the longest that is planned anywhere."""
    return float(max(max(row.mm) for row in table("lengths").values()))


def _newest(person: Person) -> list[Session]:
    """Return the session that is open, if there is one, and the one that ended last."""
    recent = Session.objects.of(person).filter(started__gte=timezone.now() - REMEMBERED)
    return list(recent.order_by(F("ended").desc(nulls_first=True))[:2])


def _kind(
    person: Person,
    who: model.Person,
    made: model.Plan,
    running: Session | None,
    last: Session | None,
    zones: tuple[str, ...],
    logs: list[Needled],
) -> str:
    if running is not None:
        return "open"
    if last is not None and last.ended is not None and timezone.now() - last.ended < AFTERCARE and last.stage != "past":
        return "aftercare"
    newest = Sitting.objects.of(person).order_by("-day").values_list("day", flat=True).first()
    if zones or _soon(made):
        if newest is None:
            return "photos"
        if zones:
            return "session"
    if newest is not None and _look(who, logs, newest):
        return "look"
    return made.verdict if made.verdict in ("ask", "refer", "stop", "wait") else "rest"


def _soon(made: model.Plan) -> bool:
    """Whether the first pictures are due: the plan puts them a day before the first session."""
    return any(s.action == "photo" and s.date <= made.start for s in made.steps)


def _look(who: model.Person, logs: list[Needled], newest: dt.date) -> bool:
    """Whether it is time for the same pictures again, and they have not been taken since that day."""
    days = sorted({log.session: log.ended.date() for log in logs}.values())
    for goal in who.goals if days else ():
        seen = expectation(goal.concern, days[0], len(days), today(), who.setting)
        if seen.stage in ("time to look", "past the course") and seen.look_on is not None and newest < seen.look_on:
            return True
    return False


def _rests(ready: tuple[Ready, ...], now: dt.datetime) -> tuple[Rest, ...]:
    groups: dict[dt.datetime, list[Ready]] = {}
    for r in ready:
        if r.kind == "session" and r.at > now:
            groups.setdefault(r.at, []).append(r)
    return tuple(Rest(tuple(r.label for r in group), at, group[0]) for at, group in groups.items())


def shown(todos: Iterable[Todo]) -> list[Todo]:
    """Return what a day in the calendar shows: what belongs into a session is told there."""
    return [t for t in todos if t.step.action in CALENDAR]


def _ahead(made: model.Plan, day: dt.date) -> Iterator[tuple[dt.date, tuple[Todo, ...]]]:
    """Yield the days up to the next session and what to do on them; what follows a session is told after it."""
    for date, todos in merge.todos(made).items():
        items = tuple(t for t in todos if t.step.action in ("pause", "photo", "session"))
        if date > day and items:
            yield date, items
        if any(t.step.action == "session" for t in items):
            return
