"""Write docs/reference.md from the knowledge: every row, with its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from needlewise.knowledge import TABLES, choices, facts, table
from needlewise.model import Says

TARGET = Path(__file__).parents[1] / "docs" / "reference.md"
INTRO = """# Reference

Every row of the knowledge, by table, made by `scripts/make_reference.py`: change the TOML, not this page. Words after "Sources:"
are ids of the [sources](#sources) at the end, and a row's text rests on the sources named with it.
[Methods](methods.md) says how they are weighed. Values that needlewise chose itself stand under [choices](#choices)."""
TITLES = {
    "rows": "The post's statements (rows)", "kinds": "Device kinds", "criteria": "Serum criteria", "care": "Care steps",
    "checks": "Checks before a session", "flags": "Warning signs after a session",
    "applied": "What is put on the skin in a session",
}  # fmt: skip


def reference() -> str:
    """Return the whole page; the same knowledge always gives the same text."""
    parts = [INTRO]
    for name in [*(n for n in TABLES if n != "sources"), "choices", "sources"]:
        lines = _choice_lines() if name == "choices" else [_row(name, k, r) for k, r in table(name).items()]
        parts.append("\n".join([f"## {TITLES.get(name, name.capitalize())}", "", *lines]))
    return "\n\n".join(parts) + "\n"


def _row(name: str, key: str, row: Any) -> str:
    words = [w for w in LINES[name](row) if w]
    return f"- `{key}` " + "\n  ".join([*words, *_sources(getattr(row, "says", ()))])


def _sources(says: Iterable[Says] | str) -> list[str]:
    """Name the sources that a row rests on; a statement of the post has a sentence instead."""
    ids = [] if isinstance(says, str) else list(dict.fromkeys(s.source for s in says))
    return [f"Sources: {', '.join(ids)}."] if ids else []


def _rule(r: Any) -> list[str]:
    return [
        f"**{r.title}** · home: {r.home}, clinic: {r.clinic}",
        r.message_home if r.message_home == r.message_clinic else f"Home: {r.message_home}",
        "" if r.message_home == r.message_clinic else f"Clinic: {r.message_clinic}",
        f"Instead: {r.instead}" if r.instead else "",
    ]


def _zone(r: Any) -> list[str]:
    facts = [r.area, "left and right" if r.sides else "", "never needled" if r.never else ""]
    whole = f"stands for {', '.join(r.members)}" if r.members else ""
    return [f"**{r.label}** · {', '.join(f for f in [*facts, whole] if f)}", r.message]


def _length(r: Any) -> list[str]:
    closed = f"{'from' if r.low_included else 'over'} {r.band[0]:g} {'to' if r.high_included else 'to under'} {r.band[1]:g} mm"
    return [f"**{closed}** · {', '.join(r.setting)}", r.purpose, f"The post: {r.post}" if r.post else ""]


def _concern(r: Any) -> list[str]:
    lengths = f"lengths {', '.join(r.lengths)}" if r.lengths else "not needled"
    home, clinic = f"At home: {r.at_home}", f"In a clinic: {r.in_clinic}"
    return [f"**{r.label}** · {', '.join(r.areas)} · {lengths} · {r.works}", r.evidence, home, clinic]


def _care(r: Any) -> list[str]:
    post = f"The post: {r.post} {r.conflict}".strip() if r.post else ""
    return [f"**{r.title}** · {r.phase}", f"Home: {r.home}", f"Clinic: {r.clinic}", post]


def _device(r: Any) -> list[str]:
    named = [f"{k.replace('_', ' ')} {f.value:g} ({f.source or f'assumed: {f.note}'})" for k, f in facts(r).items()]
    return [f"**{r.label}** · {r.kind}", "; ".join(named)]


def _measured(r: Any) -> list[str]:
    return [f"**{r.quantity}** · {r.low:g} to {r.high:g} {r.unit}", f"{r.end_point}; {r.skin}; {r.condition}"]


def _kind(r: Any) -> list[str]:
    good = f"Good for: {r.good_for}" if r.good_for else ""
    return [f"**{r.label}**", good, f"Wrong for: {r.wrong_for}" if r.wrong_for else ""]


def _cost(r: Any) -> list[str]:
    ends = dict.fromkeys(f"{v:g}" for v in (r.low, r.high) if v is not None)
    known = f"{' to '.join(ends)} {r.currency}, per {r.per}; from {r.source}" if r.known and ends else "no price known"
    return [f"**{r.label}** · {known}"]


def _alternative(r: Any) -> list[str]:
    skin = f"On darker skin: {r.skin_of_colour}" if r.skin_of_colour else ""
    return [f"**{r.label}** · {'home' if r.home else 'clinic'}", r.what, f"Against needling: {r.against_needling}", skin]


def _seed_row(r: Any) -> list[str]:
    return [r.says, f"Served by: {r.served_by}", f"Claims: {', '.join(r.claims)}." if r.claims else "", r.later]


def _source(r: Any) -> list[str]:
    return [f"{r.title} · {r.issuer} · {r.kind}, read via {r.read_via} · {f'<{r.url}>' if r.url else 'no address'}"]


def _check(r: Any) -> list[str]:
    named = f"rule `{r.rule}`" if r.rule else f"care step `{r.care}`"
    return [f"**{r.question}** · {r.part} · stops at \"{r.stops}\"", f"Then says what {named} says."]


def _flag(r: Any) -> list[str]:
    until = f" to {r.to_hours:g}" if r.to_hours else ""
    return [f"**{r.sign}** · {r.urgency} · from {r.from_hours:g}{until} hours", f"{r.do} Whom: {r.whom}"]


def _applied(r: Any) -> list[str]:
    parts = {"numbing": "for numbing", "needled": "on needled skin"}
    return [f"**{r.label}** · {', '.join(parts[p] for p in r.parts)}", f"Then says what rule `{r.rule}` says." if r.rule else ""]


def _aliases(words: Iterable[str]) -> str:
    found = ", ".join(words)
    return f"Also: {found}." if found else ""


LINES: dict[str, Callable[[Any], list[str]]] = {
    "catalogue": _device,
    "healing": _measured,
    "sources": _source,
    "zones": _zone,
    "concerns": _concern,
    "lengths": _length,
    "rules": _rule,
    "conditions": lambda r: [f"**{r.label}** · {r.question}", _aliases(r.aliases)],
    "medicines": lambda r: [f"**{r.label}**", _aliases(r.names)],
    "care": _care,
    "actives": lambda r: [f"**{r.label}**", r.conditions, r.conflict, _aliases(r.aliases)],
    "claims": lambda r: [f"**{r.verdict}** · The post: {r.says_the_post}", r.detail],
    "rows": _seed_row,
    "questions": lambda r: [f"{r.n}. **{r.ask}**", r.lead],
    "kinds": _kind,
    "criteria": lambda r: [f"**{r.text}** · {r.kind}", r.why],
    "costs": _cost,
    "alternatives": _alternative,
    "regulation": lambda r: [f"{r.country}{f', {r.date}' if r.date else ''}: {r.fact}"],
    "glossary": lambda r: [f"**{r.term}**: {r.plain}"],
    "checks": _check,
    "flags": _flag,
    "applied": _applied,
}


def _choice_lines() -> list[str]:
    found = choices()
    lines = []
    for name, key, c in found:
        ends = c.value if isinstance(c.value, tuple) else () if c.value is None else (c.value,)
        value = " to ".join(f"{v:g}" for v in ends)
        lines.append(f"- `{name}/{key}` {f'{value} {c.unit}'.strip() + ': ' if value else ''}{c.why}")
    return lines


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
