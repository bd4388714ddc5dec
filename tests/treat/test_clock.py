"""No clock is earlier than what its sources say, and hours are real hours."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import longest, speaking, table
from needlewise.knowledge.rows import DECIDING
from needlewise.model import Event, Person, Plan, Product
from needlewise.planning import plan
from needlewise.planning.length import band
from needlewise.planning.person import base_zone
from needlewise.treat.clock import Done, ready_times, skin_now

START = dt.date(2026, 11, 25)

ENDED = dt.datetime(2026, 12, 2, 20, 30)
HOME = Person(skin_type=2, products=(), events=(), medicines=(), conditions=())


def test_the_known_waits(person: Person, planned: Plan) -> None:
    found = {r.id: r for r in ready_times(person, [Done("forehead", ENDED, 0.3)])}
    hours = {k: (r.at - ENDED) / dt.timedelta(hours=1) for k, r in found.items()}
    assert hours["retinoid"] == hours["acids"] == 168 and hours["vitamin-c"] == 96
    assert hours["minoxidil"] == hours["make-up"] == hours["sunscreen"] == 24
    assert hours["exercise"] == hours["swimming"] == hours["sauna"] == hours["sun"] == 72
    assert hours["session:forehead"] == 7 * 24 and found["exercise"].decided_by == "needlewise"
    clinic = {r.id: r for r in ready_times(replace(person, setting="clinic"), [Done("forehead", ENDED, 0.3)])}
    assert clinic["exercise"].decided_by == "skinpen-care"
    assert found["shaving"].decided_by == "needlewise" and "red" in found["retinoid"].condition
    assert found["retinoid"].products == ("retinoid",) and found["retinoid"].yours and not found["minoxidil"].yours


def test_the_page_says_the_waits_of_today() -> None:
    page = " ".join((Path(__file__).parents[2] / "docs" / "treat.md").read_text(encoding="utf-8").split())
    hours = {r.id: (r.at - ENDED) / dt.timedelta(hours=1) for r in ready_times(HOME, [Done("forehead", ENDED, 0.3)])}
    names = {"a plain moisturiser": "moisturiser", "vitamin C": "vitamin-c", "scented products": "fragrance-serum",
             "retinoids": "retinoid"}  # fmt: skip
    told = page[page.index("At home today:") : page.index("A product nobody here knows")]
    count = 0
    for number, unit, words in re.findall(r"(\d+) (hours|days) for ([^;.]+)[;.]", told):
        for word in re.split(r", | and ", words):
            assert hours[names.get(word, word)] == int(number) * (24 if unit == "days" else 1), word
            count += 1
    assert count == 13


@given(st.sampled_from(["home", "clinic"]), st.floats(0.05, 2.5), st.sampled_from(["forehead", "cheek-left", "scalp"]))
def test_no_time_is_earlier_than_a_source_that_decides(setting: str, mm: float, zone: str) -> None:
    person = replace(HOME, setting=setting)
    for ready in ready_times(person, [Done(zone, ENDED, mm)]):
        if ready.kind == "session":
            says = band(mm).says
        else:
            says = tuple(s for s in table("actives")[ready.id].says if s.phase == "after")
        waited = (ready.at - ENDED) / dt.timedelta(hours=1)
        for unit, size in (("h", 1), ("d", 24)):
            for s in speaking(says, unit, setting, mm if ready.kind == "session" else None, base_zone(zone)):
                if s.kind in DECIDING:
                    assert waited >= size * longest(s) - 1e-6, (ready.id, s)
        assert ready.low_hours <= waited + 1e-6 and ready.low_hours <= ready.high_hours


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0.05, 2.0)), min_size=1, max_size=4))
def test_one_more_session_never_makes_anything_sooner(sessions: list[tuple[int, float]]) -> None:
    done = [Done("forehead", ENDED + dt.timedelta(hours=h), mm) for h, mm in sessions]
    few = {r.id: r.at for r in ready_times(HOME, done[:1])}
    many = {r.id: r.at for r in ready_times(HOME, done)}
    assert all(many[k] >= few[k] for k in few)


def test_a_plan_only_pushes_later_and_says_when_to_pause(person: Person, planned: Plan) -> None:
    day = min(s.date for s in planned.steps if s.action == "session")
    ended = dt.datetime.combine(day, dt.time(20))
    alone = {r.id: r.at for r in ready_times(person, [Done("forehead", ended, 0.3)])}
    found = {r.id: r for r in ready_times(person, [Done("forehead", ended, 0.3)], planned)}
    assert all(found[k].at >= alone[k] for k in alone)
    restarts = {s.date for s in planned.steps if s.action == "restart" and "retinoids" in s.text and s.zone == "forehead"}
    assert found["retinoid"].at.date() == min(restarts)
    rare = replace(planned, steps=tuple(replace(s, date=s.date + dt.timedelta(days=60)) for s in planned.steps))
    retinoid = next(r for r in ready_times(person, [Done("forehead", ended, 0.3)], rare) if r.id == "retinoid")
    assert retinoid.at == alone["retinoid"] and retinoid.stop_by == day + dt.timedelta(days=55)
    late = dt.datetime.combine(day + dt.timedelta(days=56), dt.time(8))
    assert retinoid in skin_now([retinoid], late).not_yet
    assert retinoid in skin_now([retinoid], late - dt.timedelta(days=2)).allowed


def test_an_unknown_product_waits_like_the_slowest(person: Person) -> None:
    mine = replace(person, products=(Product("Aunt's balm"),))
    found = {r.id: r for r in ready_times(mine, [Done("forehead", ENDED, 0.3)])}
    assert found["product:Aunt's balm"].at == max(found[k].at for k in ("retinoid", "acids", "vitamin-c"))


def test_hours_are_real_hours_when_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Madrid")
    ended = dt.datetime(2026, 10, 24, 20, tzinfo=zone)  # the clocks go back in that night
    minoxidil = next(r for r in ready_times(HOME, [Done("scalp", ended, 0.3)]) if r.id == "minoxidil")
    assert minoxidil.at == dt.datetime(2026, 10, 25, 19, tzinfo=zone)
    assert minoxidil.at.astimezone(dt.UTC) - ended.astimezone(dt.UTC) == dt.timedelta(hours=24)


def test_the_next_session_is_never_before_the_plans_own(person: Person) -> None:
    day = START - dt.timedelta(days=1)
    done = replace(person, events=(Event("session", day, "forehead", 0.3),), products=())
    made = plan(done, START)
    ready = next(r for r in ready_times(done, [Done("forehead", dt.datetime.combine(day, dt.time(9)), 0.3)], made)
                 if r.kind == "session")  # fmt: skip
    first = next(z.first for z in made.zones if z.zone == "forehead")
    assert first is not None and ready.at.date() <= first and (ready.at.date() - day).days >= 7


def test_an_unknown_length_rests_like_the_longest() -> None:
    found = {mm: ready_times(HOME, [Done("forehead", ENDED, mm)]) for mm in (None, 0.3, 3.0)}
    at = {mm: next(r.at for r in rows if r.kind == "session") for mm, rows in found.items()}
    assert at[None] == at[3.0] > at[0.3]


def test_what_is_not_a_session_is_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        ready_times(HOME, [])
    with pytest.raises(InputError, match="time zone"):
        ready_times(HOME, [Done("forehead", ENDED, 0.3), Done("forehead", ENDED.astimezone(dt.UTC), 0.3)])
