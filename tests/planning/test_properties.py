"""What holds for every person: no plan is unsourced, too long, too early, or loosened by one more reason for caution."""

import copy
import datetime as dt
import math
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from needlewise import plan
from needlewise.knowledge import table
from needlewise.model import VERDICTS, Plan
from needlewise.planning.person import EVENTS, base_zone, expand_zone, medicine_class

People = dict[str, Any]
TODAY = dt.date.today()
many = settings(
    max_examples=int(os.environ.get("NEEDLEWISE_EXAMPLES", 60)),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

ZONES = table("zones")
WORDS = sorted({word for z in ZONES.values() for word in ([z.id, f"{z.id}-left", f"{z.id}-right"] if z.sides else [z.id])})
NEVER = [w for w in WORDS if ZONES[base_zone(w)].never]
MEDICINES = sorted({m.names[i] for m in table("medicines").values() for i in (0, -1)}) + ["zzyzx tablets"]
PRODUCTS = [*table("actives"), "plain cream"]
MM = st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.35, 0.5, 0.6, 0.75, 1.0, 1.5, 2.0, 3.0])
starts = st.integers(-20, 120).map(lambda n: TODAY + dt.timedelta(days=n))
past = st.one_of(st.integers(0, 40), st.integers(0, 800)).map(lambda n: TODAY - dt.timedelta(days=n))
flag = st.booleans()


