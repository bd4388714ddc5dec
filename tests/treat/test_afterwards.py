"""Warning signs, the hours that matter, and redness beside what is expected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.simulate.healing import redness
from needlewise.treat.afterwards import (
    URGENCIES,
    expected_redness,
    judge_redness,
    photo_hours,
    red_flags,
    report_to,
)


def test_every_sign_says_what_to_do_and_whom_to_call_most_urgent_first() -> None:
    flags = red_flags()
    assert len(flags) == len(table("flags")) and all(f.do and f.whom and f.says for f in flags)
    order = [URGENCIES.index(f.urgency) for f in flags]
    assert order == sorted(order) and flags[0].urgency == "emergency"
    named = {c for r in table("rules").values() if r.id == "red-flag-symptoms" for c in r.when.conditions}
    assert named <= {f.condition for f in flags}, "every sign that stops a plan is shown after a session"


def test_signs_count_in_their_hours() -> None:
    assert "rising-pain" not in {f.id for f in red_flags(3)} and "rising-pain" in {f.id for f in red_flags(30)}
    assert "late-lump" in {f.id for f in red_flags(24 * 200)} and "bleeding" not in {f.id for f in red_flags(48)}


def test_harm_is_reported_where_the_knowledge_says() -> None:
    assert "MedWatch" in report_to("us") and "Yellow Card" in report_to("GB") and "regulator" in report_to("ES")


def test_the_expected_range_is_that_of_the_prior_and_falls() -> None:
    found = expected_redness()
    prior = redness()
    assert found.curve[0].low == found.curve[0].high == 1 and found.curve[-1].hours == 72
    for a, b in zip(found.curve, found.curve[1:], strict=False):
        assert b.low < a.low and b.middle < a.middle and b.high < a.high and b.low < b.middle < b.high
    half = expected_redness([prior.half_life_hours]).curve[0]
    assert half.middle == pytest.approx(0.5)
    assert {m.quantity for m in found.published} == {"redness"} and found.says
    assert photo_hours() == (0, 1, 6, 24, 48, 72)


def fading(half_life: float, hours: tuple[float, ...], start: float = 8) -> list[float]:
    return [start * 2 ** (-h / half_life) for h in hours]


def test_usual_slow_and_growing_redness() -> None:
    hours = (0.0, 6.0, 24.0, 48.0)
    usual = judge_redness(hours, fading(8, hours), 0.5)
    assert usual.verdict == "as expected" and usual.fit is not None and usual.fit.half_life_hours == pytest.approx(8, rel=0.2)
    slow = judge_redness(hours, fading(120, hours), 0.5)
    assert slow.verdict == "slower than expected" and slow.slower_at and "warning signs" in slow.text
    assert judge_redness((0, 30), (4, 9), 0.5).slower_at == (30,)


@pytest.mark.parametrize("hours", [(), (0.0,), (0.0, 6.0), (12.0, 48.0), (30.0, 60.0)])
def test_too_few_points_is_said(hours: tuple[float, ...]) -> None:
    found = judge_redness(hours, [5.0] * len(hours), 1)
    assert found.verdict == "not enough points" and found.fit is None


@given(st.floats(1, 20), st.floats(24, 200), st.floats(-5, 20), st.floats(0.1, 3), st.floats(0, 10))
def test_redder_is_never_judged_calmer(start: float, hour: float, value: float, sd: float, more: float) -> None:
    order = ["as expected", "slower than expected"]
    first, second = (judge_redness((0, hour), (start, v), sd).verdict for v in (value, value + more))
    assert order.index(second) >= order.index(first)


def test_what_cannot_be_is_refused() -> None:
    for bad in (((0, 24), (1,), 1), ((0, 24), (1, 1), 0), ((-1, 24), (1, 1), 1), ((0, 24), (1, 1), [1])):
        with pytest.raises(InputError):
            judge_redness(*bad)  # type: ignore[arg-type]
