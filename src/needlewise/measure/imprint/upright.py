"""A plane set upright from equally spaced, parallel ticks in a row.

Neighbouring ticks are equally far apart, so their places along the ruler give one vanishing point; ticks are parallel, so their
lines give the other. Both together are the plane's horizon, from which a camera's picture is set upright (Hartley and Zisserman,
Multiple View Geometry, 2nd edition, 8.6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needlewise.measure.imprint.page import Array, apply

Numbers = npt.NDArray[np.intp]

FOCALS_MM = np.geomspace(14.0, 130.0, 60)  # of phones and cameras, mm of a 36 mm wide frame
FOCAL_MM, FOCAL_SPREAD = 27.0, 0.3  # a phone's main camera, and the standard deviation of the logarithm: our assumption
TOLD_SPREAD = 0.06  # where the camera says it: our assumption
TRIM, LEAST_TRIM = 3.0, 1e-5  # standard deviations, and at least so much, within which a value is no outlier
UPRIGHT = 0.003  # ticks are square to the ruler to so much, lens and print together: our assumption


@dataclass(frozen=True)
class Upright:
    """The homography from pixels to millimetres, and relative standard errors of lengths along the ruler and across it."""

    to_mm: Array
    along: float
    across: float


def set_upright(
    near: Array, deep: Array, of: Numbers, mm: Array, size: tuple[int, int], focal_mm: float | None = None
) -> Upright:
    """Return the plane of ticks.

    Parameters
    ----------
    near : T×2 pixels
        Where ticks cross a line.
    deep : P×2 pixels
        Where they cross others, which are parallel to it in the picture.
    of : P
        Which of the T ticks that is.
    mm : T
        Their places along the ruler.
    size : width and height
        Of the picture; its middle lies on the camera's axis, and errors are those of lengths there.
    focal_mm : float or None
        Focal length the camera says, for a frame whose long side is 36 mm.
    """
    unit, centre = max(size), np.array(size) / 2
    near, deep, mm = (near - centre) / unit, (deep - centre) / unit, mm - mm.mean()
    middle = near.mean(0)
    along = (near[-1] - near[0]) / np.linalg.norm(near[-1] - near[0])
    across = np.array([-along[1], along[0]])
    t, s, depth = (near - middle) @ along, (deep - middle) @ along, (deep - middle) @ across
    (a, b, c), _ = _row(mm, t)
    # lines through one point carry the places on a line to one parallel to it by a similarity
    at = ((a * mm + b) / (c * mm + 1))[of]
    (swell, shift), (swell_error, _) = fit(np.c_[depth * at, depth], s - at)
    back = (s - shift * depth) / (1 + swell * depth)
    (a, _, c), (_, _, c_error) = _row(np.r_[mm, mm[of]], np.r_[t, back])

    def ends(c: float, swell: float) -> tuple[Array, Array]:
        """Return the vanishing points: of the ruler, mm → ∞; and where the ticks meet."""
        return np.append(middle * c + along * a, c), np.append(swell * middle - across - shift * along, swell)

    first, second = ends(c, swell)
    moved = ends(c + c_error, swell), ends(c, swell + swell_error)
    cosine = _cosine(first, second)
    slack = np.sqrt(UPRIGHT**2 + sum((_cosine(*pair) - cosine) ** 2 for pair in moved))
    usual, spread = FOCAL_MM, FOCAL_SPREAD
    if focal_mm is not None and FOCALS_MM[0] <= focal_mm <= FOCALS_MM[-1]:
        usual, spread = focal_mm, TOLD_SPREAD
    cost = (cosine / slack) ** 2 + (np.log(FOCALS_MM / usual) / spread) ** 2
    weight = np.exp(-0.5 * (cost - cost.min()))
    likely = weight > 0.01
    weight, focals = weight[likely] / weight[likely].sum(), FOCALS_MM[likely]
    focal = math.exp(float(weight @ np.log(focals)))
    plane = _plane(first, second, focal, near, mm)
    frame = np.array([along, across])
    length = _lengths(plane, frame)
    lens = np.array([_lengths(_plane(first, second, f, near, mm), frame) for f in focals])
    doubt = (weight[:, None] * np.log(lens / length) ** 2).sum(0)
    for pair in moved:
        doubt += np.log(_lengths(_plane(*pair, focal, near, mm), frame) / length) ** 2
    shift_px = np.array([(1 / unit, 0, -centre[0] / unit), (0, 1 / unit, -centre[1] / unit), (0, 0, 1)])
    return Upright(plane @ shift_px, *np.sqrt(doubt).tolist())


def fit(design: Array, target: Array) -> tuple[Array, Array]:
    """Return coefficients and their standard errors, by least squares without outliers."""
    keep = np.ones(len(target), bool)
    for _ in range(5):
        found = np.linalg.lstsq(design[keep], target[keep], rcond=None)[0]
        rest = np.abs(target - design @ found)
        keep = rest <= max(LEAST_TRIM, TRIM * 1.4826 * float(np.median(rest)))
    x, left = design[keep], target[keep] - design[keep] @ found
    variance = float(left @ left) / max(1, len(x) - design.shape[1])
    return np.asarray(found), np.asarray(np.sqrt(variance * np.diag(np.linalg.pinv(x.T @ x))))


def _row(mm: Array, at: Array) -> tuple[Array, Array]:
    """Return a, b, c of at = (a·mm + b) / (c·mm + 1), and their standard errors."""
    return fit(np.c_[mm, np.ones(len(mm)), -at * mm], at)


def _cosine(first: Array, second: Array) -> Array:
    """Return the cosine of the angle between both directions, for each of FOCALS_MM: 0 is right."""
    one, two = (np.c_[np.outer(36 / FOCALS_MM, v[:2]), np.full(len(FOCALS_MM), v[2])] for v in (first, second))
    return np.asarray((one * two).sum(1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)))


def _plane(first: Array, second: Array, focal_mm: float, near: Array, mm: Array) -> Array:
    """Return the homography to millimetres from the vanishing points along and across, scaled by the ticks."""
    horizon = np.cross(first, second)
    horizon /= np.linalg.norm(horizon) * (np.sign(horizon[2]) or 1)
    focal = focal_mm / 36
    k_inv = np.diag([1 / focal, 1 / focal, 1.0])
    normal = np.diag([focal, focal, 1.0]) @ horizon  # Kᵀl
    normal /= np.linalg.norm(normal)
    one = k_inv @ first
    one -= normal * (normal @ one)
    one /= np.linalg.norm(one)
    plane = np.array([one, np.cross(normal, one), normal]) @ k_inv
    scale = abs(float(np.polyfit(apply(plane, near)[:, 0], mm, 1)[0]))
    return np.asarray(np.diag([scale, scale, 1.0]) @ plane)


def _lengths(plane: Array, steps: Array, small: float = 1e-3) -> Array:
    """Return the millimetres of small `steps` from the picture's middle."""
    at = apply(plane, np.r_[np.zeros((1, 2)), small * steps])
    return np.asarray(np.linalg.norm(at[1:] - at[0], axis=1))
