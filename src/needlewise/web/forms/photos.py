"""Adding photos, and saying anew what they show."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needlewise.measure.kinds import ACCEPTED, SNIFFED, kind_of
from needlewise.web.forms import plain
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


class Shown(plain.Form):
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
        label=_("Photos"), widget=Several(attrs={"accept": ACCEPTED}),
        help_text=_("Three shots of each view are best. JPEG, HEIC, PNG, WebP or TIFF."), required=False,
    )  # fmt: skip
    folder = Files(
        label=_("Or a whole folder"), widget=Several(attrs={"webkitdirectory": True}), required=False,
        help_text=_("For old photos: each goes to the day it was taken on. Files that are no photos are left out."),
    )  # fmt: skip
    session = forms.ChoiceField(label=_("After a session?"), initial=FIND_OUT)
    field_order = ("photos", "folder", "pose", "make_up", "untreated", "day", "session")

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_out = 0  # files of a folder that are no photos
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

    def clean_folder(self) -> list[UploadedFile[Any]]:
        found: list[UploadedFile[Any]] = []
        for file in self.cleaned_data["folder"]:
            start = file.read(SNIFFED)
            file.seek(0)
            found += [file] if kind_of(start) else []
        self.left_out = len(self.cleaned_data["folder"]) - len(found)
        if self.left_out and not found:
            raise forms.ValidationError(_("There is no photo in this folder."))
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"photos", "folder"} and not self.chosen():
            self.add_error("photos", _("Choose at least one photo."))
        return said

    def chosen(self) -> list[UploadedFile[Any]]:
        """Return the photos, however they were chosen."""
        return [*self.cleaned_data.get("photos", ()), *self.cleaned_data.get("folder", ())]

    def told(self) -> Told:
        said = self.cleaned_data
        session = self.sessions.get(said["session"])
        return Told(said["pose"], said["day"], session, said["session"] == FIND_OUT, said["untreated"], said["make_up"] == "yes")
