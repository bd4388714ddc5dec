"""Scars in raking light: the lamp's place is checked, the days are laid over each other, and no number is made."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_face import Lamp, Skin, drawn_face, jpeg
from needlewise import cli
from needlewise.errors import InputError
from needlewise.measure.capture import RAKING_DEG
from needlewise.measure.light import Light
from needlewise.measure.raking import TOLERANCE, Raking, lamp_faults, rake
from needlewise.share.raking import NO_NUMBER, raking_html, raking_json, raking_pictures

SCARS = ((-3.6, -2.6), (3.4, -2.8), (-2.9, 5.6))
DAYS = {"2026-01-05": (57.0, 0.05, (0.0, 0.0, 0.0)), "2026-04-20": (60.0, 0.03, (9.0, 4.0, 0.6))}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, out = tmp_path_factory.mktemp("raking"), {}
    for day, (angle, depth, move) in DAYS.items():
        for side, sign in (("left", 1), ("right", -1)):
            picture = drawn_face(Skin(scars=SCARS, scar_cm=depth), Lamp(sign * angle, 8, 0.04), noise=len(out), move=move)
            out[f"{day} {side}"] = folder / f"{day}-{side}.jpg"
            out[f"{day} {side}"].write_bytes(jpeg(picture, f"{day} 20:00:00"))
    front = folder / "front.jpg"
    front.write_bytes(jpeg(drawn_face(Skin(scars=SCARS), Lamp()), "2026-04-20 20:00:00"))
    return out | {"front": front}


@pytest.fixture(scope="module")
def found(photos: dict[str, Path]) -> Raking:
    one, two = ([photos[f"{day} {side}"] for side in ("right", "left")] for day in DAYS)  # the order does not matter
    return rake(one, two)


def test_the_light_tells_which_is_which(found: Raking) -> None:
    assert found.sides["left"].before.name == "2026-01-05-left.jpg"
    assert found.sides["right"].after.name == "2026-04-20-right.jpg"
    assert {side.verdict for side in found.sides.values()} == {"comparable"} and not found.too_soon


def test_both_days_lie_on_each_other_in_one_brightness(found: Raking) -> None:
    for side in found.sides.values():
        before, after = (picture.astype(float).mean(2) for picture in side.pictures)
        assert before.shape == after.shape
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.97
        lit = before > 80
        assert abs(np.median(after[lit]) - np.median(before[lit])) < 12


def test_no_number_is_made_of_a_scar(found: Raking) -> None:
    doc = raking_json(found)
    assert set(doc) == {"schema_version", "raking", "too_soon", "notes"}
    for side in doc["raking"].values():
        assert set(side) == {"verdict", "reasons", "lamp", "photos"}
    assert NO_NUMBER in doc["notes"] and NO_NUMBER in raking_html(found)
    assert set(raking_pictures(found)) == {f"lamp-{s}-{d}.png" for s in ("left", "right") for d in ("before", "after")}


@given(
    st.floats(RAKING_DEG[0] - TOLERANCE, RAKING_DEG[1] + TOLERANCE),
    st.floats(-30, 30),
    st.floats(0, 0.5),
    st.sampled_from(["left", "right"]),
)
def test_a_lamp_in_its_place_has_no_faults(angle: float, up: float, soft: float, side: str) -> None:
    light = Light(angle, angle if side == "left" else -angle, up, soft, 0.2)
    assert lamp_faults(light, side) == ()
    assert "other side" in lamp_faults(light, "right" if side == "left" else "left")[0]


@pytest.mark.parametrize(
    ("azimuth", "up", "soft", "says"),
    [
        (20, 0, 0.1, "too near the middle (about 20°): put it 50 to 60° to your left"),
        (88, 0, 0.1, "too far round"),
        (55, 45, 0.1, "too high (about 45°): put it at the height of your nose"),
        (55, -40, 0.1, "too low"),
        (55, 0, 0.8, "darken the room"),
    ],
)
def test_each_fault_says_what_to_do(azimuth: float, up: float, soft: float, says: str) -> None:
    (fault,) = lamp_faults(Light(azimuth, azimuth, up, soft, 0.2), "left")
    assert says in fault and ": " in fault


def test_light_from_the_front_is_refused_with_the_fix(photos: dict[str, Path]) -> None:
    one = [photos["2026-01-05 left"], photos["2026-01-05 right"]]
    refused = rake(one, [photos["front"], photos["2026-04-20 right"]])
    assert refused.sides["left"].verdict == "not comparable" and refused.sides["right"].verdict == "comparable"
    assert any("put it 50 to 60° to your left" in reason for reason in refused.sides["left"].reasons)
    assert "Take care" in raking_html(refused)
    with pytest.raises(InputError, match="two: the lamp"):
        rake(one[:1], one)


def test_the_command(photos: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = ([str(photos[f"{day} {side}"]) for side in ("left", "right")] for day in DAYS)
    files = ["compare", "--raking", "--before", *before, "--after", *after]
    assert cli.main([*files, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["raking"]["left"]["verdict"] == "comparable"
    page = tmp_path / "page.html"
    assert cli.main([*files, "--html", str(page), "--overlays", str(tmp_path / "p")]) == 0
    assert page.stat().st_mode & 0o077 == 0 and len(list((tmp_path / "p").iterdir())) == 4
    assert page.read_text(encoding="utf-8").count("data-slider>") == 2
    assert cli.main([*files, "--zone", "nose"]) == 2
    assert "--raking" in capsys.readouterr().err
    # the same day twice: gently refused, with the way on
    again = ["compare", "--raking", "--before", *before, "--after", before[1], str(photos["2026-01-05 left"])]
    assert cli.main(again) == 0  # one photo against itself is no second look
    assert "no number" in capsys.readouterr().out
