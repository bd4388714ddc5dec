"""The ticks of a ruler: what is long, thin, dark and stands in a row, numbered along the ruler, and how far apart it must be.

Places are pixels of the picture that is searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint_page import Array, Bytes

Numbers = npt.NDArray[np.intp]

START_TICKS, LEAST_TICKS = 10, 25  # seen at first, and after walking along the ruler
THIN_PX, LEAST_DEPTH = 11, 7.0  # ticks are thinner than so many pixels, and so many grey values darker than beside
NEAREST = 11  # ticks may be the next one on the same line
TRIES, AT_ONCE = 600, 300_000  # lines through two ends, and how many distances from them are taken at a time
MOST_STEPS = 6  # between ticks seen at first
FINE = 4  # samples to a pixel, along the ruler
SOFT = 0.09  # of the distance of ticks: noise finer than this is smoothed away
FROM_FOOT, TO_TIP = np.linspace(0.15, 0.3, 4), np.linspace(0.7, 0.85, 4)  # of the length of the shortest ticks
TENS, HALVES, SIXTEENTHS = (1.0,), (0.5,), (25.4 / 32, 25.4 / 16, 25.4 / 8)  # mm between ticks, by which of them are longer
TRIM, LEAST_TRIM = 3.0, 1e-5  # standard deviations, and at least so much, within which a value is no outlier
BEYOND = np.arange(1.1, 2.6, 0.15)  # times the length of the shortest ticks: where longer ones are looked for
TOLD, TOLD_TICKS = 0.1, 20.0  # of the variance that a rhythm must explain, and more by so much over the number of ticks
BY_TWOS = 0.4  # of the variance, which every second tick's being longer explains where they are half millimetres


@dataclass(frozen=True)
class Scale:
    """Ticks in a row.

    Attributes
    ----------
    foot, tip : S×2
        Ends of the ticks seen at first; the feet lie on the ruler's edge.
    number : T
        Running numbers of all ticks.
    near, deep : T×2
        Where they cross a line near the feet, and a line `lean` times some length deeper.
    """

    foot: Array
    tip: Array
    number: Numbers
    near: Array
    deep: Array

    @property
    def along(self) -> Array:
        """Unit vector along the ruler, with the numbers."""
        way = self.near[-1] - self.near[0]
        return np.asarray(way / np.linalg.norm(way))

    @property
    def gap(self) -> float:
        """Mean distance of neighbouring ticks."""
        return float(np.linalg.norm(self.near[-1] - self.near[0])) / int(self.number[-1] - self.number[0])


def find_scales(grey: Bytes) -> list[Scale]:
    """Return the ruler's scale, and a second one along its other edge; the finer first: sixteenths of an inch are wider."""
    ends = _ticks(grey)
    found: list[Scale] = []
    for _ in range(2):
        comb = _comb(ends) if len(ends) >= START_TICKS else None
        if comb is None:
            break
        scale = _walked(grey, *comb)
        if scale is None:
            break
        if len(scale.number) >= LEAST_TICKS and all(abs(scale.along @ other.along) > 0.99 for other in found):
            found.append(scale)
        across = np.array([-scale.along[1], scale.along[0]])
        ends = ends[np.abs((ends - scale.foot.mean(0)) @ across).min(1) > 3]
    return sorted(found, key=lambda scale: scale.gap)


