"""Compare photos of one person from two days: may they be compared, and what changed, zone by zone."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from needlewise.errors import InputError
from needlewise.measure.absolute import AbsoluteLine, absolute_lines, zone_absolute
from needlewise.measure.align import align, unmoved, warp
from needlewise.measure.card import correct, errors_of, find_card
from needlewise.measure.change import DEFAULTS, Change, Spread, direction, not_comparable, smallest_detectable
from needlewise.measure.colour import control_difference, photometric_registration, pigment, redness, usable
from needlewise.measure.comparable import DRIFT, NOT_COMPARABLE, texture_drift, zone_width
from needlewise.measure.comparison import (
    BLEMISHES,
    PIGMENT,
    REDNESS,
    SPOTS,
    TEXTURE,
    WIDE,
    Comparison,
    SpotLine,
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
from needlewise.measure.face import cut_out, find_face, frame_face
from needlewise.measure.gates import Comparable, Shot, healing_days, judge_pair, together
from needlewise.measure.light import light_change, light_of
from needlewise.measure.mirror import is_mirrored
from needlewise.measure.own import FEWEST_DAYS, NOBODYS, Own
from needlewise.measure.patience import hold_back
from needlewise.measure.photo import Photo, load_photo
from needlewise.measure.quality import check_photo
from needlewise.measure.student import quantile
from needlewise.measure.texture import CLEAR, RIM, ridge_change, ridge_index, steady_light
from needlewise.measure.texture import LOOKS as LINES_LOOK
from needlewise.measure.zones import Mask, box_around, luminance, skin_mask, zone_mask, zone_polygon
from needlewise.said import join, say

__all__ = [
    "BLEMISHES", "PIGMENT", "REDNESS", "SPOTS", "TEXTURE", "WIDE", "ZONES", "Comparison", "SpotLine", "compare", "open_photo",
    "open_shot", "zone_values",
]  # fmt: skip

MAX_SIDE = 1200  # px: 3 to 5 px/mm on a face that fills the frame; reading at 2000 changed redness by 0.01
SMALL = 256  # px: a picture this small is taken to be one face cut out
ZONES = ("forehead", "cheek-left", "cheek-right", "nose", "chin")  # when none are named
FACE = "face"  # the whole face, which texture is read on
MOST_SHOTS = 9
LEAST_SKIN = 100  # px of a zone that is read
POINTS = 468  # of the mesh, without the irises
LIGHT_ALONE: str = say(
    "what other light does to the texture of a face photographed again within a minute (18 people); "
    "how your skin varies from day to day comes on top and is not known without untreated days; "
    "the index understates a change in relief about threefold"
)


def open_photo(path: str | Path, card: bool, max_side: int) -> tuple[Photo, float | None]:
    """Open a photo, its colours corrected by the card in it where one was promised; also the card's error (`View.card_error`)."""
    photo = load_photo(path, max_side)
    if not card:
        return photo, None
    found = find_card(photo)
    if found is None:
        raise InputError("card", str(path), "a photo with a colour card in it", "show it whole and flat, in the same light")
    return correct(photo, found), errors_of(found).left_out


def open_shot(path: str | Path, card: bool = False) -> Shot:
    """Open a photo and find the face, its light and its quality.

    Raises
    ------
    InputError
        The photo cannot be opened, shows no face, or no colour card where one was promised.
    """
    photo, error = open_photo(path, card, MAX_SIDE)
    small = max(photo.shape) <= SMALL
    face = frame_face(photo) if small else find_face(photo)
    light = light_of(luminance(photo.pixels), None, face)
    skin = skin_mask(photo, face)
    return Shot(Path(path).name, photo, check_photo(photo, face, skin), face, light, skin, small, card_error=error)


