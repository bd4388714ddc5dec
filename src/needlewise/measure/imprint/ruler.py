"""The plane an imprint lies in, from a ruler beside it: which scale it is, and where the ruler's own marks are."""

from __future__ import annotations

import math

import cv2
import numpy as np

from needlewise.errors import InputError
from needlewise.measure.imprint.page import FLAT_SHARE, Array, Bytes, Picture, Plane, apply
from needlewise.measure.imprint.scale import ALIKE, LEAST_TICKS, Scale, body_side, find_scales, tick_points, usual_steps
from needlewise.measure.imprint.upright import set_upright
from needlewise.said import say

SEARCH_SIDES = (2016, 3000)  # pixels of the long side in which ticks are looked for; the second if not seen in the first
FINE_SIDE = 4500  # pixels of the long side: a larger picture's half is fine enough to say where ticks are
WHOLE_MM = 2.0  # a figure up to this is the distance of neighbouring ticks, a larger one the length of the whole scale
NEAR_STEP = 0.03  # counting may have missed a tick or two: a step so near a usual one is taken as that
TOO_FEW = say("fewer than {least} ticks in a row were found", least=LEAST_TICKS)
UNTOLD = say("the lengths of those found do not tell how far apart they are")
CONTRADICTED = say("those found are not so far apart, by how their lengths change")
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
    share, bright, step, scale, others, side = _scale(picture, ruler_mm)
    fine = 1.0 if max(picture.width, picture.height) <= FINE_SIDE else 0.5
    grey = _grey(picture, fine, bright)
    near, deep, of = tick_points(grey, scale.scaled(fine / share))
    if len(of) < LEAST_TICKS:
        raise _refused(ruler_mm, TOO_FEW)
    near, deep = ((x + 0.5) / fine - 0.5 for x in (near, deep))
    mm = np.asarray(scale.number * step)
    upright = set_upright(near, deep, of, mm, (picture.width, picture.height), picture.focal_mm)
    polygon = (_body(scale, step, others, side) + 0.5) / share - 0.5
    middle = np.array([picture.width, picture.height]) / 2
    p, q, r = apply(upright.to_mm, np.array([middle, middle + (1, 0), middle + (0, 1)]))
    px_per_mm = 1 / math.sqrt(abs(float(np.linalg.det(np.array([q - p, r - p])))))
    errors = math.hypot(upright.along, FLAT_SHARE), math.hypot(upright.across, FLAT_SHARE)
    return Plane(upright.to_mm, px_per_mm, None, polygon, errors, True)


def _grey(picture: Picture, share: float, bright: bool) -> Bytes:
    """Return the picture, dark for bright if the ticks are `bright`."""
    grey, _ = picture.grey(share)
    return np.asarray(cv2.bitwise_not(grey), np.uint8) if bright else grey


def _scale(picture: Picture, ruler_mm: float) -> tuple[float, bool, float, Scale, list[Scale], int]:
    """Return the size it was found at, as a share, whether ticks are bright, their step in mm, the scale, others, and its side.

    The side is 1 where the ruler lies beyond the ticks' tips, -1 where before their feet: without longer ticks feet may be tips.
    """
    why = TOO_FEW
    for most in SEARCH_SIDES:
        share = min(1.0, most / max(picture.width, picture.height))
        for bright in (False, True):
            grey = _grey(picture, share, bright)
            scales = find_scales(grey)
            usual = [usual_steps(grey, scale) for scale in scales]
            steps = [_step(scale, mm, ruler_mm) for scale, mm in zip(scales, usual, strict=True)]
            for k in sorted(range(len(scales)), key=lambda k: usual[k] == ALIKE):  # longer ticks tell more than the word alone
                if steps[k]:
                    side = body_side(grey, scales[k], scales[k].gap / steps[k]) if usual[k] == ALIKE else 1
                    return share, bright, steps[k], scales[k], scales[:k] + scales[k + 1 :], side
            if scales and why is not CONTRADICTED:
                why = CONTRADICTED if any(usual) else UNTOLD
        if share == 1:
            break
    raise _refused(ruler_mm, why)


def _refused(ruler_mm: float, why: str) -> InputError:
    kind = "a tick each {mm:g} mm" if ruler_mm <= WHOLE_MM else "{mm:g} mm from first to last tick"
    return InputError("scale", kind.format(mm=ruler_mm), "a ruler with such ticks, which show clearly beside the imprint",
                      say("{why}; lay it flat, beside the holes, in the same light", why=why))  # fmt: skip


def _step(scale: Scale, usual: tuple[float, ...], told_mm: float) -> float:
    """Return the distance of neighbouring ticks in mm, as told and among the `usual` ones; 0 where these do not agree."""
    step = told_mm if told_mm <= WHOLE_MM else told_mm / int(scale.number[-1] - scale.number[0])
    return next((mm for mm in usual if abs(step / mm - 1) < NEAR_STEP), 0.0)


def _body(scale: Scale, step: float, others: list[Scale], side: int) -> Array:
    """Return the outline (M×2, convex) of all the ruler bears: ticks, figures, and the ticks of `others` along its other edge."""
    line, px_per_mm = scale.line, scale.gap / step
    near, beyond = -line.across * BEFORE_MM * px_per_mm, line.along * BESIDE_MM * px_per_mm
    near *= FIGURES_MM / BEFORE_MM if side < 0 else 1
    far = line.across * (scale.long + (FIGURES_MM if side > 0 else BEFORE_MM) * px_per_mm)
    edge = line.at(scale.place[[0, -1]], np.zeros(1))[0]
    a, b = edge[0] - beyond, edge[1] + beyond
    corners = [a + near, b + near, b + far, a + far]
    for other in others:
        ends = other.line.at(other.place[[0, -1]], np.zeros(1))[0]
        way = beyond * np.sign(other.line.along @ line.along)
        if abs(((ends - edge[0]) @ line.across).mean()) < WIDEST_MM * px_per_mm:
            corners += [ends[0] - way - near, ends[1] + way - near]
    return np.asarray(cv2.convexHull(np.array(corners, np.float32))[:, 0], np.float64)
