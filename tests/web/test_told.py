"""What measuring said is kept so that it can be said in another language, and what was kept before is still read."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from years import SPREAD, WRONG, live

from needlewise.said import Said
from needlewise.web.models import Change, Person, Photo, Reading
from needlewise.web.services import export

OPEN = "an open mouth moves the skin and makes folds"
ABIERTA = "La boca abierta mueve la piel y hace pliegues."


@pytest.fixture
def lived(alice: Person) -> Person:
    live(alice, 2)
    return alice


def spanish(person: Person) -> Person:
    Person.objects.filter(pk=person.pk).update(language="es")
    return person


def test_sentences_come_back_whole(lived: Person) -> None:
    photo, change, reading = Photo.objects.all()[0], Change.objects.filter(what="redness")[0], Reading.objects.all()[0]
    says = photo.quality["reasons"][0]["says"]
    assert says == OPEN and isinstance(says, Said) and says.template == OPEN
    assert change.basis == SPREAD.basis and isinstance(change.basis, Said) and change.basis.values["days"] == 2
    assert isinstance(change.basis.values["basis"], Said)
    first = reading.result["comparable"]["redness"]["reasons"][0]
    assert first.startswith("the second photo: 12%") and first.values["what"].values == {"share": 0.125}
    reading.error = first
    reading.save()
    assert Reading.objects.get(pk=reading.pk).error.template == first.template
    assert Photo.objects.filter(quality__ok=True).count() == 2


def test_a_record_with_text_alone_is_still_read(lived: Person, as_alice: Client) -> None:
    photo, change = Photo.objects.all()[0], Change.objects.filter(what="redness")[0]
    old = json.dumps({"ok": True, "reasons": [{**WRONG, "says": str(OPEN), "fix": "an old advice"}], "values": {}})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE needlewise_photo SET quality = %s WHERE id = %s", [old, photo.pk.hex if _sqlite() else photo.pk])
        cursor.execute("UPDATE needlewise_change SET basis = %s WHERE id = %s", ["an old reason", change.pk])
    spanish(lived)
    text = as_alice.get(f"/photos/{photo.pk}/").content.decode()
    assert ABIERTA in text and "An old advice." in text  # a sentence without values is in the catalogue as it stands
    assert Change.objects.get(pk=change.pk).basis == "an old reason"


def _sqlite() -> bool:
    return connection.vendor == "sqlite"


def test_pages_say_it_in_the_language_of_the_reader(lived: Person, as_alice: Client) -> None:
    photo, reading = Photo.objects.all()[0], Reading.objects.all()[0]
    page, pair = f"/photos/{photo.pk}/", f"/photos/days/{reading.sitting_id}/"
    assert OPEN.capitalize() in as_alice.get(page).content.decode()
    assert "is so bright that the camera cut it off" in as_alice.get(pair).content.decode()
    spanish(lived)
    assert ABIERTA in as_alice.get(page).content.decode()
    text = as_alice.get(pair).content.decode()
    assert "La segunda foto: el 12% de la piel es tan claro que la cámara lo cortó" in text
    assert "Tus propios 2 días sin tratar" in text and "(entre días 0,60, entre tomas 0,24" in text
    assert "El índice de textura muestra un cambio de relieve" in text


def test_the_api_says_english_whatever_the_language(lived: Person, as_alice: Client) -> None:
    spanish(lived)
    photo, reading = Photo.objects.all()[0], Reading.objects.all()[0]
    assert as_alice.get(f"/api/photos/{photo.pk}").json()["quality"]["reasons"][0]["says"] == OPEN
    result = as_alice.get(f"/api/sittings/{reading.sitting_id}/reading").json()["result"]
    assert result["comparable"]["redness"]["reasons"][0].startswith("the second photo: ")
    assert as_alice.get("/api/changes?what=redness").json()["items"][0]["basis"] == SPREAD.basis


def test_an_export_takes_it_along(lived: Person, bob: Person, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    export.archive(lived, file)
    with zipfile.ZipFile(file) as opened:
        records = json.loads(opened.read("records.json"))
        table = io.TextIOWrapper(opened.open("tables/change.csv"), "utf-8").read()
    assert records["tables"]["photo"][0]["quality"]["reasons"][0]["says"]["text"] == OPEN
    assert SPREAD.basis in table and "template" not in table  # a table is for reading
    export.bring_in(bob, file)
    mine = Photo.objects.of(bob)[0]
    assert isinstance(mine.quality["reasons"][0]["says"], Said)
    change = Change.objects.filter(reading__sitting__person=bob, what="redness")[0]
    assert isinstance(change.basis, Said) and change.basis == SPREAD.basis
