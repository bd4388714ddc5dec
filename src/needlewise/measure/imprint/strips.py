"""Where in a picture the imprint may lie: groups of marks that repeat at the same distances, the likeliest first."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np

from needlewise.measure.imprint.marks import Array, Ints, Marks, pairs, peaks, within
from needlewise.measure.imprint.page import Picture, Plane

RIM_MM = 1.5  # an imprint does not reach the picture's rim so nearly
WOVEN = 0.7
FAINT = 12.0  # signal over noise that traces of JPEG's blocks stay below
THIN_MM = 0.6  # marks in one line are rather a crease or an edge than a roller of a single row
ENOUGH = 40.0  # more regularity says no more: the rings around holes are as regular as they are
SURE = 1500.0  # regularity times clearness that needs no second look
LEAST_CLEAR, CLEAR_OF_ALL = 3.0, 0.05  # a peak among the differences over the chance level; few marks reach less: by their number
NEAR_MM = 12.0  # differences between marks are gathered this far: the widest pitch read
BIN_MM = 0.12
MOST_TRIES = 6
MOST_GROUPS = 3
LEAST_GROUP = 12
SEARCHES = ((5.0, math.inf), (8.2, 300.0), (16.0, 0.0))  # pixels a millimetre, and what must speak for a group to be tried
LEAST_SNR = 4.0


def regular(marks: Marks, most: int = 2500) -> tuple[Ints, float]:
    """Return the indices of the largest group of marks that repeat at the same distances, and how regular it is.

    Differences between near marks are gathered in a histogram; a lattice piles them up in peaks, dirt does not.
    """
    top = np.argsort(-marks.snr)[:most]
    mm = marks.mm[top]
    i, j = pairs(mm, NEAR_MM)
    if len(i) < 30:
        return np.empty(0, np.intp), 0.0
    half = round(NEAR_MM / BIN_MM)
    width = 2 * half + 1
    x, y = (mm.T / BIN_MM).astype(np.float32)
    flat = np.rint(y[j] - y[i]).astype(np.int32) * width + np.rint(x[j] - x[i]).astype(np.int32) + half * (width + 1)
    count = np.bincount(flat, minlength=width * width).reshape(width, width).astype(np.float32)
    count = np.asarray(cv2.GaussianBlur(count + count[::-1, ::-1], (0, 0), 1.0), np.float32)  # to and fro are one difference
    base = cv2.blur(count, (41, 41))
    clear = (count - base) / np.sqrt(base + 0.5)  # about Poisson, were there no lattice
    least = max(min(LEAST_CLEAR, CLEAR_OF_ALL * len(mm)), 0.3 * float(clear.max()))
    tops = (clear == cv2.dilate(clear, np.ones((5, 5), np.uint8))) & (clear > least)
    zone = cv2.dilate(tops.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
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


def find_strips(picture: Picture, plane: Plane) -> Iterator[tuple[Array, Marks, bool]]:
    """Yield what may be the imprint, the likeliest first; looking closer only if it is not yet clear.

    Yields
    ------
    box, marks, sure
        Corners (4×2 mm, a long side first) around it, about what marks it has, and whether they are clear.
    """
    found: list[tuple[float, Marks]] = []
    tried, last = 0, 0.0
    for px_per_mm, enough in SEARCHES:
        share = min(1.0, px_per_mm / plane.px_per_mm)
        if share > last:  # there are no finer pixels than all
            grey, corner = picture.grey(share)
            scale = plane.px_per_mm * share
            dark, bright = (some.marks(plane, share, corner, scale, 1) for some in peaks(grey, 1.0, scale, LEAST_SNR))
            found += _groups(dark, bright, picture, plane) + _groups(bright, dark, picture, plane)
            found.sort(key=lambda f: -f[0])
            last = share
        while found and found[0][0] > min(enough, SURE) and tried < MOST_TRIES:
            score, marks = found.pop(0)
            tried += 1
            box = cv2.boxPoints(cv2.minAreaRect(marks.mm.astype(np.float32))).astype(float)
            long = np.linalg.norm(box[1] - box[0]) >= np.linalg.norm(box[2] - box[1])
            yield (box if long else np.roll(box, -1, axis=0)), marks, score > SURE


def _groups(marks: Marks, others: Marks, picture: Picture, plane: Plane) -> list[tuple[float, Marks]]:
    """Return regular groups among all marks and among the clear ones, and what speaks for each; `others` are of the other sign.

    What reaches the picture's rim is rather a woven cloth than an imprint, what is thin rather a crease or an edge: then the
    rest is looked at again without it. A few clear marks among many that repeat too are rather a part of the imprint.
    """
    out = []
    rim = RIM_MM * plane.px_per_mm
    whole: tuple[int, Array] = 0, np.zeros((4, 2))
    size = np.array([picture.width, picture.height])
    for least in (0.0, 9.0) if marks.snr.size and np.mean(marks.snr > 9.0) < 0.85 else (4.0,):
        clear = marks.take(marks.snr > least)
        for _ in range(MOST_GROUPS):
            keep, score = regular(clear) if len(clear.mm) >= LEAST_GROUP else (np.empty(0, np.intp), 0.0)
            if len(keep) < LEAST_GROUP:
                break
            group = clear.take(keep)
            about = cv2.minAreaRect(group.mm.astype(np.float32))
            hull = np.asarray(cv2.boxPoints((about[0], (about[1][0] + 1, about[1][1] + 1), about[2])), np.float64)
            woven = _woven(group, others.snr[within(others.mm, hull)])
            doubtful = min(about[1]) < THIN_MM or bool((group.px < rim).any() or (group.px > size - rim).any())
            part = len(keep) < 0.5 * whole[0] and within(group.mm, whole[1]).mean() > 0.5
            if not woven and not _blocky(group):
                out.append((0.02 * score if doubtful or part else score, group))
            if not woven and not doubtful:
                if score > SURE:
                    return out
                whole = len(keep), hull
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
