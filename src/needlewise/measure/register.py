"""Carry a region drawn on one photo over to another photo of the same skin, without a face; refuse where that cannot be trusted.

SIFT features (Lowe 2004, doi 10.1023/B:VISI.0000029664.99615.94) of the region and the skin around it, on locally normalised
brightness, are looked for in the whole other photo and give a similarity (RANSAC, Fischler & Bolles 1981); `align` refines it,
as it refines what a face's landmarks say. Unlike skin gives few features that agree: their number tells
whether it is the same place.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.align import Alignment, align_by, locally_normalised
from needlewise.measure.photo import Photo
from needlewise.said import say

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]

AROUND = 0.6  # of the region's side: skin around it that is looked at too
SIDE, OTHER_SIDE = 700, 1400  # longest side looked at of the region's surroundings and of the other photo, px
FEATURES, OTHER_FEATURES = 1500, 4000
RATIO = 0.85  # of a feature's nearest to its second nearest: above, it could be either
WITHIN = 5.0  # px of the region's view
FEWEST = 20  # features that agree; pictures of other skin gave at most 14 (benchmarks/measure_region.py)
LARGEST_ZOOM = 3.0  # between the photos, either way
GRID = 12  # places a side that hand the similarity to `align`
MOST_ERROR = 0.06  # of the region's side


def around(region: Mask) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the region and the skin around it."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    low, high = np.array([columns[0], rows[0]]), np.array([columns[-1] + 1, rows[-1] + 1])
    pad = AROUND * float((high - low).max())
    left, top = np.maximum(low - pad, 0).astype(int)
    right, bottom = np.minimum(high + pad, [region.shape[1], region.shape[0]]).astype(int)
    return int(left), int(top), int(right), int(bottom)


def register(first: Photo, other: Photo, region: Mask, skin: Mask) -> Alignment:
    """Find where the region's pixels lie in another photo.

    Parameters
    ----------
    first, other : Photo
    region, skin : bool (H, W) of `first`
        What was drawn, and all skin to align on.

    Raises
    ------
    InputError
        The region is not recognised, or fits too loosely to be measured.
    """
    box = around(region)
    start, agreeing = _similarity(first.pixels, other.pixels, box)
    left, top, right, bottom = box
    across, down = np.meshgrid(np.linspace(left, right - 1, GRID), np.linspace(top, bottom - 1, GRID))
    places = np.stack([across.ravel(), down.ravel()], 1).astype(np.float32)
    carried = (places @ start[:, :2].T + start[:, 2]).astype(np.float32)
    found = align_by(first, other, (places, carried), skin)
    side = float(np.sqrt(region.sum()))
    if found.error_px > MOST_ERROR * side:
        says = f"the photos fit together only to {found.error_px:.0f} px, {found.error_px / side:.0%} of the region"
        allowed = say("at most {most:.0%}", most=MOST_ERROR)
        raise InputError("region", says, allowed, "same distance, same angle, hold the skin the same way")
    return Alignment(found.affine, found.residual, found.grid, found.shape, found.error_px, agreeing, "SIFT + " + found.method)


def _similarity(first: Image, other: Image, box: tuple[int, int, int, int]) -> tuple[Matrix, int]:
    """Return the 2x3 similarity from px of the first photo to px of the other, and how many features agree."""
    left, top, right, bottom = box
    one, one_scale = _view(first[top:bottom, left:right], SIDE)
    two, two_scale = _view(other, OTHER_SIDE)
    source, target = _matches(one, two)
    agreeing = 0
    if len(source) >= FEWEST:
        matrix, kept = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=WITHIN, maxIters=5000)
        agreeing = 0 if matrix is None else int(kept.sum())
    if agreeing >= FEWEST:
        to_first = np.array([[one_scale, 0, left + (one_scale - 1) / 2], [0, one_scale, top + (one_scale - 1) / 2], [0, 0, 1.0]])
        to_other = np.array([[two_scale, 0, (two_scale - 1) / 2], [0, two_scale, (two_scale - 1) / 2], [0, 0, 1.0]])
        full = to_other @ np.vstack([matrix, [0, 0, 1.0]]) @ np.linalg.inv(to_first)
        zoom = float(np.sqrt(abs(np.linalg.det(full[:2, :2]))))
        if 1 / LARGEST_ZOOM <= zoom <= LARGEST_ZOOM:
            return full[:2], agreeing
    raise InputError(
        "region", f"{agreeing} details recognised in the other photo", say("at least {least}", least=FEWEST),
        "take both sharp, from the same distance and angle, with more of the skin around it (a mole, a crease, a nail)",
    )  # fmt: skip


def _view(pixels: Image, side: int) -> tuple[NDArray[np.uint8], float]:
    """Return the locally normalised brightness, at most `side` px long, and photo px per px of it."""
    scale = max(1.0, max(pixels.shape[:2]) / side)
    size = (max(8, round(pixels.shape[1] / scale)), max(8, round(pixels.shape[0] / scale)))
    return locally_normalised(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)), scale


def _matches(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> tuple[Image, Image]:
    """Return features whose nearest is much nearer than the second, and is nearest both ways; px, Nx2 each."""
    keys_one, what_one = cv2.SIFT.create(FEATURES, contrastThreshold=0.02).detectAndCompute(one, None)
    keys_two, what_two = cv2.SIFT.create(OTHER_FEATURES, contrastThreshold=0.02).detectAndCompute(two, None)
    if len(keys_one) < FEWEST or len(keys_two) < FEWEST:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    roots = [np.sqrt(what / np.maximum(what.sum(1, keepdims=True), 1e-6)) for what in (what_one, what_two)]  # Arandjelović 2012
    alike = roots[0] @ roots[1].T
    best = np.argpartition(-alike, 1, axis=1)[:, :2]
    rows = np.arange(len(alike))
    pair = alike[rows[:, None], best]
    nearest = np.where(pair[:, 0] >= pair[:, 1], best[:, 0], best[:, 1])
    far = np.sqrt(np.maximum(2 - 2 * np.sort(pair, axis=1), 0))  # second nearest, nearest
    good = (far[:, 1] < RATIO * far[:, 0]) & (alike.argmax(0)[nearest] == rows)
    source = np.array([keys_one[i].pt for i in rows[good]], np.float32).reshape(-1, 2)
    target = np.array([keys_two[i].pt for i in nearest[good]], np.float32).reshape(-1, 2)
    return source, target
