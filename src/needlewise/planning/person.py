"""Read and check a person's file: every message names the field, its value, what is allowed and the nearest match."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from needlewise.errors import InputError, nearest
from needlewise.knowledge import table
from needlewise.knowledge.rows import Concern
from needlewise.model import (
    ACKNOWLEDGEMENTS,
    DEVICE_RANGES,
    SETTINGS,
    SEVERITIES,
    Condition,
    Costs,
    Device,
    Event,
    Goal,
    Medicine,
    Person,
    Practitioner,
    Product,
)
from needlewise.said import say

EVENTS = (
    "session", "peel", "laser", "dermabrasion", "microdermabrasion", "wax", "filler", "botulinum-toxin", "sunburn",
    "suntan", "surgery", "radiofrequency",
)  # fmt: skip
EVENT_ALIASES = {
    "waxing": "wax",
    "botox": "botulinum-toxin",
    "fillers": "filler",
    "needling": "session",
    "tan": "suntan",
}
MAX_FILE_BYTES = 1_000_000


def slug(word: str) -> str:
    """Lower-case, without accents, with spaces and underscores as hyphens."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(sign))
    return "-".join(plain.replace("_", " ").replace("-", " ").split())


@cache
def _names(name: str) -> dict[str, str]:
    """Map every id and alias of a table, as slugs, to its id; ids win over aliases."""
    names: dict[str, str] = {}
    for row in table(name).values():
        for alias in getattr(row, "aliases", ()) or getattr(row, "names", ()):
            names.setdefault(slug(alias), row.id)
    names.update({key: key for key in table(name)})
    return names


def resolve(name: str, word: object, field: str) -> str:
    """Return the id in table `name` that `word` means.

    Raises
    ------
    InputError
        Nothing there has that name.
    """
    text = _text(word, field)
    found = _names(name).get(slug(text))
    if found is None:
        ids = list(table(name))
        raise InputError(field, word, _some(ids), nearest(slug(text), [*ids, *_names(name)]))
    return found


def base_zone(zone: str) -> str:
    """Return the zone's id without its side."""
    return zone.removesuffix("-left").removesuffix("-right")


def expand_zone(word: object, field: str) -> tuple[str, ...]:
    """Return the zones `word` stands for: "cheek" is both cheeks, "face" every zone of the face."""
    text = slug(_text(word, field))
    for side in ("left", "right"):
        stem = text.removesuffix(f"-{side}").removeprefix(f"{side}-")
        if stem != text:
            zone = table("zones")[resolve("zones", stem, field)]
            if not zone.sides:
                allowed = say("{zone} has no left and right", zone=zone.id)
                raise InputError(field, word, allowed, say("write {zone}", zone=zone.id))
            return (f"{zone.id}-{side}",)
    zone = table("zones")[resolve("zones", text, field)]
    if zone.members:
        return tuple(z for member in zone.members for z in expand_zone(member, field))
    return (f"{zone.id}-left", f"{zone.id}-right") if zone.sides else (zone.id,)


def medicine_class(name: str, field: str = "medicines.name") -> str:
    """Return the class a medicine belongs to, or "" when it is not known.

    Raises
    ------
    InputError
        The name is nearly that of a medicine with a rule: more likely a slip than another medicine.
    """
    text = slug(name)
    names = _names("medicines")
    words = text.split("-")
    for end in range(len(words), 0, -1):
        for start in range(len(words) - end + 1):
            if (known := names.get("-".join(words[start : start + end]))) is not None:
                return known
    if hint := nearest(text, list(names), 0.85):
        raise InputError(field, name, "the name on the packet", hint)
    return ""


