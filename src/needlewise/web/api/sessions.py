"""Today, and sessions: those that were, and the one that is going on."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from ninja import Router, Schema, Status
from ninja.orm import create_schema
from ninja.pagination import paginate

from needlewise.errors import InputError
from needlewise.model import DEVICE_RANGES
from needlewise.planning.person import expand_zone
from needlewise.treat.applied import Applied, Caution
from needlewise.treat.clock import Ready
from needlewise.treat.stages import Stage
from needlewise.web.access import Asked, mine
from needlewise.web.api.pages import Parts
from needlewise.web.api.said import answers
from needlewise.web.models import Device, Session, ZoneLog
from needlewise.web.services import applied, changes, today
from needlewise.web.services import sessions as service

router = Router(tags=["sessions"])
Zone: Any = create_schema(
    ZoneLog, name="ZoneDone", exclude=["id", "session", "pain"], custom_fields=[("pain", list[tuple[dt.datetime, float]], ...)]
)


class Put(Schema):
    """Something that was put on the skin: part "numbing" or "needled", and an id of the knowledge or the product's own name."""

    part: str
    name: str


_Session: Any = create_schema(
    Session, name="SessionRecord", exclude=["person", "products"], custom_fields=[("products", list[Put], ...)]
)


class SessionKept(_Session):  # type: ignore[misc]  # its base is made from the model at run time
    """A session, zone by zone; `ended` is none while it is going on."""

    zones: list[Zone]


class Resting(Schema):
    """Zones that rest, and until when."""

    zones: list[str]
    until: dt.datetime


class Ahead(Schema):
    """What a day to come asks for."""

    date: dt.date
    text: list[str]


class Today(Schema):
    """The one thing to do first, what rests until when, and what may go on the skin."""

    first: str
    verdict: str
    due: list[str]
    session: UUID | None
    resting: list[Resting]
    allowed: list[Ready]
    not_yet: list[Ready]
    paused: list[str]
    coming: list[Ahead]


class Begun(Schema):
    """What a session is to be about."""

    zones: list[str]
    device: UUID


class Past(Schema):
    """A session that was made without the app; what is not known of it stays empty."""

    date: dt.date
    zones: list[str]
    mm: float | None = None


class Standing(Schema):
    """Where the open session stands: the stage it is in with its questions, all stages, and what stops it."""

    session: SessionKept
    stage: Stage
    stages: list[str]
    timer: str
    stopped_by: list[str]


class Answered(Schema):
    """Answers to a stage's questions ("yes" or "no" by the question's id), and where one that ends a zone is true."""

    answers: dict[str, str]
    zones: list[str] = []  # noqa: RUF012 - a schema copies its defaults


class Turned(Schema):
    """The stage to turn to."""

    stage: str


class Timed(Schema):
    """How long the timer of this stage is to run."""

    minutes: float


class PutOn(Schema):
    """What was put on the skin by now, all of it: a state, not an addition."""

    products: list[Put]


class Told(PutOn):
    """What was put on the skin, and what has to be said of it."""

    cautions: list[Caution]


class Done(Schema):
    """What a zone has had by now: a state, not an addition, so that sending it twice counts once."""

    passes: dict[str, int] = {}  # noqa: RUF012 - a schema copies its defaults
    endpoint: str | None = None
    pain: int | None = None
    mm: float | None = None


class Ended(Schema):
    """Why it was stopped, if it was, and a note."""

    stopped: str = ""
    note: str = ""


def _records(request: Asked) -> Any:
    return Session.objects.of(request.person).prefetch_related("zones")


def _open(request: Asked) -> Session:
    found = service.open_session(request.person)
    if found is None:
        raise Http404
    return found


def _standing(request: Asked) -> dict[str, Any]:
    now = service.now(_open(request))
    stopped = [str(check.then) for check in now.halted]
    ids = [stage.id for stage in now.stages]
    return {"session": now.session, "stage": now.stage, "stages": ids, "timer": now.timer, "stopped_by": stopped}


@router.get("/today", response=answers(Today))
def day(request: Asked) -> Any:
    """What is due today, what rests, and what may go on the skin now."""
    found = today.day_of(request.person)
    return {
        "first": found.kind, "verdict": found.plan.verdict, "due": list(found.due),
        "session": found.session.pk if found.session else None,
        "resting": [{"zones": list(rest.zones), "until": rest.ready} for rest in found.rests],
        "allowed": found.skin.allowed if found.skin else (), "not_yet": found.skin.not_yet if found.skin else (),
        "paused": [str(todo.step.text) for todo in found.paused],
        "coming": [{"date": date, "text": [str(todo.step.text) for todo in todos]} for date, todos in found.coming],
    }  # fmt: skip


