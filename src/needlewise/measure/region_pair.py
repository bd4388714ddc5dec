"""Compare photos of skin in a region that a person drew once: off the face (scalp, hands, body), or where no face can be found.

Every photo is laid over the first one by `register`, so that the drawing holds in all of them. The rest is as on a face: redness
and pigment against the skin around the region (or a control region) in the same photos, dark spots one by one. Where the light
came from is read from a face, so here only its unevenness can be judged: how much the brightness of one photo over the other
differs across the skin. Lines are not compared.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.absolute import absolute_lines
from needlewise.measure.align import Alignment, unmoved, warp
from needlewise.measure.change import DEFAULTS, Change, not_comparable
from needlewise.measure.colour import control_difference, photometric_registration, pigment, redness, usable
from needlewise.measure.comparable import NOT_COMPARABLE
from needlewise.measure.comparison import (
    BLEMISHES,
    PIGMENT,
    REDNESS,
    TEXTURE,
    WIDE,
    Comparison,
    Spots,
    beside_redness,
    blemishes_changed,
    colours_judged,
    judge_shots,
    notes_of,
    spots_changed,
    spots_in,
    too_early,
)
from needlewise.measure.gates import (
    LIGHT_FACTOR,
    SCALED,
    SCALED_FAR,
    Comparable,
    Reasons,
    View,
    after_session,
    camera,
    exposure,
    grey,
    healing_days,
    lens,
    make_up_worn,
    quality_of_both,
    sharpness,
    step,
    summed,
    tint,
    together,
)
from needlewise.measure.own import NOBODYS, Own
from needlewise.measure.pair import MOST_SHOTS, card_values, open_photo
from needlewise.measure.patience import hold_back
from needlewise.measure.photo import Photo
from needlewise.measure.quality import check_photo
from needlewise.measure.region import Drawing, filled, outline
from needlewise.measure.register import around, register
from needlewise.measure.zones import Mask, hair, luminance
from needlewise.said import join, say

NAME = "region"
MAX_SIDE = 1600  # px: a region is often a small part of the photo
NOMINAL_MM = 40.0  # a region whose size is not known is taken to be so wide, for what counts as a spot
UNEVEN, UNEVEN_FAR = 0.25, 0.6  # stops, standard deviation over the skin of the smoothed brightness ratio
TILTED, TILTED_FAR = 20.0, 40.0  # degrees between the two views, from how much one is squeezed
LOOSE = 0.03  # of the region's side: error of alignment that widens
OFF_FACE = replace(
    DEFAULTS["redness"],
    basis=say(
        "the default for redness (between days {days:.2f}, between shots {shots:.2f} in 100·log10(R/G)), from photos "
        "re-photographed in simulation with the light within 25°; they were faces: other places of the body are untested; "
        "not from your own skin", days=DEFAULTS["redness"].session, shots=DEFAULTS["redness"].shot,
    ),
)


@dataclass(frozen=True, eq=False)
class _Laid:
    """A photo laid over the first one."""

    view: View
    pixels: NDArray[np.float32]
    alignment: Alignment
    usable: Mask


@dataclass(frozen=True, eq=False)
class Place:
    """What is measured, on the first photo: the region's skin, the skin to read it against, all skin, and px per mm."""

    region: Mask
    reference: Mask
    skin: Mask
    control: bool
    px_per_mm: float
    known: bool

    @property
    def side(self) -> float:
        return float(np.sqrt(self.region.sum()))


def compare_region(
    before: Sequence[str | Path],
    after: Sequence[str | Path],
    drawing: Drawing,
    *,
    card: bool = False,
    make_up: bool | None = None,
    last: dt.date | None = None,
    review: dt.date | None = None,
    own: Own = NOBODYS,
    anyway: bool = False,
) -> Comparison:
    """Compare photos of a drawn region; the drawing is on the first of `before`. See `pair.compare` for the rest.

    Raises
    ------
    InputError
        A photo cannot be used, the region shows too little skin, or it is not recognised in a photo: then nothing is measured.
    """
    if not (1 <= len(before) <= MOST_SHOTS and 1 <= len(after) <= MOST_SHOTS):
        allowed = say("1 to {most} before and as many after", most=MOST_SHOTS)
        raise InputError("photos", f"{len(before)} and {len(after)}", allowed)
    first, error = open_photo(before[0], card, MAX_SIDE)
    place = place_of(first, drawing)
    one = [_laid(before[0], (first, error), first, place, True)]
    one += [_laid(path, open_photo(path, card, MAX_SIDE), first, place, False) for path in before[1:]]
    two = [_laid(path, open_photo(path, card, MAX_SIDE), first, place, path is after[0]) for path in after]
    pairs = [(one[i % len(one)], two[i % len(two)]) for i in range(max(len(one), len(two)))]
    gates = together([_gates(b, a, place, make_up, last) for b, a in pairs])
    early = healing_days(pairs[0][0].view, pairs[0][1].view, last) is not None or too_early(review, two[0].view.photo)
    changes = _changes(pairs, place, gates, (len(one), len(two)), early, own)
    b, a = pairs[0]
    gate = beside_redness(gates["spots"], NAME, changes)
    read = partial(_spots, pairs, place)
    faded, spots = spots_changed(NAME, read, gate, (len(one), len(two)), early, own)
    notes = (*notes_of([laid.view.photo for laid in one], [laid.view.photo for laid in two], make_up), *own.notes)
    if not place.known:
        text = say("No known length was given: areas are in px, and spots are looked for as if the region were {mm:.0f} mm wide "
                   "(our own choice).", mm=NOMINAL_MM)  # fmt: skip
        notes = (*notes, text)
    left, top, right, bottom = around(filled(drawing.region, first.shape))
    frame = np.array([(left, top), (right, bottom)], np.float32)
    found = Comparison(gates, None, max(a.alignment.error_px for _, a in pairs), min(a.alignment.inliers for _, a in pairs),
                      (*changes, *faded), tuple(spots), notes, (NAME,), b.view, a.view, a.alignment,
                      place.skin & b.usable & a.usable, frame, {NAME: outline(drawing.region, first.shape)})  # fmt: skip
    if card and gates["redness"].verdict != NOT_COMPARABLE:
        shots = [(b.pixels, a.pixels, place.region & b.usable & a.usable) for b, a in pairs]
        errors = tuple(max(laid.view.card_error or 0.0 for laid in day) for day in (one, two))
        found = replace(found, absolute=tuple(absolute_lines(NAME, shots, (errors[0], errors[1]))))
    return found if anyway else hold_back(found)


