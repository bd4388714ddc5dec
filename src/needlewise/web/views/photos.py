"""Photos: taking and adding them, looking through them, and one laid over another."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import include, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from needlewise.measure.method import METHOD
from needlewise.web.access import Asked, mine
from needlewise.web.forms.photos import Add, Shown
from needlewise.web.models import Photo, Sitting
from needlewise.web.services import photos as service
from needlewise.web.services import settled
from needlewise.web.services.comparing import shown
from needlewise.web.services.files import DiskError
from needlewise.web.templatetags.measured import day as day_words
from needlewise.web.templatetags.plain import said
from needlewise.web.views import errors, pictures

SITTINGS_A_PAGE = 12


@require_safe
def photos(request: Asked) -> HttpResponse:
    told = settled.sure(request.person)
    newest_first = settled.days(request.person).reverse().prefetch_related("photos")
    page = Paginator(newest_first, SITTINGS_A_PAGE).get_page(request.GET.get("page"))
    by_day = groupby(settled.where(page.object_list), key=lambda s: s.sitting.day)
    days = [(day, list(standings)) for day, standings in by_day]
    context = {"days": days, "page": page, "waits": told.waits, "patience": settled.patience(told, request.person)}
    return TemplateResponse(request, "needlewise/photos/all.html", context)


@require_http_methods(["GET", "POST"])
def add(request: Asked) -> HttpResponse:
    form = Add(request.person, request.POST or None, request.FILES or None)
    faults: list[tuple[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        try:
            added = service.add(request.person, ((f.name or "", f) for f in form.chosen()), form.told())
        except DiskError:
            return errors.disk(request)
        _say(request, added)
        if n := form.left_out:
            left = ngettext("%(n)s file of the folder is no photo and was left out.",
                            "%(n)s files of the folder are no photos and were left out.", n)  # fmt: skip
            messages.info(request, left % {"n": n})
        if added.kept or (added.again and not added.faults):
            return redirect("photos")
        faults = added.faults
    context = {"form": form, "faults": faults, "patience": settled.patience(settled.sure(request.person), request.person)}
    return TemplateResponse(request, "needlewise/photos/add.html", context, status=422 if faults or form.errors else 200)


def _say(request: Asked, added: service.Added) -> None:
    if n := len(added.kept):
        kept = ngettext("%(n)s photo is kept.", "%(n)s photos are kept.", n) % {"n": n}
        messages.success(request, f"{kept} {_('They are looked at now; you need not wait.')}")
    for name, photo in added.again:
        words = {"name": name, "day": day_words(photo.sitting.day)}
        messages.info(request, _("“%(name)s” is here already, on %(day)s.") % words)
    if added.kept:  # else they stand beside the field
        for name, error in added.faults:
            messages.error(request, fault_words(name, error))


def fault_words(name: str, error: Any) -> str:
    """Say what is wrong with one file, and what to do."""
    words = {"name": name, "allowed": said(error.allowed), "hint": said(error.hint)}
    return _("“%(name)s” was not kept. Needed: %(allowed)s. What to do: %(hint)s.") % words


@require_safe
def take(request: Asked) -> HttpResponse:
    form = Add(request.person, initial={"pose": "front"})  # a ghost belongs to a pose
    context = {"form": form, "ghosts": settled.sure(request.person).ghosts}
    return TemplateResponse(request, "needlewise/photos/take.html", context)


@require_safe
def one(request: Asked, pk: UUID) -> HttpResponse:
    photo: Photo = mine(Photo.objects.select_related("sitting__session"), request.person, pk)
    context = {"photo": photo, "sitting": photo.sitting, "form": Shown.of(photo.sitting), "current": METHOD}
    return TemplateResponse(request, "needlewise/photos/one.html", context)


@require_POST
def again(request: Asked, pk: UUID) -> HttpResponse:
    photo: Photo = mine(Photo.objects.select_related("person"), request.person, pk)
    service.look_again(photo)
    return redirect("photo", photo.pk)


@require_POST
def delete(request: Asked, pk: UUID) -> HttpResponse:
    photo: Photo = mine(Photo.objects.select_related("sitting", "person"), request.person, pk)
    service.delete(photo)
    messages.success(request, _("The photo is deleted, with everything that was made from it."))
    return redirect("photos")


@require_http_methods(["GET", "POST"])
def sitting(request: Asked, pk: UUID) -> HttpResponse:
    found: Sitting = mine(Sitting.objects.select_related("person", "session"), request.person, pk)
    if request.method == "POST":
        form = Shown(request.POST)
        if form.is_valid():
            return redirect("sitting", service.move(found, form.told()).pk)
    else:
        form = Shown.of(found)
    settled.sure(request.person)
    standing = settled.where([mine(settled.days(request.person), request.person, pk)])[0]
    context = {"standing": standing, "sitting": standing.sitting, "form": form, "shown": shown(standing),
               "found_pose": standing.sitting.photos.filter(find_pose=True).exists()}  # fmt: skip
    return TemplateResponse(request, "needlewise/photos/sitting.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("", photos, name="photos"),
    path("add/", add, name="photos-add"),
    path("take/", take, name="photos-take"),
    path("days/<uuid:pk>/", sitting, name="sitting"),
    path("<uuid:pk>/", one, name="photo"),
    path("<uuid:pk>/again/", again, name="photo-again"),
    path("<uuid:pk>/delete/", delete, name="photo-delete"),
    path("", include(pictures)),
]
