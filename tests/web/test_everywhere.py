"""Each address of the app, pages and API alike, as its owner, as another person and as a stranger; and how much it asks.

A test goes through all addresses and says at the end which of them failed: what takes time is to write the records.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from people import signed_in
from years import SECRET, live, open_session

from addresses import Address, addresses
from needlewise.web.models import Feed, Person
from needlewise.web.services import export

ALL = addresses()
MINE = [a for a in ALL if a.about not in ("", "backup", "user")]
OPEN = ("enter", "sign-in", "sign-out", "feed", "manifest", "worker", "offline")  # what a stranger may see
OWNERS = ("yours/backups/", "yours/people/")  # whoever runs the machine; others are told that it is not open to them
METHODS = ("get", "post", "put", "patch", "delete")
ACCEPTED = {  # a body that every operation takes, so that nothing but whose record it is can be in the way
    "kind": "stamp", "mm": 0.5, "what": "stress", "date": dt.date.today().isoformat(), "findings": [], "pose": "front",
}  # fmt: skip


@pytest.fixture
def some(alice: Person) -> dict[str, Any]:
    """One record of each kind, all of alice, who runs the machine."""
    alice.owner.is_superuser = True
    alice.owner.save()
    made = live(alice, 2)
    open_session(alice)
    return made


def ask(client: Client, method: str, path: str, **headers: str) -> tuple[int, str, str]:
    """Return status, where it leads, and what was answered."""
    if path.startswith("/api/") and method != "get":
        how: dict[str, Any] = {"data": json.dumps(ACCEPTED), "content_type": "application/json"}
    else:
        how = {"data": ""} if method in ("put", "patch", "delete") else {}
    response = getattr(client, method)(path, headers=headers, **how)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, response.headers.get("Location", ""), body.decode(errors="replace")


def each(test: Any, which: list[Address]) -> None:
    """Try every address, and fail with all that went wrong."""
    wrong = {}
    for address in which:
        try:
            test(address)
        except AssertionError as error:
            wrong[address.route] = str(error)[:400]
    assert not wrong, "\n".join(f"{route}: {why}" for route, why in wrong.items())


def kept(person: Person) -> str:
    return json.dumps({**export.records(person), "made": ""}, default=str)


def keys(some: dict[str, Any]) -> list[str]:
    return [str(record.pk) for kind, record in some.items() if hasattr(record, "pk") and kind != "user"]


def test_a_stranger_gets_nothing(some: dict[str, Any], alice: Person, stranger: Client) -> None:
    before = kept(alice)

    def test(address: Address) -> None:
        program = address.route.startswith("api/")
        for method in METHODS:
            status, leads, text = ask(stranger, method, address.with_(some))
            assert "cheek" not in text and not any(key in text for key in keys(some)), method
            if address.name in OPEN and not program:
                assert status in (200, 302, 403, 404, 405), (method, status)
                assert status != 200 or address.name != "feed"
            elif status == 302:
                assert leads.startswith("/sign-in/"), (method, leads)
            else:
                assert program and status in (401, 405), (method, status)

    each(test, ALL)
    assert kept(alice) == before


def test_anothers_record_is_not_there(some: dict[str, Any], alice: Person, as_bob: Client) -> None:
    before = kept(alice)

    def test(address: Address) -> None:
        answers = {m: ask(as_bob, m, address.with_(some), Range="bytes=0-3")[0] for m in METHODS}
        assert set(answers.values()) <= {404, 405} and 404 in answers.values(), answers

    each(test, MINE)
    assert kept(alice) == before


def test_a_guess_is_answered_like_anothers_record(some: dict[str, Any], as_alice: Client) -> None:
    guess = type("Guess", (), {"pk": uuid.uuid4()})

    def test(address: Address) -> None:
        answers = {m: ask(as_alice, m, address.with_({address.about: guess}))[0] for m in METHODS}
        assert set(answers.values()) <= {404, 405} and 404 in answers.values(), answers

    each(test, MINE)


def test_what_is_shown_to_another_is_theirs(some: dict[str, Any], bob: Person, as_bob: Client) -> None:
    live(bob, 1)

    def test(address: Address) -> None:
        status, _, text = ask(as_bob, "get", address.with_(some))
        assert status < 500 and not any(key in text for key in keys(some)), status
        if address.route.startswith(OWNERS):
            assert {status, ask(as_bob, "post", address.with_(some))[0]} <= {403, 405}

    each(test, [a for a in ALL if a not in MINE])


def test_the_owner_gets_an_answer(some: dict[str, Any], as_alice: Client) -> None:
    def test(address: Address) -> None:
        fine = (404,) if address.name in ("feed", "api-root") else (200, 302, 405)
        status, _, text = ask(as_alice, "get", address.with_(some))
        assert status in fine, (status, text)

    each(test, ALL)


def test_a_secret_opens_one_calendar_until_it_is_taken_back(alice: Person, some: dict[str, Any], stranger: Client) -> None:
    path = f"/feed/{SECRET}{alice.pk}0.ics"
    assert ask(stranger, "get", path)[0] == 200
    stored = Feed.objects.of(alice).order_by("-made")[0].secret
    assert ask(stranger, "get", f"/feed/{stored}.ics")[0] == 404, "what is stored opens nothing"
    Feed.objects.update(revoked=dt.datetime.now(dt.UTC))
    assert ask(stranger, "get", path)[0] == 404


def test_an_export_holds_nothing_of_another(some: dict[str, Any], bob: Person, as_bob: Client) -> None:
    theirs = live(bob, 1)
    text = ask(as_bob, "get", "/api/export")[2]
    assert str(theirs["photo"].pk) in text and not any(key in text for key in keys(some))


def test_ten_times_the_records_ask_no_more(alice: Person, some: dict[str, Any]) -> None:
    client = signed_in(alice)
    paths = {a.route: a.with_(some) for a in ALL if a.name != "sign-out"}

    def questions(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            ask(client, "get", path)
        return len(asked)

    for path in paths.values():
        questions(path)  # what is read once for all
    few = {route: questions(path) for route, path in paths.items()}
    live(alice, 18, first=2)
    many = {route: questions(path) for route, path in paths.items()}
    assert not {route: (few[route], many[route]) for route in paths if many[route] > few[route]}
    assert not {route: n for route, n in many.items() if n > 30}
