"""The guided session: one thing to do on each screen, and the hours after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needlewise.errors import InputError
from needlewise.treat.afterwards import photo_hours, red_flags, report_to
from needlewise.treat.session import ENDPOINTS
from needlewise.web.access import Asked, mine
from needlewise.web.models import Device, Session, ZoneLog
from needlewise.web.services import applied
from needlewise.web.services import sessions as service
from needlewise.web.services.after import follow
from needlewise.web.spoken import sentence

TAPS = {"pain": range(11), "endpoints": ENDPOINTS}


def overview(request: Asked, faults: dict[str, str] | None = None) -> HttpResponse:
    """What may be done today, and what was done before; `faults` stand beside what was chosen wrongly, which is kept."""
    past = Session.objects.of(request.person).filter(ended__isnull=False).select_related("device").prefetch_related("zones")
    shown = {
        "offer": service.offer(request.person),
        "open": service.open_session(request.person),
        "past": past[:20],
        "more": past.count() > 20,
        "faults": faults,
        "chosen": {*request.POST.getlist("zones"), request.POST.get("device")},
    }
    return TemplateResponse(request, "needlewise/session/overview.html", shown, status=422 if faults else 200)


@require_POST
def begin(request: Asked) -> HttpResponse:
    if service.open_session(request.person):
        messages.info(request, _("A session is open already. Go on with it here."))
        return redirect("session-now")
    zones = request.POST.getlist("zones")
    if not zones:
        return overview(request, {"zones": _("Choose at least one place.")})
    try:
        device = mine(Device.objects, request.person, request.POST.get("device") or "")
        service.begin(request.person, zones, device)
    except (Http404, ValidationError, ValueError):
        return overview(request, {"device": _("Choose the device you are going to use.")})
    except InputError as error:
        return overview(request, {"device" if error.field == "device" else "zones": _said(error)})
    return redirect("session-now")


def now(request: Asked, open_checks: Sequence[str] = (), **typed: str) -> HttpResponse:
    """The one thing to do now. A tap from the page gets the screen alone, a browser without script the whole page.

    `typed` is what was typed into a field (`mm`, `other`) and cannot be: it stands there with what is wrong.
    """
    session = service.open_session(request.person)
    if session is None:
        return redirect("sessions")
    try:
        standing = service.now(session)
    except InputError as error:
        return TemplateResponse(request, "needlewise/session/stuck.html", {"why": _said(error), "session": session})
    alone = bool(request.headers.get("HX-Request"))
    name = "needlewise/session/screen.html" if alone else "needlewise/session/now.html"
    return TemplateResponse(request, name, {**TAPS, "now": standing, "open_checks": open_checks, **typed})


def _open(request: Asked) -> Session:
    session = service.open_session(request.person)
    if session is None:
        raise Http404
    return session


def _log(request: Asked) -> ZoneLog:
    session = _open(request)
    log = session.zones.filter(zone=request.POST.get("zone", "")).first()
    if log is None:
        raise Http404
    return log


def _kept(request: Asked, do: Any) -> HttpResponse:
    """Do one thing to the open session and show where it stands; what cannot be is said on the screen."""
    try:
        do()
    except InputError as error:
        messages.error(request, _said(error))
    except (KeyError, TypeError, ValueError):
        messages.error(request, _("That was not a number. Please tap again."))
    return now(request) if request.headers.get("HX-Request") else redirect("session-now")


def _answers(request: Asked) -> dict[str, str]:
    return {key.removeprefix("check:"): str(value) for key, value in request.POST.items() if key.startswith("check:")}


@require_POST
def answer(request: Asked) -> HttpResponse:
    session, answers = _open(request), _answers(request)
    clear = request.POST.get("clear", "")
    if clear:  # one tap for every question of this screen, once each was read
        answers = {c.id: "no" if c.stops == "yes" else "yes" for c in service.now(session).stage.checks}

    if not clear and request.POST.get("to"):
        missing = [c.id for c in service.now(session).stage.checks if c.id not in {**session.checks, **answers}]
        if missing:
            service.answer(session, answers)
            return now(request, missing)

    def keep() -> None:
        halted = service.answer(session, answers, request.POST.getlist("where"))
        if not halted and (after := request.POST.get("to") or clear):
            service.go(session, after)

    return _kept(request, keep)


@require_POST
def go(request: Asked) -> HttpResponse:
    return _kept(request, lambda: service.go(_open(request), request.POST.get("to", "")))


@require_POST
def timer(request: Asked) -> HttpResponse:
    def keep() -> None:
        session = _open(request)
        longest = service.now(session).stage.minutes
        service.answer(session, _answers(request))  # what is ticked on the same screen stays
        minutes = float(request.POST.get("minutes", ""))
        if longest is None or not 0 < minutes <= longest[1]:
            raise InputError("minutes", minutes, "a time this step allows")
        service.start_timer(session, minutes)

    return _kept(request, keep)


@require_POST
def passes(request: Asked) -> HttpResponse:
    def keep() -> None:
        log, direction, number = _log(request), request.POST["direction"], int(request.POST["passes"])
        if request.POST.get("more"):  # a tap in a window that was left behind takes nothing away
            number = max(number, int(log.passes.get(direction, 0)))
        service.set_passes(log, direction, number)

    return _kept(request, keep)


@require_POST
def length(request: Asked) -> HttpResponse:
    """How long the needle of a pen is set; what cannot be stands beside the field, with what was typed."""
    typed = request.POST.get("mm", "")
    try:
        service.set_length(_log(request), float(typed.replace(",", ".")))
    except (ValidationError, ValueError):
        return now(request, mm=typed)
    return _kept(request, lambda: None)


@require_POST
def seen(request: Asked) -> HttpResponse:
    return _kept(request, lambda: service.set_seen(_log(request), request.POST["endpoint"]))


@require_POST
def pain(request: Asked) -> HttpResponse:
    return _kept(request, lambda: service.add_pain(_log(request), int(request.POST["score"])))


@require_POST
def products(request: Asked) -> HttpResponse:
    """What was put on the skin; what cannot be stands beside the field, with what was typed."""
    session, part, other = _open(request), request.POST.get("part", ""), request.POST.get("other", "")
    put, take = request.POST.getlist("put"), request.POST.getlist("take")
    if request.POST.get("same") and not other:
        put = [a.name for a in applied.last_time(request.person, part)]
    put += [other] if other.strip() or request.POST.get("add") else []
    try:
        service.answer(session, _answers(request))  # what is ticked on the same screen stays
        applied.change(session, part, put, take)
    except InputError as error:
        return now(request, other=other, fault=_said(error))
    return _kept(request, lambda: None)


@require_POST
def same(request: Asked) -> HttpResponse:
    """The same as last time, as far as today's plan allows, in one tap."""

    def keep() -> None:
        log = _log(request)
        found = service.now(_open(request)).same
        if found is None or found.mm is None:
            raise InputError("last time", "nothing", "a zone that was done before")
        service.set_length(log, found.mm)
        for direction, number in found.passes:
            service.set_passes(log, direction, number)

    return _kept(request, keep)


