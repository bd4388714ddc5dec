"""Where a person's photo files lie, and how one gets there: whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO

from django.conf import settings

from needlewise.errors import InputError
from needlewise.web import place
from needlewise.web.models import Person, Photo

CHUNK = 1 << 20


def folder_of(person: Person) -> Path:
    """Return the folder of a person's photos."""
    return Path(settings.HOME) / place.PHOTOS / str(person.pk)


def path_of(photo: Photo) -> Path:
    """Return where a photo's file lies."""
    return Path(settings.HOME) / place.PHOTOS / str(photo.person_id) / f"{photo.sha256}{photo.suffix}"


def put(photo: Photo, content: IO[bytes]) -> None:
    """Write a photo's file, by way of a hidden one beside it.

    Raises
    ------
    InputError
        The content is not what the photo's hash says, or the disk is full or closed.
    """
    target, digest = path_of(photo), hashlib.sha256()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if digest.hexdigest() != photo.sha256:
                raise InputError("photo", photo.sha256[:12], "a file with the content it was recorded with", "it is damaged")
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError("disk", str(target.parent), "room and leave to write", (error.strerror or str(error)).lower()) from error
