"""Twenty people at once, with Debian's ApacheBench as everybody can run it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from browser import Browser

from apps import App, ready_person

AT_ONCE, REQUESTS, PAGE = 20, 100, "/yours/report/"


@pytest.mark.skipif(not shutil.which("ab"), reason="ApacheBench is not here: apt-get install apache2-utils")
def test_twenty_at_once_all_get_the_heaviest_page(tmp_path: Path) -> None:
    app = App(tmp_path / "home").start()
    try:
        ready_person(app)
        browser = Browser()
        browser.sign_in(app.link)
        status, content, *_ = browser.ask("GET", PAGE)
        assert status == 200
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        command = ["ab", "-q", "-l", "-s", "60", "-n", str(REQUESTS), "-c", str(AT_ONCE), "-H", f"Cookie: {cookies}"]
        done = subprocess.run([*command, f"http://127.0.0.1:{app.port}{PAGE}"], capture_output=True, text=True, check=True)
    finally:
        app.stop()
    said = {name: int(number) for name, number in re.findall(r"^([A-Z][\w -]+):\s+(\d+)", done.stdout, re.M)}
    assert said["Complete requests"] == REQUESTS and said["Failed requests"] == 0 and "Non-2xx responses" not in said, done.stdout
    assert said["HTML transferred"] >= 0.9 * REQUESTS * len(content), "whole pages"
