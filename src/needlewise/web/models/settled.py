"""What was worked out from the records and is kept, so that a page need not read a whole series. All of it can be made anew."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from needlewise.web.models.base import OwnedQuerySet
from needlewise.web.models.people import Person
from needlewise.web.models.photos import Sitting


class Settled(models.Model):
    """By what a person's standings and trends were worked out, and what is true of all days together (`services.settled.Told`).

    What changes a photo or a reading takes this row away first.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="settled")
    key = models.CharField(max_length=64)
    told = models.JSONField()

    def __str__(self) -> str:
        return f"settled {self.pk}"


class Stands(models.Model):
    """Where one sitting stands (see `services.standing`); `good` says whether it has a photo that can be compared."""

    sitting = models.OneToOneField(Sitting, on_delete=models.CASCADE, primary_key=True, related_name="stands")
    state = models.CharField(max_length=12, db_index=True)
    against = models.ForeignKey(Sitting, null=True, on_delete=models.CASCADE, related_name="+")
    until = models.DateField(null=True)
    good = models.BooleanField()

    def __str__(self) -> str:
        return f"stands {self.pk}"


class Series(models.Model):
    """The trend of one measure in one zone over all days of one view; `key` names what it was worked out from.

    `trend` is JSON: the answer rests on every day, of the days themselves it holds as many as a chart can show.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="series")
    pose = models.CharField(max_length=20)
    zone = models.CharField(max_length=40)
    what = models.CharField(max_length=30)
    key = models.CharField(max_length=64)
    trend = models.JSONField()
    objects: ClassVar[OwnedQuerySet[Series]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "pose", "zone", "what"], name="one_series_each")
        ]

    def __str__(self) -> str:
        return f"series {self.pk}"
