"""A device's life: fresh, soon to be replaced, or to be replaced now, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import longest, table
from needlewise.model import Device, Says
from needlewise.said import join, say

GRADES = ("fresh", "soon", "replace")  # from good to bad
FAULTS = {
    "rust": "There is rust or a stain on it.",
    "bent": "A needle is bent, loose or missing.",
    "blunt": "Needles are blunt.",
    "debris": "There is debris on it.",
    "dropped": "It was dropped.",
    "blood": "It drew blood.",
    "open-pack": "Its sterile pack was open or damaged.",
}
ONCE_ONLY = ("pen",)  # a cartridge: the regulator's text says once


@dataclass(frozen=True)
class Kept:
    """A device, or a pen's cartridge, as its owner knows it.

    Attributes
    ----------
    kind : str
        Id in devices.toml.
    uses : int or None
        Sessions so far; None when nobody counted.
    faults : tuple of str
        What any inspection has ever found, from `FAULTS`.
    expires : date or None
        On the pack.
    shared : bool or None
        Whether anyone else has ever used it; None when that was not said.
    second_hand : bool
    lot : str
        Shown with the reasons, so that a recall can be recognised.

    Raises
    ------
    InputError
        A kind, fault or number of uses that cannot be.
    """

    kind: str
    uses: int | None = None
    faults: tuple[str, ...] = ()
    expires: dt.date | None = None
    shared: bool | None = None
    second_hand: bool = False
    lot: str = ""

    def __post_init__(self) -> None:
        if self.kind not in table("kinds"):
            raise InputError("kind", self.kind, ", ".join(table("kinds")))
        for fault in self.faults:
            if fault not in FAULTS:
                raise InputError("faults", fault, ", ".join(FAULTS))
        if self.uses is not None and not 0 <= self.uses <= 100_000:
            raise InputError("uses", self.uses, "0 to 100,000")

    @classmethod
    def of(cls, device: Device, faults: tuple[str, ...] = (), expires: dt.date | None = None, lot: str = "") -> Kept:
        """Return a device of the person's drawer with what its inspections found."""
        return cls(device.kind, device.uses, faults, expires, device.shared, device.second_hand, lot)


@dataclass(frozen=True)
class Wear:
    """One reason for a grade, with its sources."""

    grade: str
    text: str
    says: tuple[Says, ...]


@dataclass(frozen=True)
class Graded:
    """A device's grade; the worst reason first."""

    grade: str
    reasons: tuple[Wear, ...]

    @property
    def text(self) -> str:
        """All reasons as one text."""
        return join(r.text for r in self.reasons)

    @property
    def may_be_used(self) -> bool:
        """Whether a session may begin with it: never with one that is to be replaced."""
        return self.grade != "replace"


def grade(kept: Kept, day: dt.date, setting: str = "home") -> Graded:
    """Grade a device on a day.

    Notes
    -----
    One use is the limit of every source that decides. A cartridge, and anything in a clinic, is replaced after it. A roller or
    stamp of one's own that is used again against that advice is "soon" until the fewest reuses that any page names, then
    "replace": that middle grade is our own choice, so that a rusty needle does not look like a second use.
    """
    reasons = [*_owner(kept), *_faults(kept), *_uses(kept, setting), *_date(kept, day)]
    if kept.kind == "other" or (kept.kind == "rf" and setting == "home"):
        row = table("kinds")[kept.kind]
        reasons.append(Wear("replace", say("{kind}: not for any plan here.", kind=row.label), row.says))
    reasons.sort(key=lambda r: -GRADES.index(r.grade))
    return Graded(reasons[0].grade if reasons else "fresh", tuple(reasons))


def _owner(kept: Kept) -> list[Wear]:
    rules = table("rules")
    found = []
    if kept.shared:
        found.append(_rule("share"))
    if kept.second_hand:
        found.append(_rule("share-second-hand"))
    if kept.shared is None:
        found.append(Wear("soon", say("Say whether anyone else has ever used it: one device, one person."), rules["share"].says))
    return found


def _rule(name: str) -> Wear:
    rule = table("rules")[name]
    return Wear("replace", join([rule.message_home, rule.instead]), rule.says)


def _faults(kept: Kept) -> list[Wear]:
    care = table("care")
    says = tuple(dict.fromkeys(care["inspect-needles"].says + care["replace"].says))
    return [Wear("replace", join([FAULTS[f], say("Throw it away.")]), says) for f in dict.fromkeys(kept.faults)]


def use_limits() -> tuple[int, int]:
    """Return (the strictest number of uses, the fewest uses above it that any source for home names)."""
    row = table("care")["replace"]
    once = int(row.choice.value)
    more = [_fewest(s) for s in row.says if s.unit == "uses" and s.value is not None]
    return once, int(min(n for n in more if n > once))


def _fewest(s: Says) -> float:
    return min(s.value) if isinstance(s.value, tuple) else longest(s)


def _uses(kept: Kept, setting: str) -> list[Wear]:
    row, (once, more) = table("care")["replace"], use_limits()
    if kept.uses is None:
        return [Wear("soon", say("Its uses were not counted: take a new one if you are not sure."), row.says)]
    if kept.uses < once:
        return []
    if kept.kind in ONCE_ONLY or setting == "clinic":
        text = say("Used {n} times: a cartridge or head is for one session.", n=kept.uses)
        return [Wear("replace", text, row.says)]
    if kept.uses >= more:
        text = say("Used {n} times. One use is the limit we hold to; even the pages that allow more begin to disagree at {more}.",
                   n=kept.uses, more=more)  # fmt: skip
        return [Wear("replace", text, row.says)]
    text = say("Used {n} times. One use is the limit we hold to: take a new one before the next session. {care}",
               n=kept.uses, care=row.home)  # fmt: skip
    return [Wear("soon", text, row.says)]


def _date(kept: Kept, day: dt.date) -> list[Wear]:
    row = table("care")["expiry"]
    if kept.expires is None:
        return []
    if kept.expires < day:
        return [Wear("replace", say("Its date, {date}, has passed.", date=kept.expires.isoformat()), row.says)]
    if (kept.expires - day).days <= int(row.choice.value):
        return [Wear("soon", say("Its date, {date}, is near.", date=kept.expires.isoformat()), row.says)]
    return []


def recalled(kept: Iterable[Kept], lot: str) -> tuple[Kept, ...]:
    """Return those of a lot, however it is spaced or capitalised."""
    wanted = "".join(lot.split()).casefold()
    return tuple(k for k in kept if wanted and "".join(k.lot.split()).casefold() == wanted)
