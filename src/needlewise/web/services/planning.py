"""From records to the plan, and what moved when a record changed."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from needlewise import model
from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.planning import plan, read_person
from needlewise.planning.person import EVENTS
from needlewise.planning.schedule import to_pause
from needlewise.said import again, kept
from needlewise.treat import change
from needlewise.web.models import Device, Event, Moved, Person, Session

__all__ = [
    "Move", "as_read", "date_pauses", "described", "lines_of", "mapping", "moving", "needled", "plan_of", "today", "with_plan",
    "with_uses",
]  # fmt: skip

CONDITION_EVENTS = {  # an event that lasts until it is over is a condition meanwhile
    "cold-sore": "cold-sore", "stress": "stress", "poor-sleep": "poor-sleep", "hormones": "hormonal-change",
}  # fmt: skip
# what is older bears on nothing that waits: every rest and wait is far shorter (tests hold it to that)
REMEMBERED = dt.timedelta(days=400)
FLAGS = ("events_known", "devices_known", "distress", "left", "since")  # "nothing happened" is an answer, no answer is none


def today() -> dt.date:
    """The date where the person is."""
    return timezone.localdate()


def as_read(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored profile as the planner reads it: days are dates, and flags about other records are left out."""
    data: dict[str, Any] = copy.deepcopy(dict(profile))
    told = data.setdefault("person", {})
    for medicine in told.get("medicines") or []:
        if isinstance(medicine, dict) and isinstance(medicine.get("last_taken"), str):
            medicine["last_taken"] = dt.date.fromisoformat(medicine["last_taken"])
    if told.get("distress") and told.get("conditions") is not None:  # by itself it would pass for the answer that is missing
        told["conditions"] = [*told["conditions"], "appearance-distress"]
    for flag in FLAGS:
        told.pop(flag, None)
    return data


def mapping(person: Person) -> dict[str, Any]:
    """Return what a person's TOML file would hold, put together from the records."""
    data = as_read(person.profile)
    told, known = data["person"], person.profile.get("person", {})
    day = today()
    happened = list(Event.objects.of(person).filter(_matters(day)))
    named = {c["name"] if isinstance(c, dict) else c for c in told.get("conditions") or []}
    for event in happened:
        condition = CONDITION_EVENTS.get(event.what)
        if not condition or condition in named or (event.until is not None and event.until < day):
            continue
        if told.get("conditions") is not None or _stops(condition):  # a mere note would pass for the answer that is missing
            told["conditions"] = [*(told.get("conditions") or []), condition]
            named.add(condition)
    events = [_event(e) for e in happened if e.what in EVENTS] + list(_sessions(person))
    if events or known.get("events_known") or _anything(person):
        data["events"] = events
    devices = [_device(d) for d in with_uses(person).filter(retired=None)]
    if devices or known.get("devices_known"):
        data["devices"] = devices
    return data


def _matters(day: dt.date) -> Q:
    """What may bear on a plan: what is recent, and what is not over."""
    lasting = Q(what__in=CONDITION_EVENTS) & (Q(until__isnull=True) | Q(until__gte=day))
    return Q(date__gte=day - REMEMBERED) | lasting


def _anything(person: Person) -> bool:
    """Whether anything happened ever."""
    return (
        Session.objects.of(person).filter(ended__isnull=False).exists()
        or Event.objects.of(person).filter(what__in=EVENTS).exists()
    )


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
    return with_plan(person, day)[1]


def with_plan(person: Person, day: dt.date | None = None) -> tuple[model.Person, model.Plan]:
    """Return the person as the planner reads them, with their plan.

    Pauses count from the day on which the first run ended, or a product came in that the plan pauses: the plan is made anew every
    day, and would otherwise ask every day for the whole pause again.
    """
    who = described(person)
    return who, plan(who, day or today(), _since(person))


def _since(person: Person) -> dt.date | None:
    told = person.profile.get("person", {}).get("since")
    if told:
        return dt.date.fromisoformat(told)
    return timezone.localtime(person.ready).date() if person.ready else None


@dataclass
class Move:
    """What a change did to the plan; filled in when `moving` ends. `record` is None where nothing moved."""

    because: str
    lines: tuple[change.Moved, ...] = ()
    record: Moved | None = None


