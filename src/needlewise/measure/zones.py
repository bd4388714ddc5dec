"""Places on the face as outlines on the mesh, and which pixels in them are bare skin.

Every outline is written once, for the person's own right side or the right half of a place on the midline; the mesh's own
symmetry gives the left. Places do not overlap. They are drawn so that lids, lips and the rim of the face stay outside.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError, nearest
from needlewise.measure.face import Face
from needlewise.measure.networks import canonical
from needlewise.measure.photo import Photo
from needlewise.said import say

Mask = NDArray[np.bool_]
Points = NDArray[np.float32]

# The right half of a place that crosses the midline: from its top point on the midline round to its lowest.
HALVES = {
    "forehead": (10, 109, 67, 103, 54, 68, 63, 105, 66, 107, 9),
    "glabella": (9, 107, 55, 193, 168),
    "nose": (168, 193, 188, 174, 217, 126, 209, 129, 64, 98, 97, 2),
    "upper-lip": (2, 97, 98, 165, 92, 186, 61, 185, 40, 39, 37, 0),
    "chin": (17, 84, 181, 91, 106, 204, 211, 140, 176, 148, 152),
    "face": (10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152),
}
# A place on the person's right, all the way round.
SIDES = {
    "temple": (54, 21, 162, 127, 34, 143, 35, 124, 156, 70, 68),
    "under-eye": (35, 226, 25, 110, 24, 23, 22, 26, 112, 233, 128, 121, 120, 119, 118, 117, 111, 143),
    "cheekbone": (34, 143, 111, 117, 118, 119, 120, 100, 101, 50, 123, 227),
    "cheek": (123, 50, 101, 100, 47, 126, 142, 203, 206, 216, 212, 214, 192, 213, 147, 137),
    "jaw": (213, 192, 214, 212, 57, 43, 106, 204, 211, 140, 176, 149, 150, 136, 172, 58, 132),
}
ZONES = tuple(sorted([*HALVES, *(f"{place}-{side}" for place in SIDES for side in ("left", "right"))]))
# What is no skin to measure: outline on the right, and by how much it is widened, in shares of the distance between the eyes.
FEATURES = {
    "eye": ((130, 25, 110, 24, 23, 22, 26, 112, 243, 190, 56, 28, 27, 29, 30, 247), 0.0),
    "brow": ((46, 53, 52, 65, 55, 107, 66, 105, 63, 70), 0.03),
    "nostril": ((240, 59, 166, 79, 239, 238, 20, 60, 75), 0.01),
}
LIPS = (0, 37, 39, 40, 185, 61, 146, 91, 181, 84, 17)  # half an outline, as in HALVES
LIPS_WIDER = 0.02
RIM = 0.03  # kept off the face's outline, where the mesh errs most and skin is seen edge-on
DARK = 0.01  # linear: about 25 of 255 in sRGB, below which one step of the file is 5 % of the light
HAIR_BLUR = 1.5  # px at that size
HAIR_DARKER = 0.45  # share of the face's smooth brightness at that place below which it is hair or a hard shadow
HAIR_COLOUR, HAIR_TINTED = 5.0, 0.8  # or this far off the skin's colour (robust standard deviations) and this much darker
WORK_EYES = 96.0  # px between the eyes at which hair is looked for
CLIP_GROWS = 1  # px: JPEG spreads the edge of what is clipped

LUMINANCE = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
_FRACTION = 4  # binary digits of a pixel that outlines are drawn with


def mirrored(outline: tuple[int, ...]) -> tuple[int, ...]:
    """Return the same outline on the person's left."""
    return tuple(int(canonical().mirror[point]) for point in outline)


def _whole(half: tuple[int, ...]) -> tuple[int, ...]:
    return half + tuple(point for point in reversed(mirrored(half)) if point not in half)


def zone_outline(zone_id: str) -> tuple[int, ...]:
    """Return the mesh points around a zone.

    Raises
    ------
    InputError
        There is no such zone on the face.
    """
    if zone_id in HALVES:
        return _whole(HALVES[zone_id])
    place, _, side = zone_id.rpartition("-")
    if place in SIDES and side in ("left", "right"):
        return SIDES[place] if side == "right" else mirrored(SIDES[place])
    hint = nearest(zone_id, list(ZONES)) or "other places are measured in a region drawn by hand"
    if zone_id in SIDES:
        hint = say("say {zone}-left or {zone}-right (the person's own)", zone=zone_id)
    raise InputError("zone", zone_id, ", ".join(ZONES), hint)


def zone_polygon(face: Face, zone_id: str) -> list[Points]:
    """Return the zone's outlines as Nx2 arrays in px of the photo; left and right are the person's own."""
    return [face.points[list(zone_outline(zone_id))]]


def zone_mask(photo: Photo, face: Face, zone: str, skin: Mask | None = None) -> Mask:
    """Return True on the zone's bare skin, HxW. `skin` is `skin_mask(photo, face)` where it is already known."""
    height, width = photo.shape
    return _fill(zone_polygon(face, zone), height, width) & (skin_mask(photo, face) if skin is None else skin)


