"""Marks in a picture: small spots darker or brighter than what surrounds them, under uneven light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint.page import Bytes, Floats, Picture, Plane, apply

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Logs = npt.NDArray[np.int16]  # of brightness, `STEPS` to a unit: half the memory of floats, and quicker to filter

STEPS = 8192  # finer than a grey value's steps, and the logs of all grey values still fit

BLOCK, STRIDE = 39, 3  # pixels; noise is judged block by block, so that foil or wood does not drown quiet paper
BAND = 128  # rows worked on at a time
MOST_MARKS = 6000
MERGE_MM = 0.22  # maxima nearer than this are one mark: slits are up to 0.6 mm long
HALF_MM = 0.34  # a hole reaches no farther than this from its middle
LINE_MM = (0.4, 0.55, 0.7, 0.85)
RING, RING_MM = 1.5, 0.7
FINE_PX_PER_MM = 16.0  # more pixels than this place a hole no better
FINE_MM = (0.05, 0.085, 0.14)  # sizes of filters for holes of 0.1 to 0.3 mm, blurred or not


@dataclass(frozen=True)
class Marks:
    """Spots of one kind.

    Attributes
    ----------
    px, mm : N×2
        Middles in the full picture, and on the plane.
    snr : N
        Contrast over the noise around it.
    contrast : N
        Relative to the brightness around, positive.
    sign : int
        +1 dark marks, −1 bright ones.
    sigma_px : float
        Size of the filter that found them, in pixels of the full picture.
    """

    px: Array
    mm: Array
    snr: Array
    contrast: Array
    sign: int
    sigma_px: float

    def take(self, keep: Flags | Ints) -> Marks:
        return Marks(self.px[keep], self.mm[keep], self.snr[keep], self.contrast[keep], self.sign, self.sigma_px)


@dataclass(frozen=True)
class Crop:
    """Marks in a part of the picture (`all` of them, or the clearest), the log brightness there (H×W, `share` of full size),
    and its corner, scaled alike."""

    marks: Marks
    all: bool
    light: Logs
    share: float
    corner: Array
    ring: bool  # clearer marks of the other sign lie there: these are the rings around them


def log_light(grey: Bytes) -> Logs:
    """Return the log of brightness, so that a shadow leaves contrasts alone."""
    return np.asarray(cv2.LUT(grey, np.rint(STEPS * np.log(np.arange(256) / 6 + 1)).astype(np.int16)), np.int16)


def _contrast(grey: Bytes, sigma: float) -> Logs:
    """Return H×W relative darkness at the size `sigma` (pixels); band by band, for small arrays stay in the processor."""
    size, side = 2 * math.ceil(2.5 * sigma) + 1, 2 * math.ceil(3.2 * sigma) + 1
    reach = max(size, side) // 2
    dark = np.empty(grey.shape, np.int16)
    for top in range(0, len(grey), BAND):
        low = max(0, top - reach)
        light = log_light(grey[low : top + BAND + reach])
        part = slice(top - low, top - low + BAND)
        fine = cv2.GaussianBlur(light, (size, size), sigma)
        cv2.subtract(cv2.boxFilter(light, -1, (side, side))[part], fine[part], dst=dark[top : top + BAND])
    return dark


def _certainty(dark: Logs) -> npt.NDArray[np.float32]:
    """Return one over the noise (block medians), as many rows as `dark`, a column for each block."""
    part = np.abs(dark[1::STRIDE, 1::STRIDE])
    cell = min(BLOCK // STRIDE, *part.shape)
    h, w = part.shape[0] // cell, part.shape[1] // cell
    cells = part[: h * cell, : w * cell].reshape(h, cell, w, cell).swapaxes(1, 2).reshape(h, w, -1)
    middle = np.partition(cells, cell * cell // 2, axis=2)[..., cell * cell // 2].astype(np.float32)
    sure = 1 / (cv2.medianBlur(middle, 3) * np.float32(1.4826) + np.float32(1e-4 * STEPS))
    return np.asarray(cv2.resize(sure, (w, len(dark))), np.float32)


@dataclass(frozen=True)
class Peaks:
    """Maxima of contrast of one sign in a map: whole pixels x, y and signal over noise, the clearest first; `all`, or some."""

    dark: Logs
    x: Ints
    y: Ints
    snr: Array
    sign: int
    sigma: float
    all: bool

    def marks(self, plane: Plane, share: float, corner: Array, px_per_mm: float, rounds: int) -> Marks:
        """Return what is no line, with its middle, on the plane; `share` is the map's scale, `corner` where it begins."""
        spot = ~_on_line(self.dark, self.x, self.y, px_per_mm)
        x, y, snr = self.x[spot], self.y[spot], self.snr[spot]
        height = np.abs(self.dark[y, x]).astype(float)
        middle = _centroids(self.dark, self.sign, x, y, height, HALF_MM * px_per_mm, rounds)
        alone = _alone(middle, MERGE_MM * px_per_mm)  # two maxima of one slit meet in its middle
        px = (middle[alone] + corner + 0.5) / share - 0.5
        marks = Marks(px, apply(plane.to_mm, px), snr[alone], height[alone] / STEPS, self.sign, self.sigma / share)
        for polygon, wanted in ((plane.inside, True), (plane.outside, False)):
            if polygon is not None:
                marks = marks.take(within(marks.px, polygon) == wanted)
        return marks


