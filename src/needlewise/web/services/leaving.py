"""Deleting a person: records, photos, what was made of them, and the backups that hold them."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from needlewise.web import place
from needlewise.web.models import Backup, Person
from needlewise.web.services import backups
from needlewise.web.services.files import folder_of


def delete_everything(person: Person, backups_too: bool) -> None:
    """Delete a person and, where they are the last, the account's other traces; with `backups_too` every backup as well.

    Files go after the records: if this is cut short, what is left is files nobody refers to, which the next start sweeps.
    """
    user, folders = person.owner, [folder_of(person), Path(settings.HOME) / place.DERIVED / str(person.pk)]
    with transaction.atomic():
        user.delete()  # takes the person with it, and everything that is theirs
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if backups_too:
        for backup in Backup.objects.all():
            backups.delete(backup)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # nothing deleted stays readable in the log beside it
