"""What moved between two plans of one person, in plain words, and because of what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from needlewise.model import VERDICTS, Finding, Plan, Says, ZonePlan
from needlewise.planning.safety import of_zone, strictest_first
from needlewise.said import join, say

QUIET = ("note", "add")  # effects that move nothing


@dataclass(frozen=True)
class Moved:
    """One difference.

    Attributes
    ----------
    zones : tuple of str
        The zones it is true of; none for the whole plan.
    what : str
        "verdict", "first", "length", "passes", "interval", "sessions", "review", "zone", "found", "gone" or "knowledge".
    before, after : str
        "" where there was, or is, nothing.
    direction : str
        "stricter", "milder" or "" where it is neither.
    text : str
        The difference in words.
    because : str
        What was found, or is gone, that explains it; "" where it only follows the calendar.
    says : tuple of Says
        Sources of the reason.
    """

    zones: tuple[str, ...]
    what: str
    before: str
    after: str
    direction: str
    text: str
    because: str
    says: tuple[Says, ...]

    @property
    def sentence(self) -> str:
        """The difference and its reason as one text."""
        holds = say("Because: {why}", why=self.because)
        gone = say("Because this no longer holds: {why}", why=self.because)
        return join([self.text, (gone if self.direction == "milder" else holds) if self.because else ""])


def moved(old: Plan, new: Plan) -> tuple[Moved, ...]:
    """Return what differs; nothing when a plan is compared with itself.

    What is the same for several zones is told once. What was found or is gone is told by itself only where it moved no zone.
    """
    came, left = _differ(new.findings, old.findings), _differ(old.findings, new.findings)
    before, after = ({z.zone: z for z in p.zones} for p in (old, new))
    told: dict[tuple[str, str, str, str, str], tuple[list[str], _Difference]] = {}
    for zone in dict.fromkeys([*after, *before]):
        for d in _zone(before.get(zone), after.get(zone), of_zone(came, zone), of_zone(left, zone)):
            told.setdefault((d.what, d.before, d.after, d.direction, d.because), ([], d))[0].append(zone)
    found = [
        Moved(tuple(zones), d.what, d.before, d.after, d.direction,
              say(d.template, zones=", ".join(zones), before=d.before, after=d.after), d.because, d.says)
        for zones, d in told.values()
    ]  # fmt: skip
    reasons = {m.because for m in found}
    found += [_finding(f, "found") for f in strictest_first(came) if f.effect not in QUIET and f.message not in reasons]
    found += [_finding(f, "gone") for f in strictest_first(left) if f.effect not in QUIET and f.message not in reasons]
    if old.knowledge.get("hash") != new.knowledge.get("hash"):
        dates = old.knowledge.get("date", ""), new.knowledge.get("date", "")
        text = say("What is known was reviewed since: {before}, now {after}.", before=dates[0], after=dates[1])
        found.append(Moved((), "knowledge", *dates, "", text, "", ()))
    return tuple(found)


def _differ(those: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    known = {_key(f) for f in others}
    return [f for f in those if _key(f) not in known]


def _key(f: Finding) -> tuple[str, str, str, dt.date | None]:
    """A finding is the same when it has the same rule, effect, zone and end, however it is worded."""
    return f.rule, f.effect, f.zone, f.until


def _finding(f: Finding, what: str) -> Moved:
    zones = (f.zone,) if f.zone else ()
    if what == "found":
        return Moved(zones, what, "", f.message, "stricter", f.message, "", f.says)
    return Moved(zones, what, f.message, "", "milder", say("No longer: {message}", message=f.message), "", f.says)


@dataclass(frozen=True)
class _Difference:
    """A difference of one zone; `template` takes zones, before and after."""

    what: str
    before: str
    after: str
    template: str
    direction: str = ""
    because: str = ""
    says: tuple[Says, ...] = ()


def _zone(old: ZonePlan | None, new: ZonePlan | None, came: Sequence[Finding], left: Sequence[Finding]) -> list[_Difference]:
    if old is None:
        return [_Difference("zone", "", "new", "{zones}: new in the plan.")]
    if new is None:
        return [_Difference("zone", "planned", "", "{zones}: no longer in the plan.")]
    found = [_verdict(old, new), _first(old, new), _length(old, new), *_numbers(old, new)]
    if old.review and new.review and old.review != new.review:
        text = "{zones}: look at the result on {after}, not {before}."
        found.append(_Difference("review", old.review.isoformat(), new.review.isoformat(), text))
    return [_explained(d, came, left) for d in found if d is not None]


def _explained(d: _Difference, came: Sequence[Finding], left: Sequence[Finding]) -> _Difference:
    """What became stricter is because of what was found; what became milder, because of what is gone."""
    why = _reason(left if d.direction == "milder" else came, d.what) if d.direction else None
    return d if why is None else replace(d, because=why.message, says=why.says)


def _reason(found: Sequence[Finding], what: str) -> Finding | None:
    """Return the one finding that explains a difference best: for a date the latest wait, for a length its limit."""
    loud = strictest_first(f for f in found if f.effect not in QUIET)
    if what == "length":
        loud = [f for f in loud if f.effect == "limit"] or loud
    if what == "first" and not any(f.effect in ("ask", "refer", "stop") for f in loud):
        loud = sorted((f for f in loud if f.until), key=lambda f: f.until or dt.date.min, reverse=True) or loud
    return loud[0] if loud else None


def _verdict(old: ZonePlan, new: ZonePlan) -> _Difference | None:
    way = _way(VERDICTS.index(new.verdict) - VERDICTS.index(old.verdict))
    return _Difference("verdict", old.verdict, new.verdict, "{zones}: {before} before, now {after}.", way) if way else None


def _first(old: ZonePlan, new: ZonePlan) -> _Difference | None:
    before, after = (z.first.isoformat() if z.first else "" for z in (old, new))
    if before == after:
        return None
    if not after:
        return _Difference("first", before, "", "{zones}: no session is planned now; it was {before}.", "stricter")
    if not before:
        return _Difference("first", "", after, "{zones}: a session is planned from {after}.", "milder")
    text = "{zones}: the next session moved from {before} to {after}."
    return _Difference("first", before, after, text, "stricter" if after > before else "milder")


def _length(old: ZonePlan, new: ZonePlan) -> _Difference | None:
    way = _way((old.mm or 0) - (new.mm or 0))
    before, after = (say("{mm:g} mm", mm=z.mm) if z.mm is not None else "" for z in (old, new))
    if not (before and after):
        text = "{zones}: needles of up to {after}." if after else "{zones}: no needling; it was {before}."
    else:
        text = "{zones}: needles of {after} instead of {before}."
    return _Difference("length", before, after, text, way) if old.mm != new.mm else None


def _numbers(old: ZonePlan, new: ZonePlan) -> list[_Difference]:
    """Passes, rest and sessions, where there are both before and after."""
    found = []
    for what, a, b, text in (
        ("passes", old.passes, new.passes, "{zones}: {after} passes instead of {before}."),
        ("interval", old.interval_days, new.interval_days, "{zones}: rests {after} days instead of {before}."),
        ("sessions", old.sessions, new.sessions, "{zones}: {after} sessions planned instead of {before}."),
    ):
        if a and b and a != b:
            way = _way(b - a) if what == "interval" else _way(a - b)
            found.append(_Difference(what, str(a), str(b), text, way))
    return found


def _way(more: float) -> str:
    return "stricter" if more > 0 else "milder" if more < 0 else ""
