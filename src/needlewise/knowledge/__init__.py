"""What is known: TOML rows checked against `rows.py`, and the rule by which a number is derived from what sources say."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from needlewise.errors import KnowledgeError, nearest
from needlewise.knowledge.build import build
from needlewise.knowledge.rows import (
    DECIDING,
    KINDS,
    Active,
    Alternative,
    Care,
    Catalogued,
    Choice,
    Claim,
    Concern,
    ConditionRow,
    CostItem,
    Criterion,
    Fact,
    Kind,
    Length,
    Measured,
    MedicineRow,
    Question,
    Regulation,
    Rule,
    SeedRow,
    Source,
    Term,
    Zone,
)
from needlewise.knowledge.session_rows import Applied, Flag, SessionCheck
from needlewise.model import EFFECTS, Says

FOLDER = Path(__file__).parent
TABLES: dict[str, tuple[str, str, Any]] = {
    "sources": ("sources.toml", "source", Source),
    "zones": ("zones.toml", "zone", Zone),
    "concerns": ("concerns.toml", "concern", Concern),
    "lengths": ("lengths.toml", "length", Length),
    "rules": ("rules.toml", "rule", Rule),
    "conditions": ("conditions.toml", "condition", ConditionRow),
    "medicines": ("medicines.toml", "medicine", MedicineRow),
    "care": ("care.toml", "step", Care),
    "actives": ("actives.toml", "active", Active),
    "claims": ("claims.toml", "claim", Claim),
    "rows": ("rows.toml", "row", SeedRow),
    "questions": ("questions.toml", "question", Question),
    "kinds": ("devices.toml", "kind", Kind),
    "criteria": ("serum.toml", "criterion", Criterion),
    "costs": ("costs.toml", "item", CostItem),
    "alternatives": ("alternatives.toml", "alternative", Alternative),
    "regulation": ("regulation.toml", "regulation", Regulation),
    "glossary": ("glossary.toml", "term", Term),
    "catalogue": ("catalogue.toml", "device", Catalogued),
    "healing": ("healing.toml", "measured", Measured),
    "checks": ("checks.toml", "check", SessionCheck),
    "flags": ("flags.toml", "flag", Flag),
    "applied": ("applied.toml", "applied", Applied),
}
NEWEST_REVIEW = "2026-11-25"


@cache
def table(name: str) -> dict[str, Any]:
    """Return the rows of one table by id, checked.

    Raises
    ------
    KnowledgeError
        A row has an unknown key, an unknown source, no review date, a value outside its unit's range, or a doubled id.
    """
    file, head, cls = TABLES[name]
    return read_rows(FOLDER / file, head, cls, table("sources") if name != "sources" else None)


def read_rows(path: Path, head: str, cls: Any, sources: dict[str, Source] | None) -> dict[str, Any]:
    """Read and check one knowledge file; see `table`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnowledgeError(path.name, "?", "?", f"is not valid TOML ({error})") from error
    if head not in data or not isinstance(data[head], list):
        raise KnowledgeError(path.name, "?", head, "no such rows in the file")
    rows: dict[str, Any] = {}
    for raw in data[head]:
        row = build(cls, raw, path.name)
        key = str(getattr(row, "id", ""))
        if key in rows:
            raise KnowledgeError(path.name, key, "id", "is there twice")
        if sources is None and row.kind not in KINDS:
            raise KnowledgeError(path.name, key, "kind", f"{row.kind!r} is not one of {', '.join(KINDS)}")
        if sources is not None and getattr(row, "reviewed", None) is None:
            raise KnowledgeError(path.name, key, "reviewed", "is missing")
        rows[key] = _with_kinds(row, sources, path.name, key) if sources is not None else row
    return rows


def _with_kinds(row: Any, sources: dict[str, Source], file: str, key: str) -> Any:
    if isinstance(row, Catalogued):
        _check_facts(row, sources, file)
    if isinstance(row, Measured) and not row.low <= row.high:
        raise KnowledgeError(file, key, "low", f"{row.low} is above {row.high}")
    if not isinstance(getattr(row, "says", ""), tuple):
        return row  # a seed row's "says" is a sentence
    says = []
    for s in row.says:
        if s.source not in sources:
            raise KnowledgeError(
                file, key, "source", f"{s.source!r} is not in sources.toml; {nearest(s.source, list(sources))}"
            )
        says.append(replace(s, kind=sources[s.source].kind))
    if isinstance(row, Rule):
        _check_rule(row, sources, file)
    return replace(row, says=tuple(says))


def _check_rule(rule: Rule, sources: dict[str, Source], file: str) -> None:
    for effect in (rule.home, rule.clinic):
        if effect not in EFFECTS:
            raise KnowledgeError(file, rule.id, "effect", f"{effect!r} is not one of {', '.join(EFFECTS)}")
    outside = any(s.source in sources and sources[s.source].kind not in ("ours", "post") for s in rule.says)
    if rule.safety and not outside:
        raise KnowledgeError(file, rule.id, "says", "a safety rule needs an outside source")


