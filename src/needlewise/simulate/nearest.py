"""Distances to the nearest hole, exact, by hashing points into square cells. All lengths in millimetres."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
PAIRS_AT_ONCE = 1_000_000  # keeps memory flat whatever the crowding
CROWD = 0.5  # points in an average cell


class Cells:
    """Points sorted into square cells; the cells of one row, and so the points in a stretch of it, lie together in memory.

    Parameters
    ----------
    points : array of shape (n, 2) or (n, 3)
        With a third column distances are straight lines in space; cells use the first two, which are never further apart.
    """

    def __init__(self, points: Floats) -> None:
        axes = [np.ascontiguousarray(points[:, k]) for k in range(points.shape[1])]
        self.low = tuple(float(a.min()) if len(points) else 0.0 for a in axes[:2])
        span = [float(a.max()) - low if len(points) else 0.0 for a, low in zip(axes, self.low, strict=False)]
        fair = math.sqrt(CROWD * span[0] * span[1] / max(1, len(points)))
        self.side = max(fair, max(span) / 2000, 1e-6)
        self.shape = (int(span[0] / self.side) + 1, int(span[1] / self.side) + 1)
        row, column = self._place(axes)
        cell = row * self.shape[1] + column
        self.order: Ints = np.argsort(cell)
        self.axes = [a[self.order] for a in axes]
        counts = np.bincount(cell, minlength=self.shape[0] * self.shape[1])
        self.starts: Ints = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)

    def _place(self, axes: list[Floats]) -> tuple[Ints, Ints]:
        """Return row and column of each place; beyond the rim, of the nearest cell."""
        found = []
        for a, low, n in zip(axes, self.low, self.shape, strict=False):
            found.append(np.clip((a - low) * (1 / self.side), 0, n - 1).astype(np.intp))
        return found[0], found[1]

    def blocks(self, axes: list[Floats], width: int) -> tuple[Ints, Ints]:
        """Return the stretches of points (first, stop) in the rows up to `width` cells around each place."""
        row, column = self._place(axes)
        rows = row[:, None] + np.arange(-width, width + 1)
        there = (rows >= 0) & (rows < self.shape[0])
        rows *= self.shape[1]
        rows[~there] = 0
        first = self.starts[rows + np.maximum(column - width, 0)[:, None]]
        stop = self.starts[rows + np.minimum(column + width + 1, self.shape[1])[:, None]]
        stop[~there] = first[~there]
        return first, stop


def _pairs(cells: Cells, axes: list[Floats], first: Ints, stop: Ints) -> tuple[Ints, Floats, Ints, Ints]:
    """Return, for all points in the stretches: their places, squared distances, and each place's number and start of them."""
    counts = stop - first
    each = counts.sum(1)
    flat = counts.ravel()
    pick = np.repeat(first.ravel() - (np.cumsum(flat) - flat), flat)
    pick += np.arange(len(pick))
    total: Floats = np.zeros(0)
    for values, asked in zip(cells.axes, axes, strict=True):
        gap = values[pick]
        gap -= np.repeat(asked, each)
        gap *= gap
        total = gap if not total.size else np.add(total, gap, out=total)
    return pick, total, each, np.cumsum(each) - each


def _least(total: Floats, each: Ints, begins: Ints) -> Floats:
    best = np.full(len(each), np.inf)
    some = each > 0
    if total.size:
        best[some] = np.minimum.reduceat(total, begins[some])
    return best


def _parts(first: Ints, stop: Ints) -> list[slice]:
    """Cut a list of stretches so that no part holds many more pairs than `PAIRS_AT_ONCE`."""
    upto = np.cumsum((stop - first).sum(1))
    cuts = [0]
    while cuts[-1] < len(upto):
        done = int(upto[cuts[-1] - 1]) if cuts[-1] else 0
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(upto, done + PAIRS_AT_ONCE))))
    return [slice(a, b) for a, b in pairwise(cuts)]


def _sure(cells: Cells, axes: list[Floats], width: int) -> Floats:
    """Return the distance up to which a block of this width holds every point near each place; infinite if it holds all."""
    if width >= max(cells.shape):
        return np.full(len(axes[0]), np.inf)
    near = np.full(len(axes[0]), np.inf)
    for a, low, n, place in zip(axes, cells.low, cells.shape, cells._place(axes), strict=False):
        to_low = np.where(place - width <= 0, np.inf, a - low - (place - width) * cells.side)
        to_high = np.where(place + width >= n - 1, np.inf, low + (place + width + 1) * cells.side - a)
        near = np.minimum(near, np.minimum(to_low, to_high))
    return near


def nearest(cells: Cells, queries: Floats) -> Floats:
    """Return the distance in mm from each query to its nearest point; infinite if there are no points."""
    out = np.full(len(queries), np.inf)
    left: Ints = np.arange(len(queries))
    width = 1
    while len(left) and len(cells.order):
        axes = [np.ascontiguousarray(queries[left, k]) for k in range(len(cells.axes))]
        first, stop = cells.blocks(axes, width)
        squared = np.concatenate(
            [_least(*_pairs(cells, [a[part] for a in axes], first[part], stop[part])[1:]) for part in _parts(first, stop)]
        )
        out[left] = np.sqrt(squared)
        left = left[out[left] > _sure(cells, axes, width)]
        width *= 2
    return out


def neighbours(cells: Cells, asked: NDArray[np.bool_], within: float) -> tuple[Floats, Floats]:
    """Return each asked point's distance to its nearest neighbour, and to the nearest earlier point up to `within`.

    `asked` marks points in the order they were given, which is the order of time; results come in that order. A distance that
    does not exist, or to an earlier point further than `within`, is infinite.
    """
    beside, before = np.full(len(asked), np.inf), np.full(len(asked), np.inf)
    left: Ints = np.flatnonzero(asked[cells.order])
    width = max(1, math.ceil(within / cells.side))
    again = False
    while len(left) and len(cells.order) > 1:
        axes = [a[left] for a in cells.axes]
        first, stop = cells.blocks(axes, width)
        middle = first.shape[1] // 2
        for part in _parts(first, stop):
            pick, total, each, begins = _pairs(cells, [a[part] for a in axes], first[part], stop[part])
            ahead = (stop[part, :middle] - first[part, :middle]).sum(1)
            total[begins + ahead + left[part] - first[part, middle]] = np.inf  # not its own neighbour
            mine = cells.order[left[part]]
            beside[mine] = np.sqrt(_least(total, each, begins))
            if not again:
                total[cells.order[pick] > np.repeat(mine, each)] = np.inf
                before[mine] = np.sqrt(_least(total, each, begins))
        left = left[beside[cells.order[left]] > _sure(cells, axes, width)]
        width *= 2
        again = True
    before[before > within] = np.inf
    return beside[asked], before[asked]