def compare(
    before: Sequence[str | Path],
    after: Sequence[str | Path],
    zones: Sequence[str] = (),
    control: str = "",
    *,
    card: bool = False,
    make_up: bool | None = None,
    last: dt.date | None = None,
    review: dt.date | None = None,
    own: Own = NOBODYS,
    anyway: bool = False,
) -> Comparison:
    """Compare photos from before with photos from after.

    Parameters
    ----------
    before, after : paths
        The shots of each day, one to nine; three are advised. The first of one is laid over the first of the other, and so on.
    zones : zone ids
        What was treated; five zones of the face when empty.
    control : zone id
        Untreated skin to read against, in place of all untreated skin.
    card : bool
        A colour card is in every photo.
    make_up : bool or None
        Whether make-up was worn in either; None is not said.
    last, review : date or None
        The last session, and the day from which a result can be expected.
    own : Own
        What the person's untreated days showed (`own.untreated_days`); the defaults stand without.
    anyway : bool
        Give numbers even for photos taken sooner apart than skin can change.

    Raises
    ------
    InputError
        A photo or a zone cannot be used.
    """
    if not (1 <= len(before) <= MOST_SHOTS and 1 <= len(after) <= MOST_SHOTS):
        allowed = say("1 to {most} before and as many after", most=MOST_SHOTS)
        raise InputError("photos", f"{len(before)} and {len(after)}", allowed)
    places = tuple(dict.fromkeys(zones)) or ZONES
    if control in places:
        raise InputError("control", control, "a zone that is not compared")
    one, two = ([open_shot(path, card) for path in paths] for paths in (before, after))
    pairs = [_Pair(one[i % len(one)], two[i % len(two)], make_up, last) for i in range(max(len(one), len(two)))]
    gates = together([pair.gates for pair in pairs])
    healing = healing_days(one[0], two[0], last) is not None
    early = healing or too_early(review, two[0].photo)
    shots = len(one), len(two)
    changes = [change for zone in places for change in _zone(zone, places, control, pairs, gates, shots, early, own)]
    spots: list[SpotLine] = []
    for zone in places:
        read = partial(_spots, zone, pairs)
        faded, lines = spots_changed(zone, read, beside_redness(gates["spots"], zone, changes), shots, early, own)
        changes += faded
        spots += lines
    lined = (FACE, *(zone for zone in zones if zone != FACE))  # single zones are far noisier: only where they are asked for
    changes += [_texture(zone, pairs, gates["texture"], early, own) for zone in dict.fromkeys(lined)]
    first = pairs[0]
    notes = notes_of([shot.photo for shot in one], [shot.photo for shot in two], make_up)
    found = Comparison(gates, max(light_change(p.before.light, p.after.light) for p in pairs),
                       max(p.alignment.error_px for p in pairs), min(p.alignment.inliers for p in pairs), tuple(changes),
                       tuple(spots), (*notes, *own.notes), places, first.before, first.after, first.alignment, first.whole_skin,
                       first.before.face.points[:POINTS],
                       {zone: zone_polygon(first.before.face, zone)[0] for zone in places})  # fmt: skip
    if card and gates["redness"].verdict != NOT_COMPARABLE:
        found = replace(found, absolute=_absolute(places, pairs))
    return found if anyway else hold_back(found)


