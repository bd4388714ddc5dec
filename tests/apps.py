"""The real server in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

READY_S = 30


@dataclass
class App:
    """A running app: its address, the link it printed, and its folder."""

    home: Path
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[str] = field(init=False)
    port: int = field(init=False)
    link: str = field(init=False)
    said: str = field(init=False, default="")

    def start(self) -> App:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "needlewise.cli", "serve", "--no-browser", "--port", str(self.port), *self.arguments]
        environment = {**os.environ, "NEEDLEWISE_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )  # fmt: skip
        self.link = self._link()
        return self

    def _link(self) -> str:
        assert self.process.stdout is not None
        self.said, end = "", time.monotonic() + READY_S
        while time.monotonic() < end:
            line = self.process.stdout.readline()
            self.said += line
            if found := re.search(r"https?://\S+/enter/\S+", line):
                return found[0]
            if not line and self.process.poll() is not None:
                break
        raise AssertionError(f"the app did not start: {self.said}")

    @property
    def address(self) -> str:
        return "/".join(self.link.split("/")[:3])

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


    def kill(self) -> None:
        """End the server and whatever it started as a power cut would: at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def ready_person(app: App, days: int = 30) -> None:
    """Give the owner a profile and a device, as if the first run had ended some days ago."""
    code = f"""
import datetime as dt
from needlewise.web.serve import start, owner
start()
from django.utils import timezone
from needlewise.web.demo.records import PROFILE
from needlewise.web.models import Device, Person
ago = timezone.now() - dt.timedelta(days={days})
person, _ = Person.objects.get_or_create(owner=owner(), defaults={{"name": "owner"}})
person.profile, person.understood, person.ready = PROFILE, ago, ago
person.save()
Device.objects.create(person=person, kind="roller", mm=0.3, needles=192, shared=False)
"""
    environment = {**os.environ, "NEEDLEWISE_HOME": str(app.home)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
