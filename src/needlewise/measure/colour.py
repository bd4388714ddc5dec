"""Redness and pigment, and how much they really changed between two photos of the same skin.

Both indices are 100 times a log ratio of linear channels, so shading and exposure cancel, and a channel gain (white balance)
only adds a constant:

* redness = 100 log10(R / G): haemoglobin takes green and leaves red (Dawson 1980, doi 10.1088/0031-9155/25/4/008; in RGB,
  Yamamoto 2008, doi 10.1111/j.1600-0846.2007.00269.x);
* pigment = 100 (0.109 log10 R + 0.891 log10 G - log10 B): the log ratio that does not see added oxyhaemoglobin of
  absorbance (R, G, B) = (0.08, 1, 0.9), in the manner of Tsumura 2003 (doi 10.1145/882262.882344).

A phone also bends tones, moves colours apart and lights faces unevenly. Photometric registration takes that from the
person's own untreated skin: over small cells of it, the change is a robust linear function of the colour before (bent tones,
saturation), of the change of brightness, and of a smooth field over the face (coloured light), as a Gaussian process
(universal kriging, Cressie 1993; its variance by restricted maximum likelihood, Patterson & Thompson 1971). What the treated
zone did beyond that prediction is its change; the process's own variance gives the standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.align import Alignment, warp

if TYPE_CHECKING:
    from needlewise.measure.photo import Photo

__all__ = ["ColourChange", "control_difference", "photometric_registration", "pigment", "redness", "usable"]

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Array = NDArray[np.float64]

INDICES = np.array([[1.0, 0.109], [-1.0, 0.891], [0.0, -1.0]])  # R, G, B weights of redness and pigment
DARK = 0.004  # linear level under which noise and flare rule a channel (13 of 255 in sRGB)
CELLS = 150  # reference skin is cut into about so many cells
FULL = 0.35  # a cell counts when this share of it is usable
FEWEST = 20  # reference cells below which no field can be told from noise
EDGE = 0.05  # of the treated zone's side: where it ends is not known better
MARGIN = 0.25  # of the treated zone's side: reference skin keeps this distance
# prior standard deviations of the slopes: a phone's tone curve and saturation differ by some 10 to 15 % between photos
COLOUR_SLOPES = (0.15, 0.10, 0.06, 0.06)  # on redness, pigment and brightness before, and on the change of brightness
BENT_SLOPES = 0.10  # on their products, per BENT units
BENT = 30.0
RANGES = (0.15, 0.4)  # how far the smooth field reaches, as a share of the face's width
FIELDS = (0.3, 1.0, 3.0, 10.0)  # its variance over that of a cell's own noise
# What the model cannot know (the tone mapping of each phone): standard deviation in units of each index, chosen so that
# intervals hold on re-photographed development faces (benchmarks/measure_redness.py)
UNMODELLED = 0.20


@dataclass(frozen=True)
class ColourChange:
    """Change of the treated zone beyond what the person's untreated skin did, after minus before, in the before photo's units.

    Attributes
    ----------
    redness_difference, pigment_difference : float
        100 log10 units.
    sd, pigment_sd : float
        Standard deviations of the two for this pair of photos: not of the skin's own day-to-day change.
    n_effective : float
        Independent pieces of evidence in the reference skin: neighbouring cells share one light.
    gains : (float, float, float)
        Median brightness ratio after / before of R, G and B over the reference skin.
    """

    redness_difference: float
    pigment_difference: float
    sd: float
    pigment_sd: float
    n_effective: float
    gains: tuple[float, float, float]


def redness(linear: NDArray[np.floating]) -> Array:
    """100 log10(R / G) of linear RGB (..., 3)."""
    return np.asarray(100 * (np.log10(linear[..., 0], dtype=np.float64) - np.log10(linear[..., 1], dtype=np.float64)))


def pigment(linear: NDArray[np.floating]) -> Array:
    """100 (0.109 log10 R + 0.891 log10 G - log10 B) of linear RGB (..., 3)."""
    return np.asarray(100 * np.log10(linear, dtype=np.float64) @ INDICES[:, 1])


def usable(before: Photo, after: Photo, alignment: Alignment) -> Mask:
    """Pixels of the before photo (bool H x W) that are neither clipped, dark nor outside in either photo.

    A clipped channel fakes a change of colour; so does the pixel next to it once the picture is resampled, so the mask is
    widened by two pixels.
    """
    fair, fair_after = (_fair(photo) for photo in (before, after))
    good = fair * (warp(fair_after, alignment) == 255)  # 0 outside the after photo
    return np.asarray(cv2.erode(good, np.ones((5, 5), np.uint8)) > 0)


def _fair(photo: Photo) -> NDArray[np.uint8]:
    """255 where a pixel is neither clipped nor dark."""
    lit = np.asarray(cv2.inRange(photo.pixels, (DARK,) * 3, (np.inf,) * 3), np.uint8)
    lit[photo.clipped] = 0
    return lit


def photometric_registration(before: Image, after_aligned: Image, treated_mask: Mask, reference_mask: Mask) -> ColourChange:
    """Read a treated zone's change against the person's own untreated skin in the same two photos.

    Parameters
    ----------
    before, after_aligned : float32 (H, W, 3)
        Linear RGB, pixel on pixel (see `needlewise.measure.align.warp`).
    treated_mask, reference_mask : bool (H, W)
        Usable skin inside and outside the treated zone (see `usable`); their overlap counts as treated.

    Raises
    ------
    InputError
        When either holds too little skin, or the photos are grey.
    """
    return _change(before, after_aligned, treated_mask, reference_mask, COLOUR_SLOPES)


def control_difference(before: Image, after_aligned: Image, treated_mask: Mask, control_mask: Mask) -> ColourChange:
    """Treated minus control: the same reading, the control zone's mean change subtracted and nothing else modelled."""
    return _change(before, after_aligned, treated_mask, control_mask, ())


