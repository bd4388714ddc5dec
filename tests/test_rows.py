"""Every row of the source document and every question has a home: the command it names runs and shows it."""

import shlex

import pytest

from needlewise import cli
from needlewise.knowledge import table

ROWS = table("rows")
LAST = {"G": 7, "B": 11, "S": 11, "D": 8, "H": 9, "C": 3, "M": 10}
IDS = [f"{group}{n}" for group, last in LAST.items() for n in range(1, last + 1)]


def test_no_row_is_without_a_home() -> None:
    assert list(ROWS) == IDS


@pytest.mark.parametrize("row", IDS)
def test_row(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(ROWS[row].served_by)
    assert words[0] == "needlewise"
    extra = {"plan": ["--sample"], "cost": [str(cli.SAMPLE)], "serum": ["20% L-ascorbic acid"]}.get(words[1], [])
    if words[1] == "start":
        assert "start" in cli._parser().format_help()  # asks at the keyboard: tested in test_interview
        return
    assert cli.main([*words[1:], *extra]) == 0
    assert len(capsys.readouterr().out) > 100
    assert ROWS[row].shown_by == f"tests/test_rows.py::test_row[{row}]"


@pytest.mark.parametrize("row", IDS)
def test_the_claims_of_a_row_exist(row: str) -> None:
    for claim in ROWS[row].claims:
        assert claim in table("claims")


@pytest.mark.parametrize("n", range(26))
def test_question(n: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["answer", str(n), "--for", str(cli.SAMPLE)]) == 0
    out = capsys.readouterr().out
    assert table("questions").keys() and "What sources say" in out and "For you" in out
