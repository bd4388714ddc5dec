"""From the box to a plan in a real browser, at phone width, by tapping; and a change that moves it."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from apps import App


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def first_run(page: Page) -> None:
    """Answer every screen as somebody who may start."""
    page.get_by_role("link", name="Start").click()
    page.get_by_label("Year of birth").fill("1990")
    page.get_by_text("Burns easily, tans a little; fair").click()
    page.get_by_label("Country, as two letters").fill("gb")
    press(page, "Continue")
    page.get_by_text("Dark marks after inflammation").click()
    press(page, "Next: where")
    for zone in ("cheek-left", "cheek-right"):
        page.locator(f'svg.drawing [data-zone="{zone}"]').click()
    page.get_by_text("Mild: I see it when I look for it").click()
    press(page, "Continue")
    press(page, "None of these")
    for group in page.get_by_role("group").all():
        group.get_by_text("No", exact=True).click()
    press(page, "Continue")
    press(page, "I take none")
    page.get_by_text("Roller", exact=True).click()
    page.get_by_label("Needle length in millimetres").fill("0,25")
    page.get_by_role("group", name="Has anyone else ever used it?").get_by_text("No", exact=True).click()
    press(page, "Save this device")
    press(page, "Nothing at all")
    press(page, "No, none of that")
    page.get_by_text("I have read this.").click()
    press(page, "Continue")
    page.get_by_role("group").get_by_text("No", exact=True).click()
    press(page, "Continue")


def test_from_the_box_to_a_safe_first_session(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app, timezone_id="Pacific/Auckland")
    begun = time.monotonic()
    first_run(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You can start")
    assert time.monotonic() - begun < 60
    press(page, "To my day")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto(app.address + "/me/about/")
    assert page.locator("input[name=time_zone]").input_value() == "Pacific/Auckland"
    page.goto(app.address + "/changes/add/sun/")
    page.get_by_label("When?").fill((dt.date.today() - dt.timedelta(days=1)).isoformat())
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan has moved")


def test_the_run_goes_on_where_it_was_left_and_back_keeps_what_was_told(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app)
    page.get_by_role("link", name="Start").click()
    page.get_by_label("Year of birth").fill("1850")
    press(page, "Continue")
    expect(page.get_by_text("“1850” cannot be used here")).to_be_visible()
    page.get_by_label("Year of birth").fill("1990")
    press(page, "Continue")
    page.goto(app.address + "/")
    expect(page.get_by_role("link", name="Go on where you were")).to_have_attribute("href", re.compile("/first/goals/"))
    page.get_by_role("link", name="Go on where you were").click()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_label("Year of birth")).to_have_value("1990")


def test_a_long_list_is_searched(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app)
    page.goto(app.address + "/first/health/")
    page.get_by_label("Search").fill("accutane")
    expect(page.locator(".choice:visible")).to_have_count(0)
    page.get_by_label("Search").fill("zits")
    expect(page.locator(".choice:visible")).to_have_count(1)
    page.get_by_text("Active acne").click()
    press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where do you have it?")
