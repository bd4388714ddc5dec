"""The ticks of a ruler: what is long, thin, dark and stands in a row, numbered along the ruler.

Places are pixels of the picture that is searched.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint.page import Array, Bytes

Numbers = npt.NDArray[np.intp]

START_TICKS = 10  # in a row
THIN_PX, LEAST_DEPTH = 11, 7.0  # ticks are thinner than so many pixels, and so many grey values darker than beside
NEAREST = 11  # ticks may be the next one on the same line
TRIES, PARTS, AT_ONCE = 600, 6, 300_000  # lines through two ends, in parts, and how many distances are taken at a time
ENOUGH, ENOUGH_OF_ALL = 50, 0.2  # ends on one line that need no further try
MOST_STEPS = 6  # between ticks


def find_bars(grey: Bytes) -> Array:
    """Return both ends (T×2×2 pixels) of what is long, thin and darker than both sides of it.

    Upright and level ones are looked for in turn: what is thin only the other way, such as a shadow along the ruler's edge, would
    join its ticks.
    """
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    dark = cv2.adaptiveThreshold(smooth, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 15, LEAST_DEPTH) > 0
    found = []
    for thin, shape in enumerate(((1, THIN_PX), (THIN_PX, 1))):
        depth = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, np.ones(shape, np.uint8))
        least = max(LEAST_DEPTH, 3 * float(np.median(depth[::4, ::4])))
        bars = _bars((dark & (depth > least)).astype(np.uint8), max(grey.shape))
        size = np.abs(bars[:, 1] - bars[:, 0])
        found.append(bars[size[:, 1 - thin] > 0.5 * size[:, thin]])  # others are pieces of what is thin the other way
    return np.concatenate(found)


def _bars(dark: Bytes, side: int) -> Array:
    """Return both ends of what is long and thin in the mask `dark`, of a picture whose long side is `side`."""
    count, label = cv2.connectedComponents(dark, connectivity=8)
    if count < 2:
        return np.empty((0, 2, 2))
    x, y = cv2.findNonZero(dark)[:, 0].T
    of = label[y, x] - 1  # their outlines are taken from dark pixels alone: OpenCV's own looks at all
    n = np.bincount(of).astype(float)
    low, high = np.zeros((2, 2, count - 1), int)
    for axis, value in enumerate((x, y)):
        order = value.astype(np.uint16).argsort(kind="stable")
        high[axis, of[order]] = value[order]  # of several, the last one stays
        low[axis, of[order[::-1]]] = value[order[::-1]]
    size = (high - low).max(0) + 1
    fits = np.flatnonzero((size >= 10) & (size < 0.08 * side) & (n < 0.6 * size**2 + 20))[:20000]
    middle = np.c_[np.bincount(of, x) / n, np.bincount(of, y) / n]
    dx, dy = x - middle[of, 0], y - middle[of, 1]
    xx, yy, xy = (np.bincount(of, w)[fits] / n[fits] for w in (dx * dx, dy * dy, dx * dy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    spread = np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    long, thin = (xx + yy) / 2 + spread, np.maximum((xx + yy) / 2 - spread, 0.05)
    way = np.c_[np.cos(angle), np.sin(angle)]
    half = np.sqrt(3 * long)[:, None]
    keep = long > 12 * thin
    return np.asarray(np.stack([middle[fits] - way * half, middle[fits] + way * half], axis=1)[keep], np.float64)


def find_comb(ends: Array) -> tuple[Array, Array, Numbers] | None:
    """Return feet on one line, tips and running numbers of the ticks of the ruler; None without one."""
    rng = np.random.default_rng(0)  # which pairs are tried, not what is measured
    every = np.concatenate([ends[:, 0], ends[:, 1]])
    other = np.concatenate([ends[:, 1], ends[:, 0]])
    way = (other - every) / np.linalg.norm(other - every, axis=1, keepdims=True)
    best = np.zeros(len(every), bool)
    for some in np.array_split(rng.integers(0, len(every), TRIES), max(PARTS, TRIES * len(every) // AT_ONCE)):
        away = np.abs(every[some, None] - every).sum(2)
        away[np.arange(len(some)), some] = np.inf
        near = np.argpartition(away, NEAREST, axis=1)[:, :NEAREST]
        line = every[near[np.arange(len(some)), rng.integers(0, NEAREST, len(some))]] - every[some]
        on = _in_line(every, way, some, line)
        if len(on) and on.sum(1).max() > best.sum():
            best = on[on.sum(1).argmax()]
        if best.sum() > max(ENOUGH, ENOUGH_OF_ALL * len(every)):
            break
    if best.sum() < START_TICKS:
        return None
    return _numbered(*_edge(every[best], other[best], ends))


def _in_line(every: Array, way: Array, first: Numbers, line: Array) -> npt.NDArray[np.bool_]:
    """Return which of `every` end (H×N) lie on the line through the end `first` along `line`, across which its tick stands."""
    length = np.linalg.norm(line, axis=1)
    first, line = first[length >= 4], line[length >= 4] / length[length >= 4, None]
    square = np.c_[every[:, :1] ** 2, every[:, 1:] ** 2, every[:, :1] * every[:, 1:]]
    on = np.zeros((len(first), len(every)), bool)
    for again in (False, True):
        normal = np.c_[-line[:, 1], line[:, 0]]
        lean = (way[first] * normal).sum(1)
        if not again:
            upright = np.abs(lean) >= 0.8
            first, normal, lean, on = first[upright], normal[upright], lean[upright], on[upright]
        off = normal @ every.T - (normal * every[first]).sum(1)[:, None]
        on = (np.abs(off) < 2.0) & ((normal * np.sign(lean)[:, None]) @ way.T > 0.8)
        count = on.sum(1)
        first, on, count = first[count >= 6], on[count >= 6], count[count >= 6, None]
        mean = on @ every / count
        xx, yy, xy = (on @ square / count - np.c_[mean**2, mean[:, :1] * mean[:, 1:]]).T
        angle = 0.5 * np.arctan2(2 * xy, xx - yy)  # of their principal axis
        line = np.c_[np.cos(angle), np.sin(angle)]
    return on


def _edge(foot: Array, tip: Array, ends: Array, reach: float = 4.0) -> tuple[Array, Array]:
    """Return feet and tips of the ticks, the feet on the ruler's edge: all begin there, and only the short ones end alike."""
    way = ends[:, 1] - ends[:, 0]
    long = np.linalg.norm(tip - foot, axis=1)
    short = long < 1.2 * np.median(long)
    sides = []
    for line in (foot[short], tip[short]):
        middle = line.mean(0)
        along = np.linalg.svd(line - middle, full_matrices=False)[2][0]
        away = np.abs((ends - middle) @ np.array([-along[1], along[0]]))
        first = away.argmin(1)
        on = np.flatnonzero((away.min(1) < reach) & (np.abs(way @ along) < 0.3 * np.linalg.norm(way, axis=1)))
        sides.append((len(on), ends[on, first[on]], ends[on, 1 - first[on]]))
    return (foot, tip) if sides[0][0] >= sides[1][0] else sides[1][1:]


