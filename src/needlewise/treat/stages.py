"""The guided session: timed stages for the zones of today, with questions that can stop it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.knowledge.rows import Active, Care
from needlewise.knowledge.session_rows import SessionCheck
from needlewise.model import Device, Person, Plan, Says, ZonePlan
from needlewise.planning.person import base_zone, expand_zone
from needlewise.planning.safety import usable
from needlewise.planning.schedule import pause_days, paused
from needlewise.said import join, say

DIRECTIONS = ("up and down", "side to side", "one diagonal", "the other diagonal")
ENDS = {"zone": "zone", "product": "stage"}  # by the scope of the rule; anything else ends the session


@dataclass(frozen=True)
class Check:
    """A question, and what happens on the answer that stops.

    Attributes
    ----------
    id : str
    question : str
    stops : str
        The answer that stops, "yes" or "no".
    then : str
        What is said when it stops.
    ends : str
        What it stops: "session", "zone" (only the zones it is true of), or "stage" (only this optional stage).
    says : tuple of Says
    """

    id: str
    question: str
    stops: str
    then: str
    ends: str
    says: tuple[Says, ...]


@dataclass(frozen=True)
class Stage:
    """One step of the session.

    Attributes
    ----------
    id : str
        "skin", "device", "wash", "numb", "wipe", "needle:ZONE", "rinse" or "put-away".
    title, text : str
    minutes : (low, high) or None
        The spread of what is said about its length; None where nothing is.
    checks : tuple of Check
    says : tuple of Says
    optional : bool
        May be left out; a person who wants no numbing skips "numb" and "wipe".
    zone : str
    mm : float or None
        Needle length, at most.
    passes : int
        Passes in all, at most; 0 in a clinic, where label and training decide.
    directions : tuple of str
        In this order, with `passes` shared out evenly.
    endpoint : str
        Where to stop, at the latest.
    cautions : tuple of str
        What the plan found about this zone.
    """

    id: str
    title: str
    text: str
    minutes: tuple[float, float] | None
    checks: tuple[Check, ...]
    says: tuple[Says, ...]
    optional: bool = False
    zone: str = ""
    mm: float | None = None
    passes: int = 0
    directions: tuple[str, ...] = ()
    endpoint: str = ""
    cautions: tuple[str, ...] = ()


def session_stages(
    person: Person, plan: Plan, zones: Sequence[str], day: dt.date, device: Device | None = None
) -> tuple[Stage, ...]:
    """Return the stages of a session.

    Parameters
    ----------
    person : Person
    plan : Plan
        Made after the last session and the last change were recorded.
    zones : sequence of str
        Zones of the plan, in the order in which they are to be needled.
    day : date
        The day of the session.
    device : Device, optional
        The device of today; without it the checks of every device of the person are asked.

    Raises
    ------
    InputError
        No zone, a zone that may not be needled on this day, or a device that may not be used there; says why.
    """
    if not zones:
        raise InputError("zones", "none", "at least one zone of the plan")
    planned = [_due(person, plan, zone, day) for zone in zones]
    for zone in planned if device is not None else ():
        _fits(device, zone, plan.setting)
    home = plan.setting == "home"
    care = table("care")
    inspect = care["inspect-needles"]
    stages = [
        Stage("skin", say("Is your skin ready today?"), say("Wash off make-up first and look in a good light."), None,
              _checks("skin", planned, person, None), ()),
        _of_care("device", inspect, home, _checks("device", planned, person, _kinds(person, device)),
                 extra=(care["own-device"], care["sterilise"])),
        _of_care("wash", care["wash"], home),
        _of_care("numb", care["numb"], home, _checks("numbing", planned, person, None), optional=True),
        _of_care("wipe", care["wipe-off"], home, optional=True),
        *(_needle(plan, zone, home) for zone in planned),
        _of_care("rinse", care["after-wash"], home, extra=(care["no-mask"],), timed=False),
        _of_care("put-away", care["replace"], home, timed=False),
    ]  # fmt: skip
    return tuple(stages)


def due(person: Person, plan: Plan, zone: ZonePlan, day: dt.date) -> str:
    """Return "" when `zone` may be needled on `day`, otherwise why not."""
    if zone.mm is None or zone.first is None or zone.verdict in ("ask", "refer", "stop"):
        reasons = [f.message for f in plan.findings if f.zone in ("", zone.zone) and f.effect not in ("note", "add", "limit")]
        return join([say("The plan says {verdict} for this zone.", verdict=zone.verdict), *reasons[:2]])
    if day < zone.first:
        return say("It is planned from {date} on.", date=zone.first.isoformat())
    for past in person.events or ():
        mine = past.what == "session" and (not past.zone or zone.zone in expand_zone(past.zone, "events.zone"))
        if mine and (past.date > plan.start or past.date >= zone.first):
            return say("It was needled on {date}, after this plan was made: plan again.", date=past.date.isoformat())
    return ""


def stopping(stages: Iterable[Stage], answers: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the checks that these answers (check id to "yes" or "no") stop."""
    return tuple(c for s in stages for c in s.checks if answers.get(c.id) == c.stops)


