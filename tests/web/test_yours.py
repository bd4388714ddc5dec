"""Taking along, going back, other people, and leaving for good."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from people import new_person, signed_in
from test_keep import with_records

from needlewise.web.models import Backup, Event, Person, Photo
from needlewise.web.services import backups
from needlewise.web.services.files import folder_of

PAGES = ["", "settings/", "passphrase/", "import/", "report/", "leave/"]
OWNERS = ["backups/", "people/"]
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="a database server has backups of its own")


def make_owner(person: Person) -> Client:
    person.owner.is_superuser = True
    person.owner.save()
    return signed_in(person)


@pytest.mark.parametrize("page", PAGES)
def test_pages_open(as_alice: Client, stranger: Client, page: str) -> None:
    assert as_alice.get(f"/yours/{page}").status_code == 200
    assert stranger.get(f"/yours/{page}").status_code == 302


@pytest.mark.parametrize("page", OWNERS)
def test_what_is_everybodys_is_the_owners(alice: Person, as_bob: Client, page: str) -> None:
    assert make_owner(alice).get(f"/yours/{page}").status_code == 200
    assert as_bob.get(f"/yours/{page}").status_code == 403
    assert as_bob.post(f"/yours/{page}").status_code == 403


def test_an_export_holds_mine_only(alice: Person, bob: Person, as_alice: Client) -> None:
    with_records(alice)
    with_records(bob, b"a picture of bob")
    answer = as_alice.post("/yours/export/")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert str(bob.pk) not in opened.read("records.json").decode()
        photos = [opened.read(n) for n in opened.namelist() if n.startswith("photos/")]
        assert photos == [b"not a real picture, but bytes"]
        assert "<style>" in opened.read("report.html").decode()


def test_a_report_tells_what_was_done(alice: Person, as_alice: Client) -> None:
    with_records(alice)
    page = as_alice.get("/yours/report/").content.decode()
    assert "cheek" in page.lower() and "0.3 mm" in page and "a hard week" in page


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_backing_up_and_restoring_by_hand() -> None:
    alice = new_person("alice")
    client = make_owner(alice)
    with_records(alice)
    client.post("/yours/backups/", {"passphrase": "open sesame, please"})
    made = Backup.objects.get()
    content = b"".join(client.get(f"/yours/backups/{made.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    Event.objects.all().delete()
    sent = {"restore": "1", "passphrase": "wrong", "sure": "on"}
    answer = client.post("/yours/backups/", {**sent, "file": SimpleUploadedFile("b.zip", content)})
    assert answer.status_code == 422 and not Event.objects.exists()
    sent["passphrase"] = "open sesame, please"
    answer = client.post("/yours/backups/", {**sent, "file": SimpleUploadedFile("b.zip", content)}, follow=True)
    assert answer.status_code == 200 and Event.objects.count() == 1
    assert client.get("/yours/").status_code == 200  # still signed in


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_leaving_takes_everything() -> None:
    alice, bob = new_person("alice"), new_person("bob")
    client = make_owner(alice)
    photo = with_records(alice)
    kept = with_records(bob, b"a picture of bob")
    folder = folder_of(alice)
    file = backups.back_up()
    assert client.post("/yours/leave/", {"word": "no", "backups_too": "on"}).status_code == 422
    assert client.post("/yours/leave/", {"word": "Delete", "backups_too": "on"}).status_code == 200
    assert not folder.exists() and not file.exists() and not Backup.objects.exists()
    assert not Person.objects.filter(pk=alice.pk).exists() and not User.objects.filter(username="alice").exists()
    assert Photo.objects.get() == kept
    records = connection.settings_dict["NAME"]
    for path in (Path(records), Path(f"{records}-wal")):
        assert not path.exists() or photo.sha256.encode() not in path.read_bytes()


def test_somebody_else_comes_in_by_a_link_of_their_own(alice: Person, stranger: Client) -> None:
    page = make_owner(alice).post("/yours/people/", {"name": "carol"}).content.decode()
    link = page.split("<code>http://testserver")[1].split("</code>")[0]
    assert stranger.post(link).status_code == 302
    assert stranger.get("/yours/").status_code == 200
    assert stranger.get("/yours/people/").status_code == 403
    assert make_owner(alice).post("/yours/people/", {"name": "Carol"}).status_code == 422


def test_a_passphrase_must_be_long(as_alice: Client, alice: Person) -> None:
    assert as_alice.post("/yours/passphrase/", {"new_password1": "short", "new_password2": "short"}).status_code == 422
    good = {"new_password1": "seven-bright-needles", "new_password2": "seven-bright-needles"}
    assert as_alice.post("/yours/passphrase/", good).status_code == 302
    assert Client().post("/sign-in/", {"username": "alice", "password": "seven-bright-needles"}).status_code == 302


def test_the_language_is_the_persons_own(as_alice: Client, alice: Person) -> None:
    as_alice.post("/yours/settings/", {"name": "Alice", "language": "es", "discreet": "on"})
    assert as_alice.get("/yours/").headers["Content-Language"] == "es"
