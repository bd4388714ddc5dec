"""Dark spots one by one, and how red blemishes are: local contrast against the skin around, never an average of the face.

Everything works on a map in units of 100·log10 (`darkness`, or `colour.redness`), where brightness of the light cancels
between a spot and the skin beside it: a contrast of 10 units is skin that sends back 10^(-0.1), 79 %, of the light beside it.

Did the spots of a zone fade? `mean_change`: over the places found dark in either photo (`match_spots`),

    difference = sum(weight * (contrast after - contrast before)) / sum(weight)
    weight = area * the larger of the two contrasts

A spot that is gone counts with what is left at its place, and a new one with what was there before: survivors do not stand for
all. Places chosen for being dark in one photo alone would regress to the mean in the other; chosen where the *larger* of the two
contrasts stands out, before and after are interchangeable, and what chance does to either side cancels
(benchmarks/measure_fading.py prints what is left of it). Large and dark spots are what a person sees, and read with the least
noise; creases and pores that are taken for spots are mostly faint.

Blood takes blue light away too, so a red mark that pales reads as a spot that fades.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.outline import segment_spot
from needlewise.said import say

__all__ = [
    "Spot", "SpotChange", "blemish_redness", "darkness", "find_spots", "local_contrast", "match_spots", "mean_change",
    "segment_spot",
]  # fmt: skip

Floats: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

SMOOTH_MM = 0.25  # what is finer is pores and noise
AROUND_MM = 3.0  # standard deviation of the window that says what the skin around a spot is like
RIM_MM = 0.75  # round a spot, where it still darkens the skin: no part of the skin around
SMALLEST_MM, LARGEST_MM = 1.0, 12.0  # diameter of a spot
NOISE_LEVELS = 6.0  # robust standard deviations of `FINE_MM` a spot must stand out
FINE_MM = 1.0  # standard deviation of the window below which contrast is pores and noise, and above which the shape of the face
LEAST_CONTRAST = 2.0  # and at least so many units: 5 % darker
HALF = 0.5  # a spot reaches as far as half its greatest contrast
MOST_LONG = 2.5  # long over short axis: what is longer is a wrinkle, a hair or a shadow's edge
LEAST_LIGHT = 1e-3  # linear; below it a camera shows noise
BLEMISH_MM, BLEMISH_AROUND_MM = 0.5, 4.0
BLEMISH_PERCENTILE = 99.0
LEAST_PX_PER_MM = 2.0
ENOUGH = 8192  # pixels from which a median is taken: of more, every so-many-th, as neighbours are alike
STEEPEST = 1.5  # contrast of one photo over the other's that a phone's tones make; the range that is corrected
ALIKE = 0.5  # correlation of the two photos' fine contrast below which it is noise, and says nothing about their tones
TONES_SD = 0.09  # of the contrast: what the correction of tones leaves, from benchmarks/measure_fading.py


@dataclass(frozen=True)
class Spot:
    """One spot on one map.

    Attributes
    ----------
    x, y : float
        Its middle in pixels.
    contrast : float
        Mean over the spot, 100·log10 above the skin around.
    area_mm2 : float
    region : intp, shape (N,)
        Flat indices of its pixels.
    """

    x: float
    y: float
    contrast: float
    area_mm2: float
    region: NDArray[np.intp]


@dataclass(frozen=True)
class SpotChange:
    """The same spot before and after.

    Attributes
    ----------
    x, y : float
        Its middle in pixels of the before picture.
    contrast_before, contrast_after : float
        100·log10 above the skin around, over the same pixels.
    area_before_mm2, area_after_mm2 : float
        Where the contrast passes the same level in both; 0 where it nowhere does.
    sd : float
        Standard deviation of the contrast's difference, from patches of the same size on skin without spots in the same two
        photos, widened for the spot's darkness. It does not hold what changes between days: that comes from `change`.
    region : intp, shape (N,)
        Flat indices of the pixels that were read.
    """

    x: float
    y: float
    contrast_before: float
    contrast_after: float
    area_before_mm2: float
    area_after_mm2: float
    sd: float
    region: NDArray[np.intp]


def darkness(linear: Floats, px_per_mm: float) -> Floats:
    """Return −100·log10 of blue light sent back, shape (H, W), from linear RGB, shape (H, W, 3).

    Melanin takes most from blue (its absorbance falls as about λ^−3.5: Jacques. Phys Med Biol 2013;58:R37-61). Noise is
    smoothed away before the logarithm, which would otherwise turn it into a contrast of dark skin.
    """
    blue = cv2.GaussianBlur(np.ascontiguousarray(linear[..., 2]), (0, 0), SMOOTH_MM * px_per_mm)
    return np.asarray(-100 * np.log10(np.maximum(blue, LEAST_LIGHT)), np.float32)


def local_contrast(
    field: Floats, mask: Mask, px_per_mm: float, smooth_mm: float = SMOOTH_MM, around_mm: float = AROUND_MM
) -> Floats:
    """Return the map less the skin around, shape (H, W), 0 outside the mask.

    The skin around is a Gaussian mean over the masked pixels only, taken a second time without what stood out, so that a
    large spot does not hide itself.
    """
    _check(field, mask, px_per_mm)
    mask = mask & np.isfinite(field)  # black pixels have no logarithm
    fine = _masked_mean(np.where(mask, field, 0).astype(np.float32), mask, smooth_mm * px_per_mm)
    first = _above(fine, mask, mask, around_mm * px_per_mm)
    spread = _spread(first[mask])
    return _above(fine, mask, mask & (first < 2 * spread) & (first > -4 * spread), around_mm * px_per_mm)


def find_spots(field: Floats, mask: Mask, px_per_mm: float) -> list[Spot]:
    """Return the spots where the map is higher than around, strongest first.

    Parameters
    ----------
    field : float32, shape (H, W)
        100·log10 units; higher is darker (or redder).
    mask : bool, shape (H, W)
        Skin to look at.
    px_per_mm : float
        Pixels a millimetre, as from the iris.
    """
    contrast = local_contrast(field, mask, px_per_mm)
    return _spots(contrast, _least(contrast, mask, px_per_mm), px_per_mm)


def match_spots(before: Floats, after: Floats, mask: Mask, px_per_mm: float) -> list[SpotChange]:
    """Return every spot of either picture, measured in both.

    Spots are looked for on the larger of the two maps, pixel by pixel: see the module for why. The skin around is then read
    without the spots, and contrasts are given on a scale midway between the two photos' tones (`_steeper`).

    Parameters
    ----------
    before, after : float32, shape (H, W)
        Maps in 100·log10 units, `after` already laid over `before`.
    mask : bool, shape (H, W)
        Skin usable in both.
    px_per_mm : float
    """
    one, two = (local_contrast(field, mask, px_per_mm) for field in (before, after))
    mask = mask & np.isfinite(before) & np.isfinite(after)
    least = max(_least(contrast, mask, px_per_mm) for contrast in (one, two))
    spots = _spots(np.maximum(one, two), least, px_per_mm)
    if not spots:
        return []
    plain = mask & ~_places(spots, mask.shape, RIM_MM * px_per_mm)
    if not plain.any():
        return []
    one, two = (_above(field, mask, plain, AROUND_MM * px_per_mm) for field in (before, after))
    half = math.sqrt(_steeper(one, two, plain, px_per_mm))
    one, two = one * np.float32(half), two / np.float32(half)
    difference = two - one
    changes = []
    for spot in spots:
        values = one.ravel()[spot.region], two.ravel()[spot.region]
        means = float(values[0].mean()), float(values[1].mean())
        # the level each picture must pass is the same, so that area and contrast are not two names for one change
        level = HALF * float(max((values[0] + values[1]).max() / 2, LEAST_CONTRAST))
        areas = [float((part > level).sum()) / px_per_mm**2 for part in values]
        # light comes as photons: the darker the skin, the larger their relative noise, as one over the root of the light
        sd = _patch_sd(difference, plain, len(spot.region)) * 10 ** (max(*means, 0) / 200)
        changes.append(SpotChange(spot.x, spot.y, *means, areas[0], areas[1], sd, spot.region))
    return changes


def mean_change(changes: Sequence[SpotChange]) -> tuple[float, float]:
    """Return by how much the spots of a zone grew darker, 100·log10 (below 0: paler), and its standard deviation.

    The mean over their places, weighted by area and contrast; see the module. The standard deviation holds the noise of the
    photos and what differing tones leave (`TONES_SD` of the contrast), not what changes between days.
    """
    before, after, sd = (
        np.array([getattr(spot, name) for spot in changes]) for name in ("contrast_before", "contrast_after", "sd")
    )
    weight = np.array([len(spot.region) for spot in changes]) * np.maximum(np.maximum(before, after), LEAST_CONTRAST)
    share = weight / weight.sum()
    level = float(share @ (before + after) / 2)
    return float(share @ (after - before)), math.hypot(float(np.linalg.norm(share * sd)), TONES_SD * level)


def blemish_redness(redness: Floats, mask: Mask, px_per_mm: float) -> float:
    """Return how much redder than the skin around the reddest hundredth of a zone is, in units of 100·log10(R/G).

    The 99th percentile of the local contrast less its median: it follows blemishes, which the mean of a face drowns.
    """
    contrast = local_contrast(redness, mask, px_per_mm, BLEMISH_MM, BLEMISH_AROUND_MM)[mask]
    high, middle = np.percentile(contrast, [BLEMISH_PERCENTILE, 50])
    return float(high - middle)


def _least(contrast: Floats, mask: Mask, px_per_mm: float) -> float:
    """Return the contrast that a spot must reach somewhere to stand out from pores and noise; the face's shape is neither."""
    fine = contrast - _masked_mean(contrast, mask, FINE_MM * px_per_mm)
    return max(NOISE_LEVELS * _spread(fine[mask]), LEAST_CONTRAST)


