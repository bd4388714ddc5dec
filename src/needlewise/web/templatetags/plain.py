"""Words for pages: translated sentences that carry values, zones and numbers by their names, and terms with their meaning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from needlewise.knowledge import table
from needlewise.model import Says
from needlewise.share.merge import number, source_name
from needlewise.treat.applied import Applied
from needlewise.treat.device import FAULTS
from needlewise.web import spoken
from needlewise.web.spoken import figure, sentence

register = template.Library()
register.filter("date", spoken.day, expects_localtime=True, is_safe=False)


@register.filter
def said(text: Any) -> str:
    """Translate a sentence of the domain: one with values is translated before they are put in."""
    return sentence(text if isinstance(text, str) else str(text)) if text else ""


@register.filter
def issuer(says: Says) -> str:
    """Who says it."""
    return sentence(source_name(says))


@register.filter
def claim(verdict: str) -> str:
    """What is thought of a claim today, in words."""
    return sentence(verdict).replace("-", " ")


@register.filter
def fault(name: str) -> str:
    """What was seen on a device, in words."""
    return gettext(FAULTS.get(name, name))


@register.filter
def row(key: str, name: str) -> str:
    """What a row of the knowledge is called, by the table's name."""
    found = table(name).get(key)
    return gettext(found.label) if found else key


@register.filter
def most(pain: list[tuple[str, int]]) -> str:
    """The most pain there was."""
    return str(max((score for _, score in pain), default="–"))


@register.filter
def words(text: str) -> list[str]:
    """The words of a text: the order in which a form shows its fields."""
    return text.split()


@register.filter
def get(form: Any, name: str) -> Any:
    """A form's field by its name."""
    return form[name]


@register.filter
def zone(name: str) -> str:
    """A zone's name in words."""
    return spoken.zone(name) if name else ""


@register.filter
def products(applied: Iterable[Applied], part: str) -> str:
    """What was put on the skin, in words."""
    return spoken.products(applied, part) or "–"


@register.filter
def mm(value: float | tuple[float, ...] | None) -> str:
    """A length with its unit."""
    return "–" if value is None else figure(f"{number(value)} mm")


@register.simple_tag(takes_context=True)
def current(context: template.Context, *names: str) -> str:
    """`page` for the link to where one is, for aria-current."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return "page" if match and match.url_name in names else "false"


@register.filter
def at(values: dict[str, Any], key: str) -> Any:
    """A mapping's value by its key."""
    return values.get(key)


@register.filter
def latest(pain: list[tuple[str, int]]) -> int | None:
    """The last score that was noted."""
    return pain[-1][1] if pain else None


@register.filter
def bled(endpoint: str) -> bool:
    """Whether blood was seen."""
    return "bleeding" in endpoint


@register.filter
def moment(text: str) -> dt.datetime:
    """A moment from its ISO text, in the person's time zone."""
    return timezone.localtime(dt.datetime.fromisoformat(text))
