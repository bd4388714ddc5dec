"""Labels: the three serums of the post, the waits, and what is refused."""

import pytest

from needlewise.errors import InputError
from needlewise.planning.serum import check_serum
from needlewise.share.advice import serum_text

SAP = "22% sodium ascorbyl phosphate, 5% hyaluronic acid, 1% ferulic acid, 1% vitamin E"
LAA = "20% L-ascorbic acid, 1% vitamin E, 0.5% ferulic acid"
UNNAMED = "vitamin C, aloe extract"


def ids(rows: object) -> set[str]:
    return {row.id for row in rows}  # type: ignore[attr-defined]


def test_sodium_ascorbyl_phosphate() -> None:
    c = check_serum(SAP)
    assert [(i.name, i.percent) for i in c.ingredients] == [
        ("sodium ascorbyl phosphate", 22), ("hyaluronic acid", 5), ("ferulic acid", 1), ("vitamin E", 1)
    ]  # fmt: skip
    assert ids(c.met) == {"names-percentages"}
    assert ids(c.missed) == {"dark-bottle"}
    assert ids(c.avoid) == {"ascorbate"}
    assert ids(c.notes) == {"hyaluronic-acid", "ferulic-acid", "vitamin-e"}
    assert (c.on_needled_skin, c.restart_hours) == (False, 96)


def test_l_ascorbic_acid() -> None:
    c = check_serum(LAA)
    assert [i.percent for i in c.ingredients] == [20, 1, 0.5]
    assert ids(c.avoid) == {"l-ascorbic-acid"}
    assert (c.on_needled_skin, c.restart_hours) == (False, 96)
    assert "96 hours" in serum_text(c)


def test_no_percentages() -> None:
    c = check_serum(UNNAMED)
    assert "names-percentages" in ids(c.missed)
    assert not c.on_needled_skin
    assert all(i.percent is None for i in c.ingredients)


@pytest.mark.parametrize(
    "label", ["ascorbic acid 15 %", "15% ascorbic acid", "Ascorbic acid (15%)", "ascorbic acid 15,0 %"]
)
def test_a_percentage_before_or_after(label: str) -> None:
    (i,) = check_serum(label).ingredients
    assert (i.name.lower(), i.percent) == ("ascorbic acid", 15)


@pytest.mark.parametrize("label", ["20% ascorbic acid 1% ferulic acid", "ascorbic acid 20% ferulic acid 1%"])
def test_no_comma(label: str) -> None:
    assert [(i.name, i.percent) for i in check_serum(label).ingredients] == [("ascorbic acid", 20), ("ferulic acid", 1)]


@pytest.mark.parametrize(
    ("label", "hours"),
    [("0.3% retinol", 168), ("glycolic acid 10%", 168), ("water, hyaluronic acid 1%", 24), ("snail", 96)],
)
def test_the_longest_wait(label: str, hours: float) -> None:
    assert check_serum(label).restart_hours == hours


def test_plain_and_not_plain() -> None:
    assert check_serum("water, glycerin, sodium hyaluronate 1%").on_needled_skin
    assert not check_serum("water, glycerin, parfum").on_needled_skin
    assert not check_serum("water, something else").on_needled_skin
    assert "Never during" in check_serum("water").why


def test_words_within_words() -> None:
    assert not ids(check_serum("phenoxyethanol, fragrance-free").avoid)


@pytest.mark.parametrize("label", ["", "  ", "x" * 2001, "101% vitamin C", "60% vitamin C, 41% vitamin E"])
def test_refused(label: str) -> None:
    with pytest.raises(InputError):
        check_serum(label)
