"""Read a serum's label: what it meets, what it lacks, and when it may come back after needling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from needlewise.errors import InputError
from needlewise.knowledge import derive_longest, table
from needlewise.knowledge.rows import Active, Criterion
from needlewise.model import Says
from needlewise.said import join, say

MAX_LABEL = 2000
PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:%|per ?cent\b|pct\b)", re.IGNORECASE)
PRAISE = re.compile(r"\b100\s*%\s*(?:natural|vegan|pure|organic|recycl\w*|plant[- ]based|clean)\b", re.IGNORECASE)
ABSENT = re.compile(r"\b[\w]+[- ]free\b(?!\s+(?:from|of))|\b(?:no|without|free (?:from|of))\s+(?:added\s+)?\w+", re.IGNORECASE)
SEPARATORS = re.compile(r"(?<!\d),|,(?!\d)|[;\n•|&+]|\band\b|\bwith\b|\.(?=\s|$)", re.IGNORECASE)
NOT_PRODUCTS = ("exercise", "swimming", "sauna", "sun", "waxing", "shaving")
# our choice: parts of a plain product; anything else is not plain
PLAIN = ("water", "aqua", "glycerin", "glycerine", "glycerol", "petrolatum", "hyaluronic", "hyaluronate", "hyaluronan",
         "sodium", "acid", "plain", "gel")  # fmt: skip
PLAIN_NEEDS = ("water", "aqua", "glycer", "petrolatum", "hyaluron")
WAIT_AS = {
    "l-ascorbic-acid": "vitamin-c", "ascorbate": "vitamin-c", "ferulic-acid": "vitamin-c", "vitamin-e": "vitamin-c",
    "acids": "acids", "retinoid": "retinoid", "fragrance": "fragrance-serum", "alcohol": "alcohol-toner",
    "hyaluronic-acid": "hyaluronic-acid", "plant-extract": "vitamin-c", "tint": "vitamin-c", "intradermal": "vitamin-c",
}  # fmt: skip


@dataclass(frozen=True)
class Ingredient:
    """One part of a label; `percent` None where the label gives none."""

    name: str
    percent: float | None = None


@dataclass(frozen=True)
class SerumCheck:
    """What a label says. `on_needled_skin` is about opened skin after the wait: during needling it is never."""

    label: str
    ingredients: tuple[Ingredient, ...]
    met: tuple[Criterion, ...]
    missed: tuple[Criterion, ...]
    avoid: tuple[Criterion, ...]
    notes: tuple[Criterion, ...]
    on_needled_skin: bool
    why: str
    restart_hours: float
    actives: tuple[str, ...]
    says: tuple[Says, ...]


def check_serum(label: str) -> SerumCheck:
    """Check the text of a label.

    Raises
    ------
    InputError
        The label is empty or too long, or its percentages cannot be.
    """
    if not label.strip() or len(label) > MAX_LABEL:
        shown = label[:60] + ("…" if len(label) > 60 else "")
        raise InputError("label", shown, say("the words on a label, 1 to {most:,} characters", most=MAX_LABEL))
    text = ABSENT.sub(" ", PRAISE.sub(" ", label))
    ingredients = _ingredients(text)
    _check_percents(ingredients)
    present = [c for c in table("criteria").values() if _meets(c, text)]
    plain = _is_plain(ingredients, present)
    actives = _actives(ingredients, present, plain)
    says = [s for c in present for s in c.says]
    says += [s for a in actives for s in a.says if s.phase == "after"]
    return SerumCheck(
        label.strip(),
        ingredients,
        tuple(c for c in present if c.kind == "wanted"),
        tuple(c for c in table("criteria").values() if c.kind == "wanted" and c not in present),
        tuple(c for c in present if c.kind == "avoid"),
        tuple(c for c in present if c.kind == "note"),
        plain,
        _why(plain, present),
        max(_hours(a) for a in actives),
        tuple(a.id for a in actives),
        tuple({(s.source, s.text): s for s in says}.values()),
    )


def _ingredients(text: str) -> tuple[Ingredient, ...]:
    found = []
    for piece in SEPARATORS.split(text):
        for part in _one_percent_each(piece.strip()):
            percent = PERCENT.search(part)
            name = PERCENT.sub(" ", part)
            name = " ".join(re.sub(r"[():*\[\]–—=]|(?<!\w)-|-(?!\w)", " ", name).split()).strip(" .,")
            if name or percent:
                found.append(Ingredient(name, float(percent[1].replace(",", ".")) if percent else None))
    return tuple(found)


def _one_percent_each(piece: str) -> list[str]:
    """Cut a piece that holds several percentages: before each when it starts with one, else after each."""
    marks = list(PERCENT.finditer(piece))
    if len(marks) < 2:
        return [piece] if piece else []
    ends = [m.start() for m in marks[1:]] if marks[0].start() == 0 else [m.end() for m in marks]
    cuts = [0, *ends, len(piece)]
    parts = [piece[a:b].strip() for a, b in pairwise(cuts)]
    return [part for part in parts if part]


def _check_percents(ingredients: tuple[Ingredient, ...]) -> None:
    for i in ingredients:
        if i.percent is not None and i.percent > 100:
            raise InputError("label", f"{i.percent:g} % {i.name}".strip(), "percentages from 0 to 100")
    total = sum(i.percent or 0 for i in ingredients)
    if total > 100 + 1e-9:
        raise InputError("label", f"{total:g} % in all", "percentages that add up to at most 100")


def _has(pattern: str, text: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(pattern)}", text.lower()) is not None


def _meets(criterion: Criterion, text: str) -> bool:
    if criterion.id == "names-percentages":
        return PERCENT.search(text) is not None
    return any(_has(pattern, text) for pattern in criterion.pattern)


def _is_plain(ingredients: tuple[Ingredient, ...], present: list[Criterion]) -> bool:
    if any(c.kind == "avoid" or (c.kind == "note" and c.id != "hyaluronic-acid") for c in present):
        return False
    named = [i.name.lower() for i in ingredients if i.name]
    return bool(named) and all(
        all(word in PLAIN for word in re.findall(r"[^\W\d_]+", name)) and any(need in name for need in PLAIN_NEEDS)
        for name in named
    )


def _actives(ingredients: tuple[Ingredient, ...], present: list[Criterion], plain: bool) -> list[Active]:
    ids = {WAIT_AS[c.id] for c in present if c.id in WAIT_AS}
    for key, row in table("actives").items():
        names = [key.replace("-", " "), *row.aliases]
        if key not in NOT_PRODUCTS and any(_whole(n, i.name) for n in names for i in ingredients):
            ids.add(key)
    ids.add("hyaluronic-acid" if plain else "vitamin-c")  # what is not known waits as an active serum does
    return [row for key, row in table("actives").items() if key in ids]


def _whole(name: str, text: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(name.lower())}(?![a-z])", text.lower().replace("-", " ")) is not None


def _hours(active: Active) -> float:
    """The longest wait after needling, whichever setting it was stated for."""
    after = [s for s in active.says if s.phase == "after"]
    settings = ("home", "clinic")
    hours = [derive_longest(after, active.after_choice, "h", setting) for setting in settings]
    return max([*hours, *(24 * derive_longest(after, active.after_choice, "d", setting) for setting in settings)])


def _why(plain: bool, present: list[Criterion]) -> str:
    if plain:
        return "Only plain parts were read. Never during needling, and not before the wait is over."
    reasons = join(c.why for c in present if c.kind == "avoid")
    rest = "It is not plain, or a part was not recognised: not on needled skin."
    return join(["Never during needling.", reasons or rest])