class _Pair:
    """Two shots laid over each other.

    `photo`, `laid` (the after photo's pixels), `face`, `skin` and all zones are cut to `here`, the rows and columns of the face.
    """

    def __init__(self, before: Shot, after: Shot, make_up: bool | None, last: dt.date | None) -> None:
        self.before, self.after = before, after
        skin = before.skin
        if before.cropped and after.cropped:  # in a small cut-out the mesh wanders with the light
            if before.photo.shape != after.photo.shape:
                raise InputError("photos", "two small cut-outs", "the same size", "cut them out alike, or give the whole photos")
            after = self.after = replace(
                after, face=before.face, light=light_of(luminance(after.photo.pixels), None, before.face)
            )
            self.alignment = unmoved(before.photo.shape)
            skin = skin_mask(after.photo, before.face)  # as the texture gate was calibrated
        else:
            self.alignment = align(before.photo, after.photo, before.face, after.face, skin if skin.any() else None)
        self.here = box_around(skin, math.ceil(LINES_LOOK * before.face.eyes_px))
        self.photo, self.face = cut_out(before.photo, before.face, *self.here)
        inside = self.alignment.within(*self.here)
        self.laid = warp(after.photo.pixels, inside)
        self.skin: Mask = skin[self.here] & usable(self.photo, after.photo, inside)
        mirrored = is_mirrored(before, after, self.alignment.inliers)
        self.gates = judge_pair(before, after, self.alignment, make_up, last, mirrored)
        self.light = luminance(self.photo.pixels), luminance(self.laid)
        self._zones: dict[str, Mask] = {}
        self._spots: dict[str, Spots] = {}

    @property
    def whole_skin(self) -> Mask:
        """`skin` on the whole before photo."""
        whole = np.zeros(self.before.photo.shape, bool)
        whole[self.here] = self.skin
        return whole

    def zone(self, zone: str) -> Mask:
        if zone not in self._zones:
            self._zones[zone] = zone_mask(self.photo, self.face, zone, self.skin)
        return self._zones[zone]

    def texture(self, zone: str) -> tuple[float, float]:
        """Change of the ridge index in per cent over the skin lit steadily, less what the light alone does, and that share.

        The rim of a dark spot reads as a ridge, so all spots are left out, in both photos alike.
        """
        mask, scale = self.zone(zone), self.face.eyes_px
        clear = mask & ~self.spotted()
        if mask.any() and clear.sum() < CLEAR * mask.sum():
            covered = say("{share:.0f} % of it dark spots", share=100 * (1 - clear.sum() / mask.sum()))
            free = say("at least {share:.0f} % without", share=100 * CLEAR)
            raise InputError(zone, covered, free, say("the rims of dark spots read as lines"))
        mask = clear
        steady = steady_light(*self.light, mask, scale)
        values = [ridge_index(light, steady, scale) for light in self.light]
        change = ridge_change(*values) - texture_drift(self.before.light, self.after.light)
        return change, float(steady.sum() / max(1, mask.sum()))

    def blemishes(self, zone: str) -> float:
        return blemishes_changed((self.photo.pixels, self.laid), self.zone(zone), 1 / self.face.mm_per_px[0])

    def spots(self, zone: str) -> Spots:
        if zone not in self._spots:
            if self.face.source != "mesh":
                raise InputError("pixels a millimetre", say("not known"), say("a photo of a whole face"))
            pictures = self.photo.pixels, self.laid
            self._spots[zone] = spots_in(zone, pictures, self.zone(zone), 1 / self.face.mm_per_px[0])
        return self._spots[zone]

    def spotted(self) -> Mask:
        """Return where dark spots are, and the skin so near them that their rims weigh on the texture there."""
        out = np.zeros(self.skin.shape, bool)
        for zone in dict.fromkeys((*self._spots, *ZONES)):
            with suppress(InputError):  # spots cannot be told there, or there is no skin
                out |= self.spots(zone).cover(out.shape, RIM * self.face.eyes_px)
        return out


def _spots(zone: str, pairs: list[_Pair]) -> list[Spots]:
    return [pair.spots(zone) for pair in pairs]


def _zone(
    zone: str,
    places: tuple[str, ...],
    control: str,
    pairs: list[_Pair],
    gates: dict[str, Comparable],
    shots: tuple[int, int],
    early: bool,
    own: Own,
) -> list[Change]:
    """Return the changes of one zone, one for each measure."""
    out: list[Change] = []
    if gates["redness"].verdict == NOT_COMPARABLE:
        reason = join(gates["redness"].reasons, "; ")
        out += [not_comparable(zone, REDNESS, reason), not_comparable(zone, PIGMENT, reason)]
    else:
        try:
            read = [_colour(pair, zone, places, control) for pair in pairs]
        except InputError as error:
            out += [not_comparable(zone, m, error.needed) for m in (REDNESS, PIGMENT)]
        else:
            out += colours_judged(zone, read, gates, shots, early, own)
    gate = gates["blemishes"]
    if gate.verdict == NOT_COMPARABLE:
        return [*out, not_comparable(zone, BLEMISHES, join(gate.reasons, "; "))]
    try:
        values = [pair.blemishes(zone) for pair in pairs]
    except InputError as error:
        return [*out, not_comparable(zone, BLEMISHES, error.needed)]
    return [*out, judge_shots(zone, BLEMISHES, values, own.spread(zone, "blemishes", WIDE["blemishes"]), gate, shots, early, 0.0)]