def _change(before: Image, after: Image, treated: Mask, reference: Mask, slopes: tuple[float, ...]) -> ColourChange:
    treated, reference, cell = _apart(treated, reference)
    inside, outside = _Cells.of(before, after, treated, cell), _Cells.of(before, after, reference, cell)
    if len(outside.share) < FEWEST:
        raise InputError("reference", f"{int(reference.sum())} pixels", "more untreated skin", "show more of it, not overexposed")
    middle_before, middle_after = np.median(outside.before, 0), np.median(outside.after, 0)
    if float(np.ptp(outside.before[:, 0] - outside.before[:, 1])) < 1e-3:
        raise InputError("photo", "a grey picture", "a colour photo", "redness cannot be read without colour")
    outside, inside = outside.minus(middle_before, middle_after), inside.minus(middle_before, middle_after)
    near = _Field(inside, outside)
    readings = [_krige(inside, outside, near, index, slopes) for index in INDICES.T]
    red, red_sd, count = readings[0]
    brown, brown_sd, _ = readings[1]
    gains = 10 ** ((middle_after - middle_before) / 100)
    return ColourChange(red, brown, red_sd, brown_sd, count, (float(gains[0]), float(gains[1]), float(gains[2])))


def _apart(treated: Mask, reference: Mask) -> tuple[Mask, Mask, int]:
    """Draw the treated zone in and the reference away from it; also the side of a cell in pixels."""
    side = float(np.sqrt(treated.sum()))
    if side < 6:
        raise InputError("treated", f"{int(treated.sum())} pixels", "at least 36 usable pixels", "it is hidden or overexposed")
    marked = treated.astype(np.uint8)
    wide, narrow = (np.ones((2 * round(part * side) + 1,) * 2, np.uint8) for part in (MARGIN, EDGE))
    reference = reference & (cv2.dilate(marked, wide) == 0)
    inner = cv2.erode(marked, narrow) > 0
    cell = max(3, round(float(np.sqrt(reference.sum() / CELLS))))
    return (inner if inner.sum() >= 0.3 * treated.sum() else treated), reference, cell


@dataclass(frozen=True)
class _Cells:
    """Mean colour of the usable pixels of each cell: 100 log10 of linear RGB (n x 3), its place (n x 2, cells) and share used."""

    before: Array
    after: Array
    place: Array
    share: Array

    @classmethod
    def of(cls, before: Image, after: Image, mask: Mask, cell: int) -> _Cells:
        """Average over squares of `cell` pixels, a row of squares at a time so that no copy of a large photo is made."""
        height, width = mask.shape
        rows, columns = height // cell, width // cell
        sums = np.zeros((rows, columns, 7))  # in 64 bits: in 32 a channel gain would show in the sixth digit
        for row in np.flatnonzero(mask[: rows * cell].any(1).reshape(rows, cell).any(1)):
            here = slice(row * cell, (row + 1) * cell), slice(0, columns * cell)
            used = mask[here].astype(np.uint8)
            parts = (cv2.copyTo(before[here], used), cv2.copyTo(after[here], used), used)
            down = [cv2.reduce(part.reshape(cell, -1), 0, cv2.REDUCE_SUM, dtype=cv2.CV_64F) for part in parts]
            sums[row] = np.concatenate([part.reshape(columns, cell, -1).sum(1) for part in down], axis=1)
        share = sums[..., 6] / cell**2
        keep = share > min(FULL, 0.5 * float(share.max(initial=0)))
        colours = 100 * np.log10(np.maximum(sums[keep][:, :6] / sums[keep][:, 6:], 1e-9))
        return cls(colours[:, :3], colours[:, 3:], np.argwhere(keep).astype(np.float64), share[keep])

    def minus(self, before: Array, after: Array) -> _Cells:
        """Measure colours from the reference's own middle, which removes every channel gain."""
        return _Cells(self.before - before, self.after - after, self.place, self.share)

    def change(self, index: Array) -> Array:
        return np.asarray((self.after - self.before) @ index)

    def design(self, count: int) -> Array:
        """Columns of the trend: a constant, and when `count` > 0 the colours before, the brightness change and products."""
        if not count:
            return np.ones((len(self.share), 1))
        red, brown = (self.before @ INDICES).T
        level, brighter = self.before[:, 0], self.after[:, 0] - self.before[:, 0]
        bent = [red * level, level * level, brighter * brighter, brighter * red]
        return np.stack([np.ones_like(red), red, brown, level, brighter, *(part / BENT for part in bent)], 1)


