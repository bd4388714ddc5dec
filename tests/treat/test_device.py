"""A device only grows older, and every grade names its reason."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.model import Device
from needlewise.treat.device import FAULTS, GRADES, Kept, grade, recalled, use_limits

DAY = dt.date(2026, 11, 25)
NEW = Kept("roller", uses=0, shared=False)
kept = st.builds(
    Kept, st.sampled_from(["roller", "stamp", "pen"]), st.none() | st.integers(0, 200),
    st.lists(st.sampled_from(list(FAULTS)), max_size=2).map(tuple),
    st.none() | st.integers(-50, 400).map(lambda n: DAY + dt.timedelta(days=n)),
    st.sampled_from([None, False, True]), st.booleans(),
)  # fmt: skip


def level(k: Kept, setting: str = "home", day: dt.date = DAY) -> int:
    return GRADES.index(grade(k, day, setting).grade)


@pytest.mark.parametrize(
    ("device", "expected", "word"),
    [
        (NEW, "fresh", ""),
        (replace(NEW, uses=1), "soon", "One use"),
        (replace(NEW, uses=5), "replace", "5 times"),
        (replace(NEW, uses=None), "soon", "not counted"),
        (replace(NEW, kind="pen", uses=1), "replace", "one session"),
        (replace(NEW, faults=("rust",)), "replace", "rust"),
        (replace(NEW, shared=True), "replace", "HIV"),
        (replace(NEW, second_hand=True), "replace", "whose blood"),
        (replace(NEW, shared=None), "soon", "one person"),
        (replace(NEW, expires=DAY - dt.timedelta(days=1)), "replace", "passed"),
        (replace(NEW, expires=DAY + dt.timedelta(days=20)), "soon", "near"),
        (replace(NEW, expires=DAY + dt.timedelta(days=200)), "fresh", ""),
        (replace(NEW, kind="rf"), "replace", "not for any plan"),
    ],
)
def test_each_grade(device: Kept, expected: str, word: str) -> None:
    found = grade(device, DAY)
    assert found.grade == expected and word in found.text and found.may_be_used == (expected != "replace")
    assert all(r.says and r.text for r in found.reasons) and (found.reasons or expected == "fresh")


def test_in_a_clinic_one_use_is_one() -> None:
    assert grade(replace(NEW, uses=1), DAY, "clinic").grade == "replace"
    assert use_limits() == (1, 5)


@given(kept, st.sampled_from(list(FAULTS)), st.integers(1, 50), st.integers(1, 400))
def test_nothing_that_happens_makes_it_fresher(device: Kept, fault: str, more: int, days: int) -> None:
    for setting in ("home", "clinic"):
        was = level(device, setting)
        assert level(replace(device, faults=(*device.faults, fault)), setting) == GRADES.index("replace")
        assert level(replace(device, shared=True), setting) >= was and level(replace(device, second_hand=True), setting) >= was
        assert level(device, setting, DAY + dt.timedelta(days=days)) >= was
        if device.uses is not None:
            assert level(replace(device, uses=device.uses + more), setting) >= was
    assert level(device, "clinic") >= level(device)


def test_a_device_of_the_drawer_and_a_recall() -> None:
    mine = Kept.of(Device("roller", 0.3, uses=2, shared=False), lot="AB 12")
    assert mine.uses == 2 and recalled([mine, NEW], "ab12") == (mine,) and recalled([NEW], "") == ()
    for bad in ({"kind": "fork"}, {"kind": "pen", "faults": ("sad",)}, {"kind": "pen", "uses": -1}):
        with pytest.raises(InputError):
            Kept(**bad)
