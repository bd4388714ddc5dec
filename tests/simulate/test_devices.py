"""Devices are data: each figure sourced, measured by the person, or shown as an assumption."""

import json
from pathlib import Path

import pytest

from needlewise import cli
from needlewise.errors import InputError, KnowledgeError
from needlewise.knowledge import facts, read_rows, table
from needlewise.knowledge.rows import Catalogued
from needlewise.simulate.devices import from_catalogue, from_figures, issuer, named, parse_device, timed
from needlewise.simulate.geometry import Pen, Roller, Stamp

OWN = ["coverage", "--kind", "roller", "--needles", "192", "--drum-diameter-mm", "20", "--width-mm", "20"]
KEYS = {"density_per_cm2", "density_sd", "within", "nearest_mm", "duplicate_share", "largest_gap_mm", "assumptions"}


@pytest.mark.parametrize("name", list(table("catalogue")))
def test_every_catalogued_device_works_and_shows_its_assumptions(name: str) -> None:
    row, found = table("catalogue")[name], from_catalogue(name)
    assert found.tool.density_per_pass > 0
    for key, fact in facts(row).items():
        assert bool(fact.source) or fact.assumption
        shown = [line for line in found.assumptions if line.startswith(named(key, fact.value) + ":")]
        assert len(shown) == 1 and ("our assumption" in shown[0]) == fact.assumption
        assert fact.assumption or issuer(fact.source) in shown[0]


def test_aliases_are_unique() -> None:
    names = [name for key, row in table("catalogue").items() for name in (key, *row.aliases)]
    assert len(names) == len(set(names))


def test_own_figures_replace_the_catalogue() -> None:
    found = from_catalogue("roller-540", {"drum_diameter_mm": 25})
    assert isinstance(found.tool, Roller) and found.tool.drum_diameter_mm == 25
    assert not any("Drum" in line and "assumption" in line for line in found.assumptions)
    assert any("Given by you: Drum diameter 25 mm" in line for line in found.assumptions)


def test_a_device_in_words() -> None:
    assert parse_device("roller,needles=192,drum=20,width=20,rows=8").tool == parse_device("roller-192").tool
    assert isinstance(parse_device("stamp,needles=40,width=12").tool, Stamp)
    assert parse_device("pen-12,speed=10").tool.density_per_pass == 2 * parse_device("pen").tool.density_per_pass


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("roler-192", "did you mean roller-192?"),
        ("roller,needles=192,width=20", "drum-diameter-mm"),
        ("roller-192,hz=3", "for a roller: needles"),
        ("pen-12,speed=fast", "a number"),
        ("pen-12,speed=0", "0.01 to 2,000 mm/s"),
        ("stamp-35,needles=3.5", "a whole number"),
    ],
)
def test_a_slip_names_what_is_allowed(text: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["same-dose", text, "--passes", "5", "roller-192"]) == 2
    got = capsys.readouterr()
    assert words in got.err and got.err.count("\n") == 1 and not got.out


def test_seconds_set_the_pen() -> None:
    pen = from_figures("pen", {"needles": 11, "hz": 90, "width_mm": 6})
    found, passes = timed(pen, None, 1, False)
    assert isinstance(found.tool, Pen) and passes * found.tool.density_per_pass == pytest.approx(990)
    assert timed(pen, 3, None, False) == (pen, 3)
    for bad in ((pen, 2, 1.0, True), (pen, None, 0.0, False), (from_catalogue("stamp-35"), None, 1.0, False)):
        with pytest.raises(InputError, match="seconds"):
            timed(*bad)


