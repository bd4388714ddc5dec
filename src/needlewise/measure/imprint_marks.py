"""Marks in a picture: small spots darker or brighter than what surrounds them, under uneven light."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint_page import Bytes, Floats, Picture, Plane, apply

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

BLOCK, STRIDE = 39, 3  # pixels; noise is judged block by block, so that foil or wood does not drown quiet paper
MOST_MARKS = 6000
SEARCH_PX_PER_MM = 8.2  # enough to see a hole of 0.1 mm, and quick
MOST_TRIES = 6
MOST_GROUPS = 3
RIM_MM = 1.5  # an imprint does not reach the picture's rim so nearly
WOVEN = 0.7
FAINT = 12.0  # signal over noise that traces of JPEG's blocks stay below
THIN_MM = 0.6  # marks in one line are rather a crease or an edge than a roller of a single row
ENOUGH = 40.0  # more regularity says no more: the rings around holes are as regular as they are
SURE = 1500.0  # regularity times clearness that needs no second look
LEAST_CLEAR = 3.0  # a peak among the differences, over the chance level
MERGE_MM = 0.22  # maxima nearer than this are one mark: slits are up to 0.6 mm long
HALF_MM = 0.34  # a hole reaches no farther than this from its middle
LINE_MM = (0.4, 0.55, 0.7, 0.85)
NEAR_MM = 12.0  # differences between marks are gathered this far: the widest pitch read
BIN_MM = 0.12
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
    """Marks in a part of the picture, the log brightness there (H×W, `share` of full size), and its corner, scaled alike."""

    marks: Marks
    light: npt.NDArray[np.float32]
    share: float
    corner: tuple[int, int]
    ring: bool  # clearer marks of the other sign lie there: these are the rings around them


def contrast_map(light: npt.NDArray[np.float32], sigma: float) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return H×W relative darkness at the size `sigma` (pixels) from log brightness, and one over its noise (block medians)."""
    size = 2 * math.ceil(2.5 * sigma) + 1
    fine = cv2.GaussianBlur(light, (size, size), sigma)
    side = 2 * math.ceil(3.2 * sigma) + 1
    dark = np.asarray(cv2.subtract(cv2.boxFilter(light, -1, (side, side)), fine), np.float32)
    part = np.abs(dark[1::STRIDE, 1::STRIDE])
    cell = min(BLOCK // STRIDE, *part.shape)
    h, w = part.shape[0] // cell, part.shape[1] // cell
    cells = part[: h * cell, : w * cell].reshape(h, cell, w, cell).swapaxes(1, 2).reshape(h, w, -1)
    middle = np.partition(cells, cell * cell // 2, axis=2)[..., cell * cell // 2]
    sure = (1 / (cv2.medianBlur(middle, 3) * 1.4826 + 1e-4)).astype(np.float32)
    return dark, np.asarray(cv2.resize(sure, dark.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def log_light(grey: Bytes) -> npt.NDArray[np.float32]:
    """Return the log of brightness, so that a shadow leaves contrasts alone."""
    return np.asarray(cv2.LUT(grey, np.log(np.arange(256, dtype=np.float32) + 6)), np.float32)


@dataclass(frozen=True)
class Peaks:
    """Maxima of contrast of one sign in a map: whole pixels x, y and signal over noise, the clearest first."""

    dark: npt.NDArray[np.float32]
    x: Ints
    y: Ints
    snr: Array
    sign: int
    sigma: float

    def marks(self, plane: Plane, share: float, corner: tuple[int, int], px_per_mm: float, rounds: int) -> Marks:
        """Return what is no line, with its middle, on the plane; `share` is the map's scale, `corner` where it begins."""
        spot = ~_on_line(self.dark, self.x, self.y, px_per_mm)
        x, y, snr = self.x[spot], self.y[spot], self.snr[spot]
        height = np.abs(self.dark[y, x]).astype(float)
        middle = _centroids(self.dark, self.sign, x, y, height, HALF_MM * px_per_mm, rounds)
        alone = _alone(middle, MERGE_MM * px_per_mm)  # two maxima of one slit meet in its middle
        px = (middle[alone] + corner + 0.5) / share - 0.5
        marks = Marks(px, apply(plane.to_mm, px), snr[alone], height[alone], self.sign, self.sigma / share)
        for polygon, wanted in ((plane.inside, True), (plane.outside, False)):
            if polygon is not None:
                marks = marks.take(within(marks.px, polygon) == wanted)
        return marks


def peaks(light: npt.NDArray[np.float32], sigma: float, px_per_mm: float, least: float,
          most: int = MOST_MARKS) -> tuple[Peaks, Peaks]:  # fmt: skip
    """Return the dark and the bright maxima of log brightness at the size `sigma` (pixels), `most` of each."""
    dark, sure = contrast_map(light, sigma)
    snr = cv2.multiply(dark, sure)
    width = snr.shape[1]
    merge = MERGE_MM * px_per_mm
    rim = max(3, round(merge) + 1)
    flat = snr.ravel()
    out = []
    for sign in (1, -1):
        where = np.flatnonzero((snr > least if sign > 0 else snr < -least).ravel())
        y, x = np.divmod(where, width)
        where = where[(x > rim) & (y > rim) & (x < width - rim - 1) & (y < snr.shape[0] - rim - 1)]
        value = sign * flat[where]
        for step in (1, -1, width, -width, width + 1, width - 1, 1 - width, -1 - width):
            top = value >= sign * flat[where + step]
            where, value = where[top], value[top]
        order = np.argsort(-value, kind="stable")[:most]
        y, x = np.divmod(where[order], width)
        alone = _alone(np.c_[x, y].astype(float), merge)
        out.append(Peaks(dark, x[alone], y[alone], value[order][alone].astype(float), sign, sigma))
    return out[0], out[1]


def _alone(points: Array, reach: float) -> Flags:
    """Say which points have no earlier, so clearer one within `reach`."""
    i, j = pairs(points, reach)
    alone = np.ones(len(points), bool)
    alone[np.maximum(i, j)] = False
    return alone


def _on_line(dark: npt.NDArray[np.float32], x: Ints, y: Ints, px_per_mm: float) -> Flags:
    """Say which maxima lie on a line or edge: the contrast goes on, both ways, farther than a slit is long."""
    peak = dark[y, x]
    out = np.zeros(len(x), bool)
    for angle in np.arange(20) * np.pi / 20:
        alike = np.flatnonzero(~out)
        for far in LINE_MM:
            for way in (1, -1):
                dx, dy = way * far * px_per_mm * np.array([math.cos(angle), math.sin(angle)])
                u = np.clip(x[alike] + round(dx), 0, dark.shape[1] - 1)
                v = np.clip(y[alike] + round(dy), 0, dark.shape[0] - 1)
                alike = alike[dark[v, u] / peak[alike] > 0.35]
        out[alike] = True
    return out


def _centroids(dark: npt.NDArray[np.float32], sign: int, x: Ints, y: Ints, height: Array, reach: float, rounds: int) -> Array:
    """Return the middle of what stands out around each maximum; the window follows it `rounds` times."""
    r = max(2, math.ceil(reach))
    span = np.arange(-r, r + 1)
    oy, ox = np.nonzero(span[:, None] ** 2 + span[None, :] ** 2 <= (reach + 0.5) ** 2)
    oy, ox = oy - r, ox - r
    level = (0.4 * height).astype(np.float32)
    offsets = np.c_[ox, oy].astype(np.float32)
    padded = cv2.copyMakeBorder(dark, 2 * r, 2 * r, 2 * r, 2 * r, cv2.BORDER_CONSTANT, value=0.0)
    flat, step = padded.ravel(), oy * padded.shape[1] + ox
    at = np.c_[x, y]
    middle = at.astype(float)
    open_ = np.arange(len(x))
    for _ in range(rounds):
        start = (at[open_, 1] + 2 * r) * padded.shape[1] + at[open_, 0] + 2 * r
        weight = np.maximum(sign * flat[start[:, None] + step] - level[open_, None], 0)
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


def pairs(mm: Array, reach: float) -> tuple[Ints, Ints]:
    """Return i, j of all pairs of points not farther apart than `reach` along x and y."""
    order = np.argsort(mm[:, 0])
    x, y = mm[order].T
    left, right = [], []
    for step in range(1, len(x)):
        near = x[step:] - x[:-step] <= reach
        if not near.any():
            break
        near &= np.abs(y[step:] - y[:-step]) <= reach
        i = np.flatnonzero(near)
        left.append(i)
        right.append(i + step)
    if not left:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    return order[np.concatenate(left)], order[np.concatenate(right)]


def regular(marks: Marks, most: int = 2500) -> tuple[Ints, float]:
    """Return the indices of the largest group of marks that repeat at the same distances, and how regular it is.

    Differences between near marks are gathered in a histogram; a lattice piles them up in peaks, dirt does not.
    """
    top = np.argsort(-marks.snr)[:most]
    mm = marks.mm[top]
    i, j = pairs(mm, NEAR_MM)
    if len(i) < 30:
        return np.empty(0, np.intp), 0.0
    d = mm[j] - mm[i]
    half = round(NEAR_MM / BIN_MM)
    cell = np.rint(d / BIN_MM).astype(int) + half
    shape = (2 * half + 1, 2 * half + 1)
    inside = ((cell >= 0) & (cell <= 2 * half)).all(1)
    i, j, cell = i[inside], j[inside], cell[inside]
    flat = cell[:, 1] * shape[1] + cell[:, 0]
    count = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    count = np.asarray(cv2.GaussianBlur(count, (0, 0), 1.0), np.float32)
    base = cv2.blur(count, (41, 41))
    clear = (count - base) / np.sqrt(base + 0.5)  # about Poisson, were there no lattice
    peaks = (clear == cv2.dilate(clear, np.ones((5, 5), np.uint8))) & (clear > max(LEAST_CLEAR, 0.3 * float(clear.max())))
    zone = cv2.dilate(peaks.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    hit = zone.ravel()[flat] > 0
    support = np.bincount(np.r_[i[hit], j[hit]], minlength=len(mm))
    keep = _largest_group(mm, np.flatnonzero(support >= max(2.0, 0.25 * np.percentile(support, 95))))
    return top[keep], min(float(clear.max()), ENOUGH) * float(np.median(marks.snr[top[keep]])) ** 2 if len(keep) else 0.0


def _largest_group(mm: Array, index: Ints, gap: float = 5.0) -> Ints:
    """Return those of `index` that lie together, in millimetres of `gap`."""
    if not len(index):
        return index
    cell = np.rint(mm[index] - mm[index].min(0)).astype(int) + 10
    canvas = np.zeros(cell.max(0)[::-1] + 20, np.uint8)
    canvas[cell[:, 1], cell[:, 0]] = 1
    joined = cv2.dilate(canvas, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(gap) + 1,) * 2))
    _, label = cv2.connectedComponents(joined)
    of = label[cell[:, 1], cell[:, 0]]
    return np.asarray(index[of == np.bincount(of).argmax()])


def find_strips(picture: Picture, plane: Plane) -> Iterator[tuple[Array, int, int, bool]]:
    """Yield what may be the imprint, the likeliest first.

    Yields
    ------
    box, sign, about, sure
        Corners (4×2 mm, a long side first) around it, the sign of its marks, about how many, and whether they are clear.
    """
    grey, share = picture.grey(min(1.0, SEARCH_PX_PER_MM / plane.px_per_mm))
    light = log_light(grey)
    scale = plane.px_per_mm * share
    found: list[tuple[float, Marks]] = []
    tried = 0
    for sigma in (1.0, 0.5 + 0.11 * scale):
        dark, bright = (some.marks(plane, share, (0, 0), scale, 1) for some in peaks(light, sigma, scale, 4.0))
        found += _groups(dark, bright, picture, plane) + _groups(bright, dark, picture, plane)
        found.sort(key=lambda f: -f[0])
        while found and (found[0][0] > SURE or sigma != 1.0) and tried < MOST_TRIES:
            score, marks = found.pop(0)
            tried += 1
            box = cv2.boxPoints(cv2.minAreaRect(marks.mm.astype(np.float32))).astype(float)
            long = np.linalg.norm(box[1] - box[0]) >= np.linalg.norm(box[2] - box[1])
            yield (box if long else np.roll(box, -1, axis=0)), marks.sign, len(marks.mm), score > SURE


def _groups(marks: Marks, others: Marks, picture: Picture, plane: Plane) -> list[tuple[float, Marks]]:
    """Return regular groups among all marks and among the clear ones, and what speaks for each; `others` are of the other sign.

    What reaches the picture's rim is rather a woven cloth than an imprint, what is thin rather a crease or an edge: then the
    rest is looked at again without it.
    """
    out = []
    rim = RIM_MM * plane.px_per_mm
    size = np.array([picture.width, picture.height])
    for least in (4.0, 9.0) if np.mean(marks.snr > 9.0) < 0.85 else (4.0,):
        clear = marks.take(marks.snr > least)
        for _ in range(MOST_GROUPS):
            keep, score = regular(clear) if len(clear.mm) >= 20 else (np.empty(0, np.intp), 0.0)
            if len(keep) < 12:
                break
            group = clear.take(keep)
            about = cv2.minAreaRect(group.mm.astype(np.float32))
            hull = np.asarray(cv2.boxPoints((about[0], (about[1][0] + 1, about[1][1] + 1), about[2])), np.float64)
            woven = _woven(group, others.snr[within(others.mm, hull)])
            doubtful = min(about[1]) < THIN_MM or bool((group.px < rim).any() or (group.px > size - rim).any())
            if not woven and not _blocky(group):
                out.append((0.02 * score if doubtful else score, group))
            if not woven and not doubtful:
                break
            clear = clear.take(~within(clear.mm, hull))
    return out


def _woven(group: Marks, others: Array) -> bool:
    """Say whether about as many marks of the other sign, as clear, lie between: so threads cross, but not holes in paper."""
    count = len(group.mm)
    return len(others) >= 0.8 * count and bool(np.median(np.sort(others)[-count:]) > WOVEN * np.median(group.snr))


def _blocky(marks: Marks) -> bool:
    """Say whether faint marks repeat with the 8-pixel blocks of JPEG: then they are its traces, not holes."""
    return bool(np.median(marks.snr) < FAINT and (np.abs(np.exp(2j * np.pi * marks.px / 8).mean(0)) > 0.35).any())


def marks_in(picture: Picture, plane: Plane, box: Array, sign: int, about: int, margin_mm: tuple[float, float],
             sigma_px: float = 0.0) -> Crop:  # fmt: skip
    """Return all marks within `box` widened by `margin_mm` (along and across its first side), from fine pixels.

    `sigma_px` is the size of the filter in the full picture; 0 tries which shows the `about` clearest marks best.
    """
    frame = _frame(box)
    middle = box.mean(0)
    arms = (box - middle) @ frame.T
    px = plane.px(middle + (arms + np.sign(arms) * margin_mm) @ frame)
    grey, share = picture.grey(min(1.0, FINE_PX_PER_MM / plane.px_per_mm))
    scale = plane.px_per_mm * share
    low = np.maximum(np.floor(px.min(0) * share).astype(int), 0)
    high = np.minimum(np.ceil(px.max(0) * share).astype(int) + 1, grey.shape[::-1])
    light = log_light(grey[low[1] : high[1], low[0] : high[0]])
    corner = (int(low[0]), int(low[1]))
    sizes = [sigma_px * share] if sigma_px else [max(0.75, mm * scale) for mm in FINE_MM]
    if len(sizes) > 1:  # the middle part tells which size suits
        third = light.shape[1] // 3
        part = light[:, third : 2 * third] if third > 200 else light
        some = about * part.shape[1] // light.shape[1] + 1
        clear = [peaks(part, size, scale, 3.0)[::sign][0].snr[:some].sum() for size in sizes]
        sizes = [sizes[int(np.argmax(clear))]]
    ours, others = peaks(light, sizes[0], scale, 3.0, 3 * about + 500)[::sign]
    marks = ours.marks(plane, share, corner, scale, 3)
    return Crop(marks.take(within(marks.px, px)), light, share, corner, _ringed(ours, others, about, RING_MM * scale))


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
