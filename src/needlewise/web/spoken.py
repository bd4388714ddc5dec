"""Sentences, numbers and days as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.template import defaultfilters
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext, pgettext

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.planning.person import base_zone
from needlewise.said import translated
from needlewise.treat.applied import Applied

NUMBER = re.compile(r"[+−-]?\d+(\.\d+)?")
SIDED = re.compile(r"^(left|right) (\w+)$")  # "left cheek"
DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Figure(float):
    """A number that is written with the reader's own decimal sign, however it is rounded."""

    def __format__(self, how: str) -> str:
        return figure(float.__format__(self, how))


def figure(text: str) -> str:
    """Return a number written in English with the reader's decimal sign, and their sign between thousands."""
    signs = {".": str(get_format("DECIMAL_SEPARATOR")), ",": str(get_format("THOUSAND_SEPARATOR"))}
    return re.sub(r"(?<=\d)[.,](?=\d)", lambda sign: signs[sign[0]], text)


def sentence(text: str) -> str:
    """Translate a sentence of the domain; its numbers, days and zones are written as the reader writes them."""
    return translated(text, word, _value)


def word(text: str) -> str:
    """Translate one sentence without values; days as 2026-12-01 and zones by their id, one or several, are named."""
    if text[:1].isupper():  # none of what follows begins so, and most sentences do
        return gettext(text)
    if NUMBER.fullmatch(text):
        return figure(text)
    parts = [SIDED.sub(r"\2-\1", part) for part in text.split(", ")]
    days = [part for part in parts if DAY.fullmatch(part)]
    places = [part for part in parts if base_zone(part) in table("zones")]
    if [*days, *places] != parts:
        return gettext(text)
    written = [date_format(dt.date.fromisoformat(part), "DATE_FORMAT") for part in days]
    return ", ".join(filter(None, [*written, zones(places)]))


def zones(names: Iterable[str]) -> str:
    """Return several zones in words; both sides of one are named once."""
    given = list(dict.fromkeys(n for n in names if n))
    words = []
    for name in given:
        stem = base_zone(name)
        both = name != stem and {f"{stem}-left", f"{stem}-right"} <= set(given)
        words.append(gettext("%(zone)s, both sides") % {"zone": zone(stem)} if both else zone(name))
    return "; ".join(dict.fromkeys(words))


def zone(name: str) -> str:
    """Return a zone's name in words, with its side."""
    row = table("zones").get(base_zone(name))
    if row is None or name == row.id:
        return gettext(row.label) if row else name
    sided = gettext("%(zone)s, left") if name.endswith("-left") else gettext("%(zone)s, right")
    return sided % {"zone": gettext(row.label)}


def products(applied: Iterable[Applied], part: str = "") -> str:
    """Return what was put on the skin in words, in one part of a session or in all; "" where nothing is said."""
    return ", ".join(sentence(a.label) for a in applied if part in ("", a.part))


def day(value: Any, how: str | None = None) -> str:
    """Write a day or a time, as Django's own `date` does, in the order of words that the language has."""
    return str(defaultfilters.date(value, pgettext("how a day is written", how) if how else how))


def short_day(value: dt.date) -> str:
    """Write a day as briefly as it can be read: in a chart."""
    return day(value, "j M Y")


def refusal(error: InputError) -> str:
    """Say what is needed instead, and what to do."""
    hint = sentence(error.hint)
    needed = gettext("This cannot be used. Needed: %(allowed)s.") % {"allowed": sentence(error.allowed)}
    return f"{needed} {hint[:1].upper()}{hint[1:]}.".replace("..", ".") if hint else needed


def _value(value: object) -> object:
    if isinstance(value, dt.date):
        return date_format(value, "DATE_FORMAT")
    return Figure(value) if isinstance(value, float) else value
