"""The imprint test, read from generated photographs whose truth is known."""

from __future__ import annotations

import itertools
import json
import math
import struct
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import imprint_photos as photos
import imprint_scenes as scenes
import imprint_worlds as worlds
import numpy as np
import pytest
from drawing import HEIC

from needlewise.errors import InputError
from needlewise.measure.imprint import Imprint, Needle, read_imprint
from needlewise.measure.imprint.page import open_picture

ROLLER = photos.Device(
    "roller", 5, 24, 9.0, 2.2, 0.5, (0.2, 0.2), (0.0, 0.5, 0.0, 0.5, 0.0),
    missing=frozenset({(1, 3), (4, 17)}), bent={(2, 5): (0.3, 0.1), (3, 20): (-0.1, 0.25), (0, 11): (0.0, -0.4)},
)  # fmt: skip
STAMP = photos.Device(
    "stamp", 7, 5, 0.0, 1.6, 0.5, (0.18, 0.18), (0.0,) * 7, missing=frozenset({(3, 2)}), bent={(5, 1): (0.2, 0.2)}
)
SHOT = photos.Shot(megapixels=6, tilt_deg=8)


@cache
def picture(device: str, **changes: object) -> bytes:
    return photos.photograph({"roller": ROLLER, "stamp": STAMP, "disc": replace(ROLLER, hole_mm=(0.45, 0.1))}[device],
                             replace(SHOT, **changes), 3)  # type: ignore[arg-type]  # fmt: skip


def read(folder: Path, data: bytes, kind: str = "roller", scale: str | float = "card") -> Imprint:
    path = folder / "imprint.jpg"
    path.write_bytes(data)
    return read_imprint(path, kind, 0.5, scale)


def check_roller(found: Imprint) -> None:
    assert (found.rows, found.columns, found.needles, found.standing) == (5, 24, 120, 118)
    assert found.pitch.value == pytest.approx(ROLLER.pitch_mm, rel=0.02)
    assert found.row_pitch.value == pytest.approx(2.2, rel=0.02)
    assert found.drum_radius is not None and found.drum_radius.value == pytest.approx(9.0, abs=3 * found.drum_radius.error)
    assert len(found.missing) == 2
    assert sorted(n.row for n in found.missing) in ([2, 5], [1, 4])  # the picture may lie the other way round
    assert len(found.bent) == 3
    assert sorted(round(n.off_mm, 1) for n in found.bent) == [0.3, 0.3, 0.4]


def test_a_roller_beside_a_card(tmp_path: Path) -> None:
    found = read(tmp_path, picture("roller"))
    check_roller(found)
    assert found.shape.word == "round" and found.drag is not None
    true = 100 * 118 / (2 * math.pi * 9.0 * 11.0)
    assert found.density_per_pass.low < true < found.density_per_pass.high


@pytest.mark.parametrize("changes", [{"surface": "backlit", "shadow": 0.4, "creases": 2}, {"surface": "foil", "tilt_deg": 15}])
def test_other_surfaces(tmp_path: Path, changes: dict[str, object]) -> None:
    check_roller(read(tmp_path, picture("roller", **changes)))


def test_a_ruler(tmp_path: Path) -> None:
    data = picture("roller", scale="ruler", tilt_deg=15)
    check_roller(read(tmp_path, data, scale=1.0))
    check_roller(read(tmp_path, data, scale=150.0))


@pytest.mark.parametrize(
    "look",
    [scenes.Look("cloth", "steel", hole="fibre", turn=170), scenes.Look("wood", "clear", hole="soft", turn=95, orientation=6),
     scenes.Look("light", "white", hole="shaded", beside=2, orientation=8), scenes.Look("stone", "wood", beside=1, sheet=False)],
    ids=lambda look: f"{look.ruler} ruler on {look.table}",
)  # fmt: skip
def test_rulers_of_other_looks(tmp_path: Path, look: scenes.Look) -> None:
    check_roller(read(tmp_path, scenes.photograph(ROLLER, replace(SHOT, scale="ruler"), look, 5), scale=1.0))


@pytest.mark.parametrize(
    ("surface", "look"),
    [("foil", scenes.Look("cloth", card="pale", hole="fibre", turn=82)),
     ("backlit", scenes.Look("plain", card="picture", hole="soft", beside=3)),
     ("paper", scenes.Look("light", card="striped", hole="shaded", contrast=0.55, orientation=3))],
    ids=lambda value: value.card if isinstance(value, scenes.Look) else value,
)  # fmt: skip
def test_cards_and_holes_of_other_looks(tmp_path: Path, surface: str, look: scenes.Look) -> None:
    check_roller(read(tmp_path, scenes.photograph(ROLLER, replace(SHOT, surface=surface, creases=1, tilt_deg=15), look, 6)))


