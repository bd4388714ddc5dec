"""What moved between two plans is told with its reason, and nothing that moved is left out."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from needlewise.knowledge import table
from needlewise.model import Condition, Event, Medicine, Person, Plan, Product
from needlewise.planning import plan, read_person
from needlewise.treat.change import Moved, moved

START = dt.date(2026, 11, 25)
CALM = read_person({
    "person": {"birth_year": 1988, "skin_type": 3, "conditions": [], "medicines": [], "pregnant": False, "nursing": False},
    "goals": [{"concern": "fine-lines", "zones": ["forehead", "cheek"]}],
    "devices": [{"kind": "roller", "mm": 0.25, "needles": 192, "shared": False}], "events": [], "products": [],
})  # fmt: skip


def by_zone(old: Plan, new: Plan) -> dict[tuple[str, str], Moved]:
    return {(zone, m.what): m for m in moved(old, new) for zone in m.zones or ("",)}


def test_a_plan_compared_with_itself_moves_nothing(planned: Plan) -> None:
    assert moved(planned, planned) == ()


def test_a_cold_sore_stops_and_healing_brings_it_back() -> None:
    old, new = plan(CALM, START), plan(replace(CALM, conditions=(Condition("cold-sore"),)), START)
    found = by_zone(old, new)
    verdict = found["forehead", "verdict"]
    assert verdict.after == "stop" and verdict.direction == "stricter" and "Because: Do not needle" in verdict.sentence
    assert "cold sore" in verdict.because and verdict.says and set(verdict.zones) == {z.zone for z in old.zones}
    assert len(moved(old, new)) == 2, "told once for all zones, with its reason"
    assert found["forehead", "first"].after == "" and "no session is planned now" in found["forehead", "first"].text
    back = by_zone(new, old)
    assert back["forehead", "verdict"].direction == "milder" and "no longer holds" in back["forehead", "verdict"].sentence


def test_a_peel_and_a_session_done_early_move_the_date() -> None:
    old = plan(CALM, START)
    was = old.zones[0].first
    assert was is not None
    peeled = plan(replace(CALM, events=(Event("peel", START - dt.timedelta(days=1)),)), START)
    first = by_zone(old, peeled)["forehead", "first"]
    assert first.before == was.isoformat() and first.after == "2026-12-24" and "peel" in first.because
    day = START + dt.timedelta(days=3)
    early = plan(replace(CALM, events=(Event("session", day, "forehead", 0.25),)), day)
    found = by_zone(old, early)
    assert "was needled on 2026-11-28" in found["forehead", "first"].because
    assert not found["cheek-left", "first"].because, "its date only follows the calendar"


def test_a_zone_more_and_newer_knowledge_are_told() -> None:
    old = plan(CALM, START)
    more = replace(CALM, goals=(replace(CALM.goals[0], zones=(*CALM.goals[0].zones, "chin")),))
    assert any(m.what == "zone" and m.zones == ("chin",) for m in moved(old, plan(more, START)))
    newer = replace(old, knowledge={"hash": "other", "date": "2027-01-01"})
    assert [m.what for m in moved(old, newer)] == ["knowledge"]


people = st.builds(
    lambda c, m, e, p: replace(CALM, conditions=c, medicines=m, events=e, products=p),
    st.lists(st.sampled_from(sorted(table("conditions"))).map(Condition), max_size=2).map(tuple),
    st.lists(st.sampled_from(["aspirin", "isotretinoin", "tretinoin"]).map(Medicine), max_size=1).map(tuple),
    st.lists(st.builds(Event, st.sampled_from(["session", "sunburn", "peel"]),
                       st.integers(0, 30).map(lambda n: START - dt.timedelta(days=n))), max_size=2).map(tuple),
    st.lists(st.sampled_from(["retinoid", "vitamin c", "balm"]).map(Product), max_size=2).map(tuple),
)  # fmt: skip


@given(people, people)
def test_every_difference_of_a_zone_is_told(one: Person, other: Person) -> None:
    old, new = plan(one, START), plan(other, START)
    found, back = by_zone(old, new), by_zone(new, old)
    for a, b in zip(old.zones, new.zones, strict=True):
        for what, field in (("verdict", "verdict"), ("first", "first"), ("length", "mm")):
            assert (getattr(a, field) != getattr(b, field)) == ((a.zone, what) in found)
            if (a.zone, what) in found:
                assert {found[a.zone, what].direction, back[a.zone, what].direction} == {"stricter", "milder"}
    assert all(m.text and m.sentence for m in moved(old, new))
    known = {(f.rule, f.effect, f.zone, f.until) for f in old.findings}
    came = [f for f in new.findings if (f.rule, f.effect, f.zone, f.until) not in known]
    loud = {f.message for f in came if f.effect not in ("note", "add")}
    assert loud <= {text for m in moved(old, new) for text in (m.because, m.text)}
