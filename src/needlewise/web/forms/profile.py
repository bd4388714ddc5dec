"""A form that tells part of a person's profile, and lets the planner judge what was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.planning import read_person
from needlewise.web.forms import plain
from needlewise.web.services.planning import as_read
from needlewise.web.templatetags.plain import said

Profile = dict[str, Any]
Choices = Sequence[tuple[str, Any]]
YES_NO: Choices = (("yes", _("Yes")), ("no", _("No")), ("", _("I do not know")))


class Length(forms.FloatField):
    """A length in mm, with a point or a comma, whatever the language."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    default_error_messages = {"invalid": _("Write a length in millimetres, such as 0.25.")}  # noqa: RUF012 - as Django has it

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"localize": True, **kwargs})  # what is there is shown with the reader's own sign

    def to_python(self, value: Any) -> Any:
        text = value.replace(",", ".").strip().removesuffix("mm") if isinstance(value, str) else value
        return super().to_python(text)


class ProfileForm(plain.Form):
    """One group of questions.

    `answer` is the button that was pressed: "some" keeps what was filled in, "none" says that there is none, "unknown" that the
    person does not know. `because` says in the history of the plan what was changed.
    """

    because: str = ""
    answers: tuple[str, ...] = ("some",)

    def __init__(self, profile: Profile, data: Any = None) -> None:
        self.answer = data.get("answer", "some") if data is not None else "some"
        super().__init__(data, initial=self.read(profile), label_suffix="")
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    def read(self, profile: Profile) -> dict[str, Any]:
        """Return what the fields show of `profile`."""
        raise NotImplementedError

    def write(self, profile: Profile) -> None:
        """Put what was answered into `profile`."""
        raise NotImplementedError

    def places(self) -> dict[str, str]:
        """Return where the planner's fields stand in this form; what is not named here is said above the form."""
        return {}

    def clean(self) -> dict[str, Any]:
        if self.answer not in self.answers:
            self.answer = "some"
        if not self.errors:
            trial: Profile = {}
            self.write(trial)
            try:
                read_person(as_read(trial))
            except InputError as error:
                self.refuse(error)
        return self.cleaned_data

    def refuse(self, error: InputError) -> None:
        """Say beside its field what the planner cannot use."""
        places = self.places()
        field = next((places[key] for key in places if error.field.startswith(key)), None)
        self.add_error(field, plainly(error))


def plainly(error: InputError) -> str:
    """Return an error in words for a page."""
    text = gettext("“%(value)s” cannot be used here. Allowed: %(allowed)s.") % {
        "value": str(error.value)[:60], "allowed": said(error.allowed),
    }  # fmt: skip
    return f"{text} {said(error.hint).capitalize()}".strip()


def person_of(profile: Profile) -> dict[str, Any]:
    """Return the part of a profile that is about the person, made where it is missing."""
    told: dict[str, Any] = profile.setdefault("person", {})
    return told


def put(told: dict[str, Any], key: str, value: Any) -> None:
    """Keep an answer; no answer is kept as no key."""
    if value in (None, ""):
        told.pop(key, None)
    else:
        told[key] = value


def names_of(items: Iterable[Any] | None) -> list[str]:
    """Return the names in a list of the profile, whose entries are names or tables with one."""
    return [i["name"] if isinstance(i, dict) else i for i in items or ()]


def grouped(name: str, titles: dict[str, Any], leave: Sequence[str] = ()) -> list[tuple[Any, Choices]]:
    """Return the rows of a table as choices, by the group they name, in the order of `titles`."""
    rows = [r for r in table(name).values() if r.id not in leave]
    return [(title, [(r.id, r.label) for r in rows if r.group == group]) for group, title in titles.items()]


def yes_no(value: bool | None) -> str:
    """Return a flag as the value of a `YES_NO` field."""
    return "" if value is None else "yes" if value else "no"


def flag(value: str) -> bool | None:
    """Return the flag that a value of a `YES_NO` field stands for."""
    return {"yes": True, "no": False}.get(value)
