"""Pictures of a comparison: the face cut out of both photos, laid over each other, and maps of what changed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.measure.align import warp
from needlewise.measure.colour import pigment, redness, usable
from needlewise.measure.pair import Comparison
from needlewise.measure.photo import to_srgb8
from needlewise.measure.zones import skin_mask

SIDE = 720  # px of the longer side
FULL = 12.0  # 100·log10 units at which the scale is saturated
SMOOTH = 0.02  # of the picture's side: what is finer is noise and misfit
BLUE, ORANGE = np.array([33, 102, 172], np.float32), np.array([224, 130, 20], np.float32)  # told apart by every colour vision

Picture = NDArray[np.uint8]


def aligned_pictures(found: Comparison) -> tuple[bytes, bytes]:
    """Return the face before and after as PNG, pixel on pixel."""
    box = _box(found)
    laid = warp(found.after.photo.pixels, found.alignment)
    return _png(to_srgb8(found.before.photo.pixels[box])), _png(to_srgb8(laid[box]))


def change_map(found: Comparison, what: str) -> bytes:
    """Return a PNG of the change in "redness" or "pigment": blue less, orange more, over the grey face.

    The median change over all skin is taken off first, as light and camera shift all skin alike.
    """
    before = found.before.photo
    laid = warp(found.after.photo.pixels, found.alignment)
    index = redness if what == "redness" else pigment
    skin = skin_mask(before, found.before.face) & usable(before, found.after.photo, found.alignment)
    difference = np.where(skin, index(np.maximum(laid, 1e-6)) - index(np.maximum(before.pixels, 1e-6)), 0).astype(np.float32)
    if skin.any():
        difference = np.where(skin, difference - np.float32(np.median(difference[skin])), 0).astype(np.float32)
    box = _box(found)
    difference, weight = difference[box], skin[box].astype(np.float32)
    sigma = max(1.0, SMOOTH * max(difference.shape))
    level = cv2.GaussianBlur(difference, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
    grey = cv2.cvtColor(to_srgb8(before.pixels[box]), cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None].repeat(3, axis=2)
    share = np.clip(np.abs(level) / FULL, 0, 1)[..., None]
    colour = np.where(level[..., None] > 0, ORANGE, BLUE)
    shown = np.where(weight[..., None] > 0, (1 - share) * (0.35 * grey + 0.65 * 255) + share * colour, grey * 0.8)
    return _png(np.clip(shown, 0, 255).astype(np.uint8))


def _box(found: Comparison) -> tuple[slice, slice]:
    height, width = found.before.photo.shape
    points = found.before.face.points[:468]
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.12 * (high - low)
    left, top = (max(0, int(v)) for v in low - room)
    right, bottom = (int(v) for v in high + room)
    return slice(top, min(height, bottom)), slice(left, min(width, right))


def _png(picture: Picture) -> bytes:
    scale = SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    good, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not good:
        raise RuntimeError("the picture could not be encoded")
    return bytes(data)