def table_of(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(needed, optional=optional or {})


conditions = st.one_of(
    st.sampled_from(list(table("conditions"))),
    table_of({"name": st.sampled_from(list(table("conditions")))}, {"zones": st.lists(st.sampled_from(WORDS), max_size=3)}),
)
medicines = st.one_of(
    st.sampled_from(MEDICINES), table_of({"name": st.sampled_from(MEDICINES)}, {"last_taken": past, "checked": flag})
)
sessions = table_of({"what": st.just("session"), "date": past}, {"zone": st.sampled_from(WORDS), "mm": MM})
events = st.one_of(sessions, table_of({"what": st.sampled_from(EVENTS), "date": past}, {"zone": st.sampled_from(WORDS)}))
devices = table_of(
    {"kind": st.sampled_from(list(table("kinds"))), "mm": MM},
    {"shared": st.sampled_from([False, False, False, True]), "second_hand": st.sampled_from([False, False, False, True]),
     "needles": st.integers(1, 600), "uses": st.integers(0, 300), "bought": past},
)  # fmt: skip
products = st.one_of(st.sampled_from(PRODUCTS), table_of({"name": st.sampled_from(PRODUCTS)}))


@st.composite
def goal(draw: st.DrawFn) -> dict[str, Any]:
    concern = draw(st.sampled_from(list(table("concerns").values())))
    fits = [w for w in WORDS if ZONES[base_zone(w)].area in concern.areas]
    words = draw(st.lists(st.sampled_from(fits * 3 + NEVER if fits else NEVER), min_size=1, max_size=3))
    made = {"concern": concern.id, "zones": words}
    if draw(st.integers(0, 4)) == 0:
        made["severity"] = draw(st.sampled_from(["mild", "moderate", "severe"]))
    return made


def mostly(quiet: Any, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(quiet), st.just(quiet), strategy)


@st.composite
def people(draw: st.DrawFn) -> People:
    """Draw a person; most answers are quiet ones, so that many plans have sessions."""
    setting = draw(st.sampled_from(["home", "clinic"]))
    answers = {
        "birth_year": mostly(1980, st.integers(1930, TODAY.year)),
        "skin_type": st.integers(1, 6),
        "conditions": mostly([], st.lists(conditions, max_size=3)),
        "medicines": mostly([], st.lists(medicines, max_size=3)),
        "pregnant": st.sampled_from([False] * 7 + [True]),
        "nursing": st.sampled_from([False] * 7 + [True]),
    }
    person: dict[str, Any] = {"setting": setting, "acknowledged": draw(st.sampled_from([[], ["home-limit"]]))}
    calm = draw(st.integers(0, 2)) > 0
    if calm:
        medicine = draw(st.sampled_from([[], [], ["aspirin"], ["tretinoin"], ["minoxidil"], ["paracetamol"]]))
        skin = draw(st.integers(1, 6))
        person |= {"birth_year": 1980, "skin_type": skin, "conditions": [], "medicines": medicine}
        person |= {"pregnant": False, "nursing": False}
    else:
        gone = draw(st.sampled_from([(), (), (), *[(k,) for k in answers], tuple(answers)]))
        person |= {key: draw(strategy) for key, strategy in answers.items() if key not in gone}
    both = {"diabetes-controlled", "diabetes-uncontrolled"}
    assume(not both <= names(person.get("conditions", [])))
    data: People = {"person": person, "goals": draw(st.lists(goal(), min_size=1, max_size=3))}
    if calm or draw(st.integers(0, 7)):
        data["events"] = draw(st.one_of(st.just([]), st.lists(sessions, max_size=3), st.lists(events, max_size=3)))
    if draw(st.integers(0, 3)):
        data["devices"] = draw(st.lists(devices, max_size=3))
    if draw(st.integers(0, 3)):
        data["products"] = draw(st.lists(products, max_size=3))
    if setting == "clinic" and draw(st.integers(0, 4)):
        data["practitioner"] = {"name": "Dr A. Example", "attests": draw(st.sampled_from([True, True, True, False]))}
    return data


def names(listed: list[Any]) -> set[str]:
    return {c if isinstance(c, str) else c["name"] for c in listed}


def session_days(made: Plan) -> dict[str, list[dt.date]]:
    days: dict[str, list[dt.date]] = {}
    for s in made.steps:
        if s.action == "session":
            days.setdefault(s.zone, []).append(s.date)
    return days


def own_rest(mm: float, scars: bool, skin_type: int) -> int:
    """The floor of safety.json, written here a second time: 7, 14, 28 days, 42 for scars at depth."""
    days = 7 if mm <= 0.3 else 14 if mm <= 0.6 else 28
    if (scars and mm > 1.0) or mm > 1.5:
        days = 42
    return math.ceil(days * 1.5) if skin_type >= 4 else days


def has_scars(data: People, zone: str) -> bool:
    return any("scars" in g["concern"] and zone in [z for w in g["zones"] for z in expand_zone(w, "")] for g in data["goals"])


@many
@given(people(), starts)
def test_every_step_and_finding_has_a_source(data: People, start: dt.date) -> None:
    made = plan(data, start)
    assert [s for s in made.steps if not s.says] == []
    assert [f for f in made.findings if not f.says] == []
    assert all(s.source in table("sources") for x in (*made.steps, *made.findings, *made.zones) for s in x.says)


@many
@given(people(), starts)
def test_every_safety_line_has_an_outside_source(data: People, start: dt.date) -> None:
    for f in plan(data, start).findings:
        rule = table("rules").get(f.rule)
        if rule is not None and rule.safety and f.effect in ("stop", "refer", "wait", "limit"):
            assert any(s.kind and s.kind not in ("ours", "post") for s in f.says), f.rule


@many
@given(people(), starts)
def test_no_needle_is_longer_than_the_limit_in_force(data: People, start: dt.date) -> None:
    person = data["person"]
    made = plan(data, start)
    thinner = any(
        medicine_class(m if isinstance(m, str) else m["name"]) == "anticoagulant"
        and (isinstance(m, str) or "last_taken" not in m or (start - m["last_taken"]).days < 30)
        for m in person.get("medicines", [])
    )
    for thing in (*made.zones, *made.steps):
        if thing.mm is None:
            continue
        tags = ZONES[base_zone(thing.zone)].tags
        if person["setting"] == "clinic":
            limit = 1.5
        elif thinner:
            limit = 0.25
        elif "home-limit" not in person["acknowledged"] or "bony" in tags:
            limit = 0.3
        else:
            limit = 0.6 if "scalp" in tags else 0.5
        assert 0 < thing.mm <= limit


@many
@given(people(), starts)
def test_no_step_is_before_the_start(data: People, start: dt.date) -> None:
    assert [(s.action, s.date) for s in plan(data, start).steps if s.date < start] == []


@many
@given(people(), starts)
def test_no_session_before_its_rest(data: People, start: dt.date) -> None:
    made = plan(data, start)
    skin = data["person"].get("skin_type", 1)
    for zone, days in session_days(made).items():
        for event in data.get("events", []):
            if event["what"] == "session" and ("zone" not in event or zone in expand_zone(event["zone"], "")):
                rest = own_rest(event.get("mm", 0.1), has_scars(data, zone), skin)
                assert min(days) >= event["date"] + dt.timedelta(days=rest), (zone, event)


@many
@given(people(), starts)
def test_no_session_before_a_wait_ends(data: People, start: dt.date) -> None:
    made = plan(data, start)
    days = session_days(made)
    for f in made.findings:
        for zone in days:
            if f.until is not None and f.zone in ("", zone):
                assert min(days[zone]) >= f.until, (f.rule, zone)
    waits = {"filler": 14, "botulinum-toxin": 14, "wax": 7, "sunburn": 7, "suntan": 7}
    waits |= dict.fromkeys(("peel", "laser", "dermabrasion", "microdermabrasion", "radiofrequency"), 30)
    for event in data.get("events", []):
        for zone in days:
            if event["what"] in waits and ("zone" not in event or zone in expand_zone(event["zone"], "")):
                assert min(days[zone]) >= event["date"] + dt.timedelta(days=waits[event["what"]]), event


@many
@given(people(), starts)
def test_sessions_are_apart(data: People, start: dt.date) -> None:
    made = plan(data, start)
    days = session_days(made)
    for z in made.zones:
        mine = days.get(z.zone, [])
        assert len(mine) == z.sessions and (mine[0] if mine else None) == z.first
        if not mine:
            continue
        assert z.interval_days is not None and z.mm is not None
        assert z.interval_days >= own_rest(z.mm, has_scars(data, z.zone), data["person"].get("skin_type", 6))
        assert all((b - a).days >= z.interval_days for a, b in zip(mine, mine[1:], strict=False))


@many
@given(people(), starts)
def test_no_session_where_the_verdict_says_no(data: People, start: dt.date) -> None:
    made = plan(data, start)
    no = {z.zone for z in made.zones if z.verdict in ("ask", "refer", "stop")}
    assert not no & set(session_days(made))
    for f in made.findings:  # a wait must not hide a question: nobody is dated past what is not known
        if f.effect in ("ask", "refer", "stop") and f.scope != "device":
            assert not [z for z in session_days(made) if f.zone in ("", z)], f.rule
    never = {z.zone for z in made.zones if ZONES[base_zone(z.zone)].never}
    assert all(z.verdict == "stop" and z.mm is None for z in made.zones if z.zone in never)


@many
@given(people(), starts)
def test_the_same_input_gives_the_same_plan(data: People, start: dt.date) -> None:
    kept = copy.deepcopy(data)
    assert plan(data, start) == plan(copy.deepcopy(data), start)
    assert data == kept


# One more reason for caution never loosens a plan.


@st.composite
def worsened(draw: st.DrawFn) -> tuple[People, People, str]:
    """Draw a person and the same person with one more contraindication."""
    data = draw(people())
    more = copy.deepcopy(data)
    person = more["person"]
    ways = ["shared"]
    ways += [w for w in ("conditions", "medicines") if w in person] + ["events"] * ("events" in more)
    ways += [w for w in ("pregnant", "birth_year", "skin_type") if w in person]
    way = draw(st.sampled_from(ways))
    if way == "conditions":
        person[way].append(draw(conditions))
        assume(not {"diabetes-controlled", "diabetes-uncontrolled"} <= names(person[way]))
    elif way == "medicines":
        person[way].append(draw(medicines))
    elif way == "events":
        more[way].append(draw(events))
    elif way == "pregnant":
        person[way] = True
    elif way == "birth_year":
        person[way] = draw(st.integers(person[way], TODAY.year))
    elif way == "skin_type":
        person[way] = draw(st.integers(person[way], 6))
    elif more.get("devices") and draw(flag):
        draw(st.sampled_from(more["devices"]))["shared"] = True
    else:
        more.setdefault("devices", []).append(draw(devices) | {"shared": True})
    return data, more, way


def pairs(case: tuple[People, People, str], start: dt.date) -> Iterator[tuple[Any, Any]]:
    before, after = plan(case[0], start), plan(case[1], start)
    assert [z.zone for z in before.zones] == [z.zone for z in after.zones]
    yield from zip(before.zones, after.zones, strict=True)


@many
@given(worsened(), starts)
def test_more_caution_never_moves_a_verdict_toward_go(case: tuple[People, People, str], start: dt.date) -> None:
    for a, b in pairs(case, start):
        assert VERDICTS.index(b.verdict) >= VERDICTS.index(a.verdict), case[2]


@many
@given(worsened(), starts)
def test_more_caution_never_lengthens_the_needle(case: tuple[People, People, str], start: dt.date) -> None:
    for a, b in pairs(case, start):
        if a.mm is not None and b.mm is not None:
            assert b.mm <= a.mm, case[2]


@many
@given(worsened(), starts)
def test_more_caution_never_shortens_the_interval(case: tuple[People, People, str], start: dt.date) -> None:
    for a, b in pairs(case, start):
        if a.interval_days is not None and b.interval_days is not None:
            assert b.interval_days >= a.interval_days, case[2]


@many
@given(worsened(), starts)
def test_more_caution_never_brings_the_first_session_forward(case: tuple[People, People, str], start: dt.date) -> None:
    for a, b in pairs(case, start):
        if b.first is not None:
            assert a.first is not None and b.first >= a.first, case[2]


@many
@given(worsened(), starts)
def test_more_caution_never_restarts_anything_earlier(case: tuple[People, People, str], start: dt.date) -> None:
    earliest: list[dict[tuple[str, str], dt.date]] = [{}, {}]
    for data, found in zip(case[:2], earliest, strict=True):
        for s in plan(data, start).steps:
            if s.action == "restart":
                found[s.zone, s.text] = min(s.date, found.get((s.zone, s.text), s.date))
    before, after = earliest
    assert [key for key in before.keys() & after.keys() if after[key] < before[key]] == [], case[2]


PERSON_KEYS = ("birth_year", "skin_type", "conditions", "medicines", "pregnant", "nursing")


@many
@given(people(), st.sampled_from([*PERSON_KEYS, "events", "products", "devices", "shared", "practitioner"]), starts)
def test_an_answer_left_out_never_moves_toward_go(data: People, key: str, start: dt.date) -> None:
    """Left out, an answer is unknown: at worst asked for. A worrying answer may fall back to "ask", never below."""
    less = copy.deepcopy(data)
    if key == "shared":
        holder = next((d for d in less.get("devices", []) if key in d), {})
    else:
        holder = less["person"] if key in PERSON_KEYS else less
    assume(key in holder)
    del holder[key]
    ask = VERDICTS.index("ask")
    for a, b in pairs((data, less, key), start):
        assert VERDICTS.index(b.verdict) >= min(VERDICTS.index(a.verdict), ask), key
        if b.first is not None:
            assert a.first is None or b.first >= a.first, key


def test_the_strategies_reach_plans_with_sessions() -> None:
    """Guard: a generator that only ever draws refusals would make every property hold for nothing."""
    seen: dict[str, int] = {"home": 0, "clinic": 0}

    @settings(max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(people())
    def count(data: People) -> None:
        seen[data["person"]["setting"]] += bool(session_days(plan(data, TODAY)))

    count()
    if min(seen.values()) < 5:
        pytest.fail(f"too few plans with sessions: {seen}")
