"""What may be expected is what the knowledge says, and a judgement never comes before its date."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.treat.expect import STAGES, WORKS, expectation

DAY = dt.date(2026, 11, 25)


def test_a_course_from_before_it_to_after_it() -> None:
    row = table("concerns")["fine-lines"]
    look = DAY + dt.timedelta(weeks=row.review_weeks)
    before = expectation("fine-lines", None, 0, DAY)
    assert before.stage == "not begun" and before.look_on is None and f"{row.review_weeks:g} weeks" in before.text
    early = expectation("fine-lines", DAY, 1, DAY + dt.timedelta(days=10))
    assert early.stage == "too early" and look.isoformat() in early.text and "do not add" in early.next
    now = expectation("fine-lines", DAY, 4, look)
    assert now.stage == "time to look" and "4 of 4 to 6" in now.text and "finish the course" in now.next
    past = expectation("fine-lines", DAY, 6, DAY + dt.timedelta(weeks=2 * row.review_weeks))
    assert past.stage == "past the course" and "dermatologist" in past.next
    assert early.expect == row.at_home and expectation("fine-lines", DAY, 1, DAY, "clinic").expect == row.in_clinic


@pytest.mark.parametrize("concern", table("concerns"))
def test_every_concern_says_where_it_rests(concern: str) -> None:
    for setting in ("home", "clinic"):
        found = expectation(concern, DAY, 2, DAY + dt.timedelta(days=400), setting)
        assert found.expect and found.evidence and found.says and found.next and found.works in WORKS
        assert all(set(c.cites) & {s.source for s in found.says} for c in found.claims)
    if not table("concerns")[concern].lengths:
        assert "not for this" in found.next


@given(st.sampled_from(sorted(table("concerns"))), st.integers(0, 700), st.integers(0, 400), st.integers(0, 12))
def test_stages_only_move_on(concern: str, days: int, more: int, done: int) -> None:
    a, b = (expectation(concern, DAY, done, DAY + dt.timedelta(days=d)) for d in (days, days + more))
    assert STAGES.index(b.stage) >= STAGES.index(a.stage)
    assert a.look_on is not None and (a.stage in ("not begun", "too early") or DAY + dt.timedelta(days=days) >= a.look_on)


def test_what_is_not_there_is_refused() -> None:
    for bad in (("fine-line", None, 0, DAY, "home"), ("fine-lines", None, -1, DAY, "home"), ("fine-lines", None, 0, DAY, "spa")):
        with pytest.raises(InputError):
            expectation(*bad)
