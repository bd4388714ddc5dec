"""A picture of an imprint, and the plane the imprint lies in.

Coordinates are pixels of the full picture (x right, y down, middles of pixels at whole numbers) and millimetres on the plane.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg  # type: ignore[import-untyped]

from needlewise.errors import InputError
from needlewise.measure.kinds import DAMAGED, OPENS, check_size, opened

Array: TypeAlias = npt.NDArray[np.float64]
Floats: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Bytes: TypeAlias = npt.NDArray[np.uint8]

MOST_PIXELS = 120_000_000  # their grey values and the halves of them are held at once
FLAT_SHARE = 0.004  # a sheet, card or ruler lies this flat at best: our assumption, carried into every length


@dataclass(frozen=True)
class Picture:
    """An encoded picture, decoded again at whatever size a step needs.

    Attributes
    ----------
    data : bytes
    width, height : int
        Of the full picture, in pixels.
    whole : H×W×3 or None
        BGR values of what is no JPEG.
    told_focal_mm : float or None
        Focal length that its file says, for a frame of 36 × 24 mm; that of a JPEG is looked up when it is asked for.
    """

    data: bytes
    width: int
    height: int
    whole: Bytes | None = None
    told_focal_mm: float | None = None

    @cached_property
    def focal_mm(self) -> float | None:
        """Focal length for a frame whose long side is 36 mm, if the camera says it: as for one of the same diagonal."""
        told = self.told_focal_mm
        if self.whole is None:
            from needlewise.measure.exif import shooting_of  # only a ruler asks for it
            from needlewise.measure.jpeg import read_header

            with suppress(ValueError):  # a header that only this reader stumbles over tells nothing
                exif = read_header(self.data).exif
                told = shooting_of(exif).focal35_mm if exif else None
        long = max(self.width, self.height) / math.hypot(self.width, self.height)
        return told / long * 36 / math.hypot(36, 24) if told else None

    @cached_property
    def _levels(self) -> tuple[Bytes, Bytes, Bytes]:
        """Grey values of the full picture, of its half and of its quarter: decoding once costs less than decoding small twice."""
        if self.whole is None:
            full = _jpeg(self.data, "GRAY", {})[..., 0]
        else:
            full = np.asarray(cv2.cvtColor(self.whole, cv2.COLOR_BGR2GRAY), np.uint8)
        return full, (half := _halved(full)), _halved(half)

    def grey(self, scale: float, box: Array | None = None) -> tuple[Bytes, Array]:
        """Return H×W grey values at `scale` (up to 1) of the full size, and the pixel (x, y; so scaled) they begin at.

        `box` (N×2 pixels of the full picture) is what they hold at least; all of the picture without.
        """
        level = 2 if scale <= 0.25 else 1 if scale <= 0.5 else 0
        image, step = self._levels[level], 2**level
        low = np.zeros(2)
        if box is not None:
            low = np.clip(np.floor(box.min(0) / step), 0, None)
            high = np.ceil(box.max(0) / step) + 1
            image = image[int(low[1]) : int(high[1]), int(low[0]) : int(high[0])]
        if scale * step < 1:
            image = np.asarray(cv2.resize(image, None, fx=scale * step, fy=scale * step), np.uint8)
        return image, low * step * scale

    def colour(self, side: int) -> tuple[Bytes, float]:
        """Return H×W×3 BGR values whose long side is about `side`, and the scale."""
        share = min(1.0, side / max(self.width, self.height))
        if self.whole is None:
            least = {"min_height": math.floor(self.height * share), "min_width": math.floor(self.width * share)}
            image = _jpeg(self.data, "BGR", least)
        else:
            image = self.whole
        if image.shape[1] > 1.3 * share * self.width:
            size = (round(self.width * share), round(self.height * share))
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        return image, image.shape[1] / self.width


@dataclass(frozen=True)
class Plane:
    """How the picture maps to the plane.

    Attributes
    ----------
    to_mm : 3×3
        Homography, full-size pixels to millimetres.
    px_per_mm : float
        In the middle of the picture.
    inside : M×2 or None
        Only marks within this polygon (pixels) count.
    outside : M×2 or None
        Marks within this polygon are the card's or ruler's own.
    error_shares : two floats
        Relative standard errors of lengths along x and y, from how well the sides or ticks were found.
    ruler : bool
        A ruler, along x, told the scale.
    """

    to_mm: npt.NDArray[np.float64]
    px_per_mm: float
    inside: Floats | None
    outside: Floats | None
    error_shares: tuple[float, float]
    ruler: bool = False

    def error_share(self, way: Array) -> float:
        """Return the relative standard error of a length along the unit vector `way`."""
        return math.hypot(*(way * self.error_shares))

    def mm(self, points: Floats) -> npt.NDArray[np.float64]:
        """Return N×2 millimetres of N×2 pixels."""
        return apply(self.to_mm, points)

    def px(self, points: Floats) -> npt.NDArray[np.float64]:
        """Return N×2 pixels of N×2 millimetres."""
        return apply(np.asarray(np.linalg.inv(self.to_mm), np.float64), points)


def _halved(image: Bytes) -> Bytes:
    even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]  # whole pairs are many times quicker
    return np.asarray(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def apply(homography: npt.NDArray[np.float64], points: Floats) -> npt.NDArray[np.float64]:
    """Return `points` (N×2) under `homography`."""
    if not len(points):
        return np.empty((0, 2))
    return np.asarray(cv2.perspectiveTransform(np.asarray(points, np.float64)[None], homography)[0], np.float64)


def open_picture(path: Path) -> Picture:
    """Read the file.

    Raises
    ------
    InputError
        It is missing, damaged, too large or no picture.
    """
    name = str(path)
    with opened(path) as (file, kind):
        data = file.read()
    if kind == "JPEG":
        try:
            height, width, _, _ = simplejpeg.decode_jpeg_header(data)
        except ValueError:
            raise InputError("photo", name, OPENS, DAMAGED) from None
        check_size(name, width, height, MOST_PIXELS)
        return Picture(data, width, height)
    from needlewise.measure.decode import decode  # a JPEG, as nearly all are, does without

    raw = decode(data, name, kind, None)
    pixels = raw.pixels if raw.pixels.dtype == np.uint8 else (raw.pixels >> 8).astype(np.uint8)
    whole = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR if pixels.ndim == 2 else cv2.COLOR_RGB2BGR)
    height, width = pixels.shape[:2]
    return Picture(data, width, height, np.asarray(whole, np.uint8), raw.shooting.focal35_mm)


def _jpeg(data: bytes, colours: str, least: dict[str, int]) -> Bytes:
    try:
        return np.asarray(simplejpeg.decode_jpeg(data, colorspace=colours, fastdct=True, **least), np.uint8)
    except ValueError:
        raise InputError("photo", "", OPENS, DAMAGED) from None
