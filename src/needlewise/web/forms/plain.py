"""What is wrong with a field, in plain words: the base of every form here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# From the general to the particular, as Django's fields inherit. A message a field brings along itself stays.
WORDS: dict[type[forms.Field], dict[str, Promise]] = {
    forms.Field: {"required": _("Please fill this in.")},
    forms.CharField: {
        "max_length": _("This is too long: %(limit_value)d characters at most, and you wrote %(show_value)d."),
        "min_length": _("This is too short: at least %(limit_value)d characters, and you wrote %(show_value)d."),
    },
    forms.SlugField: {"invalid": _("Use letters without accents, digits, “-” and “_” only, and no spaces.")},
    forms.IntegerField: {
        "invalid": _("Write a number, such as 3."),
        "max_value": _("This is too much: %(limit_value)s at most."),
        "min_value": _("This is too little: %(limit_value)s at least."),
    },
    forms.FloatField: {"invalid": _("Write a number, such as 2.5.")},
    forms.DateField: {"invalid": _("Write a day, such as 2026-03-31.")},
    forms.FileField: {
        "required": _("Please choose a file."),
        "invalid": _("No file arrived. Choose it again."),
        "missing": _("No file arrived. Choose it again."),
        "empty": _("This file is empty. Choose another one."),
    },
    forms.BooleanField: {"required": _("Please tick this to go on.")},
    forms.ChoiceField: {
        "required": _("Please choose one."),
        "invalid_choice": _("This is not one of the choices. Please choose again."),
    },
    forms.MultipleChoiceField: {
        "required": _("Please choose at least one."),
        "invalid_list": _("This is not one of the choices. Please choose again."),
    },
}

if TYPE_CHECKING:
    _Base = forms.BaseForm
else:
    _Base = object


class Plainly(_Base):
    """Says in plain words what Django would say in its own."""

    def full_clean(self) -> None:
        for field in self.fields.values():
            field.error_messages.update(plain_words(field))
        super().full_clean()


class Form(Plainly, forms.Form):
    """A form that speaks plainly."""


class ModelForm(Plainly, forms.ModelForm):
    """A form of a record that speaks plainly."""


def plain_words(field: forms.Field) -> dict[str, Any]:
    """Return what is said here instead of what Django's own class says, by the code of the error."""
    here = {code: text for kind, texts in WORDS.items() if isinstance(field, kind) for code, text in texts.items()}
    django: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        if kind.__module__.startswith("django."):
            django |= vars(kind).get("default_error_messages", {})
    return {code: text for code, text in here.items() if field.error_messages.get(code) == django.get(code)}
