"""A ruler's scale: walking from tick to tick, telling millimetres from inches, and measuring where ticks are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from needlewise.measure.imprint.page import Array, Bytes
from needlewise.measure.imprint.ticks import START_TICKS, Numbers, find_bars, find_comb
from needlewise.measure.imprint.upright import fit

LEAST_TICKS = 25
FINE = 4  # samples to a pixel, along the ruler
SOFT = 0.09  # of the distance of ticks: noise finer than this is smoothed away
BAND = np.linspace(-0.075, 0.075, 4)  # of the length of the shortest ticks: so far about a depth is looked at together
NEAR, DEEP = 0.225, (0.775, 1.2, 1.5, 1.8, 2.1)  # depths of lines across ticks, in the same lengths; long ones reach the last
SHOWS = 0.4  # of the usual darkness of ticks: what is seen so clearly is a tick
MISSED = 3  # ticks in a row: then the scale has ended
THICK, THIN = 0.5, 0.46  # of the distance of ticks: what is wider is the gap between bright ones, and what is surely none
TENS, HALVES, SIXTEENTHS = (1.0,), (0.5,), (25.4 / 32, 25.4 / 16, 25.4 / 8)  # mm between ticks, by which of them are longer
ALIKE = TENS + HALVES + SIXTEENTHS
BEYOND = np.arange(1.1, 2.6, 0.15)  # lengths of the shortest ticks: where longer ones are looked for
TOLD, TOLD_TICKS = 0.1, 20.0  # of the variance that a rhythm must explain, and more by so much over the number of ticks
OUTSIDE, FEW, MANY = (-1.5, -1.0, -0.6, 1.5, 2.0, 2.5), 0.03, 50  # lengths; of the ticks; ticks: where all are alike
UNLIKE = 0.5  # of the other side's difference: a side so much more like the ruler is its own
BY_TWOS = 0.4  # of the variance, which every second tick's being longer explains where they are half millimetres


@dataclass(frozen=True)
class Line:
    """The line of the ticks' feet, `middle` + t `along`; at t, a tick goes `across` + (`lean` + `turn` t) `along`.

    Depths along ticks are in lengths of a short one, `short` pixels across.
    """

    middle: Array
    along: Array
    across: Array
    short: float
    lean: float
    turn: float

    def at(self, places: Array, depths: Array) -> Array:
        """Return points (D×P×2) on the ticks at `places` (P) along the feet, `depths` (D) deep."""
        way = self.across + (self.lean + self.turn * places)[:, None] * self.along
        return np.asarray(self.middle + places[:, None] * self.along + self.short * depths[:, None, None] * way)

    def scaled(self, ratio: float) -> Line:
        """Return the line in a picture `ratio` times as large."""
        return replace(self, middle=(self.middle + 0.5) * ratio - 0.5, short=self.short * ratio, turn=self.turn / ratio)


@dataclass(frozen=True)
class Scale:
    """Ticks in a row: their running `number` and their `place` (T) along `line`.

    The longest is `long` pixels across; they are `thick` times their distance.
    """

    line: Line
    number: Numbers
    place: Array
    long: float
    thick: float

    @property
    def gap(self) -> float:
        """Mean distance of neighbouring ticks."""
        return float((self.place[-1] - self.place[0]) / (self.number[-1] - self.number[0]))

    def scaled(self, ratio: float) -> Scale:
        """Return the scale in a picture `ratio` times as large."""
        return Scale(self.line.scaled(ratio), self.number, self.place * ratio, self.long * ratio, self.thick)


def find_scales(grey: Bytes) -> list[Scale]:
    """Return the ruler's scale, and a second one along its other edge; the finer first: sixteenths of an inch are wider."""
    ends = find_bars(grey)
    found: list[Scale] = []
    for _ in range(2):
        comb = find_comb(ends) if len(ends) >= START_TICKS else None
        if comb is None:
            break
        line = _line(*comb)
        scale = _walked(grey, line, *comb)
        if scale is not None and all(abs(line.along @ other.line.along) > 0.99 for other in found):
            found.append(scale)
        ends = ends[np.abs((ends - line.middle) @ line.across).min(1) > 3]
    return sorted(found, key=lambda scale: scale.gap)


