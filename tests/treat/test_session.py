"""More pain, blood, passes or depth never gives a milder verdict; coverage is the closed form's."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.model import Device, ZonePlan
from needlewise.planning import plan
from needlewise.simulate.devices import from_catalogue
from needlewise.treat.session import ENDPOINTS, VERDICTS, ZoneLog, judge, reached
from needlewise.treat.stages import DIRECTIONS

PLANNED = ZonePlan(
    "forehead", "limited", (0.05, 1.0), 0.3, "", 8, 4, "", "", 7, 4, None, None, table("care")["passes"].says,
)  # fmt: skip
settings = st.sampled_from(["home", "clinic"])
pain = st.lists(st.integers(0, 10), max_size=4).map(lambda scores: tuple((float(i), float(s)) for i, s in enumerate(scores)))
logs = st.builds(
    ZoneLog,
    st.just("forehead"),
    st.sampled_from([0.2, 0.3, 0.5]),
    st.lists(st.tuples(st.sampled_from(DIRECTIONS), st.integers(0, 4)), max_size=4).map(tuple),
    st.sampled_from(ENDPOINTS),
    pain,
)


def strictness(log: ZoneLog, setting: str, planned: ZonePlan = PLANNED) -> int:
    return VERDICTS.index(judge(log, planned, setting).verdict)


@given(logs, settings, st.sampled_from(DIRECTIONS), st.integers(1, 9))
def test_more_passes_are_never_milder(log: ZoneLog, setting: str, direction: str, more: int) -> None:
    longer = replace(log, passes=(*log.passes, (direction, more)))
    assert strictness(longer, setting) >= strictness(log, setting)


@given(logs, settings, st.sampled_from(ENDPOINTS))
def test_more_blood_is_never_milder(log: ZoneLog, setting: str, endpoint: str) -> None:
    assume(ENDPOINTS.index(endpoint) > ENDPOINTS.index(log.endpoint))
    assert strictness(replace(log, endpoint=endpoint), setting) >= strictness(log, setting)


@given(logs, settings, st.integers(0, 10))
def test_more_pain_is_never_milder(log: ZoneLog, setting: str, score: int) -> None:
    assume(not log.pain or score >= log.pain[-1][1])
    more = replace(log, pain=(*log.pain, (60.0, float(score))))
    assert strictness(more, setting) >= strictness(log, setting)


@given(logs, st.integers(0, 10))
def test_at_home_stop_stays_stop_whatever_is_entered_later(log: ZoneLog, score: int) -> None:
    assume(judge(log, PLANNED).verdict == "stop")
    assert judge(replace(log, pain=(*log.pain, (60.0, float(score)))), PLANNED).verdict == "stop"


@given(logs, settings, st.floats(0.31, 3))
def test_deeper_than_planned_always_stops(log: ZoneLog, setting: str, mm: float) -> None:
    assert judge(replace(log, mm=mm), PLANNED, setting).verdict == "stop"
    assert judge(log, replace(PLANNED, mm=None), setting).verdict == "stop"


@pytest.mark.parametrize(
    ("log", "setting", "verdict", "word"),
    [
        (ZoneLog("forehead", 0.3), "home", "go on", ""),
        (ZoneLog("forehead", 0.3, endpoint="pink"), "home", "go on", "enough"),
        (ZoneLog("forehead", 0.3, endpoint="solid pink"), "home", "stop", "past the end"),
        (ZoneLog("forehead", 0.3, endpoint="pin-point bleeding"), "home", "stop", "Blood"),
        (ZoneLog("forehead", 0.3, endpoint="solid pink"), "clinic", "go on", ""),
        (ZoneLog("forehead", 0.3, endpoint="pin-point bleeding"), "clinic", "pause", "training"),
        (ZoneLog("forehead", 0.3, endpoint="bleeding"), "clinic", "stop", "examine"),
        (ZoneLog("forehead", 0.3, (("up and down", 9),)), "home", "stop", "9 passes"),
        (ZoneLog("forehead", 0.3, (("up and down", 3),)), "home", "pause", "next direction"),
        (ZoneLog("forehead", 0.3, tuple((d, 2) for d in DIRECTIONS)), "home", "go on", "done"),
        (ZoneLog("forehead", 0.3, pain=((0, 2), (3, 3))), "home", "pause", "wait a minute"),
        (ZoneLog("forehead", 0.3, pain=((0, 2), (3, 3), (4, 2))), "home", "go on", ""),
        (ZoneLog("forehead", 0.3, pain=((0, 2), (3, 4))), "home", "stop", "from 2 to 4"),
        (ZoneLog("forehead", 0.3, pain=((0, 2), (3, 4))), "clinic", "pause", "settles"),
        (ZoneLog("forehead", 0.3, pain=((0, 7),)), "clinic", "stop", "too much"),
    ],
)
def test_each_rule(log: ZoneLog, setting: str, verdict: str, word: str) -> None:
    found = judge(log, PLANNED, setting)
    assert found.verdict == verdict and word in found.text
    assert all(r.says for r in found.reasons)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="pin-point bleeding"):
        ZoneLog("forehead", 0.3, endpoint="red")
    with pytest.raises(InputError, match="0 is none"):
        ZoneLog("forehead", 0.3, pain=((0, 11),))
    with pytest.raises(InputError):
        ZoneLog("forehead", math.nan)


def test_coverage_is_the_closed_form_of_the_devices_geometry() -> None:
    device = Device("roller", 0.3, 192, shared=False)
    log = ZoneLog("forehead", 0.3, (("up and down", 2), ("side to side", 2)))
    found = reached(log, device, PLANNED)
    assert found is not None
    tool = from_catalogue("roller-192").tool
    assert found.holes_per_cm2 == pytest.approx(4 * 192 / (math.pi * 2.0 * 2.0), rel=0.01)
    assert found.planned_per_cm2 == pytest.approx(2 * found.holes_per_cm2)
    for r, share in found.within:
        assert r <= tool.pitch_mm / 2
        assert share == pytest.approx(1 - (1 - tool.density_per_pass / 100 * math.pi * r**2) ** 4)
    assert found.within and any("even lanes" in a for a in found.assumptions)
    assert reached(log, Device("roller", 0.3, shared=False)) is None
    none_yet = reached(ZoneLog("forehead", 0.3), device)
    assert none_yet is not None and none_yet.holes_per_cm2 == 0


def test_the_samples_plan_can_be_judged(person: object) -> None:
    made = plan(person)  # type: ignore[arg-type]
    zone = made.zones[0]
    assert judge(ZoneLog(zone.zone, zone.mm or 0), zone).verdict == "go on"
