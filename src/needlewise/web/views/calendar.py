"""The calendar, and the private address under which a phone's own calendar reads it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from needlewise.web.access import Asked, mine
from needlewise.web.forms import plain
from needlewise.web.models import Feed
from needlewise.web.services import feeds
from needlewise.web.services.months import FIRST_YEAR, LAST_YEAR, month_of
from needlewise.web.words import DAYS

FEEDS_A_PAGE = 6


class FeedForm(plain.Form):
    """How a new calendar address is titled."""

    discreet = forms.BooleanField(label=lazy("Discreet titles: “Skin routine”, and nothing more"), required=False, initial=True)


def calendar(request: Asked, year: int | None = None, month: int | None = None) -> HttpResponse:
    day = timezone.localdate()
    year, month = year or day.year, month or day.month
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise Http404
    shown = month_of(request.person, year, month)
    return TemplateResponse(
        request, "needlewise/calendar/month.html", {"month": shown, "now": day.replace(day=1), "marks": list(DAYS)}
    )


@never_cache
@sensitive_variables("secret")
def addresses(request: Asked) -> HttpResponse:
    secret, form = "", FeedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        secret = feeds.new_feed(request.person, form.cleaned_data["discreet"])
    link = request.build_absolute_uri(reverse("feed", args=[secret])) if secret else ""
    live = Feed.objects.of(request.person).filter(revoked=None).order_by("-made")
    page = Paginator(live, FEEDS_A_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "needlewise/calendar/feeds.html", {"form": form, "link": link, "page": page})


@require_POST
def revoke(request: Asked, pk: UUID) -> HttpResponse:
    feeds.revoke(mine(Feed.objects, request.person, pk))
    messages.success(request, _("That address leads nowhere now."))
    return redirect("feeds")


@login_not_required
@never_cache
@require_safe
@sensitive_variables("secret")
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    content = feeds.calendar_of(secret)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return response


urlpatterns = [
    path("calendar/", calendar, name="calendar"),
    path("calendar/<int:year>/<int:month>/", calendar, name="calendar-month"),
    path("calendar/addresses/", addresses, name="feeds"),
    path("calendar/addresses/<uuid:pk>/revoke/", revoke, name="feed-revoke"),
    path("feed/<str:secret>.ics", feed, name="feed"),
]
