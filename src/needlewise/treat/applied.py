"""What is put on the skin in a session: the choices, and what has to be said at once of what was chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import longest, speaking, table
from needlewise.knowledge.rows import Criterion, Rule
from needlewise.knowledge.session_rows import Applied as Usual
from needlewise.model import Person, Says
from needlewise.planning.person import slug
from needlewise.planning.safety import active_of
from needlewise.planning.serum import PERCENT, check_serum
from needlewise.said import join, say

PARTS = ("numbing", "needled")
MOST_LETTERS, MOST_PRODUCTS = 120, 20
ON_NEEDLED = "serum-vitc"  # the rule for everything that is not among the usual ones
NUMBING = "numbing"
LIDOCAINE = ("lidoca", "lignoca")


@dataclass(frozen=True, order=True)
class Applied:
    """Something that was put on the skin.

    Attributes
    ----------
    part : str
        "numbing" (before, on whole skin) or "needled" (during the session or right after it).
    name : str
        An id in applied.toml or actives.toml, or the product's own name.

    Raises
    ------
    InputError
        There is no such part, or the name is empty or too long.
    """

    part: str
    name: str

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise InputError("part", self.part, say("one of {names}", names=", ".join(PARTS)))
        plain = " ".join(self.name.split())
        if not plain or not plain.isprintable() or len(plain) > MOST_LETTERS:
            raise InputError("product", self.name[:60], say("a name of 1 to {most} letters", most=MOST_LETTERS))
        object.__setattr__(self, "name", plain)

    @property
    def label(self) -> str:
        """What it is called."""
        row = _usual(self) or table("actives").get(self.name)
        return row.label if row else self.name

    @property
    def alone(self) -> bool:
        """Whether it says that nothing else was put on."""
        row = _usual(self)
        return row is not None and row.alone


@dataclass(frozen=True)
class Caution:
    """What has to be said of something that was put on, with its sources. It is recorded all the same."""

    applied: Applied
    text: str
    says: tuple[Says, ...]


def choices(person: Person, part: str) -> tuple[Applied, ...]:
    """Return what may be chosen with one tap: the usual, and on needled skin the person's own products."""
    usual: list[Usual] = [row for row in table("applied").values() if part in row.parts]
    own = [p.name for p in person.products or ()] if part == "needled" else []
    fit = [name for name in own if name.isprintable() and 0 < len(name.strip()) <= MOST_LETTERS]
    names = dict.fromkeys([*(row.id for row in usual), *fit])
    return tuple(Applied(part, name) for name in names)


def put_on(there: Iterable[Applied], new: Applied) -> tuple[Applied, ...]:
    """Return what is on the skin with `new` too: "nothing" and something do not stand beside each other.

    Raises
    ------
    InputError
        More than anybody puts on.
    """
    kept = [a for a in there if a.part != new.part or not (new.alone or a.alone or a == new)]
    if len(kept) >= MOST_PRODUCTS:
        raise InputError("products", len(kept) + 1, say("at most {most}", most=MOST_PRODUCTS))
    return (*kept, new)


def caution(applied: Applied, setting: str = "home") -> Caution | None:
    """Return what has to be said of something that is put on; None where nothing has to be."""
    rules = _of_numbing(applied, setting) if applied.part == "numbing" else _of_needled(applied)
    if not rules:
        return None
    told = [rule.message_home if setting == "home" else rule.message_clinic for rule in rules]
    says = [s for rule in rules for s in rule.says]
    if applied.part == "needled" and _usual(applied) is None:
        for criterion in _avoided(applied.name):
            told.append(criterion.why)
            says += criterion.says
    return Caution(applied, join(dict.fromkeys(told)), tuple(dict.fromkeys(says)))


def _usual(applied: Applied) -> Usual | None:
    row: Usual | None = table("applied").get(applied.name)
    return row if row is not None and applied.part in row.parts else None


def _of_numbing(applied: Applied, setting: str) -> list[Rule]:
    """At home a cream passes that says it is lidocaine, no stronger than the regulator allows; in a clinic its label decides."""
    rule: Rule = table("rules")[NUMBING]
    row = _usual(applied)
    if setting != "home":
        return []
    if row is not None:
        return [rule] if row.rule else []
    allowed = max(longest(s) for s in speaking(rule.says, "%", "home", None, ""))
    percents = [float(found.replace(",", ".")) for found in PERCENT.findall(applied.name)]
    weak = bool(percents) and sum(percents) <= allowed and any(word in applied.name.lower() for word in LIDOCAINE)
    return [] if weak else [rule]


def _of_needled(applied: Applied) -> list[Rule]:
    row = _usual(applied)
    if row is not None and not row.rule:
        return []
    kinds = active_of(applied.name) | ({"serum"} if "serum" in slug(applied.name) else frozenset())
    rules: dict[str, Rule] = table("rules")
    named = [rule for rule in rules.values() if kinds & set(rule.when.product_kinds)]
    return [rules[row.rule if row else ON_NEEDLED], *named]


def _avoided(name: str) -> tuple[Criterion, ...]:
    try:
        return check_serum(name).avoid
    except InputError:  # percentages that cannot be: what else it says is told
        return ()
