"""The one-time link, the passphrase, and who is let in."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from needlewise.web.models import Entry, Person


def test_a_link_signs_in_once(alice: Person, stranger: Client) -> None:
    secret = Entry.new(alice.owner)
    assert secret not in str(list(Entry.objects.values()))
    assert stranger.get(f"/enter/{secret}/").status_code == 200  # a link fetched ahead burns nothing
    assert stranger.post(f"/enter/{secret}/").status_code == 302
    assert stranger.get("/").status_code == 200
    assert Client().post(f"/enter/{secret}/").status_code == 403


def test_a_link_runs_out(alice: Person, stranger: Client) -> None:
    secret = Entry.new(alice.owner)
    Entry.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    assert stranger.post(f"/enter/{secret}/").status_code == 403


def test_a_stranger_is_asked_to_sign_in(stranger: Client, db: None) -> None:
    assert stranger.get("/").headers["Location"].startswith("/sign-in/")


def test_signing_in_is_throttled(alice: Person, stranger: Client) -> None:
    for _ in range(5):
        last = stranger.post("/sign-in/", {"username": "alice", "password": "wrong"})
    assert last.status_code == 429
    right = {"username": "alice", "password": "alice-has-a-long-passphrase"}
    assert stranger.post("/sign-in/", right).status_code == 429


@pytest.mark.parametrize("address", ["/", "/sign-in/"])
def test_every_answer_is_strict(address: str, as_alice: Client) -> None:
    headers = as_alice.get(address).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert "private" in headers["Cache-Control"]
