"""The page of a comparison: whole by itself, plain words first, and nothing on it that a strict reader must run."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from needlewise import cli
from needlewise.measure.pair import Comparison
from needlewise.measure.texture import UNDERSTATES
from needlewise.share import words
from needlewise.share.measured_html import comparison_html
from needlewise.share.page import SCRIPT

VOID = {"meta", "img", "input", "br"}


class Reader(HTMLParser):
    """Checks that every element is closed, and gathers attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def html(drawn_comparison: Comparison) -> str:
    return comparison_html(drawn_comparison)


def test_the_page_is_whole_by_itself(html: str) -> None:
    for tag, name, value in read(html).attributes:
        assert not name.startswith("on"), (tag, name)  # no handler in the markup
        if name in ("src", "href"):
            assert value.startswith(("data:image/", "#")), value[:40]
    assert "@import" not in html and "url(" not in re.sub(r"url\(#", "", html)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert script == SCRIPT and f"script-src 'sha256-{digest}'" in html and "default-src 'none'" in html
    assert len(html) < 1_500_000


def test_identifiers_are_used_once(html: str) -> None:
    names = [value for _, name, value in read(html).attributes if name == "id"]
    assert len(names) == len(set(names))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(names)


def test_every_picture_says_what_it_shows(html: str) -> None:
    images = [tag for tag, name, value in read(html).attributes if tag == "img" and name == "alt" and value]
    assert len(images) == html.count("<img ")
    assert html.count('role="img"') == html.count('role="img" aria-label=')


def test_plain_words_come_before_numbers(html: str, drawn_comparison: Comparison) -> None:
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert text.index("A real change") < text.index("Zone by zone") < text.index("smallest detectable")
    for verdict, where in words.in_short(drawn_comparison.changes):
        assert verdict in text and where in text
    assert UNDERSTATES in text and "no diagnosis" in text
    assert "pictures, not measurements" in text and "their number and length say nothing" in text
    for term, _ in words.GLOSSARY:
        assert term in text


def test_without_the_script_both_pictures_are_there(html: str) -> None:
    shown = html[html.index("data-slider") :]
    assert shown.index('alt="Before"') < shown.index('alt="After"') < shown.index("</section>")
    assert "clip-path" not in re.sub(r"\.on \.one\{[^}]*\}", "", html)  # only the script's class hides anything


def test_where_nothing_may_be_compared_the_fixes_come_first(drawn_comparison: Comparison) -> None:
    reason = "the light came 45° elsewhere: face the same window or lamp"
    gates = {
        name: replace(gate, verdict="not comparable", reasons=(reason,)) for name, gate in drawn_comparison.comparable.items()
    }
    changes = tuple(
        replace(c, difference=None, low=None, high=None, smallest_detectable=None, verdict="not comparable", basis=reason)
        for c in drawn_comparison.changes
    )
    html = comparison_html(replace(drawn_comparison, comparable=gates, changes=changes, spots=()))
    read(html)
    assert html.index("What to do next time") < html.index("<img")
    assert html.count(reason.partition(": ")[2].capitalize()) == 1 and "Zone by zone" not in html  # said once
    assert "<strong>Face the same window or lamp</strong>" in html and "the light came 45° elsewhere; for everything" in html
    assert "Where the colour changed" not in html and "Blood and pigment" not in html


def test_text_from_outside_is_escaped(drawn_comparison: Comparison) -> None:
    html = comparison_html(replace(drawn_comparison, notes=("<script>alert(1)</script>",)))
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


def test_pictures_are_written_for_their_owner_alone(
    drawn_days: tuple[list[Path], list[Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = drawn_days
    files = ["--before", str(before[0]), "--after", str(after[0]), "--zone", "cheek-right"]
    assert cli.main(["compare", *files, "--overlays", str(tmp_path / "new" / "pictures")]) == 0
    made = sorted((tmp_path / "new" / "pictures").iterdir())
    assert {p.name for p in made} >= {"before.png", "after.png", "change-redness.png", "lines-after.png"}
    assert all(p.stat().st_mode & 0o777 == 0o600 and p.read_bytes().startswith(b"\x89PNG") for p in made)
    assert (tmp_path / "new" / "pictures").stat().st_mode & 0o777 == 0o700
    capsys.readouterr()
    (tmp_path / "file").write_text("x")
    assert cli.main(["compare", *files, "--overlays", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_words() -> None:
    assert [words.place(z) for z in ("cheek-right", "upper-lip", "face", "nose")] == [
        "right cheek", "upper lip", "whole face", "nose",
    ]  # fmt: skip
    assert [words.signed(v) for v in (-0.04, 0.04, -1.25, 2, None)] == ["0.0", "0.0", "−1.2", "+2.0", "–"]