def _spots(contrast: Floats, least: float, px_per_mm: float) -> list[Spot]:
    """Return the spots of a map of local contrast: pieces above half of their own peak, where the peak stands out."""
    limits = [np.pi / 4 * (mm * px_per_mm) ** 2 for mm in (SMALLEST_MM, LARGEST_MM)]
    count, labels, stats, _ = cv2.connectedComponentsWithStats((contrast > least * HALF).astype(np.uint8))
    spots = []
    for label in range(1, count):
        left, top, wide, high, _ = (int(value) for value in stats[label])
        window = np.s_[top : top + high, left : left + wide]
        part = np.where(labels[window] == label, contrast[window], 0)
        if part.max() < least:
            continue
        pieces, own = cv2.connectedComponents((part > HALF * part.max()).astype(np.uint8))
        for piece in range(1, pieces):
            y, x = np.nonzero(own == piece)
            if part[y, x].max() >= least and limits[0] <= len(y) <= limits[1] and _long(x, y) <= MOST_LONG:
                region = (y + top) * contrast.shape[1] + x + left
                middle = float(x.mean()) + left, float(y.mean()) + top
                spots.append(Spot(*middle, float(part[y, x].mean()), len(y) / px_per_mm**2, region))
    return sorted(spots, key=lambda spot: (-spot.contrast, spot.y, spot.x))


