"""What is known of the hours after a session, as a person reads it."""

import json

import pytest

from needlewise import cli


def test_bars_and_a_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["healing", "--mm", "0.5", "--redness", "1:12", "4:7", "24:1", "--sd", "1.5"]) == 0
    out = capsys.readouterr().out
    assert "0.10 to 0.39 mm" in out and "from your 3 measurements" in out and out.count("█") > 50


def test_the_plan_waits_at_least_as_long(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["healing", "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["depth_mm"] is None and doc["redness"]["measurements"] == 0
    assert doc["plan_treats_as_open_h"] >= max(row["high_h"] for row in doc["closure"] if row["safety"])


@pytest.mark.parametrize("words", [["--redness", "4"], ["--redness", "x:1"], ["--redness", "4:1"], ["--mm", "0"]])
def test_a_slip_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["healing", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