def load_person(path: str | Path) -> Person:
    """Read a person from a TOML file.

    Raises
    ------
    InputError
        The file cannot be read, or one of its fields is wrong.
    """
    file = Path(path)
    try:
        if file.exists() and not file.is_file():
            raise InputError("file", str(path), "a file, not a folder or a device")
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InputError("file", str(path), f"at most {MAX_FILE_BYTES:,} bytes")
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError("file", str(path), "a readable file", (error.strerror or "").lower()) from None
    except UnicodeDecodeError:
        raise InputError("file", str(path), "a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("file", str(path), "valid TOML", str(error)) from None
    except RecursionError:
        raise InputError("file", str(path), "valid TOML, not nested this deep") from None
    return read_person(data)


def read_person(data: Mapping[str, Any]) -> Person:
    """Turn a parsed file into a checked Person."""
    tops = ("person", "goals", "devices", "products", "events", "practitioner", "costs")
    for key in data:
        if key not in tops:
            hint = "it belongs under [person]" if key in _fields(Person) else nearest(key, list(tops))
            raise InputError(key, data[key], _one_of(tops), hint)
    p = _table(data.get("person", {}), "person")
    own = tuple(f for f in _fields(Person) if f not in tops)
    _known(p, own, "person")
    year = _number(p, "birth_year", "person", 1900, 2100, whole=True)
    if year is not None and year > dt.date.today().year:
        raise InputError("person.birth_year", year, "a year that is not in the future")
    skin = _number(p, "skin_type", "person", 1, 6, whole=True)
    conditions = _optional(p, "conditions", "person", _condition)
    if conditions is not None and {"diabetes-controlled", "diabetes-uncontrolled"} <= {c.name for c in conditions}:
        raise InputError("person.conditions", "diabetes-controlled and diabetes-uncontrolled", "one of the two")
    practitioner = None
    if "practitioner" in data:
        t = _table(data["practitioner"], "practitioner")
        _known(t, _fields(Practitioner), "practitioner")
        practitioner = Practitioner(_text(t.get("name", ""), "practitioner.name"), bool(_flag(t, "attests", "practitioner")))
    costs = _table(data.get("costs", {}), "costs")
    _known(costs, _fields(Costs), "costs")
    prices = {k: _number(costs, k, "costs", 0, 1e6) for k in _fields(Costs) if k != "currency"}
    return Person(
        birth_year=None if year is None else int(year),
        skin_type=None if skin is None else int(skin),
        setting=_one(p.get("setting", "home"), SETTINGS, "person.setting"),
        country=_text(p.get("country", ""), "person.country").upper(),
        time_zone=_text(p.get("time_zone", ""), "person.time_zone"),
        conditions=conditions,
        medicines=_optional(p, "medicines", "person", _medicine),
        pregnant=_flag(p, "pregnant", "person"),
        nursing=_flag(p, "nursing", "person"),
        acknowledged=_optional(p, "acknowledged", "person", lambda v, f: _one(v, ACKNOWLEDGEMENTS, f)) or (),
        goals=_optional(data, "goals", "", _goal) or (),
        devices=_optional(data, "devices", "", _device),
        products=_optional(data, "products", "", _product),
        events=_optional(data, "events", "", _event),
        practitioner=practitioner,
        costs=Costs(currency=_text(costs.get("currency", "USD"), "costs.currency"), **prices),
    )


def _goal(value: object, field: str) -> Goal:
    t = _table(value, field)
    _known(t, _fields(Goal), field)
    concern = table("concerns")[resolve("concerns", _need(t, "concern", field), f"{field}.concern")]
    zones = _need(t, "zones", field)
    if not isinstance(zones, list) or not zones:
        raise InputError(f"{field}.zones", zones, 'a list with at least one zone, such as ["cheek-left"]')
    spread: dict[str, None] = {}
    for word in zones:
        for zone in expand_zone(word, f"{field}.zones"):
            if table("zones")[base_zone(zone)].area not in concern.areas and not table("zones")[base_zone(zone)].never:
                raise InputError(f"{field}.zones", word, _there(concern))
            spread[zone] = None
    severity = t.get("severity", "")
    return Goal(concern.id, tuple(spread), _one(severity, SEVERITIES, f"{field}.severity") if severity else "")


def _device(value: object, field: str) -> Device:
    t = _table(value, field)
    _known(t, _fields(Device), field)
    kind = resolve("kinds", _need(t, "kind", field), f"{field}.kind")
    _need(t, "mm", field)
    mm = _number(t, "mm", field, *DEVICE_RANGES["mm"])
    needles = _number(t, "needles", field, *DEVICE_RANGES["needles"], whole=True)
    uses = _number(t, "uses", field, *DEVICE_RANGES["uses"], whole=True)
    return Device(
        kind, float(mm or 0), None if needles is None else int(needles), None if uses is None else int(uses),
        _past(t["bought"], f"{field}.bought") if "bought" in t else None,
        _flag(t, "shared", field), bool(_flag(t, "second_hand", field)),
        *(_number(t, key, field, *DEVICE_RANGES[key]) for key in ("drum_diameter_mm", "width_mm")),
    )  # fmt: skip


def _condition(value: object, field: str) -> Condition:
    if isinstance(value, str):
        return Condition(resolve("conditions", value, field))
    t = _table(value, field)
    _known(t, _fields(Condition), field)
    zones = t.get("zones", [])
    if not isinstance(zones, list):
        raise InputError(f"{field}.zones", zones, "a list of zones")
    spread = tuple(z for word in zones for z in expand_zone(word, f"{field}.zones"))
    return Condition(resolve("conditions", _need(t, "name", field), f"{field}.name"), spread)


def _medicine(value: object, field: str) -> Medicine:
    if isinstance(value, str):
        value = {"name": value}
    t = _table(value, field)
    _known(t, _fields(Medicine), field)
    name = _text(_need(t, "name", field), f"{field}.name")
    medicine_class(name, f"{field}.name")
    last = _past(t["last_taken"], f"{field}.last_taken") if "last_taken" in t else None
    return Medicine(name, last, bool(_flag(t, "checked", field)))


def _product(value: object, field: str) -> Product:
    if isinstance(value, str):
        value = {"name": value}
    t = _table(value, field)
    _known(t, _fields(Product), field)
    return Product(_text(_need(t, "name", field), f"{field}.name"), _number(t, "price", field, 0, 1e6))


def _event(value: object, field: str) -> Event:
    t = _table(value, field)
    _known(t, _fields(Event), field)
    word = slug(_text(_need(t, "what", field), f"{field}.what"))
    what = _one(EVENT_ALIASES.get(word, word), EVENTS, f"{field}.what")
    zone = slug(_text(t.get("zone", ""), f"{field}.zone"))
    if zone:
        expand_zone(zone, f"{field}.zone")
    day = _past(_need(t, "date", field), f"{field}.date")
    return Event(what, day, zone, _number(t, "mm", field, *DEVICE_RANGES["mm"]))


def _past(value: object, field: str) -> dt.date:
    day = _date(value, field)
    # the latest day on Earth: who asks may live east of the machine that answers
    if day > (dt.datetime.now(dt.UTC) + dt.timedelta(hours=14)).date():
        raise InputError(field, str(day), "a day that is not in the future")
    return day


def _fields(cls: Any) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls))


