"""Backups come back whole, exports come in elsewhere, and what is deleted is gone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from people import new_person

from needlewise.errors import InputError
from needlewise.web.models import Backup, Device, Event, Person, Photo, Session, Sitting, ZoneLog
from needlewise.web.services import backups, export
from needlewise.web.services.files import path_of, put

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="a database server has backups of its own")


def with_records(person: Person, content: bytes = b"not a real picture, but bytes") -> Photo:
    now = timezone.now()
    device = Device.objects.get(person=person)
    session = Session.objects.create(person=person, device=device, started=now, ended=now)
    ZoneLog.objects.create(session=session, zone="cheek-left", mm=0.3, passes={"up-down": 4}, pain=[[now.isoformat(), 2]])
    Event.objects.create(person=person, what="stress", date=now.date(), note="a hard week, =1+1")
    sitting = Sitting.objects.create(person=person, day=now.date(), session=session)
    photo = Photo(person=person, sitting=sitting, sha256=hashlib.sha256(content).hexdigest(), suffix=".jpg", size=len(content))
    photo.taken = now
    put(photo, io.BytesIO(content))
    photo.save()
    return photo


def everything(person: Person) -> dict[str, Any]:
    said = json.loads(json.dumps(export.records(person)["tables"], default=str))
    return {name: [{k: v for k, v in row.items()} for row in rows] for name, rows in said.items()}


@only_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("passphrase", ["", "correct horse battery"])
def test_a_backup_comes_back_whole(passphrase: str) -> None:
    alice = new_person("alice")
    photo = with_records(alice)
    before = everything(alice)
    file = backups.back_up(passphrase)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Backup.objects.get().sealed == bool(passphrase)
    path_of(photo).unlink()
    Event.objects.all().delete()
    new_person("bob")
    assert backups.restore(file, passphrase) == 1
    assert everything(Person.objects.get()) == before
    assert path_of(photo).read_bytes() == b"not a real picture, but bytes"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)
    backups.delete(Backup.objects.get())
    assert not file.exists()


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_bad_backup_changes_nothing(tmp_path: Path) -> None:
    alice = new_person("alice")
    with_records(alice)
    before, file = everything(alice), backups.back_up("the right passphrase")
    with pytest.raises(InputError, match="passphrase"):
        backups.restore(file, "the wrong passphrase")
    plain = backups.back_up()
    broken = tmp_path / "broken.zip"
    content = bytearray(plain.read_bytes())
    content[len(content) // 3] ^= 0xFF
    broken.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        backups.restore(broken)
    broken.write_bytes(plain.read_bytes()[: len(content) // 2])
    with pytest.raises(InputError, match="backup"):
        backups.restore(broken)
    assert everything(Person.objects.get()) == before


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_backup_cannot_write_outside_the_folder(tmp_path: Path) -> None:
    new_person("alice")
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(backups.back_up()) as good, zipfile.ZipFile(evil, "w") as bad:
        said = json.loads(good.read("manifest.json"))
        said["files"]["photos/../../evil.txt"] = hashlib.sha256(b"x").hexdigest()
        bad.writestr("records.sqlite3", good.read("records.sqlite3"))
        bad.writestr("photos/../../evil.txt", b"x")
        bad.writestr("manifest.json", json.dumps(said))
    with pytest.raises(InputError, match="damaged"):
        backups.restore(evil)


def test_an_export_comes_in_elsewhere_and_twice(alice: Person, bob: Person, tmp_path: Path) -> None:
    photo = with_records(alice)
    file = tmp_path / "alice.zip"
    export.archive(alice, file)
    with zipfile.ZipFile(file) as opened:
        names = set(opened.namelist())
        assert {"records.json", "tables/session.csv", "tables/photo.csv"} <= names
        assert len([n for n in names if n.startswith("photos/")]) == 1
    first = export.bring_in(bob, file)
    assert first["photo"] == first["session"] == first["zonelog"] == first["event"] == 1
    assert set(export.bring_in(bob, file).values()) == {0}
    theirs = Photo.objects.of(bob).get()
    assert theirs.pk != photo.pk and path_of(theirs).read_bytes() == path_of(photo).read_bytes()
    assert Photo.objects.of(alice).get() == photo  # nothing of alice was moved


@pytest.mark.parametrize("content", [b"", b"PK", json.dumps({"schema": 1}).encode()])
def test_a_bad_import_is_refused(alice: Person, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    if content.startswith(b"{"):
        with zipfile.ZipFile(file, "w") as out:
            out.writestr("records.json", content)
    else:
        file.write_bytes(content)
    with pytest.raises(InputError, match="import"):
        export.bring_in(alice, file)
