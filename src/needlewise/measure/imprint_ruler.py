"""The plane of an imprint from the ticks of a ruler: their spacing gives scale, their convergence the tilt.

Neighbouring ticks are equally far apart, so their places along the ruler give one vanishing point; ticks are parallel, so their
lines give the other. Both together are the plane's horizon, from which a camera's picture is set upright (Hartley and Zisserman,
Multiple View Geometry, 2nd edition, 8.6).
"""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from needlewise.errors import InputError
from needlewise.measure.imprint_page import FLAT_SHARE, Bytes, Picture, Plane, apply

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
Scale: TypeAlias = tuple[Array, Array, Array, Numbers]  # feet and tips of ticks seen at first, and places and numbers of all

SEARCH_SIDES = (2016, 3000)  # pixels of the long side in which ticks are looked for; the second if not seen in the first
START_TICKS, LEAST_TICKS = 10, 25  # seen at first, and after walking along the ruler
THIN_PX, LEAST_DEPTH = 11, 7.0  # ticks are thinner than so many pixels, and so many grey values darker than beside
FOCAL_MM = 27.0  # of a phone's main camera, mm of a 36 mm wide frame: what is assumed where the ticks do not tell
FOCALS_MM = (20.0, 60.0)
WHOLE_MM = 2.0  # a figure up to this is the distance of neighbouring ticks, a larger one the length of the whole scale
RULER_RANGE_MM = (0.2, 1000.0)
NEAREST = 11  # ticks may be the next one on the same line
TRIES, AT_ONCE = 600, 300_000  # lines through two ends, and how many distances from them are taken at a time
MOST_STEPS = 6  # between ticks seen at first
FINE = 4  # samples to a pixel, along the ruler
WIDEST_MM = 50.0  # of a ruler
BEFORE_MM, BESIDE_MM, FIGURES_MM = 1.0, 4.0, 6.0  # a ruler's own marks reach so far before, beside and beyond its ticks


def find_ruler(picture: Picture, ruler_mm: float) -> Plane:
    """Return the plane a ruler lies in.

    Parameters
    ----------
    ruler_mm : float
        Distance of neighbouring ticks (up to 2 mm), or of the first and last tick, all in the picture.

    Raises
    ------
    InputError
        No ruler is seen clearly.
    """
    if not RULER_RANGE_MM[0] <= ruler_mm <= RULER_RANGE_MM[1]:
        raise InputError("scale", ruler_mm, f"{RULER_RANGE_MM[0]:g} to {RULER_RANGE_MM[1]:g} mm", "a millimetre ruler: 1")
    for side in SEARCH_SIDES:
        share = min(1.0, side / max(picture.width, picture.height))
        grey, _ = picture.grey(share)
        scales = _scales(grey, _ticks(grey))
        if scales or share == 1:
            break
    if not scales:
        raise InputError(
            "scale", ruler_mm, "a ruler whose ticks show clearly beside the imprint",
            f"fewer than {LEAST_TICKS} ticks in a row were found; lay it flat, beside the holes, in the same light",
        )  # fmt: skip
    foot, tip, place, number = scales[0]
    foot, tip, place = ((x + 0.5) / share - 0.5 for x in (foot, tip, place))
    step = ruler_mm if ruler_mm <= WHOLE_MM else ruler_mm / (number.max() - number.min())
    to_mm, error = _upright(foot, tip, place, number * step, (picture.width, picture.height))
    polygon = _body(foot, tip, place, number, step, [(other[2] + 0.5) / share - 0.5 for other in scales[1:]])
    middle = np.array([picture.width, picture.height]) / 2
    p, q, r = apply(to_mm, np.array([middle, middle + (1, 0), middle + (0, 1)]))
    px_per_mm = 1 / math.sqrt(abs(float(np.linalg.det(np.array([q - p, r - p])))))
    return Plane(to_mm, px_per_mm, None, polygon, math.hypot(error, FLAT_SHARE), True)


