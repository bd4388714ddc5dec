"""A session is refused unless the plan allows it today, and nothing that is added makes it laxer."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.model import Condition, Device, Event, Person, Plan
from needlewise.planning import plan
from needlewise.treat.stages import DIRECTIONS, due, session_stages, stopping, unanswered

START = dt.date(2026, 11, 25)

HOME = Person(
    birth_year=1988, skin_type=3, conditions=(), medicines=(), pregnant=False, nursing=False, events=(), products=(),
    devices=(Device("roller", 0.25, 192, uses=0, shared=False),),
)  # fmt: skip
checks = st.sampled_from(sorted(table("checks")))


def first_day(made: Plan) -> dt.date:
    return max(z.first for z in made.zones if z.first)


def test_the_sample_session_has_its_stages_in_order(person: Person, planned: Plan) -> None:
    zones = [z.zone for z in planned.zones]
    stages = session_stages(person, planned, zones, first_day(planned))
    assert [s.id for s in stages] == [
        "skin", "device", "wash", "numb", "wipe", *(f"needle:{z}" for z in zones), "rinse", "put-away",
    ]  # fmt: skip
    needling = [s for s in stages if s.zone]
    for stage, zone in zip(needling, planned.zones, strict=True):
        assert (stage.mm, stage.passes, len(stage.directions)) == (zone.mm, zone.passes, zone.directions)
        assert stage.endpoint == zone.endpoint and stage.directions == DIRECTIONS[: zone.directions]
    assert {s.id for s in stages if s.optional} == {"numb", "wipe"}
    assert all(s.text and s.title for s in stages) and all(c.then and c.says for s in stages for c in s.checks)
    numb = next(s for s in stages if s.id == "numb")
    assert numb.minutes == (15, 60) and "4 %" in numb.text and "never wrapped" in numb.text


def test_the_technique_of_a_pen_is_not_contradicted(person: Person) -> None:
    pen = replace(person, devices=(Device("pen", 0.3, 12, shared=False),))
    made = plan(pen, START)
    needling = [s for s in session_stages(pen, made, ["forehead"], first_day(made)) if s.zone]
    assert needling[0].passes == 1 and "two light passes" not in needling[0].text.lower()
    checks = {c.id for s in session_stages(pen, made, ["forehead"], first_day(made)) for c in s.checks}
    assert "sealed" in checks


def test_what_may_not_be_needled_today_is_refused_with_the_reason(person: Person, planned: Plan) -> None:
    day = first_day(planned)
    with pytest.raises(InputError, match="planned from"):
        session_stages(person, planned, ["forehead"], day - dt.timedelta(days=1))
    with pytest.raises(InputError, match="allowed: cheek-left"):
        session_stages(person, planned, ["nose"], day)
    with pytest.raises(InputError, match="at least one zone"):
        session_stages(person, planned, [], day)
    with pytest.raises(InputError, match="at most 0.3 mm"):
        session_stages(person, planned, ["forehead"], day, Device("roller", 0.5, shared=False))
    with pytest.raises(InputError, match="only you"):
        session_stages(person, planned, ["forehead"], day, Device("roller", 0.3, shared=True))
    ill = replace(person, conditions=(Condition("cold-sore"),))
    with pytest.raises(InputError, match="cold sore"):
        session_stages(ill, plan(ill, START), ["forehead"], day)


def test_a_plan_older_than_a_session_of_the_zone_is_refused(person: Person, planned: Plan) -> None:
    day = first_day(planned)
    again = replace(person, events=(Event("session", day, "forehead", 0.3),))
    with pytest.raises(InputError, match="plan again"):
        session_stages(again, planned, ["forehead"], day + dt.timedelta(days=30))
    assert session_stages(again, planned, ["cheek-left"], day)
    fresh = plan(again, day)
    assert not due(again, fresh, next(z for z in fresh.zones if z.zone == "forehead"), day + dt.timedelta(days=60))


def test_the_scalp_asks_for_its_own_device() -> None:
    person = replace(HOME, goals=plan_goals("hair-loss", ("scalp",)))
    made = plan(person, START)
    zone = made.zones[0].zone
    stages = session_stages(person, made, [zone], first_day(made))
    assert "scalp-own" in {c.id for s in stages for c in s.checks}


def plan_goals(concern: str, zones: tuple[str, ...]) -> tuple[object, ...]:
    from needlewise.planning import read_person

    return read_person({"goals": [{"concern": concern, "zones": list(zones)}]}).goals


def test_every_check_can_stop_and_every_open_question_counts(person: Person, planned: Plan) -> None:
    stages = session_stages(person, planned, ["forehead"], first_day(planned))
    checks = [c for s in stages for c in s.checks]
    calm = {c.id: "no" if c.stops == "yes" else "yes" for c in checks}
    assert not stopping(stages, calm) and not unanswered(stages, calm)
    for check in checks:
        assert stopping(stages, calm | {check.id: check.stops}) == (check,)
    needed = {c.id for s in stages if not s.optional for c in s.checks}
    assert {c.id for c in unanswered(stages, {})} == needed
    assert {c.id for c in unanswered(stages, {"spots": "maybe"})} == needed


@given(st.sets(st.sampled_from(sorted(table("conditions"))), max_size=2), st.dictionaries(checks, st.sampled_from(["yes", "no"])))
def test_a_condition_more_never_makes_a_session_laxer(names: set[str], answers: dict[str, str]) -> None:
    person = replace(HOME, goals=plan_goals("fine-lines", ("forehead",)))
    ill = replace(person, conditions=tuple(Condition(n) for n in sorted(names)))
    made, worse = plan(person, START), plan(ill, START)
    day = first_day(made)
    base = session_stages(person, made, ["forehead"], day)
    try:
        stages = session_stages(ill, worse, ["forehead"], day)
    except InputError:
        return
    assert {c for s in base for c in s.checks} <= {c for s in stages for c in s.checks}
    before, after = (next(s for s in found if s.zone) for found in (base, stages))
    assert before.mm is not None and after.mm is not None
    assert after.mm <= before.mm and after.passes <= before.passes
    assert set(stopping(base, answers)) <= set(stopping(stages, answers))


@given(st.dictionaries(checks, st.sampled_from(["yes", "no"])), checks)
def test_an_answer_that_stops_never_lifts_another(answers: dict[str, str], more: str) -> None:
    person = replace(HOME, goals=plan_goals("fine-lines", ("forehead",)))
    made = plan(person, START)
    stages = session_stages(person, made, ["forehead"], first_day(made))
    row = table("checks")[more]
    assert {c.id for c in stopping(stages, answers)} <= {c.id for c in stopping(stages, answers | {more: row.stops})}
