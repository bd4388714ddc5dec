"""Whatever a plan or an answer says can be said in another language: it is a known sentence, or keeps its template and values."""

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from test_properties import many, people

import needlewise.planning
from needlewise.knowledge import TABLES, table
from needlewise.model import Person, Plan
from needlewise.planning import plan, read_person
from needlewise.planning.answers import answer
from needlewise.planning.cost import costs
from needlewise.planning.serum import check_serum
from needlewise.said import Said


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for v in value:
            yield from _strings(v)
    elif dataclasses.is_dataclass(value):
        for f in dataclasses.fields(value):
            yield from _strings(getattr(value, f.name))


def _literals() -> Iterator[str]:
    for file in Path(needlewise.planning.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


KNOWN = {s for name in TABLES for row in table(name).values() for s in _strings(row)} | set(_literals())


def _parts(text: str) -> Iterator[str]:
    """Every sentence that a text was joined from."""
    if isinstance(text, Said):
        assert text.template.format_map(text.values) == str(text)
        yield text
        for value in text.values.values():
            if isinstance(value, Said):
                yield from _parts(value)
    elif text:
        assert text in KNOWN, f"composed without say(): {text!r}"


def check(texts: list[str]) -> None:
    for text in texts:
        for part in _parts(text):
            assert isinstance(part, Said)


def texts_of(made: Plan) -> list[str]:
    zones = [t for z in made.zones for t in (z.why, z.technique, z.endpoint)]
    return [*(f.message for f in made.findings), *(s.text for s in made.steps), *zones]


@many
@given(people())
def test_a_plan_can_be_translated(data: dict[str, Any]) -> None:
    check(texts_of(plan(data)))


def test_answers_costs_and_labels_can_be_translated() -> None:
    data = {
        "person": {"birth_year": 1980, "skin_type": 5, "conditions": [], "medicines": ["aspirin"], "country": "GB"},
        "goals": [{"concern": "acne-scars", "zones": ["cheek"]}, {"concern": "hair-loss", "zones": ["scalp"]}],
        "devices": [{"kind": "roller", "mm": 1.5, "uses": 3}, {"kind": "pen", "mm": 1.0, "needles": 12, "shared": False}],
        "products": [{"name": "Aunt's balm", "price": 10}], "costs": {"device": 20},
    }  # fmt: skip
    person: Person = read_person(data)
    made = plan(person)
    for case in ((person, made), (None, None)):
        for question in table("questions").values():
            found = answer(question, *case)
            check([*found.short, *found.for_you, *found.choices, *found.see])
    check([line.note for line in costs(person, made).lines])
    check([check_serum(label).why for label in ("vitamin C 20 %, fragrance", "water, glycerin", "snail slime")])
