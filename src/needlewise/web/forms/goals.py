"""What to treat, where, and how strong it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needlewise.knowledge import table
from needlewise.model import SEVERITIES
from needlewise.planning.person import expand_zone
from needlewise.web.forms import plain
from needlewise.web.forms.profile import Profile, ProfileForm, grouped
from needlewise.web.templatetags.plain import zone

CONCERN_GROUPS = {
    "marks": _("Marks and colour"), "scars": _("Scars and stretch marks"), "lines": _("Lines and firmness"),
    "texture": _("Freshness and texture"), "hair": _("Hair"), "body": _("Body"),
}  # fmt: skip
SEVERITY_WORDS = {
    "mild": _("Mild: I see it when I look for it"), "moderate": _("Moderate: others can see it"),
    "severe": _("Severe: it is deep, raised or covers a lot"),
}  # fmt: skip


class ConcernForm(plain.Form):
    """One concern to treat."""

    concern = forms.ChoiceField(
        label=_("What would you like to treat?"), widget=forms.RadioSelect, choices=lambda: grouped("concerns", CONCERN_GROUPS),
        error_messages={"required": _("Choose one to go on; you can add others after it.")},
    )  # fmt: skip


class GoalForm(ProfileForm):
    """Where one concern is to be treated, and how strong it is."""

    because = "What you want to treat changed"
    zones = forms.MultipleChoiceField(
        label=_("Where?"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tap at least one place.")},
    )  # fmt: skip
    severity = forms.ChoiceField(
        label=_("How strong is it?"), required=False, widget=forms.RadioSelect,
        choices=[*((s, SEVERITY_WORDS.get(s, s)) for s in SEVERITIES), ("", _("I do not know"))],
    )  # fmt: skip

    def __init__(self, profile: Profile, data: Any = None, concern: str = "") -> None:
        self.concern = concern
        super().__init__(profile, data)
        field = self.fields["zones"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(z, zone(z)) for z in zones_of(concern)]

    def read(self, profile: Profile) -> dict[str, Any]:
        for goal in profile.get("goals") or []:
            if goal["concern"] == self.concern:
                zones = [z for word in goal["zones"] for z in expand_zone(word, "zones")]
                return {"zones": zones, "severity": goal.get("severity", "")}
        return {}

    def write(self, profile: Profile) -> None:
        goal = {"concern": self.concern, "zones": self.cleaned_data["zones"]}
        if self.cleaned_data["severity"]:
            goal["severity"] = self.cleaned_data["severity"]
        goals = list(profile.get("goals") or [])
        at = next((i for i, g in enumerate(goals) if g["concern"] == self.concern), len(goals))
        goals[at : at + 1] = [goal]
        profile["goals"] = goals

    def places(self) -> dict[str, str]:
        return {"goals.severity": "severity", "goals": "zones"}


def zones_of(concern: str) -> list[str]:
    """Return the zones in which a concern may be treated, each side by itself."""
    areas = table("concerns")[concern].areas
    rows = [z for z in table("zones").values() if z.area in areas and not z.never and not z.members]
    return [key for z in rows for key in ([f"{z.id}-left", f"{z.id}-right"] if z.sides else [z.id])]
