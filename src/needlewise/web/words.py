"""Words for what the records hold: poses, confounders, and verdicts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

POSES: Mapping[str, str | Promise] = MappingProxyType({
    "front": _("Face from the front"),
    "left": _("Left side"),
    "right": _("Right side"),
    "lamp-left": _("Lamp at the left"),
    "lamp-right": _("Lamp at the right"),
    "scalp": _("Scalp"),
    "body": _("Another place"),
})  # fmt: skip
EVENTS: Mapping[str, str | Promise] = MappingProxyType({
    "cold-sore": _("Cold sore"), "illness": _("Illness"), "stress": _("Stress"), "poor-sleep": _("Poor sleep"),
    "hormones": _("Hormones"), "new-routine": _("New routine"), "new-medicine": _("New medicine"), "weather": _("Weather"),
    "diet": _("Diet"), "other": _("Something else"),
})  # fmt: skip


def event_words(what: str) -> str:
    """Say what happened; what the planner knows by an identifier is said as it reads."""
    return str(EVENTS.get(what) or gettext(what.replace("-", " ").capitalize()))


VERDICTS: Mapping[str, str | Promise] = MappingProxyType({
    "better": _("better"), "worse": _("worse"), "no detectable change": _("no detectable change"), "too early": _("too early"),
    "not comparable": _("not comparable"), "comparable": _("comparable"),
    "comparable with a wider interval": _("comparable with a wider interval"), "no photos": _("no photos"),
    "being looked at": _("being looked at"),
    "not measured": _("not measured"),
})  # fmt: skip
MEASURES: Mapping[str, str | Promise] = MappingProxyType({
    "redness": _("Redness"), "pigment": _("Pigment"), "blemishes": _("Blemishes"), "texture": _("Texture"),
    "spots": _("Dark spots"),
})  # fmt: skip
MARKS: Mapping[str, str] = MappingProxyType({
    "better": "✓", "worse": "!", "no detectable change": "=", "too early": "◷", "not comparable": "✕", "comparable": "✓",
    "comparable with a wider interval": "≈", "being looked at": "◷",
})  # fmt: skip
HAPPENED = {
    "session": _("Needling"),
    "peel": _("Chemical peel"),
    "laser": _("Laser or light treatment"),
    "dermabrasion": _("Dermabrasion"),
    "microdermabrasion": _("Microdermabrasion"),
    "wax": _("Waxing"),
    "filler": _("Filler"),
    "botulinum-toxin": _("Botulinum toxin"),
    "sunburn": _("Sunburn"),
    "suntan": _("Suntan or fake tan"),
    "surgery": _("Surgery"),
    "radiofrequency": _("Radio-frequency treatment"),
    "cold-sore": _("Cold sore"),
    "illness": _("Illness"),
    "stress": _("Stress"),
    "poor-sleep": _("Poor sleep"),
    "hormones": _("A change in hormones"),
    "new-routine": _("A new skin routine"),
    "new-medicine": _("A new medicine"),
    "weather": _("Weather or heating"),
    "diet": _("A change in diet"),
    "other": _("Something else"),
}
SCREENS = {
    "about": _("About you"),
    "goals": _("What to treat, and where"),
    "health": _("Health"),
    "where": _("Where skin conditions are"),
    "family": _("Pregnant or nursing"),
    "medicines": _("Medicines"),
    "devices": _("Devices"),
    "products": _("Products"),
    "events": _("The past year"),
    "limits": _("The limits"),
    "gentle": _("How it weighs on you"),
}
DAYS = {
    "done": ("●", _("session made")),
    "planned": ("○", _("session planned")),
    "photo": ("▣", _("photos")),
    "event": ("◆", _("something happened")),
    "step": ("·", _("something to do")),
}


def happened(what: str) -> str:
    """Return what happened, in words."""
    return str(HAPPENED.get(what, what.replace("-", " ").capitalize()))
