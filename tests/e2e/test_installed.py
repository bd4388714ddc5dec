"""On a home screen: installable, readable without the server, and nothing left behind after signing out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from apps import App, ready_person

KEPT = """async () => { const kept = []; for (const name of await caches.keys())
  for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname); return kept; }"""


def ready(page: Page) -> None:
    """Wait for the worker; a page that was on its way while it began is looked after from its next load on."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def test_it_can_be_installed(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app)
    ready(page)
    browser: Any = page.context.new_cdp_session(page)
    manifest = browser.send("Page.getAppManifest")
    assert manifest["url"].endswith("/manifest.webmanifest") and not manifest["errors"]
    found = [e["errorId"] for e in browser.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert [error for error in found if error != "in-incognito"] == []  # a test's browser is always a private one


def test_it_is_readable_without_the_server(app: App, enter: Callable[..., Page], faults: list[str]) -> None:
    page = enter(app)
    ready_person(app)
    ready(page)
    for path in ("/", "/plan/", "/calendar/", "/devices/", "/photos/"):
        page.goto(app.address + path)
    title = page.goto(app.address + "/plan/") and page.get_by_role("heading", level=1).inner_text()
    kept = set(page.evaluate(KEPT))
    assert {"/", "/plan/", "/calendar/"} <= kept
    assert not [path for path in kept if path.startswith(("/photos/", "/api/", "/devices/", "/yours/"))]
    app.stop()
    page.goto(app.address + "/plan/")
    assert page.get_by_role("heading", level=1).inner_text() == title
    expect(page.locator("[data-old-copy]")).to_be_visible()
    assert page.locator("[data-old-copy] time").inner_text().strip()
    page.goto(app.address + "/devices/")
    assert "cannot be reached" in page.get_by_role("heading", level=1).inner_text()
    faults[:] = [fault for fault in faults if "ERR_CONNECTION_REFUSED" not in fault]  # which is what this is about
    app.start()


def test_whoever_signs_out_leaves_nothing_behind(app: App, enter: Callable[..., Page]) -> None:
    page = enter(app)
    ready_person(app)
    ready(page)
    page.goto(app.address + "/plan/")
    assert "/plan/" in page.evaluate(KEPT)
    page.goto(app.address + "/yours/")
    page.locator("form[action='/sign-out/'] button").click()
    page.wait_for_url("**/sign-in/")
    page.wait_for_function(f"async () => !(await ({KEPT})()).includes('/plan/')")
    assert not [path for path in page.evaluate(KEPT) if path in ("/", "/plan/")]
