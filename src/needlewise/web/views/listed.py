"""Steps whose answer is a list of records: devices in the drawer, and what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from needlewise.planning.person import EVENTS
from needlewise.web.access import Asked, mine
from needlewise.web.forms.drawer import DeviceForm
from needlewise.web.forms.events import EventForm, PastSessionForm
from needlewise.web.models import Device, Event
from needlewise.web.services import changes
from needlewise.web.services import first as steps
from needlewise.web.services.planning import REMEMBERED, today

if TYPE_CHECKING:
    from needlewise.web.views.first import Frame

KINDS = [k for k in EVENTS if k != "session"]


def devices(request: Asked, frame: Frame) -> HttpResponse:
    person, sent = request.person, request.POST if request.method == "POST" else None
    if sent is not None and "remove" in sent:
        changes.remove_device(person, mine(Device.objects, person, sent["remove"]))
        return redirect(frame.step("devices"))
    if sent is not None and sent.get("answer") in ("none", "unknown"):
        return frame.done(request, "devices", changes.say_of(person, "devices", sent["answer"] == "none"))
    form = DeviceForm(sent)
    if sent is not None and form.is_valid():
        move = changes.add_device(person, form.save(commit=False))
        return frame.another("devices") if sent.get("answer") == "more" else frame.done(request, "devices", move)
    context = {**frame.context(request, "devices"), "form": form, "devices": changes.drawer(person)}
    context["next"] = frame.step(steps.after(person, "devices"))
    return TemplateResponse(request, "needlewise/first/devices.html", context)


def events(request: Asked, frame: Frame) -> HttpResponse:
    person, sent = request.person, request.POST if request.method == "POST" else None
    if sent is not None and "remove" in sent:
        changes.remove_event(person, mine(Event.objects, person, sent["remove"]))
        return redirect(frame.step("events"))
    if sent is not None and "remove-session" in sent:
        changes.remove_past_session(person, mine(changes.past_sessions(person), person, sent["remove-session"]))
        return redirect(frame.step("events"))
    if sent is not None and sent.get("answer") in ("none", "unknown"):
        return frame.done(request, "events", changes.say_of(person, "events", sent["answer"] == "none"))
    is_session = sent is not None and sent.get("form") == "session"
    form = EventForm(None if is_session else sent, kinds=KINDS)
    session = PastSessionForm(person, sent if is_session else None)
    if sent is not None and not is_session and form.is_valid():
        changes.add_event(person, form.save(commit=False))
        return redirect(frame.step("events"))
    if is_session and session.is_valid():
        told = session.cleaned_data
        changes.add_past_session(person, told["date"], told["zones"], told["mm"])
        return redirect(frame.step("events"))
    since = today() - REMEMBERED
    happened = list(Event.objects.of(person).filter(what__in=EVENTS, date__gte=since))
    context = {**frame.context(request, "events"), "form": form, "session": session, "events": happened}
    sessions = list(changes.past_sessions(person).filter(started__date__gte=since))
    context |= {"sessions": sessions, "any": bool(happened or sessions), "next": frame.step(steps.after(person, "events"))}
    return TemplateResponse(request, "needlewise/first/events.html", context)


VIEWS: dict[str, Callable[[Asked, Any], HttpResponse]] = {"devices": devices, "events": events}
