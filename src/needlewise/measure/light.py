"""Where the light on a face comes from and how soft it is, told from the picture alone.

Method. The face is brought into one frame by its eye and mouth corners, encoded with exponent 1/2.2 and averaged over 12 x 14
cells. The logarithm of the cells, less its own mean, is the shading pattern: exposure drops out. A linear map (ridge regression,
fitted by benchmarks/fit_light.py on people photographed under 64 known lights and on soft lights summed from them, see
data/light.json) takes the pattern to the light vector: the mean of the unit vectors towards the light, weighted by how much
light comes from there. Its direction is the light's; its length is 1 for a bare bulb, less the wider the source and the more
light comes from all round (to a factor the vector/scalar ratio of Cuttle 1971, Lighting Research & Technology 3:171), so softness
is 1 - length.

Limits. Fitted on studio flashes; a beard, fringe, glasses or a turned head shift the answer by several degrees. The tone curve a
phone applies scales the pattern and with it the angle. Good for telling two photos of one person apart, not as a light meter.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.face import Face

FRAME = (168, 192)  # px, width and height of the frame that faces are brought into
CELLS = (12, 14)  # across and down
ENCODE = 1 / 2.2  # sRGB's curve to a few per cent: what the pattern was fitted on
FLOOR = 0.15  # of the bright cells, added before the logarithm so that deep shadow does not rule the pattern
BRIGHT = 0.9  # quantile of the cells that stands for fully lit skin
CORNERS = (33, 263, 61, 291)  # mesh points: outer eye corners and mouth corners, the person's right first
LEAST_SEEN = 0.5  # share of a cell, and of all cells, that must be in the picture and in the mask

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Light:
    """The light on a face.

    Parameters
    ----------
    angle_deg : float
        Between the direction to the light and the direction the face looks (0 straight ahead, 90 from the side).
    azimuth_deg, elevation_deg : float
        The same direction: towards the person's own left, and upwards, are positive.
    softness : float
        0 for a bare bulb or the sun, 1 for light from all sides alike.
    level : float
        Median luminance of the face in 0..1, linear.
    """

    angle_deg: float
    azimuth_deg: float
    elevation_deg: float
    softness: float
    level: float

    @property
    def direction(self) -> tuple[float, float, float]:
        """Unit vector to the light: to the person's own left, up, ahead of the face."""
        azimuth, elevation = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        return (
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
            math.cos(elevation) * math.cos(azimuth),
        )


@dataclass(frozen=True, eq=False)
class LightTable:
    """The fitted map from shading pattern to light vector.

    Parameters
    ----------
    pattern : float, 168
        Mean shading pattern of the fit; stands in for cells that are not seen.
    vector : float, 3
        Mean light vector of the fit (left, up, ahead).
    weights : float, 168x3
        Light vector per unit of pattern above its mean.
    corners : float, 4x2
        Where `CORNERS` lie in the frame, px.
    """

    pattern: NDArray[np.float64]
    vector: NDArray[np.float64]
    weights: NDArray[np.float64]
    corners: NDArray[np.float64]

    def light(self, pattern: NDArray[np.float64], level: float) -> Light:
        """Return the light that a shading pattern (NaN where not seen) was made by."""
        seen = np.isfinite(pattern)
        beyond = np.where(seen, pattern - self.pattern, 0.0)
        beyond[seen] -= beyond[seen].mean()
        vector = self.vector + beyond @ self.weights
        length = max(float(np.linalg.norm(vector)), 1e-6)
        left, up, ahead = (float(part) / length for part in vector)
        return Light(
            math.degrees(math.acos(min(1.0, max(-1.0, ahead)))),
            math.degrees(math.atan2(left, ahead)),
            math.degrees(math.asin(min(1.0, max(-1.0, up)))),
            min(1.0, max(0.0, 1.0 - length)),
            level,
        )


@cache
def light_table() -> LightTable:
    """Return the map that is shipped."""
    text = resources.files("needlewise.measure").joinpath("data", "light.json").read_text(encoding="utf-8")
    parts: dict[str, Any] = json.loads(text)
    return LightTable(*(np.array(parts[name], np.float64) for name in ("pattern", "vector", "weights", "corners")))


def light_of(luminance: Image, mask: Mask | None = None, face: Face | None = None) -> Light:
    """Tell the light on a face from one picture.

    Parameters
    ----------
    luminance : float32, HxW
        Linear luminance in 0..1.
    mask : bool, HxW, or None
        False where the picture shows something else than the face (hand, hair, drape). Shadows must stay in: they tell the light.
    face : Face or None
        Brings the face into the frame. None: the picture is a face cut out tightly, and is stretched to fill the frame.

    Raises
    ------
    InputError
        Less than half of the face is in the picture, or the picture is black.
    """
    framed, seen = _framed(luminance, mask, face)
    level = float(np.median(framed[seen])) if seen.any() else 0.0
    return light_table().light(shading_pattern(framed, seen), level)


def light_change(before: Light, after: Light) -> float:
    """Degrees between the directions of two lights."""
    cosine = sum(a * b for a, b in zip(before.direction, after.direction, strict=True))
    return math.degrees(math.acos(min(1.0, max(-1.0, cosine))))


def shading_pattern(framed: Image, seen: Mask) -> NDArray[np.float64]:
    """Logarithm of the encoded cells of a face in the frame, less its mean; NaN for cells that are not seen.

    Parameters
    ----------
    framed : float32, 192x168
        Linear luminance.
    seen : bool, 192x168
        Where it may be used.
    """
    encoded = np.maximum(framed, 0) ** np.float32(ENCODE)
    share = cv2.resize(seen.astype(np.float32), CELLS, interpolation=cv2.INTER_AREA)
    total = cv2.resize(np.where(seen, encoded, np.float32(0)), CELLS, interpolation=cv2.INTER_AREA)
    used = share >= LEAST_SEEN
    if used.mean() < LEAST_SEEN or not total[used].any():
        seen_share = f"{used.mean():.0%} of the face seen"
        raise InputError("photo", seen_share, "half of the face, lit", "show the whole face in even light")
    cells = np.where(used, total / np.maximum(share, np.float32(1e-6)), np.nan).astype(np.float64).ravel()
    logs = np.log(cells / np.nanquantile(cells, BRIGHT) + FLOOR)
    return np.asarray(logs - np.nanmean(logs))


def _framed(luminance: Image, mask: Mask | None, face: Face | None) -> tuple[Image, Mask]:
    """Bring the face into the frame; also say where the frame lies inside the picture and the mask."""
    inside = np.ones(luminance.shape, np.uint8) if mask is None else mask.astype(np.uint8)
    if face is None:
        framed = np.asarray(cv2.resize(luminance, FRAME, interpolation=cv2.INTER_AREA), np.float32)
        return framed, np.asarray(cv2.resize(inside, FRAME, interpolation=cv2.INTER_NEAREST)) > 0
    found = face.points[list(CORNERS)].astype(np.float64)
    move, _ = cv2.estimateAffinePartial2D(found, light_table().corners)
    framed = np.asarray(cv2.warpAffine(luminance, move, FRAME, flags=cv2.INTER_LINEAR), np.float32)
    return framed, np.asarray(cv2.warpAffine(inside, move, FRAME, flags=cv2.INTER_NEAREST)) > 0
