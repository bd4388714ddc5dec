"""Needle length, device and rest for one zone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from needlewise.knowledge import derive_longest, table
from needlewise.knowledge.rows import Concern, Length
from needlewise.model import Device, Finding, Person, Says
from needlewise.planning.person import base_zone
from needlewise.planning.safety import of_zone, usable
from needlewise.said import Said, join, say

SHORTEST_MM = 0.05


@dataclass(frozen=True)
class Chosen:
    """The length of one zone: what is published, what is permitted, what was chosen and why."""

    low: float
    high: float
    cap: float
    mm: float
    rest_mm: float  # the rest is that of the length before any caution shortened it: caution never shortens a wait
    cut: bool
    why: str
    says: tuple[Says, ...]


def home_cap(person: Person, zone: str) -> float:
    """Return the longest needle planned in this setting before any finding shortens it."""
    rules = table("rules")
    if person.setting == "clinic":
        return float(rules["home-len-clinic"].limit.mm)
    if "home-limit" not in person.acknowledged:
        return float(rules["home-len"].limit.mm)
    scalp = "scalp" in table("zones")[base_zone(zone)].tags
    return float(rules["home-len-scalp" if scalp else "home-len-consent"].choice.value)


def cap(person: Person, zone: str, found: Sequence[Finding]) -> float:
    """Return the longest needle permitted in `zone`: the strictest of every limit that speaks of it."""
    limits = [home_cap(person, zone)]
    for f in found:
        rule = table("rules").get(f.rule)
        if rule is None or rule.limit is None or rule.id in ("home-len", "home-len-clinic"):
            continue
        limits += [v for v in (rule.limit.mm, rule.limit.home_mm if person.setting == "home" else None) if v is not None]
    return min(limits)


def choose(person: Person, zone: str, concerns: Sequence[Concern], found: Sequence[Finding]) -> Chosen:
    """Choose the needle length of a zone: by concern, then cut by safety, then by the device at hand."""
    lengths = [[table("lengths")[i] for i in c.lengths] for c in concerns if c.lengths]
    every: list[Length] = [length for group in lengths for length in group]
    low, high = min(x.mm[0] for x in every), max(x.mm[1] for x in every)
    limit = cap(person, zone, found)
    first = [group[0] for group in lengths]
    published = min(x.mm[1] if person.setting == "home" else max(x.mm[0], SHORTEST_MM) for x in first)
    want = min(limit, published)
    rest_mm = min(home_cap(person, zone), published)
    mm = _at_hand(person, want)
    cut = any(limit < x.mm[0] or (limit == x.mm[0] and not x.low_included) for x in first)
    why = [say("Published for this: {low:g} to {high:g} mm.", low=max(low, SHORTEST_MM), high=high),
           say("Longest permitted here: {limit:g} mm.", limit=limit)]  # fmt: skip
    if mm < want:
        why.append(say("Your device gives {mm:g} mm.", mm=mm))
    if cut and person.setting == "home":
        why += dict.fromkeys(
            say("At this length: {home} In a clinic: {clinic}", home=c.at_home, clinic=c.in_clinic) for c in concerns
        )
    says = tuple(s for x in every for s in x.says if s.unit == "mm") + table("rules")["home-len"].says
    if person.setting == "clinic":
        why += _thin(zone, mm)
        if high > limit:
            why.append(say("Beyond {limit:g} mm: not evaluated by the regulator.", limit=limit))
        says += table("rules")["home-len-clinic"].says
    return Chosen(max(low, SHORTEST_MM), high, limit, mm, max(mm, rest_mm), cut, join(why), tuple(dict.fromkeys(says)))


def _at_hand(person: Person, want: float) -> float:
    """Return what the devices at hand give, up to `want`; with none that may be used, the shortest (never longer)."""
    fits = [d for d in person.devices or () if d.mm <= want or d.kind == "pen"]
    own = [min(d.mm, want) for d in fits if usable(d, person.setting)]
    return max(own) if own else min((min(d.mm, want) for d in fits), default=want)


def _thin(zone: str, mm: float) -> list[Said]:
    skin = table("zones")[base_zone(zone)].skin
    bottoms = [float(v) for v in (skin.dermis_bottom_mm.values() if skin else ())]
    if not bottoms or mm <= min(bottoms):
        return []
    return [say("Skin here can be thin: in about 1 in 40 people the dermis ends above {mm:g} mm (ultrasound).", mm=min(bottoms))]


def band(mm: float) -> Length:
    """Return the length row that `mm` belongs to (the deepest when it is longer than any)."""
    rows: list[Length] = list(table("lengths").values())
    return next((x for x in rows if x.holds(mm)), rows[-1])


def rest_days(setting: str, mm: float, zone: str, concerns: Sequence[Concern], factor: float) -> int:
    """Return the days a zone rests after needles of `mm`: the strictest sourced wait, never below our own."""
    row, place = band(mm), base_zone(zone)
    settings = ("home", "clinic") if setting == "home" and mm > max(table("lengths")["shallow"].mm) else (setting,)
    scars = any("scars" in c.id or c.id == "stretch-marks" for c in concerns)
    choices = [row.choice] + ([row.scar_choice] if scars and row.scar_choice else [])
    days = max(derive_longest(row.says, c, "d", s, mm, place) for c in choices for s in settings)
    return math.ceil(days * factor)


def device_findings(
    person: Person, goals: Mapping[str, Sequence[Concern]], found: Sequence[Finding]
) -> list[Finding]:
    """Say which devices are too long for any zone of this plan, or wrong for a goal, and what would be right."""
    out: list[Finding] = []
    rule = table("rules")["home-len"]
    post = next(s.text for s in rule.says if s.kind == "post")
    concerns = {c.id: c for group in goals.values() for c in group}.values()
    worn = table("care")["replace"]
    for d in person.devices or ():
        if (d.uses or 0) >= float(worn.choice.value):
            text = say("Your {mm:g} mm {kind} has been used {uses} times. {title}: {home} The post says: {post}",
                       mm=d.mm, kind=d.kind, uses=d.uses, title=worn.title, home=worn.home, post=worn.post)  # fmt: skip
            out.append(Finding("device-used", "add", "device", "", None, text, worn.says))
        longest = max((cap(person, z, of_zone(found, z)) for z in goals), default=home_cap(person, "forehead"))
        if person.setting == "home" and d.mm > longest and d.kind != "pen":
            out.append(_too_long(d, longest, rule.says, post))
        for c in concerns:
            out += [
                Finding("device-wrong", "note", "device", "", None,
                        say("{kind} for {concern}: {why}", kind=d.kind, concern=c.label, why=w.why), c.says)
                for w in c.device_wrong
                if w.kind == d.kind and person.setting == "home"
            ]
            if c.lengths and d.mm <= (low := min(table("lengths")[i].mm[0] for i in c.lengths)):
                text = say(
                    "Your {mm:g} mm {kind} is shorter than what is published for {concern} (from {low:g} mm), so expect "
                    "less of it. At a length permitted at home: {home} In a clinic: {clinic}",
                    mm=d.mm, kind=d.kind, concern=c.label, low=low, home=c.at_home, clinic=c.in_clinic,
                )  # fmt: skip
                out.append(Finding("device-too-short", "note", "device", "", None, text, c.says))
    return out


def _too_long(d: Device, longest: float, says: tuple[Says, ...], post: str) -> Finding:
    text = say(
        "Your {mm:g} mm {kind} is not planned at home; this plan uses at most {longest:g} mm, so it needs another device. "
        "The post says: {post} We do not follow it: no regulator has authorised needling for home, and no outside source "
        "read here shows such lengths to be safe there. A clinic can decide on longer needles.",
        mm=d.mm, kind=d.kind, longest=longest, post=post,
    )  # fmt: skip
    return Finding("device-too-long", "limit", "device", "", None, text, says)


def interval_factor(person: Person, found: Sequence[Finding]) -> float:
    """Return what the rest is multiplied by; an unknown skin type rests as long as the most cautious one."""
    rules = table("rules")
    speaking = [rules[f.rule] for f in found if f.rule in rules]
    if person.skin_type is None:
        speaking += [r for r in rules.values() if r.when.skin_type_min is not None]
    return max((r.limit.interval_factor for r in speaking if r.limit), default=1.0)
