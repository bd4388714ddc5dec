"""Who the person is: age, skin, country; the limits they have read; one gentle question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needlewise.knowledge import table
from needlewise.web.forms.profile import YES_NO, Profile, ProfileForm, flag, names_of, person_of, put, yes_no

DISTRESS = "appearance-distress"
HOME_LIMIT = "home-limit"
SKIN_TYPES = (  # Fitzpatrick's six, in plain words
    ("1", _("Always burns, never tans; very fair")),
    ("2", _("Burns easily, tans a little; fair")),
    ("3", _("Burns sometimes, tans slowly; light to olive")),
    ("4", _("Burns seldom, tans well; olive to light brown")),
    ("5", _("Burns very seldom; brown")),
    ("6", _("Never burns; dark brown to black")),
    ("", _("I do not know")),
)


class AboutForm(ProfileForm):
    """Year of birth, skin type, country and time zone."""

    because = "What you said about yourself changed"
    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"}),
        help_text=_("Some rules depend on age."),
    )
    skin_type = forms.ChoiceField(
        label=_("What does your skin do in the sun, without protection?"),
        choices=SKIN_TYPES,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Your Fitzpatrick skin type. It sets how cautious the plan is."),
    )
    country = forms.CharField(
        label=_("Country, as two letters"),
        required=False,
        max_length=2,
        widget=forms.TextInput(attrs={"autocomplete": "country"}),
        help_text=_("Such as GB, US or ES. It says which regulator speaks to you."),
    )
    time_zone = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def read(self, profile: Profile) -> dict[str, Any]:
        told = profile.get("person", {})
        skin = told.get("skin_type")
        return {**told, "skin_type": "" if skin is None else str(skin)}

    def write(self, profile: Profile) -> None:
        told, data = person_of(profile), self.cleaned_data
        told.setdefault("setting", "home")
        put(told, "birth_year", data["birth_year"])
        put(told, "skin_type", int(data["skin_type"]) if data["skin_type"] else None)
        put(told, "country", data["country"].upper())
        put(told, "time_zone", data["time_zone"])

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise forms.ValidationError(_("Two letters, such as GB, US or ES; or leave it empty."))
        return country

    def clean_time_zone(self) -> str:
        from zoneinfo import available_timezones

        name = str(self.cleaned_data["time_zone"])
        return name if name in available_timezones() else ""  # the browser fills it in; nobody can mend it by hand

    def places(self) -> dict[str, str]:
        return {"person.birth_year": "birth_year", "person.skin_type": "skin_type", "person.country": "country"}


class BabyForm(ProfileForm):
    """Pregnant or nursing: a group of its own, because it is asked with care and changes by itself."""

    because = "Pregnancy or nursing changed"
    pregnant = forms.ChoiceField(label=_("Are you pregnant?"), choices=YES_NO, required=False, widget=forms.RadioSelect)
    nursing = forms.ChoiceField(label=_("Are you nursing?"), choices=YES_NO, required=False, widget=forms.RadioSelect)

    def read(self, profile: Profile) -> dict[str, Any]:
        told = profile.get("person", {})
        return {key: yes_no(told.get(key)) for key in ("pregnant", "nursing")}

    def write(self, profile: Profile) -> None:
        told = person_of(profile)
        for key in ("pregnant", "nursing"):
            put(told, key, flag(self.cleaned_data[key]))


class LimitsForm(ProfileForm):
    """The limits, read and understood; up to 0.5 mm only where a person agrees knowingly."""

    because = "What you agreed to changed"
    understood = forms.BooleanField(
        label=_("I have read this."), error_messages={"required": _("Please read the limits and tick this to go on.")}
    )
    longer = forms.BooleanField(label="", required=False)

    def read(self, profile: Profile) -> dict[str, Any]:
        agreed = profile.get("person", {}).get("acknowledged") or []
        return {"longer": HOME_LIMIT in agreed}

    def write(self, profile: Profile) -> None:
        told = person_of(profile)
        others = [a for a in told.get("acknowledged") or [] if a != HOME_LIMIT]
        told["acknowledged"] = [*others, *([HOME_LIMIT] if self.cleaned_data["longer"] else [])]


class GentleForm(ProfileForm):
    """One question, asked once and gently (row S9)."""

    because = "How you feel about your skin changed"
    weighs = forms.ChoiceField(
        label=table("conditions")[DISTRESS].question,
        required=False,
        widget=forms.RadioSelect,
        choices=(("yes", _("Yes")), ("no", _("No")), ("", _("I would rather not say"))),
    )

    def read(self, profile: Profile) -> dict[str, Any]:
        told = profile.get("person", {})
        if told.get("distress") or DISTRESS in names_of(told.get("conditions")):
            return {"weighs": "yes"}
        return {"weighs": "no" if "distress" in told else ""}

    def write(self, profile: Profile) -> None:
        told = person_of(profile)
        if told.get("conditions"):
            told["conditions"] = [c for c in told["conditions"] if DISTRESS not in names_of([c])]
        put(told, "distress", flag(self.cleaned_data["weighs"]))
