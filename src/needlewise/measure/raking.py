"""Scars by eye: photos with one lamp from the left and one from the right, laid over those of another day. No number is made.

Relief from several lights was tried and is not repeatable enough (SD 17 % with eight shots), so what is checked here is whether a
person may look at both days side by side: did the lamp come from 50 to 60° each time, as nearly from the same place as last time,
and is the face turned alike? The light is read from the face (`light`); benchmarks/measure_raking.py prints how well that tells a
lamp at 50 to 60° from others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needlewise.errors import InputError
from needlewise.measure.align import Alignment, align, unmoved
from needlewise.measure.capture import RAKING_DEG
from needlewise.measure.change import too_soon
from needlewise.measure.comparable import COMPARABLE, NOT_COMPARABLE, OTHER_LIGHT_DEG, SAME_LIGHT_DEG
from needlewise.measure.gates import ERROR_MM_FAR, TURNED, TURNED_FAR, Shot, of_photo
from needlewise.measure.light import Light, light_change
from needlewise.measure.pair import open_shot
from needlewise.measure.pictures import Picture, laid_over
from needlewise.measure.zones import luminance, skin_mask
from needlewise.said import say

SIDES = ("left", "right")  # where the lamp stands, the person's own
TOLERANCE = 12.0  # degrees: the reading of a lamp at 50 to 60° errs by about so much (benchmarks/measure_raking.py)
HIGH = 30.0  # degrees up or down beyond which shadows fall along the face instead of across; our choice
SOFT = 0.5  # beyond, light from all round fills the shadows that show pits; our choice
SIDE = 1080  # px of the longer side of the pictures: pits are small
LIT = 0.3  # of the brightest skin: what counts as lit when brightness is matched


@dataclass(frozen=True, eq=False)
class Side:
    """The photos of one lamp: whether they may be looked at side by side, and why not or with what care."""

    before: Shot
    after: Shot
    alignment: Alignment
    verdict: str
    reasons: tuple[str, ...]

    @property
    def pictures(self) -> tuple[Picture, Picture]:
        """The face before and after, pixel on pixel, the later one brought to the brightness of the first by one factor."""
        return laid_over(self.before.photo, self.after.photo, self.alignment, self.before.face.points[:468], self._gain(), SIDE)

    def _gain(self) -> float:
        levels = [_lit_level(shot) for shot in (self.before, self.after)]
        return levels[0] / levels[1]


@dataclass(frozen=True, eq=False)
class Raking:
    """Two days under a lamp from the left and from the right; `too_soon` as in a comparison."""

    sides: dict[str, Side]
    too_soon: str


def rake(before: Sequence[str | Path], after: Sequence[str | Path], anyway: bool = False) -> Raking:
    """Lay the raking photos of two days over each other.

    Parameters
    ----------
    before, after : two paths each
        One photo with the lamp from the left and one with it from the right, in any order: the light tells which is which.
    anyway : bool
        Show them even when the days lie closer together than skin can change.

    Raises
    ------
    InputError
        Not two photos a day, or one cannot be used.
    """
    for name, paths in (("before", before), ("after", after)):
        if len(paths) != len(SIDES):
            raise InputError(name, f"{len(paths)} photos", "two: the lamp from the left, then from the right")
    days = [sorted((open_shot(path) for path in paths), key=lambda shot: -shot.light.azimuth_deg) for paths in (before, after)]
    sides = {side: _side(side, days[0][i], days[1][i]) for i, side in enumerate(SIDES)}
    taken = [day[0].photo.meta.taken for day in days]
    wait = ""
    if taken[0] and taken[1] and taken[0] != taken[1] and not anyway:
        wait = too_soon(min(taken[0], taken[1]).date(), max(taken[0], taken[1]).date())
    return Raking(sides, wait)


def lamp_faults(light: Light, side: str) -> tuple[str, ...]:
    """Return what is wrong with a lamp that should stand on that side, each with what to do, or nothing."""
    towards = light.azimuth_deg if side == "left" else -light.azimuth_deg
    low, high = RAKING_DEG[0] - TOLERANCE, RAKING_DEG[1] + TOLERANCE
    place = say("put it {low:g} to {high:g}° to your right, as the guide shows", low=RAKING_DEG[0], high=RAKING_DEG[1])
    if side == "left":
        place = say("put it {low:g} to {high:g}° to your left, as the guide shows", low=RAKING_DEG[0], high=RAKING_DEG[1])
    found = []
    if towards < 0:
        found.append(say("the lamp stood on your other side ({deg:.0f}°): {place}", deg=-towards, place=place))
    elif towards < low:
        found.append(say("the lamp stood too near the middle (about {deg:.0f}°): {place}", deg=towards, place=place))
    elif towards > high:
        found.append(say("the lamp stood too far round (about {deg:.0f}°): {place}", deg=towards, place=place))
    if light.elevation_deg > HIGH:
        text = say("the lamp stood too high (about {deg:.0f}°): put it at the height of your nose", deg=light.elevation_deg)
        found.append(text)
    elif light.elevation_deg < -HIGH:
        text = say("the lamp stood too low (about {deg:.0f}°): put it at the height of your nose", deg=-light.elevation_deg)
        found.append(text)
    if light.softness > SOFT:
        found.append(say("light came from all round and filled the shadows: darken the room, one bare lamp only"))
    return tuple(found)


def _side(side: str, before: Shot, after: Shot) -> Side:
    if before.cropped or after.cropped:
        if before.photo.shape != after.photo.shape:
            raise InputError("photos", "two small cut-outs", "the same size", "cut them out alike, or give the whole photos")
        alignment = unmoved(before.photo.shape)
    else:
        skin = skin_mask(before.photo, before.face)
        alignment = align(before.photo, after.photo, before.face, after.face, skin if skin.any() else None)
    lamps = [of_photo(i, fault) for i, shot in enumerate((before, after)) for fault in lamp_faults(shot.light, side)]
    cautions = [*_between(before, after, alignment)]
    refused = lamps + [text for text, must in cautions if must]
    return Side(before, after, alignment, NOT_COMPARABLE if refused else COMPARABLE,
                tuple(dict.fromkeys([*refused, *(text for text, must in cautions if not must)])))  # fmt: skip


def _between(before: Shot, after: Shot, alignment: Alignment) -> list[tuple[str, bool]]:
    """Return what differs between the days, and whether it rules looking out."""
    found: list[tuple[str, bool]] = []
    moved = light_change(before.light, after.light)
    if moved > SAME_LIGHT_DEG:
        says = say("the lamp stood about {moved:.0f}° elsewhere than the first time, which alone makes pits look deeper or "
                   "shallower: mark the place of the lamp and of the chair on the floor", moved=moved)  # fmt: skip
        found.append((says, moved > OTHER_LIGHT_DEG))
    if not (before.cropped or after.cropped):
        turned = max(abs(a - b) for a, b in zip(before.face.pose, after.face.pose, strict=True))
        if turned > TURNED:
            says = say("the head was turned {turned:.0f}° more than the other time: look into the lens, move the lamp, "
                       "not the head", turned=turned)  # fmt: skip
            found.append((says, turned > TURNED_FAR))
        error = alignment.error_px * before.face.mm_per_px[0]
        if error > ERROR_MM_FAR:
            says = say("the photos fit together only to {error:.1f} mm: same pose, same distance", error=error)
            found.append((says, True))
    for i, shot in enumerate((before, after)):
        for reason in shot.quality.reasons:
            if reason.what in ("blurred", "cut-off", "too-bright") and not shot.cropped:
                found.append((of_photo(i, say("{wrong}: {fix}", wrong=reason.says, fix=reason.fix)), reason.must))
    return found


def _lit_level(shot: Shot) -> float:
    light = luminance(shot.photo.pixels)[skin_mask(shot.photo, shot.face)]
    if not light.size:
        return 1.0
    bright = float(np.quantile(light, 0.95))
    level = float(np.median(light[light > LIT * bright])) if bright > 0 else 0.0
    return level if level > 0 and math.isfinite(level) else 1.0
