"""The hand's smooth drift, which all rows of an imprint share: its path bends and its speed varies."""

from __future__ import annotations

import math

import numpy as np

from needlewise.measure.imprint.marks import Array, Flags, Ints

DRIFT_DEGREE = 5
SHORT = 3.0  # pitches to both sides: so few columns would follow a bent needle


class Drift:
    """u and v of a lattice coordinate: pitch and rows, plus a smooth drift that all rows share (fitted, outliers left out)."""

    def __init__(self, uv: Array, row: Ints, along: Array, good: Flags, rows: int) -> None:
        self.middle, self.half = float(along[good].mean()), max(1.0, float(np.ptp(along[good]) / 2))
        self.rows = rows
        self.degree = min(DRIFT_DEGREE, max(1, int(self.half / 3)))
        at = np.array([np.median(uv[good & (row == r), 1]) for r in range(rows)])
        self.centre, self.width = float(at.mean()), max(1.0, float(np.ptp(at) / 2))
        self.level = at
        shape = self._shape(along[good], row[good])
        target, at_row = uv[good], row[good]
        keep = np.ones(len(target), bool)
        for _ in range(6):
            self._solve(shape[keep], target[keep], at_row[keep])
            rest = target - shape @ self.drift - self.start[at_row]
            far = np.linalg.norm(rest, axis=1)
            keep = far < max(0.05, 3 * 1.2 * float(np.median(far)))
            for r in np.setdiff1d(at_row, at_row[keep]):  # a bent needle draws a short row away: its nearer half stays
                keep |= (at_row == r) & (far <= np.median(far[at_row == r]))
        self.pitch = float(self.drift[0, 0]) / self.half
        self.pitch_error = float(np.std(rest[keep, 0])) / (self.half * math.sqrt(keep.sum() / 3))
        self.row_at = np.asarray(self.start[:, 1])

    def _shape(self, along: Array, row: Ints) -> Array:
        t = (along - self.middle) / self.half
        w = (self.level[row] - self.centre) / self.width
        columns = [t**k for k in range(1, self.degree + 1)]
        if self.rows > 2:
            columns.append(w * t)
        if self.rows > 2 and self.half > SHORT:
            columns += [w * t**2, w * w * t]
        return np.array(columns).T

    def _solve(self, shape: Array, target: Array, row: Ints) -> None:
        """Least squares: with each row's mean taken out, the rows' own starts fall away (Frisch and Waugh 1933)."""
        count = np.maximum(1, np.bincount(row, minlength=self.rows))
        both = np.c_[shape, target]
        mean = np.array([np.bincount(row, column, self.rows) / count for column in both.T]).T
        x, y = np.split(both - mean[row], [shape.shape[1]], axis=1)
        self.drift = np.linalg.lstsq(np.einsum("ni,nj->ij", x, x), np.einsum("ni,nj->ij", x, y), rcond=None)[0]
        self.start = mean[:, shape.shape[1] :] - mean[:, : shape.shape[1]] @ self.drift

    def at(self, along: Array, row: Ints) -> Array:
        return np.asarray(self._shape(along, row) @ self.drift + self.start[row])


def left_over(off: Array, along: Array, hit: Flags, reach: float = 2.5) -> Array:
    """Return what the smooth drift left over that neighbours of all rows share, for each place (S×2)."""
    steps = np.arange(along.min(), along.max() + 1)
    off, at = off[hit], along[hit]
    middle = []
    for a in steps:
        near = np.sort(off[np.abs(at - a) < reach], axis=0)
        half = len(near) // 2
        middle.append((near[half] + near[-1 - half]) / 2 if len(near) > 8 else np.zeros(2))  # np.median takes ten times as long
    table = np.array(middle)
    return np.asarray(np.c_[np.interp(along, steps, table[:, 0]), np.interp(along, steps, table[:, 1])], np.float64)
