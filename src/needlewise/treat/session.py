"""One zone while it is needled: go on, pause or stop, and the coverage reached so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.model import Device, Says, ZonePlan
from needlewise.planning.dose import describe
from needlewise.said import join, say
from needlewise.simulate.geometry import RADII_MM, number_in, within_share

ENDPOINTS = ("none", "pink", "solid pink", "pin-point bleeding", "bleeding")  # from least to most
VERDICTS = ("go on", "pause", "stop")  # from free to strict


@dataclass(frozen=True)
class ZoneLog:
    """What was done to one zone so far.

    Attributes
    ----------
    zone : str
    mm : float
        Needle length used.
    passes : tuple of (direction, passes)
        A direction is one of `stages.DIRECTIONS`, or any word of the person's own.
    endpoint : str
        The most that was seen, one of `ENDPOINTS`.
    pain : tuple of (minutes, score)
        Minutes since the zone was begun and pain from 0 to 10, in the order in which they were entered.

    Raises
    ------
    InputError
        A value that cannot be.
    """

    zone: str
    mm: float
    passes: tuple[tuple[str, int], ...] = ()
    endpoint: str = "none"
    pain: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        number_in("mm", self.mm, 0, 10)
        if self.endpoint not in ENDPOINTS:
            raise InputError("endpoint", self.endpoint, say("one of {names}", names=", ".join(ENDPOINTS)))
        for direction, number in self.passes:
            number_in(f"passes, {direction}", number, 0, 1000, "passes")
        for minutes, score in self.pain:
            number_in("minutes", minutes, 0, 24 * 60, "minutes")
            number_in("pain", score, 0, 10, "", "0 is none, 10 the worst you can think of")

    @property
    def total(self) -> int:
        """Passes in all directions."""
        return sum(number for _, number in self.passes)


@dataclass(frozen=True)
class Reason:
    """One reason, what it asks for, and its sources."""

    verdict: str
    text: str
    says: tuple[Says, ...]


@dataclass(frozen=True)
class Judged:
    """Go on, pause or stop; the strictest reason first. `done`: the planned passes or the endpoint are reached."""

    verdict: str
    done: bool
    reasons: tuple[Reason, ...]

    @property
    def text(self) -> str:
        """All reasons as one text."""
        return join(r.text for r in self.reasons)


def judge(log: ZoneLog, planned: ZonePlan, setting: str = "home") -> Judged:
    """Say whether to go on with a zone.

    More pain, more blood, more passes or more depth never give a milder verdict. What has once said stop stays said.
    """
    reasons = [*_length(log, planned), *_passes(log, planned), *_seen(log, setting), *_pain(log, setting)]
    reasons.sort(key=lambda r: -VERDICTS.index(r.verdict))
    verdict = reasons[0].verdict if reasons else "go on"
    full = 0 < planned.passes <= log.total
    end = ENDPOINTS.index(log.endpoint) >= ENDPOINTS.index("pink" if setting == "home" else "solid pink")
    return Judged(verdict, full or end or verdict == "stop", tuple(reasons))


def _length(log: ZoneLog, planned: ZonePlan) -> list[Reason]:
    if planned.mm is None:
        return [Reason("stop", say("Nothing is planned for this zone: stop here."), planned.says)]
    if log.mm > planned.mm + 1e-9:
        text = say("{mm:g} mm is longer than the {planned:g} mm of your plan: stop, and change the device or its setting.",
                   mm=log.mm, planned=planned.mm)  # fmt: skip
        return [Reason("stop", text, planned.says)]
    return []


def _passes(log: ZoneLog, planned: ZonePlan) -> list[Reason]:
    if not planned.passes:
        return []
    says = table("care")["passes"].says
    if log.total > planned.passes:
        text = say("{n} passes are more than the {planned} of your plan: this zone is done.", n=log.total, planned=planned.passes)
        return [Reason("stop", text, says)]
    found = []
    if log.total == planned.passes:
        found.append(Reason("go on", say("All {n} passes are made: this zone is done.", n=log.total), says))
    each = planned.passes // max(1, planned.directions)
    over = [direction for direction, number in _by_direction(log) if number > each]
    if over:
        text = say("{direction} has had more than its {n} passes: turn to the next direction.", direction=over[0], n=each)
        if log.total == planned.passes:
            text = say("{direction} has had more than its {n} passes: leave the other directions out.", direction=over[0], n=each)
        found.append(Reason("pause", text, says))
    return found


def _by_direction(log: ZoneLog) -> Iterable[tuple[str, int]]:
    found: dict[str, int] = {}
    for direction, number in log.passes:
        found[direction] = found.get(direction, 0) + number
    return found.items()


def _seen(log: ZoneLog, setting: str) -> list[Reason]:
    care, level = table("care")["endpoint"], ENDPOINTS.index(log.endpoint)
    blood = ENDPOINTS.index("pin-point bleeding")
    if setting == "home":
        if level >= blood:
            text = say("Blood: stop now, the whole session. Press gently with a clean cloth. At a home length it means too deep "
                       "or too hard. Throw the needles away.")  # fmt: skip
            return [Reason("stop", text, care.says + table("care")["replace"].says)]
        if log.endpoint == "solid pink":
            return [Reason("stop", say("Solid pink is past the end meant for home: this zone is done."), care.says)]
        if log.endpoint == "pink":
            return [Reason("go on", say("Light pink is enough: you may stop here."), care.says)]
        return []
    if level > blood:
        return [Reason("stop", say("More than pin-point bleeding: stop, press gently, and examine."), care.says)]
    if level == blood:
        return [Reason("pause", say("Pin-point bleeding: go on only where depth and training call for it."), care.says)]
    return []


def _pain(log: ZoneLog, setting: str) -> list[Reason]:
    """Rising pain. At home a rise from the lowest entry so far stops for good; a smaller one pauses while it lasts."""
    row = table("care")["pain"]
    rise, severe = row.choice.value
    scores = [score for _, score in log.pain]
    if not scores:
        return []
    climbs = [s - min(scores[: i + 1]) for i, s in enumerate(scores)]
    if max(scores) >= severe:
        text = say("Pain of {score:g} out of 10 is too much: stop here.", score=max(scores))
        return [Reason("stop", text, row.says)]
    if max(climbs) >= rise:
        top = climbs.index(max(climbs))
        text = say("Pain has risen from {low:g} to {high:g}: stop here, and do not numb the skin to go on.",
                   low=min(scores[: top + 1]), high=scores[top])  # fmt: skip
        calm = say("Pain has risen from {low:g} to {high:g}: pause, look at the skin, and go on only if it settles.",
                   low=min(scores[: top + 1]), high=scores[top])  # fmt: skip
        return [Reason("stop", text, row.says) if setting == "home" else Reason("pause", calm, row.says)]
    if climbs[-1] > 0:
        return [Reason("pause", say("Pain is rising: lift the device, wait a minute, and enter it again."), row.says)]
    return []


@dataclass(frozen=True)
class Reached:
    """Coverage so far, worked out from the device and the passes, not measured on the skin.

    Attributes
    ----------
    holes_per_cm2 : float
        λ·k, exact for passes in even lanes (`geometry`: λ holes per cm² in one pass, k passes).
    planned_per_cm2 : float
        The same after all planned passes.
    within : tuple of (r in mm, share of the skin within r of a hole)
        By 1 − (1 − λπr²)^k, for the radii at which it is exact.
    device : str
    assumptions : tuple of str
    method : str
    """

    holes_per_cm2: float
    planned_per_cm2: float
    within: tuple[tuple[float, float], ...]
    device: str
    assumptions: tuple[str, ...]
    method: str = "coverage-closed@1"


def reached(log: ZoneLog, device: Device, planned: ZonePlan | None = None) -> Reached | None:
    """Return the coverage that the passes of `log` reach with `device`; None when nobody can say where its needles stand."""
    described = describe(device)
    if described is None:
        return None
    tool, passes = described.tool, log.total
    each = tool.density_per_pass
    radii = [r for r in RADII_MM if r <= tool.pitch_mm / 2]
    within = tuple((r, within_share(r, each, passes)) for r in radii)
    even = say("Passes taken as even lanes side by side, each set down anew; a hand is less even.")
    whole = (planned.passes if planned else 0) * each
    return Reached(passes * each, whole, within, described.label, (*described.assumptions, even))
