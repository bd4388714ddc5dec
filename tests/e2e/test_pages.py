"""Every page of the app with the made-up person in it: in light, dark and wide, nothing complains and nobody is kept out.

The pages come from the list of addresses: a new one is looked at too, or this test says that it knows no record to show there.
What has no address of its own, each screen of a session and what a stranger sees, is walked through in light and dark.

`NEEDLEWISE_PICTURES` names a folder for pictures of them all, to be looked at.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from addresses import Address, addresses
from apps import App, ready_person

PICTURES = os.environ.get("NEEDLEWISE_PICTURES")
WAYS = {
    "light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"},
    "wide": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
}  # fmt: skip
GRAVE = ("serious", "critical")
# The way out, one that needs a secret, one that is walked screen by screen, and a file.
NOT_PAGES = ("sign-out", "enter", "session-now", "backup-file")
MEASURED_S = 300
GUESS = "6b0f0b4e-5d5c-4d2c-9d4e-2f6c3f1f8a11"


@dataclass
class Key:
    """A record as the addresses see it."""

    pk: str


def said(page: Page, app: App, path: str) -> Any:
    answer = page.context.request.get(f"{app.address}/api/{path}")
    assert answer.ok, (path, answer.status)
    return answer.json()


def days_of_photos(page: Page, app: App) -> dict[str, Any]:
    """A day of photos in each state there is; the pictures are drawn and compared by other processes."""
    end = time.monotonic() + MEASURED_S
    while time.monotonic() < end:
        by_state = {day["state"]: day for day in said(page, app, "sittings?limit=100")["items"]}
        if "read" in by_state:
            return by_state
        time.sleep(2)
    raise AssertionError(f"no two days were compared in {MEASURED_S} s")


def records(page: Page, app: App) -> list[dict[str, Any]]:
    """Records of each kind to show pages of: one of each, and days of photos in every state."""
    days = days_of_photos(page, app)
    event = {"what": "sunburn", "date": dt.date.today().isoformat()}
    page.goto(f"{app.address}/changes/")
    sent = {"X-CSRFToken": next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken"), "Referer": page.url}
    if not page.locator("a[href^='/changes/moved/']").count():  # something that moves the plan
        assert page.context.request.post(f"{app.address}/api/events", data=event, headers=sent).ok
        page.reload()
    move = page.locator("a[href^='/changes/moved/']").first.get_attribute("href") or ""
    compared = days.pop("read")
    some = {
        "device": said(page, app, "devices")["items"][0]["id"], "session": said(page, app, "sessions")["items"][0]["id"],
        "event": said(page, app, "events")["items"][0]["id"], "photo": compared["photos"][0], "sitting": compared["id"],
        "move": move.rstrip("/").split("/")[-1],
    }  # fmt: skip
    one = {kind: Key(pk) for kind, pk in some.items()}
    return [one, *({**one, "sitting": Key(day["id"]), "photo": Key(day["photos"][0])} for day in days.values())]


def pages(page: Page, app: App, some: list[dict[str, Any]]) -> dict[str, Address]:
    """The addresses that show a page, found by asking each; one about a record that is not known here must show none."""
    found: dict[str, Address] = {}
    for address in addresses():
        if not (address.route.endswith("/") or address.name == "today"):
            continue  # a file
        if address.route.startswith("api/") or address.name in NOT_PAGES:
            continue
        known = not address.about or address.about in some[0]
        guess = Key("1" if "<int:pk>" in address.route else GUESS)
        for path in {address.with_(one if known else {address.about: guess}) for one in some}:
            answer = page.context.request.get(app.address + path, max_redirects=0)
            if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
                found[path] = address
            assert answer.status in ((200, 302, 405) if known else (405,)), (path, answer.status, "give it a record to show")
    return found


@pytest.fixture(scope="module")
def signed_in(demo: App, browser: Browser) -> Any:
    """What a browser keeps once it has signed in; the link works once only."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(demo.link)
    page.get_by_role("button").click()
    page.wait_for_url(lambda address: "/enter/" not in address)
    kept = context.storage_state()
    context.close()
    return kept


