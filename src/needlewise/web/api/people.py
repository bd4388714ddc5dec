"""The person who is signed in: what they told, their plan, what moved in it, and everything at once."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from ninja import Body, Router, Schema
from ninja.orm import create_schema
from ninja.pagination import paginate

from needlewise.errors import InputError
from needlewise.share.json_doc import plan_json
from needlewise.web.access import Asked
from needlewise.web.api.pages import Each, Parts
from needlewise.web.api.said import answers, write
from needlewise.web.models import Moved, Person
from needlewise.web.services import export
from needlewise.web.services.planning import lines_of, moving, plan_of

router = Router(tags=["person"])
Me: Any = create_schema(Person, name="Person", exclude=["owner", "profile"])
Settings: Any = create_schema(
    Person, name="Settings", fields=["name", "language", "discreet"], optional_fields=["name", "language", "discreet"]
)


class Line(Schema):
    """One thing that moved in the plan."""

    zones: list[str]
    what: str
    direction: str
    text: str
    because: str


class Move(Schema):
    """What moved in the plan when something changed."""

    at: dt.datetime
    because: str
    lines: list[Line]


@router.get("/person", response=answers(Me))
def person(request: Asked) -> Any:
    """Name, language and how far they are."""
    return request.person


@router.patch("/person", response=answers(Me))
def change(request: Asked, sent: Settings) -> Any:
    """Change name, language or discretion."""
    found = write(request.person, sent)
    found.save(update_fields=list(Settings.model_fields))
    return found


@router.get("/profile", response=answers(dict[str, Any]))
def profile(request: Asked) -> Any:
    """What they told of themselves, as `needlewise plan` reads it; devices and events are records of their own."""
    return request.person.profile


@router.put("/profile", response=answers(dict[str, Any]))
def tell(request: Asked, sent: Body[dict[str, Any]]) -> Any:
    """Tell everything anew; the planner's own check decides, and what it refuses changes nothing."""
    _check_shape(sent)
    with moving(request.person, "What you said about yourself changed"):
        request.person.profile = sent
    return request.person.profile


def _check_shape(sent: dict[str, Any]) -> None:
    """Refuse what cannot even be put before the planner, which judges the rest."""
    told = sent.setdefault("person", {})
    if not isinstance(told, dict):
        raise InputError("person", str(told)[:80], "a table of answers")
    for field in ("conditions", "medicines"):
        rows = told.get(field)
        if rows is not None and not isinstance(rows, list):
            raise InputError(field, str(rows)[:80], "a list")
        for row in rows or ():
            if not isinstance(row.get("name") if isinstance(row, dict) else row, str):
                raise InputError(field, str(row)[:80], "names, or tables with a name")
            if isinstance(row, dict) and (day := row.get("last_taken")) is not None:
                try:
                    dt.date.fromisoformat(day)
                except (TypeError, ValueError):
                    raise InputError("medicines.last_taken", str(day)[:80], "a day, such as 2026-01-31") from None


@router.get("/plan", response=answers(dict[str, Any]))
def plan(request: Asked, day: dt.date | None = None) -> Any:
    """The plan from today or from a day on, in the form of `needlewise plan --json`."""
    return plan_json(plan_of(request.person, day))


@router.get("/moves", response=answers(list[Move]))
@paginate(Parts)
def moves(request: Asked) -> Any:
    """What moved in the plan, the newest first."""
    return Each(
        Moved.objects.of(request.person),
        lambda m: Move(at=m.at, because=m.because, lines=[Line(**_plain(line)) for line in lines_of(m)]),
    )


def _plain(line: Any) -> dict[str, Any]:
    said = {"text": str(line.text), "because": str(line.because)}
    return {"zones": list(line.zones), "what": line.what, "direction": line.direction, **said}


@router.get("/export", response=answers(dict[str, Any]))
def everything(request: Asked) -> HttpResponse:
    """Every record, as in the `records.json` of an export."""
    text = json.dumps(export.records(request.person), cls=DjangoJSONEncoder, ensure_ascii=False)
    return HttpResponse(text, content_type="application/json")
