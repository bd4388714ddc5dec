"""Strikes on a curved face: a rigid device settles on its highest contact, and needles further from the skin go in less deep.

The face is a smooth height over a plane, z(x, y) in mm, made up by us and no one's: a dome with nose, cheeks, sockets and chin.
How far skin gives is a free figure, also ours. Strikes are counted per cm² of the curved surface, not of its picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needlewise.simulate.coverage import CELL_MM, Coverage, Measures, refuse_too_many, summarise
from needlewise.simulate.geometry import HOLE_DIAMETER_MM, NEEDLE_DIAMETER_MM, RADII_MM, Pen, Roller, Stamp, Tool, number_in
from needlewise.simulate.nearest import Cells, Floats, nearest, neighbours
from needlewise.simulate.strikes import Hand, Lanes, Presses, Technique, density_per_cm2, passes_of, reach_of

FACE_MM = (55.0, 60.0)  # half axes of the oval that is measured
DOME_MM = (78.0, 108.0, 85.0)  # half axes of the ellipsoid under it all
BUMPS = (  # height, middle x and y, width in x and y (standard deviations), mm
    (17.0, 0.0, -2.0, 9.0, 16.0),  # nose
    (5.0, 32.0, 0.0, 16.0, 16.0),  # cheeks
    (5.0, -32.0, 0.0, 16.0, 16.0),
    (-5.0, 30.0, 30.0, 9.0, 9.0),  # eye sockets
    (-5.0, -30.0, 30.0, 9.0, 9.0),
    (5.0, 0.0, -50.0, 12.0, 12.0),  # chin
)
STEP_MM = 0.5  # along a lane, to measure the way over the surface
TABLE_MM = 0.25  # spacing of the table of heights


def face_height(x: Floats, y: Floats) -> Floats:
    """Return z(x, y) of our face, mm."""
    a, b, c = DOME_MM
    z = c * np.sqrt(np.maximum(1 - (x / a) ** 2 - (y / b) ** 2, 0.02)) - c
    for tall, u, v, wide, high in BUMPS:
        z += tall * np.exp(-(((x - u) / wide) ** 2 + ((y - v) / high) ** 2) / 2)
    return np.asarray(z)


class Face:
    """Heights and slopes of a face on a fine table, read between its nodes linearly."""

    def __init__(self, half: float, shape: Callable[[Floats, Floats], Floats] = face_height) -> None:
        self.half, n = half, math.ceil(2 * half / TABLE_MM) + 2
        line = np.arange(n) * TABLE_MM - half
        z = shape(*np.meshgrid(line, line, indexing="ij"))
        self.n, self.z = n, z.ravel()
        self.slopes = tuple(slope.ravel() for slope in np.gradient(z, TABLE_MM))

    def read(self, x: Floats, y: Floats, *tables: Floats) -> list[Floats]:
        """Return each table's values at the places, held at the rim beyond it."""
        u = np.clip((x + self.half) / TABLE_MM, 0, self.n - 1.001)
        v = np.clip((y + self.half) / TABLE_MM, 0, self.n - 1.001)
        i, j = u.astype(np.intp), v.astype(np.intp)
        u, v = u - i, v - j
        at = i * self.n + j
        return [
            (t[at] * (1 - v) + t[at + 1] * v) * (1 - u) + (t[at + self.n] * (1 - v) + t[at + self.n + 1] * v) * u
            for t in tables
        ]

    def height(self, x: Floats, y: Floats) -> Floats:
        return self.read(x, y, self.z)[0]

    def slope(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        gx, gy = self.read(x, y, *self.slopes)
        return gx, gy


@dataclass(frozen=True)
class Touch:
    """Needle length and how far skin gives, both mm: which needles of a settled device go in, and how deep."""

    needle_mm: float
    yield_mm: float


def settle(face: Face, x: Floats, y: Floats, heading: Floats, u: Floats, v: Floats,
           touch: Touch) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Set a rigid device down with its middle over each place (x, y), square to the skin there.

    Parameters
    ----------
    heading : array
        Direction in which the device points, rad.
    u, v : arrays
        Where its needles are, along and across the heading, mm.

    Returns
    -------
    x, y, depth : arrays of shape (places, needles)
        depth = min(L, L + give − (gap − smallest gap)): the device rests on the needle with the smallest gap.
    """
    gx, gy = face.slope(x, y)
    c, s = np.cos(heading), np.sin(heading)
    up = 1 / np.sqrt(1 + gx * gx + gy * gy)
    normal = (-gx * up, -gy * up, up)
    rise = gx * c + gy * s
    flat = 1 / np.sqrt(1 + rise * rise)
    ahead = (c * flat, s * flat, rise * flat)
    side = [normal[(k + 1) % 3] * ahead[(k + 2) % 3] - normal[(k + 2) % 3] * ahead[(k + 1) % 3] for k in range(3)]
    px = x[:, None] + ahead[0][:, None] * u + side[0][:, None] * v
    py = y[:, None] + ahead[1][:, None] * u + side[1][:, None] * v
    pz = face.height(x, y)[:, None] + ahead[2][:, None] * u + side[2][:, None] * v
    gap = (pz - face.height(px, py)) * up[:, None]
    gap -= gap.min(1)[:, None]
    return px, py, np.minimum(touch.needle_mm, touch.needle_mm + touch.yield_mm - gap)


def _ways(face: Face, hand: Hand, lanes: Lanes, half: float) -> Iterator[tuple[int, Floats, Floats, Floats, Floats]]:
    """Yield each lane's number, its places x and y at small steps, its heading, and the way over the surface so far."""
    reach = reach_of(half, lanes.aim, hand)
    t = np.arange(-reach, reach + STEP_MM, STEP_MM)
    for number, (offset, heading) in enumerate(zip(lanes.offsets, lanes.headings, strict=True)):
        x = math.cos(heading) * t - math.sin(lanes.aim) * offset
        y = math.sin(heading) * t + math.cos(lanes.aim) * offset
        near = (np.abs(x) < half + STEP_MM) & (np.abs(y) < half + STEP_MM)
        x, y = x[near], y[near]
        if len(x) < 2:
            continue
        way = np.concatenate([[0.0], np.cumsum(np.hypot(STEP_MM, np.diff(face.height(x, y))))])
        yield number, x, y, heading, way


def _along(face: Face, tool: Roller | Pen, hand: Hand, lanes: Lanes, half: float, touch: Touch) -> NDArray[np.float64]:
    """Return the strikes of one pass along lanes: rows (x, y, depth)."""
    layout = np.array(tool.layout())
    if isinstance(tool, Roller):
        cycle, places = tool.turn_mm, layout[:, 1] * tool.turn_mm
        across, row = np.unique(layout[:, 0], return_inverse=True)
        along = np.zeros(len(across))
    else:
        cycle, places = tool.speed_mm_s / tool.hz, np.zeros(1)
        along, across = layout.T
        row = np.zeros(1, np.intp)
    found: list[list[Floats]] = [[], [], [], []]
    for number, x, y, heading, way in _ways(face, hand, lanes, half):
        length = cycle * lanes.slip[number]
        turns = np.arange(math.ceil(way[-1] / length) + 1) * length
        when = (((places + lanes.starts[number]) % cycle) * lanes.slip[number])[:, None] + turns
        which = np.broadcast_to(row[:, None], when.shape)[when < way[-1]]
        when = when[when < way[-1]]
        for store, values in zip(found, (np.interp(when, way, x), np.interp(when, way, y), np.full(len(when), heading), which),
                                 strict=True):  # fmt: skip
            store.append(values)
    x, y, headings, struck = (np.concatenate(store) if store else np.zeros(0) for store in found)
    px, py, depth = settle(face, x, y, headings, along, across, touch)
    if isinstance(tool, Roller):
        one = (np.arange(len(x)), struck.astype(np.intp))
        px, py, depth = px[one], py[one], depth[one]
    return np.stack([px.ravel(), py.ravel(), depth.ravel()], 1)


def face_strikes(face: Face, tool: Tool, technique: Technique, half: float, rng: np.random.Generator,
                 touch: Touch) -> Floats:  # fmt: skip
    """Return all strikes of a session that reach the skin, as rows (x, y, z, depth) in mm."""
    found = []
    for laid in passes_of(tool, technique, half, rng):
        if isinstance(laid, Presses):
            u, v = np.array(tool.layout()).T
            headings = np.broadcast_to(np.angle(laid.turns), laid.middles.shape)
            hits = settle(face, laid.middles.real, laid.middles.imag, headings, u, v, touch)
            found.append(np.stack([part.ravel() for part in hits], 1))
        else:
            assert not isinstance(tool, Stamp)
            found.append(_along(face, tool, technique.hand, laid, half, touch))
    hits_all = np.concatenate(found)
    hits_all = hits_all[(hits_all[:, 2] > 0) & (np.abs(hits_all[:, 0]) < half) & (np.abs(hits_all[:, 1]) < half)]
    x, y, depth = hits_all.T
    return np.stack([x, y, face.height(x, y), depth], 1)


def on_face(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether a place lies in the oval that is measured."""
    return np.asarray((x / FACE_MM[0]) ** 2 + (y / FACE_MM[1]) ** 2 < 1)


@dataclass(frozen=True)
class Spread:
    """How unevenly a curved face is served.

    Attributes
    ----------
    density_p05, density_p95 : float
        Holes per cm² of surface: 5th and 95th percentile of the cells.
    half_depth_share, full_depth_share : float
        Share of the holes that are at least half the needle's length deep, and all of it.
    """

    density_p05: float
    density_p95: float
    half_depth_share: float
    full_depth_share: float


@dataclass(frozen=True)
class CurvedCoverage(Coverage):
    """Coverage of the curved face; `closed_density` is that of flat skin, for comparison."""

    spread: Spread
    touch: Touch


def _weighted(values: Floats, weights: Floats, share: float) -> float:
    order = np.argsort(values)
    run = np.cumsum(weights[order])
    return float(values[order][min(len(run) - 1, int(np.searchsorted(run, share * run[-1])))])


def _cells(face: Face, hits: Floats, half: float, cell: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return strikes per cell, surface of each cell in cm², and which cells have their middle on the face."""
    n, fine = round(2 * half / cell), 8
    line = (np.arange(n * fine) + 0.5) * cell / fine - half
    x, y = (part.ravel() for part in np.meshgrid(line, line, indexing="ij"))
    gx, gy = face.slope(x, y)
    area = np.sqrt(1 + gx * gx + gy * gy).reshape(n, fine, n, fine).mean((1, 3)) * cell**2 / 100
    place = np.floor((hits[:, :2] + half) / cell).astype(np.intp)
    place = place[((place >= 0) & (place < n)).all(1)]
    count = np.bincount(place[:, 0] * n + place[:, 1], minlength=n * n).reshape(n, n).astype(np.float64)
    middle = (np.arange(n) + 0.5) * cell - half
    return count, area, on_face(*np.meshgrid(middle, middle, indexing="ij"))


def measure_face(face: Face, hits: Floats, rng: np.random.Generator, needle_mm: float,
                 questions: int = 40_000) -> tuple[Measures, Spread]:  # fmt: skip
    """Measure strikes on the face; distances are straight lines in space, shares are of the curved surface."""
    half = max(FACE_MM)
    count, area, there = _cells(face, hits, half, CELL_MM)
    per_cm2 = (count / area)[there]
    inner = on_face(hits[:, 0], hits[:, 1])
    cells = Cells(hits[:, :3])
    n = math.isqrt(questions)
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), -1).reshape(-1, 2) + rng.uniform(size=(n * n, 2))
    grid = grid * (2 * half / n) - half
    x, y = grid[on_face(*grid.T)].T
    gx, gy = face.slope(x, y)
    weight = np.sqrt(1 + gx * gx + gy * gy)
    surface = float(weight.sum()) * (2 * half / n) ** 2 / 100
    gap = nearest(cells, np.stack([x, y, face.height(x, y)], 1))
    beside, before = neighbours(cells, inner, NEEDLE_DIAMETER_MM)
    total = max(1, int(inner.sum()))
    depth = hits[inner, 3]
    found = Measures(
        strikes=int(inner.sum()),
        density_per_cm2=float(inner.sum()) / surface,
        density_sd=float(per_cm2.std(ddof=1)),
        within=tuple(float(weight[gap <= r].sum() / weight.sum()) for r in RADII_MM),
        nearest_median_mm=float(np.median(beside)) if len(beside) else math.inf,
        nearest_p95_mm=float(np.quantile(beside, 0.95)) if len(beside) else math.inf,
        duplicate_share=float(np.isfinite(before).sum() / total),
        duplicate_share_hole=float((before <= HOLE_DIAMETER_MM).sum() / total),
        gap_median_mm=_weighted(gap, weight, 0.5),
        gap_p95_mm=_weighted(gap, weight, 0.95),
        largest_gap_mm=float(gap.max()),
        pierced_share=float(weight[gap <= HOLE_DIAMETER_MM / 2].sum() / weight.sum()),
    )
    low, high = np.quantile(per_cm2, [0.05, 0.95])
    deep = [float((depth >= share * needle_mm).sum() / total) for share in (0.5, 1.0)]
    return found, Spread(float(low), float(high), *deep)


