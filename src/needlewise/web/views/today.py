"""Today: what is due, what rests, and what may go on the skin now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from needlewise.web.access import Asked
from needlewise.web.services.planning import plan_of


def today(request: Asked) -> HttpResponse:
    if request.person.ready is None:
        return redirect("first")
    return TemplateResponse(request, "needlewise/today.html", {"plan": plan_of(request.person)})


urlpatterns = [path("", today, name="today")]