def _absolute(places: tuple[str, ...], pairs: list[_Pair]) -> tuple[AbsoluteLine, ...]:
    errors = (max(p.before.card_error or 0.0 for p in pairs), max(p.after.card_error or 0.0 for p in pairs))
    lines: list[AbsoluteLine] = []
    for zone in places:
        shots = [(p.photo.pixels, p.laid, p.zone(zone)) for p in pairs]
        if all(mask.sum() >= LEAST_SKIN for *_, mask in shots):
            lines += absolute_lines(zone, shots, errors)
    return tuple(lines)


def _texture(zone: str, pairs: list[_Pair], gate: Comparable, early: bool, own: Own) -> Change:
    """The texture of one zone, with the interval that light alone was found to need (see `comparable`).

    Shots are averaged for the value and not for the interval: they share their light. Untreated days can only widen it.
    """
    if gate.verdict == NOT_COMPARABLE:
        return not_comparable(zone, TEXTURE, join(gate.reasons, "; "))
    try:
        read = [pair.texture(zone) for pair in pairs]
    except InputError as error:
        return not_comparable(zone, TEXTURE, error.needed)
    mean = math.fsum(value for value, _ in read) / len(read)
    place = 1.0 if zone == FACE else zone_width(zone)
    half = DRIFT.half_width * DRIFT.widened(min(share for _, share in read)) * place * gate.width_factor
    basis = LIGHT_ALONE
    if len(own.levels.get((zone, TEXTURE.what), ())) >= FEWEST_DAYS:
        df = DEFAULTS["texture"].df
        light = Spread(half / (quantile(0.975, df) * math.sqrt(2)), 0.0, df, LIGHT_ALONE)
        days = own.spread(zone, TEXTURE.what, light)
        half = max(half, smallest_detectable(days.session, days.shot, len(read), len(read), days.df))
        basis = days.basis
    verdict = "too early" if early else direction(mean - half, mean + half, TEXTURE.better)
    return Change(zone, TEXTURE.what, TEXTURE.method, TEXTURE.unit, mean, mean - half, mean + half, half, verdict, basis)


def _colour(pair: _Pair, zone: str, places: tuple[str, ...], control: str) -> tuple[float, float, float, float]:
    treated = pair.zone(zone)
    photo, laid = pair.photo.pixels, pair.laid
    if control:
        found = control_difference(photo, laid, treated, pair.zone(control))
    else:
        others = pair.skin.copy()
        for place in places:
            others &= ~pair.zone(place)
        # with most of the face named as treated, the other zones are what is left to read against
        reference = others if others.sum() > treated.sum() else pair.skin & ~treated
        found = photometric_registration(photo, laid, treated, reference)
    return found.redness_difference, found.pigment_difference, found.sd, found.pigment_sd


def card_values(photo: Photo, mask: Mask, error: float) -> dict[str, float]:
    """Return a* and ITA of a zone with their standard deviations, by the card in the photo."""
    one = zone_absolute(photo.pixels, mask, error)
    return {"a*": one.lab[1], "a* sd": one.a_sd, "ITA": one.ita, "ITA sd": one.ita_sd}


def zone_values(shot: Shot) -> dict[str, dict[str, float]]:
    """Return the raw values of each usual zone of one photo: medians of redness and pigment, and the texture index."""
    pixels, light = np.maximum(shot.photo.pixels, 1e-6), luminance(shot.photo.pixels)
    out = {}
    for zone in ZONES:
        mask = zone_mask(shot.photo, shot.face, zone, shot.skin)
        if mask.sum() < LEAST_SKIN:
            continue
        values = {"redness": float(np.median(redness(pixels[mask]))), "pigment": float(np.median(pigment(pixels[mask])))}
        if shot.photo.meta.grey:
            values = {}
        if shot.card_error is not None:
            values |= card_values(shot.photo, mask, shot.card_error)
        out[zone] = {**values, "texture": ridge_index(light, mask, shot.face.eyes_px)}
    return out
