"""Answers for this person: the questions people bring, a serum's label, costs, the post's claims, and the words."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.planning.answers import answer, find_question
from needlewise.planning.cost import costs
from needlewise.planning.serum import MAX_LABEL, check_serum
from needlewise.web.access import Asked
from needlewise.web.forms import plain
from needlewise.web.forms.costs import CostsForm
from needlewise.web.forms.profile import plainly
from needlewise.web.services.planning import moving, with_plan


class LabelForm(plain.Form):
    """The words on a label."""

    label = forms.CharField(
        label=lazy("What the label says"), max_length=MAX_LABEL, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=lazy("Such as: 20 % L-ascorbic acid, 1 % vitamin E, 0.5 % ferulic acid."),
    )  # fmt: skip


def questions(request: Asked) -> HttpResponse:
    asked, fault = request.GET.get("q", "").strip()[:200], ""
    if asked:
        try:
            return redirect("answer", find_question(asked.split()).n)
        except InputError:
            fault = _("None of the answers here fits these words. Try others, or choose below.")
    context = {"questions": table("questions").values(), "q": asked, "fault": fault}
    return TemplateResponse(request, "needlewise/answers/questions.html", context)


def one(request: Asked, n: int) -> HttpResponse:
    found = {q.n: q for q in table("questions").values()}
    if n not in found:
        raise Http404
    said = answer(found[n], *with_plan(request.person))
    see = [found[int(text.partition(".")[0])] for text in said.see]
    return TemplateResponse(request, "needlewise/answers/answer.html", {"answer": said, "see": see})


def glossary(request: Asked) -> HttpResponse:
    terms = sorted(table("glossary").values(), key=lambda t: t.term.lower())
    return TemplateResponse(request, "needlewise/answers/glossary.html", {"terms": terms})


def claims(request: Asked) -> HttpResponse:
    return TemplateResponse(request, "needlewise/answers/claims.html", {"claims": table("claims").values()})


def serum(request: Asked) -> HttpResponse:
    form, check = LabelForm(request.POST if request.method == "POST" else None, label_suffix=""), None
    if request.method == "POST" and form.is_valid():
        try:
            check = check_serum(form.cleaned_data["label"])
        except InputError as error:
            form.add_error("label", plainly(error))
    return TemplateResponse(request, "needlewise/answers/serum.html", {"form": form, "check": check})


def prices(request: Asked) -> HttpResponse:
    person = request.person
    form = CostsForm(person.profile, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with moving(person, form.because):
            form.write(person.profile)
        return redirect("costs")
    return TemplateResponse(request, "needlewise/answers/costs.html", {"form": form, "sheet": costs(*with_plan(person))})


urlpatterns = [
    path("", questions, name="answers"),
    path("<int:n>/", one, name="answer"),
    path("words/", glossary, name="glossary"),
    path("claims/", claims, name="claims"),
    path("serum/", serum, name="serum"),
    path("costs/", prices, name="costs"),
]
