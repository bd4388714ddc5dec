"""Sentences that remember what they were made of, so that a surface can say them in another language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from string import Formatter
from typing import Any

__all__ = ["Said", "again", "join", "kept", "say", "translated"]

HOW = re.compile(r"[+,]?(\.\d)?[a-z%]?")  # a number may be written: ".1f", ".0%", "+.2f"


class Said(str):
    """A finished English sentence that keeps its template and its values.

    It is a `str` in every way; `template` is what a catalogue of translations holds, `values` what is put into it. A value
    may itself be `Said`.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Said:
        said = str.__new__(cls, template.format(**values))
        said.template, said.values = template, values
        return said

    def __getnewargs__(self) -> tuple[str, Mapping[str, Any]]:  # type: ignore[override]
        return self.template, self.values

    def __copy__(self) -> Said:
        return self

    def __deepcopy__(self, memo: object) -> Said:
        return self


def say(template: str, /, **values: object) -> Said:
    """Fill `template` as `str.format` does, and keep both: `say("Rest until {date}.", date="2026-12-01")`."""
    return Said(template, values)


def join(parts: Iterable[str], between: str = " ") -> str:
    """Join sentences, leaving out empty ones, so that each can still be translated by itself."""
    kept = [part for part in parts if part]
    if len(kept) < 2:
        return kept[0] if kept else ""
    names = [f"part{i}" for i in range(len(kept))]
    return Said(between.join(f"{{{name}}}" for name in names), dict(zip(names, kept, strict=True)))


def translated(text: str, of: Callable[[str], str], write: Callable[[Any], Any] = lambda value: value) -> str:
    """Say `text` in another language; `of` turns an English template, or a plain sentence, into that language's.

    `write` turns a value that is no text, such as a number, into one that is written as in that language. A translation that
    lacks a value or names one that is not there falls back to English.
    """
    if not isinstance(text, Said):
        return of(text) if text else text
    values = {name: translated(v, of, write) if isinstance(v, str) else write(v) for name, v in text.values.items()}
    parts_only = all(name.startswith("part") for name in values) and not text.template.strip("{}part0123456789 \n;,")
    template = text.template if parts_only else of(text.template)
    try:
        return template.format_map(values)
    except (KeyError, IndexError, ValueError):
        return text.template.format_map(values)


def kept(text: str) -> Any:
    """Return a sentence as JSON can hold it, template and values beside the text; see `again`."""
    if not isinstance(text, Said):
        return str(text)
    plain = (int, float, type(None))
    values = {k: kept(v) if isinstance(v, str) else v if isinstance(v, plain) else str(v) for k, v in text.values.items()}
    return {"text": str(text), "template": text.template, "values": values}


def again(value: Any) -> str:
    """Return the sentence that `kept` put away; where it is not whole, its text alone.

    A template may come from a file that somebody sent, so it may name its values, and say how a number is written: no more.
    """
    if not isinstance(value, Mapping):
        return value if isinstance(value, str) else str(value)
    template, values = value.get("template"), value.get("values")
    with suppress(KeyError, IndexError, ValueError, TypeError):
        if isinstance(template, str) and isinstance(values, Mapping) and _plain(template, values):
            return Said(template, {k: again(v) if isinstance(v, str | Mapping) else v for k, v in values.items()})
    return str(value.get("text", template))


def _plain(template: str, values: Mapping[str, Any]) -> bool:
    parts = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
    return all(name in values and HOW.fullmatch(how or "") and turned in (None, "r") for name, how, turned in parts)
