"""A disk that is full or closed: a clear message, nothing by halves, and all is well again once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps import App
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


def refused(home: Path) -> str:
    """Start the app where it cannot start, and return what it says."""
    command = [sys.executable, "-m", "needlewise.cli", "serve", "--no-browser", "--port", "0"]
    environment = {**os.environ, place.HOME: str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_a_disk_that_may_not_be_written_to(small_disk: Path) -> None:
    home = small_disk / "home"
    app = App(home).start()
    app.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    message = refused(home)
    assert "read-only" in message and "write" in message
