"""Two people on one machine, and a stranger."""

from __future__ import annotations

import pytest
from django.test import Client
from people import new_person, signed_in

from needlewise.web.models import Person


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
