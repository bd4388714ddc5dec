"""Student's t without scipy."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

__all__ = ["cumulative", "quantile"]

TINY = 1e-300
NORMAL_FROM = 1e7  # degrees of freedom above which t and the normal agree to 1e-7


def cumulative(t: float, df: float) -> float:
    """Return P(T ≤ t) of Student's t with df degrees of freedom (DLMF 8.17.2 and 26.7)."""
    if df >= NORMAL_FROM:
        return NormalDist().cdf(t)
    tail = _beta(df / (df + t * t), df / 2, 0.5) / 2
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=512)
def quantile(p: float, df: float) -> float:
    """Return the t below which a share p lies, 0 < p < 1, to 1e-10."""
    if df >= NORMAL_FROM:
        return NormalDist().inv_cdf(p)
    if p < 0.5:
        return -quantile(1 - p, df)
    low, high = 0.0, 1.0
    while cumulative(high, df) < p:
        low, high = high, 2 * high
    while high - low > 1e-11 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if cumulative(middle, df) < p else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b) by its continued fraction (DLMF 8.17.22, Lentz's way)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d or TINY)
            c = 1 + term / c or TINY
            value *= c * d
        if abs(1 - c * d) < 1e-15:
            break
    return front * value
