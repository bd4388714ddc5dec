"""The first run: from "in its box for two months" to a plan."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from needlewise.web.access import Asked


def first(request: Asked) -> HttpResponse:
    return TemplateResponse(request, "needlewise/first.html")


urlpatterns = [path("", first, name="first")]
