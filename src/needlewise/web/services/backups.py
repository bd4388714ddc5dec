"""Backups: a copy of the records and photos taken while the app runs, and the way back.

A backup is a zip: `records.sqlite3` as it stood at one moment, the photos, and `manifest.json` with each file's SHA-256. With a
passphrase it is sealed in the open age format (age-encryption.org/v1): `data.age` is the zip, encrypted to a key drawn for
this backup, and `key.age` is that key, encrypted with the passphrase (scrypt). Any age program opens it without needlewise.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from needlewise import __version__
from needlewise.errors import InputError
from needlewise.web import place
from needlewise.web.models import Backup
from needlewise.web.services import files

__all__ = ["back_up", "delete", "file_of", "restore", "sync"]

RECORDS, MANIFEST = "records.sqlite3", "manifest.json"
KEY, DATA, HOW = "key.age", "data.age", "how-to-open.txt"
SUFFIX = ".needlewise.zip"
CHUNK = 1 << 20
README = """This is a sealed backup of needlewise. needlewise restores it, given its passphrase.
Without needlewise, any program for the age format opens it:

  age --decrypt --output key.txt key.age          (asks for the passphrase)
  age --decrypt --identity key.txt --output backup.zip data.age
"""


def folder() -> Path:
    """Return where backups lie."""
    return Path(settings.HOME) / place.BACKUPS


def file_of(backup: Backup) -> Path:
    """Return a backup's file."""
    return folder() / backup.name


def back_up(passphrase: str = "", migrating: bool = False) -> Path:
    """Write a backup of everything and return its file.

    Parameters
    ----------
    passphrase : str
        Seal it; without one it is as open as the data folder itself.
    migrating : bool
        The records still have an older form: the backup is not listed before they are brought up to date (`sync`).

    Raises
    ------
    InputError
        The disk is full or may not be written to, or the records are kept by a database server, which has backups of its own.
    """
    if connection.vendor != "sqlite":
        hint = "a database server is backed up with its own tools, such as pg_dump"
        raise InputError("database", connection.vendor, "SQLite", hint)
    target = folder() / f"{timezone.now():%Y-%m-%d-%H%M%S-%f}{SUFFIX}"
    with files.on_disk(target), _work() as work:
        plain = work / "plain.zip"
        _write(plain, work)
        ready = _sealed(plain, work, passphrase) if passphrase else plain
        ready.chmod(0o600)
        with ready.open("rb") as written:
            os.fsync(written.fileno())
        ready.replace(target)
    if not migrating:
        sync()
    return target


def sync() -> None:
    """Make the list of backups that of the files that are there."""
    have = {path.name: path for path in folder().glob(f"*{SUFFIX}")}
    Backup.objects.exclude(name__in=have).delete()
    for name in have.keys() - set(Backup.objects.values_list("name", flat=True)):
        path = have[name]
        with zipfile.ZipFile(path) as archive:
            sealed = KEY in archive.namelist()
        when = dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)
        Backup.objects.create(name=name, made=when, size=path.stat().st_size, sha256=_hash(path), sealed=sealed)


def delete(backup: Backup) -> None:
    """Delete a backup, file and line."""
    file_of(backup).unlink(missing_ok=True)
    backup.delete()


def restore(source: Path, passphrase: str = "") -> int:
    """Put back what a backup holds, whole or not at all, while the app runs; return how many photos came with it.

    What is there now is replaced; photos that the restored records do not know are left to the sweep at the next start.

    Raises
    ------
    InputError
        The file is no backup, is damaged, is sealed with another passphrase, or was written by a newer needlewise.
    """
    with files.on_disk(Path(settings.HOME)), _work() as work:
        opened = _opened(source, work, passphrase)
        unpacked = work / "unpacked"
        photos = _unpack(opened, unpacked)
        records = unpacked / RECORDS
        _check_form(records)
        for path in sorted(photos):
            target = Path(settings.HOME) / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (unpacked / path).replace(target)
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(records)) as copy:
            copy.backup(connection.connection)  # one transaction: readers see the old records or the new ones
    call_command("migrate", interactive=False, verbosity=0)
    sync()
    return len(photos)


