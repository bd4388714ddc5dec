"""A photo as linear light, with what its file says about how it was taken.

Everything later is measured on linear sRGB in 0..1, rows from the top, red green blue; the file's own colour profile decides how
its numbers become that.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.decode import Raw, decode, decode_large
from needlewise.measure.exif import Shooting
from needlewise.measure.kinds import opened
from needlewise.measure.profile import LEVELS, SRGB, linearise, srgb_curve

CLIPPED = 250  # of 255: at or above it a channel may have been cut, and JPEG blurs the edge of what was cut


@dataclass(frozen=True)
class PhotoMeta:
    """How a photo was taken. None where the file does not say; position, serial numbers and names are never kept.

    `width` and `height` are those of the upright picture in the file, before any shrinking; `profile` names the colour profile.
    """

    width: int
    height: int
    taken: dt.datetime | None = None
    exposure_s: float | None = None
    iso: float | None = None
    white_balance: str | None = None
    flash: bool | None = None
    focal_mm: float | None = None
    focal35_mm: float | None = None
    camera: str | None = None
    profile: str = "sRGB"
    grey: bool = False


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo ready to be measured.

    Parameters
    ----------
    pixels : float32, HxWx3
        Linear sRGB in 0..1, red green blue.
    clipped : bool, HxW
        True where a channel is at the top of its range (or the picture is see-through), so that its value is not to be trusted.
    meta : PhotoMeta
        How it was taken.
    """

    pixels: NDArray[np.float32]
    clipped: NDArray[np.bool_]
    meta: PhotoMeta

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


def to_linear(encoded: NDArray[Any]) -> NDArray[np.float32]:
    """Linear light of sRGB values: 8 or 16 bits, or floats in 0..1 (IEC 61966-2-1)."""
    if encoded.dtype in LEVELS:
        table = srgb_curve(np.linspace(0, 1, LEVELS[encoded.dtype]))
        return np.take(table, encoded)
    return srgb_curve(encoded)


def to_srgb8(linear: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Encode linear light in 0..1 as 8-bit sRGB, rounded to nearest (by a table of 65536 steps)."""
    steps = (np.clip(linear, 0, 1) * np.float32(65535) + np.float32(0.5)).astype(np.uint16)
    return np.asarray(np.take(_encoding(), steps), np.uint8)


@cache
def _encoding() -> NDArray[np.uint8]:
    at = np.linspace(0, 1, 65536)
    encoded = np.where(at <= 0.0031308, at * 12.92, 1.055 * at ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), np.uint8)


def load_photo(path: str | Path, max_side: int | None = None) -> Photo:
    """Open a photo from a phone or camera.

    Parameters
    ----------
    path : str or Path
        JPEG (also progressive and CMYK), HEIC, PNG, WebP or TIFF; colour or grey; 8 or 16 bits.
    max_side : int or None
        Shrink so that the longer side is at most this many pixels. None keeps every pixel (12 bytes each, twice what 8-bit
        pictures need while decoding).

    Raises
    ------
    InputError
        The file is missing, empty, damaged, cut short, too large, animated, or not what its name says.
    """
    name = str(path)
    with opened(Path(path)) as (file, kind):
        raw = None
        if kind in ("PNG", "TIFF") and max_side is not None:
            raw = decode_large(file, name, kind, max_side, os.fstat(file.fileno()).st_size)
        if raw is None:
            file.seek(0)
            raw = decode(file.read(), name, kind, max_side)
    return _photo(raw)


def from_array(pixels: NDArray[Any]) -> Photo:
    """Make a photo of sRGB values already in memory: HxW or HxWx3, 8 or 16 bits, red green blue."""
    if pixels.dtype not in LEVELS or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)) or not pixels.size:
        raise InputError("photo", f"{pixels.dtype} {pixels.shape}", "uint8 or uint16, height × width or height × width × 3")
    return _photo(Raw(pixels, SRGB, Shooting(), (pixels.shape[1], pixels.shape[0])))


def _photo(raw: Raw) -> Photo:
    pixels, shot = raw.pixels, raw.shooting
    top = (LEVELS[pixels.dtype] - 1) * CLIPPED // 255
    below = cv2.inRange(pixels, (0, 0, 0), (top - 1, top - 1, top - 1)) if pixels.ndim == 3 else cv2.inRange(pixels, 0, top - 1)
    clipped = np.asarray(below) == 0
    if raw.opaque is not None:
        clipped |= ~raw.opaque
    meta = PhotoMeta(
        width=raw.size[0],
        height=raw.size[1],
        taken=shot.taken,
        exposure_s=shot.exposure_s,
        iso=shot.iso,
        white_balance=shot.white_balance,
        flash=shot.flash,
        focal_mm=shot.focal_mm,
        focal35_mm=shot.focal35_mm,
        camera=shot.camera,
        profile=raw.profile.name,
        grey=_is_grey(pixels),
    )
    return Photo(linearise(pixels, raw.profile), clipped, meta)


def _is_grey(pixels: NDArray[Any]) -> bool:
    if pixels.ndim == 2:
        return True
    parts = (pixels[::16, ::16], pixels)  # most colour pictures are told by one pixel in 256
    return all(bool(((part[..., 0] == part[..., 1]) & (part[..., 1] == part[..., 2])).all()) for part in parts)
