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
SESSIONS = 5
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
WAYS = ("up and down", "side to side", "one diagonal", "the other diagonal")
HAPPENED = ((118, "stress", "a move"), (75, "new-routine", "vitamin C in the morning"), (33, "poor-sleep", ""))


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
    first = Device.objects.create(
        person=person, kind="roller", mm=0.3, needles=192, name="the first one", shared=False, lot="A-1207",
        bought=began.date() - dt.timedelta(days=60), retired=(now - dt.timedelta(days=70)).date(), made=began,
    )  # fmt: skip
    Inspection.objects.create(device=first, at=now - dt.timedelta(days=70), findings=["bent"], note="one needle at the rim")
    roller = Device.objects.create(
        person=person, kind="roller", mm=0.3, needles=192, shared=False, lot="B-0311", replaces=first,
        bought=(now - dt.timedelta(days=71)).date(), expires=(now + dt.timedelta(days=400)).date(),
    )  # fmt: skip
    plan = plan_of(person, timezone.localdate())
    passes = {z.zone: z.passes for z in plan.zones}
    rest = max((z.interval_days or 28 for z in plan.zones), default=28)
    for number in range(SESSIONS):
        ago = rest * (SESSIONS - number)
        if ago < BEGAN - 5:
            _session(person, first if ago > 70 else roller, now - dt.timedelta(days=ago), passes, number)
    for ago, what, note in HAPPENED:
        Event.objects.create(person=person, what=what, date=(now - dt.timedelta(days=ago)).date(), note=note)
    return person


def _session(person: Person, device: Device, at: dt.datetime, passes: dict[str, int], number: int) -> None:
    began = at.replace(hour=19, minute=30, second=0, microsecond=0)
    session = Session.objects.create(
        person=person, device=device, started=began, ended=began + dt.timedelta(minutes=35), stage="put-away"
    )
    for zone, planned in passes.items():
        each = max(1, planned // len(WAYS))
        ZoneLog.objects.create(
            session=session, zone=zone, mm=0.3, passes=dict.fromkeys(WAYS, each), endpoint="pink", done=True,
            pain=[[(began + dt.timedelta(minutes=m)).isoformat(), p] for m, p in ((12, 2 + number % 2), (18, 2))],
        )  # fmt: skip


