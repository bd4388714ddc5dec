"""The app's icons: the sizes that phones ask for, small, and whole when a phone cuts a circle out of them."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

STATIC = Path(__file__).parents[2] / "src" / "needlewise" / "web" / "static"
ICONS = STATIC / "icons"
GROUND = (138, 63, 36)
SIZES = {
    "icon-192.png": 192,
    "icon-512.png": 512,
    "icon-maskable-192.png": 192,
    "icon-maskable-512.png": 512,
    "apple-touch-icon.png": 180,
}


@pytest.mark.parametrize(("name", "side"), SIZES.items())
def test_pictures_are_drawn_small(name: str, side: int) -> None:
    path = ICONS / name
    with Image.open(path) as opened:
        picture = opened.convert("RGBA")
    assert picture.size == (side, side) and path.stat().st_size < 10_000
    pixels = np.asarray(picture).astype(int)
    drawn = np.abs(pixels[..., :3] - GROUND).sum(axis=-1) > 60
    drawn &= pixels[..., 3] > 0
    assert 0.1 < drawn.mean() < 0.5
    if "maskable" in name:  # W3C: what matters lies in a circle of 40 % of the side around the middle
        assert (pixels[..., 3] == 255).all()
        y, x = np.nonzero(drawn)
        assert np.hypot(x - side / 2, y - side / 2).max() < 0.4 * side


def test_the_favicon_holds_its_sizes() -> None:
    with Image.open(ICONS / "favicon.ico") as opened:
        assert opened.info["sizes"] == {(16, 16), (32, 32), (48, 48)}


@pytest.mark.parametrize("path", [*ICONS.glob("*.svg"), STATIC / "empty.svg"], ids=lambda path: path.name)
def test_drawings_hold_no_code_and_no_text(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "g", "path", "rect", "circle", "ellipse"} and path.stat().st_size < 4000
    assert not {key for element in root.iter() for key in element.attrib} & {"style", "href", "onload"}
