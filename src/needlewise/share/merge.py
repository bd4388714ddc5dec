"""What every way of sharing needs: words for verdicts, names for sources, and like things put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from needlewise.knowledge import table
from needlewise.knowledge.rows import Source
from needlewise.model import EFFECTS, Finding, Plan, Says, Step, ZonePlan
from needlewise.said import join, say

VERDICT_WORDS = {
    "go": "Go: nothing you told us stands in the way",
    "limited": "Go, within limits: keep to the limits below",
    "ask": "Ask first: something below must be answered before you needle",
    "wait": "Wait: not yet, see the dates below",
    "refer": "See a professional first: this is not for needlewise to plan alone",
    "stop": "Stop: do not needle",
}
EFFECT_WORDS = {
    "note": "Note",
    "add": "Added step",
    "limit": "Limit",
    "ask": "Ask first",
    "wait": "Wait",
    "refer": "See a professional",
    "stop": "Stop",
}
IN_FILE = {  # how a person's file answers what is asked
    "unknown-birth-year": "Write birth_year = 1990 under [person].",
    "unknown-skin-type": "Write skin_type = 3 under [person].",
    "unknown-conditions": "Write conditions = [] if none.",
    "unknown-medicines": "Write medicines = [] if none.",
    "unknown-medicine": "Add checked = true to it.",
    "unknown-pregnant": "Write pregnant = false if not.",
    "unknown-nursing": "Write nursing = false if not.",
    "unknown-devices": "Write devices = [] if none yet.",
    "unknown-shared": "Write shared = false if not.",
    "unknown-events": "Write events = [] if none.",
    "no-goals": "Add [[goals]].",
    "clinic-practitioner": '[practitioner] name = "…", attests = true.',
}
POST_ALSO = "What the post also says: not advice, follow the plan above"
ACTION_WORDS = {
    "photo": "Take a photo",
    "pause": "Pause",
    "sterilise": "Sterilise",
    "inspect": "Inspect the device",
    "prepare": "Prepare",
    "numb": "Numb",
    "session": "Session",
    "channels": "Channels closing",
    "redness": "Redness",
    "aftercare": "Aftercare",
    "sunscreen": "Sunscreen",
    "restart": "Restart",
    "replace": "Replace the device",
    "follow-up-photo": "Take a follow-up photo",
    "review": "Review",
}


@dataclass(frozen=True)
class Found:
    """One finding, with every zone it was found for."""

    finding: Finding
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Todo:
    """One step, with every zone it is to be done for."""

    step: Step
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Area:
    """The plan of one or several zones that share it."""

    plan: ZonePlan
    zones: tuple[str, ...]


def action_word(action: str, session: int = 0) -> str:
    """Return the action in words, a session with its number; an action not known here is shown by its own name."""
    if action == "session" and session:
        return say("Session {n}", n=session)
    return ACTION_WORDS.get(action, action.replace("-", " ").capitalize())


def zone_word(zones: Iterable[str]) -> str:
    """Return the zones as a list, or "" when nothing but the whole person is meant."""
    return ", ".join(z for z in zones if z)


def source_of(says: Says) -> Source | None:
    """Return the source's row, or None where this version no longer knows it."""
    found: Source | None = table("sources").get(says.source)
    return found


def source_name(says: Says) -> str:
    """Return a short name: id, issuer, kind and how it was read."""
    source = source_of(says)
    if source is None:
        return says.source
    return say("{id} ({issuer}; {kind}; {read})", id=says.source, issuer=source.issuer, kind=source.kind, read=_read(source))


def short_name(says: Says) -> str:
    """Return issuer, kind and how it was read, with no more than the first of many authors."""
    source = source_of(says)
    if source is None:
        return says.source
    issuer = source.issuer
    if issuer.count(", ") > 1 and "(" not in issuer:
        issuer = issuer.partition(", ")[0] + " et al."
    return say("{issuer}; {kind}; {read}", issuer=issuer, kind=source.kind, read=_read(source))


def _read(source: Source) -> str:
    return say("not read") if source.read_via == "not-read" else say("read via {copy}", copy=source.read_via)


def planned(zone: ZonePlan) -> bool:
    """Tell whether a session is planned in the zone; where none is, no length is shown."""
    return zone.mm is not None and zone.sessions > 0 and zone.verdict not in ("stop", "refer")


