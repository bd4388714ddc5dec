"""What is put on the skin: the choices, and what is said at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import longest, table
from needlewise.model import Person, Product
from needlewise.planning.serum import check_serum
from needlewise.treat.applied import PARTS, Applied, caution, choices, put_on

NAMES = st.text(min_size=1, max_size=40) | st.sampled_from(["nothing", "saline", "vitamin-c", "lidocaine 4 %"])


def test_every_usual_one_has_a_known_part_and_is_what_the_rules_say() -> None:
    rows = table("applied").values()
    assert all(row.parts and set(row.parts) <= set(PARTS) for row in rows)
    allowed = table("rules")["serum-vitc"].message_home
    for row in rows:
        free = "needled" in row.parts and not row.rule and not row.alone
        assert not free or row.label in allowed, row.id


def test_the_strength_that_passes_is_the_regulators() -> None:
    (limit,) = {longest(s) for s in table("rules")["numbing"].says if s.unit == "%" and s.source == "fda-lido"}
    assert f"{limit:g} %" in table("applied")["lidocaine-4"].label
    assert caution(Applied("numbing", f"lidocaine {limit:g} %")) is None
    assert caution(Applied("numbing", f"lidocaine {limit + 0.1:g} %")) is not None


@pytest.mark.parametrize(
    "name", ["numbing-stronger", "numbing-unknown", "lidocaine", "benzocaine 4 %", "lidocaine 2,5 % prilocaine 2,5 %"]
)
def test_what_numbs_too_much_or_cannot_be_told_is_said_at_home(name: str) -> None:
    found = caution(Applied("numbing", name))
    assert found is not None and "At most 4 %" in found.text and "fda-lido" in {s.source for s in found.says}
    assert caution(Applied("numbing", name), "clinic") is None


@pytest.mark.parametrize("name", ["nothing", "saline", "prescribed-gel"])
def test_what_may_go_on_needled_skin_is_not_spoken_of(name: str) -> None:
    assert caution(Applied("needled", name)) is None


@pytest.mark.parametrize(
    ("name", "words", "source"),
    [
        ("hyaluronic-acid", "nothing on needled skin but sterile saline", "nhs-post"),
        ("vitamin-c", "left lumps", "soltani2014"),
        ("Glow serum, 20 % L-ascorbic acid", "granulomas", "friedmann2024"),
        ("Grandma's cream", "nothing on needled skin but sterile saline", "nhs-post"),
        ("minoxidil 5 %", "Wait 24 hours", "fda-minox"),
        ("retinoid", "retinoids and acids", "wiki"),
    ],
)
def test_anything_else_is_told_at_once_with_its_source(name: str, words: str, source: str) -> None:
    found = caution(Applied("needled", name))
    assert found is not None and words in found.text and source in {s.source for s in found.says}


@given(NAMES)
def test_what_a_label_check_refuses_never_passes(name: str) -> None:
    try:
        applied = Applied("needled", name)
        refused = not check_serum(applied.name).on_needled_skin
    except InputError:
        return
    row = table("applied").get(applied.name)
    assert caution(applied) is not None or not refused or (row is not None and not row.rule)


@given(st.lists(st.tuples(st.sampled_from(PARTS), NAMES), max_size=12))
def test_nothing_stands_alone_and_nothing_stands_twice(taps: list[tuple[str, str]]) -> None:
    there: tuple[Applied, ...] = ()
    for part, name in taps:
        try:
            there = put_on(there, Applied(part, name))
        except InputError:
            continue
    assert len(set(there)) == len(there)
    for part in PARTS:
        mine = [a for a in there if a.part == part]
        assert len(mine) < 2 or not any(a.alone for a in mine)


def test_ones_own_products_are_offered_for_needled_skin() -> None:
    who = Person(products=(Product("vitamin-c"), Product("Glow cream")))
    names = [a.name for a in choices(who, "needled")]
    assert names[0] == "nothing" and names.count("vitamin-c") == 1 and "Glow cream" in names and "saline" in names
    assert "Glow cream" not in [a.name for a in choices(who, "numbing")]


@pytest.mark.parametrize(("part", "name"), [("face", "saline"), ("needled", " "), ("needled", "a\x00b"), ("needled", "x" * 121)])
def test_what_cannot_be_is_refused(part: str, name: str) -> None:
    with pytest.raises(InputError):
        Applied(part, name)


def test_nobody_puts_on_that_much() -> None:
    there: tuple[Applied, ...] = ()
    with pytest.raises(InputError, match="at most"):
        for n in range(100):
            there = put_on(there, Applied("needled", f"cream {n}"))


@pytest.mark.parametrize("name", ["\x07", "x" * 121])
def test_a_name_that_cannot_be_recorded_is_not_offered(name: str) -> None:
    who = Person(products=(Product(name), Product("Glow cream")))
    names = [a.name for a in choices(who, "needled")]
    assert "Glow cream" in names and name not in names
