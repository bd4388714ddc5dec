"""Whose request this is: every page but the sign-in asks, and every record is looked up by whose it is."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation

from needlewise.web.models import Person

M = TypeVar("M", bound=models.Model)


class Asked(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    person: Person


def whole_text(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse text with the character NUL: no form sends it, and PostgreSQL can neither keep it nor look for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = (text for values in (request.GET, request.POST) for name, texts in values.lists() for text in (name, *texts))
        if any("\x00" in str(text) for text in sent):
            raise BadRequest("text with the character NUL")
        return respond(request)

    return middleware


class PersonMiddleware:
    """Put the person on the request, with their language and time zone in force."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self._said(request, translation.get_language_from_request(request))
        person = Person.objects.filter(owner=user).first()
        if person is None:
            person = Person.objects.create(owner=user, name=user.get_username())
        setattr(request, "person", person)  # noqa: B010 - a request has no such field for the type checker
        with timezone.override(_zone(person.zone_name)):
            response = self._said(request, person.language or translation.get_language_from_request(request))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def _said(self, request: HttpRequest, language: str) -> HttpResponse:
        with translation.override(language):
            response = self.respond(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def mine(records: Any, person: Person, pk: UUID | str) -> Any:
    """Return one of this person's records.

    Parameters
    ----------
    records : a manager or queryset with `.of(person)`
    pk : the record's identifier

    Raises
    ------
    Http404
        There is none, or it is another person's: which of the two is not told.
    """
    try:
        found = records.of(person).filter(pk=pk).first()
    except ValidationError:  # a form can send what is no identifier at all
        found = None
    if found is None:
        raise Http404
    return found


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs."""
    return {"person": getattr(request, "person", None), "explained": set()}  # which words the page has explained so far
