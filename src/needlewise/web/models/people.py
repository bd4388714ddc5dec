"""A person, what happened to them, and how their plan moved."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from needlewise.planning.person import EVENTS
from needlewise.web.models.base import OwnedQuerySet, Record

CONFOUNDERS = (  # what may also change skin, beside needling (rows S8, M3, M8 of the post)
    "cold-sore", "illness", "stress", "poor-sleep", "hormones", "new-routine", "new-medicine", "weather", "diet", "other",
)  # fmt: skip


class Person(Record):
    """One person; `profile` is the mapping that `needlewise plan` reads, less devices and events, which are records."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=80)
    profile = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=10, blank=True)
    discreet = models.BooleanField(default=True)  # titles that give nothing away, on a screen that others see
    understood = models.DateTimeField(null=True, blank=True)  # when the limits were acknowledged
    ready = models.DateTimeField(null=True, blank=True)  # when the first run ended with a plan
    made = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["made"]

    def __str__(self) -> str:
        return f"person {self.pk}"

    @property
    def zone_name(self) -> str:
        return str(self.profile.get("person", {}).get("time_zone", ""))


class Event(Record):
    """Something that happened: it may stop a plan (a peel, a sunburn) or blur a trend (stress, a new routine)."""

    KINDS = (*(e for e in EVENTS if e != "session"), *CONFOUNDERS)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=40, choices=[(k, k) for k in KINDS])
    date = models.DateField()
    until = models.DateField(null=True, blank=True)
    zone = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    objects: ClassVar[OwnedQuerySet[Event]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        ordering: ClassVar[list[str]] = ["-date", "what"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["person", "-date"])]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("date")), name="event_until_after_date"
            )
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"


class Moved(Record):
    """How the plan moved when something changed, in the words the person saw."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="moves")
    at = models.DateTimeField(default=timezone.now)
    because = models.CharField(max_length=200)
    lines = models.JSONField(default=list, blank=True)
    objects: ClassVar[OwnedQuerySet[Moved]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        ordering: ClassVar[list[str]] = ["-at"]

    def __str__(self) -> str:
        return f"move {self.pk}"


