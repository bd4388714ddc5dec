"""When can I …? After a session: what may go on the skin, what may be done, and when each zone may be needled again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import longest, speaking, table
from needlewise.knowledge.rows import DECIDING, Active, Concern
from needlewise.model import Person, Plan, Says
from needlewise.planning.length import band, interval_factor, rest_days
from needlewise.planning.person import base_zone
from needlewise.planning.safety import active_of, of_zone
from needlewise.planning.schedule import UNKNOWN_PRODUCTS, pause_days, restart_hours, used
from needlewise.planning.zone import LONGEST_MM
from needlewise.said import say

DOINGS = ("exercise", "swimming", "sauna", "sun", "shaving", "waxing")  # the rest of the actives go on the skin


@dataclass(frozen=True)
class Done:
    """A zone that was needled: when it ended (with its time zone, or in local time) and how deep.

    `mm` None means that nobody knows: it rests like the longest there is.
    """

    zone: str
    ended: dt.datetime
    mm: float | None = None


@dataclass(frozen=True)
class Ready:
    """When something may be done again.

    Attributes
    ----------
    id : str
        Id in actives.toml, "product:NAME" for one we do not know, or "session:ZONE".
    label : str
    kind : str
        "skin" (it goes on the skin), "doing" or "session".
    at : datetime
        The earliest moment, by the strictest source that decides and never before our own choice.
    stop_by : date or None
        The day it pauses again for the next planned session.
    decided_by : str
        The source that states this wait; "needlewise" where it is our own choice, never shorter than any that decides.
    low_hours, high_hours : float
        The spread of everything that was read, deciding or not.
    condition : str
        What must also hold at that moment.
    yours : bool
        Whether the person uses it, or it is for everybody.
    products : tuple of str
        The person's own products that are meant.
    says : tuple of Says
    """

    id: str
    label: str
    kind: str
    at: dt.datetime
    stop_by: dt.date | None
    decided_by: str
    low_hours: float
    high_hours: float
    condition: str
    yours: bool
    products: tuple[str, ...]
    says: tuple[Says, ...]


@dataclass(frozen=True)
class SkinNow:
    """What may go on the skin or be done at a moment, and what may not yet; each soonest first."""

    allowed: tuple[Ready, ...]
    not_yet: tuple[Ready, ...]


def ready_times(person: Person, done: Sequence[Done], plan: Plan | None = None) -> tuple[Ready, ...]:
    """Return when each thing may be done again after a session, soonest first.

    Parameters
    ----------
    person : Person
    done : sequence of Done
        Every zone of the session; of several sessions, all that could still matter. What goes on the skin counts from the
        last one's end.
    plan : Plan, optional
        Its later sessions say what pauses again; its cautions lengthen a zone's rest.

    Raises
    ------
    InputError
        Nothing was done, or some ends have a time zone and others none.
    """
    if not done:
        raise InputError("done", "none", "at least one needled zone")
    if len({d.ended.tzinfo is None for d in done}) > 1:
        raise InputError("ended", "with and without a time zone", "all with one, or all without")
    ended = max(d.ended for d in done)
    coming = _coming(plan, ended.date())
    mine = {a.id for a in used(person)}
    found = [_ready(a, person, ended, coming, a.id in mine) for a in table("actives").values()]
    found += [_unknown(p.name, person, ended, coming) for p in person.products or () if not active_of(p.name)]
    alike: dict[tuple[str, float | None], Done] = {}  # of sessions of one zone with one length the last one decides
    for d in done:
        kept = alike.get((d.zone, d.mm))
        alike[d.zone, d.mm] = d if kept is None or d.ended > kept.ended else kept
    newest: dict[str, Done] = {}
    for d in alike.values():
        kept = newest.get(d.zone)
        newest[d.zone] = d if kept is None or _session_at(person, d, plan) > _session_at(person, kept, plan) else kept
    found += [_session(person, d, plan) for d in newest.values()]
    return tuple(sorted(found, key=lambda r: (r.at, r.label)))


def skin_now(ready: Iterable[Ready], now: dt.datetime) -> SkinNow:
    """Sort what `ready_times` found into allowed at `now`, and not yet; sessions are left out.

    `now` has a time zone if the sessions' ends have one.
    """
    rows = [r for r in ready if r.kind != "session"]
    open_now = [r for r in rows if now >= r.at and (r.stop_by is None or now.date() < r.stop_by)]
    return SkinNow(tuple(open_now), tuple(r for r in rows if r not in open_now))


def _after(ended: dt.datetime, hours: float) -> dt.datetime:
    """Add real hours: across a change of the clocks, 24 hours stay 24 hours."""
    wait = dt.timedelta(hours=hours)
    return ended + wait if ended.tzinfo is None else (ended.astimezone(dt.UTC) + wait).astimezone(ended.tzinfo)


def _coming(plan: Plan | None, after: dt.date) -> list[dt.date]:
    """Return the dates of the planned sessions after a day."""
    return sorted({s.date for s in plan.steps if s.action == "session" and s.date > after}) if plan is not None else []


def _ready(active: Active, person: Person, ended: dt.datetime, coming: Sequence[dt.date], yours: bool) -> Ready:
    setting = person.setting
    wait, pause = restart_hours(active, setting), dt.timedelta(days=pause_days(active, setting))
    at, stop_by = _after(ended, wait), None
    for day in coming if pause else ():
        stop_by = day - pause
        if stop_by > at.date():
            break
        # its pause has begun by then: it waits for the session after, too
        at, stop_by = _after(dt.datetime.combine(day, ended.timetz()), wait), None
    low, high = _spread(active, wait)
    names = tuple(p.name for p in person.products or () if active.id in active_of(p.name))
    kind = "doing" if active.id in DOINGS else "skin"
    says = tuple(s for s in active.says if s.phase == "after")
    by = _decided_by(says, setting, wait)
    return Ready(active.id, active.label, kind, at, stop_by, by, low, high, active.conditions, yours, names, says)


def _unknown(name: str, person: Person, ended: dt.datetime, coming: Sequence[dt.date]) -> Ready:
    """A product nobody here knows waits like the slowest of a retinoid, an acid and vitamin C."""
    rows = [_ready(table("actives")[i], person, ended, coming, True) for i in UNKNOWN_PRODUCTS]
    last = max(rows, key=lambda r: r.at)
    stops = [r.stop_by for r in rows if r.stop_by]
    text = say("We do not know it, so it waits like {what}. {condition}", what=last.label, condition=last.condition)
    return Ready(f"product:{name}", name, "skin", last.at, min(stops, default=None), "needlewise", min(r.low_hours for r in rows),
                 max(r.high_hours for r in rows), text, True, (name,), last.says)  # fmt: skip


def _spread(active: Active, wait: float) -> tuple[float, float]:
    hours = [wait]
    for s in active.says:
        if s.phase == "after" and s.unit in ("h", "d") and s.value is not None:
            values = s.value if isinstance(s.value, tuple) else (s.value,)
            hours += [v * (24 if s.unit == "d" else 1) for v in values]
    return min(hours), max(hours)


def _rest(person: Person, done: Done, plan: Plan | None) -> tuple[int, tuple[Says, ...]]:
    found = of_zone(plan.findings, done.zone) if plan is not None else []
    concerns: list[Concern] = [table("concerns")[g.concern] for g in person.goals if done.zone in g.zones]
    planned = next((z for z in plan.zones if z.zone == done.zone), None) if plan is not None else None
    mm = LONGEST_MM if done.mm is None else done.mm
    days = rest_days(person.setting, mm, done.zone, concerns, interval_factor(person, found))
    says = band(mm).says + table("rules")["interval-len"].says
    return max(days, (planned.interval_days or 0) if planned else 0), tuple(dict.fromkeys(says))


def _session_at(person: Person, done: Done, plan: Plan | None) -> dt.datetime:
    return _after(done.ended, 24 * _rest(person, done, plan)[0])


def _session(person: Person, done: Done, plan: Plan | None) -> Ready:
    days, says = _rest(person, done, plan)
    spread = [24 * longest(s) for s in speaking(says, "d", person.setting, done.mm, base_zone(done.zone))]
    low, high = min([24.0 * days, *spread]), max([24.0 * days, *spread])
    if done.mm is None:
        text = say("Rests {days} days, as after the longest needles, and until nothing is red, sore or flaking.", days=days)
    else:
        text = say("Rests {days} days after {mm:g} mm, and until nothing is red, sore or flaking.", mm=done.mm, days=days)
    at, by = _after(done.ended, 24 * days), _decided_by(says, person.setting, 24.0 * days, done.mm, base_zone(done.zone))
    return Ready(f"session:{done.zone}", done.zone, "session", at, None, by, low, high, text, True, (), says)


def _decided_by(says: Iterable[Says], setting: str, hours: float, mm: float | None = None, zone: str = "") -> str:
    """Return the source that states a wait this long and may decide; our own choice when none does."""
    for unit, size in (("h", 1.0), ("d", 24.0)):
        for s in speaking(says, unit, setting, mm, zone):
            if s.kind in DECIDING and size * longest(s) == hours:
                return s.source
    return "needlewise"