class _Field:
    """How alike neighbouring cells are, for each reach of the smooth field: the same for both indices."""

    def __init__(self, inside: _Cells, outside: _Cells) -> None:
        span = float(np.ptp(outside.place[:, 1])) + 1

        def alike(one: _Cells, two: _Cells) -> dict[float, Array]:
            apart = np.linalg.norm(one.place[:, None] - two.place[None], axis=2) / span
            return {reach: _matern(apart, reach) for reach in RANGES}

        self.outside, self.across, self.within = alike(outside, outside), alike(inside, outside), alike(inside, inside)


def _krige(inside: _Cells, outside: _Cells, near: _Field, index: Array, slopes: tuple[float, ...]) -> tuple[float, float, float]:
    """Change of the zone less its prediction, its standard deviation, and the effective number of reference cells."""
    design, aim = outside.design(len(slopes)), inside.design(len(slopes))
    prior = np.array([100.0, *slopes, *([BENT_SLOPES] * (design.shape[1] - 1 - len(slopes)))]) ** 2
    change = outside.change(index)
    noise = 1 / (_robust_weights(design, change, prior) * np.minimum(outside.share, 1))
    reach, field, variance = _likeliest(design, change, noise, near)
    cover = variance * (field * near.outside[reach] + np.diag(noise)) + (design * prior) @ design.T
    part = inside.share / inside.share.sum()
    shared = part @ (variance * field * near.across[reach] + (aim * prior) @ design.T)
    own = variance * (field * near.within[reach] + np.diag(1 / np.minimum(inside.share, 1))) + (aim * prior) @ aim.T
    solved = np.linalg.solve(cover, np.c_[change, shared])
    difference = float(part @ inside.change(index) - shared @ solved[:, 0])
    spread = float(np.sqrt(max(0.0, part @ own @ part - shared @ solved[:, 1])))
    # the after photo shows this index stretched by 1 + slope (saturation, gamma); read it on the before photo's scale
    own_column = 1 + int(index[2] != 0)
    stretch = 1.0 if not slopes else 1 + float(prior[own_column] * design[:, own_column] @ solved[:, 0])
    alike = (field * near.outside[reach] + np.diag(noise)) / (field + noise.mean())
    count = len(change) ** 2 / float(alike.sum())
    return difference / stretch, float(np.hypot(spread / stretch, UNMODELLED)), count


def _robust_weights(design: Array, change: Array, prior: Array) -> Array:
    """Huber weights (tuning 2) of cells about the trend: moles, hair and glints count less (Huber 1964)."""
    weight, scale = np.ones(len(change)), float(np.std(change)) + 1e-9
    for _ in range(6):
        scaled = design * weight[:, None]
        slopes = np.linalg.solve(scaled.T @ design + np.diag(scale**2 / prior), scaled.T @ change)
        miss = np.abs(change - design @ slopes)
        scale = 1.4826 * float(np.median(miss)) + 1e-9
        weight = 1 / np.maximum(1, miss / (2 * scale))
    return weight


def _likeliest(design: Array, change: Array, noise: Array, near: _Field) -> tuple[float, float, float]:
    """Reach, relative variance and noise variance of the smooth field, by restricted maximum likelihood over a small grid."""
    size, both = len(change), np.c_[change, design]
    free = size - design.shape[1]
    ridge = 1e-9 * np.eye(design.shape[1])
    # the last rows of the factor of [[cover, both], [both', much]] are both', whitened: factoring solves, at a third of the time
    joint = np.zeros((size + both.shape[1],) * 2)
    joint[size:, :size] = both.T
    np.fill_diagonal(joint[size:, size:], 1 + 2 * float((both * both).sum()) / float(noise.min()))
    best = (-np.inf, RANGES[0], FIELDS[0], 1.0)
    for reach in RANGES:
        for field in FIELDS:
            joint[:size, :size] = field * near.outside[reach] + np.diag(noise)
            root = np.linalg.cholesky(joint)
            white, own = root[size:, :size].T, np.diag(root)[:size]
            gram = white[:, 1:].T @ white[:, 1:] + ridge
            rest = white[:, 0] - white[:, 1:] @ np.linalg.solve(gram, white[:, 1:].T @ white[:, 0])
            variance = max(1e-12, float(rest @ rest) / free)
            fit = -0.5 * (free * np.log(variance) + 2 * float(np.log(own).sum()) + float(np.linalg.slogdet(gram)[1]))
            if fit > best[0]:
                best = (fit, reach, field, variance)
    return best[1:]


def _matern(distance: Array, reach: float) -> Array:
    """Matern 3/2 correlation (Stein 1999)."""
    scaled = np.sqrt(3) * distance / reach
    return np.asarray((1 + scaled) * np.exp(-scaled))
