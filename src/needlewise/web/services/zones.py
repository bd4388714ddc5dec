"""Zones on the drawn face and body, with their names in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from needlewise.knowledge import table
from needlewise.web import drawing
from needlewise.web.templatetags.plain import zone


@dataclass(frozen=True)
class Drawing:
    """One drawing with its zones switched on or off, and the keys in it."""

    name: str
    title: str
    caption: str
    svg: SafeString
    keys: tuple[str, ...]
    chosen: bool


def labels() -> dict[str, str]:
    """Return what every zone and drawing is called."""
    names = {"left": gettext("your left"), "right": gettext("your right")}
    for row in table("zones").values():
        for key in [f"{row.id}-left", f"{row.id}-right"] if row.sides else [row.id]:
            names[key] = zone(key)
    for name in drawing.DRAWINGS:
        title, caption = drawing.words(name)
        names |= {name: gettext(title), f"{name}-caption": gettext(caption)}
    return names


def drawings_for(chosen: Collection[str], allowed: Collection[str]) -> list[Drawing]:
    """Return the drawings that show any of the allowed zones."""
    names = labels()
    shown = []
    for name in drawing.DRAWINGS:
        keys = tuple(k for k in drawing.zones_in(name) if k in allowed)
        if keys:
            svg = mark_safe(drawing.zones_svg(name, chosen, keys, names))
            shown.append(Drawing(name, names[name], names[f"{name}-caption"], svg, keys, bool(set(keys) & set(chosen))))
    return shown
