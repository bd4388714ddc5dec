"""Every page of the app with the made-up person in it: in light, dark and wide, nothing complains and nobody is kept out.

`NEEDLEWISE_PICTURES` names a folder for pictures of them all, to be looked at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from addresses import Address, addresses
from apps import App

PICTURES = os.environ.get("NEEDLEWISE_PICTURES")
WAYS = {
    "light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"},
    "wide": {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
}  # fmt: skip
GRAVE = ("serious", "critical")
NOT_PAGES = ("sign-out", "enter")  # the way out, and one that needs a secret
STILL_DRAWN_S = 90


@dataclass
class Key:
    """A record as the addresses see it."""

    pk: str


def said(page: Page, app: App, path: str) -> Any:
    answer = page.context.request.get(f"{app.address}/api/{path}")
    assert answer.ok, (path, answer.status)
    return answer.json()


def records(page: Page, app: App) -> dict[str, Any]:
    """One record of each kind, by asking the app."""
    end = time.monotonic() + STILL_DRAWN_S
    while not (photos := said(page, app, "photos")["items"]) and time.monotonic() < end:
        time.sleep(1)  # another process draws them
    some = {
        "device": said(page, app, "devices")[0], "session": said(page, app, "sessions")["items"][0],
        "event": said(page, app, "events")["items"][0], "photo": photos[0], "sitting": said(page, app, "sittings")["items"][-1],
    }  # fmt: skip
    return {kind: Key(record["id"]) for kind, record in some.items()}


def pages(page: Page, app: App, some: dict[str, Any]) -> dict[str, Address]:
    """The addresses that show a page, found by asking each."""
    found: dict[str, Address] = {}
    for address in addresses():
        if not (address.route.endswith("/") or address.name == "today"):
            continue  # a file
        if address.route.startswith("api/") or address.name in NOT_PAGES or address.about not in {"", *some}:
            continue
        path = address.with_(some)
        answer = page.context.request.get(app.address + path, max_redirects=0)
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
            found[path] = address
        assert answer.status in (200, 302, 405), (path, answer.status)
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
    some, axe, grave = records(page, demo), Axe(), []
    shown = pages(page, demo, some)
    assert len(shown) > 30, sorted(shown)
    folder = Path(PICTURES or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    for path, address in shown.items():
        before = len(faults)
        page.goto(demo.address + path)
        name = (address.name or "today") + f"-{way}.png"
        page.screenshot(path=folder / name, full_page=True)
        for found in axe.run(page).response["violations"]:
            if found["impact"] in GRAVE:
                where = [node["html"][:160] for node in found["nodes"][:3]]
                grave.append(f"{path}: {found['id']} ({found['impact']}): {where}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 1:
            grave.append(f"{path}: {wider} px wider than the screen")
        faults[before:] = [f"{path}: {fault}" for fault in faults[before:]]
    assert not grave, "\n".join(grave)
