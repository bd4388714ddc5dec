"""The drawer: grades, inspections, replacing, and whose it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from needlewise.web.models import Device, Inspection, Person, Session

NEW = {"kind": "stamp", "mm": "0.5", "needles": "35", "shared": "false", "uses_before": "0"}


def test_adding_one(alice: Person, as_alice: Client) -> None:
    as_alice.post("/devices/new/", NEW)
    made = Device.objects.of(alice).get(kind="stamp")
    answer = as_alice.get(f"/devices/{made.pk}/")
    assert (made.mm, made.needles, made.shared) == (0.5, 35, False)
    assert "Fresh" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("mm", "9"), ("mm", ""), ("mm", "half"), ("kind", "fork"), ("bought", "2999-01-01"), ("needles", "-3")]
)
def test_what_is_wrong_stands_beside_the_field(alice: Person, as_alice: Client, field: str, value: str) -> None:
    answer = as_alice.post("/devices/new/", {**NEW, "name": "the blue one", field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page and "the blue one" in page
    assert not Device.objects.of(alice).filter(kind="stamp").exists()


def test_a_fault_asks_for_a_new_one(alice: Person, as_alice: Client) -> None:
    device = Device.objects.of(alice).get()
    page = as_alice.post(f"/devices/{device.pk}/look/", {"findings": ["rust"]}, follow=True).content.decode()
    assert "Replace now" in page and "rust" in page
    assert Inspection.objects.get().findings == ["rust"]


def test_replacing_keeps_history(alice: Person, as_alice: Client) -> None:
    old = Device.objects.of(alice).get()
    now = timezone.now()
    Session.objects.create(person=alice, device=old, started=now, ended=now)
    as_alice.post(f"/devices/{old.pk}/replace/", {**NEW, "kind": "roller", "mm": "0.3"})
    old.refresh_from_db()
    new = Device.objects.of(alice).get(retired=None)
    assert old.retired and new.replaces == old and old.sessions.count() == 1 and new.sessions.count() == 0


def test_a_picture_without_an_imprint_is_refused_in_words(alice: Person, as_alice: Client) -> None:
    device = Device.objects.of(alice).get()
    out = io.BytesIO()
    Image.new("RGB", (900, 700), "white").save(out, "JPEG")
    photo = SimpleUploadedFile("paper.jpg", out.getvalue(), "image/jpeg")
    answer = as_alice.post(f"/devices/{device.pk}/imprint/", {"photo": photo, "scale": "card:credit"})
    assert answer.status_code == 422
    assert 'id="id_photo_error"' in answer.content.decode() and "a bank card seen whole" in answer.content.decode()
    device.refresh_from_db()
    assert device.imprint is None
    photo.seek(0)
    where = f"/devices/{device.pk}/imprint/"
    spanish = as_alice.post(where, {"photo": photo, "scale": "card:credit"}, headers={"accept-language": "es"}).content.decode()
    assert "una tarjeta bancaria que se vea entera" in spanish and "bank card" not in spanish.split("id_photo_error")[1][:400]


def test_an_imprint_is_shown_whole_and_weighed_against_the_box_again(alice: Person, as_alice: Client) -> None:
    device = Device.objects.of(alice).get()
    Device.objects.filter(pk=device.pk).update(kind="roller", mm=0.5, needles=540)
    picture = Path(__file__).parents[2] / "docs" / "imprint-good.jpg"
    for _ in range(2):  # the second time, the device's needles are those that were counted
        photo = SimpleUploadedFile("roller.jpg", picture.read_bytes(), "image/jpeg")
        page = as_alice.post(f"/devices/{device.pk}/imprint/", {"photo": photo, "scale": "ruler:1"}, follow=True).content.decode()
        assert "192 places (192 to 192), 190 leave a mark" in page and "does not agree with the seller&#x27;s 540" in page
        assert page.count("<circle") == 188 and "throw it away" in page and "seen in an imprint" in page
    device.refresh_from_db()
    assert device.needles == 190


@pytest.mark.parametrize(
    "broken", [{"rows": 2}, {"needles": {"places": 10**12}, "rows": 10**6, "columns": 10**6}, [1], {"needles": 3}]
)
def test_an_imprint_that_came_in_broken_is_left_out(alice: Person, as_alice: Client, broken: object) -> None:
    device = Device.objects.of(alice).get()
    Device.objects.filter(pk=device.pk).update(kind="roller", imprint=broken)
    answer = as_alice.get(f"/devices/{device.pk}/")
    assert answer.status_code == 200 and "<circle" not in answer.content.decode()


def test_whose_device_it_is(alice: Person, as_bob: Client, stranger: Client) -> None:
    device = Device.objects.of(alice).get()
    for end in ("", "change/", "replace/"):
        assert as_bob.get(f"/devices/{device.pk}/{end}").status_code == 404
        assert stranger.get(f"/devices/{device.pk}/{end}").status_code == 302
    for end in ("look/", "imprint/", "retire/", "delete/"):
        assert as_bob.post(f"/devices/{device.pk}/{end}").status_code == 404
        assert stranger.post(f"/devices/{device.pk}/{end}").status_code == 302
    assert Device.objects.filter(pk=device.pk, retired=None).exists()


def test_ten_times_the_data_asks_no_more(alice: Person, as_alice: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        as_alice.get("/devices/")
    for _ in range(10):
        device = Device.objects.create(person=alice, kind="roller", mm=0.3, shared=False)
        Inspection.objects.create(device=device, findings=["bent"])
    with CaptureQueriesContext(connection) as many:
        as_alice.get("/devices/")
    assert len(many) == len(few)
