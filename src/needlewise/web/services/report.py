"""What a dermatologist would ask for, on paper: who, what was done when, with what, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from needlewise import model
from needlewise.errors import InputError
from needlewise.web.models import Change, Event, Person, Session, Sitting
from needlewise.web.services.devices import InDrawer, drawer
from needlewise.web.services.planning import described, plan_of


@dataclass(frozen=True)
class Report:
    """Everything the printed page shows."""

    person: Person
    told: model.Person | None
    plan: model.Plan | None
    devices: list[InDrawer]
    sessions: list[Session]
    events: list[Event]
    sittings: list[Sitting]
    changes: list[Any]


def report_of(person: Person) -> Report:
    """Gather the report of one person."""
    told, plan = _planned(person)
    sessions = Session.objects.of(person).filter(ended__isnull=False).select_related("device").prefetch_related("zones")
    changes = Change.objects.filter(reading__sitting__person=person).select_related("reading__sitting", "reading__against")
    return Report(
        person, told, plan, [*drawer(person), *drawer(person, retired=True)], list(sessions),
        list(Event.objects.of(person)), list(Sitting.objects.of(person).prefetch_related("photos")),
        list(changes.order_by("reading__sitting__day", "zone", "what")),
    )  # fmt: skip


def _planned(person: Person) -> tuple[model.Person | None, model.Plan | None]:
    """Who they said they are and their plan; neither where a record cannot be planned with."""
    try:
        return described(person), plan_of(person)
    except InputError:
        return None, None
