"""The lattice a roller leaves: rows side by side, each a comb of one pitch, with no layout assumed.

u runs along the rolling direction, v across, in millimetres. The hand's path may bend and its speed may vary: both are taken out
as smooth drifts that all rows share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from needlewise.measure.imprint.drift import Drift, left_over
from needlewise.measure.imprint.marks import Array, Flags, Ints, Marks
from needlewise.measure.imprint.strips import regular

ROW_BIN_MM = 0.05
LEAST_ROW_GAP_MM = 0.4
PITCH_RANGE_MM = (0.6, 12.0)  # 60 columns on the smallest drum to 8 on the largest
NEAR_SHARE = 0.22  # of the pitch: a mark this near its place is certainly of this place
FAR_MM = 0.75  # a needle bent farther is not told from a speck: bends of up to 0.6 mm are asked for
LEAST_MARKS = 12
LEAST_BENT = 30
BESIDE_MM = 3.5  # an outer row may have been left out of the regular marks
MOST_ROWS = 6
MOST_HIDDEN = 2  # rows side by side
AT_ONCE = 200_000  # marks times angles worked on together
RAGGED, WHOLE = 0.3, 0.98  # of the rows that go on at its ends, an imprint may leave out more; of the places, that show a hole
BLURRED = 0.5  # rows so much less sharp than in a direction that fits are no rows


@dataclass(frozen=True)
class Slots:
    """Places where a hole should be, and the mark found there.

    Attributes
    ----------
    row, index : S
        Row from 0, and number of the place along its row.
    along : S
        Lattice coordinate, index plus the row's phase, in pitches.
    place : S×2
        Expected u, v in mm, drift included.
    mark : S
        Index of the mark, −1 if none.
    off : S×2
        Mark minus place, mm; 0 if none.
    pitch_mm, pitch_error_mm : float
    row_at : R
        v of each row, mm.
    phase : R
        Of each row, in pitches, 0 to 1.
    turn : 2×2
        Rows are the unit vectors u and v in plane millimetres.
    spread_mm : float
        Robust standard deviation of marks about their places.
    """

    row: Ints
    index: Ints
    along: Array
    place: Array
    mark: Ints
    off: Array
    pitch_mm: float
    pitch_error_mm: float
    row_at: Array
    phase: Array
    turn: Array
    spread_mm: float

    @property
    def hit(self) -> Flags:
        return np.asarray(self.mark >= 0)

    def corners(self, marks: Marks) -> Array:
        """Return the corners (4×2 mm) of a box around all places, its first side along the rolling direction."""
        uv = marks.mm[self.mark[self.hit]] @ self.turn.T
        low, high = uv.min(0), uv.max(0)
        return np.array([low, (high[0], low[1]), high, (low[0], high[1])]) @ self.turn


def robust_sd(x: Array) -> float:
    """Return the standard deviation from the median absolute deviation."""
    return float(1.4826 * np.median(np.abs(x - np.median(x)))) if len(x) else 0.0


def fit_rows(marks: Marks, about: int, fill: float, known: Array | None = None) -> Slots | None:
    """Fit the lattice to `marks`; None where there is none. It ends where less than `fill` of the rows go on.

    There are `about` so many holes: the clearest marks are looked at first.

    Several directions are tried, unless one is `known`: along a lattice's diagonals rows look as sharp, but they do not fill
    a rectangle. Where two directions fill it alike, the imprint is rolled along its long side.
    """
    strong = marks.snr > 0.4 * np.median(np.sort(marks.snr)[-about:])
    core = np.flatnonzero(strong)
    core = core[regular(marks.take(core))[0]]
    if len(core) < 8:
        return None
    best: tuple[float, Slots] | None = None
    sharpest = 0.0
    for turn, sharp in _directions(marks.mm[core]) if known is None else ((known, math.inf),):
        if sharp < BLURRED * sharpest:
            break
        slots = _fit_along(marks, strong, core, turn, fill)
        if slots is None or slots.hit.sum() < LEAST_MARKS:
            continue
        share = float(slots.hit.mean())
        long = float(np.ptp(slots.place[:, 0]) > np.ptp(slots.place[:, 1]))
        score = share * min(1.0, float(slots.hit.sum() / strong.sum())) + 0.1 * long
        if best is None or score > best[0]:
            best, sharpest = (score, slots), sharp
        told = float(np.isin(core, slots.mark).mean())
        clear = score > 0.95 or (share > 0.9 and told > 0.85) or (share > 0.8 and told > 0.95)
        if clear and (fill > RAGGED or share > WHOLE):  # of a stamp's few marks, rows askew leave but little out
            break
    return best[1] if best else None


def _fit_along(marks: Marks, strong: Flags, core: Ints, turn: Array, fill: float) -> Slots | None:
    uv = marks.mm @ turn.T
    uv = uv - np.median(uv[core], axis=0)
    bend = _bend(uv[core])
    low, high = uv[core, 0].min(), uv[core, 0].max()
    inner = np.clip(uv[:, 0], low, high)  # beyond its ends a polynomial runs away: it goes straight on there
    v = uv[:, 1] - np.polyval(bend, inner) - np.polyval(np.polyder(bend), inner) * (uv[:, 0] - inner)
    near = strong & (np.abs(uv[:, 0] - (low + high) / 2) < (high - low) / 2 + ROW_BIN_MM)
    near &= (v > v[core].min() - BESIDE_MM) & (v < v[core].max() + BESIDE_MM)
    rows = _filled(_rows(v[near]))
    for _ in range(3):
        if not len(rows):
            return None
        row = np.abs(v[:, None] - rows).argmin(1)
        gap = float(np.diff(rows).min()) if len(rows) > 1 else 2.0
        use = strong & (np.abs(v - rows[row]) < min(0.3, 0.3 * gap))
        pitch = _pitch(uv[use, 0], row[use], len(rows)) if use.sum() > 8 else None
        if pitch is None:
            return None
        along, phase = _comb(uv[:, 0], row, use, len(rows), pitch)
        index = np.rint(along - phase[row]).astype(int)
        good = use & (np.abs(along - phase[row] - index) < NEAR_SHARE)
        count = np.bincount(row[good], minlength=len(rows))
        real = (count >= max(2.0, 0.5 * float(np.median(count)))) & (count > 0.65 * np.bincount(row[use], minlength=len(rows)))
        real &= _in_step(rows)
        if real.all():
            return _settle(marks, uv, row, index + phase[row], phase, good, turn, fill)
        rows = rows[real]  # an edge or a crease beside the imprint looks like a row of few marks
    return None


def _filled(rows: Array) -> Array:
    """Return `rows` with one in each gap of whole row pitches: few marks of a short row may have hidden it."""
    if len(rows) < 3:
        return rows
    usual = float(np.median(np.diff(rows)))
    out = [rows[:1]]
    for a, b in pairwise(rows):
        steps = round((b - a) / usual)
        whole = 1 < steps <= MOST_HIDDEN + 1 and abs((b - a) / usual - steps) < 0.2
        out.append(np.linspace(a, b, steps + 1)[1:] if whole else np.array([b]))
    return np.concatenate(out)


def _in_step(rows: Array) -> Flags:
    """Say which rows lie at about a whole number of row pitches from the next inner one."""
    good = np.ones(len(rows), bool)
    if len(rows) > 3:
        steps = np.diff(rows) / np.median(np.diff(rows))
        off = np.abs(steps - np.rint(steps)) > 0.2
        half = len(rows) // 2
        good[:half], good[half + 1 :] = ~np.logical_or.accumulate(off[:half][::-1])[::-1], ~np.logical_or.accumulate(off[half:])
    return good


def _frame(angle: float) -> Array:
    return np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])


def _sharp(mm: Array, angles: Array) -> Array:
    """Return how sharp rows are across each of `angles`, judged in four pieces, for the path may bend; few marks fill but one."""
    pieces = 4 if len(mm) >= LEAST_BENT else 1
    out = []
    for some in np.array_split(angles, 1 + len(angles) * len(mm) // AT_ONCE):
        along, across = np.array([(np.cos(some), np.sin(some)), (-np.sin(some), np.cos(some))]).swapaxes(1, 2).astype(np.float32)
        u, v = along @ mm.T.astype(np.float32), across @ mm.T.astype(np.float32)
        u, v = u - u.min(1, keepdims=True), v - v.min(1, keepdims=True)
        cell = (v / np.float32(0.1)).astype(np.int32) + 1
        piece = (u * (pieces / (u.max(1, keepdims=True) + 1e-3))).astype(np.int32)
        wide = int(cell.max()) + 2
        flat = ((np.arange(len(some), dtype=np.int32)[:, None] * pieces + piece) * wide + cell).ravel()
        count = np.bincount(flat, minlength=len(some) * pieces * wide).reshape(len(some), -1)
        out.append(((count[:, :-1] + count[:, 1:]) ** 2).sum(1))  # cells at the rims of pieces are empty
    return np.concatenate(out).astype(float)


def _directions(mm: Array, most: int = 4) -> Iterator[tuple[Array, float]]:
    """Yield frames (rows are unit vectors along and across) in which rows are sharp, and how sharp: near the long side first."""
    mm = mm - np.median(mm, axis=0)
    _, (wide, high), degrees = cv2.minAreaRect(mm.astype(np.float32))
    long = math.radians(degrees if wide > high else degrees + 90)
    best = long
    for tries in (long + np.radians(np.arange(-6, 6.1, 0.25)), np.radians(np.arange(-90, 90, 0.25))):
        scores = _sharp(mm, tries)
        if len(tries) > 100:
            scores[np.abs(np.angle(np.exp(2j * (tries - best)))) / 2 < math.radians(4)] = 0  # was tried
        for _ in range(1 if len(tries) < 100 else most - 1):
            best = float(tries[scores.argmax()])
            fine = best + np.radians(np.arange(-0.4, 0.41, 0.05))
            sharp = _sharp(mm, fine)
            yield _frame(float(fine[sharp.argmax()])), float(sharp.max())
            scores[np.abs(np.angle(np.exp(2j * (tries - best)))) / 2 < math.radians(4)] = 0


def _bend(uv: Array) -> Array:
    """Return the polynomial v(u) all rows follow: histograms of v, piece by piece, laid over each other; few tell none."""
    if len(uv) < LEAST_BENT:
        return np.zeros(1)
    pieces = min(12, len(uv) // 4)
    edges = np.linspace(uv[:, 0].min(), uv[:, 0].max() + 1e-6, pieces + 1)
    low, high = uv[:, 1].min() - 1, uv[:, 1].max() + 1
    bins = int((high - low) / ROW_BIN_MM) + 1
    shift, total, reach = 0.0, np.zeros(bins), round(0.5 / ROW_BIN_MM)
    order = sorted(range(pieces), key=lambda k: abs(k - pieces / 2 + 0.5))
    known: dict[int, float] = {}
    for k in order:
        part = uv[(uv[:, 0] >= edges[k]) & (uv[:, 0] < edges[k + 1]), 1]
        near = min(known, key=lambda o: abs(o - k)) if known else None
        shift = known[near] if near is not None else 0.0
        if len(part) < 3:
            known[k] = shift
            continue
        count = np.bincount(((part - low) / ROW_BIN_MM).astype(int), minlength=bins).astype(np.float32)
        count = cv2.GaussianBlur(count[None], (0, 0), 1.6)[0]
        if total.any():
            base = round(shift / ROW_BIN_MM)
            tries = np.arange(base - reach, base + reach + 1)
            moved = count[(np.arange(bins) + tries[:, None]) % bins]
            shift = float(tries[(moved @ total - 1e-6 * np.abs(tries - base)).argmax()]) * ROW_BIN_MM
        known[k] = shift
        total += np.roll(count, -round(shift / ROW_BIN_MM))
    x = (edges[:-1] + edges[1:]) / 2
    return np.asarray(np.polyfit(x, [known[k] for k in range(pieces)], pieces // 3))


def _rows(v: Array) -> Array:
    """Return where rows lie: peaks of the histogram of v."""
    low = v.min() - 1
    count = np.bincount(((v - low) / ROW_BIN_MM).astype(int), minlength=int(np.ptp(v) / ROW_BIN_MM) + 40).astype(np.float32)
    smooth = cv2.GaussianBlur(count[None], (0, 0), 2.0)[0]
    side = 2 * round(LEAST_ROW_GAP_MM / ROW_BIN_MM / 2) + 1
    peaks = np.flatnonzero((smooth == cv2.dilate(smooth[None], np.ones((1, side), np.uint8))[0]) & (smooth > 0))
    if not len(peaks):
        return np.empty(0)
    level = float(np.percentile(smooth[peaks], 90))
    peaks = peaks[smooth[peaks] > 0.35 * level]
    at = low + (peaks + 0.5) * ROW_BIN_MM
    at = np.array([np.median(v[np.abs(v - a) < 0.2]) for a in at])
    return at[np.r_[True, np.diff(at) > LEAST_ROW_GAP_MM / 2]]


def _pitch(u: Array, row: Ints, rows: int) -> float | None:
    """Return the pitch: the largest spacing at which the marks of each row, piece by piece, fall into step."""
    if rows > MOST_ROWS:  # the fullest rows tell enough
        full = np.argsort(-np.bincount(row, minlength=rows))[:MOST_ROWS]
        place = np.full(rows, -1)
        place[full] = np.arange(MOST_ROWS)
        u, row, rows = u[place[row] >= 0], place[row][place[row] >= 0], MOST_ROWS
    tries = np.geomspace(PITCH_RANGE_MM[0], PITCH_RANGE_MM[1], 700)
    parts = int(np.clip(len(u) / rows / 5, 1, 5))
    group = row * parts + np.clip(((u - u.min()) / (np.ptp(u) + 1e-9) * parts).astype(int), 0, parts - 1)
    order = np.argsort(group, kind="stable")
    size = np.bincount(group)
    first = (np.cumsum(size) - size)[size > 0]
    z = np.outer(2 * np.pi / tries, u[order] - u.mean()).astype(np.float32)
    length = np.hypot(np.add.reduceat(np.cos(z), first, axis=1), np.add.reduceat(np.sin(z), first, axis=1))
    power = (length.sum(1) - np.sqrt(size).sum() * 0.886) / len(u)
    top = power.max()
    if top < 0.3:
        return None
    good = np.flatnonzero(power > 0.8 * top)
    first = good[-1]
    while first > 0 and power[first - 1] > power[first]:
        first -= 1
    return float(tries[first])


def _comb(u: Array, row: Ints, use: Flags, rows: int, pitch: float) -> tuple[Array, Array]:
    """Return each mark's lattice coordinate (pitches, the shared drift taken out) and each row's phase."""
    pieces = max(4, min(24, round(np.ptp(u[use]) / (3 * pitch))))
    low, span = u[use].min(), np.ptp(u[use]) + 1e-6
    piece = np.clip(((u - low) / span * pieces).astype(int), 0, pieces - 1)
    wave = np.exp(2j * np.pi * u / pitch)
    z = np.zeros((rows, pieces), complex)
    np.add.at(z, (row[use], piece[use]), wave[use])
    step = np.array([np.angle((z[:, k + 1] * z[:, k].conj()).sum()) for k in range(pieces - 1)])
    drift = np.r_[0, np.cumsum(step)] / (2 * np.pi)  # pitches gained since the first piece
    middle = low + (np.arange(pieces) + 0.5) * span / pieces
    lag = np.polyval(np.polyfit(middle, drift, min(4, (pieces - 1) // 2)), u)
    flat = np.exp(2j * np.pi * (u / pitch - lag))
    phase = np.array([np.angle(flat[use & (row == r)].sum()) / (2 * np.pi) for r in range(rows)]) % 1
    return u / pitch - lag, phase


def _settle(marks: Marks, uv: Array, row: Ints, coordinate: Array, phase: Array, good: Flags, turn: Array,
            fill: float) -> Slots:  # fmt: skip
    """Number the places, fit the smooth drift of all rows, and give each place its mark."""
    rows = len(phase)
    model = Drift(uv, row, coordinate, good, rows)
    first, last = _window(coordinate[good], rows, fill)
    slots = [(r, k) for r in range(rows) for k in range(math.ceil(first - phase[r] - 0.1), math.floor(last - phase[r] + 0.1) + 1)]
    slot_row, slot_index = np.array(slots).T
    at = slot_index + phase[slot_row]
    place = model.at(at, slot_row)
    near = min(NEAR_SHARE * model.pitch, 0.35)
    table = np.full((rows, int(np.ptp(slot_index)) + 1), -1)
    table[slot_row, slot_index - slot_index.min()] = np.arange(len(slot_row))
    number = np.rint(coordinate - phase[row]).astype(int) - slot_index.min()
    inside = (number >= 0) & (number < table.shape[1])
    own = np.where(inside, table[row, np.clip(number, 0, table.shape[1] - 1)], -1)
    level = 0.3 * float(np.median(marks.snr[good]))
    mark = _assign(place, uv, own, np.where(marks.snr > level, marks.snr, 0), near, min(FAR_MM, 0.62 * model.pitch))
    rest = left_over(uv[mark] - place, at, mark >= 0)
    place = place + rest
    off = np.where(mark[:, None] >= 0, uv[mark] - place, 0.0)
    spread = robust_sd(np.r_[off[mark >= 0, 0], off[mark >= 0, 1]])
    return Slots(slot_row, slot_index, at, place, mark, off, model.pitch, model.pitch_error, model.row_at, phase, turn, spread)


def _window(along: Array, rows: int, fill: float) -> tuple[float, float]:
    """Return the first and last lattice coordinate of the imprint: where enough rows have marks in two pitches."""

    def edge(x: Array) -> float:
        x = np.sort(x)
        full = np.searchsorted(x, x + 1.9) - np.searchsorted(x, x) >= 2.6 * fill * rows
        return float(x[full.argmax()])

    return edge(along), -edge(-along)


def _assign(place: Array, uv: Array, own: Ints, weight: Array, near: float, far: float) -> Ints:
    """Return the mark of each place: first those surely its own, then marks left over that lie within `far`.

    `own` is the place each mark would be of, −1 for none.
    """
    mark = np.full(len(place), -1)
    d = np.where((own >= 0) & (weight > 0), np.linalg.norm(uv - place[own], axis=1), np.inf)
    order = np.argsort(-d, kind="stable")  # the nearest is written last
    order = order[d[order] < near]
    mark[own[order]] = order
    free = (weight > 0) & (uv > place.min(0) - far).all(1) & (uv < place.max(0) + far).all(1)
    free[mark[mark >= 0]] = False
    free = np.flatnonzero(free)
    empty = np.flatnonzero(mark < 0)
    if not len(free) or not len(empty):
        return mark
    (x, y), (u, v) = place[empty].T, uv[free].T
    d = np.hypot(x[:, None] - u, y[:, None] - v)
    i, j = np.nonzero(d < far)
    usual = np.median(weight[weight > 0])
    taken: set[int] = set()
    for k in np.argsort(d[i, j] / np.clip(weight[free[j]] / usual, 0.5, 1)):
        a, b = empty[i[k]], int(free[j[k]])
        if mark[a] < 0 and b not in taken:
            mark[a] = b
            taken.add(b)
    return mark
