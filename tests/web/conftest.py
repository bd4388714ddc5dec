"""Two people on one machine, and a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from people import new_person, signed_in

from needlewise.web import place
from needlewise.web.models import Person


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a data folder of its own, and what it starts in another process keeps its records there too."""
    monkeypatch.delenv("NEEDLEWISE_DATABASE", raising=False)  # read already, by the settings of this process
    settings.HOME = place.prepare(tmp_path / "home")
    settings.FILE_UPLOAD_TEMP_DIR = settings.HOME
    return Path(settings.HOME)


@pytest.fixture
def alice(db: None) -> Person:
    return new_person("alice")


@pytest.fixture
def bob(db: None) -> Person:
    return new_person("bob")


@pytest.fixture
def as_alice(alice: Person) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob: Person) -> Client:
    return signed_in(bob)


@pytest.fixture
def stranger() -> Client:
    return Client()


@pytest.fixture
def kept_open() -> Iterator[None]:
    """A server closes its database after each request; the transaction of a test must outlive it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)
