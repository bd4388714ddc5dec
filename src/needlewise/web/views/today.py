"""Today: what is due, what rests, and what may go on the skin now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from needlewise.web.access import Asked
from needlewise.web.services.today import day_of


def today(request: Asked) -> HttpResponse:
    if request.person.ready is None:
        return redirect("first")
    now = timezone.localtime()
    context: dict[str, Any] = {"day": day_of(request.person), "now": now, "date": now.date()}
    return TemplateResponse(request, "needlewise/today.html", context)


urlpatterns = [path("", today, name="today")]