def numbered(needles: tuple[Needle, ...], device: photos.Device, turned: bool, shift: int) -> set[tuple[int, int]]:
    """Return needles as the device numbers them, if the picture lies that way round and rolling began so far on."""
    rows, columns = device.rows, device.columns
    at = [(rows - n.row, columns - n.column) if turned else (n.row - 1, n.column - 1) for n in needles]
    return {(row, (column + shift) % columns) for row, column in at}


@pytest.mark.parametrize(
    ("name", "seed", "shown"),
    [("hard", 15, "half-mm"), ("hard", 741, "alu-dark"), ("hard", 133, "clear"), ("hard", 111, "photo"), ("clean", 0, "backlit")],
)
def test_pictures_by_somebody_else(tmp_path: Path, name: str, seed: int, shown: str) -> None:
    truth, data = worlds.draw(name, seed)
    assert shown in (truth.surface, truth.notes.get("design"), truth.notes.get("other edge"))
    device = truth.device
    found = read(tmp_path, data, device.kind, 1.0 if truth.scale == "ruler" else truth.scale)
    assert (found.rows, found.columns, found.needles) == (device.rows, device.columns, device.needles)
    assert any(
        numbered(found.missing, device, *way) == device.missing and numbered(found.bent, device, *way) == set(device.bent)
        for way in itertools.product((False, True), range(device.columns))
    )
    assert found.pitch.value == pytest.approx(device.pitch_mm, rel=0.02)
    assert found.row_pitch.value == pytest.approx(device.row_pitch_mm, rel=0.02)


def test_woven_cloth_is_no_imprint(tmp_path: Path) -> None:
    bare = replace(ROLLER, missing=frozenset((r, c) for r in range(5) for c in range(24) if (r, c) != (0, 0)))
    with pytest.raises(InputError, match="holes show clearly"):
        read(tmp_path, scenes.photograph(bare, SHOT, scenes.Look("cloth"), 4))


def test_an_imprint_cut_off_is_refused(tmp_path: Path) -> None:
    image = cv2.imdecode(np.frombuffer(picture("roller", scale="ruler"), np.uint8), cv2.IMREAD_COLOR)
    with pytest.raises(InputError, match="rim of the picture"):
        read(tmp_path, cv2.imencode(".jpg", image[:, : int(0.8 * image.shape[1])])[1].tobytes(), scale=1.0)


@pytest.mark.parametrize("turns", [1.7, 2.2])
def test_odd_needles_tell_a_turn_that_was_not_rolled_twice(tmp_path: Path, turns: float) -> None:
    odd = replace(ROLLER, missing=frozenset({(1, 3), (4, 17), (0, 1), (0, 20), (2, 9), (3, 13)}))
    found = read(tmp_path, photos.photograph(odd, replace(SHOT, turns=turns), 3))
    assert found.repeated and found.columns == 24 and found.turns == pytest.approx(turns, abs=0.1)


def test_a_sheet(tmp_path: Path) -> None:
    check_roller(read(tmp_path, picture("roller", scale="paper-a4", megapixels=12), scale="paper-a4"))


def test_discs_leave_slits(tmp_path: Path) -> None:
    found = read(tmp_path, picture("disc"))
    check_roller(found)
    assert found.shape.word == "slit" and found.drag is None
    assert found.shape.longer_mm == pytest.approx(0.44, abs=0.06)


def test_a_stamp(tmp_path: Path) -> None:
    found = read(tmp_path, picture("stamp"), "stamp")
    assert found.needles == 35 and sorted((found.rows, found.columns)) == [5, 7]
    assert len(found.missing) == 1 and len(found.bent) == 1
    assert found.bent[0].off_mm == pytest.approx(0.28, abs=0.08)
    assert found.drum_radius is None and found.pitch.value == pytest.approx(1.6, rel=0.02)
    assert set(found.to_geometry()) == {"needles", "rows", "width_mm"}


def test_a_stamp_of_few_slits(tmp_path: Path) -> None:
    small = photos.Device("stamp", 5, 4, 0.0, 2.3, 0.5, (0.5, 0.12), (0.0,) * 5, frozenset({(0, 2)}))
    found = read(tmp_path, photos.photograph(small, replace(SHOT, megapixels=12), 308), "stamp")
    assert sorted((found.rows, found.columns)) == [4, 5] and found.needles == 20 and found.shape.word == "slit"
    assert len(found.missing) == 1 and not found.bent


