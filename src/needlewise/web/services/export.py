"""Everything of one person, out and in again: JSON, CSV, the original photos, and a report to print.

`records.json` holds every record with its fields as they are; `tables/*.csv` the same for a spreadsheet; `photos/` the originals,
named by day and pose. Importing is idempotent: what is there already is left alone, and nothing of anybody else is touched.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from needlewise import __version__
from needlewise.errors import InputError
from needlewise.said import again
from needlewise.web.models import (
    Change,
    Device,
    Event,
    Inspection,
    Moved,
    Person,
    Photo,
    Reading,
    Session,
    Sitting,
    ZoneLog,
)
from needlewise.web.services import settled
from needlewise.web.services.files import hold, path_of, put
from needlewise.web.services.planning import date_pauses, described, today

__all__ = ["archive", "bring_in", "records"]

SCHEMA = 1
RECORDS = "records.json"
MOST_BYTES = 50_000_000  # of records.json; ten years of daily records stay far below
# parents before children; how each is reached from its person
TABLES: tuple[tuple[type[models.Model], str], ...] = (
    (Device, "person"), (Inspection, "device__person"), (Session, "person"), (ZoneLog, "session__person"), (Event, "person"),
    (Moved, "person"), (Sitting, "person"), (Photo, "person"), (Reading, "sitting__person"), (Change, "reading__sitting__person"),
)  # fmt: skip
OWN = ("profile", "name", "language", "discreet", "understood", "ready")


def records(person: Person) -> dict[str, Any]:
    """Return every record of a person as plain values."""
    tables = {_name(model): [_row(r) for r in _of(model, path, person)] for model, path in TABLES}
    mine = {field: getattr(person, field) for field in OWN}
    return {"schema": SCHEMA, "needlewise": __version__, "made": timezone.now(), "person": mine, "tables": tables}


def archive(person: Person, target: Path, report: str = "") -> None:
    """Write the whole export as a zip to `target`; `report` is the page to print."""
    said = records(person)
    photos = {photo.pk: photo for photo in Photo.objects.of(person).select_related("sitting")}
    names = dict(_names(list(photos.values())))
    for row in said["tables"]["photo"]:
        row["file"] = names[row["id"]]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(RECORDS, json.dumps(said, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False))
        for name, rows in said["tables"].items():
            out.writestr(f"tables/{name}.csv", _csv(rows))
        if report:
            out.writestr("report.html", report)
        for key, photo in photos.items():
            path = path_of(photo)
            if path.is_file():
                out.write(path, names[key], zipfile.ZIP_STORED)


def bring_in(person: Person, source: Path) -> dict[str, int]:
    """Import an export into a person's records, whole or not at all; return how many of each came new.

    Raises
    ------
    InputError
        The file is no export, or something in it is not what it should be.
    """
    wrong = InputError("import", source.name, "a file that `export` wrote")
    try:
        with zipfile.ZipFile(source) as opened:
            if opened.getinfo(RECORDS).file_size > MOST_BYTES:
                raise wrong
            said = json.loads(opened.read(RECORDS))
            if said.get("schema") != SCHEMA:
                raise InputError("import", f"schema {said.get('schema')}", f"schema {SCHEMA}", "update needlewise first")
            with transaction.atomic():
                hold(person)
                new = _Import(person, said, opened).run()
                settled.settle(person)
                return new
    except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, ValueError, ValidationError) as error:
        why = f"it cannot be read ({type(error).__name__})"
        raise InputError("import", source.name, "a file that `export` wrote", why) from error


class _Import:
    """One import: identifiers that are taken by somebody else are drawn anew, and what points to them follows."""

    def __init__(self, person: Person, said: dict[str, Any], opened: zipfile.ZipFile) -> None:
        self.person, self.said, self.opened = person, said, opened
        self.ids: dict[str, Any] = {}

    def run(self) -> dict[str, int]:
        if self.person.ready is None:
            self._tell()
        return {_name(model): sum(self._one(model, path, row) for row in self.said["tables"].get(_name(model), []))
                for model, path in TABLES}  # fmt: skip

    def _tell(self) -> None:
        """Take over what they told. Whether a pause was kept since the export was made, nobody knows: it begins anew."""
        mine, before = self.said["person"], described(self.person)
        for field in OWN:
            setattr(self.person, field, _value(Person._meta.get_field(field), mine[field]))
        made = _value(Session._meta.get_field("started"), self.said["made"])
        if timezone.localtime(made).date() == today():
            before = described(self.person)
        date_pauses(self.person, before, self.person.profile.get("person", {}).get("since"))
        self.person.full_clean(exclude=["owner"])
        self.person.save()

    def _one(self, model: type[models.Model], path: str, row: dict[str, Any]) -> bool:
        old = row.get("id")
        values = {f.attname: self._field(f, row.get(f.attname)) for f in model._meta.concrete_fields
                  if f.attname in row or f.attname == "person_id"}  # fmt: skip
        values.pop("id", None)
        mine = _of(model, path, self.person)
        if model is not Change:
            anew = uuid.uuid5(self.person.pk, str(old))  # the same each time, so that a second import finds the first
            there = mine.filter(pk__in=[old, anew]).first() or self._same(model, mine, values)
            if there is not None:
                self.ids[str(old)] = there.pk
                return False
            taken = model._default_manager.filter(pk=old).exists()
            values["id"] = self.ids[str(old)] = anew if taken else uuid.UUID(str(old))
        elif mine.filter(reading_id=values["reading_id"], zone=values["zone"], what=values["what"]).exists():
            return False
        made = model(**values)
        if isinstance(made, Session) and made.ended is None:
            made.ended = made.started  # a session elsewhere is over here
        made.full_clean()
        made.save(force_insert=True)
        if isinstance(made, Photo):
            with self.opened.open(row["file"]) as member:
                put(made, member)
        return True

    def _same(self, model: type[models.Model], mine: Any, values: dict[str, Any]) -> models.Model | None:
        """What stands for the same thing under another identifier."""
        same: dict[type[models.Model], tuple[str, ...]] = {Photo: ("sha256",), Sitting: ("day", "pose", "session_id")}
        keys = same.get(model)
        if not keys:
            return None
        found: models.Model | None = mine.filter(**{key: values.get(key) for key in keys}).first()
        return found

    def _field(self, field: Any, value: Any) -> Any:
        if field.attname == "person_id":
            return self.person.pk
        if field.is_relation and value is not None:
            return self.ids[str(value)]  # a KeyError: it points outside the export
        return _value(field, value)


def _of(model: type[models.Model], path: str, person: Person) -> Any:
    return model._default_manager.filter(**{path: person}).order_by("pk")


def _name(model: type[models.Model]) -> str:
    return model._meta.model_name or ""


def _row(record: models.Model) -> dict[str, Any]:
    return {f.attname: f.value_from_object(record) for f in record._meta.concrete_fields if f.attname != "person_id"}


def _value(field: Any, value: Any) -> Any:
    return field.to_python(value)


def _names(photos: list[Photo]) -> Iterator[tuple[Any, str]]:
    """Names a person can read: day, pose and a running number."""
    seen: dict[str, int] = {}
    for photo in sorted(photos, key=lambda p: (p.taken, p.added)):
        stem = f"{photo.sitting.day.isoformat()}-{photo.sitting.pose}"
        seen[stem] = seen.get(stem, 0) + 1
        yield photo.pk, f"photos/{stem}-{seen[stem]}{photo.suffix}"


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict) and "template" in value:  # a sentence: a table is for reading
        return again(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
