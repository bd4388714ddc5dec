"""The person's own prices."""

from __future__ import annotations

import dataclasses
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needlewise.model import Costs
from needlewise.web.forms.profile import Profile, ProfileForm, put

WORDS = {
    "device": _("A device or head"),
    "serum": _("A bottle of serum"),
    "clinic_session": _("A session in a clinic"),
    "laser_session": _("A laser session"),
    "peel_session": _("A peel"),
    "microdermabrasion_session": _("A microdermabrasion session"),
}
PRICES = tuple(f.name for f in dataclasses.fields(Costs) if f.name != "currency")


class CostsForm(ProfileForm):
    """Prices that one was told or paid; one that is left empty stays unknown."""

    because = "Your prices changed"
    currency = forms.CharField(label=_("Currency, such as EUR or GBP"), min_length=3, max_length=3)

    def __init__(self, profile: Profile, data: Any = None) -> None:
        super().__init__(profile, data)
        for name in PRICES:
            self.fields[name] = forms.FloatField(
                label=WORDS.get(name, name), required=False, localize=True,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={"invalid": _("Write a number, such as 12.50.")},
            )  # fmt: skip

    def read(self, profile: Profile) -> dict[str, Any]:
        return {"currency": Costs().currency, **profile.get("costs", {})}

    def write(self, profile: Profile) -> None:
        costs = dict(profile.get("costs", {}))
        put(costs, "currency", self.cleaned_data["currency"].upper())
        for name in PRICES:
            put(costs, name, self.cleaned_data[name])
        profile["costs"] = costs

    def places(self) -> dict[str, str]:
        return {f"costs.{name}": name for name in (*PRICES, "currency")}
