"""A made-up person to look around with: five months of sessions, photos of a drawn face, and dates that end today."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from needlewise.web.models import Device, Event, Inspection, Person, Session, ZoneLog
from needlewise.web.services.planning import plan_of

NAME = "Robin"
BEGAN = 152  # days ago
SESSIONS, EVERY, EACH = 10, 14, 2  # how many, days apart, and how many with one roller
PROFILE: dict[str, Any] = {
    "person": {
        "birth_year": 1988, "skin_type": 3, "setting": "home", "country": "GB", "time_zone": "", "conditions": [],
        "medicines": [], "pregnant": False, "nursing": False, "acknowledged": [], "events_known": True, "devices_known": True,
    },
    "goals": [
        {"concern": "dark-spots", "zones": ["cheek-left", "cheek-right"], "severity": "mild"},
        {"concern": "fine-lines", "zones": ["forehead"], "severity": "mild"},
    ],
    "products": [{"name": "retinoid"}, {"name": "vitamin-c"}],
}  # fmt: skip
PUT_ON = [{"part": "numbing", "name": "nothing"}, {"part": "needled", "name": "saline"}]
WAYS = ("up and down", "side to side", "one diagonal", "the other diagonal")
# days ago, what, how many days it lasted, a note
HAPPENED = ((118, "stress", 12, "a move"), (75, "new-routine", 0, "vitamin C in the morning"), (33, "poor-sleep", 6, ""))


def fill(user: User) -> None:
    """Make the made-up person anew for `user`, and draw the photos meanwhile, in a process of its own."""
    for old in Person.objects.filter(owner=user):
        old.delete()
    people(user)
    subprocess.Popen([sys.executable, "-m", "needlewise.web.demo"], stdin=subprocess.DEVNULL)


@transaction.atomic
def people(user: User) -> Person:
    """Write the records of five months."""
    now = timezone.now()
    began = now - dt.timedelta(days=BEGAN)
    person = Person.objects.create(owner=user, name=NAME, profile=PROFILE, understood=began, ready=began, made=began)
    passes = {z.zone: z.passes for z in plan_of(person, timezone.localdate()).zones}
    rollers = _rollers(person, now)
    for number in range(SESSIONS):
        _session(person, rollers[number // EACH], now - dt.timedelta(days=EVERY * (SESSIONS - number)), passes, number)
    for ago, what, lasted, note in HAPPENED:
        day = (now - dt.timedelta(days=ago)).date()
        Event.objects.create(person=person, what=what, date=day, until=day + dt.timedelta(days=lasted), note=note)
    return person


def _rollers(person: Person, now: dt.datetime) -> list[Device]:
    """A roller for every few sessions, each the successor of the one before; the last is new."""
    made: list[Device] = []
    for number in range(SESSIONS // EACH + 1):
        came = now - dt.timedelta(days=EVERY * (SESSIONS - EACH * number) + 3)
        roller = Device.objects.create(
            person=person, kind="roller", mm=0.3, needles=192, shared=False, lot=f"B-{311 + 7 * number}", bought=came.date(),
            expires=(came + dt.timedelta(days=700)).date(), replaces=made[-1] if made else None, made=came,
        )  # fmt: skip
        if made:
            made[-1].retired = came.date()
            made[-1].save(update_fields=["retired"])
        made.append(roller)
    Inspection.objects.create(device=made[1], at=now - dt.timedelta(days=90), findings=["bent"], note="one needle at the rim")
    return made


def _session(person: Person, device: Device, at: dt.datetime, passes: dict[str, int], number: int) -> None:
    began = at.replace(hour=19, minute=30, second=0, microsecond=0)
    session = Session.objects.create(
        person=person, device=device, started=began, ended=began + dt.timedelta(minutes=35), stage="put-away",
        products=PUT_ON,
    )
    for zone, planned in passes.items():
        each = max(1, planned // len(WAYS))
        ZoneLog.objects.create(
            session=session, zone=zone, mm=0.3, passes=dict.fromkeys(WAYS, each), endpoint="pink", done=True,
            pain=[[(began + dt.timedelta(minutes=m)).isoformat(), p] for m, p in ((12, 2 + number % 2), (18, 2))],
        )  # fmt: skip


