"""A word is explained where it stands: by finger and by keyboard, with and without script, and on paper it is a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from apps import App, ready_person

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize(("colours", "script"), [("light", True), ("dark", False)])
def test_a_word_explains_itself(app: App, enter: Callable[..., Page], colours: str, script: bool) -> None:
    ready_person(app)
    page = enter(app, color_scheme=colours, viewport=PHONE, java_script_enabled=script)
    page.goto(f"{app.address}/answers/7/")
    word = page.locator("button.term:visible").first
    meaning = page.locator(f"#{word.get_attribute('popovertarget')}")
    expect(meaning).to_be_hidden()

    word.focus()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    page.keyboard.press("Tab")  # what is inside comes next
    expect(meaning.get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    expect(word).to_be_focused()

    word.click()
    expect(meaning).to_be_in_viewport(ratio=1)
    box, shown = word.bounding_box(), meaning.bounding_box()
    assert box and shown and box["height"] >= 24
    assert shown["y"] > box["y"] + box["height"] - 1 or shown["y"] + shown["height"] < box["y"] + 1  # not over its word
    assert page.url.endswith("/answers/7/")  # nothing was sent
    if script:
        wrong = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical", "moderate")]
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in wrong] == []
    leads = meaning.get_by_role("link").get_attribute("href")
    meaning.get_by_role("link").click()
    expect(page).to_have_url(f"{app.address}{leads}")
    expect(page.locator(":target")).to_be_in_viewport()


def test_on_paper_a_word_is_a_word(app: App, enter: Callable[..., Page]) -> None:
    ready_person(app)
    page = enter(app)
    page.goto(f"{app.address}/answers/7/")
    word = page.locator("button.term:visible").first
    meaning = page.locator(f"#{word.get_attribute('popovertarget')}")
    word.click()
    page.emulate_media(media="print")
    expect(word).to_be_visible()
    expect(meaning).to_be_hidden()