def _scales(grey: Bytes, ends: Array) -> list[Scale]:
    """Return the ruler's scale, and a second one along its other edge; the finer first: sixteenths of an inch are wider."""
    found: list[Scale] = []
    for _ in range(2):
        comb = _comb(ends) if len(ends) >= START_TICKS else None
        if comb is None:
            break
        scale = _walked(grey, *comb)
        along = _way(scale)
        if len(scale[3]) >= LEAST_TICKS and all(abs(along @ _way(other)) > 0.99 for other in found):
            found.append(scale)
        ends = ends[np.abs((ends - scale[2][0]) @ np.array([-along[1], along[0]])).min(1) > 3]
    return sorted(found, key=lambda s: float(np.linalg.norm(s[2][-1] - s[2][0])) / int(s[3][-1] - s[3][0]))


def _way(scale: Scale) -> Array:
    along = scale[2][-1] - scale[2][0]
    return np.asarray(along / max(1e-9, float(np.linalg.norm(along))))


def _ticks(grey: Bytes) -> Array:
    """Return both ends (T×2×2 pixels) of what is long, thin and darker than both sides of it."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    depth = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, np.ones((THIN_PX, THIN_PX), np.uint8))
    dark = depth > max(LEAST_DEPTH, 3 * float(np.median(depth[::4, ::4])))
    dark &= cv2.adaptiveThreshold(smooth, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 15, LEAST_DEPTH) > 0
    count, label = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    if count < 2:
        return np.empty((0, 2, 2))
    x, y = cv2.findNonZero(dark.astype(np.uint8))[:, 0].T
    of = label[y, x] - 1  # their outlines are taken from dark pixels alone: OpenCV's own looks at all
    n = np.bincount(of).astype(float)
    low, high = np.zeros((2, 2, count - 1), int)
    for axis, value in enumerate((x, y)):
        order = value.astype(np.uint16).argsort(kind="stable")
        high[axis, of[order]] = value[order]  # of several, the last one stays
        low[axis, of[order[::-1]]] = value[order[::-1]]
    size = (high - low).max(0) + 1
    fits = np.flatnonzero((size >= 10) & (size < 0.08 * max(grey.shape)) & (n < 0.6 * size**2 + 20))[:20000]
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


def _walked(grey: Bytes, foot: Array, tip: Array, number: Numbers) -> Scale:
    """Walk along the ruler from tick to tick, both ways from the middle of those known, through the ones not seen at first.

    Returns feet and tips of the first ticks, and the places (on the line of the feet) and numbers of all. What is looked at is
    the brightness along a line through the middles of the shortest ticks.
    """
    long = np.linalg.norm(tip - foot, axis=1)
    middle = foot.mean(0)
    along = np.linalg.svd(foot - middle, full_matrices=False)[2][0]
    along *= np.sign((foot[number.argmax()] - foot[number.argmin()]) @ along)
    t = (foot - middle) @ along
    lean = np.array([np.polyval(np.polyfit(t, (tip - foot)[:, k] / long, 1), 0.0) for k in (0, 1)])
    short = float(np.percentile(long, 20))
    ends = [((size - 1 - m) / a, -m / a) for m, a, size in zip(middle, along, grey.shape[::-1], strict=True) if abs(a) > 1e-6]
    low, high = max(min(e) for e in ends), min(max(e) for e in ends)
    at = np.arange(low, high, 1 / FINE)
    depths = np.linspace(0.25, 0.75, 7)[:, None, None] * short * lean
    grid = (middle + at[:, None] * along + depths).astype(np.float32)
    light = cv2.remap(grey, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    dark = -np.log(light.astype(np.float64).mean(0) + 8)
    known = _steps(dark, (t - low) * FINE, number)
    order = np.array(sorted(known))
    return foot, tip, middle + (np.array([known[n] for n in order])[:, None] / FINE + low) * along, order


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


def _body(foot: Array, tip: Array, place: Array, number: Numbers, step: float, others: list[Array]) -> Array:
    """Return the outline (M×2, convex) of all the ruler bears: ticks, figures, and the ticks of `others` along its other edge."""
    along = place[-1] - place[0]
    long = float(np.linalg.norm(along))
    px_per_mm = long / (abs(int(number[-1] - number[0])) * step)
    along = along / long
    normal = np.array([-along[1], along[0]])
    normal *= np.sign(((tip - foot) @ normal).sum())
    far = normal * (np.linalg.norm(tip - foot, axis=1).max() + FIGURES_MM * px_per_mm)
    near, beyond = -normal * BEFORE_MM * px_per_mm, along * BESIDE_MM * px_per_mm
    a, b = place[0] - beyond, place[-1] + beyond
    corners = [a + near, b + near, b + far, a + far]
    for other in others:
        if np.median((other - place[0]) @ normal) < WIDEST_MM * px_per_mm:
            corners += [other[0] - beyond - near, other[-1] + beyond - near]
    return np.asarray(cv2.convexHull(np.array(corners, np.float32))[:, 0], np.float64)


def _upright(foot: Array, tip: Array, place: Array, mm: Array, size: tuple[int, int]) -> tuple[Array, float]:
    """Return the homography to millimetres and the relative error of a length along the ruler.

    `place` (T×2) are the ticks at `mm`, all on one line; `foot` and `tip` the ends of ticks, which give their direction.
    """
    unit = max(size)
    centre = np.array(size) / 2
    foot, tip, place = (foot - centre) / unit, (tip - centre) / unit, (place - centre) / unit
    middle = place.mean(0)
    along = (place[-1] - place[0]) / np.linalg.norm(place[-1] - place[0])
    t = (place - middle) @ along
    design = np.c_[mm, np.ones(len(mm)), -t * mm]  # t = (a·mm + b) / (c·mm + 1)
    a, b, c = np.linalg.lstsq(design, t, rcond=None)[0]
    rest = t - (a * mm + b) / (c * mm + 1)
    first = np.append(middle * c + along * a, c)  # mm → ∞
    lines = np.cross(np.c_[foot, np.ones(len(foot))], np.c_[tip, np.ones(len(tip))])
    lines /= np.linalg.norm(lines[:, :2], axis=1, keepdims=True)
    weight = np.linalg.norm(tip - foot, axis=1)[:, None]
    second = np.linalg.svd(lines * weight, full_matrices=False)[2][-1]
    horizon = np.cross(first, second)
    horizon /= np.linalg.norm(horizon) * (np.sign(horizon[2]) or 1)
    focal = _focal(first, second) / 36
    k_inv = np.diag([1 / focal, 1 / focal, 1.0])
    normal = np.diag([focal, focal, 1.0]) @ horizon  # Kᵀl
    normal /= np.linalg.norm(normal)
    one = k_inv @ first
    one -= normal * (normal @ one)
    one /= np.linalg.norm(one)
    two = np.cross(normal, one)
    shift = np.array([(1 / unit, 0, -centre[0] / unit), (0, 1 / unit, -centre[1] / unit), (0, 0, 1)])
    plane = np.array([one, two, normal]) @ k_inv
    at = apply(plane, place)
    scale, _ = np.polyfit(at[:, 0], mm, 1)
    to_mm = np.diag([abs(scale), abs(scale), 1.0]) @ plane @ shift
    error = float(np.std(rest)) / float(np.ptp(t)) * math.sqrt(12 / len(t))
    return to_mm, error


def _focal(first: Array, second: Array) -> float:
    """Return the focal length (mm of a 36 mm frame) at which both directions are at right angles, within what cameras have.

    Near the upright view the directions say nothing of it, and little hangs on it: then a phone's is taken.
    """
    one, two = first / np.linalg.norm(first[:2]), second / np.linalg.norm(second[:2])
    depth = one[2] * two[2]
    if abs(depth) < 0.02:
        return FOCAL_MM
    square = -(one[:2] @ two[:2]) / depth
    return float(np.clip(36 * math.sqrt(square), FOCALS_MM[0], FOCALS_MM[-1])) if square > 0 else FOCAL_MM
