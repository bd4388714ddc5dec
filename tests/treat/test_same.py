"""The same as last time never asks for more than today's plan."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from needlewise.knowledge import table
from needlewise.model import ZonePlan
from needlewise.treat.same import same_as_last
from needlewise.treat.session import ENDPOINTS, ZoneLog, judge
from needlewise.treat.stages import DIRECTIONS

PLANNED = ZonePlan(
    "forehead", "limited", (0.05, 1.0), 0.3, "", 8, 4, "", "", 7, 4, date(2026, 12, 2), None, table("care")["passes"].says,
)  # fmt: skip
USUAL = ZoneLog("forehead", 0.3, tuple((d, 2) for d in DIRECTIONS), "pink")


def test_the_same_when_nothing_changed() -> None:
    same = same_as_last(USUAL, PLANNED)
    assert same.unchanged and same.mm == 0.3 and same.passes == USUAL.passes and not same.text


def test_what_changed_is_said() -> None:
    shorter = same_as_last(USUAL, replace(PLANNED, mm=0.25, passes=4))
    assert shorter.mm == 0.25 and shorter.passes == tuple((d, 1) for d in DIRECTIONS)
    assert "0.25 mm today, instead of 0.3 mm" in shorter.text and "4 passes today, instead of 8" in shorter.text
    bled = same_as_last(replace(USUAL, endpoint="pin-point bleeding"), PLANNED)
    assert not bled.unchanged and "went too far" in bled.text
    nothing = same_as_last(USUAL, replace(PLANNED, mm=None))
    assert nothing.mm is None and not nothing.passes and not nothing.unchanged


@given(
    st.floats(0.05, 3), st.lists(st.tuples(st.sampled_from(DIRECTIONS), st.integers(0, 9)), max_size=6).map(tuple),
    st.sampled_from(ENDPOINTS), st.sampled_from([0.2, 0.3, 0.5]), st.sampled_from([(1, 1), (4, 4), (8, 4)]),
)  # fmt: skip
def test_never_longer_or_more_than_today_allows(
    mm: float, passes: tuple[tuple[str, int], ...], endpoint: str, limit: float, dose: tuple[int, int]
) -> None:
    planned = replace(PLANNED, mm=limit, passes=dose[0], directions=dose[1])
    same = same_as_last(ZoneLog("forehead", mm, passes, endpoint), planned)
    assert same.mm is not None and same.mm <= limit and same.mm <= mm
    assert sum(n for _, n in same.passes) <= dose[0]
    assert judge(ZoneLog("forehead", same.mm, same.passes), planned).verdict == "go on"
