"""The plane an imprint lies in, from a ruler beside it: which scale it is, and where the ruler's own marks are."""

from __future__ import annotations

import math

import cv2
import numpy as np

from needlewise.errors import InputError
from needlewise.measure.imprint_page import FLAT_SHARE, Array, Bytes, Picture, Plane, apply
from needlewise.measure.imprint_ticks import LEAST_TICKS, Scale, find_scales, usual_steps
from needlewise.measure.imprint_upright import set_upright
from needlewise.said import say

SEARCH_SIDES = (2016, 3000)  # pixels of the long side in which ticks are looked for; the second if not seen in the first
WHOLE_MM = 2.0  # a figure up to this is the distance of neighbouring ticks, a larger one the length of the whole scale
NEAR_STEP = 0.03  # counting may have missed a tick or two: a step so near a usual one is taken as that
RULER_RANGE_MM = (0.2, 1000.0)
WIDEST_MM = 50.0  # of a ruler
BEFORE_MM, BESIDE_MM, FIGURES_MM = 1.0, 4.0, 6.0  # a ruler's own marks reach so far before, beside and beyond its ticks


def find_ruler(picture: Picture, ruler_mm: float) -> Plane:
    """Return the plane a ruler lies in.

    Parameters
    ----------
    ruler_mm : float
        Distance of neighbouring ticks (up to 2 mm), or of the first and last tick, all in the picture.

    Raises
    ------
    InputError
        No ruler is seen clearly.
    """
    if not RULER_RANGE_MM[0] <= ruler_mm <= RULER_RANGE_MM[1]:
        allowed = say("{low:g} to {high:g} mm", low=RULER_RANGE_MM[0], high=RULER_RANGE_MM[1])
        raise InputError("scale", ruler_mm, allowed, "a millimetre ruler: 1")
    why = say("fewer than {least} ticks in a row were found", least=LEAST_TICKS)
    for side in SEARCH_SIDES:
        share = min(1.0, side / max(picture.width, picture.height))
        grey, _ = picture.grey(share)
        scales = find_scales(grey)
        steps = [_step(grey, scale, ruler_mm) for scale in scales]
        if any(steps):
            break
        if scales:
            why = say("those found are not so far apart, by how their lengths change")
        if share == 1:
            break
    if not any(steps):
        named = f"a tick each {ruler_mm:g} mm" if ruler_mm <= WHOLE_MM else f"{ruler_mm:g} mm from first to last tick"
        raise InputError("scale", named, "a ruler with such ticks, which show clearly beside the imprint",
                         say("{why}; lay it flat, beside the holes, in the same light", why=why))  # fmt: skip
    ours = next(k for k, step in enumerate(steps) if step)
    step, scale = steps[ours], scales.pop(ours)
    near, deep = (np.asarray((x + 0.5) / share - 0.5) for x in (scale.near, scale.deep))
    upright = set_upright(near, deep, np.asarray(scale.number * step), (picture.width, picture.height), picture.focal_mm)
    polygon = (_body(scale, step, scales) + 0.5) / share - 0.5
    middle = np.array([picture.width, picture.height]) / 2
    p, q, r = apply(upright.to_mm, np.array([middle, middle + (1, 0), middle + (0, 1)]))
    px_per_mm = 1 / math.sqrt(abs(float(np.linalg.det(np.array([q - p, r - p])))))
    errors = math.hypot(upright.along, FLAT_SHARE), math.hypot(upright.across, FLAT_SHARE)
    return Plane(upright.to_mm, px_per_mm, None, polygon, errors, True)


def _step(grey: Bytes, scale: Scale, told_mm: float) -> float:
    """Return the distance of neighbouring ticks in mm, as told and as their lengths say; 0 where these do not agree."""
    step = told_mm if told_mm <= WHOLE_MM else told_mm / int(scale.number[-1] - scale.number[0])
    return next((mm for mm in usual_steps(grey, scale) if abs(step / mm - 1) < NEAR_STEP), 0.0)


def _body(scale: Scale, step: float, others: list[Scale]) -> Array:
    """Return the outline (M×2, convex) of all the ruler bears: ticks, figures, and the ticks of `others` along its other edge."""
    long = np.linalg.norm(scale.tip - scale.foot, axis=1).max()
    px_per_mm = scale.gap / step
    normal = np.array([-scale.along[1], scale.along[0]])
    normal *= np.sign(((scale.tip - scale.foot) @ normal).sum())
    edge = scale.near + ((scale.foot.mean(0) - scale.near.mean(0)) @ normal) * normal
    near, beyond = -normal * BEFORE_MM * px_per_mm, scale.along * BESIDE_MM * px_per_mm
    a, b = edge[0] - beyond, edge[-1] + beyond
    far = normal * (long + FIGURES_MM * px_per_mm)
    corners = [a + near, b + near, b + far, a + far]
    for other in others:
        way = beyond * np.sign(other.along @ scale.along)
        if np.median((other.near - edge[0]) @ normal) < WIDEST_MM * px_per_mm:
            corners += [other.near[0] - way - near, other.near[-1] + way - near]
    return np.asarray(cv2.convexHull(np.array(corners, np.float32))[:, 0], np.float64)
