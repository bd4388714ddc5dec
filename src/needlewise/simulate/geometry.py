"""Devices as geometry, and what follows from it exactly: density, distances, angles, equal doses.

Lengths are millimetres, densities holes per cm², angles degrees, times seconds. Nothing here draws a random number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from needlewise.errors import InputError

NEEDLE_DIAMETER_MM = 0.25  # of the medical roller: Schwarz and Laaff 2011
SPACE = 2.0  # needles stand at least as far apart as they are thick: our assumption of what can be made
MOST_NEEDLES, MOST_PINS = 20_000, 500  # on a roller or stamp, and in a pen: far above any seen
RADII_MM = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0)  # at which the share of skin near a hole is told
HOLE_DIAMETER_MM = 0.07  # surface of a 770 µm roller needle's channel in the rat: Kalluri 2011 (70.7 µm)


def number_in(field: str, value: float, low: float, high: float, unit: str = "mm", hint: str = "") -> float:
    """Return `value` if it lies in [low, high]; otherwise say what is allowed.

    Raises
    ------
    InputError
        The value is no finite number or lies outside.
    """
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(field, value, f"{low:,.10g} to {high:,.10g}{f' {unit}' if unit else ''}", hint)
    return value


def row_counts(needles: int, rows: int, across_mm: float, along_mm: float) -> tuple[int, ...]:
    """Return how many needles stand in each row; `rows` 0 means unknown.

    An unknown number of rows becomes the divisor of `needles` that brings the pitch across nearest to the pitch along
    (8 rows of 24 for 192 needles on a drum of 20 mm by 20 mm); without a fitting divisor, rows differ by one needle.
    """
    if not rows:
        ideal = math.sqrt(needles * across_mm / along_mm)
        even = [d for d in range(1, needles + 1) if needles % d == 0 and 0.5 <= d / ideal <= 2]
        rows = min(even, key=lambda d: (abs(math.log(d / ideal)), d)) if even else min(needles, max(1, round(ideal)))
    each, more = divmod(needles, rows)
    return tuple(each + (row < more) for row in range(rows))


@dataclass(frozen=True)
class Roller:
    """A drum with needles in rows around it.

    Parameters
    ----------
    needles : int
        Needles on the whole drum.
    drum_diameter_mm, width_mm : float
        Drum without its needles, and the width that carries needles.
    rows : int
        Rows side by side; 0 if unknown.
    stagger : float
        How far every other row is turned, in shares of the pitch within a row.
    needle_diameter_mm : float
        Thickness of a needle at its base.
    """

    needles: int
    drum_diameter_mm: float
    width_mm: float
    rows: int = 0
    stagger: float = 0.5
    needle_diameter_mm: float = NEEDLE_DIAMETER_MM

    def __post_init__(self) -> None:
        number_in("drum-diameter-mm", self.drum_diameter_mm, 2, 200)
        number_in("width-mm", self.width_mm, 0.5, 300)
        _check_needles(self.needles, self.rows, self.needle_diameter_mm)
        number_in("stagger", self.stagger, 0, 1, "")
        apart = SPACE * self.needle_diameter_mm
        room = min(MOST_NEEDLES, math.floor(self.turn_mm / apart) * math.floor(self.width_mm / apart))
        if self.needles > room or self.pitch_mm < apart:
            where = f"a drum {self.drum_diameter_mm:g} mm across and {self.width_mm:g} mm wide"
            raise InputError(
                "needles", self.needles, f"1 to {room} needles {self.needle_diameter_mm:g} mm thick on {where}",
                "the needles do not fit the drum" + (f" in {self.rows} rows" if self.rows else ""),
            )  # fmt: skip

    @property
    def turn_mm(self) -> float:
        """Skin rolled over in one turn, 2πR: on skin the drum rolls on its surface."""
        return math.pi * self.drum_diameter_mm

    @property
    def row_sizes(self) -> tuple[int, ...]:
        return row_counts(self.needles, self.rows, self.width_mm, self.turn_mm)

    @property
    def pitch_mm(self) -> float:
        """Smallest distance between needles, along a row or from row to row (also of a neighbouring lane)."""
        sizes = self.row_sizes
        return min(self.turn_mm / max(sizes), self.width_mm / len(sizes))

    @property
    def density_per_pass(self) -> float:
        """λ = N / (2πRW), exact: each needle strikes once in the area of one turn."""
        return 100 * self.needles / (self.turn_mm * self.width_mm)

    def density_on_paper(self, needle_mm: float) -> float:
        """Density on a firm flat sheet, where the roller runs on its tips: N / (2π(R+L)W)."""
        number_in("mm", needle_mm, 0.05, 10)
        radius = self.drum_diameter_mm / 2
        return self.density_per_pass * radius / (radius + needle_mm)

    def layout(self) -> tuple[tuple[float, float], ...]:
        """Return each needle's (place across in mm from the middle, angle in turns)."""
        sizes, pitch = self.row_sizes, self.width_mm / len(self.row_sizes)
        return tuple(
            ((row + 0.5) * pitch - self.width_mm / 2, (j + self.stagger * (row % 2)) / size)
            for row, size in enumerate(sizes)
            for j in range(size)
        )


