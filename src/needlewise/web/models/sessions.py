"""A session, zone by zone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from needlewise.errors import InputError
from needlewise.treat.applied import Applied
from needlewise.treat.session import ENDPOINTS
from needlewise.web.models.base import OwnedQuerySet, Record, ranged, within
from needlewise.web.models.devices import Device
from needlewise.web.models.people import Person


def applied_only(value: Any) -> None:
    """Refuse anything but a list of what was put on: [{"part": "needled", "name": "saline"}, …]."""
    try:
        for one in value:
            Applied(**one)
    except (TypeError, AttributeError, InputError) as error:
        raise ValidationError("What was put on the skin has a part and a name each.") from error


class Session(Record):
    """One sitting with a device: open until `ended`, and at most one is open.

    `checks` maps a check's id to the answer given, `timers` a stage's id to the moment its time is up (ISO, UTC), so that a
    sleeping phone or a closed tab changes nothing. `products` is what was put on the skin, in order, as `treat.applied` has it.
    `stopped` says why it ended early.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    started = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    checks = models.JSONField(default=dict, blank=True)
    timers = models.JSONField(default=dict, blank=True)
    products = models.JSONField(default=list, blank=True, validators=[applied_only])
    stopped = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    objects: ClassVar[OwnedQuerySet[Session]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        ordering: ClassVar[list[str]] = ["-started"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["person", "-started"])]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person"], condition=models.Q(ended__isnull=True), name="one_open_session"),
            models.CheckConstraint(
                condition=models.Q(ended__isnull=True) | models.Q(ended__gte=models.F("started")), name="session_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def applied(self) -> tuple[Applied, ...]:
        """What was put on the skin."""
        return tuple(Applied(**one) for one in self.products)

    @property
    def places(self) -> list[str]:
        return [log.zone for log in self.zones.all()]


class ZoneLog(Record):
    """What was done on one zone: depth, passes by direction, endpoint, and pain over time ([[ISO moment, 0 to 10], …])."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="zones")
    zone = models.CharField(max_length=40)
    mm = models.FloatField(null=True, blank=True, validators=ranged("mm"))
    passes = models.JSONField(default=dict, blank=True)
    endpoint = models.CharField(max_length=30, blank=True, choices=[(e, e) for e in ENDPOINTS])
    pain = models.JSONField(default=list, blank=True)
    done = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["zone"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["zone"])]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["session", "zone"], name="one_log_a_zone"),
            within("mm"),
        ]

    def __str__(self) -> str:
        return f"zone log {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep directions that have had a pass, so that a log without any is an empty one."""
        self.passes = {way: passes for way, passes in self.passes.items() if passes}
        super().save(*args, **kwargs)
