"""Columns for what measuring says: sentences are kept with template and values, so that each reader's language can say them.

A sentence lies in JSON as `{"text": …, "template": …, "values": …}` and comes back as `needlewise.said.Said`; what was kept as
text alone, as by an earlier version, comes back as that text.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.db import models

from needlewise.said import Said, again, kept

START = '{"text"'  # of a sentence with values; no sentence of ours begins so


class ToldField(models.TextField):
    """One sentence."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return _read(value) if value and value.startswith(START) else value

    def to_python(self, value: Any) -> Any:
        return again(value) if isinstance(value, dict) else value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Said):
            return json.dumps(kept(value), ensure_ascii=False)
        return super().get_prep_value(value)

    def value_from_object(self, obj: models.Model) -> Any:
        """Return it as an export keeps it."""
        return kept_all(super().value_from_object(obj))


class ToldDocumentField(models.JSONField):
    """A document with sentences anywhere in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "decoder": Again})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("decoder", None)
        return name, path, args, kwargs

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(kept_all(value), connection, prepared)

    def value_from_object(self, obj: models.Model) -> Any:
        """Return it as an export keeps it."""
        return kept_all(super().value_from_object(obj))


class Again(json.JSONDecoder):
    """Reads JSON, and makes its sentences whole again, the innermost first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "object_hook": _whole})


def _whole(found: dict[str, Any]) -> Any:
    return again(found) if {"template", "values"} <= set(found) else found


def kept_all(value: Any) -> Any:
    """Return a document as JSON can hold it, each of its sentences with template and values."""
    if isinstance(value, Said):
        return kept(value)
    if isinstance(value, dict):
        return {key: kept_all(inside) for key, inside in value.items()}
    return [kept_all(inside) for inside in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=256)  # what changes stand on is alike in most of them
def _read(text: str) -> str:
    return again(json.loads(text))
