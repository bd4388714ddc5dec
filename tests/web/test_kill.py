"""Nothing lost: the server is killed at random moments, and whatever it had said yes to is there and whole.

A few kills in every test run; `NEEDLEWISE_KILLS=200` (as `make soak` sets it) makes it as many as are promised.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CUT_OFF, Browser
from PIL import Image

from apps import App, ready_person
from needlewise.web import place

KILLS = int(os.environ.get("NEEDLEWISE_KILLS", "5"))
STRAY = (".new-*", ".gone-*", "*.upload*", ".work-*", "tmp*")
MIGRATIONS = max(1, KILLS // 5)  # of all kills, so many while the records are brought up to date


def picture(number: int) -> bytes:
    """A picture that no other number has, of some size, so that it takes a moment to arrive."""
    rng = random.Random(number)
    out = io.BytesIO()
    Image.frombytes("RGB", (480, 360), rng.randbytes(480 * 360 * 3)).save(out, "JPEG", quality=92)
    return out.getvalue()


class Person:
    """Somebody who does everything at once, and remembers what the server said yes to."""

    def __init__(self, home: Path) -> None:
        self.home, self.browser = home, Browser()
        self.app = App(home).start()
        ready_person(self.app, days=60)
        self.browser.sign_in(self.app.link)
        self.photos: dict[str, str] = {}
        self.events: set[str] = set()
        self.gone: set[str] = set()
        self.passes = self.tried = self.sent = 0
        self.stop = threading.Event()
        due, device = self.said("GET", "today")["due"], self.said("GET", "devices")["items"][0]["id"]
        self.zone = due[0]
        assert self.browser.json("POST", "sessions", {"zones": due[:1], "device": device})[0] == 201

    def said(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.browser.json(method, path, body)
        assert status in (200, 201), (status, answer)
        return answer

    def all(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(part := self.said("GET", f"{what}?limit=100&offset={len(found)}")["items"]) == 100:
            found += part
        return found + part

    def upload(self) -> None:
        self.sent += 1
        status, answer = self.browser.upload("/api/photos", "files", [picture(self.sent)], {"pose": "scalp", "make_up": "false"})
        if status == 201:
            self.photos |= {photo["id"]: photo["sha256"] for photo in json.loads(answer)["kept"]}

    def tap(self) -> None:
        self.tried = self.passes % 200 + 1
        if self.browser.json("PUT", f"sessions/now/zones/{self.zone}", {"passes": {"up and down": self.tried}})[0] == 200:
            self.passes = self.tried

    def tell(self) -> None:
        status, answer = self.browser.json("POST", "events", {"what": "stress", "date": "2026-01-10"})
        if status == 201:
            self.events.add(answer["id"])
        if len(self.events) > 3:
            event = self.events.pop()
            if self.browser.json("DELETE", f"events/{event}")[0] == 204:
                self.gone.add(event)

    def back_up(self) -> None:
        self.browser.form("/yours/backups/", {"passphrase": ""})
        for old in sorted((self.home / place.BACKUPS).glob("*.zip"))[:-3]:
            old.unlink()

    def busy_until_killed(self, moment: float) -> None:
        """Do all of it at once, and have the server killed at a moment (s)."""
        self.stop.clear()

        def again(do: Callable[[], None]) -> None:
            with contextlib.suppress(*CUT_OFF):
                while not self.stop.is_set():
                    do()

        threads = [threading.Thread(target=again, args=(do,)) for do in (self.upload, self.tap, self.tell, self.back_up)]
        for thread in threads:
            thread.start()
        time.sleep(moment)
        self.app.kill()
        self.stop.set()
        for thread in threads:
            thread.join(60)

    def start_again(self, killed_first: float | None = None) -> None:
        if killed_first is not None:  # a start, too, may be cut off
            early = subprocess.Popen(
                [sys.executable, "-m", "needlewise.cli", "serve", "--no-browser", "--port", "0"], start_new_session=True,
                env={**os.environ, place.HOME: str(self.home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(killed_first)
            os.killpg(early.pid, 9)
            early.wait()
        self.app.start()
        self.browser.at = ("localhost", self.app.port)

    def check(self, every: bool) -> None:
        """What was said yes to is there, what was said to be gone is gone, and nothing is there by halves."""
        folder = self.home / place.PHOTOS
        assert whole(self.home / place.DATABASE)
        strays = [path.name for pattern in STRAY for root in (self.home, *folder.iterdir()) for path in root.glob(pattern)]
        assert not strays, strays
        there = {p["id"]: p for p in self.all("photos")}
        files = {path.stem: path for path in folder.rglob("*") if path.is_file()}
        assert set(self.photos) <= set(there), "a photo that was accepted is gone"
        assert {p["sha256"] for p in there.values()} == set(files), "records and files do not match"
        for photo in list(there) if every else list(there)[-8:]:
            sha = there[photo]["sha256"]
            status, data = self.browser.ask("GET", f"/api/photos/{photo}/file")
            assert status == 200 and hashlib.sha256(data).hexdigest() == sha == self.photos.get(photo, sha)
        events = {e["id"] for e in self.all("events")}
        assert self.events <= events and not self.gone & events
        done = self.said("GET", "sessions/now")["session"]["zones"][0]["passes"].get("up and down", 0)
        assert done in (self.passes, self.tried), (done, self.passes, self.tried)
        self.passes = done
        for backup in (self.home / place.BACKUPS).iterdir():
            with zipfile.ZipFile(backup) as opened:
                named = json.loads(opened.read("manifest.json"))["files"]
                assert all(hashlib.sha256(opened.read(name)).hexdigest() == sha for name, sha in named.items())


def whole(database: Path) -> bool:
    with contextlib.closing(sqlite3.connect(database)) as records:
        return bool(records.execute("PRAGMA integrity_check").fetchone() == ("ok",))


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    made = Person(tmp_path / "home")
    yield made
    made.app.stop()


def test_nothing_is_lost_when_the_server_is_killed(person: Person) -> None:
    chance = random.Random(os.environ.get("NEEDLEWISE_SEED", "7"))
    for kill in range(KILLS - MIGRATIONS):
        person.busy_until_killed(chance.uniform(0.05, 1.5))
        person.start_again(chance.uniform(0.1, 2.0) if kill % 5 == 4 else None)
        person.check(every=kill % 20 == 19)
    person.check(every=True)
    assert person.photos and person.passes, "something must have been accepted for this to mean anything"
    end = time.monotonic() + 120 + 2 * len(person.photos)
    while not all(photo["checked"] for photo in person.all("photos")):
        assert time.monotonic() < end, "measuring did not resume"
        time.sleep(0.5)


def in_home(home: Path, code: str) -> None:
    start = "from needlewise.web.serve import start; start(); from django.core.management import call_command; "
    environment = {**os.environ, place.HOME: str(home)}
    subprocess.run([sys.executable, "-c", start + code], env=environment, check=True, timeout=120)


def test_an_upgrade_that_is_cut_off_is_done_the_next_time(tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(os.environ.get("NEEDLEWISE_SEED", "7"))
    app = App(home).start()
    ready_person(app)
    app.stop()
    in_home(home, "call_command('migrate', 'needlewise', '0001', verbosity=0)")
    old = (home / place.DATABASE).read_bytes()
    for _ in range(MIGRATIONS):
        (home / place.DATABASE).write_bytes(old)
        for side in ("-wal", "-shm"):
            home.joinpath(place.DATABASE + side).unlink(missing_ok=True)
        for backup in (home / place.BACKUPS).iterdir():
            backup.unlink()
        early = subprocess.Popen(
            [sys.executable, "-m", "needlewise.cli", "serve", "--no-browser", "--port", "0"], start_new_session=True,
            env={**os.environ, place.HOME: str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.3, 1.6))
        os.killpg(early.pid, 9)
        early.wait()
        assert whole(home / place.DATABASE)
        app.start()
        browser = Browser()
        browser.sign_in(app.link)
        assert browser.json("GET", "devices")[1]["count"] == 1 and browser.json("GET", "plan")[0] == 200
        assert [*(home / place.BACKUPS).glob("*.zip")] and not [*home.glob(".work-*")], "what was there before is backed up"
        app.stop()
