"""Backups: a copy of the records and photos, taken while the app runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from needlewise.web import place


def back_up() -> Path:
    """Copy the database as it stands at one moment, and return where the copy is."""
    target: Path = settings.HOME / place.BACKUPS / f"{timezone.now():%Y%m%dT%H%M%S%f}.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(target) as copy:
        connection.connection.backup(copy)
    copy.close()
    target.chmod(0o600)
    return target