def skin_mask(photo: Photo, face: Face) -> Mask:
    """Return True where bare skin can be measured, HxW.

    The face without its rim, eyes, brows, lips and nostrils, without hair and hard shadow, without clipped and dark pixels.
    Glasses and make-up are not seen.
    """
    height, width = photo.shape
    mask = np.zeros((height, width), bool)
    left, top, right, bottom = _box(face, height, width)
    if right - left < 8 or bottom - top < 8:
        return mask
    part = photo.pixels[top:bottom, left:right]
    points = face.points - np.array([left, top], np.float32)
    bare = _bare(points, face.eyes_px, bottom - top, right - left)
    bare &= ~hair(part, bare, face.eyes_px)
    grown = cv2.dilate(photo.clipped[top:bottom, left:right].astype(np.uint8), np.ones((2 * CLIP_GROWS + 1,) * 2, np.uint8))
    bare &= np.equal(grown, 0) & (luminance(part) >= DARK)
    mask[top:bottom, left:right] = bare
    return mask


def box_around(mask: Mask, margin: int) -> tuple[slice, slice]:
    """Return the rows and columns that hold the mask and `margin` px round it: most of a photo has no part in one zone."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    height, width = mask.shape
    return (
        slice(max(0, int(rows[0]) - margin), min(height, int(rows[-1]) + 1 + margin)),
        slice(max(0, int(columns[0]) - margin), min(width, int(columns[-1]) + 1 + margin)),
    )


def luminance(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative luminance of linear sRGB, HxW (IEC 61966-2-1)."""
    return np.asarray(cv2.transform(linear, LUMINANCE), np.float32)


def _box(face: Face, height: int, width: int) -> tuple[int, int, int, int]:
    low, high = face.points.min(axis=0), face.points.max(axis=0)
    return (
        max(0, math.floor(low[0])),
        max(0, math.floor(low[1])),
        min(width, math.ceil(high[0]) + 1),
        min(height, math.ceil(high[1]) + 1),
    )


def _fill(outlines: list[Points], height: int, width: int) -> Mask:
    canvas = np.zeros((height, width), np.uint8)
    scaled = [np.rint(outline * 2**_FRACTION).astype(np.int32) for outline in outlines]
    cv2.fillPoly(canvas, scaled, [1], lineType=cv2.LINE_8, shift=_FRACTION)
    return canvas.astype(bool)


def _grow(mask: Mask, by: float) -> Mask:
    side = 2 * round(by) + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))).astype(bool)


def _bare(points: Points, eyes_px: float, height: int, width: int) -> Mask:
    """Return the face without its features and its rim, by the mesh alone."""
    rim = ~_fill([points[list(_whole(HALVES["face"]))]], height, width)
    rim[0], rim[-1], rim[:, 0], rim[:, -1] = True, True, True, True
    out = _grow(rim, RIM * eyes_px)
    for outline, wider in FEATURES.values():
        out |= _grow(_fill([points[list(outline)], points[list(mirrored(outline))]], height, width), wider * eyes_px)
    out |= _grow(_fill([points[list(_whole(LIPS))]], height, width), LIPS_WIDER * eyes_px)
    return ~out


def hair(part: NDArray[np.float32], bare: Mask, eyes_px: float) -> Mask:
    """Return True on fringe, beard and hard shadow: far below the face's smooth brightness, or below it and of another colour.

    The smooth brightness is a quadratic in x and y fitted to the logarithm of luminance, weighted so that dark outliers count
    little; the skin's colour is the median of log(R/G) and log(G/B) where the fit is good. Both are judged after a small blur, so
    that wrinkles and single pores stay skin.
    """
    scale = min(1.0, WORK_EYES / eyes_px)
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), HAIR_BLUR), np.float32)
    inside = np.asarray(cv2.resize(bare.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)) > 0
    light = luminance(small)
    seen = inside & (light >= DARK)
    if seen.sum() < 100:
        return np.zeros(bare.shape, bool)
    level = np.log(np.maximum(light, DARK / 4))
    residual = level - _smooth(level, seen)
    hair = (residual < math.log(HAIR_DARKER)) | (
        (_off_colour(small, seen & (residual > -0.2))) & (residual < math.log(HAIR_TINTED))
    )
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    opened = cv2.dilate(cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_OPEN, ellipse), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(opened, bare.shape[::-1], interpolation=cv2.INTER_NEAREST)) > 0


def _off_colour(small: NDArray[np.float32], skin: Mask) -> Mask:
    logs = np.log(np.maximum(small, DARK / 8))
    tints = np.stack([logs[..., 0] - logs[..., 1], logs[..., 1] - logs[..., 2]], axis=-1)
    typical = tints[skin]
    if not typical.size:
        return np.zeros(skin.shape, bool)
    centre = np.median(typical, axis=0)
    spread = 1.4826 * np.median(np.abs(typical - centre), axis=0) + 0.02
    return np.asarray((((tints - centre) / spread) ** 2).sum(axis=-1) > HAIR_COLOUR**2)


def _smooth(values: NDArray[np.float32], seen: Mask) -> NDArray[np.float64]:
    """Fit a quadratic over the frame; 8 rounds of weights 1/(1 + (r/0.15)²), a quarter of that below the fit.

    The lowest third, where beards are, counts a fifth.
    """
    y, x = np.mgrid[-1 : 1 : values.shape[0] * 1j, -1 : 1 : values.shape[1] * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    at, target = terms[seen], values[seen].astype(np.float64)
    base = np.where(at[:, 2] > 1 / 3, 0.2, 1.0)
    weight = base
    for _ in range(8):
        weighted = at * weight[:, None]
        fit = np.linalg.lstsq(weighted.T @ at, weighted.T @ target, rcond=None)[0]
        residual = target - at @ fit
        weight = base / (1 + (residual / 0.15) ** 2)
        weight[residual < 0] /= 4
    return np.asarray(terms @ fit)
