"""A drawn region is carried over to a second photo without a face, read there, and refused where it is not the same skin."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_skin import again, skin
from PIL import Image

from needlewise import cli
from needlewise.errors import InputError
from needlewise.measure import networks
from needlewise.measure.photo import from_array, to_srgb8
from needlewise.measure.region import Known, filled, outline, read_drawing
from needlewise.measure.region_pair import compare_region
from needlewise.measure.register import register

SHAPE = ((0.40, 0.40), (0.60, 0.40), (0.60, 0.62), (0.40, 0.62))
DRAWN = "0.40,0.40 0.60,0.40 0.60,0.62 0.40,0.62"
AMOUNT = 4.0  # 100·log10(R/G)


def save(folder: Path, name: str, linear: np.ndarray) -> Path:
    Image.fromarray(to_srgb8(linear)).save(folder / name)
    return folder / name


def painted(linear: np.ndarray, amount: float) -> np.ndarray:
    """Make the region redder by `amount`, with a soft edge."""
    soft = cv2.GaussianBlur(filled(SHAPE, linear.shape[:2]).astype(np.float32), (0, 0), 4)
    return np.asarray(linear * 10 ** (-amount / 100 / 0.92 * soft[..., None] * np.array([0.08, 1.0, 0.9], np.float32)))


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("hand")
    plain = skin()
    gains = np.array([0.8, 0.7, 0.6], np.float32)
    return {
        "before": save(folder, "before.png", again(plain)[0]),
        "before2": save(folder, "before2.png", again(plain, 3, 1.03, (12, -8))[0]),
        "same": save(folder, "same.png", again(plain * gains, 6, 0.95, (-30, 20), 0.15)[0]),
        "redder": save(folder, "redder.png", again(painted(plain, AMOUNT) * gains, -8, 1.1, (25, 30), 0.15)[0]),
        "other": save(folder, "other.png", again(skin(7))[0]),
        "side": save(folder, "side.png", again(plain * 0.5, 0, 1, (0, 0), 0.85)[0]),
    }


def test_a_redder_region_is_worse(hand: dict[str, Path]) -> None:
    found = compare_region([hand["before"]], [hand["redder"]], read_drawing(DRAWN))
    red = {c.what: c for c in found.changes}["redness"]
    assert red.verdict == "worse" and red.difference == pytest.approx(AMOUNT, abs=0.8)
    assert red.low is not None and red.high is not None and red.low < AMOUNT < red.high
    assert found.light_deg is None and found.inliers >= 20 and found.zones == ("region",)
    assert found.comparable["texture"].verdict == "not comparable"
    assert any("known length" in note for note in found.notes) and all(s.area_before_mm2 is None for s in found.spots)


def test_nothing_changed(hand: dict[str, Path]) -> None:
    found = compare_region([hand["before"], hand["before2"]], [hand["same"]], read_drawing(DRAWN))
    assert {c.verdict for c in found.changes if c.difference is not None} == {"no detectable change"}
    assert found.comparable["redness"].verdict == "comparable"
    (moles,) = [c for c in found.changes if c.what == "spots"]
    assert abs(moles.difference or 99) < 1.5 and len(found.spots) >= 3


def test_a_control_region_and_a_known_length(hand: dict[str, Path]) -> None:
    drawing = read_drawing(DRAWN, "0.7,0.2 0.95,0.2 0.95,0.8 0.7,0.8", "0.1,0.1 0.6,0.1 120")
    assert drawing.known == Known((0.1, 0.1), (0.6, 0.1), 120)
    assert drawing.known.px_per_mm((900, 1200)) == pytest.approx(5)
    found = compare_region([hand["before"]], [hand["redder"]], drawing)
    assert {c.what: c.verdict for c in found.changes}["redness"] == "worse"
    moles = {c.what: c for c in found.changes}["spots"]
    assert moles.verdict == "no detectable change" and "times as wide" in moles.basis  # as redness changed
    assert found.spots and all(s.area_before_mm2 == pytest.approx(s.area_before_px / 25) for s in found.spots)
    assert not any("known length" in note for note in found.notes)


def test_the_region_lies_where_it_was(hand: dict[str, Path]) -> None:
    plain = skin()
    first, (moved, affine) = from_array(to_srgb8(plain)), again(plain, 11, 0.9, (40, -20), 0.4)
    region = filled(SHAPE, first.shape)
    found = register(first, from_array(to_srgb8(moved)), region, np.ones_like(region))
    rows, columns = np.nonzero(region)
    true = np.stack([columns, rows], 1) @ affine[:, :2].T + affine[:, 2]
    miss = np.hypot(found.map_x[rows, columns] - true[:, 0], found.map_y[rows, columns] - true[:, 1])
    assert np.percentile(miss, 95) < 1.0 and found.error_px < 3


def test_other_skin_is_refused(hand: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="same skin") as error:
        compare_region([hand["before"]], [hand["other"]], read_drawing(DRAWN))
    assert "details recognised" in str(error.value) and "\n" not in str(error.value)


def test_uneven_light_is_not_compared(hand: dict[str, Path]) -> None:
    found = compare_region([hand["before"]], [hand["side"]], read_drawing(DRAWN))
    gate = found.comparable["redness"]
    assert gate.verdict != "comparable" and any("unevenly" in reason for reason in gate.reasons)


@pytest.mark.parametrize(
    "words",
    ["0.1,0.1 0.2,0.2", "a,b c,d e,f",
     "0.1,0.1 0.5,1.2 0.3,0.3", "0.1,0.1 0.5,0.5 0.5,0.1 0.1,0.5", "0.1,0.1 0.101,0.1 0.1,0.101",
     "0.1 0.2 0.3", "nan,0 1,1 0,1"],
)  # fmt: skip
def test_a_drawing_that_is_no_shape(words: str) -> None:
    with pytest.raises(InputError, match="^region: "):
        read_drawing(words)


@pytest.mark.parametrize("words", ["0.1,0.1 0.2,0.2", "0.1,0.1 0.2,0.2 0", "0.1,0.1 0.1,0.1 30", "x"])
def test_a_length_that_is_none(words: str) -> None:
    with pytest.raises(InputError, match="^known length: "):
        read_drawing(DRAWN, known=words)


def test_a_drawing_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "region.json"
    path.write_text(json.dumps({"region": [[0.4, 0.4], [0.6, 0.4], [0.6, 0.62], [0.4, 0.62]], "known": "0.1,0.1 0.6,0.1 120"}))
    found = read_drawing(str(path))
    assert found.region == SHAPE and found.known is not None
    path.write_text('{"zone": 1}')
    with pytest.raises(InputError, match="keys"):
        read_drawing(str(path))
    with pytest.raises(InputError, match="JSON"):
        read_drawing(str(tmp_path / "none.json"))


def test_corners_are_shares_of_the_photo() -> None:
    assert outline(((0.5, 0.5),), (100, 200)).tolist() == [[99.5, 49.5]]
    assert filled(SHAPE, (900, 1200)).sum() == pytest.approx(0.2 * 0.22 * 900 * 1200, rel=0.02)


def test_commands_without_litert(
    hand: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where LiteRT has no wheel a face is refused with what to do, and that way works."""
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert.interpreter", None)
    networks.network.cache_clear()
    files = ["--before", str(hand["before"]), "--after", str(hand["redder"])]
    assert cli.main(["compare", *files]) == 2
    told = capsys.readouterr().err
    assert "draw the region" in told and "--region" in told and told.count("\n") == 1
    assert cli.main(["compare", *files, "--region", DRAWN, "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["light"]["angle_deg"] is None and doc["changes"][0]["zone"] == "region"
    assert cli.main(["compare", *files, "--region", DRAWN]) == 0
    assert "worse" in capsys.readouterr().out
    page = tmp_path / "page.html"
    assert cli.main(["compare", *files, "--region", DRAWN, "--html", str(page)]) == 0
    assert "data:image/" in page.read_text(encoding="utf-8")
    assert cli.main(["measure", str(hand["before"]), "--region", DRAWN]) == 0
    assert "less the skin around" in capsys.readouterr().out
    networks.network.cache_clear()


def test_a_region_and_a_zone_do_not_mix(hand: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--before", str(hand["before"]), "--after", str(hand["redder"])]
    assert cli.main(["compare", *files, "--region", DRAWN, "--zone", "chin"]) == 2
    assert cli.main(["compare", *files, "--known-length", "0.1,0.1 0.6,0.1 120"]) == 2
    assert capsys.readouterr().err.count("\n") == 2
