"""A session on a phone: a timer across a closed tab, taps, and the hours after."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from apps import App, ready_person


def begin(page: Page, app: App) -> None:
    page.goto(f"{app.address}/sessions/")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Is your skin ready today?")


def through_the_checks(page: Page) -> None:
    heading = page.get_by_role("heading", level=1)
    page.get_by_role("button", name="all is well").click()
    expect(heading).to_contain_text("Look at every needle")
    page.get_by_role("button", name="all is well").click()
    expect(heading).to_contain_text("Wash")
    page.get_by_role("button", name="Done, go on").click()
    expect(heading).to_contain_text("Numbing")


def test_a_whole_session_with_a_closed_tab(demo: App, enter: Callable[..., Page]) -> None:
    page = enter(demo)
    begin(page, demo)
    through_the_checks(page)
    page.get_by_role("button", name=re.compile(r"^\d+ min$")).first.click()
    timer = page.get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"^1[45]:\d\d$"))
    until = timer.get_attribute("data-until")
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(f"{demo.address}/sessions/now/")
    assert page.get_by_role("timer").get_attribute("data-until") == until, "the timer ran on while the tab was closed"
    page.get_by_role("button", name="Without numbing").click()
    for place in ("Cheek, left", "Cheek, right", "Forehead"):
        expect(page.get_by_role("heading", level=1)).to_have_text(place)
        page.get_by_role("button", name=re.compile("^Up and down")).click()
        expect(page.get_by_role("button", name=re.compile("^Up and down"))).to_contain_text("1")
        page.get_by_role("button", name="This zone is done").click()
    page.get_by_role("button", name="Vitamin C serum").click()
    expect(page.get_by_text("left lumps")).to_be_in_viewport()
    page.get_by_role("button", name="Vitamin C serum", pressed=True).click()
    page.get_by_role("button", name="The same as last time: sterile saline").click()
    expect(page.get_by_role("button", name="Sterile saline", pressed=True)).to_be_visible()
    page.get_by_label("Something else").fill("Glow serum")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Glow serum", pressed=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sterile saline", pressed=True)).to_be_visible()
    page.get_by_role("button", name="Done, go on").click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="When can I …?")).to_be_visible()
    expect(page.locator("time[data-countdown]").first).to_have_text(re.compile(r"^2[34] h \d+ min$"))
    expect(page.locator("main")).to_have_count(1)
    page.get_by_role("link", name="Session", exact=True).click()
    expect(page.get_by_text("Nothing is due today")).to_be_visible()


def test_two_windows_wrong_answers_and_the_way_back(app: App, enter: Callable[..., Page]) -> None:
    ready_person(app)
    page = enter(app)
    page.goto(f"{app.address}/sessions/")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Choose at least one place.")).to_be_visible()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("checkbox").last.check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("group", name="active acne").get_by_label("No").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("10 questions are still open")).to_be_visible()
    expect(page.get_by_role("group", name="active acne").get_by_label("No")).to_be_checked()
    for group in page.locator("fieldset.check").all():
        group.get_by_label("No").check()
    page.get_by_role("group", name="retinoids in the past 5 days").get_by_label("Yes").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("checkbox", name="Forehead").check()
    page.get_by_role("button", name="Leave these out").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Look at every needle")
    page.reload()
    expect(heading).to_contain_text("Look at every needle")
    page.get_by_role("button", name="Back").click()
    expect(heading).to_contain_text("Is your skin ready")
    expect(page.get_by_role("group", name="retinoids").get_by_label("No")).to_be_checked()
    through_the_checks(page)
    other = page.context.new_page()
    other.goto(f"{app.address}/sessions/now/")
    other.get_by_role("button", name="Without numbing").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Cheek, left")
    page.get_by_role("button", name="Without numbing").click()  # behind by one screen
    expect(heading).to_have_text("Cheek, left")
    tap = re.compile("^Up and down")
    for passes in "12":
        other.get_by_role("button", name=tap).click()
        expect(other.get_by_role("button", name=tap)).to_contain_text(passes)
    page.get_by_role("button", name=tap).click()
    expect(page.get_by_role("button", name=tap)).to_contain_text("2")
    for _ in range(2):
        page.get_by_role("button", name="This zone is done").or_(page.get_by_role("button", name="Done, go on")).click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="When can I …?")).to_be_visible()
    other.get_by_role("button", name=tap).click()  # the session has ended meanwhile
    expect(other.get_by_role("heading", level=1)).to_have_text("Sessions")


def test_a_lost_connection_loses_no_tap(app: App, enter: Callable[..., Page], faults: list[str]) -> None:
    """The tap is sent again when the connection is back; as it sets a number, twice is once."""
    ready_person(app)
    page = enter(app)
    begin(page, app)
    through_the_checks(page)
    page.get_by_role("button", name="Without numbing").click()
    tap = page.get_by_role("button", name=re.compile("^Up and down"))
    expect(tap).to_be_visible()
    page.context.set_offline(True)
    tap.click()
    expect(page.get_by_text("No connection.")).to_be_visible()
    page.context.set_offline(False)
    expect(tap).to_contain_text("1", timeout=15_000)
    expect(page.get_by_text("No connection.")).to_be_hidden()
    faults[:] = [f for f in faults if "ERR_INTERNET_DISCONNECTED" not in f and "htmx" not in f]
