"""Something changed: what happened, what it moved, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from needlewise.planning.person import EVENTS
from needlewise.web.access import Asked, mine
from needlewise.web.forms.events import EventForm, PastSessionForm
from needlewise.web.models import Event, Moved
from needlewise.web.models.people import CONFOUNDERS
from needlewise.web.services import changes as service
from needlewise.web.services.planning import Move, lines_of, today

TREATED = tuple(e for e in EVENTS if e not in ("session", "sunburn", "suntan"))
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "sun": (lazy("Sunburn or tan"), ("sunburn", "suntan")),
    "cold-sore": (lazy("A cold sore"), ("cold-sore",)),
    "treatment": (lazy("A peel, laser, filler, wax …"), TREATED),
    "week": (lazy("Illness, stress, sleep …"), tuple(c for c in CONFOUNDERS if c not in ("cold-sore", "new-medicine"))),
}
SHOWN = 20


def overview(request: Asked) -> HttpResponse:
    person = request.person
    events = list(Event.objects.of(person)[:SHOWN])
    context = {
        "kinds": [(name, title) for name, (title, _kinds) in KINDS.items()], "events": events, "today": today(),
        "moves": list(Moved.objects.of(person)[:SHOWN]), "past": list(service.past_sessions(person)[:SHOWN]),
    }  # fmt: skip
    return TemplateResponse(request, "needlewise/changes/overview.html", context)


def add(request: Asked, kind: str) -> HttpResponse:
    if kind == "session":
        return _past_session(request)
    if kind not in KINDS:
        raise Http404
    title, kinds = KINDS[kind]
    form = EventForm(request.POST if request.method == "POST" else None, kinds=kinds, initial={"date": today()})
    if request.method == "POST" and form.is_valid():
        return told(request, service.add_event(request.person, form.save(commit=False)))
    return TemplateResponse(request, "needlewise/changes/event.html", {"form": form, "title": title})


def edit(request: Asked, pk: UUID) -> HttpResponse:
    event = mine(Event.objects, request.person, pk)
    form = EventForm(request.POST if request.method == "POST" else None, instance=event, kinds=(event.what,))
    if request.method == "POST" and form.is_valid():
        return told(request, service.change_event(request.person, form.save(commit=False)))
    return TemplateResponse(request, "needlewise/changes/event.html", {"form": form, "event": event})


@require_POST
def remove(request: Asked, pk: UUID) -> HttpResponse:
    return told(request, service.remove_event(request.person, mine(Event.objects, request.person, pk)))


@require_POST
def remove_session(request: Asked, pk: UUID) -> HttpResponse:
    return told(
        request, service.remove_past_session(request.person, mine(service.past_sessions(request.person), request.person, pk))
    )


def moved(request: Asked, pk: UUID) -> HttpResponse:
    found = mine(Moved.objects, request.person, pk)
    return TemplateResponse(request, "needlewise/moved.html", {"moved": found, "lines": lines_of(found)})


def told(request: Asked, move: Move, page: str = "changes", *args: Any) -> HttpResponse:
    """Show at once what a change moved; where nothing did, go on to `page`."""
    if move.record is not None:
        return redirect("moved", move.record.pk)
    messages.success(request, _("Saved. Nothing in your plan moves."))
    return redirect(page, *args)


def _past_session(request: Asked) -> HttpResponse:
    form = PastSessionForm(request.person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        return told(request, service.add_past_session(request.person, data["date"], data["zones"], data["mm"]))
    return TemplateResponse(request, "needlewise/changes/session.html", {"form": form})


urlpatterns = [
    path("", overview, name="changes"),
    path("add/<slug:kind>/", add, name="change-add"),
    path("moved/<uuid:pk>/", moved, name="moved"),
    path("session/<uuid:pk>/delete/", remove_session, name="past-session-delete"),
    path("<uuid:pk>/", edit, name="event"),
    path("<uuid:pk>/delete/", remove, name="event-delete"),
]