def usual_steps(grey: Bytes, scale: Scale) -> tuple[float, ...]:
    """Return how many mm apart such ticks may be: every tenth is longer in a scale of millimetres, every sixteenth of inches.

    Beyond the shortest ticks only longer ones are dark; what share of that varies with the number of a tick, modulo 2, 10 or 16,
    is the adjusted R² of an analysis of variance.
    """
    best = dict.fromkeys((2, 10, 16), 0.0)
    for far in BEYOND:
        longer = _rises(grey, scale, far)
        by = {p: _explained(longer, scale.number % p) for p in best}
        best = {2: max(best[2], by[2]), 10: max(best[10], by[10] - by[2]), 16: max(best[16], by[16] - by[2])}
    if max(best[10], best[16]) < TOLD + TOLD_TICKS / len(scale.number):
        return ALIKE if _alike(grey, scale) else ()
    if best[16] > best[10]:
        return SIXTEENTHS
    return HALVES if best[2] > BY_TWOS else TENS


def _alike(grey: Bytes, scale: Scale) -> bool:
    """Say whether no tick is longer than others, on neither side: then what distance they are named is all that is known."""
    if len(scale.number) < MANY or scale.thick > THIN:
        return False
    usual = float(np.median(_rises(grey, scale, 0.5)))
    return all(np.mean(_rises(grey, scale, far) > SHOWS * usual) < FEW for far in OUTSIDE)


def _rises(grey: Bytes, scale: Scale, far: float) -> Array:
    """Return by how much each tick is darker, `far` deep, than what lies halfway to the next ones."""
    depths = far + np.array([-0.05, 0, 0.05])
    dark = [_darkness(grey, scale.line.at(scale.place + b * scale.gap, depths)) for b in (-0.5, -0.25, 0, 0.25, 0.5)]
    return np.asarray(np.max(dark[1:4], axis=0) - np.maximum(dark[0], dark[4]))


def body_side(grey: Bytes, scale: Scale, mm: float) -> int:
    """Return 1 if the ruler looks as between its ticks beyond their tips, -1 if it does before their feet, 0 if that is unclear.

    `mm` is the length of a millimetre in pixels.
    """
    between = scale.place[:-1] + np.diff(scale.place) / 2
    off = np.array([0.7, 1.0, 1.3]) * mm / scale.line.short
    inside, beyond, before = (_darkness(grey, scale.line.at(between, d)) for d in (np.linspace(0.3, 0.7, 3), 1 + off, -off))
    tips, feet = (float(np.median(np.abs(side - inside))) for side in (beyond, before))
    return 1 if tips < UNLIKE * feet else -1 if feet < UNLIKE * tips else 0


def tick_points(grey: Bytes, scale: Scale) -> tuple[Array, Array, Numbers]:
    """Return where ticks cross a line near their feet (T×2), and deeper ones (P×2), with which tick of T each is there."""
    gaps = np.gradient(scale.place, scale.number)
    low = float(scale.place.min() - gaps.max())
    line = np.arange(low, scale.place.max() + gaps.max(), 1 / FINE)
    usual, found = 0.0, []
    for depth in (NEAR, *DEEP):
        dark = _profile(grey, scale.line, line, depth, scale.gap)
        at, rise = np.array([_rise(dark, (x - low) * FINE, FINE * gap) for x, gap in zip(scale.place, gaps, strict=True)]).T
        usual = usual or float(np.median(rise))
        points = scale.line.at(at / FINE + low, np.array([depth]))[0]
        found.append((points, np.flatnonzero(rise > (SHOWS * usual if depth > NEAR else -np.inf))))
    return found[0][0], np.concatenate([p[i] for p, i in found[1:]]), np.concatenate([i for _, i in found[1:]])


