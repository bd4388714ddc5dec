"""Colour that stands by itself: a* and the individual typology angle, only with a colour card or a locked flash pair.

* a* of CIE L*a*b* (CIE 15, D50, 2°) rises with blood; ITA = arctan((L* - 50) / b*) in degrees falls with melanin (Chardon 1991,
  Int J Cosmet Sci 13:191, doi 10.1111/j.1467-2494.1991.tb00561.x). Both are of the zone's median colour.
* The standard deviation comes from the card in the same photo: with each patch left out of the correction in turn, its colour
  errs by so much (mean ΔE2000), and skin's colour by a share of that: `OF_TRUTH` for one photo, `OF_DAYS` for the difference of
  two days, in which what is wrong each time drops out. benchmarks/measure_absolute.py, through every camera and light of the
  shared spectra, sets the shares and prints what they must cover.

Without a card the same skin's a* moves by 4.7 between days, five times as far as with one, so nothing absolute is given then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needlewise.measure.lab import lab_from_linear

Floats = NDArray[np.float64]

NORMAL_95 = NormalDist().inv_cdf(0.975)
OF_TRUTH, OF_DAYS = (0.52, 0.70), (0.38, 0.42)  # standard deviations of a*, and of L* and b*, over the error of patches left out


@dataclass(frozen=True)
class Absolute:
    """L*, a*, b* and ITA (degrees) of a zone, and the standard deviations of a* and ITA."""

    lab: tuple[float, float, float]
    ita: float
    a_sd: float
    ita_sd: float


def ita(lab: NDArray[Any]) -> Floats:
    """Return the individual typology angle in degrees of L*a*b*, shape (..., 3)."""
    lab = np.asarray(lab, float)
    return np.asarray(np.degrees(np.arctan2(lab[..., 0] - 50, lab[..., 2])))


def absolute_of(lab: NDArray[Any], left_out: float, shares: tuple[float, float] = OF_TRUTH) -> Absolute:
    """Return what is stated of one colour, seen beside a card whose left-out patches err by `left_out` (mean ΔE2000)."""
    lightness, a, b = (float(value) for value in lab)
    a_sd, other_sd = (share * left_out for share in shares)
    angle_sd = math.degrees(other_sd / max(math.hypot(lightness - 50, b), other_sd))
    return Absolute((lightness, a, b), float(ita(lab)), a_sd, angle_sd)


def zone_absolute(pixels: NDArray[np.float32], mask: NDArray[np.bool_], left_out: float) -> Absolute:
    """Return what is stated of a zone of a corrected photo (linear sRGB, H x W x 3)."""
    return absolute_of(lab_from_linear(np.median(pixels[mask].astype(np.float64), axis=0)), left_out)


@dataclass(frozen=True)
class AbsoluteLine:
    """One absolute measure of a zone before and after, each with its standard deviation, and the 95 % interval of the difference.

    The interval holds what card and camera add; how the skin itself varies from day to day comes on top.
    """

    zone: str
    what: str
    unit: str
    before: float
    before_sd: float
    after: float
    after_sd: float
    difference: float
    low: float
    high: float


def absolute_lines(
    zone: str, shots: Sequence[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]], left_out: tuple[float, float]
) -> list[AbsoluteLine]:
    """Return a* and ITA of a zone from pairs of corrected photos, pixel on pixel, with the zone's skin in both.

    Shots are averaged, their uncertainty is not: they share light and card. `left_out` is the larger card error of each day.
    """
    days = [
        [zone_absolute(first, skin, left_out[0]) for first, _, skin in shots],
        [zone_absolute(second, skin, left_out[1]) for _, second, skin in shots],
    ]
    again = [absolute_of(np.array(day[0].lab), error, OF_DAYS) for day, error in zip(days, left_out, strict=True)]
    out = []
    for what, unit, value, sd in (("a*", "CIELAB", _a, "a_sd"), ("ITA", "degrees", _ita, "ita_sd")):
        before, after = (math.fsum(map(value, day)) / len(day) for day in days)
        half = NORMAL_95 * math.hypot(*(getattr(one, sd) for one in again))
        sds = [max(getattr(one, sd) for one in day) for day in days]
        out.append(AbsoluteLine(zone, what, unit, before, sds[0], after, sds[1], after - before, after - before - half,
                                after - before + half))  # fmt: skip
    return out


def _a(one: Absolute) -> float:
    return one.lab[1]


def _ita(one: Absolute) -> float:
    return one.ita
