"""Photos in a real browser: added, taken with a camera, measured meanwhile, and slid over each other."""

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps import App
from needlewise.simulate.portrait import Day, portrait_jpeg

MEASURED_S = 180


def portraits(folder: Path) -> list[Path]:
    """The drawn person, much redder in March than in June."""
    out = []
    for day, red in ((dt.datetime(2026, 3, 1, 10), 6.0), (dt.datetime(2026, 6, 1, 10), 0.0)):
        path = folder / f"{day:%Y-%m-%d}.jpg"
        path.write_bytes(portrait_jpeg(Day(redness={"cheek-left": red, "cheek-right": red}, day=day.month), day))
        out.append(path)
    return out


def until(page: Page, text: str) -> None:
    end = time.monotonic() + MEASURED_S
    while not page.get_by_text(text).first.is_visible():
        if time.monotonic() > end:
            pytest.fail(f"never said: {text}")
        time.sleep(1)
        page.reload()


def test_photos_are_added_measured_and_compared(app: App, enter: Callable[..., Page], tmp_path: Path) -> None:
    page = enter(app)
    page.goto(app.address + "/photos/add/")
    page.get_by_role("button", name="Keep these photos").click()
    expect(page.get_by_text("Choose at least one photo.")).to_be_visible()
    page.set_input_files("#id_photos", portraits(tmp_path))
    page.get_by_text("Bare skin", exact=True).click()
    start = time.monotonic()
    page.get_by_role("button", name="Keep these photos").click()
    expect(page.get_by_text("2 photos are kept")).to_be_visible()
    assert time.monotonic() - start < 15  # the answer does not wait for the measuring
    until(page, "See what changed")
    page.get_by_text("See what changed").click()
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible()
    before = page.evaluate("document.querySelector('[data-slider]').style.getPropertyValue('--at')")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    after = page.evaluate("document.querySelector('[data-slider]').style.getPropertyValue('--at')")
    assert (before, after) == ("50%", "52%")
    box = page.locator("[data-slider]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 20)
    assert slider.input_value() == "25"
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]


def test_a_photo_is_taken_with_the_camera(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app, permissions=["camera"])
    page.goto(app.address + "/photos/take/")
    page.get_by_role("button", name="Open the camera").click()
    shoot = page.get_by_role("button", name="Take a photo")
    expect(shoot).to_be_visible()
    expect(page.locator("#hint")).not_to_have_text("")  # the camera shows something, and it was judged
    shoot.click()
    expect(page.get_by_text("Photos taken: 1")).to_be_visible()
    page.get_by_text("Bare skin", exact=True).click()
    page.get_by_role("button", name="Keep these photos").click()
    expect(page.get_by_text("1 photo is kept")).to_be_visible()


def test_without_script_the_plain_buttons_stay(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app, java_script_enabled=False)
    page.goto(app.address + "/photos/take/")
    expect(page.locator("#id_photos")).to_be_visible()
    expect(page.get_by_role("button", name="Open the camera")).to_be_hidden()
