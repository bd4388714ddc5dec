"""A region that a person draws once on a photo: off the face, and where no face can be found.

Places are shares of the upright photo's width and height, from its top left corner, so that they hold at any size of the picture.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError

Mask = NDArray[np.bool_]
Point = tuple[float, float]

POINTS = (3, 200)  # fewest and most corners
LEAST_SHARE = 0.0004  # of the picture: 2 % of its width and height
MOST_BYTES = 100_000
SHAPE = 'corners as "x,y x,y x,y", shares of the photo\'s width and height from its top left corner'


@dataclass(frozen=True)
class Known:
    """Two places on the photo whose distance is known, such as the ends of a card or two ticks of a ruler; mm."""

    one: Point
    other: Point
    mm: float

    def px_per_mm(self, shape: tuple[int, int]) -> float:
        """Pixels of one millimetre in a photo of height and width `shape`."""
        height, width = shape
        return math.hypot((self.other[0] - self.one[0]) * width, (self.other[1] - self.one[1]) * height) / self.mm


@dataclass(frozen=True)
class Drawing:
    """What a person drew on the first photo: the region, untreated skin to read it against, and a known length."""

    region: tuple[Point, ...]
    control: tuple[Point, ...] = ()
    known: Known | None = None


def outline(points: tuple[Point, ...], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return corners in px of a photo of height and width `shape`, Nx2."""
    return np.array(points, np.float32) * np.array([shape[1], shape[0]], np.float32) - np.float32(0.5)


def filled(points: tuple[Point, ...], shape: tuple[int, int]) -> Mask:
    """Return True inside the corners, HxW."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(outline(points, shape) * 16).astype(np.int32)], [1], shift=4)
    return canvas.astype(bool)


def read_drawing(region: str, control: str = "", known: str = "") -> Drawing:
    """Read a drawing as the command line gives it.

    Parameters
    ----------
    region : str
        Corners, or the name of a JSON file with the keys region, and if wanted control and known.
    control : str
        Corners of untreated skin.
    known : str
        Two places and their distance in millimetres: "x,y x,y 85.6".

    Raises
    ------
    InputError
        Not a shape: fewer than three corners, outside the picture, too small, or crossing itself.
    """
    doc: dict[str, Any] = {"region": region}
    if region.lower().endswith(".json"):
        doc = _file(region)
    shapes = {
        "region": _corners("region", doc["region"]),
        "control": _corners("control", control or doc.get("control", "")),
    }
    if not shapes["region"]:
        raise InputError("region", region, SHAPE)
    return Drawing(shapes["region"], shapes["control"], _known(known or doc.get("known", "")))


def _file(name: str) -> dict[str, Any]:
    path = Path(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError("region", name, f"a file of at most {MOST_BYTES // 1000} kB")
        doc = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("region", name, 'a JSON file such as {"region": "0.2,0.3 0.6,0.3 0.4,0.7"}') from error
    allowed = ("region", "control", "known")
    if not isinstance(doc, dict) or "region" not in doc or not set(doc) <= set(allowed):
        raise InputError("region", name, f"a JSON object with the keys {', '.join(allowed)}; region must be there")
    return doc


def _numbers(field: str, value: object) -> list[float]:
    """Return the numbers of "0.1,0.2 0.3,0.4" or of nested lists."""
    if isinstance(value, str):
        parts: list[Any] = [part for part in re.split(r"[,;\s]+", value) if part]
    elif isinstance(value, list):
        parts = [one for part in value for one in (part if isinstance(part, list) else [part])]
    else:
        parts = [value]
    try:
        found = [float(part) for part in parts]
    except (TypeError, ValueError):
        raise InputError(field, _short(value), SHAPE) from None
    if not all(math.isfinite(one) for one in found):
        raise InputError(field, _short(value), SHAPE)
    return found


def _corners(field: str, value: object) -> tuple[Point, ...]:
    numbers = _numbers(field, value) if value not in ("", None) else []
    if not numbers:
        return ()
    if len(numbers) % 2 or not POINTS[0] <= len(numbers) // 2 <= POINTS[1]:
        raise InputError(field, _short(value), f"{SHAPE}; {POINTS[0]} to {POINTS[1]} corners")
    points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if not all(0 <= share <= 1 for share in numbers):
        raise InputError(field, _short(value), SHAPE, "each between 0 and 1")
    if _crosses(points):
        raise InputError(
            field, _short(value), "an outline that does not cross itself", "give the corners in order, all the way round"
        )
    if cv2.contourArea(np.array(points, np.float32)) < LEAST_SHARE:
        raise InputError(field, _short(value), "a shape of at least 2 % of the photo's width and height", "draw it larger")
    return points


def _known(value: object) -> Known | None:
    if value in ("", None):
        return None
    numbers = _numbers("known length", value)
    allowed = 'two places and their distance in mm: "x,y x,y 85.6" (85.6 is the long edge of a bank card)'
    if len(numbers) != 5 or not all(0 <= share <= 1 for share in numbers[:4]) or not 1 <= numbers[4] <= 2000:
        raise InputError("known length", _short(value), allowed)
    one, other = (numbers[0], numbers[1]), (numbers[2], numbers[3])
    if math.dist(one, other) < 0.02:
        raise InputError("known length", _short(value), allowed, "the two places are too near to each other to be read well")
    return Known(one, other, numbers[4])


def _crosses(points: tuple[Point, ...]) -> bool:
    def side(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    edges = list(zip(points, points[1:] + points[:1], strict=True))
    for i, (a, b) in enumerate(edges):
        for c, d in edges[i + 2 : len(edges) - (i == 0)]:
            if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
                return True
    return False


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