def peaks(grey: Bytes, sigma: float, px_per_mm: float, least: float, most: int = MOST_MARKS) -> tuple[Peaks, Peaks]:
    """Return the dark and the bright maxima of log brightness at the size `sigma` (pixels), `most` of each."""
    dark = _contrast(grey, sigma)
    sure = _certainty(dark)
    height, width = dark.shape
    merge = MERGE_MM * px_per_mm
    rim = max(3, round(merge) + 1)
    found = {sign: [(np.empty(0, np.intp), np.empty(0, np.float32))] for sign in (1, -1)}
    for top in range(rim + 1, height - rim - 1, BAND):
        rows = slice(top - 1, min(top + BAND, height - rim - 1) + 1)
        snr = cv2.multiply(dark[rows], cv2.resize(sure[rows], (width, rows.stop - rows.start)), dtype=cv2.CV_32F)
        flat = snr.ravel()
        for sign, some in found.items():
            where = np.flatnonzero((snr[1:-1] > least if sign > 0 else snr[1:-1] < -least).ravel()) + width
            x = where % width
            where = where[(x > rim) & (x < width - rim - 1)]
            value = sign * flat[where]
            for step in (1, -1, width, -width, width + 1, width - 1, 1 - width, -1 - width):
                high = value >= sign * flat[where + step]
                where, value = where[high], value[high]
            some.append((where + rows.start * width, value))
    out = []
    for sign, some in found.items():
        where, value = (np.concatenate(part) for part in zip(*some, strict=True))
        order = np.argsort(-value, kind="stable")[:most]
        y, x = np.divmod(where[order], width)
        alone = _alone(np.c_[x, y].astype(float), merge)
        out.append(Peaks(dark, x[alone], y[alone], value[order][alone].astype(float), sign, sigma, len(order) < most))
    return out[0], out[1]


def _alone(points: Array, reach: float) -> Flags:
    """Say which points have no earlier, so clearer one within `reach`."""
    i, j = pairs(points, reach)
    alone = np.ones(len(points), bool)
    alone[np.maximum(i, j)] = False
    return alone


def _on_line(dark: Logs, x: Ints, y: Ints, px_per_mm: float) -> Flags:
    """Say which maxima lie on a line or edge: the contrast goes on, both ways, farther than a slit is long."""
    flat, width = dark.ravel(), dark.shape[1]
    at, peak = y * width + x, 0.35 * dark[y, x]
    out = np.zeros(len(x), bool)
    for angle in np.arange(20) * np.pi / 20:
        alike = np.flatnonzero(~out)
        for far in LINE_MM:
            for way in (1, -1):
                dx, dy = way * far * px_per_mm * np.array([math.cos(angle), math.sin(angle)])
                beside = flat.take(at[alike] + (round(dy) * width + round(dx)), mode="clip")
                alike = alike[beside * np.sign(peak[alike]) > np.abs(peak[alike])]
        out[alike] = True
    return out


def _centroids(dark: Logs, sign: int, x: Ints, y: Ints, height: Array, reach: float, rounds: int) -> Array:
    """Return the middle of what stands out around each maximum; the window follows it `rounds` times."""
    r = max(2, math.ceil(reach))
    span = np.arange(-r, r + 1)
    oy, ox = np.nonzero(span[:, None] ** 2 + span[None, :] ** 2 <= (reach + 0.5) ** 2)
    oy, ox = oy - r, ox - r
    level = (0.4 * height).astype(np.float32)
    offsets = np.c_[ox, oy].astype(np.float32)
    flat, width = dark.ravel(), dark.shape[1]
    step = oy * width + ox
    at = np.c_[x, y]
    middle = at.astype(float)
    open_ = np.arange(len(x))
    for _ in range(rounds):
        start = at[open_, 1] * width + at[open_, 0]
        weight = np.maximum(sign * flat.take(start[:, None] + step, mode="clip") - level[open_, None], 0)
        shift = (weight @ offsets) / (weight.sum(1, keepdims=True) + 1e-12)
        middle[open_] = at[open_] + shift
        moved = (np.abs(shift) > 0.5).any(1) & (np.abs(np.rint(middle[open_]) - np.c_[x, y][open_]).max(1) <= r)
        open_ = open_[moved]
        if not len(open_):
            break
        at[open_] = np.rint(middle[open_]).astype(int)
    return np.asarray(middle, np.float64)


def within(points: Array, polygon: Floats) -> Flags:
    """Return which points lie in the convex `polygon`."""
    turn = []
    for a, b in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        turn.append((b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0]))
    side = np.array(turn)
    return np.asarray((side > 0).all(0) | (side < 0).all(0))


