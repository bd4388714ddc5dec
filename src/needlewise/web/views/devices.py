"""Devices: the drawer, one device's life, looking at its needles, and replacing it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.measure.kinds import ACCEPTED
from needlewise.share.imprinted import imprint_drawing, imprint_remarks, imprint_rows
from needlewise.treat.device import FAULTS
from needlewise.web.access import Asked, mine
from needlewise.web.forms import plain
from needlewise.web.forms.profile import Length, plainly
from needlewise.web.models import Device, Inspection
from needlewise.web.services import devices as service
from needlewise.web.services.planning import moving, today, with_uses
from needlewise.web.spoken import refusal
from needlewise.web.views.changes import told

RETIRED_SHOWN = 12  # the newest; the others on asking
YES_NO = [("", lazy("I do not know")), ("false", lazy("No, mine alone")), ("true", lazy("Yes"))]
SCALES = [
    ("card:credit", lazy("A bank card lies beside it")),
    ("paper:a4", lazy("The whole A4 sheet is in the picture")),
    ("paper:letter", lazy("The whole Letter sheet is in the picture")),
    ("ruler:1", lazy("A ruler with millimetre ticks lies beside it")),
]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DeviceForm(plain.ModelForm):
    """A device as its box describes it."""

    shared = forms.TypedChoiceField(
        label=lazy("Has anyone else ever used it?"), choices=YES_NO, required=False, empty_value=None,
        coerce=lambda value: value == "true",
    )  # fmt: skip

    class Meta:
        model = Device
        fields: ClassVar[list[str]] = [
            "kind", "mm", "needles", "name", "bought", "uses_before", "shared", "second_hand", "lot", "expires",
        ]  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "kind": lazy("What is it?"),
            "mm": lazy("Needle length in mm"),
            "needles": lazy("Number of needles"),
            "name": lazy("Your name for it"),
            "bought": lazy("Bought on"),
            "uses_before": lazy("Times used before today"),
            "second_hand": lazy("It came second-hand"),
            "lot": lazy("Lot number"),
            "expires": lazy("Use before"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "mm": lazy("From the box, such as 0.25. For a pen, its longest setting."),
            "needles": lazy("As the box says. An imprint on paper tells whether it is true."),
            "lot": lazy("On the pack. Should a lot be recalled, you can tell."),
        }
        widgets: ClassVar[dict[str, Any]] = {"bought": DateInput, "expires": DateInput}
        field_classes: ClassVar[dict[str, Any]] = {"mm": Length}

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["kind"].widget = forms.Select(choices=[(k.id, _(k.label)) for k in table("kinds").values()])
        if self.instance and self.instance.shared is not None:
            self.initial["shared"] = str(self.instance.shared).lower()

    def clean_bought(self) -> Any:
        day = self.cleaned_data["bought"]
        if day and day > today():
            raise forms.ValidationError(_("This day lies ahead. On which day did you buy it?"))
        return day


class InspectionForm(plain.Form):
    """What was seen on the needles, by eye and with a loupe."""

    findings = forms.MultipleChoiceField(
        label=lazy("What did you see?"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    note = forms.CharField(label=lazy("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["findings"].choices = [(key, _(text)) for key, text in FAULTS.items()]  # type: ignore[attr-defined]  # the stubs know no choices of a field


class ImprintForm(plain.Form):
    """A photo of the device's holes in paper."""

    photo = forms.FileField(label=lazy("Photo of the imprint"), widget=forms.FileInput(attrs={"accept": ACCEPTED}))
    scale = forms.ChoiceField(label=lazy("What tells its size?"), choices=SCALES)


def drawer(request: Asked) -> HttpResponse:
    retired = service.drawer(request.person, retired=True, most=None if "all" in request.GET else RETIRED_SHOWN + 1)
    more = "all" not in request.GET and len(retired) > RETIRED_SHOWN
    shown = {"drawer": service.drawer(request.person), "retired": retired[:RETIRED_SHOWN] if more else retired, "more": more}
    return TemplateResponse(request, "needlewise/devices/drawer.html", shown)


def add(request: Asked) -> HttpResponse:
    return _edit(request, Device(person=request.person), _("A new device"))


def edit(request: Asked, pk: UUID) -> HttpResponse:
    return _edit(request, mine(Device.objects, request.person, pk), _("Change this device"))


