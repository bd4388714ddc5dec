"""Something changed: what happened is recorded, and the plan moves with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from needlewise.web.models import Device, Event, Person, Session, ZoneLog
from needlewise.web.services.planning import Move, moving, with_uses

NOON = dt.time(12)


def add_event(person: Person, event: Event) -> Move:
    """Record something that happened."""
    with moving(person, "Something that happened was added") as move:
        event.person = person
        event.save()
    return move


def change_event(person: Person, event: Event) -> Move:
    """Keep a changed event, such as one that is over."""
    with moving(person, "Something that happened was changed") as move:
        event.save()
    return move


def remove_event(person: Person, event: Event) -> Move:
    """Take back something that was recorded."""
    with moving(person, "Something that happened was taken back") as move:
        event.delete()
    return move


def add_past_session(person: Person, date: dt.date, zones: Sequence[str], mm: float | None) -> Move:
    """Record a session made without the app: what is not known of it stays empty."""
    moment = timezone.make_aware(dt.datetime.combine(date, NOON))
    moment = min(moment, timezone.now())
    with moving(person, "A session made without the app was added") as move:
        session = Session.objects.create(person=person, started=moment, ended=moment, stage="past")
        ZoneLog.objects.bulk_create(ZoneLog(session=session, zone=zone, mm=mm, done=True) for zone in zones)
    return move


def remove_past_session(person: Person, session: Session) -> Move:
    """Take back a session that was made without the app."""
    with moving(person, "A session made without the app was taken back") as move:
        session.delete()
    return move


def past_sessions(person: Person) -> QuerySet[Session]:
    """Return the sessions that were made without the app."""
    return Session.objects.of(person).filter(stage="past").prefetch_related("zones")


def add_device(person: Person, device: Device) -> Move:
    """Put a device in the drawer."""
    with moving(person, "A device was added") as move:
        device.person = person
        device.save()
    return move


def remove_device(person: Person, device: Device) -> Move:
    """Take a device out: one that was used is retired and keeps its history."""
    with moving(person, "A device was taken out") as move:
        if device.sessions.exists():
            device.retired = timezone.localdate()
            device.save(update_fields=["retired"])
        else:
            device.delete()
    return move


def drawer(person: Person) -> list[Device]:
    """Return the devices in use."""
    return list(with_uses(person).filter(retired=None))


def say_of(person: Person, key: str, known: bool) -> Move:
    """Keep that there are none ("devices" or "events"), or that this is not known."""
    with moving(person, "What you said about yourself changed") as move:
        told = person.profile.setdefault("person", {})
        told.pop(f"{key}_known", None)
        if known:
            told[f"{key}_known"] = True
    return move
