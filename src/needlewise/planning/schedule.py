"""Dates: sessions that honour each zone's rest, and everything that belongs before and after them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from needlewise.knowledge import derive_longest, table
from needlewise.knowledge.rows import Active, Care, Concern
from needlewise.model import Event, Finding, Person, Says, Step, ZonePlan
from needlewise.planning.person import expand_zone, slug
from needlewise.planning.safety import Facts, active_ids, active_in_medicine, active_of, usable
from needlewise.said import join, say

ALWAYS = ("make-up", "exercise", "swimming", "sun")  # for everybody, whatever is in the cupboard
UNKNOWN_PRODUCTS = ("retinoid", "acids", "vitamin-c")  # shown when nobody said what is used
ONCE = ("photo", "review", "red-flag", "technique", "endpoint", "guided")  # with a step of their own, or only in a session


def past_sessions(facts: Facts, zone: str) -> list[Event]:
    """Return the recorded sessions of a zone; one recorded without a zone counts for all."""
    return [
        e for e in facts.person.events or () if e.what == "session" and (not e.zone or zone in expand_zone(e.zone, "events.zone"))
    ]


def waits_until(found: Sequence[Finding]) -> tuple[dt.date | None, bool]:
    """Return the last day anything waits for, and whether a wait has no date."""
    waits = [f for f in found if f.effect == "wait"]
    return max((f.until for f in waits if f.until), default=None), any(f.until is None for f in waits)


def _hours(active: Active, phase: str, setting: str) -> float:
    says = [s for s in active.says if s.phase == phase]
    choice = active.before_choice if phase == "before" else active.after_choice
    return max(derive_longest(says, choice, "h", setting), 24 * derive_longest(says, choice, "d", setting))


def pause_days(active: Active, setting: str) -> int:
    """Days an active stops before a session."""
    return math.ceil(_hours(active, "before", setting) / 24)


def restart_days(active: Active, setting: str) -> int:
    """Whole days after a session before an active may go on again."""
    return math.ceil(restart_hours(active, setting) / 24)


def restart_hours(active: Active, setting: str) -> float:
    """Hours after a session before an active may go on again."""
    return _hours(active, "after", setting)


def used(person: Person) -> list[Active]:
    """The actives this person uses, the usual ones when that is not clear, and what everybody does."""
    unsure = person.products is None or any(not active_of(p.name) for p in person.products)
    ids = active_ids(person) | (set(UNKNOWN_PRODUCTS) if unsure else set())
    return [a for a in table("actives").values() if a.id in {*ids, *ALWAYS}]


def paused(person: Person) -> list[Active]:
    """What goes on this person's skin and stops before a session."""
    return [a for a in used(person) if a.id not in ALWAYS and pause_days(a, person.setting)]


def to_pause(person: Person) -> frozenset[tuple[str, str]]:
    """Each product that stops before a session, by its name, with what stops: what was not there before has its pause ahead."""
    stops = {a.id for a in paused(person)}
    holds = {slug(p.name): active_of(p.name) for p in person.products or ()}
    holds |= {slug(m.name): active_in_medicine(m.name) for m in person.medicines or ()}
    named = {(name, a) for name, found in holds.items() for a in found & stops}
    return frozenset(named | {("", a) for a in stops - {a for _, a in named}})


def session_dates(facts: Facts, first: dt.date, interval: int, count: int) -> list[dt.date]:
    """Return the sessions' dates: not before `first`, nor before the actives in use were paused long enough."""
    pause = max((pause_days(a, facts.person.setting) for a in used(facts.person)), default=0)
    begin = max(first, (facts.since or facts.start) + dt.timedelta(days=pause))
    return [begin + dt.timedelta(days=i * interval) for i in range(count)]


def review_date(dates: Sequence[dt.date], interval: int, concerns: Sequence[Concern]) -> dt.date | None:
    """When a result can be expected at all, and the last session's redness is over."""
    if not dates:
        return None
    weeks = max(c.review_weeks for c in concerns)
    return max(dates[0] + dt.timedelta(weeks=weeks), dates[-1] + dt.timedelta(days=interval))


