"""Photos, the sittings they belong to, and what was read from them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from needlewise.web.models.base import OwnedQuerySet, Record
from needlewise.web.models.people import Person
from needlewise.web.models.sessions import Session
from needlewise.web.models.told import ToldDocumentField, ToldField

POSES = ("front", "left", "right", "lamp-left", "lamp-right", "scalp", "body")


class Sitting(Record):
    """The shots of one pose on one day; shots of one sitting share their light."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sittings")
    day = models.DateField()
    pose = models.CharField(max_length=20, choices=[(p, p) for p in POSES], default="front")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="sittings")
    hours_after = models.FloatField(null=True, blank=True)  # after that session, where redness is followed
    untreated = models.BooleanField(default=False)  # a day on which nothing had been done: tells how skin varies by itself
    make_up = models.BooleanField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)  # of reading it, since one came to its end
    objects: ClassVar[OwnedQuerySet[Sitting]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        ordering: ClassVar[list[str]] = ["-day", "pose"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person", "day", "pose", "session"], name="one_sitting_a_day_and_pose", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"sitting {self.pk}"


class Photo(Record):
    """One picture; its file is named by the hash of its content, position and serial numbers taken out.

    `checked_by` names the method that judged its quality; a photo without the current one is in the queue. `find_pose` says that
    nobody said what it shows: it is filed as seen from the front until it was looked at, and then by how far the head is turned.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="photos")
    sitting = models.ForeignKey(Sitting, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    suffix = models.CharField(max_length=8)
    size = models.PositiveBigIntegerField()
    taken = models.DateTimeField()
    added = models.DateTimeField(default=timezone.now)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    quality = ToldDocumentField(null=True, blank=True)
    find_pose = models.BooleanField(default=False)
    checked_by = models.CharField(max_length=60, blank=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)  # of looking at it, since one came to its end
    objects: ClassVar[OwnedQuerySet[Photo]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    class Meta:
        ordering: ClassVar[list[str]] = ["taken", "added"]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["person", "sha256"], name="one_photo_once")]

    def __str__(self) -> str:
        return f"photo {self.pk}"


class Reading(Record):
    """One sitting compared with an earlier one of the same pose.

    `method` names what read it and `shots` the photos it was read from: where either is out of date, the sitting is in the
    queue again. `result` is what `needlewise compare --json` prints; `error` says in words why there is none.
    """

    sitting = models.OneToOneField(Sitting, on_delete=models.CASCADE, related_name="reading")
    against = models.ForeignKey(Sitting, on_delete=models.CASCADE, related_name="later_readings")
    method = models.CharField(max_length=60, db_index=True)
    shots = models.CharField(max_length=64)
    made = models.DateTimeField(default=timezone.now)
    result = ToldDocumentField(null=True, blank=True)
    error = ToldField(blank=True)

    def __str__(self) -> str:
        return f"reading {self.pk}"


class Change(models.Model):
    """One change in one zone, as a row, so that a zone's history is one question."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="changes")
    zone = models.CharField(max_length=40)
    what = models.CharField(max_length=30)
    method = models.CharField(max_length=40)
    unit = models.CharField(max_length=30)
    difference = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    smallest_detectable = models.FloatField(null=True, blank=True)
    verdict = models.CharField(max_length=40)
    basis = ToldField(blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["zone", "what"])]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["reading", "zone", "what"], name="one_change_each")]

    def __str__(self) -> str:
        return f"change {self.pk}"
