"""What a comparison finds, and how its readings become verdicts: shared by faces (`pair`) and drawn regions (`region_pair`)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.absolute import AbsoluteLine
from needlewise.measure.align import Alignment
from needlewise.measure.change import DEFAULTS, Change, Measure, Spread, judge, not_comparable, spread_from
from needlewise.measure.colour import redness
from needlewise.measure.comparable import NOT_COMPARABLE
from needlewise.measure.gates import FACTOR, Comparable, View
from needlewise.measure.own import Own
from needlewise.measure.photo import Photo
from needlewise.measure.spots import SMOOTH_MM, SpotChange, blemish_redness, darkness, match_spots, mean_change
from needlewise.measure.zones import Mask, box_around
from needlewise.said import join, say

REDNESS = Measure("redness", "redness@1", "100·log10(R/G)")
PIGMENT = Measure("pigment", "pigment@1", "100·log10")
TEXTURE = Measure("texture", "ridges@2", "%")
SPOTS = Measure("spots", "spots@1", "100·log10")
BLEMISHES = Measure("blemishes", "blemish-redness@1", "100·log10(R/G)")
# What no test of the kind behind change.DEFAULTS has settled yet: wide on purpose, named in every output
WIDE = {
    "pigment": Spread(1.2, 0.5, 12, say(
        "a wide default for pigment (between days {days}), our own choice; not from your own skin", days=1.2)),
    "blemishes": Spread(1.5, 1.0, 12, say("a wide default for blemish redness (between days {days}), our own choice", days=1.5)),
}
RIM_CONTRAST = 5.0  # 100·log10: fainter spots have no rim to speak of, and there are many
BLUR_REACH = 4  # standard deviations beyond which a Gaussian weighs nothing


@dataclass(frozen=True)
class SpotLine:
    """One dark spot before and after: contrast in 100·log10, area in mm² (None where the scale is not known) and in px².

    `sd` is the standard deviation of the contrast's difference; x, y are px of the first photo.
    """

    zone: str
    x: float
    y: float
    contrast_before: float
    contrast_after: float
    area_before_mm2: float | None
    area_after_mm2: float | None
    sd: float
    area_before_px: float
    area_after_px: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything one comparison found; `before`, `after`, `alignment` and what follows are those of the first pair of shots.

    `light_deg` is None off the face, where nothing tells the light's direction; `skin` (bool, HxW) is what both
    show, `frame` (Nx2, px) points around what is to be shown, `outlines` (Nx2, px) where each zone lies.
    `too_soon` says in words why the numbers are held back (see `patience`), "" where they are not; `absolute` is
    colour by the card, where there was one.
    """

    comparable: dict[str, Comparable]
    light_deg: float | None
    error_px: float
    inliers: int
    changes: tuple[Change, ...]
    spots: tuple[SpotLine, ...]
    notes: tuple[str, ...]
    zones: tuple[str, ...]
    before: View
    after: View
    alignment: Alignment
    skin: Mask
    frame: NDArray[np.float32]
    outlines: Mapping[str, NDArray[np.float32]]
    too_soon: str = ""
    absolute: tuple[AbsoluteLine, ...] = ()


def judge_shots(
    zone: str,
    measure: Measure,
    values: list[float],
    spread: Spread,
    gate: Comparable,
    shots: tuple[int, int],
    early: bool,
    sd: float,
) -> Change:
    """Judge the mean of the pairs; their own spread tells how much single shots wander.

    Pairs of two fresh shots wander by √2·σ_shot. Where a shot serves in several pairs they wander by less, so the division
    is left out there: σ_shot comes out too large rather than too small.
    """
    if len(values) > 1:
        fresh = math.sqrt(2) if shots[0] == shots[1] else 1.0
        spread = spread_from([], [[value / fresh for value in values]], spread)
    # a reading that is itself less sure than the default allows (little skin, uneven light) widens the interval
    wider = max(1.0, sd / (math.sqrt(2) * spread.session)) if spread.session else 1.0
    mean = math.fsum(values) / len(values)
    return judge(zone, measure, mean, spread, shots, wider=max(1.0, gate.width_factor * wider), early=early)


def colours_judged(
    zone: str,
    read: Sequence[tuple[float, float, float, float]],
    gates: dict[str, Comparable],
    shots: tuple[int, int],
    early: bool,
    own: Own,
    default: Spread = DEFAULTS["redness"],
) -> list[Change]:
    """Judge redness and pigment of one zone from the readings of each pair: redness, pigment, and their standard deviations.

    `default` is redness's where the person's own days say nothing.
    """
    red, brown, red_sd, brown_sd = (list(part) for part in zip(*read, strict=True))
    first = judge_shots(zone, REDNESS, red, own.spread(zone, "redness", default), gates["redness"], shots, early, max(red_sd))
    if first.verdict in ("better", "worse"):  # blood reads as pigment too, by about half
        also = say("redness changed here, and a change of redness also reads as pigment")
        return [first, not_comparable(zone, PIGMENT, also)]
    if gates["pigment"].verdict == NOT_COMPARABLE:
        return [first, not_comparable(zone, PIGMENT, join(gates["pigment"].reasons, "; "))]
    spread = own.spread(zone, "pigment", WIDE["pigment"])
    return [first, judge_shots(zone, PIGMENT, brown, spread, gates["pigment"], shots, early, max(brown_sd))]


