"""Today: the one thing to do first, then what rests, what may go on the skin, and what the day holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from needlewise import model
from needlewise.knowledge import table
from needlewise.share import merge, outline
from needlewise.share.merge import Todo
from needlewise.treat.clock import Done, Ready, SkinNow, ready_times, skin_now
from needlewise.treat.expect import expectation
from needlewise.treat.stages import due
from needlewise.web.models import Person, Session, Sitting
from needlewise.web.services.outcome import Outcome, outcome
from needlewise.web.services.planning import today, with_plan

AFTERCARE = dt.timedelta(hours=max(r.offset_hours + r.duration_hours for r in table("care").values() if r.phase == "channels"))
REMEMBERED = dt.timedelta(days=400)  # sessions older than this bear on nothing that waits


@dataclass(frozen=True)
class Rest:
    """A zone that rests, and from when it may be needled again, by the skin's own rest."""

    zones: tuple[str, ...]
    ready: dt.datetime
    why: Ready

    @property
    def over(self) -> bool:
        """Whether the rest has ended."""
        return self.ready <= timezone.now()


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
    waits: tuple[Ready, ...]
    todos: tuple[Todo, ...]
    coming: tuple[tuple[dt.date, tuple[Todo, ...]], ...]


def day_of(person: Person) -> Day:
    """Put today together."""
    day, now = today(), timezone.localtime()
    who, made = with_plan(person, day)
    sessions = list(_sessions(person))
    running = next((s for s in sessions if s.ended is None), None)
    last = next((s for s in sessions if s.ended is not None), None)
    zones = tuple(z.zone for z in made.zones if not due(who, made, z, day))
    done = [d for s in sessions if s.ended for d in done_in(s)]
    ready = ready_times(who, done, made) if done else ()
    kind = _kind(person, who, made, running, last, zones, sessions)
    todos = merge.todos(made)
    coming = tuple((date, tuple(items)) for date, items in todos.items() if date > day and shown(items))[:2]
    return Day(
        kind,
        made,
        outcome(made),
        zones,
        running or last,
        _rests(ready),
        skin_now(ready, now) if ready else None,
        tuple(r for r in ready if r.kind != "session"),
        tuple(shown(todos.get(day, ()))),
        tuple((d, tuple(shown(t))) for d, t in coming),
    )


def done_in(session: Session) -> list[Done]:
    """Return the zones that were needled in a session, as the clock reads them."""
    assert session.ended is not None
    ended, length = timezone.localtime(session.ended), session.device.mm if session.device else None
    logs = [log for log in session.zones.all() if log.done or any(log.passes.values())]
    return [Done(log.zone, ended, log.mm or length or _longest()) for log in logs]


def _longest() -> float:
    """A length that nobody wrote down rests like the longest that is planned anywhere."""
    return float(max(max(row.mm) for row in table("lengths").values()))


def _sessions(person: Person) -> QuerySet[Session]:
    since = timezone.now() - REMEMBERED
    return Session.objects.of(person).filter(started__gte=since).select_related("device").prefetch_related("zones")


def _kind(
    person: Person,
    who: model.Person,
    made: model.Plan,
    running: Session | None,
    last: Session | None,
    zones: tuple[str, ...],
    sessions: list[Session],
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
    if newest is not None and _look(who, sessions, newest):
        return "look"
    return made.verdict if made.verdict in ("ask", "refer", "stop", "wait") else "rest"


def _soon(made: model.Plan) -> bool:
    """Whether the first pictures are due: the plan puts them a day before the first session."""
    return any(s.action == "photo" and s.date <= made.start for s in made.steps)


def _look(who: model.Person, sessions: list[Session], newest: dt.date) -> bool:
    """Whether it is time for the same pictures again, and they have not been taken since that day."""
    days = sorted(timezone.localtime(s.ended).date() for s in sessions if s.ended)
    for goal in who.goals if days else ():
        seen = expectation(goal.concern, days[0], len(days), today(), who.setting)
        if seen.stage in ("time to look", "past the course") and seen.look_on is not None and newest < seen.look_on:
            return True
    return False


def _rests(ready: tuple[Ready, ...]) -> tuple[Rest, ...]:
    groups: dict[dt.datetime, list[Ready]] = {}
    for r in ready:
        if r.kind == "session":
            groups.setdefault(r.at, []).append(r)
    return tuple(Rest(tuple(r.label for r in group), at, group[0]) for at, group in groups.items())


def shown(todos: tuple[Todo, ...] | list[Todo]) -> list[Todo]:
    """What a day's list shows: what belongs into a session itself is told there."""
    inside = ("inspect", "sterilise", "prepare", "numb", "channels", "redness", "replace")
    return [t for t in todos if t.step.action not in inside]


def short(todo: Todo) -> str:
    """Return what is to be done in one line."""
    return outline.first_sentence(outline.care_text(todo.step.text))
