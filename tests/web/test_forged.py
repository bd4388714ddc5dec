"""What a broken page, an old browser or an idle hand sends: every form takes nonsense with a sentence, never with a failure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.test import Client
from years import live, open_session

import needlewise.web
from addresses import addresses
from needlewise.web.models import Person

SOURCE = Path(needlewise.web.__file__).parent
READ = re.compile(r"""(?:POST|GET)(?:\.get|\.getlist)?[\[(]\s*"([\w-]+)\"""")
NONSENSE = ("", "-1", "nan", "9" * 400, "9999-99-99", "\x00")
LEAVES = ("sign-out", "enter", "passphrase")  # after which nobody is signed in here
PAGES = [address for address in addresses() if not address.route.startswith("api/") and address.name not in LEAVES]


def names() -> list[str]:
    """Return every name under which a page reads what was sent."""
    read = {name for path in SOURCE.rglob("*.py") for name in READ.findall(path.read_text(encoding="utf-8"))}
    held = {name for form in every(forms.BaseForm) for name in getattr(form, "base_fields", {})}
    return sorted(read | {name for name in held if isinstance(name, str)})


def every(kind: type) -> set[type]:
    below = {one for child in kind.__subclasses__() for one in {child, *every(child)}}
    return {one for one in below if one.__module__.startswith("needlewise")}


@pytest.fixture
def some(alice: Person) -> dict[str, Any]:
    alice.owner.is_superuser = True
    alice.owner.save()
    made = live(alice, 1)
    made["zone"] = open_session(alice).zones.first().zone
    return made


def test_names_are_found() -> None:
    assert {"direction", "minutes", "zone", "device", "page", "birth_year"} <= set(names())


@pytest.mark.parametrize("value", [None, *NONSENSE])
def test_nonsense_is_answered(value: str | None, some: dict[str, Any], as_alice: Client) -> None:
    wrong, as_alice.raise_request_exception = [], False
    sent = {} if value is None else dict.fromkeys(names(), value)
    sent["zone"] = some["zone"]  # what is read after the zone was found
    for address in PAGES:
        for method in ("post", "get"):
            mark = transaction.savepoint()
            response = getattr(as_alice, method)(address.with_(some), sent)
            if response.streaming:
                list(response.streaming_content)
            transaction.savepoint_rollback(mark)
            out = response.status_code == 302 and "sign-in" in response.headers["Location"]
            if response.status_code >= 500 or out:
                wrong.append(f"{method} {address.route}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
