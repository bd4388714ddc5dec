"""The drawn face and body: every zone once, in its place, large enough for a thumb; and what the page makes of them."""

import re
import shutil
import subprocess
from collections import Counter
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.web import drawing
from needlewise.web.drawing import DRAWINGS, words, zones_in, zones_svg

WEB = Path(drawing.__file__).parent
SVG = "{http://www.w3.org/2000/svg}"
PHONE = 358  # px: a screen 390 px wide less its margins
TARGET = 24  # px: WCAG 2.2, 2.5.8
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def keys(never: bool) -> set[str]:
    """Keys of all zones that are places: not the groups, which are their members."""
    zones = [zone for zone in table("zones").values() if zone.never == never and not zone.members]
    return {key for zone in zones for key in ([f"{zone.id}-left", f"{zone.id}-right"] if zone.sides else [zone.id])}


def read(name: str) -> ElementTree.Element:
    return ElementTree.parse(WEB / "drawings" / f"{name}.svg").getroot()


def shapes(name: str) -> dict[str, ElementTree.Element]:
    return {str(shape.get("data-zone")): shape for shape in read(name).iter() if shape.get("data-zone")}


def mask(name: str, path: str, scale: int = 2) -> np.ndarray:
    """Fill a closed outline of lines and cubic curves."""
    _, _, width, height = (int(value) for value in str(read(name).get("viewBox")).split())
    points: list[np.ndarray] = []
    for command, numbers in re.findall(r"([MLC])([^MLCZ]*)", path):
        at = np.array(numbers.split(), float).reshape(-1, 2)
        if command == "C":
            start, t = points[-1], np.linspace(0, 1, 24)[:, None]
            curve = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * at[0] + 3 * (1 - t) * t**2 * at[1] + t**3 * at[2]
            points.extend(curve[1:])
        else:
            points.extend(at)
    canvas = np.zeros((height * scale, width * scale), np.uint8)
    cv2.fillPoly(canvas, [np.rint(np.array(points) * scale).astype(np.int32)], [1])
    return canvas


def areas(name: str) -> dict[str, np.ndarray]:
    found = {}
    for key, shape in shapes(name).items():
        (area,) = [path for path in shape.iter(f"{SVG}path") if path.get("class") == "area"]
        found[key] = mask(name, str(area.get("d")))
    return found


def test_every_zone_is_in_exactly_one_drawing() -> None:
    offered = Counter(key for name in DRAWINGS for key in zones_in(name))
    drawn = Counter(key for name in DRAWINGS for key in shapes(name))
    assert set(offered) == keys(never=False) and set(drawn) - set(offered) == keys(never=True)
    assert set(drawn.values()) == {1}
    assert {path.stem for path in (WEB / "drawings").iterdir()} == set(DRAWINGS)
    groups = [zone for zone in table("zones").values() if zone.members]
    assert all(member in {key.removesuffix("-left") for key in offered} for zone in groups for member in zone.members)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_strict_policy_and_a_reader_can_live_with_it(name: str) -> None:
    root = read(name)
    attributes = {key for element in root.iter() for key in element.attrib}
    assert not attributes & {"style", "href"} and not any(key.startswith("on") for key in attributes)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "defs", "pattern", "g", "path", "text"}
    assert all("left" in text for text in words(name)[1:])
    for key, shape in shapes(name).items():
        assert shape.get("id") == f"shape-{key}" and shape.findtext(f"{SVG}title")
        side = next((side for side in ("left", "right") if key.endswith(f"-{side}")), "")
        assert shape.findtext(f"{SVG}title", "").startswith(side)


@pytest.mark.parametrize("name", DRAWINGS)
def test_shapes_lie_apart_and_are_large_enough(name: str) -> None:
    found = areas(name)
    for one, two in combinations(found, 2):
        if {one, two} & {"mole", "active-lesion"}:
            continue  # these lie anywhere
        assert not (found[one] & found[two]).any(), f"{one} and {two} overlap"
    width = int(str(read(name).get("viewBox")).split()[2])
    for key in zones_in(name):
        radius = cv2.distanceTransform(found[key], cv2.DIST_L2, 5).max() / 2  # drawn at twice the size
        assert 2 * radius * PHONE / width >= TARGET, key


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_persons_left_is_on_the_left(name: str) -> None:
    middles = {key: np.nonzero(area)[1].mean() for key, area in areas(name).items()}
    for key, middle in middles.items():
        if key.endswith("-left"):
            assert middle < middles[f"{key.removesuffix('-left')}-right"] - 20


