"""One page, whole and harmless."""

import re
from html.parser import HTMLParser

import pytest

from needlewise.model import Plan
from needlewise.share.html import plan_html

VOID = {"meta"}


class Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_tag_is_closed(plan: Plan) -> None:
    parser = Balance()
    parser.feed(plan_html(plan))
    assert not parser.open


@pytest.mark.parametrize("banned", ["<script", "<link", "<img", "src=", "@import", "url(", "<b>", "<gently>", "<scars>"])
def test_nothing_from_outside_and_nothing_unescaped(plan: Plan, banned: str) -> None:
    assert banned not in plan_html(plan)


def test_page_speaks_its_language_and_fits_a_phone(plan: Plan) -> None:
    page = plan_html(plan)
    for part in ('lang="en"', 'name="viewport"', "@media print", "prefers-color-scheme:dark", "<details>"):
        assert part in page


def test_a_badge_says_its_verdict_in_words(plan: Plan) -> None:
    badges = re.findall(r'class="badge (\w+)"><span aria-hidden="true">.</span> ([^<]+)<', plan_html(plan))
    assert ("limited", "Go, within limits: keep to the limits below") in badges
    assert ("stop", "Stop: do not needle") in badges
