"""The records for the command line: the same store, and the services the pages use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from needlewise.errors import InputError
from needlewise.planning.person import expand_zone
from needlewise.share.treated import drawer_text, nothing_text, session_text
from needlewise.treat.applied import Applied
from needlewise.treat.stages import DIRECTIONS, session_stages
from needlewise.web.models import Device, Person, Session, ZoneLog
from needlewise.web.services import applied, backups, sessions
from needlewise.web.services.devices import drawer, value_of
from needlewise.web.services.planning import described


def person(name: str = "") -> Person:
    """Return whose records the command speaks of: by sign-in name, or the only one there is.

    Raises
    ------
    InputError
        Nobody has that name, or there are several and none was named.
    """
    people = {p.owner.get_username(): p for p in Person.objects.select_related("owner")}
    if name in people:
        return people[name]
    if not people:
        raise InputError("person", name or "nobody", "someone with records", "make them first: needlewise serve")
    if name or len(people) > 1:
        raise InputError("--person", name, ", ".join(people))
    return next(iter(people.values()))


def session_for_today(who: Person) -> str:
    """Return today's session as text, or why there is none."""
    found = sessions.offer(who)
    if not found.due:
        return nothing_text(found.resting)
    device = value_of(found.devices[0].device) if found.devices else None
    stages = session_stages(described(who), found.plan, [z.zone for z in found.due], found.day, device)
    return session_text(stages, found.resting)


@transaction.atomic
def log(who: Person, zones: list[str], day: dt.date, told: Mapping[str, Any]) -> str:
    """Record a session that was done, as the guided one would have.

    Raises
    ------
    InputError
        A zone, a day or a value that cannot be.
    """
    if day > timezone.localdate():
        raise InputError("--date", day.isoformat(), "a day that is not in the future")
    if sessions.open_session(who):
        raise InputError("session", "open", "none open", "end it in the app first")
    device = _device(who, str(told.get("device") or ""))
    at = timezone.now() if day == timezone.localdate() else timezone.make_aware(dt.datetime.combine(day, dt.time(20)))
    each, extra = divmod(int(told["passes"]), len(DIRECTIONS))
    passes = {way: each + (n < extra) for n, way in enumerate(DIRECTIONS) if each + (n < extra)}
    session = Session.objects.create(person=who, device=device, started=at, stage="put-away")
    names = list(dict.fromkeys(zone for word in zones for zone in expand_zone(word, "zone")))
    for zone in names:
        row = ZoneLog.objects.create(session=session, zone=zone, passes=passes, done=True)
        if told.get("mm") is not None:
            try:
                sessions.set_length(row, told["mm"])
            except ValidationError as error:
                raise InputError("--mm", told["mm"], "a needle length in mm", " ".join(error.messages)) from None
        if told.get("endpoint"):
            sessions.set_seen(row, told["endpoint"])
        if told.get("pain") is not None:
            sessions.add_pain(row, told["pain"], at)
    put_on = {"numbing": told.get("numbing") or (), "needled": told.get("product") or ()}
    applied.keep(session, [Applied(part, name) for part, names in put_on.items() for name in names])
    sessions.finish(session, note=str(told.get("note") or ""), at=at)
    cautions = applied.cautions(session.applied, applied.setting_of(who))
    return "\n".join([f"Logged {', '.join(names)} on {day.isoformat()}.", *(f"{c.applied.label}: {c.text}" for c in cautions)])


def _device(who: Person, wanted: str) -> Device | None:
    rows: list[Device] = [k.device for k in drawer(who)]
    if not wanted:
        return rows[0] if len(rows) == 1 else None
    found: list[Device] = [d for d in rows if wanted in (d.name, str(d.pk), d.kind)]
    if len(found) != 1:
        raise InputError("--device", wanted, ", ".join(d.name or f"{d.kind} ({d.pk})" for d in rows) or "a device of yours")
    return found[0]


def devices(who: Person) -> str:
    """Return the drawer as text."""
    kept = [*drawer(who), *drawer(who, retired=True)]
    rows = [(f"{k.device.name or k.device.kind}, {k.device.mm:g} mm", k.used, k.graded, bool(k.device.retired)) for k in kept]
    return drawer_text(rows)


def add_device(who: Person, values: Mapping[str, Any]) -> str:
    """Put a device into the drawer."""
    device = Device(person=who, **{key: value for key, value in values.items() if value is not None})
    try:
        device.full_clean()
    except ValidationError as error:
        field, wrong = next(iter(error.message_dict.items()))
        raise InputError(f"--{field.replace('_', '-')}", values.get(field), "another value", " ".join(wrong)) from None
    device.save()
    return f"Added: {device.kind}, {device.mm:g} mm."


def backup(passphrase: str) -> str:
    """Back up everything and say where."""
    return f"Wrote {backups.back_up(passphrase)}."


def restore(file: Path, passphrase: str) -> str:
    """Go back to a backup."""
    if not file.is_file():
        raise InputError("backup", str(file), "a file written by `needlewise backup`")
    return f"Restored, with {backups.restore(file, passphrase)} photos."

