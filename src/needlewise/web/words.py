"""Words for what the records hold: poses, confounders, and verdicts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

POSES: Mapping[str, str | Promise] = MappingProxyType({
    "front": _("Face from the front"),
    "left": _("Left side of the face"),
    "right": _("Right side of the face"),
    "lamp-left": _("Lamp from the left, for texture"),
    "lamp-right": _("Lamp from the right, for texture"),
    "scalp": _("Scalp"),
    "body": _("Another place"),
})  # fmt: skip
EVENTS: Mapping[str, str | Promise] = MappingProxyType({
    "cold-sore": _("Cold sore"), "illness": _("Illness"), "stress": _("Stress"), "poor-sleep": _("Poor sleep"),
    "hormones": _("Hormones"), "new-routine": _("New routine"), "new-medicine": _("New medicine"), "weather": _("Weather"),
    "diet": _("Diet"), "other": _("Something else"),
})  # fmt: skip
VERDICTS: Mapping[str, str | Promise] = MappingProxyType({
    "better": _("better"), "worse": _("worse"), "no detectable change": _("no detectable change"), "too early": _("too early"),
    "not comparable": _("not comparable"), "comparable": _("comparable"),
    "comparable with a wider interval": _("comparable with a wider interval"),
})  # fmt: skip
MEASURES: Mapping[str, str | Promise] = MappingProxyType({
    "redness": _("Redness"), "pigment": _("Pigment"), "blemishes": _("Blemishes"), "texture": _("Texture"),
    "spots": _("Dark spots"),
})  # fmt: skip
MARKS: Mapping[str, str] = MappingProxyType({
    "better": "✓", "worse": "!", "no detectable change": "=", "too early": "◷", "not comparable": "✕", "comparable": "✓",
    "comparable with a wider interval": "≈",
})  # fmt: skip