def test_states_and_names() -> None:
    labels = {"cheek-left": "mejilla <izquierda> & más", "face": "Una cara", "left": "su izquierda"}
    text = zones_svg("face", ["cheek-left", "nose", "lips"], ["cheek-left", "chin", "lips", "hand-left"], labels)
    root = ElementTree.fromstring(text)
    state = {shape.get("data-zone"): shape for shape in root.iter() if shape.get("data-zone")}
    cheek = state["cheek-left"]
    assert cheek.tag == "a" and cheek.get("href") == "#zone-cheek-left" and cheek.get("class") == "zone allowed chosen"
    assert cheek.get("aria-label") == cheek.findtext("title") == labels["cheek-left"]
    assert state["chin"].get("class") == "zone allowed" and state["chin"].get("aria-current") is None
    assert state["nose"].get("class") == "zone off chosen" and state["forehead"].get("class") == "zone off"
    assert state["lips"].get("class") == "zone never" and state["lips"].tag == "g"  # whatever is asked for
    assert str(root.get("aria-label")).startswith("Una cara. ") and "su izquierda" in text and "your right" in text
    assert "xmlns" not in text and len([e for e in root.iter("a") if e.get("tabindex") != "-1"]) == 0


def test_an_unknown_drawing() -> None:
    with pytest.raises(InputError, match="did you mean hands"):
        zones_svg("hand", [], [], {})


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_shapes_switch_their_boxes(tmp_path: Path) -> None:
    """In a browser that allows no inline code: taps tick boxes, boxes mark shapes, a group takes its members along."""
    boxes = "".join(f'<label id="zone-{k}"><input type="checkbox" name="z" value="{k}">{k}</label>' for k in zones_in("face"))
    group = '<input type="checkbox" value="face" data-members="nose chin">'
    script = (WEB / "static" / "zones.js").as_uri()
    policy = "default-src 'none'; script-src file:; style-src file:"
    (tmp_path / "steps.js").write_text(
        """addEventListener("load", () => {
          const shape = (k) => document.getElementById(`shape-${k}`), box = (k) => document.querySelector(`input[value="${k}"]`);
          const tap = (k) => shape(k).dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
          tap("cheek-left"); tap("jaw-left"); tap("jaw-left"); tap("lips"); box("face").click(); box("neck").click(); tap("chin");
          const on = [...document.querySelectorAll("input:checked")].map((b) => b.value);
          const lit = [...document.querySelectorAll("a.chosen[aria-checked=true]")].map((s) => s.dataset.zone);
          const links = document.querySelectorAll("a[href]").length;
          document.body.dataset.result = `${on} / ${lit} / ${box("face").indeterminate} / ${links}`;
        });""",
        encoding="utf-8",
    )
    page = tmp_path / "page.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}"><form>'
        f'{zones_svg("face", [], zones_in("face"), {})}{group}{boxes}</form><script src="{script}"></script>'
        '<script src="steps.js"></script>',
        encoding="utf-8",
    )
    assert browsed(page, tmp_path) == "cheek-left,nose,neck / cheek-left,nose,neck / true / 0"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_lies_over_a_shape(name: str, tmp_path: Path) -> None:
    """In a browser, what is under a finger on each shape's tick is that shape, and no link is a place never to needle."""
    (tmp_path / "steps.js").write_text(
        """addEventListener("load", () => {
          const under = (mark) => {
            mark.scrollIntoView({block: "center"});
            const {left, top, width, height} = mark.getBoundingClientRect();
            return document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-zone]");
          };
          const shapes = [...document.querySelectorAll("a.zone")];
          const wrong = shapes.filter((zone) => under(zone.querySelector(".tick")) !== zone).map((zone) => zone.dataset.zone);
          document.body.dataset.result = `${wrong} / ${shapes.length} / ${document.querySelectorAll("a .never, a.never").length}`;
        });""",
        encoding="utf-8",
    )
    page = tmp_path / "page.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{(WEB / "static" / "zones.css").as_uri()}">'
        f'<form>{zones_svg(name, [], zones_in(name), {})}</form><script src="steps.js"></script>',
        encoding="utf-8",
    )
    assert browsed(page, tmp_path) == f" / {len(zones_in(name))} / 0"


def browsed(page: Path, folder: Path) -> str:
    """Open a page in a headless browser and return what its script left in the body's data-result."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}", "--window-size=500,900"]
    command = [str(CHROMIUM), *flags, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    (result,) = re.findall(r'data-result="([^"]*)"', done.stdout)
    return str(result)
