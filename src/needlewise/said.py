"""Sentences that remember what they were made of, so that a surface can say them in another language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ["Said", "again", "join", "kept", "say", "translated"]


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
    """Return a sentence as JSON can hold it, template and values apart; see `again`."""
    if not isinstance(text, Said):
        return str(text)
    plain = (int, float, type(None))
    values = {k: kept(v) if isinstance(v, str) else v if isinstance(v, plain) else str(v) for k, v in text.values.items()}
    return {"template": text.template, "values": values}


def again(value: Any) -> str:
    """Return the sentence that `kept` put away."""
    if not isinstance(value, Mapping):
        return str(value)
    return Said(str(value["template"]), {k: again(v) if isinstance(v, str | Mapping) else v for k, v in value["values"].items()})
