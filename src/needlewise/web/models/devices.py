"""Devices in the drawer, and what was seen on them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from needlewise.knowledge import table
from needlewise.web.models.base import OwnedQuerySet, Record, ranged, within
from needlewise.web.models.people import Person

KINDS = tuple(table("kinds"))


class Device(Record):
    """A device of one owner. Replacing one retires it and keeps its history."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, choices=[(k, k) for k in KINDS])
    mm = models.FloatField(validators=ranged("mm"))
    needles = models.PositiveIntegerField(null=True, blank=True, validators=ranged("needles"))
    drum_diameter_mm = models.FloatField(null=True, blank=True, validators=ranged("drum_diameter_mm"))
    width_mm = models.FloatField(null=True, blank=True, validators=ranged("width_mm"))
    bought = models.DateField(null=True, blank=True)
    lot = models.CharField(max_length=60, blank=True)
    expires = models.DateField(null=True, blank=True)
    # before it was entered here; sessions are counted on top
    uses_before = models.PositiveIntegerField(default=0, validators=ranged("uses"))
    shared = models.BooleanField(null=True, blank=True)
    second_hand = models.BooleanField(default=False)
    imprint = models.JSONField(null=True, blank=True)  # as `needlewise imprint --json` prints it
    retired = models.DateField(null=True, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by")
    made = models.DateTimeField(default=timezone.now, editable=False)
    objects: ClassVar[OwnedQuerySet[Device]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        ordering: ClassVar[list[str]] = ["retired", "-made"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["lot"])]
        constraints: ClassVar[list[Any]] = [within("mm"), within("drum_diameter_mm"), within("width_mm")]

    def __str__(self) -> str:
        return f"device {self.pk}"


class Inspection(Record):
    """What was seen on a device's needles, by the names in `treat.device.FAULTS`; none means it looked sound."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="inspections")
    at = models.DateTimeField(default=timezone.now)
    findings = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at"]

    def __str__(self) -> str:
        return f"inspection {self.pk}"
