"""A session from begin to end: checks that stop it, taps that count once, and the clock after it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needlewise.treat.stages import unanswered
from needlewise.web.models import Device, Moved, Person, Session, ZoneLog
from needlewise.web.services import sessions as service


@pytest.fixture
def due(alice: Person) -> list[str]:
    """Zones that may be needled today: what pauses first has paused long enough."""
    alice.ready = timezone.now() - dt.timedelta(days=30)
    alice.save()
    zones = [z.zone for z in service.offer(alice).due]
    assert zones
    return zones


def begin(client: Client, person: Person, zones: list[str]) -> Session:
    device = Device.objects.of(person).get()
    client.post("/sessions/begin/", {"zones": zones, "device": device.pk})
    return Session.objects.of(person).get(ended=None)


def clear(client: Client, session: Session) -> None:
    """Answer every check so that nothing stops."""
    for stage in service.now(session).stages:
        if stage.checks and not stage.optional:
            service.go(session, stage.id)
            answers = {f"check:{c.id}": "no" if c.stops == "yes" else "yes" for c in stage.checks}
            client.post("/sessions/now/answer/", answers)
            session.refresh_from_db()


def test_one_that_goes_well(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    assert as_alice.get("/sessions/now/").status_code == 200
    clear(as_alice, session)
    zone = due[0]
    as_alice.post("/sessions/now/go/", {"to": f"needle:{zone}"})
    page = as_alice.get("/sessions/now/").content.decode()
    assert "up and down" in page.lower()
    for passes in (1, 2, 2):  # the last tap came twice
        as_alice.post("/sessions/now/passes/", {"zone": zone, "direction": "up and down", "passes": passes})
    as_alice.post("/sessions/now/pain/", {"zone": zone, "score": "2"})
    as_alice.post("/sessions/now/seen/", {"zone": zone, "endpoint": "pink"})
    log = ZoneLog.objects.get(session=session, zone=zone)
    assert log.passes == {"up and down": 2} and log.endpoint == "pink" and log.pain[0][1] == 2
    after = as_alice.post("/sessions/now/finish/", follow=True)
    assert "When can I" in after.content.decode()
    session.refresh_from_db()
    assert session.ended and Device.objects.get().sessions.count() == 1
    assert zone not in [z.zone for z in service.offer(alice).due], "what was needled today rests"


def test_one_tap_says_that_all_is_well(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    as_alice.post("/sessions/now/answer/", {"clear": "device"})
    session.refresh_from_db()
    assert session.stage == "device" and service.now(session).halted == ()
    assert not unanswered(service.now(session).stages[:1], session.checks)


def test_a_check_stops_it(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    stage = service.now(session).stages[0]
    check = next(c for c in stage.checks if c.ends == "session")
    page = as_alice.post("/sessions/now/answer/", {f"check:{check.id}": check.stops, "to": "device"}, follow=True)
    assert "Not today" in page.content.decode()
    as_alice.post("/sessions/now/go/", {"to": f"needle:{due[0]}"})
    session.refresh_from_db()
    assert session.stage == "skin", "nothing leads past an answer that stops"


def test_a_pause_that_was_not_kept_leaves_places_out(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:2])
    check = next(c for c in service.now(session).stage.checks if c.id == "paused")
    assert "retinoids" in check.question and "5 days" in check.question
    assert {"needlewise", "wiki", "orlando"} <= {s.source for s in check.says}
    calm = {f"check:{c.id}": "no" if c.stops == "yes" else "yes" for c in service.now(session).stage.checks}
    page = as_alice.post("/sessions/now/answer/", {**calm, "check:paused": "yes", "to": "device"}, follow=True)
    assert "Not today" in page.content.decode() and "Where?" in page.content.decode()
    as_alice.post("/sessions/now/answer/", {**calm, "check:paused": "yes", "where": due[0], "to": "device"})
    session.refresh_from_db()
    assert session.stage == "device" and [log.zone for log in session.zones.all()] == due[1:2]


def test_a_pause_that_was_not_kept_begins_anew(alice: Person, as_alice: Client, due: list[str]) -> None:
    begin(as_alice, alice, due[:1])
    as_alice.post("/sessions/now/answer/", {"check:paused": "yes"})
    as_alice.post("/sessions/now/finish/", {"stopped": "It was not paused."})
    assert not service.offer(Person.objects.get(pk=alice.pk)).due
    assert Moved.objects.of(alice).get().because == "A product was not paused before a session"


def test_who_uses_nothing_is_not_asked_about_a_pause(alice: Person, as_alice: Client, due: list[str]) -> None:
    alice.profile["products"] = []
    alice.save()
    session = begin(as_alice, alice, due[:1])
    assert "paused" not in {c.id for c in service.now(session).stage.checks}


def test_no_stage_is_reached_past_an_open_question(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    as_alice.post("/sessions/now/go/", {"to": f"needle:{due[0]}"})
    session.refresh_from_db()
    assert session.stage == "skin"


def test_what_is_wrong_at_the_beginning_stands_beside_it(alice: Person, as_alice: Client, due: list[str]) -> None:
    device = Device.objects.get().pk
    page = as_alice.post("/sessions/begin/", {"device": device})
    assert page.status_code == 422 and "Choose at least one place." in page.content.decode()
    page = as_alice.post("/sessions/begin/", {"zones": due[1:2], "device": "none"})
    text = page.content.decode()
    assert page.status_code == 422 and "Choose the device" in text
    assert f'value="{due[1]}" id="z2" checked' in text and f'value="{due[0]}" id="z1">' in text, "what was chosen is kept"
    page = as_alice.post("/sessions/begin/", {"zones": ["nose"], "device": device})
    assert page.status_code == 422 and "the plan knows no other" in page.content.decode().lower()
    assert not Session.objects.exists()


def test_a_second_beginning_leads_to_the_open_one(alice: Person, as_alice: Client, due: list[str]) -> None:
    begin(as_alice, alice, due[:1])
    page = as_alice.post("/sessions/begin/", {"zones": due[:1], "device": Device.objects.get().pk}, follow=True)
    assert page.redirect_chain[-1][0] == "/sessions/now/" and "open already" in page.content.decode()


def test_a_question_left_open_is_marked_and_the_others_are_kept(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    calm = {f"check:{c.id}": "no" if c.stops == "yes" else "yes" for c in service.now(session).stage.checks}
    del calm["check:mole"]
    text = as_alice.post("/sessions/now/answer/", {**calm, "to": "device"}).content.decode()
    assert text.count("Please answer this one.") == 1 and "One question is still open" in text
    assert 'id="spots-no" required checked' in text and 'id="mole-no" required>' in text
    session.refresh_from_db()
    assert session.stage == "skin"


def test_what_stops_cannot_be_swept_away_by_one_tap(alice: Person, as_alice: Client, due: list[str]) -> None:
    begin(as_alice, alice, due[:1])
    assert 'name="clear"' in as_alice.get("/sessions/now/").content.decode()
    text = as_alice.post("/sessions/now/answer/", {"check:cold-sore": "yes"}, follow=True).content.decode()
    assert "Not today" in text and 'name="clear"' not in text


def test_the_timer_keeps_what_is_ticked_beside_it(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    clear(as_alice, session)
    service.go(session, "numb")
    as_alice.post("/sessions/now/timer/", {"minutes": "15", "check:numb-strength": "yes"})
    session.refresh_from_db()
    assert session.checks["numb-strength"] == "yes" and "numb" in session.timers


def test_a_tap_in_a_window_left_behind_takes_nothing_away(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    clear(as_alice, session)
    tap = {"zone": due[0], "direction": "up and down"}
    for passes in (1, 2, 1):  # the last one from a window that still shows 0
        as_alice.post("/sessions/now/passes/", {**tap, "passes": passes, "more": "yes"})
    assert ZoneLog.objects.get().passes == {"up and down": 2}
    as_alice.post("/sessions/now/passes/", {**tap, "passes": 1})
    assert ZoneLog.objects.get().passes == {"up and down": 1}, "one less, on purpose"


def test_a_timer_is_set_once(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    clear(as_alice, session)
    service.go(session, "numb")
    minutes = service.now(session).stage.minutes
    assert minutes
    as_alice.post("/sessions/now/timer/", {"minutes": str(minutes[0])})
    session.refresh_from_db()
    first = session.timers["numb"]
    as_alice.post("/sessions/now/timer/", {"minutes": str(minutes[1])})
    session.refresh_from_db()
    assert session.timers["numb"] == first
    until = dt.datetime.fromisoformat(first)
    assert abs((until - timezone.now()).total_seconds() - 60 * minutes[0]) < 30


def test_blood_says_stop(alice: Person, as_alice: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    clear(as_alice, session)
    as_alice.post("/sessions/now/go/", {"to": f"needle:{due[0]}"})
    page = as_alice.post("/sessions/now/seen/", {"zone": due[0], "endpoint": "pin-point bleeding"}, follow=True)
    assert "Stop here" in page.content.decode()
    as_alice.post("/sessions/now/seen/", {"zone": due[0], "endpoint": "none"})
    assert ZoneLog.objects.get().endpoint == "pin-point bleeding", "what was seen stays seen"


def test_two_at_once_are_refused(alice: Person, as_alice: Client, due: list[str]) -> None:
    begin(as_alice, alice, due[:1])
    as_alice.post("/sessions/begin/", {"zones": due[:1], "device": Device.objects.get().pk})
    assert Session.objects.count() == 1


def test_nothing_done_leaves_nothing(alice: Person, as_alice: Client, due: list[str]) -> None:
    begin(as_alice, alice, due[:1])
    as_alice.post("/sessions/now/finish/")
    assert not Session.objects.exists()


@pytest.mark.parametrize("sent", [{"passes": "many"}, {"passes": "-1"}, {"passes": "9999"}])
def test_a_number_that_cannot_be(alice: Person, as_alice: Client, due: list[str], sent: dict[str, Any]) -> None:
    begin(as_alice, alice, due[:1])
    answer = as_alice.post("/sessions/now/passes/", {"zone": due[0], "direction": "up and down", **sent}, follow=True)
    assert answer.status_code == 200 and ZoneLog.objects.get().passes == {}


def test_whose_session_it_is(alice: Person, as_alice: Client, as_bob: Client, stranger: Client, due: list[str]) -> None:
    session = begin(as_alice, alice, due[:1])
    service.set_passes(session.zones.get(), "up and down", 2)
    assert as_bob.post("/sessions/now/passes/", {"zone": due[0], "direction": "x", "passes": 3}).status_code == 404
    as_alice.post("/sessions/now/finish/")
    assert as_alice.get(f"/sessions/{session.pk}/").status_code == 200
    assert as_bob.get(f"/sessions/{session.pk}/").status_code == 404
    assert as_bob.post(f"/sessions/{session.pk}/delete/").status_code == 404
    assert stranger.get(f"/sessions/{session.pk}/").status_code == 302


def test_ten_times_the_data_asks_no_more(alice: Person, as_alice: Client) -> None:
    def add(number: int) -> None:
        for n in range(number):
            at = timezone.now() - dt.timedelta(days=100 + n)
            session = Session.objects.create(person=alice, device=Device.objects.get(), started=at, ended=at)
            ZoneLog.objects.create(session=session, zone="cheek-left", mm=0.3, passes={"up and down": 2})

    add(2)
    with CaptureQueriesContext(connection) as few:
        as_alice.get("/sessions/")
    add(20)
    with CaptureQueriesContext(connection) as many:
        as_alice.get("/sessions/")
    assert len(many) == len(few)


def test_how_far_a_pen_is_set_is_told(alice: Person, as_alice: Client, due: list[str]) -> None:
    Device.objects.update(kind="pen", mm=0.3, needles=12)
    session = begin(as_alice, alice, due[:1])
    clear(as_alice, session)
    as_alice.post("/sessions/now/go/", {"to": f"needle:{due[0]}"})
    text = as_alice.post("/sessions/now/length/", {"zone": due[0], "mm": "a bit"}).content.decode()
    assert "A length in millimetres is needed" in text and 'value="a bit"' in text
    as_alice.post("/sessions/now/length/", {"zone": due[0], "mm": "0,25"})
    assert ZoneLog.objects.get().mm == 0.25
    page = as_alice.post("/sessions/now/length/", {"zone": due[0], "mm": "1.5"}, follow=True)
    assert "longer than" in page.content.decode()
