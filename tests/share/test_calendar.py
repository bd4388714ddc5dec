"""The calendar file."""

import datetime as dt
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from icalendar import Calendar

from needlewise.errors import InputError
from needlewise.model import Plan
from needlewise.share.calendar import plan_ics
from needlewise.share.files import atomic_write


def events(content: bytes) -> list:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_one_event_for_a_date_and_action(plan: Plan) -> None:
    content = plan_ics(plan, "Europe/London")
    found = events(content)
    assert [str(e["summary"]).partition(":")[0] for e in found] == ["Take a photo", "Session 1", "Pause", "Session 2"]
    assert len({str(e["uid"]) for e in found}) == 4
    assert all(str(e["uid"]).endswith("@needlewise") for e in found)
    assert "may\nsting \\ a bit" in str(found[1]["description"])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kolkata", "US/Eastern", "Pacific/Apia"])
def test_sessions_are_timed_in_the_zone(plan: Plan, zone: str) -> None:
    content = plan_ics(plan, zone)
    calendar = Calendar.from_ical(content)
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert not calendar.get_missing_tzids()
    start = events(content)[1]["dtstart"]
    assert start.dt.replace(tzinfo=None) == dt.datetime(2026, 11, 28, 20)
    assert start.params["TZID"] == zone


def test_without_a_zone_sessions_float(plan: Plan) -> None:
    content = plan_ics(plan)
    assert b"DTSTART:20261128T200000\r\n" in content
    assert b"DTSTART;VALUE=DATE:20261128\r\n" in content
    assert b"VTIMEZONE" not in content


def test_alarms(plan: Plan) -> None:
    triggers = [e.walk("VALARM")[0]["trigger"].dt for e in events(plan_ics(plan))]
    assert triggers[:2] == [dt.timedelta(hours=9), dt.timedelta(days=-1)]


def test_a_moved_plan_keeps_its_uids(plan: Plan) -> None:
    later = replace(plan, steps=tuple(replace(s, date=s.date + dt.timedelta(5)) for s in plan.steps))
    assert [e["uid"] for e in events(plan_ics(plan))] == [e["uid"] for e in events(plan_ics(later))]


def test_the_same_step_on_two_dates_is_two_events(plan: Plan) -> None:
    again = replace(plan.steps[0], date=plan.steps[0].date + dt.timedelta(1))
    found = events(plan_ics(replace(plan, steps=(plan.steps[0], again))))
    assert len({str(e["uid"]) for e in found}) == 2


def test_discreet_says_nothing(plan: Plan) -> None:
    content = plan_ics(plan, discreet=True)
    assert {str(e["summary"]) for e in events(content)} == {"Skin routine"}
    assert {str(e["description"]) for e in events(content)} == {""}
    assert b"cheek" not in content and b"icroneedling" not in content


@pytest.mark.parametrize("zone", ["Europe/Londn", "../etc/passwd", "Europe", "europe/london", "localtime"])
def test_an_unknown_zone_is_refused(plan: Plan, zone: str) -> None:
    with pytest.raises(InputError, match="time_zone"):
        plan_ics(plan, zone)


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    target = tmp_path / "plan.ics"
    target.write_bytes(b"old")
    atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["plan.ics"]
    with pytest.raises(InputError, match="missing"):
        atomic_write(tmp_path / "missing" / "plan.ics", b"x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="folder"):
        atomic_write(tmp_path / "folder", b"x")
    assert len(list(tmp_path.iterdir())) == 2
