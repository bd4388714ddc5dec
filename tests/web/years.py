"""A person with a past: as many months of everything as are asked for, every kind of record among them."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from typing import Any

from django.db import transaction
from django.utils import timezone
from photo_files import with_position

from needlewise.knowledge import table
from needlewise.measure.change import DEFAULTS, spread_from
from needlewise.measure.gates import MIRRORED, of_photo
from needlewise.measure.method import METHOD
from needlewise.measure.quality import MOVED
from needlewise.measure.texture import UNDERSTATES
from needlewise.said import join, say
from needlewise.web.models import (
    Backup,
    Change,
    Device,
    Event,
    Feed,
    Inspection,
    Moved,
    Person,
    Photo,
    Reading,
    Session,
    Sitting,
    ZoneLog,
)
from needlewise.web.models.keep import hashed
from needlewise.web.services import files, sessions, settled
from needlewise.web.services.standing import standings

ZONES = ("cheek-left", "cheek-right")
MEASURES = ("redness", "pigment")
WAYS = ("up and down", "side to side")
SECRET = "a calendar's secret, known to its owner"
WRONG = {"what": "expression", "says": MOVED["jawOpen"], "fix": say("relax the face, lips closed and eyes open"), "must": False}
QUALITY = {"ok": True, "reasons": [WRONG], "values": {}}
BRIGHT = say("{share:.0%} of the skin is so bright that the camera cut it off", share=0.125)
REASONS = [of_photo(1, BRIGHT), say("the light came from {change:.0f}° elsewhere: face the same window or lamp", change=31.4)]
SPREAD = spread_from([[0.1, 0.2], [0.3, 0.1]], [], DEFAULTS["redness"])
RESULT = {
    "comparable": {
        "redness": {"verdict": "comparable with a wider interval", "width_factor": 1.5, "reasons": REASONS},
        "texture": {"verdict": "not comparable", "width_factor": 1.0, "reasons": [MIRRORED]},
    },
    "notes": [UNDERSTATES], "spreads": {what: dict.fromkeys(ZONES, vars(SPREAD)) for what in MEASURES},
}  # fmt: skip
LINE = {
    "zones": ["cheek-left"], "what": "first", "direction": "stricter", "says": [],
    "text": {"template": "{zones}: the next session moved from {before} to {after}.",
             "values": {"zones": "cheek-left", "before": "2026-12-01", "after": "2026-12-08"}},
    "because": {"template": table("rules")["tan-sun"].message_home, "values": {}},
}  # fmt: skip


def live(person: Person, months: int, first: int = 0) -> dict[str, Any]:
    """Add `months` months, the first of them `first` months ago, to a person's records; return one record of each kind."""
    made = [_month(person, timezone.now() - dt.timedelta(days=32 * month + 25), month) for month in range(first, first + months)]
    person.ready = timezone.now() - dt.timedelta(days=32 * (first + months))
    person.save()
    _read(person)
    some = made[0]
    some["past"] = Session.objects.of(person).filter(stage="past").first()
    some["concern"], some["user"] = "dark-spots", person.owner
    return some


def open_session(person: Person) -> Session:
    """Begin a session with what is due today and a fresh device, and leave it open."""
    device = Device.objects.create(person=person, kind="roller", mm=0.3, needles=192, shared=False)
    return sessions.begin(person, [zone.zone for zone in sessions.offer(person).due], device)


def _month(person: Person, at: dt.datetime, month: int) -> dict[str, Any]:
    device = Device.objects.create(person=person, kind="roller", mm=0.3, needles=192, shared=False, bought=at.date(), made=at)
    if month:
        device.retired = (at + dt.timedelta(days=20)).date()
        device.save()
    Inspection.objects.create(device=device, at=at, findings=["bent"] if month else [])
    for stage, days in (("put-away", 0), ("past", 3)):
        began = at + dt.timedelta(days=days)
        ended = began + dt.timedelta(minutes=30)
        session = Session.objects.create(person=person, device=device, started=began, ended=ended, stage=stage)
        ZoneLog.objects.bulk_create(
            ZoneLog(session=session, zone=zone, mm=0.3, passes=dict.fromkeys(WAYS, 2), endpoint="pink", done=True,
                    pain=[[began.isoformat(), 2]]) for zone in ZONES
        )  # fmt: skip
    event = Event.objects.create(person=person, what="stress", date=at.date(), until=at.date(), note="a hard week")
    move = Moved.objects.create(person=person, at=at, because="Something that happened was added", lines=[LINE])
    feed = backup = None
    if month % 12 < 2:  # fewer of these than of anything else
        feed = Feed.objects.create(person=person, secret=hashed(f"{SECRET}{person.pk}{month}"), made=at)
        backup = _backup(person, at)
    sitting = Sitting.objects.create(person=person, day=(at - dt.timedelta(days=1)).date())
    photo = _photo(person, sitting, at - dt.timedelta(days=1), month)
    return {"device": device, "session": session, "event": event, "move": move, "feed": feed, "sitting": sitting, "photo": photo,
            "backup": backup}  # fmt: skip


def _backup(person: Person, at: dt.datetime) -> Backup:
    name = f"{at:%Y-%m-%d}-{person.pk}.needlewise.zip"
    made = Backup.objects.create(name=name, made=at, size=1, sha256="0" * 64)
    (files.Path(files.settings.HOME) / "backups" / name).write_bytes(b"x")
    return made


def _photo(person: Person, sitting: Sitting, taken: dt.datetime, month: int) -> Photo:
    data = with_position(shade=60 + month % 190, taken=f"{taken:%Y:%m:%d %H:%M:%S}")
    photo = Photo.objects.create(
        person=person, sitting=sitting, sha256=hashlib.sha256(data).hexdigest(), suffix=".jpg", size=len(data), taken=taken,
        width=96, height=128, quality=QUALITY, checked_by=METHOD,
    )  # fmt: skip
    files.put(photo, io.BytesIO(data))
    for name in ("view.jpg", "small.jpg"):
        files.put_derived(files.derived(person.pk, photo.sha256, name), data)
    files.put_derived(files.derived(person.pk, str(sitting.pk), "after.jpg"), data)
    return photo


def _read(person: Person) -> None:
    """Give every day that waits a reading."""
    for _ in range(3):  # what a reading tells decides what the next one is read against
        for standing in standings(person):
            if standing.state != "waiting" or standing.against is None:
                continue
            said = {"against": standing.against.sitting, "method": METHOD, "shots": standing.shots, "result": RESULT, "error": ""}
            reading, _made = Reading.objects.update_or_create(sitting=standing.sitting, defaults=said)
            reading.changes.all().delete()
            Change.objects.bulk_create(
                Change(reading=reading, zone=zone, what=what, method=f"{what}@1", unit="a*", difference=-0.4, low=-1.0, high=0.2,
                       smallest_detectable=1.0, verdict="no detectable change", basis=SPREAD.basis)
                for zone in ZONES for what in MEASURES
            )  # fmt: skip
            Change.objects.create(reading=reading, zone="face", what="texture", method="ridges@1", unit="%",
                                  verdict="not comparable", basis=join([MIRRORED, *REASONS], "; "))  # fmt: skip
    with transaction.atomic():
        files.hold(person)
        settled.settle(person)
