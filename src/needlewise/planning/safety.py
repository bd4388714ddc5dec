"""Safety first: which rules speak about this person, in which zone, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from needlewise.knowledge import derive_longest, table
from needlewise.knowledge.rows import Rule
from needlewise.model import EFFECTS, VERDICTS, Condition, Device, Event, Finding, Person, Says
from needlewise.planning.person import base_zone, expand_zone, medicine_class, slug
from needlewise.said import join, say

QUESTIONS = {
    "birth_year": "In which year were you born?",
    "skin_type": "Which Fitzpatrick skin type are you, 1 (always burns) to 6 (never burns)?",
    "conditions": "Do you have any skin or health condition?",
    "medicines": "Do you take any medicine, or did you in the past year?",
    "pregnant": "Are you pregnant?",
    "nursing": "Are you nursing?",
    "devices": "Which device do you have, and of which length?",
    "events": "Any session, peel, laser, filler, waxing or sunburn in the past year?",
}
OURS = Says("needlewise", "Our own rule: what is not said is unknown, and an unknown that matters is asked.", kind="ours")
VERDICT_OF = {
    "note": "go",
    "add": "go",
    "limit": "limited",
    "ask": "ask",
    "wait": "wait",
    "refer": "refer",
    "stop": "stop",
}


@dataclass(frozen=True)
class Facts:
    """The person with everything resolved to ids, on the day the plan starts; pauses count from `since`."""

    person: Person
    start: dt.date
    actives: frozenset[str]
    since: dt.date | None = None


def worst(verdicts: Iterable[str]) -> str:
    """Return the strictest verdict; "go" when there is none."""
    return max(verdicts, key=VERDICTS.index, default="go")


def age(person: Person, today: dt.date) -> int | None:
    """Return the youngest age the birth year allows."""
    return None if person.birth_year is None else today.year - person.birth_year - 1


@cache
def _active_words() -> tuple[tuple[str, str], ...]:
    """Every word an active goes by, between hyphens, with its id."""
    return tuple((f"-{slug(w)}-", row.id) for row in table("actives").values() for w in (row.id, *row.aliases))


def active_of(name: str) -> frozenset[str]:
    """Return the ids in actives.toml that a product's name stands for."""
    text = f"-{slug(name)}-"
    return frozenset(key for word, key in _active_words() if word in text)


def active_ids(person: Person) -> frozenset[str]:
    """Return the ids in actives.toml that the person's products and creams stand for."""
    creams = {i for m in person.medicines or () for i in active_in_medicine(m.name)}
    return frozenset(creams | {i for p in person.products or () for i in active_of(p.name)})


def active_in_medicine(name: str) -> frozenset[str]:
    """Return the ids in actives.toml that a medicine for the skin stands for."""
    group = {"topical-retinoid": "retinoid", "topical-acid": "acids", "topical-minoxidil": "minoxidil"}.get(medicine_class(name))
    return frozenset({group} if group else ())


def findings(facts: Facts, zones: list[str]) -> list[Finding]:
    """Return every finding for this person and these zones, in the rules' order."""
    found = [_unknown(name) for name in QUESTIONS if getattr(facts.person, name) is None]
    found += [f for m in facts.person.medicines or () if (f := _unknown_medicine(m.name, m.checked)) is not None]
    found += _devices_unknown(facts.person)
    for rule in table("rules").values():
        found += _apply(rule, facts, zones)
    return found


def _unknown(name: str) -> Finding:
    return Finding(f"unknown-{name.replace('_', '-')}", "ask", "person", "", None, QUESTIONS[name], (OURS,))


def _unknown_medicine(name: str, checked: bool) -> Finding | None:
    if checked or medicine_class(name):
        return None
    text = say(
        "We have no rule for {name!r}. Ask a pharmacist whether it thins the blood, lowers immunity or makes skin react "
        "to light; if it does not, say that it was checked.", name=name,
    )  # fmt: skip
    return Finding("unknown-medicine", "ask", "person", "", None, text, (OURS,))


def _devices_unknown(person: Person) -> list[Finding]:
    text = "Has anyone else ever used this {kind}?"  # a template
    return [
        Finding("unknown-shared", "ask", "device", "", None, say(text, kind=d.kind), (OURS,))
        for d in person.devices or ()
        if d.shared is None
    ]