def _places(spots: Sequence[Spot], shape: tuple[int, ...], margin_px: float) -> Mask:
    """Return True where a spot is, or within so many pixels of it."""
    places = np.zeros(shape, np.uint8)
    for spot in spots:
        places.ravel()[spot.region] = 1
    side = 2 * round(margin_px) + 1
    return np.asarray(cv2.dilate(places, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))) > 0


def _steeper(one: Floats, two: Floats, plain: Mask, px_per_mm: float) -> float:
    """Return how much larger the second map's contrasts are because the photo's tones are steeper.

    The major axis of the fine contrast (pores and mottle) of the same plain skin in both (Pearson. Philos Mag 1901;2:559-572):
    both sides are noisy, so neither may be the one that is regressed on. 1 where the two have too little in common.
    """
    values = []
    for contrast in (one, two):
        fine = (contrast - _masked_mean(np.where(plain, contrast, 0).astype(np.float32), plain, FINE_MM * px_per_mm))[plain]
        far = 4 * _spread(fine)
        values.append(np.clip(fine, -far, far))
    (first, both), (_, second) = np.cov(*values)
    if not both > ALIKE * math.sqrt(first * second):
        return 1.0
    slope = math.tan(0.5 * math.atan2(2 * both, first - second))
    return min(max(slope, 1 / STEEPEST), STEEPEST)


