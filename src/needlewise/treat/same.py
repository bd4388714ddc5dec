"""The same as last time, as far as today's plan allows: never longer, deeper or more."""

from __future__ import annotations

from dataclasses import dataclass

from needlewise.model import Says, ZonePlan
from needlewise.said import join, say
from needlewise.treat.session import ZoneLog, judge
from needlewise.treat.stages import directions_of


@dataclass(frozen=True)
class Same:
    """What can be repeated.

    Attributes
    ----------
    zone : str
    mm : float or None
        The shorter of last time's length and today's; None when nothing is planned.
    passes : tuple of (direction, passes)
        Last time's, cut to today's plan.
    unchanged : bool
        Whether all of it can be repeated.
    changed : tuple of str
        What differs from last time, and why.
    says : tuple of Says
    """

    zone: str
    mm: float | None
    passes: tuple[tuple[str, int], ...]
    unchanged: bool
    changed: tuple[str, ...]
    says: tuple[Says, ...]

    @property
    def text(self) -> str:
        """What changed as one text."""
        return join(self.changed)


def same_as_last(last: ZoneLog, planned: ZonePlan, setting: str = "home") -> Same:
    """Return what of last time's session of a zone may be done again today.

    Today's plan is the limit; last time's pain or blood is said again, so that it is not repeated.

    """
    if planned.mm is None or planned.first is None:
        return Same(planned.zone, None, (), False, (say("Nothing is planned for this zone today."),), planned.says)
    changed: list[str] = []
    mm = min(last.mm, planned.mm)
    if mm < last.mm:
        changed.append(say("At most {mm:g} mm today, instead of {last:g} mm.", mm=mm, last=last.mm))
    passes = _cut(last, planned) if planned.passes else last.passes
    before, now = last.total, sum(n for _, n in passes)
    if now < before:
        changed.append(say("At most {n} passes today, instead of {last}.", n=now, last=before))
    judged = judge(last, planned, setting)
    felt = judge(ZoneLog(last.zone, 0, (), last.endpoint, last.pain), planned, setting)
    seen = [r for r in felt.reasons if r.verdict != "go on"]
    if seen:
        changed.append(say("Last time went too far: {why} Press less and stop sooner.", why=join(r.text for r in seen)))
    says = tuple(dict.fromkeys((*planned.says, *(s for r in judged.reasons for s in r.says))))
    return Same(planned.zone, mm, passes, not changed, tuple(changed), says)


def _cut(last: ZoneLog, planned: ZonePlan) -> tuple[tuple[str, int], ...]:
    """Cut last time's passes to those planned, in each direction and in all."""
    each, left = planned.passes // max(1, planned.directions), planned.passes
    found: dict[str, int] = {}
    for direction, number in last.passes or tuple((d, each) for d in directions_of(planned.directions)):
        more = min(number, each - found.get(direction, 0), left)
        if more > 0:
            found[direction] = found.get(direction, 0) + more
            left -= more
    return tuple(found.items())
