"""What was put on the skin in a session: taps, the same as last time, and everywhere it is shown."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from years import live, open_session

from needlewise.errors import InputError
from needlewise.treat.applied import Applied
from needlewise.web import desk
from needlewise.web.models import Person, Session, ZoneLog
from needlewise.web.services import applied, export
from needlewise.web.services.progress import progress

NUMB, SKIN = "numbing", "needled"
TAP = "/sessions/now/products/"


@pytest.fixture
def session(alice: Person) -> Session:
    alice.ready = timezone.now() - dt.timedelta(days=30)
    alice.save()
    return open_session(alice)


def at(session: Session, stage: str) -> None:
    Session.objects.filter(pk=session.pk).update(stage=stage)


def done(person: Person, *put_on: tuple[str, str], days: int = 40) -> Session:
    began = timezone.now() - dt.timedelta(days=days)
    made = Session.objects.create(person=person, started=began, ended=began, stage="put-away")
    ZoneLog.objects.create(session=made, zone="cheek-left", mm=0.3, passes={"up and down": 2})
    applied.keep(made, [Applied(*one) for one in put_on])
    return made


def names(session: Session) -> list[str]:
    session.refresh_from_db()
    return [a.name for a in session.applied]


def test_a_tap_sets_and_a_second_takes_back(session: Session, as_alice: Client) -> None:
    at(session, "rinse")
    assert "What went on your skin" in as_alice.get("/sessions/now/").content.decode()
    for _ in range(2):
        as_alice.post(TAP, {"part": SKIN, "put": "saline"})
    assert names(session) == ["saline"]
    as_alice.post(TAP, {"part": SKIN, "put": "nothing"})
    assert names(session) == ["nothing"]
    for _ in range(2):
        as_alice.post(TAP, {"part": SKIN, "put": "nothing", "other": " Glow  serum "})  # as Enter in the field does
    assert names(session) == ["Glow serum"]
    as_alice.post(TAP, {"part": SKIN, "put": "nothing", "other": "Night cream"})
    assert names(session) == ["Glow serum", "Night cream"], "Enter takes nothing away"
    as_alice.post(TAP, {"part": SKIN, "take": "Night cream"})
    as_alice.post(TAP, {"part": SKIN, "take": "Glow serum"})
    assert names(session) == []


def test_what_may_not_go_on_is_said_at_once_and_kept(session: Session, as_alice: Client) -> None:
    at(session, "rinse")
    text = as_alice.post(TAP, {"part": SKIN, "put": "vitamin-c"}, follow=True).content.decode()
    assert "left lumps" in text and "Where this comes from" in text and names(session) == ["vitamin-c"]
    text = as_alice.post(TAP, {"part": SKIN, "take": "vitamin-c", "put": "saline"}, follow=True).content.decode()
    assert "left lumps" not in text


def test_the_cream_is_asked_beside_the_questions_and_keeps_their_answers(session: Session, as_alice: Client) -> None:
    at(session, "numb")
    text = as_alice.post(TAP, {"part": NUMB, "put": "numbing-stronger", "check:numb-wrap": "no"}, follow=True).content.decode()
    assert "Which cream" in text and "At most 4 % lidocaine" in text and 'id="numb-wrap-no" required checked' in text
    assert names(session) == ["numbing-stronger"]


@pytest.mark.parametrize("other", ["x" * 121, "\x07", "   "])
def test_a_name_that_cannot_be_stands_beside_the_field(session: Session, as_alice: Client, other: str) -> None:
    at(session, "rinse")
    text = as_alice.post(TAP, {"part": SKIN, "other": other, "add": "yes", "put": "saline"}).content.decode()
    assert "A name of 1 to 120 letters" in text and 'aria-describedby="other_error"' in text and names(session) == []


def test_the_same_as_last_time(alice: Person, session: Session, as_alice: Client) -> None:
    done(alice, (NUMB, "nothing"), (SKIN, "saline"), (SKIN, "Glow serum"))
    done(alice, (NUMB, "lidocaine-4"), days=20)
    at(session, "rinse")
    assert "The same as last time: sterile saline, Glow serum" in as_alice.get("/sessions/now/").content.decode()
    as_alice.post(TAP, {"part": SKIN, "same": "yes"})
    assert names(session) == ["saline", "Glow serum"]
    assert "The same as last time" not in as_alice.get("/sessions/now/").content.decode()
    at(session, "numb")
    assert "lidocaine, 4 % or less" in as_alice.get("/sessions/now/").content.decode()


def test_only_the_owner_says(session: Session, as_bob: Client, stranger: Client) -> None:
    for client, status in ((as_bob, 404), (stranger, 302)):
        assert client.post(TAP, {"part": SKIN, "put": "saline"}).status_code == status
    assert names(session) == []


def test_it_is_shown_after_the_session_in_the_report_and_on_the_time_axis(alice: Person, as_alice: Client) -> None:
    made = done(alice, (NUMB, "lidocaine-4"), (SKIN, "vitamin-c"), (SKIN, "Glow serum"))
    for page in (f"/sessions/{made.pk}/", "/yours/report/"):
        text = as_alice.get(page).content.decode()
        assert "lidocaine, 4 % or less" in text and "vitamin C serum, Glow serum" in text, page
    assert "left lumps" in as_alice.get(f"/sessions/{made.pk}/").content.decode()
    alice.profile["goals"] = [{"concern": "dark-spots", "zones": ["cheek-left"], "severity": "mild"}]
    alice.save()
    (lane,) = [lane for lane in progress(alice)[0].happened if lane.name == "Sessions"]
    assert [mark.text for mark in lane.marks] == ["session: lidocaine, 4 % or less, vitamin C serum, Glow serum"]
    made.products = [{"part": NUMB, "name": "nothing"}, {"part": SKIN, "name": "nothing"}]
    made.save()
    assert [mark.text for mark in progress(alice)[0].happened[0].marks] == ["session"]
    made.products = [{"part": NUMB, "name": "lidocaine-4"}]
    made.save()
    assert "session: lidocaine" in as_alice.get("/progress/dark-spots/").content.decode()


def test_it_goes_out_and_comes_in_again(alice: Person, bob: Person, tmp_path: Path) -> None:
    made = done(alice, (SKIN, "Glow serum"))
    target = tmp_path / "all.zip"
    export.archive(alice, target)
    export.bring_in(bob, target)
    assert Session.objects.of(bob).get().applied == made.applied
    assert '""name"": ""Glow serum""' in export._csv(export.records(alice)["tables"]["session"])


@pytest.mark.parametrize(
    "wrong", [[1], "saline", [{"name": "saline"}], [{"part": "x", "name": "y"}], {"a": 1}, [{"part": "needled", "name": 2}]]
)
def test_a_record_holds_nothing_else(alice: Person, wrong: Any) -> None:
    made = done(alice)
    made.products = wrong
    with pytest.raises(ValidationError):
        made.full_clean()


def test_the_api_sets_all_of_it(alice: Person, session: Session, as_alice: Client, as_bob: Client) -> None:
    def put(client: Client, products: Any) -> Any:
        return client.put("/api/sessions/now/products", json.dumps({"products": products}), "application/json")

    both = [{"part": NUMB, "name": "nothing"}, {"part": SKIN, "name": "vitamin-c"}]
    said = put(as_alice, both).json()
    assert said["products"] == both and "left lumps" in said["cautions"][0]["text"] and said["cautions"][0]["says"]
    assert as_alice.get(f"/api/sessions/{session.pk}").json()["products"] == both
    refused = put(as_alice, [{"part": "nose", "name": "saline"}])
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "part"
    assert put(as_bob, both).status_code == 404
    assert put(as_alice, []).json() == {"products": [], "cautions": []}


def test_the_command_line_logs_it(alice: Person) -> None:
    told = {"passes": 4, "numbing": ["nothing"], "product": ["saline", "Glow serum"]}
    said = desk.log(alice, ["cheek"], timezone.localdate() - dt.timedelta(days=2), told)
    assert [a.name for a in Session.objects.get().applied] == ["nothing", "saline", "Glow serum"]
    assert "Glow serum: For 24 hours put nothing" in said and "saline:" not in said
    with pytest.raises(InputError, match="product"):
        desk.log(alice, ["cheek"], timezone.localdate(), {"passes": 4, "product": [""]})
    assert Session.objects.count() == 1


def test_ten_times_the_data_asks_no_more(alice: Person, session: Session, as_alice: Client) -> None:
    at(session, "rinse")
    done(alice, (SKIN, "saline"))
    live(alice, 1)
    with CaptureQueriesContext(connection) as few:
        as_alice.get("/sessions/now/")
    live(alice, 10, first=1)
    with CaptureQueriesContext(connection) as many:
        as_alice.get("/sessions/now/")
    assert len(many) == len(few)
