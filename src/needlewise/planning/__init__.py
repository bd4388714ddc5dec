"""The plan: from a person, their skin and their device to safe, dated, sourced steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from needlewise.knowledge import stamp, table
from needlewise.knowledge.rows import Concern
from needlewise.model import INTENDED_PURPOSE, VERDICTS, Finding, Person, Plan, Says, ZonePlan
from needlewise.planning.length import device_findings
from needlewise.planning.person import base_zone, load_person, read_person
from needlewise.planning.safety import (
    VERDICT_OF,
    Facts,
    active_ids,
    active_of,
    attested,
    findings,
    strictest_first,
    worst,
)
from needlewise.planning.schedule import steps_of
from needlewise.planning.zone import LENGTH_RULES, plan_zone
from needlewise.said import join, say

__all__ = ["load_person", "plan", "read_person"]


def plan(person: Person | Mapping[str, Any], start: dt.date | None = None, since: dt.date | None = None) -> Plan:
    """Make a plan.

    Parameters
    ----------
    person : Person, or the mapping a person's TOML file holds
    start : the first day anything may be planned; today if None
    since : the day from which a plan for the same products has been kept, so that pauses count from it; `start` if None

    Returns
    -------
    Plan
        Verdict, findings, zones and dated steps, each with the sources it rests on.

    Raises
    ------
    InputError
        A field of a mapping is wrong, or there is nothing to plan for.
    """
    who = person if isinstance(person, Person) else read_person(person)
    day = start or dt.date.today()
    goals: dict[str, list[Concern]] = {}
    for goal in who.goals:
        for zone in goal.zones:
            goals.setdefault(zone, []).append(table("concerns")[goal.concern])
    zones = list(goals)
    facts = Facts(who, day, active_ids(who), min(since or day, day))
    found = findings(facts, zones)
    found += device_findings(who, goals, found) + _ours(who, goals)
    made = [plan_zone(facts, zone, concerns, found) for zone, concerns in goals.items()]
    found += [f for z in made for f in z.findings]
    zone_plans = tuple(z.plan for z in made)
    dates, rests = {z.plan.zone: z.dates for z in made}, {z.plan.zone: z.rest for z in made}
    steps = steps_of(facts, zone_plans, dates, rests, goals)
    if not any(f.rule == "length-cut" for f in found):  # the general limit is only a note where it cuts nothing
        found = [replace(f, effect="note") if f.rule in LENGTH_RULES else f for f in found]
    verdict = _overall(zone_plans, found)
    who_for = who.practitioner.name if who.setting == "clinic" and who.practitioner else ""
    return Plan(
        verdict, day, who.setting, who_for, tuple(strictest_first(found)), zone_plans, steps, INTENDED_PURPOSE, stamp(),
        {a: table("rules")["home-len-consent"].message_home for a in who.acknowledged},
    )  # fmt: skip


def _overall(zones: tuple[ZonePlan, ...], found: list[Finding]) -> str:
    """The best zone's verdict, but never better than "limited" when another zone is worse."""
    if not zones:
        return worst(["ask", *(VERDICT_OF[f.effect] for f in found if f.scope == "person")])
    verdicts = [z.verdict for z in zones]
    best = min(verdicts, key=VERDICTS.index)
    return worst([best, "limited"]) if len(set(verdicts)) > 1 else best


def _ours(person: Person, goals: dict[str, list[Concern]]) -> list[Finding]:
    """Findings that need more than one rule's keys: no goals, no practitioner, zones never needled, severity, evidence."""
    out = []
    us = (Says("needlewise", "Our own rule, from row D8 of the post and the label's wording.", kind="ours"),)
    if not goals:
        out.append(Finding("no-goals", "ask", "person", "", None, "What would you like to treat, and where?", us))
    if person.setting == "clinic" and not attested(person):
        text = 'A clinic plan needs a named practitioner who attests it.'
        out.append(Finding("clinic-practitioner", "ask", "person", "", None, text, us))
    for product in person.products or ():
        if not active_of(product.name):
            text = say("We do not know {name!r}: it is paused like a retinoid, an acid or vitamin C, whichever is longest.",
                       name=product.name)  # fmt: skip
            out.append(Finding("unknown-product", "add", "product", "", None, text, table("actives")["retinoid"].says))
    for device in person.devices or ():
        if device.kind == "other":
            text = "This device is of no kind we know: nothing is planned with it. A roller, stamp or pen of your own would do."
            out.append(Finding("device-other", "stop", "device", "", None, text, table("rules")["sterility"].says))
    if person.country:
        known = [r for r in table("regulation").values() if r.country == person.country]
        text = join(say("{fact} ({date})", fact=r.fact, date=r.date.isoformat()) if r.date else r.fact for r in known)
        says = tuple(s for r in known for s in r.says) or us
        text = text or "No regulator's text was read for this country: ask its regulator of medical devices."
        text = say("{country}: {facts}", country=person.country, facts=text)
        out.append(Finding("regulation", "note", "device", "", None, text, says))
    for zone, concerns in goals.items():
        row = table("zones")[base_zone(zone)]
        if row.never:
            says = row.says or table("rules")["eyes"].says
            text = row.message or say("{zone}: never needled.", zone=row.label)
            out.append(Finding("never-zone", "stop", "zone", zone, None, text, says))
        if all(not c.lengths for c in concerns):
            text = join(say("{concern}: {shown} {home}", concern=c.label, shown=c.evidence, home=c.at_home) for c in concerns)
            out.append(Finding("no-evidence", "stop", "zone", zone, None, text, tuple(s for c in concerns for s in c.says)))
    for goal in person.goals:
        if goal.severity == "severe" or goal.concern in ("deep-scars", "deep-wrinkles"):
            clinic = table("concerns")[goal.concern].in_clinic
            text = join([clinic, "The post keeps the home route for minor issues, and so do we."])
            says = table("concerns")[goal.concern].says
            if person.setting == "home":
                out += [Finding("severity", "refer", "zone", z, None, text, says) for z in goal.zones]
    return out