def curved_coverage(tool: Tool, technique: Technique, needle_mm: float = 0.5, yield_mm: float = 0.5, seed: int = 1,
                    repeats: int = 2, map_cell_mm: float = 2.0) -> CurvedCoverage:  # fmt: skip
    """Draw and measure sessions on the curved face; see `coverage`."""
    number_in("mm", needle_mm, 0.05, 10)
    number_in("yield-mm", yield_mm, 0, 10)
    number_in("repeats", repeats, 2, 1000, "repeats")
    number_in("seed", seed, 0, 2**32 - 1, "")
    touch, half = Touch(needle_mm, yield_mm), max(FACE_MM) + 3
    density = density_per_cm2(tool, technique)
    refuse_too_many(density, 2 * half, technique.passes)
    face, found, spreads, cells = Face(half + tool.width_mm), [], [], np.zeros((1, 1))
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(repeats)):
        rng = np.random.default_rng(child)
        hits = face_strikes(face, tool, technique, half, rng, touch)
        if number == 0:
            count, area, there = _cells(face, hits, max(FACE_MM), map_cell_mm)
            cells = np.where(there, count / area * map_cell_mm**2 / 100, 0)
        one, spread = measure_face(face, hits, rng, needle_mm)
        found.append(one)
        spreads.append(spread)
    mean, error = summarise(found)
    spread = Spread(*(float(np.mean([getattr(s, name) for s in spreads])) for name in Spread.__dataclass_fields__))
    return CurvedCoverage(tool, technique, 2 * max(FACE_MM), repeats, seed, mean, error, density, {},
                          map_cell_mm, tuple(tuple(row) for row in cells.tolist()), spread, touch)  # fmt: skip
