"""Where on a face people have wrinkle lines: a small map that helps to tell a line from a pore, a hair or a fold of form.

The map (data/places.json, fitted by benchmarks/fit_places.py) says how many times likelier than on average a marked line is at
each place of the average face, raised to `STRENGTH` and held between `LEAST` and `MOST`; left and right are pooled. It comes from
marks by one person on 75 faces, so it knows what that person marked, and nothing about anyone's skin.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.measure.face import Face
from needlewise.measure.networks import canonical

Image = NDArray[np.float32]

SIDE = 48  # px of the map
PER_EYES = 18.0  # px of the map between the outer eye corners
STRENGTH, LEAST, MOST = 0.4, 0.2, 2.5
RIGHT_EYE, LEFT_EYE = 33, 263
POINTS = 468  # the mesh without its irises


@cache
def place_table() -> Image:
    """Return the map that is shipped, `SIDE` x `SIDE`."""
    text = resources.files("needlewise.measure").joinpath("data", "places.json").read_text(encoding="utf-8")
    return np.array(json.loads(text)["weights"], np.float32)


def line_places(face: Face, shape: tuple[int, int], table: Image | None = None) -> Image:
    """Return, for each pixel of a photo of `shape`, how far a line is to be expected there (1 is average), HxW.

    `table` is the shipped map unless a fit puts its own in.
    """
    weights = place_table() if table is None else table
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (shape[1], shape[0])
    spread = cv2.warpAffine(weights, to_map(face), size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(spread, np.float32)


def to_map(face: Face) -> NDArray[np.float64]:
    """Return the 2x3 affine map from the photo to the map: least squares over the mesh."""
    flat = canonical().points[:POINTS, :2] * np.array([1.0, -1.0])
    scale = PER_EYES / float(np.linalg.norm(flat[LEFT_EYE] - flat[RIGHT_EYE]))
    target = (flat - flat.mean(axis=0)) * scale + (SIDE - 1) / 2
    source = np.column_stack([face.points[:POINTS].astype(np.float64), np.ones(POINTS)])
    return np.ascontiguousarray(np.linalg.lstsq(source, target, rcond=None)[0].T)
