"""Devices and what was seen on them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status
from ninja.orm import create_schema
from ninja.pagination import paginate

from needlewise.errors import InputError
from needlewise.treat.device import FAULTS
from needlewise.web.access import Asked, mine
from needlewise.web.api.pages import Each, Parts
from needlewise.web.api.said import answers, write
from needlewise.web.models import Device, Inspection
from needlewise.web.services import devices as service
from needlewise.web.services.planning import moving, today, with_uses

router = Router(tags=["devices"])
TOLD = ["kind", "mm", "needles", "name", "bought", "uses_before", "shared", "second_hand", "lot", "expires"]
Sent: Any = create_schema(Device, name="DeviceSent", fields=TOLD)
Changed: Any = create_schema(Device, name="DeviceChanged", fields=TOLD, optional_fields=TOLD)
NAMES = [("findings", list[str], ...)]  # a JSON column to the database, a list of names to everybody else
Looked: Any = create_schema(Inspection, name="Looked", fields=["note"], custom_fields=NAMES)
Seen: Any = create_schema(Inspection, name="Inspection", exclude=["device"], custom_fields=NAMES)
_Record: Any = create_schema(Device, name="DeviceRecord", exclude=["person"])


class Why(Schema):
    """One reason for a grade."""

    grade: str
    text: str


class DeviceKept(_Record):  # type: ignore[misc]  # its base is made from the model at run time
    """A device as it is in the drawer: with its uses in all and its grade today."""

    used: int
    grade: str
    reasons: list[Why]
    inspections: list[Seen]


def _kept(found: service.InDrawer) -> dict[str, Any]:
    record = {f.attname: f.value_from_object(found.device) for f in Device._meta.concrete_fields}
    reasons = [{"grade": r.grade, "text": str(r.text)} for r in found.graded.reasons]
    seen = list(found.inspections)
    return {**record, "used": found.used, "grade": found.graded.grade, "reasons": reasons, "inspections": seen}


def _one(request: Asked, pk: UUID) -> dict[str, Any]:
    found = mine(with_uses(request.person).prefetch_related("inspections"), request.person, pk)
    return _kept(service.in_drawer(request.person, found))


@router.get("", response=answers(list[DeviceKept]))
@paginate(Parts)
def devices(request: Asked, retired: bool = False) -> Any:
    """The devices in use, or the retired ones."""
    rows = with_uses(request.person).filter(retired__isnull=not retired).prefetch_related("inspections")
    return Each(rows, lambda device: _kept(service.in_drawer(request.person, device)))


@router.post("", response=answers(DeviceKept, 201))
def add(request: Asked, sent: Sent) -> Any:
    """Put a device in the drawer."""
    with moving(request.person, "A device was added"):
        made = write(Device(person=request.person), sent)
        made.save()
    return Status(201, _one(request, made.pk))


@router.get("/{uuid:pk}", response=answers(DeviceKept))
def device(request: Asked, pk: UUID) -> Any:
    """One device."""
    return _one(request, pk)


@router.patch("/{uuid:pk}", response=answers(DeviceKept))
def change(request: Asked, pk: UUID, sent: Changed) -> Any:
    """Change what is known of a device."""
    with moving(request.person, "A device was changed"):
        write(mine(Device.objects, request.person, pk), sent).save()
    return _one(request, pk)


@router.delete("/{uuid:pk}", response=answers(None, 204))
def delete(request: Asked, pk: UUID) -> Any:
    """Delete a device; its sessions stay."""
    with moving(request.person, "A device was taken out"):
        mine(Device.objects, request.person, pk).delete()
    return Status(204, None)


@router.post("/{uuid:pk}/replace", response=answers(DeviceKept, 201))
def replace(request: Asked, pk: UUID, sent: Sent) -> Any:
    """Retire a device in favour of a new one; its history stays with it."""
    with moving(request.person, "A device was replaced"):
        old = mine(Device.objects.select_related("replaced_by"), request.person, pk)
        if old.retired is not None:
            raise InputError("device", str(pk), "one that is in use", "this one was retired already")
        made = service.replace(old, write(Device(person=request.person), sent))
    return Status(201, _one(request, made.pk))


@router.post("/{uuid:pk}/inspections", response=answers(Seen, 201))
def inspect(request: Asked, pk: UUID, sent: Looked) -> Any:
    """Note what was seen on the needles; an empty list means they looked sound."""
    found = mine(Device.objects, request.person, pk)
    for fault in sent.findings:
        if fault not in FAULTS:
            raise InputError("findings", fault, ", ".join(FAULTS))
    made = write(Inspection(device=found), sent)
    made.save()
    return Status(201, made)


@router.post("/{uuid:pk}/retire", response=answers(DeviceKept))
def retire(request: Asked, pk: UUID, on: dt.date | None = None) -> Any:
    """Put a device out of use today, or on a day before."""
    with moving(request.person, "A device was taken out"):
        found = mine(Device.objects, request.person, pk)
        day = on or today()
        if day > today():
            raise InputError("on", str(day), f"up to {today()}")
        found.retired = day
        found.save(update_fields=["retired"])
    return _one(request, pk)
