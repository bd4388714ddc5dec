"""Costs: the person's own prices, the dated ones, and no invented ones."""

import datetime as dt

from needlewise.model import Costs, Person, Plan, ZonePlan
from needlewise.planning.cost import CostLine, costs
from needlewise.share.advice import cost_text

DAY = dt.date(2026, 12, 1)


def zone(name: str, sessions: int = 4, mm: float | None = 0.2) -> ZonePlan:
    return ZonePlan(name, "go", None, mm, "", 4, 4, "", "", 7, sessions, DAY, DAY, ())


def plan(*zones: ZonePlan) -> Plan:
    return Plan("go", DAY, "home", "the person", (), zones, (), "", {}, {})


def lines(own: Costs, made: Plan) -> dict[str, CostLine]:
    return {line.id: line for line in costs(Person(costs=own), made).lines}


def test_dated_prices() -> None:
    got = lines(Costs(), plan(zone("forehead"), zone("cheek-left", 3)))
    assert (got["home-single-use"].per_session, got["home-single-use"].per_course) == (15, 60)
    assert (got["home-one-device"].per_session, got["home-one-device"].per_course) == (3.75, 15)
    assert got["home-single-use"].dated == "2016"
    assert got["clinic-session"].per_course is None
    assert "enter your own" in got["laser-session"].note


def test_own_prices() -> None:
    own = Costs("EUR", device=20, serum=10, clinic_session=200, peel_session=90)
    got = lines(own, plan(zone("forehead")))
    assert (got["home-single-use"].per_course, got["serum"].per_course) == (80, 10)
    assert (got["clinic-session"].per_course, got["peel-session"].per_course) == (800, 360)
    assert got["home-single-use"].dated == ""


def test_another_currency_gets_no_number() -> None:
    got = lines(Costs("GBP"), plan(zone("forehead")))
    assert all(line.per_session is None and line.per_course is None for line in got.values())


def test_the_scalp_has_its_own_device() -> None:
    sheet = costs(Person(), plan(zone("forehead"), zone("scalp", 6)))
    assert (sheet.sessions, sheet.heads) == (6, 10)
    assert {line.id: line.per_course for line in sheet.lines}["home-one-device"] == 30


def test_no_session_no_course() -> None:
    sheet = costs(Person(costs=Costs(clinic_session=0)), plan(zone("forehead", mm=None)))
    assert sheet.sessions == 0
    assert all(line.per_course is None for line in sheet.lines if line.id != "serum")
    assert "no session is planned" in cost_text(sheet)
