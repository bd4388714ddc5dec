"""The plane a portrait is drawn in, and the shape of a face on it.

Lengths are centimetres on the drawn person: x to the right of the picture (their own left), y up from between the eyes, z to the
camera. Edges and paint live on the full canvas; what is smooth (relief, light, blushes) on one half as wide, for a quarter
of the cost.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Outline: TypeAlias = tuple[tuple[float, float], ...]

PX_PER_CM = 46.0
SHAPE = (1680, 1280)  # px, larger than a photo so that the head may move
MIDDLE = (640.0, 800.0)  # px, where x = y = 0
COARSE = 2
_FRACTION = 4  # binary digits of a pixel that outlines are drawn with

# (height, x, y, wide, high) of hills and hollows, on both sides where x is not 0
HILLS = (
    (0.75, 1.35, -1.30, 0.42, 0.45),  # sides of the nose
    (-0.90, 3.00, 2.70, 1.45, 0.90),  # sockets
    (0.60, 3.20, 2.60, 1.10, 0.80),  # eyeballs
    (0.28, 3.00, 4.80, 1.90, 0.60),  # brows
    (0.40, 4.90, 0.10, 1.60, 1.30),  # cheekbones
    (0.35, 3.50, -2.40, 1.40, 1.30),  # cheeks
    (0.55, 0.00, -3.90, 1.50, 0.55),  # lips
    (0.50, 0.00, -4.85, 1.20, 0.40),
    (-0.25, 0.00, -5.90, 1.40, 0.45),
    (0.60, 0.00, -8.00, 1.50, 1.10),  # chin
    (-0.10, 0.00, -2.80, 0.28, 0.50),
    (0.20, 2.60, 6.80, 2.20, 1.10),
)
HALF_WIDTH = ((-10.5, -9.4, -8.0, -6.2, -4.0, 0.5, 5.0, 8.5), (3.6, 5.2, 6.4, 7.2, 7.8, 8.2, 8.0, 7.6))  # at each y
NOSE = ((-2.5, -2.05, -1.6, -1.0, -0.4, 3.4, 4.8), (0.1, 0.5, 1.5, 2.0, 1.85, 0.5, 0.0))  # height of its ridge at each y
NOSE_WIDE = ((-2.0, -1.0, 0.5, 3.4), (1.0, 1.05, 0.95, 0.95))


@cache
def plane(step: int = 1) -> tuple[Floats, Floats]:
    """Return x as a row and y as a column, of every `step`-th pixel."""
    x = (np.arange(0, SHAPE[1], step, dtype=np.float32) + (step - 1) / 2 - MIDDLE[0]) / PX_PER_CM
    y = (MIDDLE[1] - np.arange(0, SHAPE[0], step, dtype=np.float32) - (step - 1) / 2) / PX_PER_CM
    return x[None, :].astype(np.float32), y[:, None].astype(np.float32)


def fine(field: Floats) -> Floats:
    """Return a coarse field on the full canvas."""
    return np.asarray(cv2.resize(field, SHAPE[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def coarse(field: Floats) -> Floats:
    """Return a field of the full canvas on the coarse grid."""
    size = (SHAPE[1] // COARSE, SHAPE[0] // COARSE)
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)


def whole(half: Outline) -> Outline:
    """Close an outline that was given from the midline at the top round one side to the midline below."""
    return half + tuple((-x, y) for x, y in reversed(half))


def filled(outline: Outline, soft: float = 0.0, both: bool = False) -> Floats:
    """Return 1 inside an outline with rounded corners, 0 outside, blurred by `soft` cm; `both`: on the other side too."""
    canvas = np.zeros(SHAPE, np.uint8)
    for sign in (1, -1) if both else (1,):
        at = _pixels(outline, sign)
        for _ in range(3):  # corners are cut at a quarter of their sides (Chaikin 1974)
            ahead = np.roll(at, -1, axis=0)
            at = np.stack([0.75 * at + 0.25 * ahead, 0.25 * at + 0.75 * ahead], axis=1).reshape(-1, 2)
        cv2.fillPoly(canvas, [np.rint(at * 2**_FRACTION).astype(np.int32)], [255], cv2.LINE_AA, _FRACTION)
    return _soft(canvas, soft)


def line(points: Outline, width: float, soft: float = 0.0, both: bool = False) -> Floats:
    """Return 1 on a smooth line through about the given points, 0 elsewhere; width and blur in cm."""
    canvas = np.zeros(SHAPE, np.uint8)
    for sign in (1, -1) if both else (1,):
        at = _pixels(points, sign)
        for _ in range(3):  # as above, keeping the ends
            cut = np.stack([0.75 * at[:-1] + 0.25 * at[1:], 0.25 * at[:-1] + 0.75 * at[1:]], axis=1).reshape(-1, 2)
            at = np.concatenate([at[:1], cut, at[-1:]])
        pixels = [np.rint(at * 2**_FRACTION).astype(np.int32)]
        cv2.polylines(canvas, pixels, False, 255, max(1, round(width * PX_PER_CM)), cv2.LINE_AA, _FRACTION)
    return _soft(canvas, soft)


def disc(x: float, y: float, radius: float, both: bool = False) -> Floats:
    """Return 1 on a disc, 0 outside."""
    canvas = np.zeros(SHAPE, np.uint8)
    for sign in (1, -1) if both else (1,):
        ((across, down),) = np.rint(_pixels(((x, y),), sign) * 2**_FRACTION).astype(int)
        cv2.circle(canvas, (across, down), round(radius * PX_PER_CM * 2**_FRACTION), 255, -1, cv2.LINE_AA, _FRACTION)
    return _soft(canvas, 0.0)


def hill(x: float, y: float, wide: float, high: float) -> Floats:
    """Return a Gaussian of height 1 on the coarse grid, on both sides where x is not 0."""
    across, up = plane(COARSE)
    row = sum(np.exp(-0.5 * ((across - side * x) / wide) ** 2) for side in ((1, -1) if x else (1,)))
    return np.asarray(row * np.exp(-0.5 * ((up - y) / high) ** 2), np.float32)


def noise(rng: np.random.Generator, size: float) -> Floats:
    """Return smooth noise of mean 0 and standard deviation 1 on the full canvas, in blots of about `size` cm."""
    step = max(1.0, size * PX_PER_CM / 2)
    drawn = rng.standard_normal((round(SHAPE[0] / step) + 3, round(SHAPE[1] / step) + 3), np.float32)
    out = fine(np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.8), np.float32))
    return np.asarray((out - out.mean()) / out.std(), np.float32)


def relief() -> Floats:
    """Return z in cm on the coarse grid: a rounded oval, then what stands out of it and what is hollow."""
    across, up = plane(COARSE)
    z = 5.0 - 6.5 * np.minimum(np.abs(across) / _profile(HALF_WIDTH, 0.8), 1.3) ** 3 - 1.1 * (up / 9) ** 4
    z = z + _profile(NOSE, 0.2) * np.exp(-0.5 * (across / _profile(NOSE_WIDE, 0.3)) ** 2)
    for height, *place in HILLS:
        z = z + height * hill(*place)
    return np.asarray(z, np.float32)


def normals(z: Floats) -> Floats:
    """Return unit normals (right, up, to the camera) of a coarse relief."""
    scale = PX_PER_CM / COARSE / 8
    right = cv2.Sobel(z, cv2.CV_32F, 1, 0, ksize=3, scale=scale)
    down = cv2.Sobel(z, cv2.CV_32F, 0, 1, ksize=3, scale=scale)
    out = np.stack([-right, down, np.ones_like(z)], axis=-1)
    return np.asarray(out / np.linalg.norm(out, axis=-1, keepdims=True), np.float32)


def _profile(table: tuple[tuple[float, ...], tuple[float, ...]], soft: float) -> Floats:
    """Interpolate a value at each y of the coarse grid, rounding the corners over `soft` cm."""
    column = np.interp(plane(COARSE)[1], *table).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(column, (1, 0), 0.1, sigmaY=soft * PX_PER_CM / COARSE), np.float32).reshape(-1, 1)


def _pixels(points: Outline, sign: int) -> NDArray[np.float64]:
    at = np.array(points, np.float64)
    return np.column_stack([MIDDLE[0] + sign * at[:, 0] * PX_PER_CM, MIDDLE[1] - at[:, 1] * PX_PER_CM])


def _soft(canvas: NDArray[np.uint8], soft: float) -> Floats:
    out = canvas.astype(np.float32) / np.float32(255)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), soft * PX_PER_CM), np.float32) if soft else out
