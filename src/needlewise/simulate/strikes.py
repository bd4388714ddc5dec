"""Where the needles land: strikes drawn pass by pass, by a device in a hand.

Places are rows (x, y) in mm on a flat square around (0, 0). Strikes are made in blocks (one turn of a drum in one lane, a few
beats of a pen, one press of a stamp), each a shifted copy of a pattern; blocks that lie inside are copied without looking.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.simulate.geometry import Pen, Roller, Stamp, Tool, number_in
from needlewise.simulate.nearest import Floats, Ints

Complex: TypeAlias = NDArray[np.complex128]
BLOCK = 256  # strikes of a pen drawn together


@dataclass(frozen=True)
class Hand:
    """How a hand leads the device; all figures are our assumptions.

    Parameters
    ----------
    aim_rad : float
        Standard deviation of the direction of a whole pass.
    lateral_mm, heading_rad : float
        Standard deviation of the place and of the direction of each lane, or press.
    slip : float
        Standard deviation of the way rolled in one turn, as a share.
    gap_mm : float
        Bare strip left between lanes; negative means they overlap.
    retrace_mm : float or None
        None: each pass is set down anew. A number: the device goes back and forth in its own track, with this drift.
    """

    aim_rad: float = 0.05
    lateral_mm: float = 0.0
    heading_rad: float = 0.0
    slip: float = 0.0
    gap_mm: float = 0.0
    retrace_mm: float | None = None

    @property
    def even(self) -> bool:
        """Whether lanes lie side by side without overlap, and passes are independent."""
        return not (self.lateral_mm or self.heading_rad or self.slip or self.gap_mm < 0) and self.retrace_mm is None


HANDS = {
    "even": Hand(),
    "real": Hand(lateral_mm=1.0, heading_rad=0.03, slip=0.01),
    "retrace": Hand(lateral_mm=1.0, heading_rad=0.03, slip=0.01, retrace_mm=0.2),
}


@dataclass(frozen=True)
class Technique:
    """Passes in all, spread in turn over equally spaced directions, by one hand."""

    passes: int
    directions: int = 4
    hand: Hand = field(default_factory=Hand)

    def __post_init__(self) -> None:
        number_in("passes", self.passes, 1, 1000, "passes")
        number_in("directions", self.directions, 1, 16, "directions")


def lane_pitch(tool: Tool, hand: Hand) -> float:
    """Return the distance between neighbouring lanes, or presses, in mm."""
    pitch = (tool.step_mm if isinstance(tool, Stamp) else tool.width_mm) + hand.gap_mm
    if not 0.05 * tool.width_mm <= pitch <= 20 * tool.width_mm:
        low, high = 0.05 * tool.width_mm, 20 * tool.width_mm
        raise InputError("gap-mm", hand.gap_mm, f"lanes {low:g} to {high:g} mm apart for this device")
    return pitch


def density_per_cm2(tool: Tool, technique: Technique) -> float:
    """Return the exact mean density of all passes: λ per pass, thinned by bare strips between lanes, times passes."""
    pitch = lane_pitch(tool, technique.hand)
    if isinstance(tool, Stamp):
        return technique.passes * 100 * tool.needles / pitch**2
    return technique.passes * tool.density_per_pass * tool.width_mm / pitch


@dataclass
class Lanes:
    """The lanes of one pass: offset across the pass (mm), place of the pattern along (mm), heading (rad) and stretch."""

    aim: float
    offsets: Floats
    starts: Floats
    headings: Floats
    slip: Floats


def cycle_of(tool: Roller | Pen) -> tuple[float, Floats, Floats]:
    """Return the way after which strikes repeat in a lane, and the strikes in it: along and across, in mm."""
    layout = np.array(tool.layout())
    if isinstance(tool, Roller):
        return tool.turn_mm, layout[:, 1] * tool.turn_mm, layout[:, 0]
    step, beats = tool.speed_mm_s / tool.hz, math.ceil(BLOCK / tool.needles)
    along = (np.arange(beats)[:, None] * step + layout[:, 0]).ravel()
    return step * beats, along, np.tile(layout[:, 1], beats)


def draw_lanes(tool: Roller | Pen, hand: Hand, aim: float, half: float, rng: np.random.Generator, old: Lanes | None) -> Lanes:
    """Lay lanes over the square; with `old` ones, drift along them."""
    if old is not None:
        drift = hand.retrace_mm or 0.0
        n = len(old.offsets)
        slip = np.clip(1 + rng.normal(0, hand.slip, n), 0.5, 1.5)
        return Lanes(old.aim, old.offsets + rng.normal(0, drift, n), old.starts + rng.normal(0, drift, n), old.headings, slip)
    pitch = lane_pitch(tool, hand)
    count = math.ceil((2 * _reach(half, aim, hand) + tool.width_mm) / pitch) + 1
    offsets = (np.arange(count) - count / 2 + rng.uniform()) * pitch + rng.normal(0, hand.lateral_mm, count)
    return Lanes(aim, offsets, rng.uniform(0, cycle_of(tool)[0], count), aim + rng.normal(0, hand.heading_rad, count),
                 np.clip(1 + rng.normal(0, hand.slip, count), 0.5, 1.5))  # fmt: skip


def _reach(half: float, angle: float, hand: Hand) -> float:
    return half * (abs(math.cos(angle)) + abs(math.sin(angle)) + 4 * hand.heading_rad) + 4 * hand.lateral_mm


def _in_lanes(tool: Roller | Pen, hand: Hand, lanes: Lanes, half: float) -> Floats:
    cycle, along, across = cycle_of(tool)
    length = cycle * lanes.slip
    turn = np.exp(1j * lanes.headings)
    within = ((along + lanes.starts[:, None]) % cycle) * lanes.slip[:, None] - length[:, None] / 2
    patterns = turn[:, None] * (within + 1j * across)
    reach = _reach(half, lanes.aim, hand)
    steps = np.arange(math.ceil(2 * reach / float(length.min()))) + 0.5
    middles = (turn * length)[:, None] * steps + (1j * np.exp(1j * lanes.aim) * lanes.offsets - turn * reach)[:, None]
    which = np.repeat(np.arange(len(turn)), len(steps))
    return _place(patterns, which, middles.ravel(), half)


def _presses(tool: Stamp, hand: Hand, aim: float, corner: complex, half: float, rng: np.random.Generator) -> Floats:
    """Draw one pass of presses on a grid."""
    pitch = lane_pitch(tool, hand)
    reach = _reach(half, aim, hand) + tool.width_mm
    line = np.arange(math.ceil(2 * reach / pitch) + 2) * pitch - reach - pitch
    middles = (line[:, None] + 1j * line).ravel() + corner
    middles = np.exp(1j * aim) * (middles + rng.normal(0, hand.lateral_mm, (middles.size, 2)).view(np.complex128)[:, 0])
    x, y = np.array(tool.layout()).T
    pattern = np.exp(1j * aim) * (x + 1j * y)[None]
    if not hand.heading_rad:
        return _place(pattern, np.zeros(middles.size, np.intp), middles, half)
    near = np.abs(middles.view(np.float64).reshape(-1, 2)).max(1) < half + tool.width_mm
    middles = middles[near]
    twist = np.exp(1j * rng.normal(0, hand.heading_rad, middles.size))
    return _place(twist[:, None] * pattern, np.arange(middles.size), middles, half)


def _place(patterns: Complex, which: Ints, middles: Complex, half: float) -> Floats:
    """Return the strikes in the square of copies of `patterns[which]` around `middles`."""
    spans = np.abs(patterns.view(np.float64).reshape(len(patterns), -1, 2))
    span = spans.max((0, 1))
    far = np.abs(middles.view(np.float64).reshape(-1, 2))
    touched = (far < half + span).all(1)
    inside = (far < half - span).all(1)
    edge = touched & ~inside
    whole = patterns[which[inside]]
    whole += middles[inside, None]
    cut = patterns[which[edge]]
    cut += middles[edge, None]
    flat = cut.reshape(-1)
    good = (np.abs(flat.view(np.float64)) < half).view(np.uint16) == 0x0101  # both coordinates
    return np.concatenate([whole.reshape(-1), flat[good]]).view(np.float64).reshape(-1, 2)


def strikes(tool: Tool, technique: Technique, half: float, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield the strikes of each pass within the square |x|, |y| < `half`, as rows (x, y) in mm."""
    hand = technique.hand
    lanes: dict[int, Lanes] = {}
    corners: dict[int, tuple[float, complex]] = {}
    for number in range(technique.passes):
        turn = number % technique.directions
        aim = math.pi * turn / technique.directions + rng.normal(0, hand.aim_rad)
        again = hand.retrace_mm is not None and number >= technique.directions
        if isinstance(tool, Stamp):
            if again:
                aim, corner = corners[turn][0], corners[turn][1] + complex(*rng.normal(0, hand.retrace_mm or 0, 2))
            else:
                corner = complex(*rng.uniform(0, lane_pitch(tool, hand), 2))
            corners[turn] = (aim, corner)
            yield _presses(tool, hand, aim, corner, half, rng)
        else:
            lanes[turn] = draw_lanes(tool, hand, aim, half, rng, lanes[turn] if again else None)
            yield _in_lanes(tool, hand, lanes[turn], half)