@dataclass(frozen=True)
class Stamp:
    """A square head pressed straight down; one pass puts presses edge to edge, or `grid_mm` apart.

    Parameters
    ----------
    needles : int
    width_mm : float
        Side of the square that carries needles.
    grid_mm : float
        Distance between the middles of neighbouring presses; 0 means the width.
    rows : int
        0 if unknown.
    """

    needles: int
    width_mm: float
    grid_mm: float = 0.0
    rows: int = 0
    needle_diameter_mm: float = NEEDLE_DIAMETER_MM

    def __post_init__(self) -> None:
        number_in("width-mm", self.width_mm, 0.5, 300)
        if self.grid_mm:
            number_in("grid", self.grid_mm, self.width_mm / 20, self.width_mm * 20)
        _check_needles(self.needles, self.rows, self.needle_diameter_mm)
        apart = SPACE * self.needle_diameter_mm
        room = min(MOST_NEEDLES, math.floor(self.width_mm / apart) ** 2)
        if self.needles > room or self._pitch < apart:
            raise InputError("needles", self.needles, f"1 to {room} needles {self.needle_diameter_mm:g} mm thick",
                             f"they do not fit a head {self.width_mm:g} mm wide")  # fmt: skip

    @property
    def step_mm(self) -> float:
        """Distance between neighbouring presses."""
        return self.grid_mm or self.width_mm

    @property
    def row_sizes(self) -> tuple[int, ...]:
        return row_counts(self.needles, self.rows, self.width_mm, self.width_mm)

    @property
    def _pitch(self) -> float:
        return min(self.width_mm / max(self.row_sizes), self.width_mm / len(self.row_sizes))

    @property
    def pitch_mm(self) -> float:
        """Smallest distance between holes of one pass; 0 when presses overlap."""
        return self._pitch if self.step_mm >= self.width_mm else 0.0

    @property
    def density_per_pass(self) -> float:
        """N / grid², exact."""
        return 100 * self.needles / self.step_mm**2

    def layout(self) -> tuple[tuple[float, float], ...]:
        """Return each needle's place (x, y) in mm from the middle of the head."""
        sizes, width = self.row_sizes, self.width_mm
        return tuple(
            ((row + 0.5) * width / len(sizes) - width / 2, (j + 0.5) * width / size - width / 2)
            for row, size in enumerate(sizes)
            for j in range(size)
        )


@dataclass(frozen=True)
class Pen:
    """A cartridge that strikes `hz` times a second while it is drawn along lanes as wide as its tip.

    Parameters
    ----------
    needles : int
    width_mm : float
        Diameter of the circle that carries needles.
    hz : float
        Strikes a second.
    speed_mm_s : float
        Speed over the skin.
    """

    needles: int
    width_mm: float
    hz: float
    speed_mm_s: float
    needle_diameter_mm: float = NEEDLE_DIAMETER_MM

    def __post_init__(self) -> None:
        number_in("width-mm", self.width_mm, 0.5, 50)
        number_in("hz", self.hz, 0.1, 1000, "Hz")
        number_in("speed-mm-s", self.speed_mm_s, 0.01, 2000, "mm/s", "a pen that stands still drills one spot")
        _check_needles(self.needles, 0, self.needle_diameter_mm)
        room = min(MOST_PINS, math.floor(math.pi / 4 * (self.width_mm / SPACE / self.needle_diameter_mm) ** 2))
        if self.needles > room:
            raise InputError("needles", self.needles, f"1 to {room} needles {self.needle_diameter_mm:g} mm thick",
                             f"they do not fit a tip {self.width_mm:g} mm wide")  # fmt: skip

    @property
    def holes_per_second(self) -> float:
        return self.needles * self.hz

    @property
    def seconds_per_cm2(self) -> float:
        """Time one pass takes for each cm² of skin: 1 / (speed × lane)."""
        return 100 / (self.speed_mm_s * self.width_mm)

    @property
    def density_per_pass(self) -> float:
        """N·f / (v·w), exact."""
        return self.holes_per_second * self.seconds_per_cm2

    @property
    def pitch_mm(self) -> float:
        """Smallest distance between two strikes of one pass, whichever needle made them."""
        step, pins = self.speed_mm_s / self.hz, self.layout()
        sides = [y for _, y in pins]
        apart = [step, self.width_mm - (max(sides) - min(sides))]
        for i, (x, y) in enumerate(pins):
            for u, v in pins[:i]:
                along = (x - u) % step
                apart.append(math.hypot(min(along, step - along), y - v))
        return min(apart)

    def layout(self) -> tuple[tuple[float, float], ...]:
        """Return each needle's place (x, y) in mm from the middle: spread evenly over the circle, our assumption."""
        golden = math.pi * (1 + math.sqrt(5))
        polar = ((self.width_mm / 2 * math.sqrt((k + 0.5) / self.needles), golden * k) for k in range(self.needles))
        return tuple((r * math.cos(a), r * math.sin(a)) for r, a in polar)


