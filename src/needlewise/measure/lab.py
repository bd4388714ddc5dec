"""CIE L*a*b* and the CIEDE2000 difference, in floating point (an 8-bit Lab errs by up to 2.65)."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["delta_e_2000", "lab_from_linear", "linear_from_lab"]

Floats: TypeAlias = NDArray[np.float64]

# linear sRGB to XYZ seen under D50: IEC 61966-2-1 primaries with the Bradford adaptation, as tabulated by B. Lindbloom
XYZ_D50_FROM_SRGB = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
SRGB_FROM_XYZ_D50 = np.linalg.inv(XYZ_D50_FROM_SRGB)
WHITE_D50 = XYZ_D50_FROM_SRGB.sum(1)
EPSILON, KAPPA = 216 / 24389, 24389 / 27  # CIE 15:2004, as exact fractions


def lab_from_linear(rgb: ArrayLike) -> Floats:
    """Return CIE L*a*b* (D50, 2° observer).

    Parameters
    ----------
    rgb : array, shape (..., 3)
        Linear sRGB, 1 = white. Negative values (colours outside sRGB) are meant and kept.

    Returns
    -------
    float64 array, shape (..., 3)
    """
    ratio = np.asarray(rgb, float) @ XYZ_D50_FROM_SRGB.T / WHITE_D50
    f = np.where(ratio > EPSILON, np.cbrt(ratio), (KAPPA * ratio + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def linear_from_lab(lab: ArrayLike) -> Floats:
    """Return linear sRGB, shape (..., 3), of CIE L*a*b* (D50, 2°); the inverse of `lab_from_linear`."""
    lab = np.asarray(lab, float)
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], -1)
    ratio = np.where(f**3 > EPSILON, f**3, (116 * f - 16) / KAPPA)
    return np.asarray(ratio * WHITE_D50 @ SRGB_FROM_XYZ_D50.T)


def delta_e_2000(one: ArrayLike, other: ArrayLike) -> Floats:
    """Return the CIEDE2000 colour difference, with all three weights 1.

    Parameters
    ----------
    one, other : array, shape (..., 3)
        CIE L*a*b*.

    Returns
    -------
    float64 array, shape (...)

    References
    ----------
    Sharma, Wu, Dalal. Color Res Appl 2005;30:21-30, doi 10.1002/col.20070: equations 2-22, whose 34 pairs are our test.
    """
    one, other = np.broadcast_arrays(np.asarray(one, float), np.asarray(other, float))
    mean_chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    stretch = 1.5 - 0.5 * _saturated(mean_chroma)
    chroma_1, hue_1 = _polar(one, stretch)
    chroma_2, hue_2 = _polar(other, stretch)
    grey = chroma_1 * chroma_2 == 0
    turn = np.where(grey, 0.0, (hue_2 - hue_1 + 180) % 360 - 180)
    turn = np.where((turn == -180) & (hue_2 > hue_1), 180.0, turn)  # exactly opposite hues: eq. 10 keeps the sign
    d_light, d_chroma = other[..., 0] - one[..., 0], chroma_2 - chroma_1
    d_hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(np.radians(turn / 2))
    light, chroma = (one[..., 0] + other[..., 0]) / 2, (chroma_1 + chroma_2) / 2
    hue = np.where(grey, hue_1 + hue_2, _mean_hue(hue_1, hue_2))
    t = (1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63))  # fmt: skip
    s_light = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2)))) * 2 * _saturated(chroma)
    l_term, c_term, h_term = d_light / s_light, d_chroma / s_chroma, d_hue / s_hue
    return np.asarray(np.sqrt(l_term**2 + c_term**2 + h_term**2 + rotation * c_term * h_term))


def _saturated(chroma: Floats) -> Floats:
    """Return √(C⁷ / (C⁷ + 25⁷))."""
    return np.asarray(np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))


def _polar(lab: Floats, stretch: Floats) -> tuple[Floats, Floats]:
    """Return chroma and hue in degrees 0..360 with a* stretched."""
    a, b = lab[..., 1] * stretch, lab[..., 2]
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _mean_hue(one: Floats, other: Floats) -> Floats:
    """Return the mean of two hues in degrees, along the shorter way round (eq. 14)."""
    total = one + other
    far = np.abs(one - other) > 180
    return np.where(far, np.where(total < 360, total + 360, total - 360), total) / 2


def _cos(degrees: Floats) -> Floats:
    return np.asarray(np.cos(np.radians(degrees)))
