"""Words for what was told and planned: groups of choices, sources, effects, steps and days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from needlewise.knowledge import table
from needlewise.model import Says, ZonePlan
from needlewise.said import Said
from needlewise.share.merge import (
    EFFECT_WORDS,
    VERDICT_WORDS,
    Todo,
    action_word,
    measured,
    number,
    planned,
    short_name,
    source_of,
)
from needlewise.web import spoken
from needlewise.web.models import ZoneLog
from needlewise.web.spoken import figure
from needlewise.web.templatetags.plain import said
from needlewise.web.words import DAYS, SCREENS, happened

register = template.Library()
register.filter(happened)
register.filter(spoken.zones)


@register.filter
def known(key: str, name: str) -> Any:
    """The row of a table of the knowledge, or nothing."""
    return table(name).get(key)


@register.filter
def by_group(field: BoundField) -> list[tuple[Any, list[Any], int]]:
    """A field's choices by group: title, the boxes in it, and how many are chosen."""
    boxes = {str(w.data["value"]): w for w in field.subwidgets}
    choices = field.field.choices  # type: ignore[attr-defined]  # the stubs know no choices of a field
    groups = [(title, [boxes[str(value)] for value, _label in inside]) for title, inside in choices]
    return [(title, found, sum(bool(w.data["selected"]) for w in found)) for title, found in groups]


@register.filter
def boxes_of(field: BoundField, keys: Collection[str]) -> list[Any]:
    """Those boxes of a field whose values are among `keys`."""
    return [w for w in field.subwidgets if w.data["value"] in keys]


@register.simple_tag
def source(says: Any) -> dict[str, Any]:
    """Who says something: a short name, the title, and the address where there is one."""
    found = source_of(says)
    url = found.url if found and found.url.startswith(("https://", "http://")) else ""
    return {
        "name": spoken.sentence(short_name(says)),
        "title": found.title if found else "",
        "url": url,
        "number": figure(measured(says)),
        "kind": says.kind,
    }


@register.filter
def logged(logs: Iterable[ZoneLog]) -> list[str]:
    """The zones of a session's logs."""
    return [log.zone for log in logs]


@register.filter
def effect(name: str) -> str:
    """What a finding asks for, in words."""
    return gettext(EFFECT_WORDS.get(name, name))


@register.filter
def verdict(name: str) -> str:
    """A plan's verdict in words."""
    return gettext(VERDICT_WORDS.get(name, name))


@register.filter
def screen(name: str) -> str:
    """What a screen of questions is about."""
    return str(SCREENS.get(name, name))


@register.filter
def todo_title(todo: Todo) -> str:
    """What is to be done, in a few words."""
    text = todo.step.text
    while isinstance(text, Said) and "part0" in text.values:
        text = text.values["part0"]
    if isinstance(text, Said) and "title" in text.values:
        return said(text.values["title"])
    if todo.step.action in ("pause", "restart"):
        return said(text)
    return gettext(action_word(todo.step.action))


@register.filter
def hours(value: float) -> str:
    """A wait in words: hours, or days where they are whole."""
    if not value:
        return gettext("at once")
    if value < 48 or value % 24:
        return ngettext("%(n)s hour", "%(n)s hours", round(value)) % {"n": figure(number(value))}
    return ngettext("%(n)s day", "%(n)s days", round(value / 24)) % {"n": figure(number(value / 24))}


@register.filter
def is_planned(zone: ZonePlan) -> bool:
    """Whether a session is planned in a zone."""
    return planned(zone)


@register.filter
def mark(name: str) -> str:
    """The small sign of a kind of day in the calendar."""
    return DAYS[name][0]


@register.filter
def mark_word(name: str) -> str:
    """What a small sign in the calendar means."""
    return str(DAYS[name][1])


@register.simple_tag(takes_context=True)
def cite(context: template.Context, says: Says | Iterable[Says]) -> str:
    """The numbers of the sources of a statement, as links to the list at the page's end."""
    numbers: dict[str, int] = context["numbers"]
    found = sorted({numbers[s.source] for s in ([says] if isinstance(says, Says) else says) if s.source in numbers})
    links = format_html_join(" ", '<a href="#s{}">{}</a>', ((n, n) for n in found))
    return format_html('<span class="cite">[{}]</span>', links) if found else ""