Tool: TypeAlias = Roller | Stamp | Pen


def _check_needles(needles: int, rows: int, diameter_mm: float) -> None:
    number_in("needle-diameter-mm", diameter_mm, 0.02, 2)
    number_in("needles", needles, 1, MOST_NEEDLES, "needles")
    if rows:
        number_in("rows", rows, 1, needles, "rows")


def within_share(r_mm: float, density_per_pass: float, passes: int) -> float:
    """Share of the skin within `r_mm` of a hole after independent passes: F(r) = 1 − (1 − λπr²)^k.

    Exact for r up to half the smallest distance between holes of one pass (discs of one pass do not overlap, so one pass
    covers the share λπr², and passes set down anew are independent).
    """
    return 1 - (1 - min(1.0, density_per_pass / 100 * math.pi * r_mm**2)) ** passes


def neighbour_share(r_mm: float, density_per_pass: float, passes: int) -> float:
    """Share of holes with another within `r_mm`: G(r) = 1 − (1 − λπr²)^(k−1), exact below half the smallest distance.

    Holes of the same pass lie further apart than that, so only the other k − 1 passes count.
    """
    return within_share(r_mm, density_per_pass, passes - 1)


def duplicate_share_random(d_mm: float, density_per_cm2: float) -> float:
    """Share of strikes within `d_mm` of an earlier one if strikes fell at random (Poisson): 1 − (1 − e^−u)/u, u = λπd²."""
    u = density_per_cm2 / 100 * math.pi * d_mm**2
    return 1 + math.expm1(-u) / u if u > 1e-9 else u / 2


@dataclass(frozen=True)
class Rolling:
    """How one needle of a roller goes in and out while the drum rolls on the skin.

    Attributes
    ----------
    entry_angle_deg : float
        Lean from upright at entry and exit, acos(R / (R + L)).
    slit_mm : float
        Way the tip would sweep along skin that did not give: 2R(tan a − a).
    needles_in_skin : float
        Needles in the skin at the same time, on average; they share the hand's force.
    """

    entry_angle_deg: float
    slit_mm: float
    needles_in_skin: float

    def force_share(self) -> float:
        """Share of the hand's force on one needle, were all loaded alike."""
        return 1 / max(1.0, self.needles_in_skin)


def entry_angle_deg(drum_diameter_mm: float, needle_mm: float) -> float:
    """Lean of a needle as it enters: acos(R / (R + L)), exact for a drum rolling on flat skin without sinking in."""
    radius = number_in("drum-diameter-mm", drum_diameter_mm, 2, 200) / 2
    return math.degrees(math.acos(radius / (radius + number_in("mm", needle_mm, 0.05, 10))))


def rolling(roller: Roller, needle_mm: float) -> Rolling:
    """Return the kinematics of `roller` with needles `needle_mm` long."""
    angle = math.radians(entry_angle_deg(roller.drum_diameter_mm, needle_mm))
    slit = roller.drum_diameter_mm * (math.tan(angle) - angle)
    return Rolling(math.degrees(angle), slit, roller.needles * angle / math.pi)


@dataclass(frozen=True)
class SameDose:
    """What the other device needs for the same holes per cm².

    Attributes
    ----------
    passes : float
        Exact number of passes; `whole_passes` is the nearest whole one, never less than one.
    seconds_per_cm2 : float or None
        Time on each cm², for a pen.
    """

    density_per_cm2: float
    passes: float
    whole_passes: int
    density_whole_per_cm2: float
    seconds_per_cm2: float | None


def same_dose(a: Tool, passes: int, b: Tool) -> SameDose:
    """Return the passes (and seconds) with `b` that make as many holes per cm² as `passes` with `a`."""
    number_in("passes", passes, 1, 10000, "passes")
    density = a.density_per_pass * passes
    exact = density / b.density_per_pass
    whole = max(1, round(exact))
    seconds = density / b.holes_per_second if isinstance(b, Pen) else None
    return SameDose(density, exact, whole, whole * b.density_per_pass, seconds)
