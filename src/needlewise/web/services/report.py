"""What a dermatologist would ask for, on paper: who, what was done when, with what, and what was measured."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from needlewise import model
from needlewise.errors import InputError
from needlewise.measure.trend import Trend
from needlewise.treat.applied import Applied
from needlewise.web.models import Change, Device, Event, Person, Session
from needlewise.web.services import settled
from needlewise.web.services.planning import today, with_plan, with_uses

LOOKED_BACK = dt.timedelta(days=2 * 365)  # our choice: what a dermatologist reads; an export holds everything


@dataclass(frozen=True)
class Done:
    """What was done alike in some zones of one session."""

    day: dt.date
    zones: tuple[str, ...]
    mm: float | None
    passes: int
    endpoint: str
    pain: float | None
    stopped: str
    applied: tuple[Applied, ...]


@dataclass(frozen=True)
class Measured:
    """The last day of a view against its first, in one zone and measure, and the trend over all its days."""

    last: Change
    trend: Trend | None


@dataclass(frozen=True)
class Report:
    """Everything the printed page shows."""

    person: Person
    told: model.Person | None
    plan: model.Plan | None
    since: dt.date
    devices: list[tuple[Device, int]]
    done: list[Done]
    events: list[Event]
    measured: list[Measured]


def report_of(person: Person) -> Report:
    """Gather the report of one person."""
    told, plan = _planned(person)
    since = today() - LOOKED_BACK
    return Report(
        person, told, plan, since, _devices(person, since), _done(person, since),
        list(Event.objects.of(person).filter(date__gte=since)), _measured(person),
    )  # fmt: skip


def _devices(person: Person, since: dt.date) -> list[tuple[Device, int]]:
    """Return the devices in use, then those retired since, each with its uses."""
    rows = with_uses(person).filter(Q(retired__isnull=True) | Q(retired__gte=since))
    return [(device, device.uses_before + device.used) for device in sorted(rows, key=lambda device: device.retired is not None)]


def _done(person: Person, since: dt.date) -> list[Done]:
    sessions = Session.objects.of(person).filter(ended__isnull=False, started__date__gte=since)
    rows = sessions.order_by("-started", "zones__zone").values_list(
        "pk", "started", "stopped", "products", "zones__mm", "zones__passes", "zones__endpoint", "zones__pain", "zones__zone"
    )
    alike: dict[tuple[object, ...], tuple[Done, list[str]]] = {}
    for key, started, stopped, products, mm, passes, endpoint, pain, zone in rows:
        if zone:
            most = max((score for _, score in pain), default=None)
            applied = tuple(Applied(**one) for one in products)
            done = Done(timezone.localtime(started).date(), (), mm, sum(passes.values()), endpoint, most, stopped, applied)
            alike.setdefault((key, mm, done.passes, endpoint, most), (done, []))[1].append(zone)
    return [replace(done, zones=tuple(zones)) for done, zones in alike.values()]


def _measured(person: Person) -> list[Measured]:
    last = settled.sure(person).last
    if not last:
        return []
    rows = Change.objects.filter(reading__sitting__in=list(map(UUID, last.values())))
    rows = rows.select_related("reading__sitting", "reading__against")
    trends = settled.trends(person)
    return [
        Measured(change, trends.get((change.reading.sitting.pose, change.zone, change.what)))
        for change in rows.order_by("reading__sitting__pose", "zone", "what")
    ]


def _planned(person: Person) -> tuple[model.Person | None, model.Plan | None]:
    """Who they said they are and their plan; neither where a record cannot be planned with."""
    try:
        return with_plan(person)
    except InputError:
        return None, None
