"""The outline of one pigmented spot that fills much of a close-up picture."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["otsu", "segment_spot"]

Floats: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

WIDTH = 192  # pixels worked at; kernels below are in these pixels
HAIR = 5  # width of what closing wipes out: hairs
BLUR = 1.5
DARK_RIM = 40  # of 255 in every channel: the black surround of a dermatoscope
SPECK, BAY, SURROUND = 5, 15, 15
EDGE = 0.45  # of the way from skin to spot: people draw the outline a little outside the middle
CENTRED = 4.0  # how strongly a spot near the middle is preferred
SHRINKAGE = 0.05  # of the colours' scatter towards a ball, so that few pixels cannot make a wild direction
LEAST_SKIN = 0.12  # of the picture, needed to know what skin looks like


def segment_spot(rgb: NDArray[np.uint8]) -> Mask:
    """Return where the spot is.

    Blue light shows melanin best: Otsu's threshold on blue gives a first outline; the direction in colour that parts spot
    from skin best (Fisher) and a threshold `EDGE` of the way between their medians give a second; GrabCut settles its edge.
    The largest, most central piece is kept, without holes.

    Parameters
    ----------
    rgb : uint8, shape (H, W, 3)
        sRGB as shown, not linear.

    Returns
    -------
    bool, shape (H, W)
        All False where nothing stands out.

    References
    ----------
    Otsu. IEEE Trans Syst Man Cybern 1979;9:62-6. Rother, Kolmogorov, Blake. ACM Trans Graph 2004;23:309-14.
    """
    height, width = rgb.shape[:2]
    shrunk = cv2.resize(rgb, (WIDTH, max(1, round(height * WIDTH / width))), interpolation=cv2.INTER_AREA)
    shaved = cv2.morphologyEx(shrunk, cv2.MORPH_CLOSE, _disc(HAIR))
    small = np.asarray(cv2.GaussianBlur(shaved, (0, 0), BLUR), np.uint8)
    inside = np.asarray(small.max(2) > DARK_RIM)
    if not inside.any():
        return np.zeros((height, width), bool)
    spot = _by_blue(small, inside)
    spot = _by_colour(small, inside, spot)
    spot = _by_grabcut(small, inside, spot)
    return np.asarray(cv2.resize(spot.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5)


def otsu(values: Floats) -> float:
    """Return the threshold between two classes of values, shape (N,), with the largest variance between their means."""
    counts, edges = np.histogram(values, 256)
    middle = (edges[1:] + edges[:-1]) / 2
    share = np.cumsum(counts) / counts.sum()
    sums = np.cumsum(counts * middle) / counts.sum()
    between = (sums[-1] * share - sums) ** 2 / np.maximum(share * (1 - share), 1e-12)
    return float(edges[1:][between.argmax()])


def _by_blue(small: NDArray[np.uint8], inside: Mask) -> Mask:
    dark = 255 - small[..., 2].astype(np.float32)
    limit = otsu(dark[inside])
    for _ in range(3):
        skin, spot = dark[inside & (dark <= limit)], dark[inside & (dark > limit)]
        if not (skin.size and spot.size):
            return np.zeros(inside.shape, bool)
        limit = _between(skin, spot)
    return _piece((dark > limit) & inside)


def _by_colour(small: NDArray[np.uint8], inside: Mask, spot: Mask) -> Mask:
    skin = inside & ~_grown(spot)
    if skin.mean() < LEAST_SKIN or spot.sum() < 50:
        return spot
    dark = 255 - small.astype(np.float32)
    scatter = np.cov(dark[spot].T) + np.cov(dark[skin].T)
    scatter += SHRINKAGE * np.trace(scatter) * np.eye(3)
    direction = np.linalg.solve(scatter, np.median(dark[spot], 0) - np.median(dark[skin], 0))
    along = (dark @ direction).astype(np.float32)
    better = _piece((along > _between(along[skin], along[spot])) & inside)
    # another size altogether means that the direction found the lamp's fall-off, not the spot
    return better if 0.3 * spot.sum() <= better.sum() <= 2.5 * spot.sum() else spot


def _by_grabcut(small: NDArray[np.uint8], inside: Mask, spot: Mask) -> Mask:
    sure, beyond = ~_grown(~spot), ~_grown(spot)
    if not (sure.any() and beyond.any()):
        return spot
    label = np.where(spot, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    label[sure], label[beyond] = cv2.GC_FGD, cv2.GC_BGD
    cv2.setRNGSeed(0)  # its colour models start from a random clustering: the same picture gives the same outline
    cv2.grabCut(small, label, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    return _piece(((label == cv2.GC_FGD) | (label == cv2.GC_PR_FGD)) & inside)


def _between(skin: Floats, spot: Floats) -> float:
    low, high = float(np.median(skin)), float(np.median(spot))
    return low + EDGE * (high - low)


def _piece(mask: Mask) -> Mask:
    """Return the largest and most central piece, its bays and holes filled."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _disc(SPECK))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return np.zeros(mask.shape, bool)
    away = np.hypot(*(centres[1:] / np.array(mask.shape[::-1]) - 0.5).T)
    chosen = 1 + int((stats[1:, cv2.CC_STAT_AREA] * np.exp(-CENTRED * away)).argmax())
    # padded by its own edge, so that a spot cut by the border is closed as if it went on
    piece = np.pad((labels == chosen).astype(np.uint8), BAY + 1, mode="edge")
    piece = np.asarray(cv2.morphologyEx(piece, cv2.MORPH_CLOSE, _disc(BAY)), np.uint8)
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(piece, outlines, -1, 1, cv2.FILLED)
    return np.asarray(piece[BAY + 1 : -BAY - 1, BAY + 1 : -BAY - 1] > 0)


def _grown(mask: Mask) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), _disc(SURROUND)) > 0)


def _disc(size: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