def replace(request: Asked, pk: UUID) -> HttpResponse:
    old = mine(Device.objects, request.person, pk)
    new = Device(person=request.person, kind=old.kind, mm=old.mm, needles=old.needles, name=old.name, shared=False)
    return _edit(request, new, _("Its successor"), old)


def _edit(request: Asked, device: Device, title: str, replaces: Device | None = None) -> HttpResponse:
    form = DeviceForm(request.POST or None, instance=device)
    if request.method == "POST" and form.is_valid():
        made = form.save(commit=False)
        because = (
            "A device was replaced" if replaces else "A device was added" if device._state.adding else "A device was changed"
        )
        try:
            with moving(request.person, because) as move:
                if replaces:
                    service.replace(replaces, made)
                else:
                    made.save()
        except InputError as error:  # the planner could not read it: nothing was saved
            name = error.field.rpartition(".")[2]
            form.add_error(name if name in form.fields else None, plainly(error))
        else:
            return told(request, move, "device", made.pk)
    shown = {"form": form, "title": title, "replaces": replaces}
    return TemplateResponse(request, "needlewise/devices/edit.html", shown, status=422 if form.errors else 200)


def device(request: Asked, pk: UUID, **forms_shown: Any) -> HttpResponse:
    found = mine(with_uses(request.person).prefetch_related("inspections"), request.person, pk)
    shown = {
        "kept": service.in_drawer(request.person, found),
        "sessions": found.sessions.filter(ended__isnull=False).prefetch_related("zones")[:10],
        "inspect": InspectionForm(),
        "imprint": ImprintForm(),
        "printed": _printed(found.imprint),
        **forms_shown,
    }
    return TemplateResponse(request, "needlewise/devices/device.html", shown, status=422 if forms_shown else 200)


def _printed(doc: dict[str, Any] | None) -> dict[str, Any]:
    """Return what an imprint told: rows, remarks, and a drawing of each needle; nothing of one that came in broken."""
    if not doc:
        return {}
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        svg, about = imprint_drawing(doc)  # of numbers alone
        return {"rows": imprint_rows(doc), "remarks": imprint_remarks(doc), "svg": mark_safe(svg), "about": about}
    return {}


@require_POST
def inspect(request: Asked, pk: UUID) -> HttpResponse:
    found = mine(Device.objects, request.person, pk)
    form = InspectionForm(request.POST)
    if not form.is_valid():
        return device(request, pk, inspect=form)
    Inspection.objects.create(device=found, **form.cleaned_data)
    messages.success(request, _("Noted."))
    return redirect("device", pk=pk)


@require_POST
def imprint(request: Asked, pk: UUID) -> HttpResponse:
    found = mine(Device.objects, request.person, pk)
    form = ImprintForm(request.POST, request.FILES)
    if form.is_valid():
        photo = form.cleaned_data["photo"]
        assert isinstance(photo, TemporaryUploadedFile)
        scale, mark = form.cleaned_data["scale"].split(":")
        try:
            service.read_imprint(found, Path(photo.temporary_file_path()), scale, mark)
        except InputError as error:
            form.add_error("photo", refusal(error))
        else:
            messages.success(request, _("Read. The plan now counts with your own device."))
            return redirect("device", pk=pk)
    return device(request, pk, imprint=form)


@require_POST
def retire(request: Asked, pk: UUID) -> HttpResponse:
    found = mine(Device.objects, request.person, pk)
    with moving(request.person, "A device was taken out" if found.retired is None else "A device was taken in again") as move:
        found.retired = None if found.retired else today()
        found.save(update_fields=["retired"])
    return told(request, move, "device", pk)


@require_POST
def delete(request: Asked, pk: UUID) -> HttpResponse:
    with moving(request.person, "A device was taken out") as move:
        mine(Device.objects, request.person, pk).delete()
    messages.success(request, _("Deleted. Its sessions are still in your records."))
    return told(request, move, "devices")


urlpatterns = [
    path("", drawer, name="devices"),
    path("new/", add, name="device-new"),
    path("<uuid:pk>/", device, name="device"),
    path("<uuid:pk>/change/", edit, name="device-change"),
    path("<uuid:pk>/replace/", replace, name="device-replace"),
    path("<uuid:pk>/look/", inspect, name="device-inspect"),
    path("<uuid:pk>/imprint/", imprint, name="device-imprint"),
    path("<uuid:pk>/retire/", retire, name="device-retire"),
    path("<uuid:pk>/delete/", delete, name="device-delete"),
]