def _apply(rule: Rule, facts: Facts, zones: list[str]) -> list[Finding]:
    person, when = facts.person, rule.when
    effect = rule.home if person.setting == "home" else rule.clinic
    message = rule.message_home if person.setting == "home" else rule.message_clinic
    if rule.instead and effect not in ("note", "add"):
        message = join([message, rule.instead])
    if when.setting not in ("", person.setting) or when.red_flag or not _person_keys(rule, facts):
        return []
    if when.zone_tags:
        hit = [z for z in zones if set(when.zone_tags) & set(table("zones")[base_zone(z)].tags)]
        return [Finding(rule.id, effect, rule.scope, z, None, message, rule.says) for z in hit]
    if when.conditions:
        return _conditions(rule, facts, zones, effect, message)
    if when.events or when.medicines_past:
        return _dated(rule, facts, zones, effect, message)
    return [Finding(rule.id, effect, rule.scope, "", None, message, rule.says)]


def _person_keys(rule: Rule, facts: Facts) -> bool:
    """Whether every key that speaks of the whole person holds."""
    person, when = facts.person, rule.when
    years = age(person, facts.start)
    devices = person.devices or ()
    checks = (
        (when.age_below is not None, years is not None and years < (when.age_below or 0)),
        (
            when.skin_type_min is not None,
            person.skin_type is not None and person.skin_type >= (when.skin_type_min or 0),
        ),
        (when.pregnant, person.pregnant is True),
        (when.nursing, person.nursing is True),
        (bool(when.medicines), bool(_taken(rule, facts))),
        (bool(when.product_kinds), bool(set(when.product_kinds) & facts.actives)),
        (bool(when.device_kinds), any(d.kind in when.device_kinds for d in devices)),
        (when.device_shared, any(d.shared for d in devices)),
        (when.device_second_hand, any(d.second_hand for d in devices)),
    )
    return all(holds for asked, holds in checks if asked)


def _taken(rule: Rule, facts: Facts) -> list[str]:
    """Medicines of the rule's classes that are taken now, or were so recently that it counts as now."""
    recent = dt.timedelta(days=rule.when.recent_days)
    return [
        m.name
        for m in facts.person.medicines or ()
        if medicine_class(m.name) in rule.when.medicines
        and not (m.checked and rule.home == rule.clinic == "ask")
        and (m.last_taken is None or facts.start - m.last_taken < recent)
    ]


def _conditions(rule: Rule, facts: Facts, zones: list[str], effect: str, message: str) -> list[Finding]:
    found: dict[str, None] = {}
    named = [Condition(g.concern, g.zones) for g in facts.person.goals if g.concern in table("conditions")]
    for c in (*(facts.person.conditions or ()), *named):  # who wants melasma treated has melasma
        if c.name not in rule.when.conditions:
            continue
        if rule.scope == "zone":
            found.update(dict.fromkeys(z for z in zones if not c.zones or z in c.zones))
        else:
            found[""] = None
    return [Finding(rule.id, effect, rule.scope, z, None, message, rule.says) for z in found]


def _dated(rule: Rule, facts: Facts, zones: list[str], effect: str, message: str) -> list[Finding]:
    """Findings that end on a date: the event or last dose plus the wait that the sources settle."""
    days = derive_longest(rule.says, rule.choice, "d", facts.person.setting) if rule.wait_unit else 0.0
    last: dict[str, dt.date] = {}
    for event in facts.person.events or ():
        if event.what in rule.when.events:
            for z in _event_zones(event, zones):
                last[z] = max(last.get(z, event.date), event.date)
    for m in facts.person.medicines or ():
        if m.last_taken is not None and medicine_class(m.name) in rule.when.medicines_past:
            last[""] = max(last.get("", m.last_taken), m.last_taken)
    found = []
    for z, day in last.items():
        until = day + dt.timedelta(days=round(days)) if days else None
        if until is None or until > facts.start:
            scope = "zone" if z else rule.scope
            text = join([message, say("Counted from {date}.", date=day.isoformat())]) if until else message
            found.append(Finding(rule.id, effect, scope, z, until, text, rule.says))
    return found


def _event_zones(event: Event, zones: list[str]) -> list[str]:
    return [z for z in expand_zone(event.zone, "events.zone") if z in zones] if event.zone else [""]


def usable(device: Device, setting: str) -> bool:
    """Whether a device may be used at all: a known kind, one's own, and no radio-frequency at home."""
    if device.kind == "other" or (device.kind == "rf" and setting == "home"):
        return False
    return device.shared is False and not device.second_hand


def attested(person: Person) -> bool:
    """Whether a named practitioner answers for a clinic plan."""
    p = person.practitioner
    return person.setting == "clinic" and p is not None and bool(p.name) and p.attests


def of_zone(found: Iterable[Finding], zone: str) -> list[Finding]:
    """Return the findings that speak of `zone`: its own and the whole person's."""
    return [f for f in found if f.zone in ("", zone)]


def strictest_first(found: Iterable[Finding]) -> list[Finding]:
    """Sort findings, the strictest effect first."""
    return sorted(found, key=lambda f: -EFFECTS.index(f.effect))
