"""Words for pages: translated sentences that carry values, zones and numbers by their names, and terms with their meaning."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext

from needlewise.share.merge import number, zone_word

register = template.Library()


@register.filter
def said(text: Any) -> str:
    """Translate a sentence of the domain: one with values is translated before they are put in."""
    pattern = getattr(text, "template", None)
    if pattern is None:
        return gettext(str(text)) if text else ""
    values = {key: said(value) if isinstance(value, str) else value for key, value in text.values.items()}
    return gettext(pattern).format(**values)


@register.filter
def zone(name: str) -> str:
    """A zone's name in words."""
    return gettext(zone_word([name])) if name else ""


@register.filter
def mm(value: float | None) -> str:
    """A length with its unit."""
    return "–" if value is None else f"{number(value)} mm"


@register.simple_tag(takes_context=True)
def current(context: template.Context, *names: str) -> str:
    """`page` for the link to where one is, for aria-current."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return "page" if match and match.url_name in names else "false"