@router.get("/sessions", response=answers(list[SessionKept]))
@paginate(Parts)
def sessions(request: Asked) -> Any:
    """The sessions, the newest first."""
    return _records(request)


@router.post("/sessions", response=answers(SessionKept, 201))
def begin(request: Asked, sent: Begun) -> Any:
    """Begin a session; the planner decides whether its zones may be needled today."""
    made = service.begin(request.person, list(dict.fromkeys(sent.zones)), mine(Device.objects, request.person, sent.device))
    return Status(201, mine(_records(request), request.person, made.pk))


@router.post("/sessions/past", response=answers(None, 204))
def remember(request: Asked, sent: Past) -> Any:
    """Record a session that was made without the app; the plan moves with it."""
    low, high = DEVICE_RANGES["mm"]
    if sent.mm is not None and not low <= sent.mm <= high:
        raise InputError("mm", sent.mm, f"{low} to {high}")
    zones = list(dict.fromkeys(zone for word in sent.zones for zone in expand_zone(word, "zones")))
    if not zones:
        raise InputError("zones", "none", "at least one zone")
    changes.add_past_session(request.person, sent.date, zones, sent.mm)
    return Status(204, None)


@router.get("/sessions/now", response=answers(Standing))
def now(request: Asked) -> Any:
    """Where the open session stands."""
    return _standing(request)


@router.post("/sessions/now/answers", response=answers(Standing))
def answer(request: Asked, sent: Answered) -> Any:
    """Answer the questions of the stage it is in."""
    service.answer(_open(request), sent.answers, sent.zones)
    return _standing(request)


@router.post("/sessions/now/stage", response=answers(Standing))
def go(request: Asked, sent: Turned) -> Any:
    """Turn to a stage; forward only past questions that are answered and stop nothing."""
    service.go(_open(request), sent.stage)
    return _standing(request)


@router.post("/sessions/now/timer", response=answers(Standing))
def time(request: Asked, sent: Timed) -> Any:
    """Start the timer of this stage; once started it stays, however often it is sent."""
    found = _open(request)
    longest = service.now(found).stage.minutes
    if longest is None or not 0 < sent.minutes <= longest[1]:
        raise InputError("minutes", sent.minutes, f"above 0, up to {longest[1]}" if longest else "a stage that takes time")
    service.start_timer(found, sent.minutes)
    return _standing(request)


@router.put("/sessions/now/zones/{slug:zone}", response=answers(Zone))
def done(request: Asked, zone: str, sent: Done) -> Any:
    """Say what a zone has had by now: passes by direction, what the skin shows, pain, and the needle's length."""
    log = _open(request).zones.filter(zone=zone).first()
    if log is None:
        raise Http404
    with transaction.atomic():
        for direction, passes in sent.passes.items():
            service.set_passes(log, direction, passes)
        if sent.endpoint is not None:
            service.set_seen(log, sent.endpoint)
        if sent.pain is not None:
            service.add_pain(log, sent.pain)
        if sent.mm is not None:
            service.set_length(log, sent.mm)
    return log


@router.put("/sessions/now/products", response=answers(Told))
def products(request: Asked, sent: PutOn) -> Any:
    """Say what was put on the skin by now, all of it; what has to be said of it keeps nothing from being recorded."""
    found = _open(request)
    applied.keep(found, [Applied(one.part, one.name) for one in sent.products])
    return {"products": found.products, "cautions": applied.cautions(found.applied, applied.setting_of(request.person))}


@router.post("/sessions/now/finish", response=answers(None, 204))
def finish(request: Asked, sent: Ended) -> Any:
    """End the session; what was done counts. One in which nothing was done leaves no trace."""
    service.finish(_open(request), sent.stopped, sent.note)
    return Status(204, None)


@router.get("/sessions/{uuid:pk}", response=answers(SessionKept))
def session(request: Asked, pk: UUID) -> Any:
    """One session."""
    return mine(_records(request), request.person, pk)


@router.delete("/sessions/{uuid:pk}", response=answers(None, 204))
def delete(request: Asked, pk: UUID) -> Any:
    """Delete a session; photos taken after it stay."""
    service.delete(mine(Session.objects, request.person, pk))
    return Status(204, None)
