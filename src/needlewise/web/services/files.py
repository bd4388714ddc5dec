"""Where a person's photo files lie, and how one gets there and away: whole or not at all.

A file is written hidden (`.new-…`), and takes its name within the transaction that records it; one that is deleted is hidden
(`.gone-…`) within the transaction that forgets it. Whatever a power cut leaves behind, `sweep` can tell what to do with it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, transaction

from needlewise.errors import InputError
from needlewise.web import place
from needlewise.web.models import Person, Photo, Settled, Sitting

if TYPE_CHECKING:
    from needlewise.web.services.standing import Shot

CHUNK = 1 << 20
NEW, GONE, UPLOADS, EXPORTS = ".new-", ".gone-", "*.upload*", "tmp*.zip"
WORK, BUSY = ".work-", "busy"  # a folder for a backup on its way, and the file in it that says so
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
REFUSED = ("disk is full", "readonly database", "read-only", "unable to open database", "disk i/o error", "no space left")


class DiskError(InputError):
    """The disk is full or may not be written to; nothing half-written was kept."""


def disk_refused(error: BaseException | None) -> bool:
    """Say whether an error means that the disk is full or closed to writing."""
    if isinstance(error, DiskError) or (isinstance(error, OSError) and error.errno in FULL):
        return True
    records = isinstance(error, OperationalError | sqlite3.OperationalError)
    return records and any(words in str(error).lower() for words in REFUSED)


@contextlib.contextmanager
def on_disk(what: Path) -> Iterator[None]:
    """Turn an error of a disk that is full or closed into a message.

    Raises
    ------
    DiskError
    """
    try:
        yield
    except (OSError, OperationalError, sqlite3.OperationalError) as error:
        if isinstance(error, OSError) or disk_refused(error):
            why = (getattr(error, "strerror", None) or str(error)).lower()
            raise DiskError("disk", str(what), "room and leave to write", why) from error
        raise


def folder_of(person: Person) -> Path:
    """Return the folder of a person's photos."""
    return Path(settings.HOME) / place.PHOTOS / str(person.pk)


def path_of(photo: Photo | Shot) -> Path:
    """Return where a photo's file lies."""
    return Path(settings.HOME) / place.PHOTOS / str(photo.person_id) / f"{photo.sha256}{photo.suffix}"


def derived(person_id: Any, key: str, name: str) -> Path:
    """Return where a picture made from photos lies; `key` is a photo's hash or a sitting's identifier."""
    return Path(settings.HOME) / place.DERIVED / str(person_id) / f"{key}-{name}"


def hold(person: Person) -> None:
    """Within a transaction: keep others from changing this person's photos until it ends.

    Where each day stands is no longer settled by that, until somebody settles it again.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    Settled.objects.filter(person=person).delete()


def put(photo: Photo, content: IO[bytes]) -> None:
    """Write a photo's file, by way of a hidden one beside it.

    Raises
    ------
    DiskError
        The disk is full or closed.
    InputError
        The content is not what the photo's hash says.
    """
    target, digest = path_of(photo), hashlib.sha256()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=NEW, dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out, held(Path(name)):
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
                if digest.hexdigest() != photo.sha256:
                    raise InputError("photo", photo.sha256[:12], "a file with the content it was recorded with", "it is damaged")
                Path(name).replace(target)
            _settle(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise DiskError("disk", target.parent.name, "room and leave to write", why) from error


def put_derived(path: Path, content: bytes) -> None:
    """Write a picture that can be made again: whole, but not forced to the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=NEW, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def hide(photo: Photo) -> Path:
    """Within the transaction that deletes it: put a photo's file aside; `unlink` what is returned once that is done."""
    path = path_of(photo)
    gone = path.with_name(GONE + path.name)
    with contextlib.suppress(FileNotFoundError):
        path.replace(gone)
    return gone


def forget(person_id: Any, *keys: str) -> None:
    """Delete all pictures made from these photos (by hash) or sittings (by identifier)."""
    folder = Path(settings.HOME) / place.DERIVED / str(person_id)
    for key in keys:
        for path in folder.glob(f"{key}-*"):
            path.unlink(missing_ok=True)


def sweep() -> int:
    """Put right what a power cut or a kill left behind; return how many files that were. Records are never touched.

    For the one process that serves, at its start.
    """
    done = 0
    home = Path(settings.HOME)
    for path in (*home.glob(UPLOADS), *home.glob(EXPORTS), *home.glob(f"{NEW}*")):  # what was on its way
        path.unlink(missing_ok=True)
        done += 1
    for path in home.glob(f"{WORK}*"):
        if not in_use(path / BUSY):
            shutil.rmtree(path, ignore_errors=True)
            done += 1
    for folder in [*(home / place.PHOTOS).iterdir(), *(home / place.DERIVED).iterdir()]:
        if folder.is_dir():
            done += _swept(folder, folder.parent.name == place.DERIVED)
    return done


def _swept(folder: Path, made: bool) -> int:
    done = 0
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(pk=folder.name).first() if _is_id(folder.name) else None
        photos = Photo.objects.filter(person=person) if person else Photo.objects.none()
        names = {f"{sha}{suffix}" for sha, suffix in photos.values_list("sha256", "suffix")}
        keys = {name.partition(".")[0] for name in names}
        if made and person:
            keys |= {str(pk) for pk in Sitting.objects.filter(person=person).values_list("pk", flat=True)}
        for path in folder.iterdir():
            if path.name.startswith(NEW):
                if in_use(path):
                    continue
            elif path.name.startswith(GONE) and path.name.removeprefix(GONE) in names:
                path.replace(path.with_name(path.name.removeprefix(GONE)))  # it was not deleted after all
                done += 1
                continue
            elif (path.name in names and not made) or (made and _key(path.name) in keys):
                continue
            path.unlink(missing_ok=True)
            done += 1
    if person is None:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return done


def _key(name: str) -> str:
    """Return the photo's hash or the sitting's identifier that a derived picture's name begins with."""
    return name[:36] if _is_id(name[:36]) else name.partition("-")[0]


def _is_id(name: str) -> bool:
    return len(name) == 36 and name.count("-") == 4 and set(name) <= set("0123456789abcdef-")


@contextlib.contextmanager
def held(path: Path) -> Any:
    """Keep a sweep away from a file that is being written."""
    file = place.claim(path)
    try:
        yield
    finally:
        if file is not None:
            file.close()


def in_use(path: Path) -> bool:
    file = place.claim(path)
    if file is None:
        return True
    file.close()
    return False


def _settle(folder: Path) -> None:
    """Force a folder's list of names to the disk, where the system has such a thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