@pytest.mark.parametrize("way", WAYS)
def test_every_page(
    demo: App, signed_in: Any, visitor: Callable[..., Page], way: str, tmp_path: Path, faults: list[str]
) -> None:
    page = visitor(storage_state=signed_in, **WAYS[way])
    some, grave = records(page, demo), Grave(folder_of(tmp_path), way)
    shown = pages(page, demo, some)
    assert len(shown) > 30, sorted(shown)
    for path, address in shown.items():
        before = len(faults)
        page.goto(demo.address + path)
        grave.look(page, address.name or "today")
        faults[before:] = [f"{path}: {fault}" for fault in faults[before:]]
    assert not grave.found, "\n".join(grave.found)


def test_each_screen_of_a_session(app: App, enter: Callable[..., Page], tmp_path: Path) -> None:
    ready_person(app)
    page = enter(app)
    grave = Grave(folder_of(tmp_path))
    heading = page.get_by_role("heading", level=1)

    def press(name: str, then: str) -> None:
        page.get_by_role("button", name=name).first.click()
        expect(heading).to_contain_text(then)
        grave.both(page, f"session-{then}")

    page.goto(f"{app.address}/sessions/")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    press("Begin", "Sessions")  # says what is missing
    for box in page.get_by_role("checkbox").all():
        box.check()
    press("Begin", "Is your skin ready")
    press("Go on", "Is your skin ready")  # every question is marked
    page.get_by_role("group", name="cold sore").get_by_label("Yes").check()
    for group in page.locator("fieldset.check").all()[2:]:
        group.get_by_label("No").check()
    page.get_by_role("group", name="active acne").get_by_label("No").check()
    press("Go on", "Is your skin ready")  # not today
    page.get_by_role("group", name="cold sore").get_by_label("No").check()
    page.get_by_role("group", name="retinoids").get_by_label("Yes").check()
    press("Go on", "Is your skin ready")  # leave places out
    page.get_by_role("checkbox").last.check()
    press("Leave these out", "Look at every needle")
    press("all is well", "Wash")
    press("Done, go on", "Numbing")
    press("15 min", "Numbing")
    press("Without numbing", "Cheek, left")
    press("Up and down", "Cheek, left")
    press("Pink", "Cheek, left")
    press("Pin-point bleeding", "Cheek, left")  # stop
    press("This zone is done", "Cheek, right")
    press("This zone is done", "Rinse")
    press("Done, go on", "Use once")
    press("Finish", "Session of")
    page.goto(f"{app.address}/")
    grave.both(page, "today-after")
    assert not grave.found, "\n".join(grave.found)


def test_what_a_stranger_sees(app: App, visitor: Callable[..., Page], tmp_path: Path) -> None:
    page, grave = visitor(), Grave(folder_of(tmp_path))
    for name, path in (("enter", app.link), ("sign-in", f"{app.address}/sign-in/"), ("offline", f"{app.address}/offline/"),
                       ("missing", f"{app.address}/no-such-page/")):  # fmt: skip
        page.goto(path)
        grave.both(page, f"stranger-{name}")
    assert not grave.found, "\n".join(grave.found)


def folder_of(tmp_path: Path) -> Path:
    folder = Path(PICTURES or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Grave:
    """What axe-core and a ruler find wrong on pages, and their pictures."""

    def __init__(self, folder: Path, way: str = "light") -> None:
        self.folder, self.way, self.axe = folder, way, Axe()
        self.found: list[str] = []
        self.seen = 0

    def look(self, page: Page, name: str) -> None:
        self.seen += 1
        page.screenshot(path=self.folder / f"{name}-{self.way}.png", full_page=True)
        where = f"{name} ({urlsplit(page.url).path}, {self.way})"
        for wrong in self.axe.run(page).response["violations"]:
            if wrong["impact"] in GRAVE:
                nodes = [node["html"][:160] for node in wrong["nodes"][:3]]
                self.found.append(f"{where}: {wrong['id']} ({wrong['impact']}): {nodes}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 1:
            self.found.append(f"{where}: {wider} px wider than the screen")

    def both(self, page: Page, name: str) -> None:
        """Look in light and in dark, once what was asked for has arrived."""
        page.wait_for_load_state("networkidle")
        expect(page.locator(".htmx-request")).to_have_count(0)
        ways: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for way in ways:
            page.emulate_media(color_scheme=way)
            self.way = way
            self.look(page, f"{name}-{self.seen:02d}")
        page.emulate_media(color_scheme="light")