@pytest.mark.parametrize("seed", [302, 307, 308, 309])
def test_a_stamp_of_sixteen_long_slits_with_a_bent_and_a_missing_one(tmp_path: Path, seed: int) -> None:
    small = photos.Device("stamp", 4, 4, 0.0, 2.3, 0.5, (0.6, 0.1), (0.0,) * 4, frozenset({(0, 2)}), {(2, 1): (0.2, 0.2)})
    found = read(tmp_path, photos.photograph(small, replace(SHOT, megapixels=12), seed), "stamp")
    assert (found.rows, found.columns, found.needles, found.standing) == (4, 4, 16, 15) and found.shape.word == "slit"
    assert max(n.off_mm for n in found.bent) == pytest.approx(0.28, abs=0.1)


def test_the_smallest_holes(tmp_path: Path) -> None:
    fine = replace(ROLLER, hole_mm=(0.11, 0.11))
    check_roller(read(tmp_path, photos.photograph(fine, replace(SHOT, surface="foil", blur_px=1.2, noise=0.01), 12)))


def test_an_imprint_that_fades_into_the_dark_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng((306, len("hard")))  # tiny holes in foil, of which one end cannot be seen
    device = photos.random_device(rng)
    with pytest.raises(InputError, match="fade towards one end"):
        read(tmp_path, photos.photograph(device, photos.random_shot(rng, True), 306))


def test_a_length_taken_on_trust_wants_nearly_all_holes(tmp_path: Path) -> None:
    rng = np.random.default_rng((15009, len("other-hard")))  # in foil, one hole in eight not seen: once counted a column short
    device = photos.random_device(rng)
    taken, look = scenes.random_scene(rng, True)
    with pytest.raises(InputError, match="fade towards one end"):
        read(tmp_path, scenes.photograph(device, taken, look, 15009), scale=taken.scale)


@pytest.mark.parametrize("seed", [7020, 7021])
def test_the_inches_of_a_ruler_are_no_imprint(tmp_path: Path, seed: int) -> None:
    look = scenes.Look("stone", "steel", beside=0, turn=80)
    bare = replace(ROLLER, missing=frozenset((r, c) for r in range(5) for c in range(24) if (r, c) != (0, 0)))
    with pytest.raises(InputError, match="holes show clearly"):
        read(tmp_path, scenes.photograph(bare, replace(SHOT, scale="ruler", tilt_deg=3), look, seed), scale=1.0)


def test_the_geometry_and_the_seller(tmp_path: Path) -> None:
    found = read(tmp_path, picture("roller"))
    figures = found.to_geometry()
    assert set(figures) == {"needles", "rows", "width_mm", "drum_diameter_mm"}
    assert figures["needles"] == 118 and figures["width_mm"] == pytest.approx(11.0, rel=0.02)
    assert found.against(120).agrees and not found.against(192).agrees
    with pytest.raises(InputError, match="claimed"):
        found.against(0)


