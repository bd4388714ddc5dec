"""From records to the plan, and what moved when a record changed."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from needlewise import model
from needlewise.planning import plan, read_person
from needlewise.planning.person import EVENTS
from needlewise.web.models import Device, Event, Person, Session

__all__ = ["described", "mapping", "plan_of", "today"]

CONDITION_EVENTS = {"cold-sore": "cold-sore"}  # an event that lasts until it is over is a condition meanwhile


def today() -> dt.date:
    """The date where the person is."""
    return timezone.localdate()


def mapping(person: Person) -> dict[str, Any]:
    """Return what a person's TOML file would hold, put together from the records."""
    data: dict[str, Any] = copy.deepcopy(person.profile)
    told = data.setdefault("person", {})
    for medicine in told.get("medicines") or []:
        if isinstance(medicine, dict) and isinstance(medicine.get("last_taken"), str):
            medicine["last_taken"] = dt.date.fromisoformat(medicine["last_taken"])
    day = today()
    happened = list(Event.objects.of(person))
    for event in happened:
        condition = CONDITION_EVENTS.get(event.what)
        if condition and (event.until is None or event.until >= day) and condition not in told.get("conditions", []):
            told["conditions"] = [*(told.get("conditions") or []), condition]
    known = told.pop("events_known", False)  # "nothing happened" is an answer, no answer is none
    devices_known = told.pop("devices_known", False)
    events = [_event(e) for e in happened if e.what in EVENTS] + list(_sessions(person))
    if events or known:
        data["events"] = events
    devices = [_device(d) for d in with_uses(person).filter(retired=None)]
    if devices or devices_known:
        data["devices"] = devices
    return data


def with_uses(person: Person) -> Any:
    """Return a person's devices, each with `used`: its sessions that came to an end."""
    return Device.objects.of(person).annotate(used=Count("sessions", filter=Q(sessions__ended__isnull=False)))


def described(person: Person) -> model.Person:
    """Return the person as the planner reads them.

    Raises
    ------
    InputError
        A record holds what the planner refuses.
    """
    return read_person(mapping(person))


def plan_of(person: Person, day: dt.date | None = None) -> model.Plan:
    """Return the plan as the records stand now."""
    return plan(described(person), day or today())


def _event(e: Event) -> dict[str, Any]:
    return {"what": e.what, "date": e.date, **({"zone": e.zone} if e.zone else {})}


def _sessions(person: Person) -> Iterator[dict[str, Any]]:
    for session in Session.objects.of(person).filter(ended__isnull=False).prefetch_related("zones").select_related("device"):
        date = timezone.localtime(session.started).date()
        length = session.device.mm if session.device else None
        for log in session.zones.all():
            if any(log.passes.values()):
                mm = log.mm or length
                yield {"what": "session", "date": date, "zone": log.zone, **({"mm": mm} if mm else {})}


def _device(d: Any) -> dict[str, Any]:
    values = {
        "kind": d.kind, "mm": d.mm, "needles": d.needles, "uses": d.uses_before + d.used, "bought": d.bought,
        "shared": d.shared, "second_hand": d.second_hand, "drum_diameter_mm": d.drum_diameter_mm, "width_mm": d.width_mm,
    }  # fmt: skip
    return {key: value for key, value in values.items() if value is not None}
