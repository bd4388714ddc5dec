"""Today, calendar, changes, plan and answers: as owner, as another person, as a stranger."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from needlewise.knowledge import table
from needlewise.web.models import Device, Event, Feed, Moved, Person, Session, Sitting, ZoneLog
from needlewise.web.services.feeds import new_feed
from needlewise.web.services.planning import plan_of, today

PAGES = ["/", "/calendar/", "/calendar/2026/11/", "/calendar/addresses/", "/changes/", "/changes/add/sun/", "/changes/add/week/",
         "/changes/add/treatment/", "/changes/add/cold-sore/", "/changes/add/session/", "/plan/", "/answers/", "/answers/words/",
         "/answers/claims/", "/answers/serum/", "/answers/costs/", "/me/", "/me/goals/", "/me/goals/glow/"]  # fmt: skip

WRITTEN_SO = {"make-up", "red-flag", "upper-lip"}  # with a hyphen in a text too


def needled(person: Person, days: float, mm: float = 0.3) -> Session:
    """A session that ended so many days ago."""
    ended = timezone.now() - dt.timedelta(days=days)
    device = Device.objects.of(person).first()
    session = Session.objects.create(person=person, device=device, started=ended - dt.timedelta(minutes=30), ended=ended)
    for zone in ("cheek-left", "cheek-right"):
        ZoneLog.objects.create(session=session, zone=zone, mm=mm, passes={"up and down": 2}, done=True)
    return session


def long_ago(person: Person, days: int = 60) -> None:
    """The first run ended so long ago that every pause is kept."""
    person.ready = timezone.now() - dt.timedelta(days=days)
    person.save()


@pytest.mark.parametrize("address", PAGES)
def test_pages_open_for_their_owner_only(address: str, as_alice: Client, stranger: Client) -> None:
    page = as_alice.get(address)
    assert page.status_code == 200 and page.content.decode().count("<h1") == 1
    assert "style=" not in page.content.decode() and "{{" not in page.content.decode()
    assert stranger.get(address).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("n", [q.n for q in table("questions").values()])
def test_every_question_is_answered_for_alice(n: int, as_alice: Client) -> None:
    page = as_alice.get(f"/answers/{n}/")
    answer = page.context["answer"]
    assert page.status_code == 200 and answer.for_you and answer.spread
    assert all(s.source in table("sources") for s in answer.spread)


@pytest.mark.parametrize("language", ["en", "es"])
def test_answers_name_days_places_and_rows_in_words(alice: Person, as_alice: Client, language: str) -> None:
    alice.language = language
    alice.save()
    names = ("zones", "rules", "care", "concerns", "lengths", "actives")
    coded = {key for name in names for key in table(name) if "-" in key} - WRITTEN_SO
    coded |= {f"{zone}-{side}" for zone in table("zones") for side in ("left", "right")}
    for q in table("questions").values():
        text = strip_tags(as_alice.get(f"/answers/{q.n}/").content.decode())
        found = [word for word in re.findall(r"[\w-]+", text) if word in coded or re.fullmatch(r"\d{4}-\d\d-\d\d", word)]
        assert not found, (q.n, found)
    day = plan_of(alice).zones[0].first
    assert day is not None
    said = as_alice.get("/answers/3/").content.decode()
    assert date_format(day, "DATE_FORMAT") in said if language == "en" else f"{day.day} de " in said


def test_a_question_in_ones_own_words(as_alice: Client) -> None:
    assert as_alice.get("/answers/", {"q": "minoxidil again?"}).headers["Location"] == "/answers/6/"
    page = as_alice.get("/answers/", {"q": "xyzzy"})
    assert page.status_code == 200 and 'class="fault"' in page.content.decode() and "xyzzy" in page.content.decode()
    assert as_alice.get("/answers/99/").status_code == 404


def test_a_label_is_checked(as_alice: Client) -> None:
    page = as_alice.post("/answers/serum/", {"label": "20 % L-ascorbic acid, 1 % vitamin E"})
    assert page.context["check"] is not None and not page.context["check"].on_needled_skin
    wrong = as_alice.post("/answers/serum/", {"label": "90 % water, 80 % oil"})
    assert wrong.context["form"].errors and "90 % water" in wrong.content.decode()


def test_ones_own_prices_are_counted(alice: Person, as_alice: Client) -> None:
    assert as_alice.post("/answers/costs/", {"currency": "gbp", "device": "20"}).status_code == 302
    line = as_alice.get("/answers/costs/").context["sheet"].lines[0]
    assert line.currency == "GBP" and line.per_session == 20
    assert as_alice.post("/answers/costs/", {"currency": "gbp", "device": "-3"}).context["form"].errors


def test_today_asks_for_photos_then_the_session_then_rest(alice: Person, as_alice: Client) -> None:
    assert as_alice.get("/").context["day"].kind == "rest"  # the pauses have just begun
    long_ago(alice)
    assert as_alice.get("/").context["day"].kind == "photos"
    Sitting.objects.create(person=alice, day=today())
    day = as_alice.get("/").context["day"]
    assert day.kind == "session" and set(day.due) == {"cheek-left", "cheek-right"}
    session = Session.objects.create(person=alice)
    assert as_alice.get("/").context["day"].kind == "open"
    session.delete()
    needled(alice, 0.2)
    day = as_alice.get("/").context["day"]
    assert day.kind == "aftercare" and not day.due and day.rests
    waiting = {r.id for r in day.skin.not_yet}
    assert {"retinoid", "minoxidil", "acids", "vitamin-c", "make-up", "sun", "exercise"} <= waiting


def test_a_day_without_a_product_that_pauses_does_not_start_the_pause_again(alice: Person) -> None:
    long_ago(alice)
    assert plan_of(alice).zones[0].first == today()


def test_a_new_product_starts_its_pause(alice: Person, as_alice: Client) -> None:
    long_ago(alice)
    as_alice.post("/me/products/", {"usual": ["retinoid", "acids"]})
    alice.refresh_from_db()
    first = plan_of(alice).zones[0].first
    assert first is not None and first > today()
    assert Moved.objects.of(alice).exists()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("sun", {"what": "sunburn", "zone": "face"}),
        ("treatment", {"what": "peel", "zone": ""}),
        ("cold-sore", {"what": "cold-sore"}),
        ("session", {"zones": ["cheek-left", "cheek-right"], "mm": "0.3"}),
    ],
)
def test_a_change_shows_at_once_what_moved_and_why(alice: Person, as_alice: Client, kind: str, data: dict[str, object]) -> None:
    long_ago(alice)
    told = as_alice.post(f"/changes/add/{kind}/", {**data, "date": today().isoformat()})
    page = as_alice.get(told.headers["Location"])
    assert page.status_code == 200 and page.context["lines"]
    assert any(line.because or line.what == "first" for line in page.context["lines"])


def test_an_illness_is_kept_and_moves_nothing(alice: Person, as_alice: Client) -> None:
    told = as_alice.post("/changes/add/week/", {"what": "illness", "date": today().isoformat()})
    assert told.headers["Location"] == "/changes/" and Event.objects.of(alice).get().what == "illness"


def test_a_cold_sore_ends(alice: Person, as_alice: Client) -> None:
    long_ago(alice)
    event = Event.objects.create(person=alice, what="cold-sore", date=today() - dt.timedelta(days=9))
    assert plan_of(alice).verdict == "stop"
    over = {"what": "cold-sore", "date": event.date.isoformat(), "until": (today() - dt.timedelta(days=1)).isoformat()}
    as_alice.post(f"/changes/{event.pk}/", over)
    assert plan_of(alice).verdict != "stop"
    wrong = {**over, "until": "2020-01-01"}
    page = as_alice.post(f"/changes/{event.pk}/", wrong)
    assert list(page.context["form"].errors) == ["until"]


def test_records_of_another_are_not_there(alice: Person, as_bob: Client, stranger: Client) -> None:
    event = Event.objects.create(person=alice, what="peel", date=today())
    moved = Moved.objects.create(person=alice, because="x")
    feed = Feed.objects.create(person=alice, secret="0" * 64)
    now = timezone.now()
    past = Session.objects.create(person=alice, started=now, ended=now, stage="past")
    assert as_bob.get(f"/changes/{event.pk}/").status_code == 404
    assert as_bob.get(f"/changes/moved/{moved.pk}/").status_code == 404
    for address in (
        f"/changes/{event.pk}/delete/",
        f"/changes/session/{past.pk}/delete/",
        f"/calendar/addresses/{feed.pk}/revoke/",
    ):
        assert as_bob.post(address).status_code == 404
        assert stranger.post(address).headers["Location"].startswith("/sign-in/")
        assert as_bob.get(address).status_code in (404, 405)
    feed.refresh_from_db()
    assert feed.revoked is None and Event.objects.exists() and Session.objects.exists()


def test_a_calendar_speaks_the_language_of_its_person(alice: Person, stranger: Client) -> None:
    Person.objects.filter(pk=alice.pk).update(language="es")
    for discreet, said, unsaid in ((True, "Rutina de la piel", "Skin"), (False, "Sesión 1: mejilla", "Session")):
        text = stranger.get(f"/feed/{new_feed(alice, discreet)}.ics", headers={"accept-language": "en"}).content.decode()
        titles = [line for line in text.splitlines() if line.startswith(("SUMMARY", "X-WR-CALNAME"))]
        assert any(said in title for title in titles) and not any(unsaid in title for title in titles)
    plain = text.replace("\r\n ", "")  # lines are folded
    assert "Fuentes:" in plain and "Hasta el" in plain and "Until" not in plain


def test_a_calendar_address_is_shown_once_and_can_be_taken_back(alice: Person, as_alice: Client, stranger: Client) -> None:
    link = as_alice.post("/calendar/addresses/", {"discreet": "on"}).context["link"]
    secret = link.rpartition("/")[2].removesuffix(".ics")
    assert secret not in as_alice.get("/calendar/addresses/").content.decode()
    assert secret not in str(list(Feed.objects.values()))
    answer = stranger.get(f"/feed/{secret}.ics")
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/calendar") and "BEGIN:VEVENT" in text
    assert "Skin routine" in text and "needle" not in text.lower().replace("needlewise", "")
    assert "no-store" in answer.headers["Cache-Control"]
    assert stranger.post(f"/feed/{secret}.ics").status_code == 405
    as_alice.post(f"/calendar/addresses/{Feed.objects.get().pk}/revoke/")
    assert stranger.get(f"/feed/{secret}.ics").status_code == 404
    assert stranger.get("/feed/nonsense.ics").status_code == 404


def test_a_calendar_with_open_titles_says_what_is_due(alice: Person, as_alice: Client, stranger: Client) -> None:
    link = as_alice.post("/calendar/addresses/", {}).context["link"]
    assert "Session" in stranger.get("/feed/" + link.rpartition("/")[2]).content.decode()


def test_the_calendar_shows_what_was_and_what_will_be(alice: Person, as_alice: Client) -> None:
    long_ago(alice)
    session = needled(alice, 1)
    Sitting.objects.create(person=alice, day=today())
    date = timezone.localtime(session.started).date()
    month = as_alice.get(f"/calendar/{date.year}/{date.month}/").context["month"]
    assert next(d for d in month.full if d.date == date).sessions == [session]
    first = plan_of(alice).zones[0].first
    assert first is not None
    planned = as_alice.get(f"/calendar/{first.year}/{first.month}/").context["month"]
    assert "planned" in next(d for d in planned.full if d.date == first).marks
    assert as_alice.get("/calendar/2026/13/").status_code == 404
    assert as_alice.get("/calendar/9999/12/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/calendar/", "/changes/", "/plan/", "/answers/6/", "/me/"])
def test_the_number_of_queries_does_not_grow(address: str, alice: Person, as_alice: Client) -> None:
    from django.db import connection

    def fill(n: int) -> int:
        for i in range(n):
            needled(alice, 20 + i)
            Event.objects.create(
                person=alice, what="stress", date=today() - dt.timedelta(days=i), until=today() - dt.timedelta(days=i)
            )
            Sitting.objects.create(person=alice, day=today() - dt.timedelta(days=Sitting.objects.count()))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_alice.get(address).status_code == 200
        return len(queries)

    as_alice.get(address)
    few, many = fill(2), fill(18)
    assert few == many <= 16
