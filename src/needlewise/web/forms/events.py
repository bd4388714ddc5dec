"""What happened: a peel, a sunburn, a session, a bad week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.planning import read_person
from needlewise.planning.person import EVENTS, expand_zone
from needlewise.web.forms import plain
from needlewise.web.forms.profile import Length, plainly
from needlewise.web.models import Event, Person
from needlewise.web.models.people import CONFOUNDERS
from needlewise.web.templatetags.plain import zone
from needlewise.web.words import happened

LASTING = CONFOUNDERS  # these go on until they are over; the others happen on a day
NOT_HERE = ("new-medicine",)  # asked by name, with its last day
DAY = {"type": "date"}


def any_zone() -> list[tuple[str, Any]]:
    """Return every place an event may name: nothing said, whole areas, then each zone."""
    rows = [z for z in table("zones").values() if not z.never]
    whole = [(z.id, zone(z.id)) for z in rows if z.members]
    single = [key for z in rows if not z.members for key in ([f"{z.id}-left", f"{z.id}-right"] if z.sides else [z.id])]
    return [("", _("Everywhere, or I do not know")), *whole, *((key, zone(key)) for key in single)]


class EventForm(plain.ModelForm):
    """Something that happened on a day, or that lasts."""

    what = forms.ChoiceField(label=_("What?"))
    date = forms.DateField(label=_("When?"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    until = forms.DateField(
        label=_("Over since"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("Leave it empty while it lasts."),
    )  # fmt: skip
    zone = forms.ChoiceField(label=_("Where?"), required=False, choices=any_zone)
    note = forms.CharField(label=_("A note for yourself"), required=False, max_length=500)

    class Meta:
        model = Event
        fields = ("what", "date", "until", "zone", "note")

    def __init__(self, *args: Any, kinds: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.kinds = tuple(kinds) or tuple(k for k in Event.KINDS if k not in NOT_HERE)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(k, happened(k)) for k in self.kinds]
        if len(self.kinds) == 1:
            self.initial.setdefault("what", self.kinds[0])
            field.widget = forms.HiddenInput()
        if not any(k in LASTING for k in self.kinds):
            del self.fields["until"]
        if not any(k in EVENTS for k in self.kinds):
            del self.fields["zone"]

    def clean_until(self) -> Any:
        until, date = self.cleaned_data["until"], self.cleaned_data.get("date")
        if until and date and until < date:
            raise ValidationError(_("It cannot be over before it began."))
        return until

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            told = {"what": data["what"] if data["what"] in EVENTS else EVENTS[0], "date": data["date"]}
            _read({"events": [{**told, **({"zone": data["zone"]} if data.get("zone") else {})}]}, self)
        return data


class PastSessionForm(plain.Form):
    """A session that was made without the app."""

    date = forms.DateField(label=_("On which day?"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    zones = forms.MultipleChoiceField(
        label=_("Where?"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one place.")}
    )
    mm = Length(
        label=_("How long were the needles, in millimetres?"), required=False, 
        help_text=_("Leave it empty if you do not know; the skin then rests as after the longest of your devices."),
    )  # fmt: skip

    def __init__(self, person: Person, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        goals = dict.fromkeys(z for g in person.profile.get("goals") or [] for word in g["zones"] for z in expand_zone(word, ""))
        whole = [(z.id, zone(z.id)) for z in table("zones").values() if z.members or z.id in ("neck", "scalp")]
        field = self.fields["zones"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [*((z, zone(z)) for z in goals), *whole]

    def clean_zones(self) -> list[str]:
        return list(dict.fromkeys(z for word in self.cleaned_data["zones"] for z in expand_zone(word, "zones")))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            told = {"what": "session", "date": data["date"], **({"mm": data["mm"]} if data["mm"] is not None else {})}
            _read({"events": [told]}, self)
        return data


def _read(told: dict[str, Any], form: forms.BaseForm) -> None:
    try:
        read_person(told)
    except InputError as error:
        name = error.field.rpartition(".")[2]
        form.add_error(name if name in form.fields else None, plainly(error))