def facts(row: Catalogued) -> dict[str, Fact]:
    """Return the figures of a catalogued device by field."""
    return {name: value for name, value in vars(row).items() if isinstance(value, Fact)}


def _check_facts(row: Catalogued, sources: dict[str, Source], file: str) -> None:
    for name, fact in facts(row).items():
        if fact.source and fact.source not in sources:
            hint = nearest(fact.source, list(sources))
            raise KnowledgeError(file, row.id, name, f"{fact.source!r} is not in sources.toml; {hint}")
        if not fact.source and not fact.assumption:
            raise KnowledgeError(file, row.id, name, "has no source and is not marked as an assumption")
        if fact.assumption and not fact.note:
            raise KnowledgeError(file, row.id, name, "is an assumption without a note that says why")


def check() -> dict[str, int]:
    """Load every table, check that what rows name exists, and return how many rows each holds."""
    for file, row, key, names, target in _references():
        for name in names:
            if name not in table(target):
                raise KnowledgeError(file, row, key, f"{name!r} is not in {TABLES[target][0]}")
    return {name: len(table(name)) for name in TABLES}


def _references() -> Iterator[tuple[str, str, str, Iterable[str], str]]:
    """Yield (file, row, key, names, table they must be in) for every row that names other rows."""
    for r in table("rules").values():
        yield "rules.toml", r.id, "conditions", r.when.conditions, "conditions"
        yield "rules.toml", r.id, "medicines", (*r.when.medicines, *r.when.medicines_past), "medicines"
        yield "rules.toml", r.id, "device_kinds", r.when.device_kinds, "kinds"
    for c in table("concerns").values():
        yield "concerns.toml", c.id, "lengths", c.lengths, "lengths"
    for x in table("lengths").values():
        yield "lengths.toml", x.id, "concerns", x.concerns, "concerns"
    for k in table("checks").values():
        yield "checks.toml", k.id, "rule", [k.rule] if k.rule else [], "rules"
        yield "checks.toml", k.id, "care", [k.care] if k.care else [], "care"
        yield "checks.toml", k.id, "kinds", k.kinds, "kinds"
    for a in table("applied").values():
        yield "applied.toml", a.id, "rule", [a.rule] if a.rule else [], "rules"
    for f in table("flags").values():
        yield "flags.toml", f.id, "condition", [f.condition] if f.condition else [], "conditions"
    for z in table("zones").values():
        yield "zones.toml", z.id, "members", z.members, "zones"
    for name in ("rows", "claims"):
        for row in table(name).values():
            if name == "rows":
                yield "rows.toml", row.id, "claims", row.claims, "claims"
            else:
                yield "claims.toml", row.id, "row", row.row, "rows"
                yield "claims.toml", row.id, "cites", row.cites, "sources"


@cache
def stamp() -> dict[str, str]:
    """Hash and date of the knowledge, so that an old plan can be told from a new one."""
    digest = hashlib.sha256()
    for file in sorted({entry[0] for entry in TABLES.values()}):
        digest.update(file.encode() + (FOLDER / file).read_bytes())
    return {"hash": digest.hexdigest()[:16], "date": NEWEST_REVIEW}


def speaking(says: Iterable[Says], unit: str, setting: str, mm: float | None, zone: str) -> list[Says]:
    """Return the statements in `unit` that speak of this setting, needle length and zone (base id, no side)."""
    return [
        s
        for s in says
        if s.unit == unit
        and s.value is not None
        and s.setting in ("", setting)
        and (not s.band or mm is None or s.band[0] <= mm <= s.band[1])
        and (not s.zones or zone in s.zones)
    ]


def longest(s: Says) -> float:
    """Return the larger end of a statement's value."""
    return max(s.value) if isinstance(s.value, tuple) else float(s.value or 0)


def derive_longest(says: Iterable[Says], choice: Choice | None, unit: str, setting: str = "", mm: float | None = None,
                   zone: str = "") -> float:  # fmt: skip
    """Derive a wait: the longest that a deciding source states, and never shorter than our own choice.

    Deciding sources are regulators, peer-reviewed papers and professional bodies that speak of the same setting,
    length and zone. Vendors, lay pages and the post are shown and never decide.
    """
    found = [longest(s) for s in speaking(says, unit, setting, mm, zone) if s.kind in DECIDING]
    if choice is not None and choice.unit == unit and choice.value is not None:
        found.append(max(choice.value) if isinstance(choice.value, tuple) else choice.value)
    return max(found, default=0.0)


def choices() -> list[tuple[str, str, Choice]]:
    """List every value that is needlewise's own: (table, row, choice)."""
    assumed = [
        (row.id, name, fact) for row in table("catalogue").values() for name, fact in facts(row).items() if fact.assumption
    ]
    keys = ("choice", "scar_choice", "before_choice", "after_choice")
    return [
        (name, key, choice)
        for name in TABLES
        for key, row in table(name).items()
        for choice in (getattr(row, k, None) for k in keys)
        if choice is not None
    ] + [("catalogue", key, Choice(f"{name}: {fact.note}", fact.value)) for key, name, fact in assumed]