@contextmanager
def moving(person: Person, because: str, *, anew: bool = False) -> Iterator[Move]:
    """Change a person's records, and keep what that moved in their plan.

    What happens inside is one transaction: it holds as a whole or not at all. The profile is read anew at its start, so that two
    changes at once both hold. Before the first run has ended there is no plan to move, and nothing is kept of it.

    Parameters
    ----------
    person : Person
        `person.profile` may be changed inside; it is saved at the end.
    because : str
        What changed, as a short English sentence without values; it is translated and shown with what moved.
    anew : bool
        The pauses before a session begin today, such as when one was not kept.

    Raises
    ------
    InputError
        After the change the planner cannot read the records: nothing was changed.
    """
    move = Move(because)
    old = person.profile
    try:
        with transaction.atomic():
            person.profile = Person.objects.select_for_update().get(pk=person.pk).profile
            day, since = today(), person.profile.get("person", {}).get("since")
            before = _plan_or_none(person, day)
            yield move
            date_pauses(person, before[0] if before and not anew else None, since)
            person.save(update_fields=["profile"])
            after = plan_of(person, day)
            if person.ready is not None and before is not None:
                move.lines = change.moved(before[1], after)
            if move.lines:
                lines = [_kept(line) for line in move.lines]
                move.record = Moved.objects.create(person=person, because=because[:200], lines=lines)
    except BaseException:
        person.profile = old
        raise


def date_pauses(person: Person, before: model.Person | None, since: str | None) -> None:
    """Count the pauses from today where a product came in that stops before a session, else from `since` as until now.

    This is kept here, whatever was sent for it: who tells the app about their products does not tell when a pause began.

    Raises
    ------
    InputError
        The planner cannot read the records as they are now.
    """
    new = to_pause(described(person)) - (to_pause(before) if before else frozenset())
    told = person.profile.setdefault("person", {})
    told.pop("since", None)
    if person.ready is not None and (before is None or new):
        told["since"] = today().isoformat()
    elif since:
        told["since"] = since


def lines_of(moved: Moved) -> list[change.Moved]:
    """Return what moved, as it was kept: zones, kind, direction, sentence, reason and sources."""
    return [
        change.Moved(tuple(line["zones"]), line["what"], "", "", line["direction"], again(line["text"]), again(line["because"]),
                     tuple(model.Says(source, text) for source, text in line["says"]))
        for line in moved.lines
    ]  # fmt: skip


def _kept(line: change.Moved) -> dict[str, Any]:
    says = {s.source: s.text for s in line.says}
    return {
        "zones": list(line.zones), "what": line.what, "direction": line.direction, "text": kept(line.text),
        "because": kept(line.because), "says": list(says.items()),
    }  # fmt: skip


def _plan_or_none(person: Person, day: dt.date) -> tuple[model.Person, model.Plan] | None:
    try:
        return with_plan(person, day)
    except InputError:  # records from before a rule was stricter: the change may be what mends them
        return None


def _stops(condition: str) -> bool:
    return any(condition in r.when.conditions and r.home == "stop" for r in table("rules").values())


def _event(e: Event) -> dict[str, Any]:
    return {"what": e.what, "date": e.date, **({"zone": e.zone} if e.zone else {})}


class Needled(NamedTuple):
    """What was done in one zone of a session that has ended; of a session in which nothing was, `zone` is empty."""

    session: UUID
    started: dt.datetime
    ended: dt.datetime
    zone: str
    mm: float | None


def needled(person: Person) -> list[Needled]:
    """Return what was done in the sessions that may still matter, the latest first, in one query."""
    recent = Session.objects.of(person).filter(ended__isnull=False, started__gte=timezone.now() - REMEMBERED)
    rows = recent.order_by("-started", "zones__zone").values_list(
        "pk", "started", "ended", "device__mm", "zones__zone", "zones__mm", "zones__done", "zones__passes"
    )
    found = []
    for key, started, ended, length, zone, mm, done, passes in rows:
        there = zone and (done or any(passes.values()))
        found.append(Needled(key, timezone.localtime(started), timezone.localtime(ended), zone if there else "", mm or length))
    return found


def _sessions(person: Person) -> Iterator[dict[str, Any]]:
    for log in needled(person):
        if log.zone:
            yield {"what": "session", "date": log.started.date(), "zone": log.zone, **({"mm": log.mm} if log.mm else {})}


def _device(d: Any) -> dict[str, Any]:
    values = {
        "kind": d.kind, "mm": d.mm, "needles": d.needles, "uses": d.uses_before + d.used, "bought": d.bought,
        "shared": d.shared, "second_hand": d.second_hand, "drum_diameter_mm": d.drum_diameter_mm, "width_mm": d.width_mm,
    }  # fmt: skip
    return {key: value for key, value in values.items() if value is not None}
