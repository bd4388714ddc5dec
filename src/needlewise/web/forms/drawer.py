"""What is in the drawer and the cupboard: devices and products."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.planning import read_person
from needlewise.planning.safety import active_of
from needlewise.treat.clock import DOINGS
from needlewise.web.forms import plain
from needlewise.web.forms.profile import YES_NO, Length, Profile, ProfileForm, flag, names_of, plainly, yes_no
from needlewise.web.models import Device

DEVICE_FIELDS = ("kind", "mm", "needles", "bought", "shared", "second_hand")


class DeviceForm(plain.ModelForm):
    """A device as it is first told: what is on its box, and whether it is one's own."""

    kind = forms.ChoiceField(
        label=_("What is it?"), widget=forms.RadioSelect, choices=lambda: [(k.id, k.label) for k in table("kinds").values()]
    )
    mm = Length(
        label=_("Needle length in millimetres"), 
        help_text=_("It is on the box or the handle, such as 0.25. For a pen, its longest setting."),
    )  # fmt: skip
    needles = forms.IntegerField(
        label=_("Number of needles, if it says"), required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    bought = forms.DateField(
        label=_("Bought on, roughly"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    shared = forms.ChoiceField(
        label=_("Has anyone else ever used it?"), choices=YES_NO, required=False, widget=forms.RadioSelect,
        help_text=_("Nothing is planned with a device that others have used."),
    )  # fmt: skip
    second_hand = forms.BooleanField(label=_("I got it second-hand"), required=False)

    class Meta:
        model = Device
        fields = DEVICE_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if self.instance and not self.instance._state.adding:
            self.initial["shared"] = yes_no(self.instance.shared)

    def clean_shared(self) -> bool | None:
        return flag(self.cleaned_data["shared"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            told = {key: data[key] for key in DEVICE_FIELDS if data[key] is not None}
            try:
                read_person({"devices": [told]})
            except InputError as error:
                name = error.field.rpartition(".")[2]
                self.add_error(name if name in self.fields else None, plainly(error))
        return data


class ProductsForm(ProfileForm):
    """Products in use: those that a session pauses, to tick, and others by name."""

    because = "Your products changed"
    answers = ("some", "none", "unknown")
    usual = forms.MultipleChoiceField(
        label=_("Which of these do you use?"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(a.id, a.label) for a in table("actives").values() if a.id not in DOINGS],
    )  # fmt: skip
    others = forms.CharField(
        label=_("Others, one a line"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As on the label, such as “niacinamide 10 %”. What nobody here knows waits like the strongest ones."),
    )  # fmt: skip

    def read(self, profile: Profile) -> dict[str, Any]:
        names = names_of(profile.get("products"))
        usual = [n for n in names if n in table("actives")]
        return {"usual": usual, "others": "\n".join(n for n in names if n not in usual)}

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            told = bool(self._names())
            if self.answer == "some" and not told:
                self.add_error("usual", _("Choose what you use, or press “Nothing at all” or “I do not know”."))
            elif self.answer != "some" and told:
                self.add_error("usual", _("Something is filled in. Press “Continue” to keep it, or take it away."))
        return super().clean()

    def write(self, profile: Profile) -> None:
        before = {names_of([p])[0]: p for p in profile.get("products") or []}
        profile["products"] = [before.get(n, {"name": n}) for n in self._names()]  # with the price that was told before
        if self.answer == "unknown":
            profile.pop("products")

    def _names(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data.get("others", "").splitlines()]
        return list(dict.fromkeys([*self.cleaned_data.get("usual", []), *filter(None, lines)]))

    def places(self) -> dict[str, str]:
        return {"products": "others"}


def unknown_products(profile: Profile) -> list[str]:
    """Return the products that nobody here knows."""
    return [n for n in names_of(profile.get("products")) if not active_of(n)]
