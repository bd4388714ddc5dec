"""From a picture's encoded values to linear sRGB, by the colour profile inside the file.

A matrix profile (ICC.1:2022, 10.10 and 10.18: rXYZ gXYZ bXYZ and rTRC gTRC bTRC, relative to D50) is read here exactly; sRGB,
Display P3, Adobe RGB and what cameras write are of that kind. Any other goes through LittleCMS, to 8 bits.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from needlewise.said import say

Pixels: TypeAlias = NDArray[Any]
Curve: TypeAlias = NDArray[np.float32]

D50 = np.array([0.9642, 1.0, 0.8249])  # the profile connection space's white: ICC.1:2022, 7.2.16
WHITE_TOLERANCE = 0.03  # how far a profile's white (its columns' sum) may lie from D50 before it is refused
NEAR_SRGB = 2e-3  # a matrix or curve this close to sRGB's counts as sRGB's
# linear sRGB -> XYZ under D50: IEC 61966-2-1 primaries, Bradford-adapted from D65
SRGB_TO_XYZ = np.array([[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]])
P3_TO_XYZ = np.array([[0.5151187, 0.2919778, 0.1571035], [0.2411892, 0.6922441, 0.0665668], [-0.0010505, 0.0418791, 0.7840713]])
LEVELS = {np.dtype(np.uint8): 256, np.dtype(np.uint16): 65536}


class ProfileError(ValueError):
    """The colour profile is damaged or belongs to another kind of picture."""


@dataclass(frozen=True)
class Profile:
    """What turns encoded values into linear sRGB.

    Parameters
    ----------
    name : str
        What the profile calls itself.
    curves : tuple of three arrays of n, or None
        Linear value at n equal steps of the encoded one, for each channel; None is sRGB's own transfer curve.
    matrix : 3x3 float32 or None
        Linear device RGB to linear sRGB; None leaves it.
    """

    name: str
    curves: tuple[Curve, Curve, Curve] | None = None
    matrix: NDArray[np.float32] | None = None


SRGB = Profile("sRGB")
UNTAGGED = Profile("none (taken as sRGB)")


def srgb_curve(encoded: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Linear light of sRGB-encoded values 0..1 (IEC 61966-2-1)."""
    value = np.asarray(encoded, np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def display_p3() -> Profile:
    """Display P3 as HEIC files name it without a profile: P3's primaries under D65 with sRGB's curve (SMPTE EG 432-1)."""
    return Profile("Display P3", None, np.linalg.solve(SRGB_TO_XYZ, P3_TO_XYZ).astype(np.float32))


def linearise(pixels: Pixels, profile: Profile) -> NDArray[np.float32]:
    """Return linear sRGB in 0..1, HxWx3, from encoded HxW or HxWx3 of 8 or 16 bits.

    Colours outside sRGB (a saturated red in Display P3) are cut at its edge; skin lies well inside.
    """
    tables = _tables(profile, LEVELS[pixels.dtype])
    if pixels.ndim == 2:
        grey = _look_up(pixels, tables[len(tables) // 2])
        return cv2.merge([grey, grey, grey]).astype(np.float32, copy=False)
    if len(tables) == 1:
        linear = _look_up(pixels, tables[0])
    else:
        linear = np.empty(pixels.shape, np.float32)
        for channel, table in enumerate(tables):
            linear[..., channel] = _look_up(np.ascontiguousarray(pixels[..., channel]), table)
    if profile.matrix is not None:
        cv2.transform(linear, profile.matrix, dst=linear)
        np.clip(linear, 0.0, 1.0, out=linear)
    return linear


def _tables(profile: Profile, levels: int) -> tuple[Curve, ...]:
    at = np.linspace(0, 1, levels)
    if profile.curves is None:
        return (srgb_curve(at),)
    return tuple(np.interp(at, np.linspace(0, 1, curve.size), curve).astype(np.float32) for curve in profile.curves)


def _look_up(pixels: Pixels, table: Curve) -> NDArray[np.float32]:
    if pixels.dtype == np.uint8:
        return np.asarray(cv2.LUT(pixels, table), np.float32)  # three times as fast as indexing
    return np.take(table, pixels)


def read_profile(icc: bytes, channels: int) -> Profile | None:
    """Read a matrix or grey profile; None where only a colour engine can use it.

    Raises
    ------
    ProfileError
        The block is no profile, is cut, contradicts itself or describes another kind of picture.
    """
    if len(icc) < 132 or icc[36:40] != b"acsp":
        raise ProfileError(say("it is no ICC profile"))
    space, tags = icc[16:20], _tags(icc)
    allowed = {1: (b"GRAY", b"RGB "), 3: (b"RGB ",), 4: (b"CMYK",)}[channels]
    if space not in allowed:
        raise ProfileError(say("it is made for another kind of picture"))
    name = _name(tags.get(b"desc", b""))
    if space == b"GRAY" and b"kTRC" in tags:
        curve = _curve(tags[b"kTRC"])
        return Profile(name, (curve, curve, curve))
    needed = (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")
    if space != b"RGB " or any(sign not in tags for sign in needed):
        return None
    matrix = np.stack([_xyz(tags[sign]) for sign in needed[:3]], axis=1)
    if np.abs(matrix.sum(axis=1) - D50).max() > WHITE_TOLERANCE or abs(np.linalg.det(matrix)) < 0.01:
        raise ProfileError(say("its primaries do not add up to white"))
    curves = tuple(_curve(tags[sign]) for sign in needed[3:])
    return _simplest(name, (curves[0], curves[1], curves[2]), np.linalg.solve(SRGB_TO_XYZ, matrix))


def _simplest(name: str, curves: tuple[Curve, Curve, Curve], matrix: NDArray[np.float64]) -> Profile:
    same_curve = all(np.abs(curve - srgb_curve(np.linspace(0, 1, curve.size))).max() < NEAR_SRGB for curve in curves)
    same_primaries = np.abs(matrix - np.eye(3)).max() < NEAR_SRGB
    return Profile(name, None if same_curve else curves, None if same_primaries else matrix.astype(np.float32))


def _tags(icc: bytes) -> dict[bytes, bytes]:
    count = struct.unpack_from(">I", icc, 128)[0]
    if count > 200 or 132 + 12 * count > len(icc):
        raise ProfileError(say("its table of contents is cut"))
    tags = {}
    for index in range(count):
        sign, start, size = struct.unpack_from(">4sII", icc, 132 + 12 * index)
        if start + size > len(icc):
            raise ProfileError(say("it is cut"))
        tags[sign] = icc[start : start + size]
    return tags


def _xyz(tag: bytes) -> NDArray[np.float64]:
    if len(tag) < 20 or tag[:4] != b"XYZ ":
        raise ProfileError(say("a primary cannot be read"))
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536.0


def _curve(tag: bytes) -> Curve:
    """Return the curve at equal steps: a table as it is, a formula at 4096 (ICC.1:2022, 10.6 and 10.18)."""
    kind = tag[:4]
    at = np.linspace(0, 1, 4096)
    if kind == b"curv" and len(tag) >= 12:
        count = struct.unpack_from(">I", tag, 8)[0]
        if count > 65536 or 12 + 2 * count > len(tag):
            raise ProfileError(say("a curve is cut"))
        values = np.frombuffer(tag, ">u2", count, 12)
        curve = at if count == 0 else at ** (int(values[0]) / 256) if count == 1 else values / 65535.0
    elif kind == b"para" and len(tag) >= 16:
        curve = _formula(tag, at)
    else:
        raise ProfileError(say("a curve cannot be read"))
    if not np.isfinite(curve).all() or np.diff(curve).min() < -1e-6 or curve[-1] - curve[0] < 0.5:
        raise ProfileError(say("a curve does not rise"))
    return np.clip(curve, 0, 1).astype(np.float32)


def _formula(tag: bytes, at: NDArray[np.float64]) -> NDArray[np.float64]:
    kind = struct.unpack_from(">H", tag, 8)[0]
    if kind > 4 or len(tag) < 12 + 4 * (1, 3, 4, 5, 7)[kind]:
        raise ProfileError(say("a curve is cut"))
    given = [value / 65536.0 for value in struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", tag, 12)]
    g, a, b, c, d, e, f = given + [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0][len(given) :]
    if kind in (1, 2):  # below -b/a the value is c (0 for kind 1), which kind 2 also adds above
        c, d, e, f = 0.0, (-b / a if a else 0.0), c, c
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.asarray(np.where(at >= d, np.maximum(a * at + b, 0) ** g + e, c * at + f))


def _name(tag: bytes) -> str:
    if tag[:4] == b"mluc" and len(tag) >= 28:
        size, start = struct.unpack_from(">II", tag, 20)
        text = tag[start : start + min(size, 200)].decode("utf-16-be", "replace")
    elif tag[:4] == b"desc" and len(tag) >= 12:
        text = tag[12 : 12 + min(struct.unpack_from(">I", tag, 8)[0], 100)].decode("ascii", "replace")
    else:
        text = ""
    return " ".join("".join(c for c in text if c.isprintable()).split())[:40] or "unnamed"


def through_engine(image: Image.Image, icc: bytes) -> Image.Image:
    """Return the 8-bit sRGB picture of one whose profile needs a colour engine (look-up tables, CMYK).

    Raises
    ------
    ProfileError
        LittleCMS cannot use the profile.
    """
    try:
        out = ImageCms.profileToProfile(image, io.BytesIO(icc), ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise ProfileError(say("no colour engine can use it")) from error
    if out is None:
        raise ProfileError(say("no colour engine can use it"))
    return out
