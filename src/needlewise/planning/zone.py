"""One zone's plan: its verdict, length, rest and session dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from needlewise.knowledge import table
from needlewise.knowledge.rows import Concern
from needlewise.model import Finding, ZonePlan
from needlewise.planning.dose import Dose, dose
from needlewise.planning.length import Chosen, choose, interval_factor, rest_days
from needlewise.planning.person import base_zone
from needlewise.planning.safety import VERDICT_OF, Facts, of_zone, usable, worst
from needlewise.planning.schedule import past_sessions, review_date, session_dates, waits_until
from needlewise.said import say

LONGEST_MM = 3.0  # a recorded session of unknown length rests like the longest there is
LENGTH_RULES = ("home-len", "home-len-clinic")  # general limits: a zone's own finding says where they cut


@dataclass(frozen=True)
class Zoned:
    """A zone's plan with its own findings, session dates, and its rest in days before any caution lengthened it."""

    plan: ZonePlan
    findings: tuple[Finding, ...]
    dates: tuple[dt.date, ...] = ()
    rest: int = 0


def plan_zone(facts: Facts, zone: str, concerns: Sequence[Concern], found: Sequence[Finding]) -> Zoned:
    """Plan one zone under the findings that speak of it."""
    person = facts.person
    mine = of_zone(found, zone)
    effects = _effects(facts, mine)
    verdict = worst([VERDICT_OF[e] for e in effects])
    treatable = [c for c in concerns if c.lengths]
    if not treatable or table("zones")[base_zone(zone)].never:
        says = tuple(s for f in mine for s in f.says)
        verdict = worst([verdict, "stop"])
        return Zoned(ZonePlan(zone, verdict, None, None, "Not needled.", 0, 0, "", "", None, 0, None, None, says), ())
    length = choose(person, zone, concerns, mine)
    factor = interval_factor(person, mine)
    extra = [*_length_findings(facts, zone, length), *_rest(facts, zone, concerns, length, factor)]
    verdict = worst([verdict, *(VERDICT_OF[f.effect] for f in extra)])
    if any(f.rule == "device-too-long" for f in mine):
        verdict = worst([verdict, "limited"])
    until, open_ended = waits_until([*mine, *extra])
    first = max(facts.start, until or facts.start)
    interval = rest_days(person.setting, length.rest_mm, zone, concerns, factor)
    count = max(min(c.sessions) for c in treatable)
    undated = open_ended or effects & {"ask", "refer", "stop"}
    dates = () if undated else tuple(session_dates(facts, first, interval, count))
    care = table("care")
    pattern = _pattern(facts, length.mm)
    made = ZonePlan(
        zone=zone,
        verdict=verdict,
        mm_range=(length.low, length.high),
        mm=length.mm,
        why=length.why if dates else "Nothing is planned here: see what was found.",
        passes=pattern.passes,
        directions=pattern.directions,
        technique=pattern.text,
        endpoint=care["endpoint"].home if person.setting == "home" else care["endpoint"].clinic,
        interval_days=interval,
        sessions=len(dates),
        first=dates[0] if dates else None,
        review=review_date(dates, interval, concerns),
        says=tuple(dict.fromkeys((*length.says, *(s for c in concerns for s in c.says), *table("rules")["interval-len"].says))),
    )
    return Zoned(made, tuple(extra), dates, rest_days(person.setting, length.rest_mm, zone, concerns, 1.0))


def _pattern(facts: Facts, mm: float) -> Dose:
    """The passes with the device that would be used; in a clinic the label and training decide."""
    if facts.person.setting == "clinic":
        return Dose(0, 0, table("care")["passes"].clinic)
    fits = [d for d in facts.person.devices or () if usable(d, "home") and (d.mm <= mm or d.kind == "pen")]
    return dose(max(fits, key=lambda d: min(d.mm, mm), default=None))


def _effects(facts: Facts, mine: Sequence[Finding]) -> set[str]:
    """The effects that count for a zone: those of devices only when no device may be used."""
    devices = facts.person.devices or ()
    barred = bool(devices) and not any(usable(d, facts.person.setting) for d in devices)
    return {f.effect for f in mine if f.rule not in LENGTH_RULES and (f.scope != "device" or barred)}


def _length_findings(facts: Facts, zone: str, length: Chosen) -> list[Finding]:
    out = []
    if length.cut:
        out.append(Finding("length-cut", "limit", "zone", zone, None, length.why, length.says))
    if facts.person.setting == "clinic" and length.high > length.cap:
        says = table("rules")["home-len-clinic"].says
        text = say("Published up to {high:g} mm; beyond {cap:g} mm: not evaluated by the regulator, and not planned.",
                   high=length.high, cap=length.cap)  # fmt: skip
        out.append(Finding("not-evaluated", "note", "zone", zone, None, text, says))
    return out


def _rest(facts: Facts, zone: str, concerns: Sequence[Concern], length: Chosen, factor: float) -> list[Finding]:
    """The zone's rest from every recorded session: an older, longer one can outlast a newer one."""
    person = facts.person
    rests: dict[dt.date, dt.date] = {}  # the end of each rest, and the session it comes from
    for past in past_sessions(facts, zone):
        longest = past.mm or max((d.mm for d in person.devices or ()), default=LONGEST_MM)
        days = rest_days(person.setting, max(longest, length.rest_mm), zone, concerns, factor)
        rests[past.date + dt.timedelta(days=days)] = past.date
    rested = max(rests, default=facts.start)
    if rested <= facts.start:
        return []
    text = say("This skin was needled on {date} and still rests.", date=rests[rested].isoformat())
    return [Finding("rest", "wait", "zone", zone, rested, text, table("rules")["interval-len"].says + length.says)]