def steps_of(
    facts: Facts,
    zones: Sequence[ZonePlan],
    dates: Mapping[str, Sequence[dt.date]],
    rests: Mapping[str, int],
    goals: Mapping[str, Sequence[Concern]],
) -> tuple[Step, ...]:
    """Return every dated step of the plan, in order."""
    steps: list[Step] = []
    devices = facts.person.devices or ()
    every: dict[dt.date, int] = {}
    for zone in zones:
        days = dates[zone.zone]
        for number, day in enumerate(days, 1):
            every[day] = max(number, every.get(day, 0))
        fits = any(usable(d, facts.person.setting) and (d.kind == "pen" or d.mm <= (zone.mm or 0)) for d in devices)
        steps += _sessions(zone, days, fits)
        if days:
            steps += _actives(facts, zone.zone, days, rests[zone.zone])
            steps += _photos(facts, zone, days, goals[zone.zone])
    setting = facts.person.setting
    cared = [(row, _care_text(row, setting)) for row in table("care").values() if row.phase not in ONCE]
    for day, number in every.items():
        steps += [_care(row, text, day, number) for row, text in cared]
    return tuple(sorted(steps, key=lambda s: (s.date, _ORDER.get(s.action, 99), s.zone, s.text)))


_ORDER = {
    a: i
    for i, a in enumerate(
        ("pause", "photo", "follow-up-photo", "inspect", "sterilise", "prepare", "numb", "session", "channels", "redness",
         "aftercare", "sunscreen", "restart", "replace", "review")
    )
}  # fmt: skip


def _sessions(zone: ZonePlan, days: Sequence[dt.date], fits: bool) -> list[Step]:
    if zone.mm is None:
        return []
    care = table("care")
    text = join([say("Needle at {mm:g} mm.", mm=zone.mm), zone.technique, zone.endpoint])
    if not fits:
        text = join([say("Only with a device of at most {mm:g} mm that is yours alone; you named none.", mm=zone.mm), text])
    says = tuple(dict.fromkeys((*care["passes"].says, *care["endpoint"].says, *zone.says)))
    return [Step(day, zone.zone, "session", text, zone.mm, None, number, says) for number, day in enumerate(days, 1)]


def _actives(facts: Facts, zone: str, days: Sequence[dt.date], rest: int) -> list[Step]:
    """Pause and restart of every active in one zone; a pause that meets the next one is one long pause.

    Whether they meet is settled by `rest`, the zone's rest before any caution lengthened it: so a caution never
    permits an active sooner.
    """
    setting = facts.person.setting
    out: list[Step] = []
    for active in used(facts.person):
        before, after = (dt.timedelta(days=d(active, setting)) for d in (pause_days, restart_days))
        begin = 0
        again = join([say("From today: {what}.", what=active.label), active.conditions])
        for i, day in enumerate(days):
            restart = day + after
            if i + 1 < len(days) and (before + after).days >= rest:
                continue  # the next session's pause has begun by then
            if before:
                text = say("Stop {what}; not before {date} again.", what=active.label, date=restart.isoformat())
                out.append(Step(days[begin] - before, zone, "pause", text, None, restart, begin + 1, active.says))
            out.append(Step(restart, zone, "restart", again, None, None, i + 1, active.says))
            begin = i + 1
    return out


def _photos(facts: Facts, zone: ZonePlan, days: Sequence[dt.date], concerns: Sequence[Concern]) -> list[Step]:
    baseline = next(r for r in table("care").values() if r.phase == "photo")
    home = facts.person.setting == "home"
    text = baseline.home if home else baseline.clinic
    first = max(facts.start, days[0] - dt.timedelta(days=1))
    last = zone.review or days[-1]
    out = [Step(first, zone.zone, "photo", text, None, None, 0, baseline.says)]
    out.append(Step(last, zone.zone, "follow-up-photo", join(["The same pictures again.", text]), None, None, 0, baseline.says))
    expect = join(dict.fromkeys(c.at_home if home else c.in_clinic for c in concerns))
    says: tuple[Says, ...] = tuple(s for c in concerns for s in c.says)
    why = join(["Compare with the first pictures; before this date it is too early to tell.", expect,
                "No change is an answer too."])  # fmt: skip
    out.append(Step(last, zone.zone, "review", why, None, None, 0, says))
    return out


def _care_text(row: Care, setting: str) -> str:
    text = say("{title}. {text}", title=row.title, text=row.home if setting == "home" else row.clinic)
    if row.post and row.conflict:
        return join([text, say("The post says: {post} {conflict}", post=row.post, conflict=row.conflict)])
    return text


def _care(row: Care, text: str, day: dt.date, number: int) -> Step:
    begin = day + dt.timedelta(days=math.trunc(row.offset_hours / 24))
    ends = row.offset_hours + row.duration_hours
    until = day + dt.timedelta(days=math.ceil(ends / 24)) if ends >= 24 else None
    return Step(begin, "", row.phase, text, None, until, number, row.says)
