"""May two photos be compared? One vocabulary of verdicts, and the gate for texture.

The texture gate is calibrated on 18 people photographed from one place under 64 lights within a minute (cropped Extended Yale B),
each person judged by constants fitted on the others; benchmarks/measure_relit.py prints how that turned out. What counts is where
the light came from, and how much of the skin was lit steadily: where a shadow's edge moved, lines appear and vanish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from needlewise.measure.light import Light, light_change
from needlewise.said import say

__all__ = ["COMPARABLE", "NOT_COMPARABLE", "VERDICTS", "WIDER", "Drift", "Gate", "texture_drift", "texture_gate", "zone_width"]

COMPARABLE, WIDER, NOT_COMPARABLE = VERDICTS = ("comparable", "comparable with a wider interval", "not comparable")

SAME_LIGHT_DEG = 12.0  # up to here the light counts as the same
OTHER_LIGHT_DEG = 28.0  # beyond, refused: 97 % of lights truly within 25° pass, 99 % of those beyond 50° do not
SOFTNESS_APART = 0.5  # a bare bulb against an overcast sky; no calibration, our choice
LEAST_LEVEL = 0.0125  # linear luminance: a face this dark (30 of 255) is mostly noise and shadow


class Gate(NamedTuple):
    """What may be done with two photos.

    `width_factor` multiplies `DRIFT.half_width`, the half width in per cent where all the skin is lit steadily (1 where refused:
    there is no interval); `reason` says what is wrong and what to do next time, "" when nothing is.
    """

    verdict: str
    width_factor: float
    reason: str


@dataclass(frozen=True)
class Drift:
    """What light alone does to the texture index of a face, per cent.

    Parameters
    ----------
    per_degree : float
        Change of the index per degree that the light moves away from straight ahead.
    half_width : float
        Half width of the 95 % interval of a change where all the skin is lit steadily.
    growth : float
        The half width is multiplied by exp(growth * (1 - share of the skin lit steadily)).
    """

    per_degree: float
    half_width: float
    growth: float

    def widened(self, steady_share: float) -> float:
        """Factor on the half width."""
        return math.exp(self.growth * (1 - steady_share))


DRIFT = Drift(-0.084, 3.6, 2.2)  # whole face, lights 10 to 28° apart; benchmarks/measure_relit.py fits and prints them
# A single zone has less skin than the face: the 95 % quantile of its false changes over the face's, in the same pairs.
ZONE_WIDTHS = {
    "face": 1.0,
    "chin": 3.3,
    "cheek": 4.0,
    "cheekbone": 4.6,
    "jaw": 4.7,
    "nose": 6.8,
    "forehead": 7.0,
    "glabella": 7.6,
}
LEAST_STEADY = 0.5  # of the skin: below it the false change is twice as large (SD 6.5 against 2.7 %)
STEADY_LOST = 0.02  # share of the skin not lit steadily per degree of light change, typical


def texture_gate(before: Light, after: Light, steady_share: float | None = None) -> Gate:
    """Judge whether the texture of two photos may be compared.

    Parameters
    ----------
    before, after : Light
        The light in each, with the same face frame.
    steady_share : float or None
        Share of the zone's skin that `texture.steady_light` keeps. None: what is typical of so much light change.
    """
    change = light_change(before, after)
    if before.level < LEAST_LEVEL:
        return Gate(NOT_COMPARABLE, 1.0, say("the first photo is too dark: face a window in daylight"))
    if after.level < LEAST_LEVEL:
        return Gate(NOT_COMPARABLE, 1.0, say("the second photo is too dark: face a window in daylight"))
    if change > OTHER_LIGHT_DEG:
        moved = say("{moved}: face the same window or lamp as the first time", moved=_moved(before, after, change))
        return Gate(NOT_COMPARABLE, 1.0, moved)
    if abs(after.softness - before.softness) > SOFTNESS_APART:
        harder = say("the light was much harder, as from a bare lamp: use the same light as the first time")
        softer = say("the light was much softer, as under an overcast sky: use the same light as the first time")
        return Gate(NOT_COMPARABLE, 1.0, harder if after.softness < before.softness else softer)
    share = max(0.0, 1 - STEADY_LOST * change) if steady_share is None else steady_share
    factor = DRIFT.widened(share)
    if change > SAME_LIGHT_DEG:
        moved = say("{moved}: face the same window or lamp for a narrower interval", moved=_moved(before, after, change))
        return Gate(WIDER, factor, moved)
    if share < LEAST_STEADY:
        edge = say(
            "the edge of a shadow moved on {share:.0%} of the skin: "
            "face the same window or lamp, without a second one at the side", share=1 - share,
        )  # fmt: skip
        return Gate(WIDER, factor, edge)
    return Gate(COMPARABLE, factor, "")


def zone_width(zone: str) -> float:
    """Factor on the half width for one zone; the largest measured where the zone was too small to measure (temple, lip, lids)."""
    place = zone.removesuffix("-left").removesuffix("-right")
    return ZONE_WIDTHS.get(place, max(ZONE_WIDTHS.values()))


def texture_drift(before: Light, after: Light) -> float:
    """Change of the index in per cent that the light alone is expected to make; take it off the measured change."""
    return DRIFT.per_degree * (after.angle_deg - before.angle_deg)


def _moved(before: Light, after: Light, change: float) -> str:
    """Say in words where the light went, by the larger of the two ways it moved."""
    to_left = after.direction[0] - before.direction[0]
    upwards = after.direction[1] - before.direction[1]
    ahead = after.direction[2] - before.direction[2]
    if abs(to_left) >= max(abs(upwards), abs(ahead)):
        way = say("your left") if to_left > 0 else say("your right")
    elif abs(upwards) >= abs(ahead):
        way = say("above") if upwards > 0 else say("below")
    else:
        way = say("the front") if ahead > 0 else say("behind")
    return say("the light came about {degrees}° further from {way}", degrees=round(change), way=way)
