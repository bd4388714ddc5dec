"""Where the needles land: strikes drawn pass by pass, by a device in a hand.

Places are rows (x, y) in mm on a flat square around (0, 0). Strikes are made in blocks (one turn of a drum in one lane, a few
beats of a pen, one press of a stamp), each a shifted copy of a pattern; blocks that lie inside are copied without looking.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.simulate.geometry import Pen, Roller, Stamp, Tool, number_in
from needlewise.simulate.nearest import Floats, Ints

Complex: TypeAlias = NDArray[np.complex128]
BLOCK = 256  # strikes of a pen that make one cycle
PIECE = 160  # strikes in a piece of a cycle, at least
TOGETHER = 150_000  # strikes laid before they are placed: enough to be quick, few enough to stay in fast memory


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


@dataclass(frozen=True)
class Blocks:
    """Copies of patterns: `patterns[which[i]] + middles[i]`, all complex, x + iy in mm."""

    patterns: Complex
    which: Ints
    middles: Complex


@dataclass
class Lanes:
    """The lanes of one pass: offset across the pass (mm), place of the pattern along (mm), heading (rad) and stretch."""

    aim: float
    offsets: Floats
    starts: Floats
    headings: Floats
    slip: Floats


@dataclass(frozen=True)
class Cycle:
    """What repeats along a lane: its length (mm), and its strikes in pieces of one size around their middles along."""

    length: float
    middles: Floats  # shape (pieces,)
    along: Floats  # shape (pieces, strikes), from the piece's middle
    across: Floats


@lru_cache(maxsize=16)
def cycle_of(tool: Roller | Pen) -> Cycle:
    """Return one turn of a drum, or a few beats of a pen."""
    layout = np.array(tool.layout())
    if isinstance(tool, Roller):
        length, along, across = tool.turn_mm, (layout[:, 1] % 1) * tool.turn_mm, layout[:, 0]
    else:
        step, beats = tool.speed_mm_s / tool.hz, math.ceil(BLOCK / tool.needles)
        length, across = step * beats, np.tile(layout[:, 1], beats)
        along = (np.arange(beats)[:, None] * step + layout[:, 0]).ravel()
    pieces = max(q for q in range(1, max(1, len(along) // PIECE) + 1) if len(along) % q == 0)
    order = np.argsort(along, kind="stable")
    along, across = along[order].reshape(pieces, -1), across[order].reshape(pieces, -1)
    middles = (along.min(1) + along.max(1)) / 2
    return Cycle(length, middles, along - middles[:, None], across)


def draw_lanes(tool: Roller | Pen, hand: Hand, aim: float, half: float, rng: np.random.Generator, old: Lanes | None) -> Lanes:
    """Lay lanes over the square; with `old` ones, drift along them."""
    if old is not None:
        drift = hand.retrace_mm or 0.0
        n = len(old.offsets)
        slip = np.clip(1 + rng.normal(0, hand.slip, n), 0.5, 1.5)
        return Lanes(old.aim, old.offsets + rng.normal(0, drift, n), old.starts + rng.normal(0, drift, n), old.headings, slip)
    pitch = lane_pitch(tool, hand)
    count = math.ceil((2 * reach_of(half, aim, hand) + tool.width_mm) / pitch) + 1
    offsets = (np.arange(count) - count / 2 + rng.uniform()) * pitch + rng.normal(0, hand.lateral_mm, count)
    return Lanes(aim, offsets, rng.uniform(0, cycle_of(tool).length, count), aim + rng.normal(0, hand.heading_rad, count),
                 np.clip(1 + rng.normal(0, hand.slip, count), 0.5, 1.5))  # fmt: skip


def reach_of(half: float, angle: float, hand: Hand) -> float:
    """Return how far lanes at this angle must run, and lie, to cover the square."""
    return half * (abs(math.cos(angle)) + abs(math.sin(angle)) + 4 * hand.heading_rad) + 4 * hand.lateral_mm


def _in_lanes(tool: Roller | Pen, hand: Hand, lanes: Lanes, half: float) -> Blocks:
    cycle = cycle_of(tool)
    turns, slip = np.exp(1j * lanes.headings), lanes.slip
    alike = not hand.heading_rad and not hand.slip
    some = slice(0, 1) if alike else slice(None)  # one pattern serves all lanes of an even hand
    patterns = turns[some, None, None] * (slip[some, None, None] * cycle.along + 1j * cycle.across)
    reach = reach_of(half, lanes.aim, hand) + tool.width_mm / 2
    steps = np.arange(math.ceil(2 * reach / (cycle.length * float(slip.min()))) + 1) * cycle.length
    along = (lanes.starts % cycle.length - cycle.length)[:, None, None] + steps[:, None] + cycle.middles
    along = along * slip[:, None, None] - reach
    middles = turns[:, None, None] * along + (1j * np.exp(1j * lanes.aim) * lanes.offsets)[:, None, None]
    which = np.arange(patterns.shape[0] * patterns.shape[1]).reshape(-1, 1, patterns.shape[1])
    return Blocks(patterns.reshape(-1, patterns.shape[2]), np.broadcast_to(which, middles.shape).ravel(), middles.ravel())


@dataclass
class Presses:
    """The presses of one pass: middles (x + iy, mm) and turns (e^iθ, one for all or one each)."""

    middles: Complex
    turns: Complex


def draw_presses(tool: Stamp, hand: Hand, aim: float, corner: complex, half: float, rng: np.random.Generator) -> Presses:
    """Lay presses on a grid over the square, and a little beyond."""
    pitch = lane_pitch(tool, hand)
    reach = reach_of(half, aim, hand) + tool.width_mm
    line = np.arange(math.ceil(2 * reach / pitch) + 2) * pitch - reach - pitch
    middles = (line[:, None] + 1j * line).ravel() + corner
    middles = np.exp(1j * aim) * (middles + rng.normal(0, hand.lateral_mm, (middles.size, 2)).view(np.complex128)[:, 0])
    beyond = half + tool.width_mm
    middles = middles[(np.abs(middles.real) < beyond) & (np.abs(middles.imag) < beyond)]
    twists = rng.normal(0, hand.heading_rad, middles.size if hand.heading_rad else 1)
    return Presses(middles, np.exp(1j * (aim + twists)))


def _in_presses(tool: Stamp, presses: Presses) -> Blocks:
    x, y = np.array(tool.layout()).T
    patterns = presses.turns[:, None] * (x + 1j * y)
    count = presses.middles.size
    return Blocks(patterns, np.arange(count) if len(patterns) > 1 else np.zeros(count, np.intp), presses.middles)


def _place(blocks: list[Blocks], half: float) -> Floats:
    """Return the strikes of all blocks that lie in the square."""
    firsts = np.cumsum([0, *(len(b.patterns) for b in blocks)])
    patterns = np.concatenate([b.patterns for b in blocks])
    which = np.concatenate([b.which + first for b, first in zip(blocks, firsts, strict=False)])
    middles = np.concatenate([b.middles for b in blocks])
    wide, high = np.abs(patterns.real).max(1)[which], np.abs(patterns.imag).max(1)[which]
    x, y = np.abs(middles.real), np.abs(middles.imag)
    inside = (x < half - wide) & (y < half - high)
    edge = (x < half + wide) & (y < half + high) & ~inside
    cut = patterns[which[edge]]
    cut += middles[edge, None]
    flat = cut.reshape(-1)
    rim = flat[(np.abs(flat.view(np.float64)) < half).view(np.uint16) == 0x0101]  # both coordinates
    count, size = int(inside.sum()), patterns.shape[1]
    out = np.empty(count * size + rim.size, np.complex128)
    whole = out[: count * size].reshape(count, size)
    np.take(patterns, which[inside], axis=0, out=whole, mode="clip")
    whole += middles[inside, None]
    out[count * size :] = rim
    return out.view(np.float64).reshape(-1, 2)


def passes_of(tool: Tool, technique: Technique, half: float, rng: np.random.Generator) -> Iterator[Lanes | Presses]:
    """Yield how the device lies in each pass: lanes of a roller or pen, presses of a stamp."""
    hand = technique.hand
    lanes: dict[int, Lanes] = {}
    corners: dict[int, tuple[float, complex]] = {}
    for number in range(technique.passes):
        turn = number % technique.directions
        aim = math.pi * turn / technique.directions + rng.normal(0, hand.aim_rad)
        again = hand.retrace_mm is not None and number >= technique.directions
        if not isinstance(tool, Stamp):
            lanes[turn] = draw_lanes(tool, hand, aim, half, rng, lanes[turn] if again else None)
            yield lanes[turn]
            continue
        if again:
            aim, corner = corners[turn][0], corners[turn][1] + complex(*rng.normal(0, hand.retrace_mm or 0, 2))
        else:
            corner = complex(*rng.uniform(0, lane_pitch(tool, hand), 2))
        corners[turn] = (aim, corner)
        yield draw_presses(tool, hand, aim, corner, half, rng)


def strikes(tool: Tool, technique: Technique, half: float, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield the strikes within the square |x|, |y| < `half` as rows (x, y) in mm, some whole passes at a time."""
    waiting: list[Blocks] = []
    size = 0
    for laid in passes_of(tool, technique, half, rng):
        if isinstance(laid, Presses):
            assert isinstance(tool, Stamp)
            waiting.append(_in_presses(tool, laid))
        else:
            assert not isinstance(tool, Stamp)
            waiting.append(_in_lanes(tool, technique.hand, laid, half))
        size += waiting[-1].which.size * waiting[-1].patterns.shape[1]
        if size > TOGETHER:
            yield _place(waiting, half)
            waiting, size = [], 0
    if waiting:
        yield _place(waiting, half)
