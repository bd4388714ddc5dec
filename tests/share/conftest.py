"""A small plan made by hand, with awkward texts in it."""

import datetime as dt

import pytest

from needlewise.model import INTENDED_PURPOSE, Finding, Plan, Says, Step, ZonePlan

DAY = dt.date(2026, 11, 28)
POST = Says("post-2016", "Wait three weeks <b>between</b> & rest", 21.0, "d", kind="post")
OWN = Says("needlewise", "Wait longer", 42.0, "d", kind="ours")


def steps_of(zone: str) -> tuple[Step, ...]:
    return (
        Step(DAY, zone, "photo", "Same light, same place.", None, None, 1, ()),
        Step(DAY, zone, "session", "Roll <gently>; it, may\nsting \\ a bit.", 1.0, None, 1, (OWN,)),
        Step(DAY, zone, "pause", "Leave the acids.", None, DAY + dt.timedelta(7), 1, ()),
        Step(DAY + dt.timedelta(42), zone, "session", "Roll again.", 1.0, None, 2, (OWN,)),
    )


@pytest.fixture
def plan() -> Plan:
    zones = tuple(
        ZonePlan(z, "limited", (0.5, 1.0), 1.0, "for <scars>", 4, 4, "1 pass.", "even redness", 42, 2, DAY,
                 DAY + dt.timedelta(120), (POST, OWN))
        for z in ("cheek-left", "cheek-right")
    )  # fmt: skip
    return Plan(
        verdict="limited",
        start=DAY,
        setting="home",
        addressed_to="the person",
        findings=(
            Finding("tidy", "note", "person", "", None, "Keep it <clean>.", ()),
            Finding("short", "limit", "zone", "cheek-left", DAY + dt.timedelta(3), "Keep it short.", (OWN,)),
            Finding("short", "limit", "zone", "cheek-right", DAY + dt.timedelta(3), "Keep it short.", (OWN,)),
        ),
        zones=(*zones, ZonePlan("nose", "stop", None, None, "a cut", 0, 0, "", "", None, 0, None, None, ())),
        steps=(*steps_of("cheek-left"), *steps_of("cheek-right")),
        purpose=INTENDED_PURPOSE,
        knowledge={"hash": "abc", "date": "2026-11-23"},
        acknowledged={"home-limit": "2026-11-23"},
    )
