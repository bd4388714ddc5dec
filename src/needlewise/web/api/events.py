"""What happened: it may stop a plan, or blur a trend."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Router, Status
from ninja.orm import create_schema
from ninja.pagination import paginate

from needlewise.planning.person import expand_zone
from needlewise.web.access import Asked, mine
from needlewise.web.api.pages import Parts
from needlewise.web.api.said import answers, write
from needlewise.web.models import Event
from needlewise.web.services.planning import moving

router = Router(tags=["events"])
TOLD = ["what", "date", "until", "zone", "note"]
Sent: Any = create_schema(Event, name="EventSent", fields=TOLD)
Changed: Any = create_schema(Event, name="EventChanged", fields=TOLD, optional_fields=TOLD)
Kept: Any = create_schema(Event, name="Event", exclude=["person"])


def _checked(event: Event) -> Event:
    if event.zone:
        expand_zone(event.zone, "zone")
    return event


@router.get("", response=answers(list[Kept]))
@paginate(Parts)
def events(request: Asked) -> Any:
    """What happened, the newest first."""
    return Event.objects.of(request.person)


@router.post("", response=answers(Kept, 201))
def add(request: Asked, sent: Sent) -> Any:
    """Record something that happened; the plan moves with it."""
    with moving(request.person, "Something that happened was added"):
        made = _checked(write(Event(person=request.person), sent))
        made.save()
    return Status(201, made)


@router.get("/{uuid:pk}", response=answers(Kept))
def event(request: Asked, pk: UUID) -> Any:
    """One event."""
    return mine(Event.objects, request.person, pk)


@router.patch("/{uuid:pk}", response=answers(Kept))
def change(request: Asked, pk: UUID, sent: Changed) -> Any:
    """Change an event, such as one that is over."""
    with moving(request.person, "Something that happened was changed"):
        found = _checked(write(mine(Event.objects, request.person, pk), sent))
        found.save()
    return found


@router.delete("/{uuid:pk}", response=answers(None, 204))
def delete(request: Asked, pk: UUID) -> Any:
    """Take an event back."""
    with moving(request.person, "Something that happened was taken back"):
        mine(Event.objects, request.person, pk).delete()
    return Status(204, None)
