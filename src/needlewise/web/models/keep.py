"""Doors and copies: sign-in links, calendar feeds, backups. Secrets are kept as hashes only."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from needlewise.web.models.base import OwnedQuerySet, Record
from needlewise.web.models.people import Person

ENTRY_MINUTES = 15


def hashed(secret: str) -> str:
    """Return the hash under which a secret is kept. The secrets are 32 random bytes, which need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Entry(Record):
    """A link that signs in once, soon."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="entries")
    secret = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"entry {self.pk}"

    @classmethod
    def new(cls, user: User) -> str:
        """Make a link's secret for `user`, and forget the links that have run out."""
        cls.objects.filter(until__lt=timezone.now()).delete()
        secret = secrets.token_urlsafe(32)
        cls.objects.create(user=user, secret=hashed(secret), until=timezone.now() + dt.timedelta(minutes=ENTRY_MINUTES))
        return secret

    @classmethod
    def use(cls, secret: str) -> User | None:
        """Return whose link this is and burn it, or None. Of two at once, one succeeds."""
        entry = cls.objects.select_related("user").filter(secret=hashed(secret), until__gt=timezone.now()).first()
        if entry is None or not cls.objects.filter(pk=entry.pk).delete()[0]:
            return None
        return entry.user


class Feed(Record):
    """A calendar address: whoever has it can read the dates, so it can be taken back."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feeds")
    secret = models.CharField(max_length=64, unique=True)
    discreet = models.BooleanField(default=True)
    made = models.DateTimeField(default=timezone.now)
    read = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    objects: ClassVar[OwnedQuerySet[Feed]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # the stubs call it a plain Manager

    def __str__(self) -> str:
        return f"feed {self.pk}"


class Backup(Record):
    """A backup that was written: its file's name in the backup folder, size and hash."""

    name = models.CharField(max_length=120, unique=True)
    made = models.DateTimeField(default=timezone.now)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BooleanField(default=False)  # with a passphrase

    class Meta:
        ordering: ClassVar[list[str]] = ["-made"]

    def __str__(self) -> str:
        return f"backup {self.pk}"
