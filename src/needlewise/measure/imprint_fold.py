"""From places on paper to needles: how many columns make one turn, and which needles are missing, bent or blunt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint_lattice import Slots, robust_sd
from needlewise.measure.imprint_marks import Array, Marks

TURNS = 2.0  # what the page asks for
CLEAR_REPEAT, CLEAR_NEAR = 7.0, 4.5  # standard deviations over chance; the second where about two turns are confirmed
NEAR_TURNS = 0.04
BENT_MM = 0.07  # least displacement called bent: 0.1 mm is the least asked for, less a hole's own scatter
CLIP = 6.0
GOES_ON, ALL = 0.5, 0.8  # share of rows with a mark in columns beyond the last
RECTANGLE = 0.9  # a head filled so far is a rectangle


@dataclass(frozen=True)
class Needle:
    """One needle by its row and column (both from 1), and what is wrong with it (mm along and across for a bent one)."""

    row: int
    column: int
    along_mm: float = 0.0
    across_mm: float = 0.0

    @property
    def off_mm(self) -> float:
        return float(np.hypot(self.along_mm, self.across_mm))


@dataclass(frozen=True)
class Fold:
    """Needles of the drum.

    Attributes
    ----------
    columns : int
        Needles around the drum in each row.
    columns_low, columns_high : int
        Range that the imprint leaves open.
    repeated : bool
        The pattern of odd needles itself repeats after one turn; otherwise two turns are taken on trust.
    turns : float
    """

    columns: int
    columns_low: int
    columns_high: int
    repeated: bool
    turns: float
    missing: tuple[Needle, ...]
    bent: tuple[Needle, ...]
    blunt: tuple[Needle, ...]


def fold(slots: Slots, marks: Marks) -> Fold:
    """Fold the places of `slots` onto one turn."""
    total = _length(slots)
    columns, clear = _repeat(slots, total)
    low = high = columns
    if not clear:
        low, high = max(1, round(0.95 * columns)), round(1.05 * columns)
    missing, bent, blunt = _damage(slots, marks, columns)
    return Fold(columns, low, high, clear, total / columns, missing, bent, blunt)


def _length(slots: Slots) -> float:
    """Return how many places rows have from their first to their last mark, on average: at the ends faint marks are in doubt."""
    near = slots.hit & (np.linalg.norm(slots.off, axis=1) < 0.25 * slots.pitch_mm)
    lengths = [np.ptp(of) + 1 for row in range(len(slots.row_at)) if len(of := slots.index[near & (slots.row == row)])]
    return float(np.mean(lengths))


def goes_on(slots: Slots, marks: Marks, look: int = 4) -> bool:
    """Say whether marks go on in step beyond an end of the lattice: then it is not all of the imprint."""
    hit = slots.hit
    shift = np.median((marks.mm @ slots.turn.T)[slots.mark[hit]] - slots.place[hit] - slots.off[hit], axis=0)
    uv = marks.mm @ slots.turn.T - shift
    near = float(np.clip(0.15 * slots.pitch_mm, 0.1, 0.25))
    for way in (1, -1):
        found = np.zeros(look)
        for row in range(len(slots.row_at)):
            place = slots.place[slots.row == row][::way]
            if len(place) < 4:
                continue
            step = (place[-1] - place[-4]) / 3
            next_ = place[-1] + np.arange(1, look + 1)[:, None] * step
            found += np.linalg.norm(next_[:, None] - uv[None], axis=2).min(1) < near
        full = found > GOES_ON * len(slots.row_at)
        if found[0] > ALL * len(slots.row_at) or (full[1:] & full[:-1]).any():
            return True
    return False


def trimmed(slots: Slots) -> Slots:
    """Return the places between the first and last mark of each row, for a stamp may be round; all, if nearly all are."""
    near = slots.hit & (np.linalg.norm(slots.off, axis=1) < 0.25 * slots.pitch_mm)
    keep = np.zeros(len(slots.row), bool)
    for row in range(len(slots.row_at)):
        of_row = slots.row == row
        index = slots.index[of_row & near]
        if len(index):
            keep |= of_row & (slots.index >= index.min()) & (slots.index <= index.max())
    if keep.mean() > RECTANGLE:  # its corners may miss needles too
        return slots
    return replace(slots, row=slots.row[keep], index=slots.index[keep], along=slots.along[keep], place=slots.place[keep],
                   mark=slots.mark[keep], off=slots.off[keep])  # fmt: skip


def press(slots: Slots, marks: Marks) -> Fold:
    """Return what one press of a stamp shows: every place is a needle."""
    first = np.full(len(slots.row_at), slots.index.max())
    np.minimum.at(first, slots.row, slots.index)
    numbered = replace(slots, index=slots.index - first[slots.row])
    columns = int(numbered.index.max()) + 1
    missing, bent, blunt = _damage(numbered, marks, columns)
    return Fold(columns, columns, columns, True, 1.0, missing, bent, blunt)


def _repeat(slots: Slots, total: float) -> tuple[int, bool]:
    """Return the columns of one turn: two turns were rolled, unless missing and bent needles say otherwise clearly."""
    table = _features(slots)
    usual = max(1, round(total / TURNS))
    width = table.shape[1]
    scores: dict[int, float] = {}
    for n in range(max(2, int(total / 3)), max(3, int(total * 0.8)) + 1):
        if n >= width:
            break
        one, two = table[:, n:], table[:, :-n]
        seen = (one != 0) & (two != 0)
        square = float((one[seen] ** 2).sum() * (two[seen] ** 2).sum())
        scores[n] = float((one * two).sum()) * math.sqrt(seen.sum() / square) if square else 0.0  # r √n
    if not scores:
        return usual, False
    best = max(scores, key=lambda n: scores[n])
    others = np.array([s for n, s in scores.items() if abs(n - best) > 0])
    over = (scores[best] - np.median(others)) / max(0.5, robust_sd(others)) if len(others) > 2 else 0.0
    near = abs(best - total / TURNS) <= max(1.0, NEAR_TURNS * best)
    if over > (CLEAR_NEAR if near else CLEAR_REPEAT):
        return best, True
    return usual, False


def _features(slots: Slots) -> Array:
    """Return 3R×K: for each row absence, and displacement along and across, in standard deviations; 0 where nothing is known."""
    rows = len(slots.row_at)
    first = int(slots.index.min())
    table = np.zeros((3 * rows, int(slots.index.max()) - first + 1))
    column = slots.index - first
    rate = float(np.mean(~slots.hit))
    table[slots.row, column] = np.clip((~slots.hit - rate) / np.sqrt(max(rate * (1 - rate), 0.003)), -1, CLIP)
    sd = max(slots.spread_mm, 0.01)
    for axis in (0, 1):
        value = np.where(slots.hit, np.clip(slots.off[:, axis] / sd, -CLIP, CLIP), 0)
        table[(axis + 1) * rows + slots.row, column] = value
    return table


def _damage(slots: Slots, marks: Marks, columns: int) -> tuple[tuple[Needle, ...], tuple[Needle, ...], tuple[Needle, ...]]:
    """Return missing, bent and blunt needles: what every turn shows."""
    column = slots.index % columns
    needle = slots.row * columns + column
    scatter = _scatter(slots, needle)
    limit = max(BENT_MM, 3.5 * scatter)
    contrast = np.where(slots.hit, marks.contrast[slots.mark], 0.0)
    relative = contrast / _local(contrast, slots)
    missing, bent, blunt = [], [], []
    distance = np.linalg.norm(slots.off, axis=1)
    order = np.argsort(needle, kind="stable")
    for at in np.split(order, np.flatnonzero(np.diff(needle[order])) + 1):
        hit = at[slots.hit[at]]
        r, c = divmod(int(needle[at[0]]), columns)
        off, far = slots.off[hit], distance[hit]
        if not len(hit) or (len(at) > 1 and len(hit) < len(at) and far.min() > 2 * limit):
            missing.append(Needle(r + 1, c + 1))  # a lone mark off its place is a speck
            continue
        if len(hit) > 1 and np.ptp(off, axis=0).max() > max(0.12, 5 * scatter):
            off = off[[int(far.argmin())]]  # turns disagree: the nearer mark is the needle's
        mean = off.mean(0)
        if np.hypot(*mean) > limit:
            bent.append(Needle(r + 1, c + 1, float(mean[0]), float(mean[1])))
        elif len(hit) > 1 and (relative[hit] < 0.5).all():
            blunt.append(Needle(r + 1, c + 1))
    return tuple(missing), tuple(bent), tuple(blunt)


def _scatter(slots: Slots, needle: npt.NDArray[np.intp]) -> float:
    """Return the standard deviation of one needle's mean displacement, from how far turns differ (or from all marks)."""
    hit = np.flatnonzero(slots.hit)
    order = hit[np.argsort(needle[hit], kind="stable")]
    same = needle[order][1:] == needle[order][:-1]
    if same.sum() < 20:
        return slots.spread_mm
    d = (slots.off[order][1:] - slots.off[order][:-1])[same]
    return 0.5 * robust_sd(np.r_[d[:, 0], d[:, 1]])


def _local(contrast: Array, slots: Slots, reach: float = 12.0) -> Array:
    """Return the usual contrast near each place, for light and focus vary over the picture."""
    out = np.full(len(contrast), 1e-9)
    order = np.argsort(slots.place[:, 0])
    u = slots.place[order, 0]
    edges = np.arange(u.min(), u.max() + reach, reach)
    for a in edges:
        part = order[(u >= a) & (u < a + reach)]
        seen = part[contrast[part] > 0]
        if len(seen):
            out[part] = np.median(contrast[seen])
    return out