def _above(field: Floats, mask: Mask, plain: Mask, sigma: float) -> Floats:
    """Return the map less its Gaussian mean over plain skin, 0 outside the mask."""
    middle = np.float32(np.median(_some(field[mask])))  # what a place far from any plain skin is read against
    around = _masked_mean(np.where(plain, field - middle, 0).astype(np.float32), plain, sigma)
    return np.where(mask, field - middle - around, 0).astype(np.float32)


def _long(x: NDArray[np.intp], y: NDArray[np.intp]) -> float:
    """Return the ratio of the axes of the ellipse with the same second moments; one pixel is a square, not a point."""
    low, high = np.linalg.eigvalsh(np.cov(x, y) + np.eye(2) / 12)
    return float(np.sqrt(high / low))


def _patch_sd(difference: Floats, plain: Mask, pixels: int) -> float:
    """Return the robust standard deviation of the mean over square patches of so many pixels on skin without spots."""
    side = max(1, round(float(np.sqrt(pixels))))
    share = cv2.blur(plain.astype(np.float32), (side, side))
    total = cv2.blur(np.where(plain, difference, 0).astype(np.float32), (side, side))
    whole = (share > 0.9)[side // 2 :: side, side // 2 :: side]
    means = total[side // 2 :: side, side // 2 :: side][whole] / share[side // 2 :: side, side // 2 :: side][whole]
    return _spread(means if means.size > 4 else difference[plain])  # with few patches that of single pixels, which is larger


def _masked_mean(values: Floats, mask: Mask, sigma: float) -> Floats:
    """Return the Gaussian mean of values, 0 outside the mask, over the masked pixels only.

    Wide windows are taken on a smaller picture, which a Gaussian that smooth does not notice.
    """
    step = max(1, int(sigma / 6))
    size = (-(-mask.shape[1] // step), -(-mask.shape[0] // step))
    parts = [np.asarray(part, np.float32) for part in (values, mask.astype(np.float32))]
    if step > 1:
        parts = [np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32) for part in parts]
    top, below = (cv2.GaussianBlur(part, (0, 0), sigma / step, borderType=cv2.BORDER_CONSTANT) for part in parts)
    mean = (top / np.maximum(below, 1e-6)).astype(np.float32)
    if step > 1:
        mean = np.asarray(cv2.resize(mean, mask.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return mean


def _some(values: NDArray[Any]) -> NDArray[Any]:
    return values[:: 1 + values.size // ENOUGH]


def _spread(values: NDArray[Any]) -> float:
    """Return 1.4826 × the median absolute deviation, which is the standard deviation of a normal spread."""
    some = _some(values)
    return 1.4826 * float(np.median(np.abs(some - np.median(some)))) if some.size else 0.0


def _check(field: Floats, mask: Mask, px_per_mm: float) -> None:
    if field.shape != mask.shape or not mask.any():
        raise InputError("zone", f"{int(mask.sum())} pixels", "a part of the photo with skin to measure")
    if not px_per_mm >= LEAST_PX_PER_MM:
        least = say("at least {least:g}", least=LEAST_PX_PER_MM)
        raise InputError("pixels a millimetre", round(float(px_per_mm), 2), least, "take the photo from nearer")
