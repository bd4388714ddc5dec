"""The command line on the same store."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from needlewise.errors import InputError
from needlewise.web import desk
from needlewise.web.models import Device, Person, Session, ZoneLog

TOLD = {"passes": 8, "mm": None, "endpoint": "pink", "pain": 3, "device": "", "note": ""}


def test_logging_a_session(alice: Person) -> None:
    day = timezone.localdate() - dt.timedelta(days=3)
    assert "cheek-left, cheek-right" in desk.log(alice, ["cheek"], day, TOLD)
    session = Session.objects.of(alice).get()
    assert timezone.localtime(session.started).date() == day and session.ended == session.started
    log = ZoneLog.objects.get(zone="cheek-left")
    assert sum(log.passes.values()) == 8 and log.mm == 0.3 and log.pain[0][1] == 3
    assert "used 1 times" in desk.devices(alice)


@pytest.mark.parametrize(
    ("zones", "told", "field"),
    [
        (["elbow-of-the-moon"], {}, "zone"),
        (["cheek"], {"mm": 9.0}, "mm"),
        (["cheek"], {"endpoint": "purple"}, "endpoint"),
        (["cheek"], {"pain": 11}, "pain"),
        (["cheek"], {"device": "the lost one"}, "device"),
    ],
)
def test_a_slip_leaves_nothing(alice: Person, zones: list[str], told: dict[str, object], field: str) -> None:
    with pytest.raises(InputError, match=field):
        desk.log(alice, zones, timezone.localdate(), {**TOLD, **told})
    assert not Session.objects.exists()


def test_a_day_ahead_is_refused(alice: Person) -> None:
    with pytest.raises(InputError, match="date"):
        desk.log(alice, ["cheek"], timezone.localdate() + dt.timedelta(days=1), TOLD)


def test_whose_records(alice: Person, bob: Person) -> None:
    assert desk.person("bob") == bob
    with pytest.raises(InputError, match="alice, bob"):
        desk.person()


def test_adding_a_device(alice: Person) -> None:
    desk.add_device(alice, {"kind": "stamp", "mm": 0.5, "needles": 35, "lot": None})
    assert Device.objects.of(alice).get(kind="stamp").needles == 35
    with pytest.raises(InputError, match="--mm"):
        desk.add_device(alice, {"kind": "stamp", "mm": 12.0})
    with pytest.raises(InputError, match="--mm"):
        desk.add_device(alice, {"kind": "stamp"})


def test_todays_session_in_words(alice: Person) -> None:
    text = desk.session_for_today(alice)
    assert "Not today" in text or "1. " in text
