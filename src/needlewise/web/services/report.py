"""What a dermatologist would ask for, on paper: who, what was done when, with what, and what was measured."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from needlewise import model
from needlewise.errors import InputError
from needlewise.web.models import Change, Event, Person, Session
from needlewise.web.services.devices import InDrawer, drawer
from needlewise.web.services.planning import today, with_plan

LOOKED_BACK = dt.timedelta(days=2 * 365)  # our choice: what a dermatologist reads; an export holds everything


@dataclass(frozen=True)
class Done:
    """What was done alike in some zones of one session."""

    session: Session
    zones: tuple[str, ...]
    mm: float | None
    passes: int
    endpoint: str
    pain: float | None


@dataclass(frozen=True)
class Report:
    """Everything the printed page shows."""

    person: Person
    told: model.Person | None
    plan: model.Plan | None
    since: dt.date
    devices: list[InDrawer]
    done: list[Done]
    events: list[Event]
    changes: list[Any]


def report_of(person: Person) -> Report:
    """Gather the report of one person."""
    told, plan = _planned(person)
    since = today() - LOOKED_BACK
    sessions = Session.objects.of(person).filter(ended__isnull=False, started__date__gte=since).prefetch_related("zones")
    changes = Change.objects.filter(reading__sitting__person=person, reading__sitting__day__gte=since)
    return Report(
        person, told, plan, since, [*drawer(person), *drawer(person, retired=True, since=since)],
        [done for session in sessions for done in _done(session)],
        list(Event.objects.of(person).filter(date__gte=since)),
        list(changes.select_related("reading__sitting").order_by("reading__sitting__day", "zone", "what")),
    )  # fmt: skip


def _done(session: Session) -> list[Done]:
    alike: dict[tuple[Any, ...], list[str]] = {}
    for log in session.zones.all():
        pain = max((score for _, score in log.pain), default=None)
        alike.setdefault((log.mm, sum(log.passes.values()), log.endpoint, pain), []).append(log.zone)
    return [Done(session, tuple(zones), *what) for what, zones in alike.items()]


def _planned(person: Person) -> tuple[model.Person | None, model.Plan | None]:
    """Who they said they are and their plan; neither where a record cannot be planned with."""
    try:
        return with_plan(person)
    except InputError:
        return None, None
