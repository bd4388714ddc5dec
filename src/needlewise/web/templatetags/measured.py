"""Filters for pages of photos and progress."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

from django import template
from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from needlewise.measure import change as measured
from needlewise.share.interval_chart import interval_chart
from needlewise.web import words
from needlewise.web.models import Change
from needlewise.web.spoken import figure, sentence

register = template.Library()


@register.filter
def pose(name: str) -> str:
    """A pose in words."""
    return str(words.POSES.get(name, name))


@register.filter
def measure(name: str) -> str:
    """A measure in words."""
    return str(words.MEASURES.get(name, name))


@register.filter
def event(name: str) -> str:
    """Something that happened, in words."""
    return words.event_words(name)


@register.filter
def verdict(name: str) -> str:
    """A verdict with its mark, which tells it apart without colour."""
    return f"{words.MARKS.get(name, '')} {words.VERDICTS.get(name, name)}".strip()


@register.filter
def token(name: str) -> str:
    """A verdict as a class."""
    return name.replace(" ", "-")


@register.filter
def interval(change: Change) -> str:
    """A change with its interval, drawn as SVG."""
    drawn = interval_chart(measured.Change(**{f.name: getattr(change, f.name) for f in fields(measured.Change)}), sentence)
    return mark_safe(drawn)  # its words are escaped where they are drawn


@register.filter
def signed(value: float | None) -> str:
    """A change with its sign and one digit; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:+.1f}"
    return figure((text[1:] if float(text) == 0 else text).replace("-", "−"))


@register.filter
def day(date: dt.date | None) -> str:
    """A date as it is said where the reader lives."""
    return date_format(date, "DATE_FORMAT") if date else ""
