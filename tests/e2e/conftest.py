"""A real browser before the real server: each test gets an app of its own, and pages that tell what went wrong in them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from apps import App

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
]  # fmt: skip
REFUSED = re.compile(r"Failed to load resource.* 4\d\d ")  # a page that says no is not a fault
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")  # not longer: while it lives, Playwright's loop keeps Django from its database
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = App(tmp_path / "home").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = App(tmp_path_factory.mktemp("demo"), ("--demo",)).start()
    yield running
    running.stop()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What the browser complained about, and every request beyond this machine; a test ends with none."""
    found: list[str] = []
    yield found
    assert not found, found


@pytest.fixture
def visitor(browser: Browser, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own (nobody signed in); keyword arguments go to the context."""
    opened: list[BrowserContext] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not REFUSED.search(message.text):
            faults.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data") and parts.hostname not in ("localhost", "127.0.0.1"):
            faults.append(f"request: {request.url}")

    def visit(**how: object) -> Page:
        context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **how})  # type: ignore[arg-type]
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", said)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("request", asked)
        return page

    yield visit
    for context in opened:
        context.close()


@pytest.fixture
def enter(visitor: Callable[..., Page]) -> Callable[..., Page]:
    """Sign in to an app by its one-time link, and return the page."""

    def come_in(app: App, **how: object) -> Page:
        page = visitor(**how)
        page.goto(app.link)
        page.get_by_role("button").click()
        page.wait_for_url(lambda address: "/enter/" not in address)
        return page

    return come_in
