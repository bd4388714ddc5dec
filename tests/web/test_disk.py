"""A disk that is full or closed: a clear message, nothing by halves, and all is well again once there is room."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from test_kill import picture, whole

from apps import App, ready_person
from needlewise.web import place

ROOM_KB = 6000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_KB}k,mode=700", "tmpfs", str(folder)]
    if os.name == "nt" or os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be made by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill a disk up."""
    stuffing = folder / "stuffing"
    with stuffing.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"x" * 4096)
        except OSError:
            pass
    return stuffing


def refused(home: Path) -> str:
    """Start the app where it cannot start, and return what it says."""
    command = [sys.executable, "-m", "needlewise.cli", "serve", "--no-browser", "--port", "0"]
    environment = {**os.environ, place.HOME: str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_a_full_disk(small_disk: Path, request: pytest.FixtureRequest) -> None:
    home = small_disk / "home"
    app = App(home).start()
    ready_person(app)
    browser = Browser()
    browser.sign_in(app.link)
    kept = {}
    for number in range(3):
        status, answer = browser.upload("/api/photos", "files", [picture(number)], {"pose": "scalp"})
        assert status == 201
        kept |= {photo["id"]: photo["sha256"] for photo in json.loads(answer)["kept"]}
    stuffing = fill(small_disk)
    request.addfinalizer(app.process.kill)
    seen = set()
    for number in range(3, 6):
        status, answer = browser.upload("/photos/add/", "photos", [picture(number)], {
            "pose": "scalp", "make_up": "no", "session": "find-out", "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        })  # fmt: skip
        seen.add(status)
        assert b"no room" in answer and b"Traceback" not in answer
        for _ in range(300):  # there may be room left for a few records
            status, said = browser.json("POST", "events", {"what": "stress", "date": "2026-01-10"})
            if status != 201:
                break
        seen.add(status)
        assert "no room" in said["errors"][0]["allowed"]
        status, text = browser.form("/yours/backups/", {"passphrase": ""})
        assert status in (422, 507) and b"Traceback" not in text
    assert seen == {507}
    assert browser.ask("GET", "/photos/")[0] == 200, "what is there can still be read"
    app.kill()
    message = refused(home)
    assert "disk" in message and "room" in message
    stuffing.unlink()
    app.start()
    browser.at = ("localhost", app.port)
    try:
        there = {p["id"]: p["sha256"] for p in browser.json("GET", "photos")[1]["items"]}
        assert there == kept and whole(home / place.DATABASE)
        files = [path for path in (home / place.PHOTOS).rglob("*") if path.is_file()]
        assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == set(kept.values())
        assert not [p for p in home.iterdir() if p.name.startswith((".work", ".new", "tmp"))]
        assert browser.upload("/api/photos", "files", [picture(9)], {"pose": "scalp"})[0] == 201
    finally:
        app.stop()


def test_a_disk_that_may_not_be_written_to(small_disk: Path) -> None:
    home = small_disk / "home"
    app = App(home).start()
    app.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    message = refused(home)
    assert "read-only" in message and "write" in message
