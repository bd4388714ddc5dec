"""The whole plan: verdict, zones, what was found, dates, our own choices, and the numbered sources."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from needlewise.share import merge, outline
from needlewise.web.access import Asked
from needlewise.web.services.outcome import HOLDING, next_session
from needlewise.web.services.planning import plan_of


def plan(request: Asked) -> HttpResponse:
    made = plan_of(request.person)
    ours = dict.fromkeys(s.text for group in merge.all_says(made) for s in group if s.kind == "ours")
    found = outline.other_findings(made)
    context = {
        "plan": made, "why": outline.reason(made), "session": next_session(made), "areas": merge.areas(made),
        "found": [f for f in found if f.finding.effect in HOLDING],
        "notes": [f for f in found if f.finding.effect not in HOLDING], "days": outline.days(made), "ours": list(ours),
        "sources": outline.one_of_each(made), "numbers": outline.numbers(made),
    }  # fmt: skip
    return TemplateResponse(request, "needlewise/plan.html", context)


urlpatterns = [path("", plan, name="plan")]