@dataclass(frozen=True, eq=False)
class Spots:
    """The dark spots of one zone in one pair of shots.

    `found` is in px and mm of `here`, the rows and columns of the pictures that were looked at; `known` is False where the
    scale is only a guess.
    """

    zone: str
    found: tuple[SpotChange, ...]
    here: tuple[slice, slice]
    px_per_mm: float
    known: bool

    def lines(self) -> list[SpotLine]:
        rows, columns = self.here
        area = self.px_per_mm**2
        return [
            SpotLine(self.zone, s.x + columns.start, s.y + rows.start, s.contrast_before, s.contrast_after,
                     s.area_before_mm2 if self.known else None, s.area_after_mm2 if self.known else None, s.sd,
                     s.area_before_mm2 * area, s.area_after_mm2 * area)
            for s in self.found
        ]  # fmt: skip

    def cover(self, shape: tuple[int, ...], margin_px: float) -> Mask:
        """Return True in the pictures, of this shape, on each spot whose rim can read as a line, and so far around it."""
        canvas = np.zeros(shape, np.uint8)
        wide = self.here[1].stop - self.here[1].start
        for spot in self.found:
            if max(spot.contrast_before, spot.contrast_after) < RIM_CONTRAST:
                continue
            y, x = np.divmod(spot.region, wide)
            reach = float(np.hypot(x - spot.x, y - spot.y).max()) + margin_px
            cv2.circle(canvas, (round(spot.x) + self.here[1].start, round(spot.y) + self.here[0].start), math.ceil(reach), 1, -1)
        return canvas > 0


def spots_in(
    zone: str, pictures: tuple[NDArray[np.float32], NDArray[np.float32]], mask: Mask, px_per_mm: float, known: bool = True
) -> Spots:
    """Follow the dark spots of two linear pictures, pixel on pixel; `known` is False where px_per_mm is only a guess.

    Raises
    ------
    InputError
        No skin, or too few pixels a millimetre.
    """
    if not mask.any():
        raise InputError(zone, "0 px", "some skin", "choose a larger or better lit zone")
    rows, columns = here = box_around(mask, math.ceil(BLUR_REACH * SMOOTH_MM * px_per_mm))
    maps = [darkness(pixels[here], px_per_mm) for pixels in pictures]
    found = match_spots(maps[0], maps[1], mask[here], px_per_mm)
    return Spots(zone, tuple(found), (rows, columns), px_per_mm, known)


def beside_redness(gate: Comparable, zone: str, changes: Sequence[Change]) -> Comparable:
    """Return the gate of spots, wider where the zone's redness changed: uneven blood takes blue light away as spots do."""
    red = [c for c in changes if (c.zone, c.what) == (zone, REDNESS.what)]
    changed = any(c.low is not None and c.high is not None and not c.low <= 0 <= c.high for c in red)
    return replace(gate, width_factor=gate.width_factor * FACTOR) if changed else gate


def spots_changed(
    zone: str, read: Callable[[], Sequence[Spots]], gate: Comparable, shots: tuple[int, int], early: bool, own: Own
) -> tuple[list[Change], list[SpotLine]]:
    """Judge whether the spots of one zone faded or darkened, from each pair's; also the first pair's, one by one.

    There is no change where no spot stands out in any photo: there is none to follow.
    """
    if gate.verdict == NOT_COMPARABLE:
        return [not_comparable(zone, SPOTS, join(gate.reasons, "; "))], []
    try:
        spots = read()
    except InputError as error:
        return [not_comparable(zone, SPOTS, str(error))], []
    values = [mean_change(one.found) for one in spots if one.found]
    if not values:
        return [], []
    spread = own.spread(zone, SPOTS.what, DEFAULTS["spots"])
    differences, sds = ([value[i] for value in values] for i in (0, 1))
    return [judge_shots(zone, SPOTS, differences, spread, gate, shots, early, max(sds))], spots[0].lines()


def blemishes_changed(pictures: tuple[NDArray[np.float32], NDArray[np.float32]], mask: Mask, px_per_mm: float) -> float:
    """Return by how much blemishes grew redder between two linear pictures, pixel on pixel (`spots.blemish_redness`)."""
    here = box_around(mask, 0)
    maps = [np.where(mask[here], redness(np.maximum(pixels[here], 1e-6)), 0).astype(np.float32) for pixels in pictures]
    one, two = (blemish_redness(field, mask[here], px_per_mm) for field in maps)
    return two - one


def too_early(review: dt.date | None, after: Photo) -> bool:
    """Tell whether the review date lies ahead of the photo."""
    return review is not None and (after.meta.taken or dt.datetime.now()).date() < review


def notes_of(one: Sequence[Photo], two: Sequence[Photo], make_up: bool | None) -> tuple[str, ...]:
    """Return what a person should know beside the verdicts."""
    notes = []
    if make_up is None:
        notes.append(say("Nobody said whether make-up was worn: bare skin is what this compares."))
    if min(len(one), len(two)) < 3:
        notes.append(say("Three shots a day, two untreated days: that is what makes small changes visible."))
    taken = [photo.meta.taken for photo in (one[0], two[0])]
    if taken[0] and taken[1] and taken[1] < taken[0]:
        notes.append(say("The photos after are older than the photos before: were they given the wrong way round?"))
    return tuple(notes)