def pairs(points: Array, reach: float) -> tuple[Ints, Ints]:
    """Return i, j of all pairs of points not farther apart than `reach` along x and y, looked for strip by strip."""
    if len(points) < 2:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    x = points[:, 0] - points[:, 0].min()
    strip = np.floor((points[:, 1] - points[:, 1].min()) / reach)
    far = float(x.max()) + 3 * reach  # strips lie behind each other, out of each other's reach
    key = strip * far + x
    order = np.argsort(key)
    key, y = key[order], points[order, 1]
    left, right = [], []
    for low, high in ((0.0, reach), (far - reach, far + reach)):  # those after it in its own strip, and all near in the next one
        begin = np.arange(1, len(key) + 1) if not low else np.searchsorted(key, key + low)
        count = np.maximum(np.searchsorted(key, key + high, "right") - begin, 0)
        i = np.repeat(np.arange(len(key)), count)
        j = np.arange(len(i)) + np.repeat(begin - np.cumsum(count) + count, count)
        near = np.abs(y[i] - y[j]) <= reach
        left.append(order[i[near]])
        right.append(order[j[near]])
    return np.concatenate(left), np.concatenate(right)


def best_size(picture: Picture, plane: Plane, marks: Marks, most: int = 80) -> float:
    """Return the size of the filter (pixels of the full picture) that shows `marks` best, judged by those in their middle."""
    away = np.linalg.norm(marks.px - np.median(marks.px, axis=0), axis=1)
    px = marks.px[np.argsort(away)[:most]]
    share = min(1.0, FINE_PX_PER_MM / plane.px_per_mm)
    scale = plane.px_per_mm * share
    reach = 2 * plane.px_per_mm
    grey, corner = picture.grey(share, np.array([px.min(0) - reach, px.max(0) + reach]))
    at = np.clip(np.rint((px + 0.5) * share - 0.5 - corner).astype(int), 0, np.array(grey.shape[::-1]) - 1)
    clear = []
    for size in (sizes := [max(0.75, mm * scale) for mm in FINE_MM]):
        dark = _contrast(grey, size)
        snr = marks.sign * dark * cv2.resize(_certainty(dark), dark.shape[::-1])
        clear.append(float(np.median(cv2.dilate(snr, np.ones((3, 3), np.uint8))[at[:, 1], at[:, 0]])))
    return sizes[int(np.argmax(clear))] / share


def marks_in(picture: Picture, plane: Plane, box: Array, sign: int, about: int, margin_mm: tuple[float, float],
             sigma_px: float) -> Crop:  # fmt: skip
    """Return all marks within `box` widened by `margin_mm` (along and across its first side), from fine pixels.

    `sigma_px` is the size of the filter in the full picture.
    """
    frame = _frame(box)
    middle = box.mean(0)
    arms = (box - middle) @ frame.T
    px = plane.px(middle + (arms + np.sign(arms) * margin_mm) @ frame)
    share = min(1.0, FINE_PX_PER_MM / plane.px_per_mm)
    grey, corner = picture.grey(share, px)
    scale = plane.px_per_mm * share
    ours, others = peaks(grey, sigma_px * share, scale, 3.0, 3 * about + 500)[::sign]
    marks = ours.marks(plane, share, corner, scale, 3)
    ring = _ringed(ours, others, about, RING_MM * scale)
    return Crop(marks.take(within(marks.px, px)), ours.all, log_light(grey), share, corner, ring)


def _ringed(ours: Peaks, others: Peaks, about: int, reach: float) -> bool:
    """Say whether most of our `about` clearest peaks have a much clearer one of the other sign beside them."""
    x, y = np.r_[ours.x[:about], others.x[: 2 * about]], np.r_[ours.y[:about], others.y[: 2 * about]]
    snr = np.r_[ours.snr[:about], others.snr[: 2 * about]]
    count = len(ours.x[:about])
    i, j = pairs(np.c_[x, y].astype(float), reach)
    i, j = np.minimum(i, j), np.maximum(i, j)
    beside = (i < count) & (j >= count) & (snr[j] > RING * snr[i])
    return len(np.unique(i[beside])) > 0.5 * count


def beyond(found: Array, box: Array) -> tuple[float, float]:
    """Return how far `found` reaches beyond `box`, along and across the first side of `box`, in millimetres."""
    frame = _frame(box)
    over = np.abs((found - box.mean(0)) @ frame.T).max(0) - np.abs((box - box.mean(0)) @ frame.T).max(0)
    return float(over[0]), float(over[1])


def _frame(box: Array) -> Array:
    """Return unit vectors along the two sides of a box, as rows."""
    a, b = box[1] - box[0], box[2] - box[1]
    if np.linalg.norm(a) < 1e-6 or np.linalg.norm(b) < 1e-6:
        return np.eye(2)
    return np.array([a / np.linalg.norm(a), b / np.linalg.norm(b)])
