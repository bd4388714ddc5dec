"""The imprint test: a picture of what a roller or stamp pricks into paper or foil, read into the geometry of the device.

The roller was rolled two turns over a flat sheet on a soft mat, or the stamp pressed once. On paper a roller runs on its tips, so
one turn is 2π(R + L) long; on skin it rolls on its drum. No layout, count or pitch is assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needlewise.errors import InputError, nearest
from needlewise.measure.imprint.fold import Fold, Needle, fades, fold, goes_on, press, trimmed
from needlewise.measure.imprint.lattice import Slots, fit_rows
from needlewise.measure.imprint.marks import Array, Crop, best_size, beyond, marks_in
from needlewise.measure.imprint.outline import SIZES_MM, find_plane
from needlewise.measure.imprint.page import Picture, Plane, open_picture
from needlewise.measure.imprint.ruler import find_ruler
from needlewise.measure.imprint.scale import ALIKE
from needlewise.measure.imprint.shape import Shape, mean_shape
from needlewise.measure.imprint.strips import find_strips
from needlewise.said import say

__all__ = ["Claim", "Figure", "Imprint", "Needle", "read_imprint"]

KINDS = ("roller", "stamp")
FILL = {"roller": 0.5, "stamp": 0.15}  # a roller leaves a rectangle, a stamp may be round
ADVICE = {
    "roller": say("roll in one straight line, two turns, without lifting"),
    "stamp": say("press once, straight down; only heads in rows are read"),
}
MM_RANGE = (0.05, 10.0)
LEAST_PX_PER_MM = 5.0
MOST_DOUBT = 0.01  # relative standard error: a length that is not known to 2 % is not given, our rule
LEAST_ROWS, LEAST_COLUMNS = 2, 3
TICK_MM = 4.0  # how long ticks are
WIDEST_STAMP_MM = 40.0  # of the heads sold, with room to spare: our rule
MARGIN_MM = (8.0, 4.5)  # the lattice is looked for this far beyond the marks found at first, along and across
CUT = say("marks go on to the rim of the picture"), say("take all of the imprint into the picture, with paper around it")
MOST_LOOKS = 6  # each twice as far along as the one before
FORESEEN = 0.75  # of the holes: a first look that saw so many was clear
FADES = say("the holes fade towards one end"), say("light the imprint evenly, and lay it flat in focus")
LEAST_HIT, LEAST_TRUST = 0.8, 0.9  # share of places with a mark, below which a lattice or, on trust, its length is not believed
THINS = 0.85  # share of places with a mark, below which a lattice that shows fewer the farther one looks is given up
MOST_SPREAD = 0.09  # of the pitch
RIM_MM = 3.0  # of paper all around are enough to know that the imprint ends there


@dataclass(frozen=True)
class Figure:
    """A measured length or density and its standard error."""

    value: float
    error: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value - 1.96 * self.error

    @property
    def high(self) -> float:
        return self.value + 1.96 * self.error


@dataclass(frozen=True)
class Claim:
    """What a seller says, beside what was counted.

    Attributes
    ----------
    agrees : bool
        The claim lies within what the imprint leaves open.
    """

    claimed: int
    low: int
    high: int
    agrees: bool


@dataclass(frozen=True)
class Imprint:
    """What a picture tells of a device; lengths in mm, densities per cm².

    Attributes
    ----------
    needles, needles_low, needles_high : int
        Places for needles on the whole device (rows × columns), and the range the picture leaves open.
    standing : int
        Those that leave a mark: `needles` less the missing ones.
    rows, columns : int
    pitch, row_pitch : Figure
        Between holes along a row, on paper; between rows.
    width : Figure
        Width that carries needles: rows × row pitch.
    drum_radius : Figure or None
        Of a roller, without needles: columns × pitch / 2π less the needles' length.
    density_per_pass : Figure
        Of a roller on skin, where the drum rolls on its surface: N / (2πRW); of a stamp, N over its area.
    shape : Shape
        Slit or round, by how much longer than wide.
    drag : Figure or None
        Length by which round needles tear along; None for slits.
    missing, bent, blunt : tuple of Needle
    turns : float
    repeated : bool
        One turn was recognised by its own odd needles; otherwise two turns are taken on trust.
    scatter : float
        Of holes about their places.
    """

    kind: str
    mm: float
    needles: int
    needles_low: int
    needles_high: int
    standing: int
    rows: int
    columns: int
    pitch: Figure
    row_pitch: Figure
    width: Figure
    drum_radius: Figure | None
    density_per_pass: Figure
    shape: Shape
    drag: Figure | None
    missing: tuple[Needle, ...]
    bent: tuple[Needle, ...]
    blunt: tuple[Needle, ...]
    turns: float
    repeated: bool
    scatter: float

    def to_geometry(self) -> dict[str, float]:
        """Return the device's figures by the names the coverage simulator uses; a stamp's head as a square of its area."""
        figures = {"needles": float(self.standing), "rows": float(self.rows)}
        if self.drum_radius is not None:
            return figures | {"width_mm": round(self.width.value, 2), "drum_diameter_mm": round(2 * self.drum_radius.value, 2)}
        return figures | {"width_mm": round(math.sqrt(self.width.value * self.columns * self.pitch.value), 2)}

    def against(self, claimed: int) -> Claim:
        """Compare with the number of needles a seller claims."""
        if claimed < 1:
            raise InputError("claimed", claimed, "1 or more needles")
        agrees = self.needles_low - len(self.missing) <= claimed <= self.needles_high
        return Claim(claimed, self.needles_low, self.needles_high, agrees)


def read_imprint(photo: Path, kind: str, mm: float, scale: str | float) -> Imprint:
    """Read the picture of an imprint.

    Parameters
    ----------
    photo : Path
        JPEG or PNG file.
    kind : str
        "roller" (two turns) or "stamp" (one press).
    mm : float
        Length of the needles.
    scale : str or float
        What lies in the picture: "card", "paper-a4", "paper-letter", or a ruler: the distance of neighbouring ticks (1 for
        millimetres), or, above 2, of its first and last tick.

    Raises
    ------
    InputError
        A value is out of range, or the picture cannot be read: the reason is named.
    """
    if kind not in KINDS:
        raise InputError("kind", kind, ", ".join(KINDS), nearest(str(kind), list(KINDS)))
    if not (math.isfinite(mm) and MM_RANGE[0] <= mm <= MM_RANGE[1]):
        raise InputError("mm", mm, say("{low:g} to {high:g} mm", low=MM_RANGE[0], high=MM_RANGE[1]))
    if isinstance(scale, str) and scale not in SIZES_MM:
        sizes = say("{sizes}, or a ruler's millimetres", sizes=", ".join(SIZES_MM))
        raise InputError("scale", scale, sizes, nearest(scale, list(SIZES_MM)))
    picture = open_picture(Path(photo))
    plane = find_plane(picture, scale) if isinstance(scale, str) else find_ruler(picture, float(scale))
    if not max(plane.error_shares) <= MOST_DOUBT:  # nor if it is no number
        raise InputError("photo", str(photo), "a picture taken from straighter above",
                         "it is not seen how far this one is tilted; a bank card close to the holes tells it")  # fmt: skip
    if plane.px_per_mm < LEAST_PX_PER_MM:
        raise InputError("photo", str(photo), say("{least:g} pixels or more for each millimetre", least=LEAST_PX_PER_MM),
                         say("it has {found:.1f}; go nearer, or take a larger picture", found=plane.px_per_mm))  # fmt: skip
    return _read(Path(photo), picture, plane, kind, mm)


def _read(photo: Path, picture: Picture, plane: Plane, kind: str, mm: float) -> Imprint:
    why = say("no marks that repeat were found"), say("focus on the holes, light them from the side or from behind")
    fill = FILL[kind]
    for box, marks, sure in find_strips(picture, plane):
        about = len(marks.mm)
        crop = marks_in(picture, plane, box, marks.sign, about, MARGIN_MM, best_size(picture, plane, marks))
        slots = None if crop.ring else fit_rows(crop.marks, about, fill)
        if slots is None and why == CUT:
            continue
        if slots is None:
            why = say("marks were found, but no rows of one pitch"), ADVICE[kind]
            continue
        sure = sure or about > FORESEEN * slots.hit.sum()
        crop, slots, ends = _grown(picture, plane, box, crop, slots, fill, sure)
        if len(slots.row_at) < LEAST_ROWS or _a_scale(plane, slots):
            continue
        if _cut(picture, plane, crop, slots):
            why = CUT
            continue
        if not ends:
            why = FADES
            continue
        if kind == "stamp":
            slots = trimmed(slots)
        if slots.hit.mean() < LEAST_HIT or slots.spread_mm > MOST_SPREAD * slots.pitch_mm:
            few = say("only {share:.0%} of the places show a hole", share=float(slots.hit.mean()))
            why = few, say("focus on the holes, avoid glare, go nearer")
            continue
        folded = (fold if kind == "roller" else press)(slots, crop.marks)
        if kind == "stamp" and np.ptp(slots.place, axis=0).max() > WIDEST_STAMP_MM:
            why = say("rows longer than a stamp's head"), ADVICE[kind]
            continue
        if kind == "roller" and not folded.repeated and (slots.hit.mean() < LEAST_TRUST or fades(slots, crop.marks)):
            why = FADES
            continue
        if folded.columns < LEAST_COLUMNS:
            why = say("only {count} holes to a turn", count=folded.columns), say("roll two whole turns")
            continue
        seen = crop.marks.take(slots.mark[slots.hit & (np.linalg.norm(slots.off, axis=1) < 0.1)])
        gap = float(min([slots.pitch_mm, *np.diff(slots.row_at)]))
        shape = mean_shape(crop, plane, seen, slots.turn, gap)
        return _imprint(plane, kind, mm, slots, folded, shape)
    raise InputError("photo", str(photo), say("a picture in which the holes show clearly ({why})", why=why[0]), why[1])


def _a_scale(plane: Plane, slots: Slots) -> bool:
    """Say whether the lattice is rather a second scale of the ruler: narrow, along it, in its steps."""
    step = min(abs(slots.pitch_mm / usual - 1) for usual in ALIKE)
    return plane.ruler and bool(abs(slots.turn[0, 1]) < 0.1 and np.ptp(slots.row_at) < TICK_MM and step < 0.02)


def _cut(picture: Picture, plane: Plane, crop: Crop, slots: Slots) -> bool:
    """Say whether the lattice may go on beyond the picture: what is read then is no whole imprint, or a woven cloth."""
    px = plane.px(slots.corners(crop.marks))
    gap = float(np.median(np.diff(slots.row_at))) if len(slots.row_at) > 1 else 0.0
    rim = min(RIM_MM, 1.5 * max(slots.pitch_mm, gap)) * plane.px_per_mm
    return bool((px < rim).any() or (px > np.array([picture.width, picture.height]) - rim).any())


def _grown(picture: Picture, plane: Plane, box: Array, crop: Crop, slots: Slots, fill: float,
           sure: bool) -> tuple[Crop, Slots, bool]:  # fmt: skip
    """Look farther while the lattice comes so near the crop's rim that it may go on; once anyway, if marks are not clear.

    Returns the wider crop, its lattice, and whether the lattice ends in it.
    """
    margin = MARGIN_MM
    for wider in range(MOST_LOOKS):
        found = slots.corners(crop.marks)
        gap = float(np.median(np.diff(slots.row_at))) if len(slots.row_at) > 1 else 2.0
        along, across = beyond(found, box)
        more_to_come = goes_on(slots, crop.marks)
        near_rim = along > margin[0] - 1.5 * slots.pitch_mm or across > margin[1] - 1.2 * gap
        if sure and not more_to_come and not near_rim:
            return crop, slots, True
        about = round((1.6 if more_to_come else 1.3) * slots.hit.sum())
        if more_to_come or near_rim or not crop.all:
            margin = 2**wider * max(MARGIN_MM[0], 2 * slots.pitch_mm), max(MARGIN_MM[1], 1.5 * gap)
            larger = marks_in(picture, plane, found, crop.marks.sign, about, margin, crop.marks.sigma_px)
        else:
            larger = crop
        more = fit_rows(larger.marks, about, fill, slots.turn)
        if more is None or more.hit.mean() < 0.9 * slots.hit.mean():
            return crop, slots, not (more_to_come or near_rim)
        if more.hit.sum() <= 1.01 * slots.hit.sum():
            fewer = more.hit.sum() < slots.hit.sum()
            farther = goes_on(slots, crop.marks, larger.marks) if fewer else goes_on(more, larger.marks)
            return crop, slots, not (more_to_come or farther)
        if more.hit.mean() < min(THINS, slots.hit.mean()):
            return larger, more, bool(more.hit.mean() < LEAST_HIT)  # the farther, the fewer: no look finds where it ends
        box, crop, slots, sure = found, larger, more, True
    return crop, slots, False


def _imprint(plane: Plane, kind: str, mm: float, slots: Slots, folded: Fold, shape: Shape) -> Imprint:
    share, share_across = (plane.error_share(way) for way in slots.turn)
    rows, columns = len(slots.row_at), folded.columns
    pitch = Figure(slots.pitch_mm, math.hypot(slots.pitch_error_mm, share * slots.pitch_mm))
    row_pitch = _row_pitch(slots.row_at, share_across, slots.spread_mm)
    width = Figure(rows * row_pitch.value, rows * row_pitch.error)
    needles = rows * columns if kind == "roller" else len(slots.row)
    standing = needles - len(folded.missing)
    radius = _radius(pitch, folded, mm) if kind == "roller" else None
    swept = Figure(columns * pitch.value, columns * pitch.error)
    if radius is not None:
        swept = Figure(2 * math.pi * radius.value, 2 * math.pi * radius.error)
    density = 100 * standing / (swept.value * width.value)
    spread = math.hypot(swept.error / swept.value, width.error / width.value)
    return Imprint(
        kind=kind, mm=mm, needles=needles, standing=standing, rows=rows, columns=columns,
        pitch=pitch, row_pitch=row_pitch, width=width,
        needles_low=needles * folded.columns_low // columns, needles_high=-(-needles * folded.columns_high // columns),
        drum_radius=radius, density_per_pass=Figure(density, density * spread),
        shape=shape, drag=None if shape.word == "slit" else Figure(max(0.0, shape.longer_mm), shape.error_mm),
        missing=folded.missing, bent=folded.bent, blunt=folded.blunt, turns=folded.turns, repeated=folded.repeated,
        scatter=slots.spread_mm,
    )  # fmt: skip


def _radius(pitch: Figure, folded: Fold, mm: float) -> Figure:
    """Return the drum's radius: on paper the tips roll, so a turn is 2π(R + L)."""
    doubt = 0.5 * (folded.columns_high - folded.columns_low) / 1.96 * pitch.value
    value = folded.columns * pitch.value / (2 * math.pi) - mm
    if value <= 0:
        least = say("needles shorter than {radius:.1f} mm, the radius at the tips that the imprint shows", radius=value + mm)
        raise InputError("mm", mm, least)
    return Figure(value, math.hypot(folded.columns * pitch.error, doubt) / (2 * math.pi))


def _row_pitch(at: Array, share: float, spread: float) -> Figure:
    """Return the distance between rows, 2 mm where there is a single row: a needle's own lane is not seen then."""
    if len(at) < 2:
        return Figure(2.0, 1.0)
    gaps = np.diff(np.sort(at))
    mean = float(gaps.mean())
    return Figure(mean, math.hypot(share * mean, spread / (len(at) - 1)))
