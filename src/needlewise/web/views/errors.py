"""Pages for what went wrong: what happened and what to do, never how the program looks inside."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from needlewise.web.services.files import disk_refused


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):  # a program reads the same words in the shape of the API's own refusals
        fault = {"field": "address", "value": request.path[:200], "allowed": title, "hint": text}
        return JsonResponse({"errors": [fault]}, status=status)
    page = TemplateResponse(request, "needlewise/error.html", {"title": title, "text": text}, status=status)
    return page.render()


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 404, _("There is nothing here"), _("The address may be wrong, or what was here has been deleted."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 403, _("This is not open to you"), _("Sign in as the person it belongs to."))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("This page was open for too long, or cookies are switched off. Go back, load the page again and send it once more.")
    return _page(request, 403, _("Please send that again"), text)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if isinstance(exception, TooManyFilesSent):
        text = _("At most %(most)s files at once. Bring a larger folder in by parts, or with: needlewise photos add FOLDER")
        words = {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES}
        return _page(request, 400, _("That is too much at once"), text % words)
    return _page(request, 400, _("That could not be read"), _("What was sent was not complete. Go back and try again."))


def disk(request: HttpRequest) -> HttpResponse:
    """The disk is full, or closed to writing."""
    title, text = _("There is no room to save that"), _(
        "The disk is full, or may not be written to. What you had saved before is safe, and nothing was kept by halves. "
        "Make room on the disk, then try again."
    )  # fmt: skip
    try:
        return _page(request, 507, title, text)
    except Exception:  # the page's frame reads records, which may be what fails
        return HttpResponse(f"{title}\n\n{text}\n", status=507, content_type="text/plain; charset=utf-8")


def failed(request: HttpRequest) -> HttpResponse:
    if disk_refused(sys.exc_info()[1]):  # Django calls this while the error is being handled
        return disk(request)
    text = _("Something in needlewise went wrong. What you had saved is safe. Go back and try again.")
    return _page(request, 500, _("That did not work"), text)