@require_POST
def finish(request: Asked) -> HttpResponse:
    session = _open(request)
    key = session.pk
    service.finish(session, request.POST.get("stopped", ""), request.POST.get("note", ""))
    if not Session.objects.of(request.person).filter(pk=key).exists():
        messages.success(request, _("Nothing was done, so nothing was kept."))
        return redirect("sessions")
    return redirect("session", pk=key)


def session(request: Asked, pk: UUID) -> HttpResponse:
    """What was done, and what the skin needs now."""
    found = mine(Session.objects.select_related("device").prefetch_related("zones"), request.person, pk)
    if found.ended is None:
        return redirect("session-now")
    moment, ready = timezone.now(), service.clock(request.person)
    hours = (moment - found.ended).total_seconds() / 3600
    country = str(request.person.profile.get("person", {}).get("country", ""))
    shown = {
        "session": found,
        "hours": hours,
        "waiting": sorted((r for r in ready if r.at > moment), key=lambda r: not r.yours),
        "open": [r for r in ready if r.at <= moment],
        "flags": red_flags(hours) if hours < 24 * 14 else red_flags(),
        "report_to": report_to(country),
        "photo_hours": photo_hours(),
        "followed": follow(found),
        "cautions": applied.cautions(found.applied, applied.setting_of(request.person)),
    }
    return TemplateResponse(request, "needlewise/session/after.html", shown)


@require_POST
def delete(request: Asked, pk: UUID) -> HttpResponse:
    service.delete(mine(Session.objects, request.person, pk))
    messages.success(request, _("Deleted."))
    return redirect("sessions")


def _said(error: InputError) -> str:
    text = sentence(error.hint or error.allowed)
    return text[:1].upper() + text[1:]


urlpatterns = [
    path("", overview, name="sessions"),
    path("begin/", begin, name="session-begin"),
    path("now/", now, name="session-now"),
    path("now/answer/", answer, name="session-answer"),
    path("now/go/", go, name="session-go"),
    path("now/timer/", timer, name="session-timer"),
    path("now/passes/", passes, name="session-passes"),
    path("now/length/", length, name="session-length"),
    path("now/seen/", seen, name="session-seen"),
    path("now/pain/", pain, name="session-pain"),
    path("now/products/", products, name="session-products"),
    path("now/same/", same, name="session-same"),
    path("now/finish/", finish, name="session-finish"),
    path("<uuid:pk>/", session, name="session"),
    path("<uuid:pk>/delete/", delete, name="session-delete"),
]
