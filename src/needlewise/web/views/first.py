"""The first run, from "in its box for two months" to a plan; the same screens later change what was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.model import INTENDED_PURPOSE
from needlewise.web.access import Asked
from needlewise.web.forms.goals import ConcernForm, GoalForm
from needlewise.web.forms.health import medicine_names
from needlewise.web.forms.profile import ProfileForm, names_of
from needlewise.web.services import first as steps
from needlewise.web.services.outcome import outcome
from needlewise.web.services.planning import Move, moving, plan_of
from needlewise.web.services.zones import drawings_for
from needlewise.web.views import listed

REMOVABLE = {"medicines": "Your medicines changed", "goals": "What you want to treat changed"}


@dataclass(frozen=True)
class Frame:
    """In which of the two places a screen is shown: the first run, or "About me"."""

    me: bool

    def url(self, name: str, *args: str) -> str:
        """Return the address of one of its pages."""
        return reverse(f"{'me' if self.me else 'first'}-{name}", args=args)

    def step(self, name: str) -> str:
        """Return the address of a step, or of the plan at the end."""
        return reverse("first-plan") if name == "plan" else self.url("step", name)

    def another(self, name: str) -> HttpResponse:
        """Stay at a step whose answer is a list, with room for one more."""
        return redirect(f"{self.step(name)}?more")

    def done(self, request: Asked, name: str, move: Move | None = None) -> HttpResponse:
        """Go on from a step: to the next one, or to what the change moved."""
        if not self.me:
            return redirect(self.step(steps.after(request.person, name)))
        if move is not None and move.record is not None:
            return redirect("moved", move.record.pk)
        messages.success(request, _("Saved. Nothing in your plan moves."))
        return redirect("me")

    def context(self, request: Asked, name: str) -> dict[str, Any]:
        """What every step's page shows: how far it is, and where back leads."""
        asked = [s.name for s in steps.STEPS if s.asked(request.person)]
        at = asked.index(name) if name in asked else len(asked)
        back = steps.before(request.person, name)
        return {
            "me": self.me, "name": name, "position": at + 1, "count": len(asked), "bars": [i <= at for i in range(len(asked))],
            "back": reverse("me") if self.me else self.step(back) if back else reverse("first"),
        }  # fmt: skip


def welcome(request: Asked) -> HttpResponse:
    begun = bool(request.person.profile.get("person"))
    context = {"begun": begun, "resume": Frame(False).step(steps.resume(request.person)), "purpose": INTENDED_PURPOSE}
    return TemplateResponse(request, "needlewise/first/welcome.html", context)