@pytest.mark.parametrize("name", ["roller-192", "roller-540", "roller-1080", "stamp-35", "pen-12"])
def test_5_passes_in_4_directions(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["coverage", "--device", name, "--passes", "20", "--directions", "4", "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc.keys() >= KEYS and doc["assumptions"]
    assert doc["density_per_cm2"] == pytest.approx(20 * from_catalogue(name).tool.density_per_pass)
    assert doc["monte_carlo"]["density_per_cm2"] == pytest.approx(doc["density_per_cm2"], rel=0.005)


def test_coverage_with_own_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*OWN, "--passes", "20", "--mm", "1.5", "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["within"]["0.2"] == pytest.approx(0.3214, abs=1e-4) and doc["within"]["0.5"] == pytest.approx(0.9224, abs=1e-4)
    assert doc["entry_angle_deg"] == pytest.approx(29.6, abs=0.06) and doc["nearest_mm"].keys() == {"median", "p95"}
    assert cli.main([*OWN, "--passes", "3", "--hand", "real"]) == 0
    assert "standard error" in capsys.readouterr().out
    assert cli.main([*OWN, "--svg", str(tmp_path / "map.svg")]) == 0
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--needles", "-5"], "1 to 20,000"),
        (["--rows", "0"], "leave it out"),
        (["--grid", "3"], "grid: 3.0"),
        (["--seed", "-1"], "seed: -1"),
        (["--directions", "0"], "1 to 16 directions"),
        (["--gap-mm", "-30"], "mm apart for this device"),
        (["--beside", "stamp-35"], "together with --svg"),
        (["--needles", "19000"], "do not fit the drum"),
        (["--passes", "0"], "1 to 1,000 passes"),
        (["--hz", "90"], "for a roller"),
        (["--mm", "-1"], "0.05 to 10 mm"),
    ],
)
def test_coverage_refuses(extra: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*OWN, *extra]) == 2
    got = capsys.readouterr()
    assert words in got.err and not got.out


def test_a_roller_is_never_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["coverage", "--kind", "roller", "--needles", "192"]) == 2
    assert "drum-diameter-mm: 'not given'" in capsys.readouterr().err
    assert cli.main(["coverage", "--kind", "pen", "--needles", "12"]) == 0
    assert "Width 6 mm: our assumption, as it was not given" in capsys.readouterr().out


def test_two_devices_in_one_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "two.svg"
    assert cli.main([*OWN, "--passes", "20", "--svg", str(file), "--beside", "stamp-35"]) == 0
    assert "35-needle stamp, 20 passes" in file.read_text(encoding="utf-8") and capsys.readouterr().out


def test_same_dose(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["same-dose", "roller-192", "--passes", "20", "pen-12", "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["seconds_per_cm2_b"] == pytest.approx(doc["density_per_cm2"] / 1200) and doc["assumptions"]
    assert cli.main(["same-dose", "roller-192", "--passes", "56", "roller-540"]) == 0
    assert "19.91 passes" in capsys.readouterr().out


GOOD = """[[device]]
id = "x"
kind = "stamp"
label = "x"
reviewed = 2026-11-23
needles = { value = 3, source = "schwarz2011" }
width_mm = { value = 10, assumption = true, note = "a guess" }
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("schwarz2011", "schwartz2011", "did you mean schwarz2011?"),
        ("assumption = true", "assumption = false", "not marked as an assumption"),
        (', note = "a guess"', "", "without a note"),
        ("value = 10", 'value = "10"', "must be float"),
        ("value = 10,", "", "is missing"),
        ("width_mm", "widht_mm", "did you mean width_mm?"),
    ],
)
def test_a_bad_row_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert read_rows(file, "device", Catalogued, table("sources"))["x"].needles.value == 3
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"catalogue\.toml") as caught:
        read_rows(file, "device", Catalogued, table("sources"))
    assert words in str(caught.value)


def test_a_map_is_well_formed() -> None:
    from xml.etree import ElementTree

    from needlewise.charts import coverage_map

    root = ElementTree.fromstring(coverage_map([("a < b", [[0.0, 1.0], [2.0, 3.0]], 1.0), ("empty", [[0.0]], 2.0)]))
    assert root.get("role") == "img" and "a < b" in str(root.get("aria-label"))


def test_maps_of_several_passes_as_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    words = ["coverage", "--device", "roller-192", "--beside", "roller-540", "--maps", "1", "30", "--png"]
    assert cli.main([*words, str(tmp_path / "map.png")]) == 0
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.format == "PNG" and len(picture.getcolors(100_000) or ()) > 5
    assert cli.main(["coverage", "--device", "roller-192", "--maps", "31", "--png", str(tmp_path / "no.png")]) == 2
    assert not (tmp_path / "no.png").exists()
    assert cli.main(["coverage", "--device", "roller-192", "--maps", "3"]) == 2
    capsys.readouterr()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "roller", "geometry": 3}', '{"kind": "roller"}', "[" * 5000])
def test_a_file_that_is_no_imprint_is_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")
    for words in (["coverage", "--imprint", str(path)], ["same-dose", str(path), "--passes", "5", "roller-192"]):
        assert cli.main(words) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "what needlewise imprint --json printed" in said
    assert cli.main(["coverage", "--imprint", str(tmp_path / "none.json")]) == 2
    assert cli.main(["coverage", "--imprint", str(path), "--needles", "3"]) == 2
