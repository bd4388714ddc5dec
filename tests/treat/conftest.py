"""People and plans that the treat tests share."""

import datetime as dt
from pathlib import Path

import pytest

import needlewise
from needlewise.model import Person, Plan
from needlewise.planning import load_person, plan

START = dt.date(2026, 11, 25)


@pytest.fixture
def person() -> Person:
    return load_person(Path(needlewise.__file__).parent / "sample" / "me.toml")


@pytest.fixture
def planned(person: Person) -> Plan:
    return plan(person, START)