def _explained(value: Array, group: Numbers) -> float:
    """Return the adjusted R² of `value` by its group; 0 where groups are too small to tell."""
    count = np.bincount(group)
    inside = len(value) - np.count_nonzero(count)
    if inside < len(value) / 3 or not np.ptp(value):
        return 0.0
    mean = np.bincount(group, value) / np.maximum(1, count)
    return float(1 - ((value - mean[group]) ** 2).sum() / inside / value.var(ddof=1))


def _line(foot: Array, tip: Array, number: Numbers) -> Line:
    middle = foot.mean(0)
    along = np.linalg.svd(foot - middle, full_matrices=False)[2][0]
    along *= np.sign((foot[number.argmax()] - foot[number.argmin()]) @ along)
    across = np.array([-along[1], along[0]])
    across *= np.sign(np.median((tip - foot) @ across))
    t, high = (foot - middle) @ along, (tip - foot) @ across
    lean, turn = fit(np.c_[np.ones(len(t)), t], (tip - foot) @ along / high)[0]
    return Line(middle, along, across, float(np.percentile(high, 20)), float(lean), float(turn))


def _profile(grey: Bytes, line: Line, places: Array, depth: float, gap: float) -> Array:
    """Return how dark it is at `places`, FINE to a pixel, `depth` deep."""
    dark = _darkness(grey, line.at(places, depth + BAND))
    return np.asarray(cv2.GaussianBlur(dark[None], (0, 0), SOFT * FINE * gap)[0])


def _darkness(grey: Bytes, points: Array) -> Array:
    """Return how dark it is at `points` (D×T×2), on the mean of D."""
    grid = points.astype(np.float32)
    light = cv2.remap(grey, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(-np.log(light.astype(np.float64).mean(0) + 8))


def _walked(grey: Bytes, line: Line, foot: Array, tip: Array, number: Numbers) -> Scale | None:
    """Walk along the ruler from tick to tick, both ways from the middle of those known, through the ones not seen at first.

    None where there are few, or what was taken for ticks is wider than what lies between.
    """
    t = (foot - line.middle) @ line.along
    ends = [((size - 1 - m) / a, -m / a)
            for m, a, size in zip(line.middle, line.along, grey.shape[::-1], strict=True) if abs(a) > 1e-6]  # fmt: skip
    low, gap = max(min(e) for e in ends), float(np.median(np.diff(np.sort(t))))
    places = np.arange(low, min(max(e) for e in ends), 1 / FINE)
    dark = _profile(grey, line, places, NEAR, gap) + _profile(grey, line, places, DEEP[0], gap)
    known = _steps(dark, (t - low) * FINE, number)
    numbers = np.array(sorted(known))
    at = np.array([known[n] for n in numbers])
    if len(numbers) < LEAST_TICKS:
        return None
    thick = _thickness(dark[round(at[0]) : round(at[-1]) + 1], float(np.diff(at).max()))
    if thick > THICK:
        return None
    return Scale(line, numbers, at / FINE + low, float(((tip - foot) @ line.across).max()), thick)


def _thickness(dark: Array, gap: float) -> float:
    """Return the share of the way along ticks that is darker than halfway between the darkest and the brightest nearby."""
    near, row = np.ones((1, 2 * round(0.75 * gap) + 1), np.uint8), dark[None].astype(np.float32)
    return float(np.mean(row > (cv2.dilate(row, near) + cv2.erode(row, near)) / 2))


def _steps(dark: Array, ticks: Array, number: Numbers) -> dict[int, float]:
    """Return number and place of each tick of the line `dark`, walking from the middle one of those known at `ticks`."""
    gaps = np.diff(np.sort(ticks))
    gap = float(np.median(gaps[gaps > 2 * FINE]))
    usual = float(np.median([_rise(dark, x, gap)[1] for x in ticks]))
    first = int(np.argsort(ticks)[len(ticks) // 2])
    found = {int(number[first]): float(ticks[first])}
    for way in (1, -1):
        x, n, step, missed = float(ticks[first]), int(number[first]), gap, 0
        while missed < MISSED and gap < x < len(dark) - gap:
            where, rise = _rise(dark, x + way * step, step)
            n, missed = n + way, missed + 1
            if rise > SHOWS * usual:
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