@pytest.mark.parametrize(("ending", "deep"), [(".png", False), (".png", True), (".webp", False), (".tif", False)])
def test_other_kinds_of_file_read_alike(tmp_path: Path, ending: str, deep: bool) -> None:
    path = tmp_path / f"imprint{ending}"
    image = cv2.imdecode(np.frombuffer(picture("roller"), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(path), image.astype(np.uint16) * 257 if deep else image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    check_roller(read_imprint(path, "roller", 0.5, "card"))


def test_a_phones_own_kind_of_file_is_opened() -> None:
    found = open_picture(HEIC)
    assert (found.width, found.height) == (64, 96)
    assert found.grey(1.0)[0].shape == (96, 64) and found.colour(96)[0].shape == (96, 64, 3)


def test_a_picture_too_large_to_hold_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = bytearray(picture("roller"))
    at = data.index(b"\xff\xc0") + 5  # height and width in the frame's header
    data[at : at + 4] = struct.pack(">HH", 65000, 65000)
    with pytest.raises(InputError, match="at most 120 megapixels"):
        read(tmp_path, bytes(data))


@pytest.mark.parametrize(
    ("kind", "mm", "scale", "word"),
    [("pen", 0.5, "card", "kind"), ("roller", 0.0, "card", "mm"), ("roller", math.nan, "card", "mm"),
     ("roller", 0.5, "A4", "scale"), ("roller", 0.5, 0.01, "scale"), ("roller", 0.5, -1.0, "scale")],
)  # fmt: skip
def test_wrong_values_are_refused(tmp_path: Path, kind: str, mm: float, scale: str | float, word: str) -> None:
    path = tmp_path / "imprint.jpg"
    path.write_bytes(picture("roller"))
    with pytest.raises(InputError, match=f"^{word}"):
        read_imprint(path, kind, mm, scale)


def test_pictures_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="photo"):
        read_imprint(tmp_path / "none.jpg", "roller", 0.5, "card")
    for data in (b"", b"\xff\xd8\xff", b"words", picture("roller")[:20000]):
        with pytest.raises(InputError):
            read(tmp_path, data)
    grey = np.full((1500, 2000, 3), 128, np.uint8)
    with pytest.raises(InputError, match="bank card"):
        read(tmp_path, cv2.imencode(".jpg", grey)[1].tobytes())
    with pytest.raises(InputError, match="ruler"):
        read(tmp_path, picture("roller"), scale=1.0)


def test_a_page_without_holes_is_refused(tmp_path: Path) -> None:
    bare = replace(ROLLER, missing=frozenset((r, c) for r in range(5) for c in range(24) if (r, c) != (0, 0)))
    with pytest.raises(InputError, match="holes show clearly"):
        read(tmp_path, photos.photograph(bare, SHOT, 4))


def test_from_a_photo_to_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import tomllib

    from needlewise import cli
    from needlewise.planning import plan

    photo = tmp_path / "roller.jpg"
    photo.write_bytes(picture("roller"))
    words = ["imprint", str(photo), "--kind", "roller", "--mm", "0.3", "--card", "credit", "--claimed", "192"]
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    assert out.startswith("! Put nothing on the needles") and "does not agree with the seller's 192" in out
    assert cli.main([*words, "--json"]) == 0
    doc = json.loads(capsys.readouterr().out)
    assert doc["geometry"]["needles"] == 118 and doc["claim"]["agrees"] is False
    result = tmp_path / "result.json"
    result.write_text(json.dumps(doc), encoding="utf-8")
    true = 100 * 118 / (2 * math.pi * 9.2 * 11.0)  # 0.2 mm of the tips' circle go to the drum, as the needles were called shorter
    assert cli.main(["coverage", "--imprint", str(result), "--passes", "10", "--json"]) == 0
    cover = json.loads(capsys.readouterr().out)
    assert cover["density_per_cm2"] == pytest.approx(10 * true, rel=0.03)
    assert any(line.startswith("Measured by you, from the imprint: Needles 118") for line in cover["assumptions"])
    assert cli.main(["same-dose", str(result), "--passes", "10", "roller-192", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["density_per_cm2"] == pytest.approx(10 * true, rel=0.03)
    page = tmp_path / "imprint.html"
    assert cli.main([*words, "--html", str(page)]) == 0 and "pigment tattoos" in page.read_text(encoding="utf-8")
    device = tomllib.loads("[[devices]]" + out.split("[[devices]]")[1])["devices"][0]
    me = tomllib.loads(cli.SAMPLE.read_text(encoding="utf-8"))
    made = plan({**me, "devices": [{**device, "shared": False}]})
    true = 100 * 118 / (2 * math.pi * 9.0 * 11.0) * made.zones[0].passes
    assert f"about {true:.0f} holes" in made.zones[0].technique or abs(
        float(made.zones[0].technique.split("about ")[1].split()[0]) - true
    ) < 0.03 * true
    assert "assumed" not in made.zones[0].technique


def test_a_picture_without_holes_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from needlewise import cli

    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((900, 1200, 3), 230, np.uint8))
    assert cli.main(["imprint", str(blank), "--kind", "roller", "--mm", "0.5", "--paper", "a4"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("ruler", ["mm", "20"])
def test_the_picture_in_the_guide_reads_as_the_guide_says(ruler: str, capsys: pytest.CaptureFixture[str]) -> None:
    from needlewise import cli

    picture = Path(__file__).parents[2] / "docs" / "imprint-good.jpg"
    done = cli.main(["imprint", str(picture), "--kind", "roller", "--mm", "0.5", "--ruler", ruler, "--json"])
    said = capsys.readouterr()
    if ruler == "mm":
        assert done == 0 and json.loads(said.out)["needles"]["places"] == 192
    else:  # taken twenty times as large: nothing of a device's size is found, and no warning of numpy's is shown
        assert done == 2 and said.err.count("\n") == 1
