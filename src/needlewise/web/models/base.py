"""What every record shares: an identifier nobody can guess, and an owner."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from needlewise.model import DEVICE_RANGES

if TYPE_CHECKING:
    from needlewise.web.models.people import Person

M = TypeVar("M", bound=models.Model)


class OwnedQuerySet(models.QuerySet[M]):
    """Records that are asked for by whose they are; views use nothing else."""

    def of(self, person: Person) -> Self:
        """Return only what is this person's."""
        return self.filter(person=person)


class Record(models.Model):
    """An identifier drawn at random: 122 bits, so that no address can be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def within(name: str) -> models.CheckConstraint:
    """Return a constraint that keeps one of a device's figures within its range, or empty."""
    low, high = DEVICE_RANGES[name]
    inside = models.Q(**{f"{name}__gte": low, f"{name}__lte": high})
    return models.CheckConstraint(condition=inside | models.Q(**{f"{name}__isnull": True}), name=f"%(class)s_{name}_range")


def ranged(name: str) -> list[MinValueValidator | MaxValueValidator]:
    """Return the same as validators, which speak beside the field."""
    low, high = DEVICE_RANGES[name]
    return [MinValueValidator(low), MaxValueValidator(high)]
