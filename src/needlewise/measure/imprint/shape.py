"""The shape of a hole, from many of them laid over each other: a round pin, or the slit of a stamped disc."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from needlewise.measure.imprint.marks import Array, Crop, Marks
from needlewise.measure.imprint.page import Floats, Plane

SLIT_MM = 0.2  # marks this much longer than wide are slits; a pin's drag on paper stays below: our rule
STEP_MM = 0.03
MOST = 120


@dataclass(frozen=True)
class Shape:
    """The mean hole.

    Attributes
    ----------
    longer_mm, error_mm : float
        How much longer it is along the rolling direction than across (negative: across), blur taken out.
    width_mm : float
        Upper limit of its width: blur is still in it.
    word : str
        "slit", "round" or "unclear".
    """

    longer_mm: float
    error_mm: float
    width_mm: float
    word: str


def mean_shape(crop: Crop, plane: Plane, marks: Marks, turn: Array, gap_mm: float) -> Shape:
    """Return the mean shape of `marks` (clear ones of `crop`), whose neighbours are `gap_mm` away.

    Second moments along and across differ by (l² − w²)/12 for a rectangle, whatever the blur, as long as it blurs both alike.
    """
    reach = min(0.6, 0.42 * gap_mm)
    axis = np.arange(-reach, reach + STEP_MM / 2, STEP_MM)
    order = np.argsort(-marks.snr)[: len(marks.snr) * 3 // 4]
    pick = order[:: max(1, len(order) // MOST)]
    begin = (0.5 * crop.share - 0.5 - crop.corner).astype(np.float32)
    px = (_grids(plane, marks.mm[pick], turn, axis) * np.float32(crop.share) + begin).reshape(-1, len(axis), 2)
    flat = cv2.remap(crop.light, px[..., 0], px[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    values = flat.reshape(-1, len(axis), len(axis))
    rim = np.median(np.concatenate([values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1]], axis=1), axis=1)
    stack = marks.sign * (rim[:, None, None] - values)
    groups = [_moments(np.median(stack[k::5], axis=0), axis) for k in range(5)]
    difference = np.array([a - b for a, b in groups])
    vu, vv = _moments(np.median(stack, axis=0), axis)
    longer = _length(vu - vv)
    spread = float(np.std(difference)) / math.sqrt(5)
    error = max(abs(_length(vu - vv + spread) - longer), abs(_length(vu - vv - spread) - longer))
    word = "slit" if abs(longer) > SLIT_MM else "round"
    if abs(abs(longer) - SLIT_MM) < 2 * error:
        word = "unclear"
    return Shape(longer, error, math.sqrt(12 * max(min(vu, vv), 0)), word)


def _grids(plane: Plane, middle: Array, turn: Array, axis: Array) -> Floats:
    """Return the pixels (N×A×A×2) of a grid, `axis` along and across, around each of `middle` (N×2 mm): so near, it is even."""
    at, along, across = np.split(plane.px(np.concatenate([middle, middle + turn[0], middle + turn[1]])).astype(np.float32), 3)
    steps = axis.astype(np.float32)[:, None]
    u, v = (along - at)[:, None] * steps, (across - at)[:, None] * steps
    return np.asarray(at[:, None, None] + u[:, None] + v[:, :, None], np.float32)


def _length(difference: float) -> float:
    return math.copysign(math.sqrt(12 * abs(difference)), difference)


def _moments(patch: Array, axis: Array) -> tuple[float, float]:
    """Return the second moments along and across of what stands out of the patch's rim."""
    weight = np.maximum(patch - 0.12 * patch.max(), 0)
    total = float(weight.sum()) + 1e-12
    along, across = weight.sum(0) / total, weight.sum(1) / total
    mu, mv = float(along @ axis), float(across @ axis)
    return float(along @ (axis - mu) ** 2), float(across @ (axis - mv) ** 2)
