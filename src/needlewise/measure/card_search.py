"""Where a regular lattice of flat squares lies in a picture: the geometry behind finding a colour card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST", "Lattice", "lattices", "squares"]

Floats: TypeAlias = NDArray[np.float64]
Cell: TypeAlias = tuple[int, int]

FEWEST = 9  # squares that make a lattice; the others are found from it
LARGEST_SHARE = 0.02  # of the picture, that one square may cover
SMALLEST_PX = 7.0  # side below which a flat area is taken for noise
FILLED = 0.72  # of its bounding rectangle, so that discs and letters are left out
LONGEST = 1.7  # side ratio of a square seen slantwise
STRAY = 0.28  # of the pitch, that a square may lie beside its place
REACH = 2.0  # sides, to the next square: a card's gap is about a fifth of a side
WIDEST = 14  # cells either way; a tiled floor ends here


@dataclass(frozen=True)
class Lattice:
    """Cells (column, row) that were seen, and the map from cell to pixel.

    Attributes
    ----------
    cells : frozenset of (int, int)
    homography : float64, shape (3, 3)
        From (column, row, 1) to pixels.
    """

    cells: frozenset[Cell]
    homography: Floats

    def at(self, cells: Floats) -> Floats:
        """Return pixel positions, shape (N, 2), of cells, shape (N, 2)."""
        points = cv2.perspectiveTransform(cells.reshape(-1, 1, 2).astype(np.float64), self.homography)
        return np.asarray(points, np.float64).reshape(-1, 2)


def squares(picture: NDArray[np.uint8], edge: int) -> Floats:
    """Return x, y and side in pixels, shape (N, 3), of the flat squarish areas parted by steps of at least `edge` of 255.

    Parameters
    ----------
    picture : uint8, shape (H, W, 3)
    """
    kernel = np.ones((3, 3), np.uint8)
    red, green, blue = cv2.split(cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, kernel))
    steps = np.asarray(cv2.max(cv2.max(red, green), blue))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((steps < edge).astype(np.uint8), connectivity=4)
    largest = LARGEST_SHARE * steps.size
    width, height, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    likely = (area > SMALLEST_PX**2 / 2) & (area < largest) & (np.maximum(width, height) < 3 * np.minimum(width, height))
    likely &= area > FILLED / 2 * width * height
    found = []
    for label in np.flatnonzero(likely[1:count]) + 1:
        x, y, w, h, size = stats[label]
        shape = (labels[y : y + h, x : x + w] == label).astype(np.uint8)
        outline, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        (cx, cy), sides, _ = cv2.minAreaRect(outline[0])
        short, long = sorted(side + 1 for side in sides)
        if long <= LONGEST * short and size >= FILLED * short * long:
            found.append((cx + x, cy + y, np.sqrt(short * long)))
    return np.array(found, float).reshape(-1, 3)


def lattices(found: Floats) -> Iterator[Lattice]:
    """Yield the lattices among squares, shape (N, 3), largest squares first; each square starts at most one."""
    free = set(range(len(found)))
    for seed in np.argsort(-found[:, 2]):
        if int(seed) not in free:
            continue
        alike = np.flatnonzero((found[:, 2] > found[seed, 2] / 1.5) & (found[:, 2] < found[seed, 2] * 1.5))
        grown = _grow(found[alike], int(np.flatnonzero(alike == seed)[0]))
        free -= {int(alike[i]) for i in grown.values()} | {int(seed)}
        if len(grown) < FEWEST:
            continue
        lattice = _fitted(found[alike], grown)
        if lattice is not None:
            yield lattice


def _grow(found: Floats, seed: int) -> dict[Cell, int]:
    """Return which square lies in which cell, spreading from the seed step by step so that perspective may bend the steps."""
    basis = _basis(found, seed)
    cells: dict[Cell, int] = {}
    if basis is None:
        return cells
    cells[0, 0] = seed
    queue = [((0, 0), basis)]
    used = {seed}
    for cell, steps in queue:
        here = found[cells[cell], :2]
        for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
            there = (cell[0] + sign * (axis == 0), cell[1] + sign * (axis == 1))
            if there in cells or max(map(abs, there)) > WIDEST:
                continue
            apart = np.hypot(*(found[:, :2] - here - sign * steps[axis]).T)
            nearest = int(apart.argmin())
            if nearest in used or apart[nearest] > STRAY * np.hypot(*steps[axis]):
                continue
            bent = steps.copy()
            bent[axis] = sign * (found[nearest, :2] - here)
            cells[there] = nearest
            used.add(nearest)
            queue.append((there, (steps + bent) / 2))
    return cells


def _basis(found: Floats, seed: int) -> Floats | None:
    """Return the steps to the next column and row, shape (2, 2), turning from x to y as the picture's axes do."""
    away = found[:, :2] - found[seed, :2]
    length = np.hypot(*away.T)
    near = np.flatnonzero((length > 0.8 * found[seed, 2]) & (length < REACH * found[seed, 2]))
    if len(near) < 2:
        return None
    first = away[near[length[near].argmin()]]
    cosine = np.abs(away[near] @ first) / (length[near] * np.hypot(*first))
    across = near[cosine < 0.35]
    if not len(across):
        return None
    second = away[across[length[across].argmin()]]
    if first[0] * second[1] - first[1] * second[0] < 0:
        second = -second
    return np.array([first, second])


def _fitted(found: Floats, grown: dict[Cell, int]) -> Lattice | None:
    """Return the lattice with the homography of the squares that agree with it."""
    cells, points = np.array(list(grown), float), found[list(grown.values()), :2]
    if min(np.ptp(cells, axis=0)) < 2:
        return None
    pitch = float(np.sqrt(np.prod(np.ptp(points, axis=0)) / np.prod(np.ptp(cells, axis=0))))
    cv2.setRNGSeed(0)  # the same picture gives the same answer
    homography, agree = cv2.findHomography(cells, points, cv2.RANSAC, STRAY * pitch)
    if homography is None or agree.sum() < FEWEST:
        return None
    kept = frozenset(cell for cell, good in zip(grown, agree.ravel(), strict=True) if good)
    return Lattice(kept, np.asarray(homography, np.float64))
