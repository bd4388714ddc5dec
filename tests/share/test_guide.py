"""The capture guide: the same advice as text and as a page, with drawings that stand by themselves."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from needlewise import cli
from needlewise.measure.capture import RAKING_DEG
from needlewise.measure.change import DAYS_APART
from needlewise.share.guide import PARTS, guide_html, guide_text
from needlewise.share.guide_drawings import ANGLE

DRAWINGS = [draw for part in PARTS for draw in part.drawn]


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: str(draw.__name__))
def test_a_drawing_is_whole_and_says_what_it_shows(draw) -> None:  # type: ignore[no-untyped-def]
    picture = ET.fromstring(draw())
    assert picture.tag == "svg" and picture.get("aria-label") and len(list(picture.iter())) >= 5
    _, _, wide, tall = (float(v) for v in str(picture.get("viewBox")).split())
    for part in picture.iter("text"):
        assert 0 <= float(part.get("x", "-1")) <= wide and 10 <= float(part.get("y", "-1")) <= tall


def test_text_and_page_give_the_same_advice() -> None:
    text, page = " ".join(guide_text().split()), guide_html()
    for part in PARTS:
        assert part.title in text and part.title in page
        for step in part.steps:
            assert step in text and step.replace("'", "&#x27;") in page
    assert page.count('role="img"') == len(DRAWINGS) and "<script" not in page and "http:" not in page


def test_the_numbers_are_those_that_are_checked() -> None:
    assert f"{RAKING_DEG[0]:g} to {RAKING_DEG[1]:g}°" in guide_text() and f"{DAYS_APART} days" in guide_text()
    assert RAKING_DEG[0] <= ANGLE <= RAKING_DEG[1]


def test_the_guide_loads_nothing_heavy() -> None:
    code = "import needlewise.share.guide, sys; print(sorted({'numpy', 'cv2', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "guide.html"
    assert cli.main(["photo", "guide", "--html", str(page)]) == 0
    assert page.stat().st_mode & 0o077 == 0 and "<svg" in page.read_text(encoding="utf-8")
    assert cli.main(["photo", "guide", "--html", str(tmp_path / "no" / "guide.html")]) == 2
    capsys.readouterr()
