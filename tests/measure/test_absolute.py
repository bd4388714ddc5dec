"""Colour by a card in the photo: what is stated holds the truth, whatever the light and the camera did to the picture."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_skin import again, skin
from PIL import Image

from drawn_face import Skin as SkinState
from drawn_face import drawn_face
from needlewise import cli
from needlewise.measure.absolute import OF_DAYS, OF_TRUTH, absolute_of, ita
from needlewise.measure.card import REFERENCE
from needlewise.measure.lab import lab_from_linear
from needlewise.measure.pair import compare
from needlewise.measure.photo import to_linear, to_srgb8
from needlewise.measure.region import filled, read_drawing
from needlewise.measure.region_pair import compare_region

DRAWN = "0.40,0.40 0.60,0.40 0.60,0.62 0.40,0.62"
PITCH = 40
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def beside_card(linear: np.ndarray, gains: tuple[float, float, float], power: float = 1.0) -> np.ndarray:
    """Lay a card on the skin, then let a camera mix, tint and bend it all."""
    scene = linear.copy()
    scene[15 : 25 + 4 * PITCH, 15 : 25 + 6 * PITCH] = 0.02
    for i, colour in enumerate(REFERENCE):
        top, left = 25 + i // 6 * PITCH, 25 + i % 6 * PITCH
        scene[top : top + PITCH - 8, left : left + PITCH - 8] = colour.clip(0, 1)
    mixed = (
        scene * np.array(gains, np.float32) @ np.array([[0.92, 0.05, 0.03], [0.06, 0.9, 0.04], [0.02, 0.08, 0.9]], np.float32).T
    )
    return np.asarray(np.clip(mixed, 0, 1) ** power, np.float32)


def save(path: Path, linear: np.ndarray) -> Path:
    Image.fromarray(to_srgb8(linear)).save(path)
    return path


def true_lab(linear: np.ndarray) -> np.ndarray:
    return lab_from_linear(np.median(linear[filled(read_drawing(DRAWN).region, linear.shape[:2])].astype(float), axis=0))


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, np.ndarray, np.ndarray]:
    """Two days of one skin beside a card, the region less red on the second, in other light by a camera that bends tones."""
    folder = tmp_path_factory.mktemp("card")
    one = again(skin())[0]
    soft = cv2.GaussianBlur(filled(read_drawing(DRAWN).region, one.shape[:2]).astype(np.float32), (0, 0), 4)
    two = again((one * 10 ** (0.05 * soft[..., None] * np.array([0.08, 1.0, 0.9], np.float32))).astype(np.float32), seed=3)[0]
    paths = (
        save(folder / "one.png", beside_card(one, (0.9, 0.7, 0.5))),
        save(folder / "two.png", beside_card(two, (0.7, 0.75, 0.8), 1.15)),
    )
    return *paths, true_lab(one), true_lab(two)


def test_ita_is_the_published_angle() -> None:
    assert ita(np.array([[60.0, 10, 10], [50, 10, 10], [40, 10, 10]])) == pytest.approx([45, 0, -45])


def test_uncertainty_follows_the_card() -> None:
    worse, better = (absolute_of(np.array([65.0, 12, 18]), error) for error in (6.0, 2.0))
    assert worse.a_sd == pytest.approx(3 * better.a_sd) and worse.ita_sd == pytest.approx(3 * better.ita_sd)
    assert all(day < truth for day, truth in zip(OF_DAYS, OF_TRUTH, strict=True))
    assert absolute_of(np.array([50.0, 12, 0]), 4.0).ita_sd <= 60  # at the axis the angle is nowhere near known


def test_two_days_beside_a_card(days: tuple[Path, Path, np.ndarray, np.ndarray]) -> None:
    before, after, one, two = days
    found = compare_region([before], [after], read_drawing(DRAWN), card=True)
    lines = {line.what: line for line in found.absolute}
    for what, true in (("a*", (one[1], two[1])), ("ITA", (float(ita(one)), float(ita(two))))):
        line = lines[what]
        assert abs(line.before - true[0]) < 1.96 * line.before_sd and abs(line.after - true[1]) < 1.96 * line.after_sd
        assert line.low <= true[1] - true[0] <= line.high
    assert lines["a*"].high < 0, "a fall of a* by four is seen"
    assert compare_region([before], [after], read_drawing(DRAWN)).absolute == (), "nothing absolute without a card"


def test_commands(days: tuple[Path, Path, np.ndarray, np.ndarray], capsys: pytest.CaptureFixture[str]) -> None:
    before, after, one, _ = days
    assert cli.main(["measure", str(before), "--card", "--region", DRAWN, "--json"]) == 0
    values = json.loads(capsys.readouterr().out)["zones"]["region"]
    assert values["a*"] == pytest.approx(one[1], abs=1.96 * values["a* sd"])
    assert cli.main(["measure", str(before), "--card", "--region", DRAWN]) == 0
    assert "±" in capsys.readouterr().out
    files = ["--before", str(before), "--after", str(after), "--card", "--region", DRAWN]
    assert cli.main(["compare", *files, "--json"]) == 0
    assert {line["what"] for line in json.loads(capsys.readouterr().out)["absolute"]} == {"a*", "ITA"}
    assert cli.main(["compare", *files]) == 0
    assert "Colour by the card" in capsys.readouterr().out


def test_a_face_beside_a_card(tmp_path: Path) -> None:
    """The card stands above the face of the drawn person; the redder forehead is seen in a* as in redness."""
    files = []
    for name, blood, gains in (("one", {}, (0.9, 0.75, 0.6)), ("two", {"forehead": 0.12}, (0.75, 0.75, 0.75))):
        face = to_linear(drawn_face(SkinState(blood=blood)))
        scene = cv2.copyMakeBorder(face, 200, 0, 0, 0, cv2.BORDER_REPLICATE)
        files.append(save(tmp_path / f"{name}.png", beside_card(scene, gains)))
    found = compare(files[:1], files[1:], ["forehead", "cheek-left"], card=True)
    lines = {(line.zone, line.what): line for line in found.absolute}
    assert lines["forehead", "a*"].low > 0 > lines["cheek-left", "a*"].low
    assert lines["cheek-left", "a*"].high > 0 and lines["forehead", "ITA"].difference < 0


def test_stated_spread_covers_cameras_and_lights(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    benchmark = pytest.importorskip("measure_absolute")
    if not benchmark.SPECTRA.is_dir():
        pytest.skip("needs ../shared/photos/spectra")
    assert benchmark.main() == 0, capsys.readouterr().out
