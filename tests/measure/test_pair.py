"""Two days of one face, from files to verdicts: a painted redness is found, other light and gains are not."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from needlewise import cli
from needlewise.errors import InputError
from needlewise.measure.face import find_face
from needlewise.measure.pair import compare, open_shot
from needlewise.measure.photo import load_photo, to_linear, to_srgb8
from needlewise.measure.zones import zone_mask

FACES = Path(__file__).parents[2].parent / "shared" / "photos" / "faces"
pytestmark = pytest.mark.skipif(not FACES.is_dir(), reason="needs ../shared/photos/faces")
FACE = FACES / "obama.jpg"


@pytest.fixture(scope="module")
def redder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same face twice: before, and after with one cheek 12 % redder, another white balance and exposure."""
    folder = tmp_path_factory.mktemp("pair")
    photo = load_photo(FACE)
    mask = zone_mask(photo, find_face(photo), "cheek-right")
    pixels = photo.pixels.copy()
    pixels[mask, 1] *= 0.88
    pixels[mask, 2] *= 0.94
    paths = folder / "before.png", folder / "after.png"
    Image.fromarray(to_srgb8(photo.pixels)).save(paths[0])
    Image.fromarray(to_srgb8(pixels * np.array([0.85, 0.80, 0.78], np.float32))).save(paths[1])
    return paths


def test_a_redder_cheek_is_worse_and_the_rest_is_not(redder: tuple[Path, Path]) -> None:
    found = compare([redder[0]], [redder[1]], ["cheek-right", "forehead"])
    red = {c.zone: c for c in found.changes if c.what == "redness"}
    cheek = red["cheek-right"]
    assert cheek.verdict == "worse" and cheek.difference is not None
    assert abs(cheek.difference - 100 * np.log10(1 / 0.88)) < 1.2
    assert red["forehead"].verdict == "no detectable change"
    assert all(c.verdict in ("no detectable change", "not comparable") for c in found.changes if c.what == "texture")


def test_before_the_review_it_is_too_early(redder: tuple[Path, Path]) -> None:
    import datetime as dt

    found = compare([redder[0]], [redder[1]], ["cheek-right"], review=dt.date.today() + dt.timedelta(days=30))
    assert {c.verdict for c in found.changes if c.difference is not None} == {"too early"}


def test_make_up_and_an_unknown_zone(redder: tuple[Path, Path]) -> None:
    made_up = compare([redder[0]], [redder[1]], ["cheek-right"], make_up=True)
    assert {c.verdict for c in made_up.changes} == {"not comparable"}
    with pytest.raises(InputError, match="cheek-right"):
        compare([redder[0]], [redder[1]], ["cheek-rigt"])
    with pytest.raises(InputError, match="control"):
        compare([redder[0]], [redder[1]], ["forehead"], "forehead")


def test_a_control_zone(redder: tuple[Path, Path]) -> None:
    found = compare([redder[0]], [redder[1]], ["cheek-right"], "cheek-left")
    (red,) = [c for c in found.changes if c.what == "redness"]
    assert red.verdict == "worse"


def test_commands(redder: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--before", str(redder[0]), "--after", str(redder[1]), "--zone", "cheek-right"]
    assert cli.main(["compare", *files, "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert set(doc) >= {"comparable", "light", "alignment", "changes"}
    assert set(doc["changes"][0]) == {
        "zone", "what", "method", "unit", "difference", "low", "high", "smallest_detectable", "verdict", "basis",
    }  # fmt: skip
    page = tmp_path / "page.html"
    assert cli.main(["compare", *files, "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "data:image/jpeg" in text and "http:" not in text and "https:" not in text and page.stat().st_mode & 0o077 == 0
    assert cli.main(["measure", str(redder[0]), "--json"]) == 0
    assert cli.main(["photo", "check", str(redder[0])]) == 0
    assert cli.main(["photo", "guide"]) == 0
    capsys.readouterr()


def test_trend_and_cohort(redder: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    rows = ["pair,role,path,zone,control"]
    for day in ("2026-01-01", "2026-02-01"):
        rows += [f"{day},before,{redder[0]},cheek-right,", f"{day},after,{redder[1]},cheek-right,"]
    rows += ["2026-03-01,before,no.jpg,cheek-right,", f"2026-03-01,after,{redder[1]},cheek-right,"]
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("\n".join(rows), encoding="utf-8")
    if cli.main(["trend", str(manifest), "--json"]) == 2:  # a missing photo may be refused when the manifest is read
        manifest.write_text("\n".join(rows[:-2]), encoding="utf-8")
        capsys.readouterr()
        assert cli.main(["trend", str(manifest), "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert {t["what"] for t in doc["trends"]} >= {"redness", "texture"}
    out = tmp_path / "out.parquet"
    assert cli.main(["cohort", str(manifest), "--out", str(out)]) == 0
    assert out.is_file()


def test_a_photo_without_a_face_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wall = tmp_path / "wall.png"
    Image.fromarray(np.full((600, 600, 3), 128, np.uint8)).save(wall)
    assert cli.main(["compare", "--before", str(wall), "--after", str(wall)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_small_grey_pictures_are_accepted(tmp_path: Path) -> None:
    photo = load_photo(FACE)
    points = find_face(photo).points
    left, top = points.min(axis=0).astype(int)
    right, bottom = points.max(axis=0).astype(int)
    grey = Image.fromarray(to_srgb8(photo.pixels[top:bottom, left:right])).convert("L").resize((168, 192))
    grey.save(tmp_path / "small.png")
    shot = open_shot(tmp_path / "small.png")
    assert shot.cropped and shot.photo.meta.grey
    found = compare([tmp_path / "small.png"], [tmp_path / "small.png"])
    assert found.comparable["redness"].verdict == "not comparable" and found.comparable["texture"].verdict == "comparable"
    assert to_linear(np.array([0, 255], np.uint8))[1] == pytest.approx(1)
