"""What is read and what is answered: bodies that are exact, and refusals that name field, value and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as RecordError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.types import DictStrAny

from needlewise.errors import InputError
from needlewise.web.services.files import DiskError

M = TypeVar("M", bound=models.Model)
NUL = "\x00"


class Fault(Schema):
    """One thing that is wrong: the field, the value that was sent (none where it is missing), what is allowed, what to do."""

    field: str
    value: Any = None
    allowed: str
    hint: str = ""


class Refused(Schema):
    """Why nothing was done."""

    errors: list[Fault]


def answers(good: Any, status: int = 200) -> dict[int, Any]:
    """Return what an operation may answer: `good`, or one of the refusals that all of them share."""
    return {status: good, **dict.fromkeys((400, 401, 403, 404, 422), Refused)}


class Reader(Parser):
    """JSON as its standard has it: no NaN, no infinity, no NUL character, no half of a character, not nested without end."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        try:
            read: DictStrAny = json.loads(request.body)
            json.dumps(read, allow_nan=False, ensure_ascii=False).encode()
            if any(NUL in text for text in _texts(read)):
                raise ValueError(NUL)
        except RecursionError:
            raise ValueError("nested too deep") from None
        return read

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> DictStrAny:
        read = super().parse_querydict(data, list_fields, request)
        if any(NUL in text for text in _texts(read)):
            raise HttpError(400, "text without the character NUL")
        return read


def _texts(value: Any) -> Any:
    """Yield every piece of text in a value, keys as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (str(key), *_texts(item))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def write(record: M, body: Schema) -> M:
    """Put what was sent on a record, and hold it to the record's own rules; it is not saved.

    Raises
    ------
    django.core.exceptions.ValidationError
        A field breaks a rule.
    """
    for name, value in body.dict(exclude_unset=True, by_alias=False).items():
        field = record._meta.get_field(name)
        assert isinstance(field, models.Field)
        setattr(record, field.attname, field.get_default() if value is None and not field.null else value)
    record.full_clean()
    return record


def speak_plainly(api: NinjaAPI) -> None:
    """Make every refusal say what was wrong in the same shape."""

    def refuse(request: HttpRequest, status: int, *faults: Fault) -> HttpResponse:
        return api.create_response(request, Refused(errors=list(faults)).dict(), status=status)

    @api.exception_handler(InputError)
    def wrong(request: HttpRequest, error: Any) -> HttpResponse:
        fault = Fault(field=error.field, value=str(error.value)[:200], allowed=str(error.allowed), hint=str(error.hint))
        return refuse(request, 507 if isinstance(error, DiskError) else 422, fault)

    @api.exception_handler(RecordError)
    def broken(request: HttpRequest, error: Any) -> HttpResponse:
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        faults = (Fault(field="" if f == "__all__" else f, allowed=text) for f, texts in by_field.items() for text in texts)
        return refuse(request, 422, *faults)

    @api.exception_handler(ValidationError)
    def shape(request: HttpRequest, error: Any) -> HttpResponse:
        return refuse(request, 422, *map(_of_shape, error.errors))

    @api.exception_handler(Http404)
    def nothing(request: HttpRequest, error: Any) -> HttpResponse:
        return refuse(request, 404, Fault(field="address", value=request.path[:200], allowed="a record of yours"))

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, error: Any) -> HttpResponse:
        known = {
            401: ("sign-in", "a session of somebody who is signed in"),
            403: ("X-CSRFToken", "the value of the cookie csrftoken"),
        }
        field, allowed = known.get(error.status_code, ("body", str(error)))
        return refuse(request, error.status_code, Fault(field=field, allowed=allowed))


def _of_shape(found: dict[str, Any]) -> Fault:
    """Say a fault of shape; what was sent is repeated only where it is short and plain."""
    where = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "form", "file")]
    value = found.get("input")
    kept = value if isinstance(value, str | int | float | bool) and len(str(value)) <= 200 else None
    return Fault(field=".".join(where[1:] if len(where) > 1 and where[0] == "sent" else where), value=kept, allowed=found["msg"])