def _write(target: Path, work: Path) -> None:
    """Records first, photos after: a photo that the records know can then only be missing if it was deleted meanwhile."""
    records, hashes = work / RECORDS, {}
    source = f"{Path(connection.settings_dict['NAME']).absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(source, uri=True)) as kept, contextlib.closing(sqlite3.connect(records)) as copy:
        kept.backup(copy)  # over a door of its own: a connection that writes cannot be read from meanwhile
        copy.execute("PRAGMA journal_mode=DELETE")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        hashes[RECORDS] = _add(archive, records, RECORDS, zipfile.ZIP_DEFLATED)
        for path in sorted((Path(settings.HOME) / place.PHOTOS).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                name = path.relative_to(settings.HOME).as_posix()
                with contextlib.suppress(FileNotFoundError):
                    hashes[name] = _add(archive, path, name, zipfile.ZIP_STORED)
        said = {"needlewise": __version__, "made": timezone.now().isoformat(), "files": hashes}
        archive.writestr(MANIFEST, json.dumps(said, indent=1))


def _add(archive: zipfile.ZipFile, path: Path, name: str, how: int) -> str:
    digest, info = hashlib.sha256(), zipfile.ZipInfo.from_file(path, name)
    info.compress_type = how
    with path.open("rb") as source, archive.open(info, "w") as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _sealed(plain: Path, work: Path, passphrase: str) -> Path:
    import pyrage

    key = pyrage.x25519.Identity.generate()
    encrypted, target = work / DATA, work / "sealed.zip"
    with plain.open("rb") as source, encrypted.open("wb") as out:
        pyrage.encrypt_io(source, out, [key.to_public()])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.writestr(HOW, README)
        archive.writestr(KEY, pyrage.passphrase.encrypt(str(key).encode(), passphrase))
        archive.write(encrypted, DATA)
    return target


def _opened(source: Path, work: Path, passphrase: str) -> Path:
    """Return the plain zip: the file itself, or what the passphrase opens."""
    import pyrage

    if not zipfile.is_zipfile(source):
        raise InputError("backup", source.name, "a file written by `needlewise backup`")
    with zipfile.ZipFile(source) as archive:
        if KEY not in archive.namelist():
            return source
        if not passphrase:
            raise InputError("passphrase", "", "the passphrase this backup was sealed with")
        try:
            key = pyrage.passphrase.decrypt(archive.read(KEY), passphrase).decode()
        except pyrage.DecryptError:
            raise InputError("passphrase", "…", "the passphrase this backup was sealed with") from None
        plain = work / "opened.zip"
        try:
            with archive.open(DATA) as sealed, plain.open("wb") as out:
                pyrage.decrypt_io(sealed, out, [pyrage.x25519.Identity.from_str(key)])
        except (pyrage.DecryptError, zipfile.BadZipFile, OSError) as error:
            raise InputError("backup", source.name, "a whole backup", f"it is damaged ({error})") from None
    return plain


def _unpack(source: Path, target: Path) -> list[str]:
    """Unpack what the manifest names and nothing else; every file must be as it was when it was written."""
    damaged = InputError("backup", source.name, "a whole backup", "it is damaged; nothing was changed")
    try:
        with zipfile.ZipFile(source) as archive:
            files: dict[str, str] = json.loads(archive.read(MANIFEST))["files"]
            for name, expected in files.items():
                parts = Path(name).parts
                if name != RECORDS and (parts[0] != place.PHOTOS or ".." in parts or Path(name).is_absolute()):
                    raise damaged
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as member, path.open("wb") as out:
                    if _copy(member, out) != expected:
                        raise damaged
                path.chmod(0o600)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise damaged from error
    if RECORDS not in files:
        raise damaged
    return [name for name in files if name != RECORDS]


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _check_form(records: Path) -> None:
    """Refuse records that a newer needlewise wrote, or that do not hold together."""
    with contextlib.closing(sqlite3.connect(records)) as copy:
        try:
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            applied = {tuple(row) for row in copy.execute("SELECT app, name FROM django_migrations")}
        except sqlite3.DatabaseError:
            sound, applied = False, set()
    if not sound:
        raise InputError("backup", RECORDS, "records that hold together", "it is damaged; nothing was changed")
    unknown = applied - set(MigrationExecutor(connection).loader.disk_migrations)
    if unknown:
        raise InputError("backup", RECORDS, f"records of needlewise {__version__} or older", "install the newer needlewise first")


@contextlib.contextmanager
def _work() -> Iterator[Path]:
    """A folder for what is on its way, on the same disk, gone afterwards."""
    work = Path(tempfile.mkdtemp(prefix=files.WORK, dir=settings.HOME))
    try:
        with files.held(work / files.BUSY):
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

