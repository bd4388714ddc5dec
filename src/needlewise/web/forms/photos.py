"""Adding photos, and saying anew what they show."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needlewise.measure.kinds import KINDS
from needlewise.web.models import Person, Session, Sitting
from needlewise.web.services.photos import FIND_OUT, Told
from needlewise.web.words import POSES

NONE = "none"
SESSIONS_OFFERED = 6


class Several(forms.ClearableFileInput):
    """A file button that takes several files."""

    allow_multiple_selected = True


class Files(forms.FileField):
    """One or more files."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data]
        for file in given:
            if file is None or not file.size:
                continue
            super().clean(file, initial)
        if not any(given):
            super().clean(None, initial)
        return [file for file in given if file]


class Shown(forms.Form):
    """What photos show: pose, day, whether it was before anything was done, and make-up."""

    pose = forms.ChoiceField(
        choices=list(POSES.items()), label=_("What do they show?"), initial="front", widget=forms.RadioSelect
    )
    make_up = forms.ChoiceField(
        choices=[("no", _("Bare skin")), ("yes", _("With make-up"))], label=_("Bare skin, or make-up?"), widget=forms.RadioSelect,
        help_text=_("Make-up hides and colours skin, so only bare skin can be compared."),
    )  # fmt: skip
    untreated = forms.BooleanField(
        required=False, label=_("Nothing had been done to this skin yet"),
        help_text=_("Photos from two days before the first session show how your skin varies by itself."),
    )  # fmt: skip
    day = forms.DateField(
        required=False, label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave it empty to take the day from the photos."),
    )  # fmt: skip

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def told(self) -> Told:
        """Return what was said."""
        said = self.cleaned_data
        return Told(said["pose"], said["day"], None, False, said["untreated"], said["make_up"] == "yes")

    @classmethod
    def of(cls, sitting: Sitting) -> Shown:
        """Return the form filled with what a sitting says."""
        worn = {True: "yes", False: "no", None: ""}[sitting.make_up]
        return cls(initial={"pose": sitting.pose, "make_up": worn, "untreated": sitting.untreated, "day": sitting.day})


class Add(Shown):
    """Photos to add."""

    photos = Files(
        label=_("Photos"), widget=Several(attrs={"accept": ",".join(["image/*", *(e for ends in KINDS.values() for e in ends)])}),
        help_text=_("Three shots of each view are best. JPEG, HEIC, PNG, WebP or TIFF."),
        error_messages={"required": _("Choose at least one photo.")},
    )  # fmt: skip
    session = forms.ChoiceField(label=_("After a session?"), initial=FIND_OUT)
    field_order = ("photos", "pose", "make_up", "untreated", "day", "session")

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions = {str(s.pk): s for s in Session.objects.of(person).filter(ended__isnull=False)[:SESSIONS_OFFERED]}
        choices: list[tuple[str, str | Promise]] = [
            (FIND_OUT, _("Find out from the time they were taken")), (NONE, _("No, as it is day by day")),
        ]  # fmt: skip
        for key, session in self.sessions.items():
            choices.append((key, date_format(timezone.localtime(session.started), "DATE_FORMAT")))
        self.fields["pose"].choices = [  # type: ignore[attr-defined]  # the stubs know no choices of a field
            (FIND_OUT, _("Find out from each photo")), *POSES.items(),
        ]  # fmt: skip
        self.fields["pose"].initial = FIND_OUT
        self.fields["session"].choices = choices  # type: ignore[attr-defined]  # the stubs know no choices of a field

    def told(self) -> Told:
        said = self.cleaned_data
        session = self.sessions.get(said["session"])
        return Told(said["pose"], said["day"], session, said["session"] == FIND_OUT, said["untreated"], said["make_up"] == "yes")
