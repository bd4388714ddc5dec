"""Photos, the days they belong to, and what was read from them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpResponseBase
from ninja import File, Form, Router, Schema, Status, UploadedFile
from ninja.orm import create_schema
from ninja.pagination import paginate

from needlewise.errors import InputError
from needlewise.measure.method import METHOD
from needlewise.web.access import Asked, mine
from needlewise.web.api.pages import Parts
from needlewise.web.api.said import Fault, answers
from needlewise.web.models import Change, Photo, Session, Sitting
from needlewise.web.models.photos import POSES
from needlewise.web.services import photos as service
from needlewise.web.services import settled
from needlewise.web.services.planning import today
from needlewise.web.views import pictures

router = Router(tags=["photos"])
_HIDDEN = ["person", "tries"]
_Photo: Any = create_schema(Photo, name="PhotoRecord", exclude=[*_HIDDEN, "checked_by"])
_Sitting: Any = create_schema(Sitting, name="SittingRecord", exclude=_HIDDEN)
_Change: Any = create_schema(Change, name="ChangeRecord", exclude=["reading", "id"])


class PhotoKept(_Photo):  # type: ignore[misc]  # its base is made from the model at run time
    """A photo; `checked` says whether its quality was judged by the current method."""

    checked: bool

    @staticmethod
    def resolve_checked(photo: Any) -> bool:
        return bool(photo.checked_by == METHOD)


class NotKept(Schema):
    """A file that was not kept, by the name it came with, and why."""

    name: str
    fault: Fault


class Added(Schema):
    """What became of the files that were sent."""

    kept: list[PhotoKept]
    again: list[PhotoKept]
    faults: list[NotKept]


class Shows(Schema):
    """What photos show. Without a day or a session these are found from the moment they were taken."""

    pose: str = "front"
    day: dt.date | None = None
    session: UUID | None = None
    untreated: bool = False
    make_up: bool | None = None


class SittingKept(_Sitting):  # type: ignore[misc]  # its base is made from the model at run time
    """The photos of one pose on one day, and where they stand: in the queue, read, or why neither; read against which day."""

    state: str
    against: UUID | None
    until: dt.date | None
    photos: list[UUID]

    @staticmethod
    def resolve_state(sitting: Any) -> Any:
        return sitting.stands.state

    @staticmethod
    def resolve_against(sitting: Any) -> Any:
        return sitting.stands.against_id

    @staticmethod
    def resolve_until(sitting: Any) -> Any:
        return sitting.stands.until

    @staticmethod
    def resolve_photos(sitting: Any) -> list[UUID]:
        return [photo.pk for photo in sitting.photos.all()]


class ChangeKept(_Change):  # type: ignore[misc]  # its base is made from the model at run time
    """One change in one zone between two days, with its interval and the smallest change that could have been detected."""

    sitting: UUID
    against: UUID
    day: dt.date

    @staticmethod
    def resolve_sitting(change: Any) -> Any:
        return change.reading.sitting_id

    @staticmethod
    def resolve_against(change: Any) -> Any:
        return change.reading.against_id

    @staticmethod
    def resolve_day(change: Any) -> Any:
        return change.reading.sitting.day


def _told(request: Asked, sent: Shows) -> service.Told:
    if sent.pose not in (*POSES, service.FIND_OUT):
        raise InputError("pose", sent.pose, ", ".join((*POSES, service.FIND_OUT)))
    if sent.day and not dt.date(service.FIRST_YEAR, 1, 1) <= sent.day <= today():
        raise InputError("day", str(sent.day), f"from {service.FIRST_YEAR} up to {today()}")
    session = mine(Session.objects, request.person, sent.session) if sent.session else None
    return service.Told(sent.pose, sent.day, session, session is None, sent.untreated, sent.make_up)


def _days(request: Asked) -> Any:
    settled.sure(request.person)
    return settled.days(request.person).prefetch_related(Prefetch("photos", Photo.objects.only("pk", "sitting")))


@router.get("/photos", response=answers(list[PhotoKept]))
@paginate(Parts)
def photos(request: Asked) -> Any:
    """The photos, the oldest first."""
    return Photo.objects.of(request.person)


@router.post("/photos", response={**answers(Added, 201), 507: answers(None)[422]})
def add(request: Asked, files: File[list[UploadedFile]], sent: Form[Shows]) -> Any:
    """Add photos; what is wrong with one does not keep the others out. They are measured afterwards, in the background."""
    added = service.add(request.person, ((f.name or "", f) for f in files), _told(request, sent))
    said = ((name, Fault(field=e.field, allowed=str(e.allowed), hint=str(e.hint))) for name, e in added.faults)
    faults = [NotKept(name=name, fault=fault) for name, fault in said]
    return Status(201, {"kept": added.kept, "again": [photo for _, photo in added.again], "faults": faults})


@router.get("/photos/{uuid:pk}", response=answers(PhotoKept))
def photo(request: Asked, pk: UUID) -> Any:
    """One photo: when it was taken, and what was said of its quality."""
    return mine(Photo.objects, request.person, pk)


@router.get("/photos/{uuid:pk}/file", response=answers(bytes), openapi_extra={"responses": {200: {"content": {"image/*": {}}}}})
def file(request: Asked, pk: UUID) -> HttpResponseBase:
    """The photo itself, as it was kept: without position and serial numbers."""
    return pictures.original(request, pk)


@router.delete("/photos/{uuid:pk}", response=answers(None, 204))
def delete(request: Asked, pk: UUID) -> Any:
    """Delete a photo, and everything that was made or read from it."""
    service.delete(mine(Photo.objects.select_related("sitting", "person"), request.person, pk))
    return Status(204, None)


@router.get("/sittings", response=answers(list[SittingKept]))
@paginate(Parts)
def sittings(request: Asked) -> Any:
    """The days with photos, the oldest first, and where each stands."""
    return _days(request)


@router.get("/sittings/{uuid:pk}", response=answers(SittingKept))
def sitting(request: Asked, pk: UUID) -> Any:
    """One day with photos of one pose."""
    return mine(_days(request), request.person, pk)


@router.put("/sittings/{uuid:pk}", response=answers(SittingKept))
def say(request: Asked, pk: UUID, sent: Shows) -> Any:
    """Say anew what the photos of a day show; a day that is there already takes them over."""
    found = mine(Sitting.objects.select_related("person", "session"), request.person, pk)
    return sitting(request, service.move(found, _told(request, sent)).pk)


@router.get("/sittings/{uuid:pk}/reading", response=answers(dict[str, Any]))
def reading(request: Asked, pk: UUID) -> Any:
    """What was read from a day against an earlier one, as `needlewise compare --json` says it; `error` where it could not be."""
    found = getattr(mine(Sitting.objects.select_related("reading"), request.person, pk), "reading", None)
    if found is None:
        raise Http404
    return {"method": found.method, "made": found.made, "against": found.against_id, "error": found.error, "result": found.result}


@router.get("/changes", response=answers(list[ChangeKept]))
@paginate(Parts)
def changes(request: Asked, zone: str = "", what: str = "") -> Any:
    """What changed over time, of one zone or one measure, each with its interval."""
    mine = Change.objects.filter(reading__sitting__person=request.person)
    rows = mine.select_related("reading__sitting").defer("reading__result")
    chosen = {key: value for key, value in (("zone", zone), ("what", what)) if value}
    return rows.filter(**chosen).order_by("reading__sitting__day", "zone", "what")