def open_region(path: str | Path, drawing: Drawing, card: bool = False) -> tuple[View, Place]:
    """Open one photo with a region drawn on it; see `compare_region` for what can be wrong."""
    photo, error = open_photo(path, card, MAX_SIDE)
    place = place_of(photo, drawing)
    return View(Path(path).name, photo, check_photo(photo, None, place.skin, 1 / place.px_per_mm), card_error=error), place


def place_of(first: Photo, drawing: Drawing) -> Place:
    """Return what a drawing means on its photo.

    Skin is what lies in and around the drawing, less hair, hard shadow and what has another colour.

    Raises
    ------
    InputError
        It shows too little skin.
    """
    region = filled(drawing.region, first.shape)
    control = filled(drawing.control, first.shape) & ~region if drawing.control else np.zeros_like(region)
    left, top, right, bottom = around(region)
    ring = np.zeros_like(region)
    ring[top:bottom, left:right] = True
    wanted = region | control | ring
    rows, columns = np.flatnonzero(wanted.any(1)), np.flatnonzero(wanted.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    skin = np.zeros_like(region)
    part = first.pixels[box]
    skin[box] = wanted[box] & ~hair(part, wanted[box], 0.6 * max(part.shape[:2]))
    if (skin & region).sum() < 0.3 * region.sum():
        raise InputError("region", f"{(skin & region).sum() / region.sum():.0%} of it skin that can be measured", "at least 30 %",
                         "draw it on bare skin, without hair, cloth or background")  # fmt: skip
    side = float(np.sqrt(region.sum()))
    known = drawing.known
    scale = known.px_per_mm(first.shape) if known else side / NOMINAL_MM
    return Place(region & skin, (control if drawing.control else ring & ~region) & skin, skin, bool(drawing.control), scale,
                  known is not None)  # fmt: skip


def region_values(view: View, place: Place) -> dict[str, float]:
    """Return the raw values of one photo: medians of redness and pigment in the region, and less those of the skin around."""
    pixels = np.maximum(view.photo.pixels, 1e-6)
    out: dict[str, float] = {}
    for name, index in (("redness", redness), ("pigment", pigment)):
        inside, around_it = (float(np.median(index(pixels[mask]))) for mask in (place.region, place.reference))
        out |= {name: inside, f"{name} less the skin around": inside - around_it}
    if view.photo.meta.grey:
        return {}
    return out if view.card_error is None else {**out, **card_values(view.photo, place.region, view.card_error)}


def _laid(path: str | Path, opened: tuple[Photo, float | None], first: Photo, place: Place, whole: bool) -> _Laid:
    """Lay a photo over the first; unless `whole`, its view keeps only what was laid, so that many shots stay small."""
    name, (photo, error) = Path(path).name, opened
    if photo is first:
        found, pixels = unmoved(first.shape), first.pixels
    else:
        try:
            found = register(first, photo, place.region, place.skin)
        except InputError as why:
            raise InputError("photo", name, "the same skin as in the first photo", str(why)) from why
        pixels = warp(photo.pixels, found)
    laid = Photo(pixels, warp(photo.clipped.astype(np.uint8), found) > 0, photo.meta)
    quality = check_photo(laid, None, place.skin & (pixels.sum(2) > 0), 1 / place.px_per_mm)
    return _Laid(View(name, photo if whole else laid, quality, card_error=error), pixels, found, usable(first, photo, found))


def _gates(before: _Laid, after: _Laid, place: Place, worn: bool | None, last: dt.date | None) -> dict[str, Comparable]:
    one, two = before.view, after.view
    colour = [
        *quality_of_both(one, two),
        *_geometry(before, after, place),
        *make_up_worn(worn),
        *lens(one, two),
        *camera(one, two),
    ]
    colour += [*exposure(one, two), *tint(one, two), *grey(one, two)]
    spread = _unevenness(before, after, place.skin & before.usable & after.usable)
    text = say("the brightness changed unevenly over the skin ({spread:.1f} stops): light it from the same side, evenly",
               spread=spread)  # fmt: skip
    colour += step(spread, UNEVEN, UNEVEN_FAR, text)
    factor = LIGHT_FACTOR if spread > UNEVEN else 1.0
    fine = [*colour, *sharpness(one, two)]
    lines = say("off the face nothing tells where the light came from, and lines look different in other light: compare by eye")
    found = {name: summed(colour, factor) for name in ("redness", "pigment")}
    found |= {name: summed(fine, factor) for name in ("spots", "blemishes")}
    found["texture"] = summed([(NOT_COMPARABLE, lines)])
    return after_session(found, healing_days(one, two, last))


def _geometry(before: _Laid, after: _Laid, place: Place) -> Reasons:
    both = after.alignment.affine[:, :2] @ np.linalg.inv(before.alignment.affine[:, :2])
    large, small = np.linalg.svd(both, compute_uv=False)
    ratio = math.exp(abs(math.log(large * small) / 2))
    tilt = math.degrees(math.acos(min(1.0, small / large)))
    text = say("the skin is {ratio:.1f} times as large in one photo: keep the same distance", ratio=ratio)
    out = step(ratio, SCALED, SCALED_FAR, text)
    text = say("the skin was tilted about {tilt:.0f}° otherwise: hold the camera square to it", tilt=tilt)
    out += step(tilt, TILTED, TILTED_FAR, text)
    error = max(before.alignment.error_px, after.alignment.error_px)
    text = say("the photos fit together only to {error:.1f} px ({share:.0%} of the region): same pose, same distance",
               error=error, share=error / place.side)  # fmt: skip
    return out + step(error / place.side, LOOSE, 1.0, text)


def _unevenness(before: _Laid, after: _Laid, skin: Mask) -> float:
    """Standard deviation over the skin, in stops, of the brightness ratio smoothed over an eighth of the skin's width."""
    if not skin.any():
        return 0.0
    left, top, right, bottom = around(skin)
    box = np.s_[top:bottom, left:right]
    weight = skin[box].astype(np.float32)
    one, two = (np.log2(np.maximum(luminance(laid.pixels[box]), 1e-4)) for laid in (before, after))
    size = (48, max(8, round(48 * weight.shape[0] / weight.shape[1])))
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    ratio = cv2.resize(((two - one) * weight).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    share, ratio = (cv2.GaussianBlur(part, (0, 0), 3) for part in (share, ratio))
    seen = share > 0.3
    return float(np.std(ratio[seen] / share[seen])) if seen.any() else 0.0


def _changes(
    pairs: list[tuple[_Laid, _Laid]], place: Place, gates: dict[str, Comparable], shots: tuple[int, int], early: bool, own: Own
) -> list[Change]:
    out: list[Change] = []
    if gates["redness"].verdict == NOT_COMPARABLE:
        out += [not_comparable(NAME, m, join(gates["redness"].reasons, "; ")) for m in (REDNESS, PIGMENT)]
    else:
        try:
            read = [_colour(b, a, place) for b, a in pairs]
        except InputError as error:
            out += [not_comparable(NAME, m, error.needed) for m in (REDNESS, PIGMENT)]
        else:
            out += colours_judged(NAME, read, gates, shots, early, own, OFF_FACE)
    gate = gates["blemishes"]
    if gate.verdict == NOT_COMPARABLE:
        out.append(not_comparable(NAME, BLEMISHES, join(gate.reasons, "; ")))
    else:
        try:
            values = [_blemishes(b, a, place) for b, a in pairs]
            out.append(
                judge_shots(NAME, BLEMISHES, values, own.spread(NAME, "blemishes", WIDE["blemishes"]), gate, shots, early, 0.0)
            )
        except InputError as error:
            out.append(not_comparable(NAME, BLEMISHES, error.needed))
    return [*out, not_comparable(NAME, TEXTURE, gates["texture"].reasons[0])]


def _colour(before: _Laid, after: _Laid, place: Place) -> tuple[float, float, float, float]:
    good = before.usable & after.usable
    treated, reference = place.region & good, place.reference & good
    how = control_difference if place.control else photometric_registration
    found = how(before.pixels, after.pixels, treated, reference)
    return found.redness_difference, found.pigment_difference, found.sd, found.pigment_sd


def _blemishes(before: _Laid, after: _Laid, place: Place) -> float:
    mask = place.region & before.usable & after.usable
    return blemishes_changed((before.pixels, after.pixels), mask, place.px_per_mm)


def _spots(pairs: list[tuple[_Laid, _Laid]], place: Place) -> list[Spots]:
    return [
        spots_in(NAME, (b.pixels, a.pixels), place.region & b.usable & a.usable, place.px_per_mm, place.known) for b, a in pairs
    ]