def _numbered(foot: Array, tip: Array) -> tuple[Array, Array, Numbers] | None:
    """Number ticks along their line by the distance of neighbours, which changes slowly; take the longest run."""
    middle = foot.mean(0)
    _, _, axes = np.linalg.svd(foot - middle, full_matrices=False)
    t = (foot - middle) @ axes[0]
    order = np.argsort(t)
    foot, tip, t = foot[order], tip[order], t[order]
    gap = np.diff(t)
    usual = float(np.median(gap[gap > 2])) if (gap > 2).any() else 0.0
    if usual <= 0:
        return None
    runs: list[tuple[list[int], list[int]]] = []
    number, kept, local = [0], [0], usual
    for k in range(1, len(t)):
        steps = (t[k] - t[kept[-1]]) / local
        whole = round(steps)
        if whole > MOST_STEPS:
            runs.append((number, kept))
            number, kept, local = [0], [k], usual
        elif whole >= 1 and abs(steps - whole) <= 0.25:
            local = 0.8 * local + 0.2 * (t[k] - t[kept[-1]]) / whole
            number.append(number[-1] + whole)
            kept.append(k)
    number, kept = max([*runs, (number, kept)], key=lambda run: len(run[1]))
    if len(kept) < START_TICKS:
        return None
    return foot[kept], tip[kept], np.array(number)
