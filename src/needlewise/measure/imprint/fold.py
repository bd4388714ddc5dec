"""From places on paper to needles: how many columns make one turn, and which needles are missing, bent or blunt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint.lattice import Slots, robust_sd
from needlewise.measure.imprint.marks import Array, Marks

TURNS = 2.0  # what the page asks for
CLEAR_REPEAT, CLEAR_NEAR = 7.0, 4.5  # standard deviations over chance; the second where about two turns are confirmed
NEAR_TURNS = 0.04
BENT_MM = 0.07  # least displacement called bent: 0.1 mm is the least asked for, less a hole's own scatter
CLIP = 6.0
GOES_ON, ALL, FADES = 0.5, 0.8, 0.2  # share of rows with a mark in columns beyond the last
LOOK = 4, 10  # columns beyond
LEAST_SNR = 0.3  # of the usual hole's
NEAR_END, SHOWS, FAINT = 4, 0.65, 4.5  # columns, the share of their places that must show a hole, and its signal over noise
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


def goes_on(slots: Slots, marks: Marks, wider: Marks | None = None, reach_mm: float = 7.0) -> bool:
    """Say whether marks (of `wider`, if given) go on in step beyond an end of the lattice: then it is not all of the imprint.

    Either whole columns do, or more marks than lie between the places by chance: an imprint may fade.
    """
    hit = slots.hit
    shift = np.median((marks.mm @ slots.turn.T)[slots.mark[hit]] - slots.place[hit] - slots.off[hit], axis=0)
    usual = np.median(marks.snr[slots.mark[hit]])
    marks = wider or marks
    uv = (marks.mm @ slots.turn.T - shift)[marks.snr > LEAST_SNR * usual]
    near = float(np.clip(0.15 * slots.pitch_mm, 0.1, 0.25))
    look = int(np.clip(reach_mm / slots.pitch_mm, LOOK[0], LOOK[1]))
    for way in (1, -1):
        close = np.zeros((2, len(slots.row_at), look), bool)  # at the places beyond, and between them
        end = min(way * slots.place[slots.row == row][::way][-1, 0] for row in np.unique(slots.row))
        outer = uv[way * uv[:, 0] > end - slots.pitch_mm]
        if not len(outer):
            continue
        for row in range(len(slots.row_at)):
            place = slots.place[slots.row == row][::way]
            if len(place) < 4:
                continue
            step = (place[-1] - place[-4]) / 3
            for k, after in enumerate((1.0, 1.5)):
                next_ = place[-1] + np.arange(after, look + after)[:, None] * step
                close[k, row] = np.linalg.norm(next_[:, None] - outer[None], axis=2).min(1) < near
        found = close[0].sum(0)
        full = found > GOES_ON * len(slots.row_at)
        if found[0] > ALL * len(slots.row_at) or (full[1:] & full[:-1]).any():
            return True
        there, between = close[0, :, 1:].sum(), close[1, :, 1:].sum()  # the first may be ragged
        if there - between > max(FADES * close[0, :, 1:].size, 2.5 * math.sqrt(there + between + 1)):
            return True
    return False


def fades(slots: Slots, marks: Marks) -> bool:
    """Say whether fewer or only faint holes show towards an end: nobody knows then where it is. The last column may be ragged."""
    column = np.rint(slots.along - slots.along.min()).astype(int)
    last = int(column.max())
    for end in ((column >= 1) & (column <= NEAR_END), (column < last) & (column >= last - NEAR_END)):
        seen = marks.snr[slots.mark[end & slots.hit]]
        if len(seen) < SHOWS * end.sum() or (len(seen) and np.median(seen) < FAINT):
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
        keep[:] = True
    column = np.rint(slots.along - slots.along.min())
    for end in (column.min(), column.max()):
        if (near & (column == end)).sum() < 2:  # a lone mark in step beyond the head is a speck
            keep &= column != end
    if keep.all():
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
    relative = np.where(slots.hit, contrast / _local(contrast, slots), -np.inf)
    far = np.where(slots.hit, np.linalg.norm(slots.off, axis=1), np.inf)
    order = np.lexsort((far, needle))
    start = np.flatnonzero(np.diff(needle[order], prepend=-1))  # of each needle the nearest mark comes first
    hit, off, far = slots.hit[order], slots.off[order], far[order][start]
    times, hits = np.diff(np.append(start, len(order))), np.add.reduceat(hit.astype(int), start)
    missing = (hits == 0) | ((times > 1) & (hits < times) & (far > 2 * limit))  # a lone mark off its place is a speck
    low = np.minimum.reduceat(np.where(hit[:, None], off, np.inf), start)
    high = np.maximum.reduceat(np.where(hit[:, None], off, -np.inf), start)
    mean = np.add.reduceat(np.where(hit[:, None], off, 0.0), start) / np.maximum(1, hits)[:, None]
    differ = (hits > 1) & ((high - low).max(1) > max(0.12, 5 * scatter))
    mean[differ] = off[start[differ]]  # turns disagree: the nearer mark is the needle's
    bent = ~missing & (np.hypot(*mean.T) > limit)
    blunt = ~missing & ~bent & (hits > 1) & (np.maximum.reduceat(relative[order], start) < 0.5)

    mean[~bent] = 0.0
    row, column = divmod(needle[order][start], columns)
    needles = [Needle(int(r) + 1, int(c) + 1, *m) for r, c, m in zip(row, column, mean.tolist(), strict=True)]
    out = (tuple(n for n, so in zip(needles, which, strict=True) if so) for which in (missing, bent, blunt))
    return next(out), next(out), next(out)


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
