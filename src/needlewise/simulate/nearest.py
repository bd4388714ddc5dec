"""Distances to the nearest hole, exact, by hashing points into square cells. All lengths in millimetres."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
PAIRS_AT_ONCE = 2_000_000  # keeps memory flat whatever the crowding


class Cells:
    """Points sorted into square cells of side `side`; each row of cells lies together in memory."""

    def __init__(self, points: Floats, side: float) -> None:
        self.side = side
        self.low = points[:, :2].min(0) - side
        last = ((points[:, :2].max(0) - self.low) / side).astype(np.intp)
        self.shape = (int(last[0]) + 2, int(last[1]) + 2)  # an empty cell all round, so that a block never leaves the table
        cell = self._cell_of(points)
        self.order: Ints = np.argsort(cell, kind="stable")
        self.points = np.ascontiguousarray(points[self.order].T)
        ends = np.cumsum(np.bincount(cell, minlength=self.shape[0] * self.shape[1]))
        self.starts: Ints = np.concatenate([[0], ends]).astype(np.intp)

    def _cell_of(self, points: Floats) -> Ints:
        place = ((points[:, :2] - self.low) / self.side).astype(np.intp)
        np.clip(place, 1, (self.shape[0] - 2, self.shape[1] - 2), out=place)
        return np.asarray(place[:, 0] * self.shape[1] + place[:, 1])

    def squared(self, queries: Floats, own: Ints | None = None, earlier: bool = False) -> Floats:
        """Return the squared distance from each query to the nearest point in its 3 × 3 cells, infinite if there is none.

        `own` is each query's own index among the points, which is left out; `earlier` looks only at lower indices.
        """
        best = np.full(len(queries), np.inf)
        cell = self._cell_of(queries)
        rows = cell[:, None] + np.array([-1, 0, 1]) * self.shape[1]
        first, stop = self.starts[rows - 1], self.starts[rows + 2]
        upto = np.cumsum((stop - first).sum(1))
        begin = 0
        while begin < len(queries):
            done = upto[begin - 1] if begin else 0
            end = max(begin + 1, int(np.searchsorted(upto, done + PAIRS_AT_ONCE)))
            part = slice(begin, end)
            best[part] = self._part(queries[part], first[part], stop[part], None if own is None else own[part], earlier)
            begin = end
        return best

    def _part(self, queries: Floats, first: Ints, stop: Ints, own: Ints | None, earlier: bool) -> Floats:
        counts = stop - first
        each = counts.sum(1)
        flat = counts.ravel()
        shift = first.ravel() - (np.cumsum(flat) - flat)
        pick = np.repeat(shift, flat)
        pick += np.arange(len(pick))
        total = np.zeros(len(pick))
        for axis, values in enumerate(self.points):
            gap = values[pick]
            gap -= np.repeat(queries[:, axis], each)
            gap *= gap
            total += gap
        if own is not None:
            other, mine = self.order[pick], np.repeat(own, each)
            total[other >= mine if earlier else other == mine] = np.inf
        best = np.full(len(queries), np.inf)
        some = each > 0
        if len(total):
            best[some] = np.minimum.reduceat(total, (np.cumsum(each) - each)[some])
        return best


def nearest(points: Floats, queries: Floats, own: Ints | None = None) -> Floats:
    """Return the distance in mm from each query to its nearest point.

    Parameters
    ----------
    points, queries : array of shape (n, 2) or (n, 3)
        With a third column distances are straight lines in space; hashing uses the first two, which is never longer.
    own : array, optional
        Index of each query among the points; a point is not its own neighbour.
    """
    out = np.full(len(queries), np.inf)
    if len(points) <= (own is not None):
        return out
    span = np.ptp(points[:, :2], axis=0)
    side = max(0.7 * float(np.sqrt(max(span[0] * span[1], 1e-12) / len(points))), float(span.max()) / 3000, 1e-6)
    left: Ints = np.arange(len(queries))
    both = np.vstack([points[:, :2], queries[:, :2]])
    reach = float(np.hypot(*np.ptp(both, axis=0)))
    while len(left):
        squared = Cells(points, side).squared(queries[left], None if own is None else own[left])
        sure = squared <= side * side
        if side > reach:
            sure[:] = True
        out[left[sure]] = np.sqrt(squared[sure])
        left = left[~sure]
        side *= 2
    return out


def near_earlier(points: Floats, asked: Ints, distance: float) -> Floats:
    """Return for each asked point the distance to the nearest earlier point, infinite if beyond `distance`."""
    squared = Cells(points, distance).squared(points[asked], asked, earlier=True)
    found = np.sqrt(squared)
    return np.where(found <= distance, found, np.inf)