def _table(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(field, value, "a table")
    return value


def _known(t: Mapping[str, Any], names: tuple[str, ...], field: str) -> None:
    for key in t:
        if key not in names:
            raise InputError(f"{field}.{key}", t[key], _one_of(names), nearest(key, list(names)))


def _need(t: Mapping[str, Any], key: str, field: str) -> Any:
    if key not in t:
        raise InputError(f"{field}.{key}", None, "it must be given")
    return t[key]


def _optional(t: Mapping[str, Any], key: str, field: str, read: Any) -> tuple[Any, ...] | None:
    if key not in t:
        return None
    path = f"{field}.{key}" if field else key
    if not isinstance(t[key], list):
        raise InputError(path, t[key], "a list ([] when there is none)")
    many = len(t[key]) > 1
    return tuple(read(v, f"{path}[{i}]" if many else path) for i, v in enumerate(t[key], 1))


def _text(value: object, field: str) -> str:
    if not isinstance(value, str) or len(value) > 500:
        raise InputError(field, value, "a text in quotes, at most 500 characters")
    return value


def _one(value: object, allowed: tuple[str, ...], field: str) -> str:
    text = _text(value, field)
    if text not in allowed:
        raise InputError(field, value, _one_of(allowed), nearest(slug(text), list(allowed)))
    return text


def _flag(t: Mapping[str, Any], key: str, field: str) -> bool | None:
    value = t.get(key)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{field}.{key}", value, "true or false")
    return value


def _number(t: Mapping[str, Any], key: str, field: str, low: float, high: float, whole: bool = False) -> float | None:
    value = t.get(key)
    if value is None:
        return None
    fine = isinstance(value, int) if whole else isinstance(value, int | float)
    if not fine or isinstance(value, bool) or not low <= value <= high:
        allowed = "a whole number from {low:g} to {high:g}" if whole else "a number from {low:g} to {high:g}"
        raise InputError(f"{field}.{key}", value, say(allowed, low=low, high=high))
    return float(value)


def _date(value: object, field: str) -> dt.date:
    if type(value) is not dt.date or not 1900 <= value.year <= 2200:
        raise InputError(field, str(value), "a date such as 2026-11-23, without quotes")
    return value


def _one_of(names: Iterable[str]) -> str:
    return say("one of {names}", names=", ".join(names))


def _there(concern: Concern) -> str:
    return say("zones of the {areas} for {concern}", areas=", ".join(concern.areas), concern=concern.id)


def _some(ids: list[str]) -> str:
    return ", ".join(ids)
