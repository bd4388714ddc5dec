"""Every address of the app, found by asking it, with a sample of what its placeholders stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver

RECORDS = {  # whose key a placeholder is, by the beginning of its address; the longest that fits counts
    "devices/": "device", "photos/": "photo", "photos/days/": "sitting", "photos/compared/": "sitting", "sessions/": "session",
    "changes/": "event", "changes/moved/": "move", "changes/session/": "past", "calendar/addresses/": "feed",
    "yours/backups/": "backup", "yours/people/": "user", "api/devices/": "device", "api/events/": "event",
    "api/photos/": "photo", "api/sittings/": "sitting",
    "api/sessions/": "session",
}  # fmt: skip
WORDS = {  # other placeholders, by name, or by address and name where a name means several things
    "concern": "dark-spots", "year": "2026", "month": "11", "kind": "sun", "n": "6", "size": "view", "secret": "no-such-secret",
    "name": "health", "photos/compared/<uuid:pk>/<str:name> name": "after.jpg", "zone": "cheek-left",
}  # fmt: skip
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address as it is declared, such as `devices/<uuid:pk>/`."""

    route: str
    name: str

    @property
    def about(self) -> str:
        """The kind of record it is about, or "" where it names none."""
        if not re.search(r":pk>", self.route):
            return ""
        fits = [start for start in RECORDS if self.route.startswith(start)]
        assert fits, f"{self.route}: say in RECORDS whose key this is"
        return RECORDS[max(fits, key=len)]

    def with_(self, some: dict[str, Any]) -> str:
        """Return the address with its placeholders filled in."""

        def fill(found: re.Match[str]) -> str:
            if found[2] == "pk":
                return str(some[self.about].pk)
            word = WORDS.get(f"{self.route} {found[2]}", WORDS.get(found[2]))
            assert word is not None, f"{self.route}: give a sample for {found[2]} in WORDS"
            return word

        return "/" + PLACE.sub(fill, self.route)


def addresses() -> list[Address]:
    """Return every address, each once."""
    return list({a.route: a for a in _walk(get_resolver().url_patterns, "")}.values())


def _walk(patterns: list[Any], before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield Address(route, pattern.name or "")
