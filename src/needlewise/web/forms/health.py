"""Conditions and medicines, with "none" and "I do not know" as answers of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from needlewise.knowledge import table
from needlewise.planning.person import base_zone, resolve
from needlewise.web.forms.about import DISTRESS
from needlewise.web.forms.profile import Profile, ProfileForm, grouped, names_of, person_of, put
from needlewise.web.templatetags.plain import zone

CONDITION_GROUPS = {
    "now": _("On the skin right now"), "skin": _("Skin, moles and scars"), "allergy": _("Allergies"),
    "body": _("Illness and treatment"), "life": _("These weeks"), "after": _("Since a needling session"),
}  # fmt: skip
CHOOSE = _("Choose what holds for you, or press “None of these” or “I do not know”.")


class HealthForm(ProfileForm):
    """Conditions of the skin and body; where a local one sits is asked apart."""

    because = "Your health answers changed"
    answers = ("some", "none", "unknown")
    conditions = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("What holds for you?"),
        choices=lambda: grouped("conditions", CONDITION_GROUPS, leave=[DISTRESS]),
    )  # fmt: skip

    def read(self, profile: Profile) -> dict[str, Any]:
        return {"conditions": [resolve("conditions", n, "") for n in names_of(profile.get("person", {}).get("conditions"))]}

    def clean_conditions(self) -> list[str]:
        return _one_answer(self.cleaned_data["conditions"], self.answer)

    def write(self, profile: Profile) -> None:
        told, chosen = person_of(profile), self.cleaned_data["conditions"]
        before = {resolve("conditions", names_of([c])[0], ""): c for c in told.get("conditions") or []}
        told["conditions"] = [before.get(name, name) for name in chosen]  # with the zones that were told before
        if self.answer == "unknown":
            told.pop("conditions")

    def places(self) -> dict[str, str]:
        return {"person.conditions": "conditions"}


class WhereForm(ProfileForm):
    """Where each local condition sits; no place means everywhere."""

    because = "Where your skin conditions are changed"

    def __init__(self, profile: Profile, data: Any = None) -> None:
        self.local = local_conditions(profile)
        super().__init__(profile, data)
        for name in self.local:
            self.fields[name] = forms.MultipleChoiceField(
                label=table("conditions")[name].label,
                choices=zones_for(profile),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def read(self, profile: Profile) -> dict[str, Any]:
        told = profile.get("person", {}).get("conditions") or []
        return {c["name"]: c.get("zones") or [] for c in told if isinstance(c, dict)}

    def write(self, profile: Profile) -> None:
        told = person_of(profile)
        kept = [c for c in told.get("conditions") or [] if names_of([c])[0] not in self.local]
        where = {name: self.cleaned_data[name] for name in self.local}
        told["conditions"] = [*kept, *({"name": n, "zones": z} if z else n for n, z in where.items())]


def local_conditions(profile: Profile) -> list[str]:
    """Return the conditions told that sit in a place on the skin."""
    return [
        n
        for n in names_of(profile.get("person", {}).get("conditions"))
        if n in table("conditions") and table("conditions")[n].local
    ]


def zones_for(profile: Profile) -> list[tuple[str, str]]:
    """Return the places to offer for a condition: whole areas, and the zones to be treated one by one."""
    rows = table("zones")
    goals = dict.fromkeys(z for g in profile.get("goals") or [] for z in g["zones"])
    one_by_one = [(z, zone(z)) for z in goals if base_zone(z) in rows and not rows[base_zone(z)].members]
    return [*((key, rows[key].label) for key in ("face", "neck", "scalp", "body")), *one_by_one]


class MedicineForm(ProfileForm):
    """One more medicine; "none" and "I do not know" answer for all."""

    because = "Your medicines changed"
    answers = ("some", "none", "unknown")
    name = forms.CharField(
        label=_("Name on the packet"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"list": "medicines", "autocomplete": "off"}),
        help_text=_("Tablets, injections and creams, also the pill. Those stopped in the past year count, too."),
    )  # fmt: skip
    last_taken = forms.DateField(
        label=_("Last day you took it"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave it empty if you still take it."),
    )  # fmt: skip
    checked = forms.BooleanField(label=_("A pharmacist or doctor has said that it is no reason against needling"), required=False)

    def read(self, profile: Profile) -> dict[str, Any]:
        return {}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if self.answer == "some" and not name:
            raise ValidationError(_("Write the name, or press one of the buttons below."))
        if self.answer != "some" and name:
            raise ValidationError(_("You wrote a medicine. Add it, or empty the field."))
        return name

    def write(self, profile: Profile) -> None:
        told, data = person_of(profile), self.cleaned_data
        if self.answer != "some":
            put(told, "medicines", [] if self.answer == "none" else None)
            return
        entry = {"name": data["name"]}
        if data["last_taken"]:
            entry["last_taken"] = data["last_taken"].isoformat()
        if data["checked"]:
            entry["checked"] = True
        others = [m for m in told.get("medicines") or [] if names_of([m]) != [data["name"]]]
        told["medicines"] = [*others, entry]

    def places(self) -> dict[str, str]:
        return {"person.medicines.last_taken": "last_taken", "person.medicines": "name"}


def medicine_names() -> list[str]:
    """Return every name of a medicine that a rule knows, to choose from while typing."""
    return sorted({name for row in table("medicines").values() for name in row.names}, key=str.lower)


def _one_answer(chosen: list[str], answer: str) -> list[str]:
    if answer == "some" and not chosen:
        raise ValidationError(CHOOSE)
    if answer != "some" and chosen:
        raise ValidationError(_("Something is ticked. Press “Continue” to keep it, or take the ticks away."))
    return chosen
