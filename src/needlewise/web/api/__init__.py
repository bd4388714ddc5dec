"""The records as JSON, for the person who is signed in: the same services as the pages, described by `/api/openapi.json`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.security import SessionAuth

from needlewise import __version__
from needlewise.web.api import devices, events, people, photos, sessions
from needlewise.web.api.said import Reader, speak_plainly

__all__ = ["api", "urls"]

api = NinjaAPI(
    title="needlewise", version=__version__, description=__doc__, docs_url=None, openapi_url=None, urls_namespace="api",
    auth=SessionAuth(), parser=Reader(),
)  # fmt: skip
for prefix, area in (("", people), ("", photos), ("", sessions), ("/devices", devices), ("/events", events)):
    api.add_router(prefix, area.router)
speak_plainly(api)


@cache
def _description() -> bytes:
    """The API's own description: it changes with the program alone."""
    return json.dumps(api.get_openapi_schema(path_prefix="/api/")).encode()


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_description(), content_type="application/json")


def _without_page_door(patterns: list[Any]) -> list[Any]:
    """A program that is not signed in gets a 401, not the page to sign in on; the description stays behind the door."""
    for pattern in patterns:
        if pattern.name != "api-root":
            pattern.callback = login_not_required(pattern.callback)
    return [path("openapi.json", description, name="openapi-json"), *patterns]


urls = (_without_page_door(api.urls[0]), api.urls[1], api.urls[2])
