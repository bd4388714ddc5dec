"""The one-time link in a real browser: owner in, stranger out."""

from collections.abc import Callable

from playwright.sync_api import Page

from apps import App


def test_the_owner_comes_in_and_a_stranger_does_not(app: App, enter: Callable[..., Page], visitor: Callable[..., Page]) -> None:
    owner = enter(app)
    assert owner.get_by_role("heading", level=1).is_visible()
    stranger = visitor()
    stranger.goto(app.address + "/")
    assert "/sign-in/" in stranger.url
    stranger.goto(app.link)
    stranger.get_by_role("button").click()
    assert stranger.get_by_text("has been used").is_visible()
