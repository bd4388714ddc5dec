"""The command line as a person meets it."""

import json
from pathlib import Path

import pytest

from needlewise import cli

GOOD = cli.SAMPLE.read_text(encoding="utf-8")


def write(tmp_path: Path, text: str) -> str:
    file = tmp_path / "me.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"dark-spots"', '"dark-spot"', ["goals[1].concern", "'dark-spot'", "did you mean dark-spots?"]),
        ("skin_type = 3", "skin_type = 7", ["person.skin_type", "7", "from 1 to 6"]),
        ("skin_type = 3", 'skin_type = "3"', ["person.skin_type"]),
        ("mm = 0.3", "mm = -1", ["devices.mm", "-1"]),
        ("birth_year", "birthyear", ["person.birthyear", "did you mean birth_year?"]),
        ('"cheek-left"', '"cheek-lft"', ["goals[1].zones", "did you mean"]),
        ('zones = ["forehead"]', 'zones = ["forehead-left"]', ["no left and right"]),
        ("conditions = []", 'conditions = ["eczma"]', ["did you mean eczema?"]),
        ("medicines = []", 'medicines = [{ name = "isotretinon" }]', ["did you mean isotretinoin?"]),
        ("events = []", "events = 3", ["events", "a list"]),
        ("[person]", "[person", ["valid TOML"]),
    ],
)
def test_a_slip_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: list[str]
) -> None:
    assert cli.main(["plan", write(tmp_path, GOOD.replace(old, new, 1))]) == 2
    got = capsys.readouterr()
    assert got.out == "" and got.err.count("\n") == 1
    for word in words:
        assert word in got.err


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "no-such.toml"]) == 2
    assert "no-such.toml" in capsys.readouterr().err


def test_json_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, GOOD)
    assert cli.main(["plan", file, "--start", "2026-12-01", "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["schema_version"] == 1 and doc["verdict"] == "limited" and doc["steps"]
    assert all(step["date"] >= "2026-12-01" for step in doc["steps"])
    for flag, name in (("--html", "plan.html"), ("--ics", "plan.ics")):
        assert cli.main(["plan", file, flag, str(tmp_path / name)]) == 0
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_acknowledging_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, GOOD.replace("mm = 0.3", "mm = 0.5"))
    cli.main(["plan", file, "--json"])
    assert max(z["mm"] for z in json.loads(capsys.readouterr().out)["zones"]) == 0.3
    cli.main(["plan", file, "--json", "--acknowledge", "home-limit"])
    doc = json.loads(capsys.readouterr().out)
    assert max(z["mm"] for z in doc["zones"]) == 0.5 and "home-limit" in doc["acknowledged"]