def usual_steps(grey: Bytes, scale: Scale) -> tuple[float, ...]:
    """Return how many mm apart such ticks may be: every tenth is longer in a scale of millimetres, every sixteenth of inches.

    Beyond the shortest ticks only longer ones are dark; what share of that varies with the number of a tick, modulo 2, 10 or 16,
    is the adjusted R² of an analysis of variance.
    """
    beside = np.array([-0.5, -0.25, 0, 0.25, 0.5])[:, None, None] * scale.gap * scale.along
    way = (scale.deep - scale.near) / (TO_TIP.mean() - FROM_FOOT.mean())  # from foot to tip of a short tick
    steady = np.array([np.polyval(np.polyfit(scale.number, column, 1), scale.number) for column in way.T]).T
    best = dict.fromkeys((2, 10, 16), 0.0)
    for far in BEYOND:
        depths = far - FROM_FOOT.mean() + np.array([-0.05, 0, 0.05])
        dark = [_darkness(grey, scale.near + b + depths[:, None, None] * steady) for b in beside]
        longer = np.max(dark[1:4], axis=0) - np.maximum(dark[0], dark[4])
        by = {p: _explained(longer, scale.number % p) for p in best}
        best = {2: max(best[2], by[2]), 10: max(best[10], by[10] - by[2]), 16: max(best[16], by[16] - by[2])}
    if max(best[10], best[16]) < TOLD + TOLD_TICKS / len(scale.number):
        return ()
    if best[16] > best[10]:
        return SIXTEENTHS
    return HALVES if best[2] > BY_TWOS else TENS


def _explained(value: Array, group: Numbers) -> float:
    """Return the adjusted R² of `value` by its group; 0 where groups are too small to tell."""
    count = np.bincount(group)
    inside = len(value) - np.count_nonzero(count)
    if inside < len(value) / 3 or not value.any():
        return 0.0
    mean = np.bincount(group, value) / np.maximum(1, count)
    return float(1 - ((value - mean[group]) ** 2).sum() / inside / value.var(ddof=1))


def fit(design: Array, target: Array) -> tuple[Array, Array]:
    """Return coefficients and their standard errors, by least squares without outliers."""
    keep = np.ones(len(target), bool)
    for _ in range(5):
        found = np.linalg.lstsq(design[keep], target[keep], rcond=None)[0]
        rest = np.abs(target - design @ found)
        keep = rest <= max(LEAST_TRIM, TRIM * 1.4826 * float(np.median(rest)))
    x, left = design[keep], target[keep] - design[keep] @ found
    variance = float(left @ left) / max(1, len(x) - design.shape[1])
    return np.asarray(found), np.asarray(np.sqrt(variance * np.diag(np.linalg.pinv(x.T @ x))))