def unique(says: Iterable[Says]) -> tuple[Says, ...]:
    """Return the statements, each once, in the order met."""
    return tuple(dict.fromkeys(says))


def by_source(says: Iterable[Says]) -> tuple[Says, ...]:
    """Return one statement for each source, in the order met."""
    first: dict[str, Says] = {}
    for s in says:
        first.setdefault(s.source, s)
    return tuple(first.values())


def all_says(plan: Plan) -> tuple[tuple[Says, ...], ...]:
    """Return the statements of every finding, zone and step, one group for each."""
    return (
        *(f.says for f in plan.findings),
        *(z.says for z in plan.zones),
        *(s.says for s in plan.steps),
    )


def findings(plan: Plan) -> list[Found]:
    """Return the findings, worst first, one for all zones that share it."""
    groups: dict[Finding, list[Finding]] = {}
    for f in sorted(plan.findings, key=lambda f: -EFFECTS.index(f.effect)):
        groups.setdefault(replace(f, zone="", says=()), []).append(f)
    return [
        Found(replace(key, says=unique(s for f in group for s in f.says)), tuple(dict.fromkeys(f.zone for f in group)))
        for key, group in groups.items()
    ]


def areas(plan: Plan) -> list[Area]:
    """Return the zones' plans, one for all zones whose plan is the same."""
    groups: dict[ZonePlan, list[ZonePlan]] = {}
    for z in plan.zones:
        groups.setdefault(replace(z, zone="", says=()), []).append(z)
    return [
        Area(replace(key, says=unique(s for z in group for s in z.says)), tuple(z.zone for z in group))
        for key, group in groups.items()
    ]


def todos(plan: Plan) -> dict[dt.date, list[Todo]]:
    """Return the steps by date, one for all zones that share it; the plan's own order is kept within a date."""
    groups: dict[Step, list[Step]] = {}
    for step in plan.steps:
        groups.setdefault(replace(step, zone="", says=()), []).append(step)
    days: dict[dt.date, list[Todo]] = {day: [] for day in sorted({s.date for s in plan.steps})}
    for key, group in groups.items():
        says = unique(s for step in group for s in step.says)
        days[key.date].append(Todo(replace(key, says=says), tuple(dict.fromkeys(s.zone for s in group))))
    return days


def in_file(f: Finding) -> str:
    """Return what was found, with how a person's file answers it where it asks something."""
    return join([f.message, IN_FILE.get(f.rule, "")])


def number(value: float | tuple[float, ...] | None) -> str:
    """Return a number, or the two ends of a range, without needless zeros."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "–".join(dict.fromkeys(f"{v:g}" for v in value))
    return f"{value:g}"


def measured(s: Says) -> str:
    """Return a statement's number with its unit, or ""."""
    return f"{number(s.value)} {s.unit}".strip()


def from_the_post(plan: Plan) -> tuple[list[tuple[Says, tuple[Says, ...]]], list[Says]]:
    """Return what the post says and other sources put differently, and what else it says.

    The first list holds each statement of the post whose number differs from another source's in the same unit, with
    those others. The second holds the statements that no number can be held against.
    """
    differ: dict[Says, dict[Says, None]] = {}
    rest: dict[Says, None] = {}
    agreed: set[Says] = set()
    for group in all_says(plan):
        for s in (s for s in group if s.kind == "post"):
            same_unit = [o for o in group if o.kind != "post" and _comparable(s, o)]
            others = [o for o in same_unit if o.value != s.value]
            if others:
                differ.setdefault(s, {}).update(dict.fromkeys(others))
            elif same_unit:
                agreed.add(s)
            else:
                rest.setdefault(s)
    return [(s, tuple(o)) for s, o in differ.items()], [s for s in rest if s not in differ and s not in agreed]


def _comparable(s: Says, other: Says) -> bool:
    """Tell whether two statements give a number in one unit about the same setting, lengths, zones and phase."""
    return (
        s.value is not None
        and other.value is not None
        and s.unit == other.unit
        and s.phase == other.phase
        and (not s.setting or not other.setting or s.setting == other.setting)
        and (not s.band or not other.band or s.band == other.band)
        and (not s.zones or not other.zones or bool(set(s.zones) & set(other.zones)))
    )
