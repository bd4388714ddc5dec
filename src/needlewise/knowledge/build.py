"""Turn TOML tables into frozen dataclasses; what is not exact is refused with file, row and key."""

from __future__ import annotations

import dataclasses
import typing
from datetime import date
from functools import cache
from types import UnionType
from typing import Any

from needlewise.errors import KnowledgeError, nearest

UNIT_RANGES: dict[str, tuple[float, float]] = {
    "d": (0, 730), "h": (0, 2000), "min": (0, 600), "mm": (0, 10), "uses": (0, 1000), "%": (-100, 1000),
    "years": (0, 120), "sessions": (0, 60), "months": (0, 60), "weeks": (0, 120), "SPF": (2, 100),
    "passes": (0, 60), "share": (0, 1), "directions": (0, 16), "points": (0, 10), "cm2": (0, 20000), "holes/cm2": (0, 100000),
}  # fmt: skip


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


@cache
def _required(cls: Any) -> tuple[str, ...]:
    return tuple(
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    )


def build(cls: Any, table: object, file: str, row: str = "", key: str = "") -> Any:
    """Build `cls` from a TOML table.

    Raises
    ------
    KnowledgeError
        A key is unknown or missing, a value has the wrong type, or lies outside its unit's range.
    """
    if not isinstance(table, dict):
        raise KnowledgeError(file, row, key, f"must be a table, not {table!r}")
    row = row or str(table.get("id", table.get("n", "?")))
    hints: dict[str, Any] = _hints(cls)
    for name in table:
        if name not in hints:
            known = nearest(name, list(hints)) or f"known: {', '.join(hints)}"
            raise KnowledgeError(file, row, name, f"unknown key; {known}")
    for name in _required(cls):
        if name not in table:
            raise KnowledgeError(file, row, name, "is missing")
    values = {name: _value(hints[name], value, file, row, name) for name, value in table.items()}
    if "unit" in values and values.get("value") is not None:
        _check_range(values["value"], values["unit"], file, row)
    return cls(**values)


def _check_range(value: Any, unit: str, file: str, row: str) -> None:
    if unit not in UNIT_RANGES:
        raise KnowledgeError(file, row, "unit", f"{unit!r} is not one of {', '.join(UNIT_RANGES)}")
    low, high = UNIT_RANGES[unit]
    for number in value if isinstance(value, tuple) else (value,):
        if not low <= number <= high:
            raise KnowledgeError(file, row, "value", f"{number} {unit} is outside {low} to {high} {unit}")


def _value(hint: Any, value: Any, file: str, row: str, key: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is UnionType or origin is typing.Union:
        options = [a for a in typing.get_args(hint) if a is not type(None)]
        if isinstance(value, list):
            options = [a for a in options if typing.get_origin(a) is tuple] or options
        elif len(options) > 1:
            options = [a for a in options if typing.get_origin(a) is not tuple] or options
        return _value(options[0], value, file, row, key)
    if origin is tuple:
        if not isinstance(value, list):
            raise KnowledgeError(file, row, key, f"must be a list, not {value!r}")
        inner = typing.get_args(hint)[0]
        return tuple(_value(inner, v, file, row, key) for v in value)
    if origin is dict:
        if not isinstance(value, dict):
            raise KnowledgeError(file, row, key, f"must be a table, not {value!r}")
        return value
    if dataclasses.is_dataclass(hint):
        return build(hint, value, file, row, key)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is date and type(value) is not date:
        raise KnowledgeError(file, row, key, f"must be a date such as 2026-11-23, not {value!r}")
    if hint is not Any and (not isinstance(value, hint) or (hint is int and isinstance(value, bool))):
        raise KnowledgeError(file, row, key, f"must be {hint.__name__}, not {value!r}")
    return value