def _darkness(grey: Bytes, points: Array) -> Array:
    """Return how dark it is at `points` (D×T×2), on the mean of D."""
    grid = points.astype(np.float32)
    light = cv2.remap(grey, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(-np.log(light.astype(np.float64).mean(0) + 8))


def _ticks(grey: Bytes) -> Array:
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


def _comb(ends: Array) -> tuple[Array, Array, Numbers] | None:
    """Return feet on one line, tips and running numbers of the ticks of the ruler; None without one."""
    rng = np.random.default_rng(0)  # which pairs are tried, not what is measured
    every = np.concatenate([ends[:, 0], ends[:, 1]])
    other = np.concatenate([ends[:, 1], ends[:, 0]])
    way = (other - every) / np.linalg.norm(other - every, axis=1, keepdims=True)
    best = np.zeros(len(every), bool)
    for some in np.array_split(rng.integers(0, len(every), TRIES), 1 + TRIES * len(every) // AT_ONCE):
        away = np.abs(every[some, None] - every).sum(2)
        away[np.arange(len(some)), some] = np.inf
        near = np.argpartition(away, NEAREST, axis=1)[:, :NEAREST]
        line = every[near[np.arange(len(some)), rng.integers(0, NEAREST, len(some))]] - every[some]
        on = _in_line(every, way, some, line)
        if len(on) and on.sum(1).max() > best.sum():
            best = on[on.sum(1).argmax()]
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


def _walked(grey: Bytes, foot: Array, tip: Array, number: Numbers) -> Scale | None:
    """Walk along the ruler from tick to tick, both ways from the middle of those known, through the ones not seen at first.

    What is looked at is the brightness along a line through the middles of the shortest ticks, then along two lines beside it.
    """
    middle = foot.mean(0)
    along = np.linalg.svd(foot - middle, full_matrices=False)[2][0]
    along *= np.sign((foot[number.argmax()] - foot[number.argmin()]) @ along)
    across = np.array([-along[1], along[0]])
    across *= np.sign(np.median((tip - foot) @ across))
    t, high = (foot - middle) @ along, (tip - foot) @ across
    short = float(np.percentile(high, 20))
    lean, turn = fit(np.c_[np.ones(len(t)), t], (tip - foot) @ along / high)[0]  # as much along as they go across, here and there

    def at(places: Array, depths: Array) -> Array:
        """Return points (D×P×2) on the ticks at `places` along the feet, so many lengths of a short tick deep."""
        way = across + (lean + turn * places)[:, None] * along
        return np.asarray(middle + places[:, None] * along + depths[:, None, None] * short * way)

    ends = [((size - 1 - m) / a, -m / a) for m, a, size in zip(middle, along, grey.shape[::-1], strict=True) if abs(a) > 1e-6]
    low = max(min(e) for e in ends)
    line = np.arange(low, min(max(e) for e in ends), 1 / FINE)
    soft = SOFT * FINE * float(np.median(np.diff(np.sort(t))))
    near, deep = (cv2.GaussianBlur(_darkness(grey, at(line, depths))[None], (0, 0), soft)[0] for depths in (FROM_FOOT, TO_TIP))
    known = _steps(near + deep, (t - low) * FINE, number)
    numbers = np.array(sorted(known))
    if len(numbers) < START_TICKS:
        return None
    gaps = np.abs(np.gradient([known[n] for n in numbers], numbers))
    rises = np.array([[_rise(dark, known[n], gap) for dark in (near, deep)] for n, gap in zip(numbers, gaps, strict=True)])
    seen = (rises[..., 1] > 0).all(1)
    if seen.sum() < START_TICKS:
        return None
    places = [at(x / FINE + low, depths.mean(keepdims=True))[0]
              for x, depths in zip(rises[seen, :, 0].T, (FROM_FOOT, TO_TIP), strict=True)]  # fmt: skip
    return Scale(foot, tip, numbers[seen], *places)


def _steps(dark: Array, ticks: Array, number: Numbers, most_missed: int = 3) -> dict[int, float]:
    """Return number and place of each tick of the line `dark`, walking from the middle one of those known at `ticks`."""
    gaps = np.diff(np.sort(ticks))
    gap = float(np.median(gaps[gaps > 2 * FINE]))
    usual = float(np.median([_rise(dark, x, gap)[1] for x in ticks]))
    first = int(np.argsort(ticks)[len(ticks) // 2])
    found = {int(number[first]): float(ticks[first])}
    for way in (1, -1):
        x, n, step, missed = float(ticks[first]), int(number[first]), gap, 0
        while missed < most_missed and gap < x < len(dark) - gap:
            where, rise = _rise(dark, x + way * step, step)
            n, missed = n + way, missed + 1
            if rise > 0.4 * usual:
                step, missed = 0.8 * step + 0.2 * abs(where - x), 0
                x = found[n] = where
            else:
                x += way * step
    return found


def _rise(dark: Array, at: float, step: float) -> tuple[float, float]:
    """Return where the darkest place near `at` lies, and by how much it is darker than half a `step` to both sides."""
    half = max(1, round(step / 2))
    low, high = round(at - 0.25 * step), round(at + 0.25 * step) + 1
    if low - half < 1 or high + half >= len(dark):
        return at, 0.0
    k = low + int(dark[low:high].argmax())
    bend = dark[k - 1] - 2 * dark[k] + dark[k + 1]
    fine = 0.5 * (dark[k - 1] - dark[k + 1]) / bend if bend < -1e-9 else 0.0
    return k + float(np.clip(fine, -1, 1)), float(dark[k] - max(dark[k - half], dark[k + half]))