def step(request: Asked, name: str, me: bool = False) -> HttpResponse:
    frame = Frame(me)
    if name not in steps.BY_NAME or not steps.BY_NAME[name].asked(request.person):
        raise Http404
    if name == "goals":
        return _goals(request, frame)
    if name in listed.VIEWS:
        return listed.VIEWS[name](request, frame)
    kind = steps.BY_NAME[name].form
    assert kind is not None
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, frame, name)
    form = kind(request.person.profile, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (move := save(request, name, form, frame)):
        stays = name == "medicines" and form.answer == "some"
        return redirect(frame.step(name)) if stays else frame.done(request, name, move)
    return TemplateResponse(
        request, f"needlewise/first/{name}.html", {**frame.context(request, name), **_extra(request, frame, name), "form": form}
    )


def save(request: Asked, name: str, form: ProfileForm, frame: Frame) -> Move | None:
    """Keep what a form tells; None, and the reason beside the field, where the planner refuses it."""
    try:
        with moving(request.person, form.because) as move:
            form.write(request.person.profile)
            if not frame.me:
                request.person.profile["person"]["left"] = name
            if name == "limits":
                request.person.understood = timezone.now()
                request.person.save(update_fields=["understood"])
    except InputError as error:
        form.refuse(error)
        return None
    return move


def _extra(request: Asked, frame: Frame, name: str) -> dict[str, Any]:
    told = request.person.profile.get("person", {})
    if name == "medicines":
        return {
            "medicines": told.get("medicines") or [],
            "known": medicine_names(),
            "told": "medicines" in told,
            "next": frame.step(steps.after(request.person, name)),
        }
    if name == "limits":
        rules = table("rules")
        return {
            "purpose": INTENDED_PURPOSE, "limit": rules["home-len"], "longer": rules["home-len-consent"],
            "device": rules["device-home"], "setting": told.get("setting", "home"),
        }  # fmt: skip
    if name == "gentle":
        return {"kind_words": table("rules")["appearance-distress"]}
    return {}


def _remove(request: Asked, frame: Frame, name: str) -> HttpResponse:
    """Take one entry out of a list of the profile."""
    if name not in REMOVABLE:
        raise Http404
    person = request.person
    with moving(person, REMOVABLE[name]):
        where = person.profile if name == "goals" else person.profile.get("person", {})
        items = where.get(name) or []
        kept = [i for i in items if (i["concern"] if name == "goals" else names_of([i])[0]) != request.POST["remove"]]
        if kept or name == "goals":
            where[name] = kept
        else:
            where.pop(name, None)  # an empty list would say "none"
    return redirect(frame.step(name))


def _goals(request: Asked, frame: Frame) -> HttpResponse:
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, frame, "goals")
    form = ConcernForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect(frame.url("goal", form.cleaned_data["concern"]))
    context = {**frame.context(request, "goals"), "form": form, "goals": request.person.profile.get("goals") or []}
    return TemplateResponse(
        request, "needlewise/first/goals.html", {**context, "next": frame.step(steps.after(request.person, "goals"))}
    )


@require_http_methods(["GET", "POST"])
def goal(request: Asked, concern: str, me: bool = False) -> HttpResponse:
    frame = Frame(me)
    if concern not in table("concerns"):
        raise Http404
    form = GoalForm(request.person.profile, request.POST if request.method == "POST" else None, concern)
    if request.method == "POST" and form.is_valid() and (move := save(request, "goals", form, frame)):
        return frame.another("goals") if request.POST.get("answer") == "more" else frame.done(request, "goals", move)
    context = {
        **frame.context(request, "goals"),
        "back": frame.step("goals"),
        "form": form,
        "concern": table("concerns")[concern],
    }
    places = form.fields["zones"].choices  # type: ignore[attr-defined]  # the stubs know no choices of a field
    context["drawings"] = drawings_for(form["zones"].value() or [], [key for key, _label in places])
    return TemplateResponse(request, "needlewise/first/goal.html", context)


def plan(request: Asked) -> HttpResponse:
    """The end: a safe first session, or why not, and what would change it."""
    made = plan_of(request.person)
    context = {**Frame(False).context(request, "plan"), "plan": made, "outcome": outcome(made)}
    return TemplateResponse(request, "needlewise/first/plan.html", context)


@require_POST
def finish(request: Asked) -> HttpResponseRedirect:
    person = request.person
    if person.understood is None:
        return redirect("first-step", "limits")
    if person.ready is None:
        person.ready = timezone.now()
        person.save(update_fields=["ready"])
    return redirect("today")


def me(request: Asked) -> HttpResponse:
    person = request.person
    asked = [s for s in steps.STEPS if s.asked(person) and s.name not in ("devices", "events")]
    rows = [(s.name, steps.told(person, s.name), s.name in steps.OPTIONAL or s.answered(person)) for s in asked]
    return TemplateResponse(request, "needlewise/first/me.html", {"rows": rows})


urlpatterns = [
    path("first/", welcome, name="first"),
    path("first/plan/", plan, name="first-plan"),
    path("first/done/", finish, name="first-done"),
    path("first/goals/<slug:concern>/", goal, name="first-goal"),
    path("first/<slug:name>/", step, name="first-step"),
    path("me/", me, name="me"),
    path("me/goals/<slug:concern>/", goal, {"me": True}, name="me-goal"),
    path("me/<slug:name>/", step, {"me": True}, name="me-step"),
]