def unanswered(stages: Iterable[Stage], answers: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the checks still to be answered before needling; those of an optional stage are not among them."""
    return tuple(c for s in stages if not s.optional for c in s.checks if answers.get(c.id) not in ("yes", "no"))


def directions_of(number: int) -> tuple[str, ...]:
    """Return the names of the first `number` directions."""
    return DIRECTIONS[:number]


def _due(person: Person, plan: Plan, zone: str, day: dt.date) -> ZonePlan:
    by_name = {z.zone: z for z in plan.zones}
    if zone not in by_name:
        raise InputError("zones", zone, ", ".join(by_name) or "a zone that is in the plan", "the plan knows no other")
    if why := due(person, plan, by_name[zone], day):
        free = [z.zone for z in plan.zones if not due(person, plan, z, day)]
        allowed = say("zones that may be needled on {date}: {zones}", date=day.isoformat(), zones=", ".join(free) or say("none"))
        raise InputError("zones", zone, allowed, why)
    return by_name[zone]


def _fits(device: Device | None, zone: ZonePlan, setting: str) -> None:
    assert device is not None and zone.mm is not None
    if not usable(device, setting):
        raise InputError("device", f"{device.mm:g} mm {device.kind}", "a device of a known kind that only you have ever used")
    if device.kind != "pen" and device.mm > zone.mm:
        allowed = say("at most {mm:g} mm for {zone}", mm=zone.mm, zone=zone.zone)
        raise InputError("device", f"{device.mm:g} mm {device.kind}", allowed, "use a shorter device, or leave this zone out")


def _kinds(person: Person, device: Device | None) -> frozenset[str]:
    """Return the kinds of device asked about: today's, or every one at hand; none at hand means every kind."""
    devices = [device] if device is not None else list(person.devices or ())
    return frozenset(d.kind for d in devices) or frozenset(table("kinds"))


def _checks(part: str, zones: Sequence[ZonePlan], person: Person, kinds: frozenset[str] | None) -> tuple[Check, ...]:
    home, pauses = person.setting == "home", paused(person)
    tags = {t for z in zones for t in table("zones")[base_zone(z.zone)].tags}
    rows: list[SessionCheck] = [r for r in table("checks").values() if r.part == part]
    return tuple(
        _check(row, home) if not row.products else _paused(row, person, pauses)
        for row in rows
        if (pauses or not row.products)
        and (not row.kinds or kinds is None or kinds & set(row.kinds))
        and (not row.tags or tags & set(row.tags))
    )


def _check(row: SessionCheck, home: bool) -> Check:
    if row.rule:
        rule = table("rules")[row.rule]
        then = join([rule.message_home if home else rule.message_clinic, rule.instead])
        return Check(row.id, row.question, row.stops, then, ENDS.get(rule.scope, "session"), rule.says)
    care = table("care")[row.care]
    return Check(row.id, row.question, row.stops, care.home if home else care.clinic, "session", care.says)


def _paused(row: SessionCheck, person: Person, pauses: Sequence[Active]) -> Check:
    """Ask whether the pauses were kept; where one was not, those places are left out."""
    care, home = table("care")[row.care], person.setting == "home"
    each = [say("{what} in the past {n} days", what=a.label, n=pause_days(a, person.setting)) for a in pauses]
    says = dict.fromkeys((*care.says, *(s for a in pauses for s in a.says if s.phase == "before")))
    question = say(row.question, products=join(each, "; "))
    return Check(row.id, question, row.stops, care.home if home else care.clinic, "zone", tuple(says))


def _of_care(id: str, row: Care, home: bool, checks: tuple[Check, ...] = (), extra: Sequence[Care] = (),
             optional: bool = False, timed: bool = True) -> Stage:  # fmt: skip
    rows = (row, *extra)
    text = join([r.home if home else r.clinic for r in rows])
    says = tuple(dict.fromkeys(s for r in rows for s in r.says))
    return Stage(id, row.title, text, minutes_of(row) if timed else None, checks, says, optional)


def minutes_of(row: Care) -> tuple[float, float] | None:
    """Return the spread of minutes that the sources of a care step name, else how long our plan gives it."""
    said: list[float] = []
    for s in row.says:
        if s.unit == "min" and s.value is not None:
            said += s.value if isinstance(s.value, tuple) else (s.value,)
    if not said and row.duration_hours:
        said = [row.duration_hours * 60]
    return (min(said), max(said)) if said else None


def _needle(plan: Plan, zone: ZonePlan, home: bool) -> Stage:
    care = table("care")
    label = table("zones")[base_zone(zone.zone)].label
    side = next((s for s in ("left", "right") if zone.zone.endswith(f"-{s}")), "")
    title = say("{zone}, {side}", zone=label, side=side) if side else label
    parts = [say("At most {mm:g} mm.", mm=zone.mm), zone.technique, care["hold"].home if home else care["hold"].clinic]
    mine = [f for f in plan.findings if f.zone == zone.zone and f.effect in ("limit", "add", "note")]
    cautions = tuple(dict.fromkeys(f.message for f in mine if f.rule in table("rules")))
    says = tuple(dict.fromkeys((*care["passes"].says, *care["hold"].says, *care["endpoint"].says, *zone.says)))
    return Stage(f"needle:{zone.zone}", title, join(parts), None, (), says, False, zone.zone, zone.mm, zone.passes,
                 directions_of(zone.directions), zone.endpoint, cautions)  # fmt: skip
