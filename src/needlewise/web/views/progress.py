"""Progress: one page a concern, with the answer first."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from needlewise.web.access import Asked
from needlewise.web.services import progress as service


@require_safe
def all_concerns(request: Asked) -> HttpResponse:
    return TemplateResponse(request, "needlewise/progress/all.html", {"found": service.progress(request.person)})


@require_safe
def one(request: Asked, concern: str) -> HttpResponse:
    found = service.progress(request.person, concern)
    if not found:
        raise Http404
    return TemplateResponse(
        request, "needlewise/progress/one.html", {"p": found[0], "others": len(service.goals(request.person)) > 1}
    )


urlpatterns = [
    path("", all_concerns, name="progress"),
    path("<slug:concern>/", one, name="progress-of"),
]
