"""Measures of where the needles land, and the same by closed form where one holds.

The patch is a flat square around (0, 0). Lengths are millimetres, densities holes per cm². Every draw comes from a seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from needlewise.errors import InputError
from needlewise.simulate.geometry import HOLE_DIAMETER_MM, NEEDLE_DIAMETER_MM, RADII_MM, Tool, number_in, within_share
from needlewise.simulate.nearest import Cells, Floats, nearest, neighbours
from needlewise.simulate.strikes import Technique, density_per_cm2, strikes

CELL_MM = 10.0  # spread is between cells of 1 cm²
STRIKES_AT_MOST = 150_000  # in one repeat; a dense technique gets a smaller patch, so memory stays flat
STRIKES_AT_LEAST = 1_000  # a sparse one a larger patch
REFUSED_ABOVE = 5_000_000


@dataclass(frozen=True)
class Measures:
    """One drawn session, measured.

    Attributes
    ----------
    within : tuple of float
        Share of skin within each of `RADII_MM` of a hole.
    nearest_median_mm, nearest_p95_mm : float
        Distance from a hole to its nearest neighbour.
    duplicate_share, duplicate_share_hole : float
        Share of strikes within a needle's width (0.25 mm), and within a hole's (0.07 mm), of an earlier strike.
    gap_median_mm, gap_p95_mm, largest_gap_mm : float
        Distance from a point of the skin to its nearest hole: the median, the 95th percentile and the largest on the patch.
    pierced_share : float
        Share of the area that is hole, with holes 0.07 mm across.
    """

    strikes: int
    density_per_cm2: float
    density_sd: float
    within: tuple[float, ...]
    nearest_median_mm: float
    nearest_p95_mm: float
    duplicate_share: float
    duplicate_share_hole: float
    gap_median_mm: float
    gap_p95_mm: float
    largest_gap_mm: float
    pierced_share: float


def cell_counts(points: Floats, half: float, cell: float = CELL_MM) -> Floats:
    """Count strikes in square cells of about `cell` mm over the patch; shape (n, n), first axis x."""
    n = max(1, round(2 * half / cell))
    place = np.floor((points[:, :2] + half) * (n / (2 * half))).astype(np.intp)
    inside = ((place >= 0) & (place < n)).all(1)
    flat = place[inside] @ np.array([n, 1])
    return np.bincount(flat, minlength=n * n).reshape(n, n).astype(np.float64)


def measure(points: Floats, half: float, rng: np.random.Generator, questions: int = 40_000) -> Measures:
    """Measure strikes over the square |x|, |y| < `half`; strikes beyond it serve as neighbours only.

    Skin is asked at `questions` places, one at random in each of as many equal squares; the largest gap is then sought again
    around the widest places found.
    """
    inner = (np.abs(points[:, 0]) < half) & (np.abs(points[:, 1]) < half)
    count = int(inner.sum())
    counts = cell_counts(points, half)
    per_cm2 = counts / ((2 * half) ** 2 / counts.size / 100)
    cells = Cells(points)
    n = math.isqrt(questions)
    line = np.arange(n)
    asked = np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2) + rng.uniform(size=(n * n, 2))
    step = 2 * half / n
    asked = asked * step - half
    gap = nearest(cells, asked)
    widest = asked[np.argsort(gap)[-32:]]
    fine = np.linspace(-0.75, 0.75, 13) * step
    around = np.stack(np.meshgrid(fine, fine), -1).reshape(-1, 2)
    closer = np.clip((widest[:, None] + around).reshape(-1, 2), -half, half)
    largest = max(float(gap.max()), float(nearest(cells, closer).max()))
    beside, before = neighbours(cells, inner, NEEDLE_DIAMETER_MM)
    median, p95 = np.quantile(beside, [0.5, 0.95], method="lower") if count else (np.inf, np.inf)
    gap_median, gap_p95 = np.quantile(gap, [0.5, 0.95], method="lower")
    return Measures(
        strikes=count,
        density_per_cm2=100 * count / (2 * half) ** 2,
        density_sd=float(per_cm2.std(ddof=1)) if counts.size > 1 else 0.0,
        within=tuple(float(np.mean(gap <= r)) for r in RADII_MM),
        nearest_median_mm=float(median),
        nearest_p95_mm=float(p95),
        duplicate_share=float(np.isfinite(before).sum() / max(1, count)),
        duplicate_share_hole=float((before <= HOLE_DIAMETER_MM).sum() / max(1, count)),
        gap_median_mm=float(gap_median),
        gap_p95_mm=float(gap_p95),
        largest_gap_mm=largest,
        pierced_share=float(np.mean(gap <= HOLE_DIAMETER_MM / 2)),
    )


@dataclass(frozen=True)
class Coverage:
    """Coverage by one device and technique: means of repeated draws, their standard errors, closed forms where they hold.

    Attributes
    ----------
    mean, standard_error : Measures
        Over the repeats; `mean.strikes` is the number in one repeat.
    closed_density : float
        Exact mean density, holes per cm².
    closed_within : dict
        Exact share of skin within r of a hole, for the radii where the closed form holds.
    cells : tuple
        Strikes of the first repeat per cell, for a map.
    """

    tool: Tool
    technique: Technique
    patch_mm: float
    repeats: int
    seed: int
    mean: Measures
    standard_error: Measures
    closed_density: float
    closed_within: dict[float, float]
    cell_mm: float
    cells: tuple[tuple[float, ...], ...]


def patch_side_mm(density: float) -> float:
    """Return the side of the square drawn: 100 mm, less for a dense technique, more for a sparse one, in centimetres."""
    most = math.sqrt(STRIKES_AT_MOST / density * 100) - 2 * margin_mm(density)
    least = math.sqrt(STRIKES_AT_LEAST / density * 100)
    return 10.0 * min(100, max(1, math.floor(min(100, most) / 10), math.ceil(least / 10)))


def margin_mm(density: float) -> float:
    """Return how much is drawn around the patch, so that its rim has neighbours: three mean distances between holes."""
    return max(1.0, 30 / math.sqrt(density))


def refuse_too_many(density: float, side: float, passes: int) -> None:
    """Refuse a session of too many strikes to draw.

    Raises
    ------
    InputError
        Names the number of passes that can be drawn.
    """
    strikes_expected = density * side**2 / 100
    if strikes_expected > REFUSED_ABOVE:
        most = math.floor(passes * REFUSED_ABOVE / strikes_expected)
        allowed = f"up to {most} passes of this device here" if most else "a device that makes fewer holes in one pass"
        raise InputError("passes", passes, allowed, f"{density:,.0f} holes per cm² are too many to draw")


def closed_within(tool: Tool, technique: Technique) -> dict[float, float]:
    """Return F(r) for the radii where it is exact: passes set down anew in even lanes, r up to half the pitch."""
    if not technique.hand.even:
        return {}
    each = density_per_cm2(tool, technique) / technique.passes
    return {r: within_share(r, each, technique.passes) for r in RADII_MM if r <= tool.pitch_mm / 2}


def coverage(tool: Tool, technique: Technique, seed: int = 1, repeats: int = 4, map_cell_mm: float = 2.0) -> Coverage:
    """Draw `repeats` independent sessions of `technique` with `tool` and measure them."""
    number_in("repeats", repeats, 2, 1000, "repeats")
    number_in("seed", seed, 0, 2**32 - 1, "")
    density = density_per_cm2(tool, technique)
    side, margin = patch_side_mm(density), margin_mm(density)
    refuse_too_many(density, side + 2 * margin, passes=technique.passes)
    found, cells = [], np.zeros((1, 1))
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(repeats)):
        rng = np.random.default_rng(child)
        points = np.concatenate(list(strikes(tool, technique, side / 2 + margin, rng)))
        if number == 0:
            cells = cell_counts(points, min(side, 100.0) / 2, map_cell_mm)
        found.append(measure(points, side / 2, rng))
    mean, error = summarise(found)
    return Coverage(tool, technique, side, repeats, seed, mean, error, density, closed_within(tool, technique),
                    map_cell_mm, tuple(tuple(row) for row in cells.tolist()))  # fmt: skip


def summarise(found: list[Measures]) -> tuple[Measures, Measures]:
    """Return the mean of each measure over repeats, and its standard error."""
    mean: dict[str, Any] = {}
    error: dict[str, Any] = {}
    for name in Measures.__dataclass_fields__:
        values = np.array([getattr(m, name) for m in found], dtype=np.float64)
        spread = values.std(0, ddof=1) / math.sqrt(len(found))
        mean[name] = tuple(values.mean(0).tolist()) if values.ndim > 1 else float(values.mean())
        error[name] = tuple(spread.tolist()) if values.ndim > 1 else float(spread)
    mean["strikes"], error["strikes"] = round(mean["strikes"]), round(error["strikes"])
    return Measures(**mean), Measures(**error)
