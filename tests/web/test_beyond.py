"""Beyond this machine: what is demanded, what is said, and that the settings for it pass Django's own inspection."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from apps import App
from needlewise.web import place


def run(home: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, place.HOME: str(home), **more}
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_djangos_own_inspection_finds_nothing(tmp_path: Path) -> None:
    django = ("-m", "django", "check", "--deploy", "--fail-level", "WARNING", "--settings", "needlewise.web.settings")
    done = run(tmp_path / "home", *django, NEEDLEWISE_TLS="1", NEEDLEWISE_HOSTS="needle.lan")
    assert done.returncode == 0 and "no issues" in done.stdout, done.stdout + done.stderr


def test_nobody_gets_in_without_a_passphrase(tmp_path: Path) -> None:
    serve = ("-m", "needlewise.cli", "serve", "--no-browser", "--port", "0", "--bind", "0.0.0.0")
    done = run(tmp_path / "home", *serve)
    assert done.returncode == 2 and "passphrase" in done.stderr and "TLS" in done.stderr and "owner" in done.stderr


@pytest.fixture
def with_passphrase(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    App(home).start().stop()
    code = "from needlewise.web.serve import start, owner; start(); o = owner(); o.set_password('seven bright needles'); o.save()"
    assert run(home, "-c", code).returncode == 0
    return home


def test_without_tls_it_says_what_that_means(with_passphrase: Path) -> None:
    app = App(with_passphrase, ("--bind", "0.0.0.0", "--name", "needle.lan")).start()
    app.stop()
    assert "put TLS in front" in app.said and "others on the network can read them" in app.said


def test_with_tls_cookies_travel_over_it_only(with_passphrase: Path) -> None:
    from http.client import HTTPConnection

    app = App(with_passphrase, ("--bind", "0.0.0.0", "--name", "needle.lan", "--tls")).start()
    try:
        assert "put TLS in front" not in app.said and app.link.startswith("https://needle.lan/")
        plain = HTTPConnection("127.0.0.1", app.port, timeout=20)
        plain.request("GET", "/sign-in/", headers={"Host": "needle.lan"})
        answer = plain.getresponse()
        assert answer.status == 301 and answer.headers["Location"] == "https://needle.lan/sign-in/"
        plain.close()
        plain.request("GET", "/sign-in/", headers={"Host": "evil.example"})
        assert plain.getresponse().status == 400
        plain.close()
    finally:
        app.stop()


@pytest.mark.parametrize("part", ["", place.DATABASE, place.KEY, place.PHOTOS, place.BACKUPS])
def test_files_are_their_owners_only(with_passphrase: Path, part: str) -> None:
    path = with_passphrase / part
    assert path.stat().st_mode & 0o077 == 0, re.sub("^.*/", "", str(path))
