"""What speaks against comparing two photos, for each measure, in words with what to do next time.

| what differs | redness, pigment | spots, blemishes | texture |
| --- | --- | --- | --- |
| a mirror image, pose, scale, alignment, clipped or dark skin, make-up | x | x | x |
| camera, lens | x | x | x |
| flash, exposure | x | x | x |
| white balance (tint of the light) | x | x | |
| light: direction, softness | x | x | its own gate (`comparable`) |
| sharpness | | x | x |
| expression | only much | only much | x |
| days since a session | pigment | x | x |
| a grey picture | x | x | |

The limits are needlewise's own choices unless `comparable` says how they were calibrated.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from needlewise.measure.align import Alignment
from needlewise.measure.comparable import COMPARABLE, NOT_COMPARABLE, SOFTNESS_APART, VERDICTS, WIDER, texture_gate
from needlewise.measure.face import Face
from needlewise.measure.light import Light, light_change
from needlewise.measure.photo import Photo
from needlewise.measure.quality import Quality, interlaced
from needlewise.measure.zones import Mask, luminance
from needlewise.said import say

MEASURES = ("redness", "pigment", "spots", "blemishes", "texture")
TURNED, TURNED_FAR = 8.0, 15.0  # degrees between the two poses
SCALED, SCALED_FAR = 1.25, 1.6  # ratio of face sizes in the two photos
ERROR_MM, ERROR_MM_FAR = 1.0, 2.5  # of alignment, on the skin
LIGHT, LIGHT_FAR = 25.0, 40.0  # degrees the light may move for colour; between them 84 % of intervals held at factor 1
LIGHT_FACTOR = 3.0  # of the interval between them
EXPRESSION, EXPRESSION_FAR = 0.25, 0.5  # of a blendshape, between the photos
WATCHED = ("mouthSmileLeft", "mouthSmileRight", "jawOpen", "mouthPucker", "cheekPuff", "browInnerUp", "browDownLeft",
           "browDownRight", "eyeSquintLeft", "eyeSquintRight")  # fmt: skip
LENS, LENS_FAR = 1.15, 2.2  # ratio of focal lengths as for 35 mm film: another crop, another lens of the phone
EXPOSED, EXPOSED_FAR = 1.5, 3.0  # stops between the brightness of the skin
TINTED, TINTED_FAR = 0.6, 2.0  # stops between the tints (R/G or B/G) of the skin: indoor against daylight, not corrected
BLURRED, BLURRED_FAR = 0.4, 1.2  # mm of blur that one photo has on top of the other's
HEALING_DAYS = 3  # after a session its own redness, swelling and flaking are what a photo shows
FACTOR = 1.5  # of the interval, for each reason that widens it; our choice

MIRRORED: str = say(
    "one photo is a mirror image, so its left is the other's right: "
    "switch off mirroring of the front camera, or turn that photo over"
)

Reasons: TypeAlias = list[tuple[str, str]]  # verdict, and why in words


@dataclass(frozen=True)
class View:
    """One photo and how good it is; `card_error` is its colour card's (mean ΔE2000 of patches left out), None without one."""

    name: str
    photo: Photo
    quality: Quality
    card_error: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Shot(View):
    """A photo of a face with what was found in it; `skin`, bool HxW, is where bare skin can be measured.

    `cropped`: one face cut out, too small to judge pose and sharpness.
    """

    face: Face
    light: Light
    skin: Mask
    cropped: bool = False


@dataclass(frozen=True)
class Comparable:
    """Whether one measure may be compared, how much wider its interval is, and why, in words with the fix."""

    verdict: str
    width_factor: float
    reasons: tuple[str, ...]


def judge_pair(
    before: Shot, after: Shot, alignment: Alignment, make_up: bool | None, last: dt.date | None = None, mirrored: bool = False
) -> dict[str, Comparable]:
    """Judge a pair of photos of a face for every measure; `last` is the day of the last session."""
    cropped = before.cropped or after.cropped
    common: Reasons = [(NOT_COMPARABLE, MIRRORED)] if mirrored else []
    common += [*quality_of_both(before, after), *_geometry(before, after, alignment)]
    common += [*make_up_worn(make_up), *lens(before, after)]
    bright = exposure(before, after)
    colour = [*common, *bright, *camera(before, after), *tint(before, after), *_light(before, after), *grey(before, after)]
    colour += [(WIDER, text) for verdict, text in _expression(before, after) if verdict == NOT_COMPARABLE]
    lines = [*common, *_expression(before, after), *damaged(before, after), *camera(before, after), *sharpness(before, after)]
    texture = summed(lines if cropped else lines + bright)
    gate = texture_gate(before.light, after.light)
    if gate.verdict != COMPARABLE:  # how much wider, the share of skin lit steadily tells zone by zone
        verdict = max(texture.verdict, gate.verdict, key=VERDICTS.index)
        texture = Comparable(verdict, texture.width_factor, (*texture.reasons, gate.reason))
    moved = LIGHT_FACTOR if light_change(before.light, after.light) > LIGHT else 1.0
    fine = [*colour, *sharpness(before, after)]
    found = {name: summed(colour, moved) for name in ("redness", "pigment")}
    found |= {name: summed(fine, moved) for name in ("spots", "blemishes")}
    return after_session({**found, "texture": texture}, healing_days(before, after, last))


def together(pairs: list[dict[str, Comparable]]) -> dict[str, Comparable]:
    """Join the pairs of a comparison: the strictest verdict, the widest interval, each reason once."""
    joined = {}
    for name in MEASURES:
        mine = [pair[name] for pair in pairs]
        verdict = max((c.verdict for c in mine), key=VERDICTS.index)
        reasons = tuple(dict.fromkeys(reason for c in mine for reason in c.reasons))
        joined[name] = Comparable(verdict, max(c.width_factor for c in mine), reasons)
    return joined


def summed(reasons: Reasons, factor: float = 1.0) -> Comparable:
    """Return the strictest verdict of some reasons, its interval widened for each."""
    verdict = max((v for v, _ in reasons), key=VERDICTS.index, default=COMPARABLE)
    factor *= FACTOR ** len([v for v, _ in reasons if v == WIDER])
    return Comparable(verdict, min(factor, 6.0), tuple(dict.fromkeys(text for _, text in reasons)))


def step(value: float, wider: float, far: float, text: str) -> Reasons:
    """Return nothing up to `wider`, a wider interval up to `far`, and a refusal beyond."""
    if not value > wider:  # NaN: not known, so it cannot count against the photos
        return []
    return [(NOT_COMPARABLE if value > far else WIDER, text)]


def quality_of_both(before: View, after: View) -> Reasons:
    """Judge what is wrong with either photo alone: too bright, too dark, blurred, cut off."""
    out = []
    for number, view in enumerate((before, after)):
        for reason in view.quality.reasons:
            if reason.what in ("too-bright", "too-dark", "blurred", "cut-off") and not (isinstance(view, Shot) and view.cropped):
                text = of_photo(number, say("{wrong}: {fix}", wrong=reason.says, fix=reason.fix))
                out.append((NOT_COMPARABLE if reason.must else WIDER, text))
    return out


def of_photo(number: int, what: str) -> str:
    """Say of which of two photos something is true: 0 the first, 1 the second."""
    return say("the second photo: {what}", what=what) if number else say("the first photo: {what}", what=what)


def _geometry(before: Shot, after: Shot, alignment: Alignment) -> Reasons:
    if before.cropped or after.cropped:
        return []
    turned = max(abs(a - b) for a, b in zip(before.face.pose, after.face.pose, strict=True))
    out = step(turned, TURNED, TURNED_FAR, say(
        "the head was turned {turned:.0f}° more than the other time: look into the lens", turned=turned))  # fmt: skip
    ratio = math.exp(abs(math.log(before.face.eyes_px / after.face.eyes_px)))
    out += step(ratio, SCALED, SCALED_FAR, say(
        "the face is {ratio:.1f} times as large in one photo: keep the same distance", ratio=ratio))  # fmt: skip
    error = alignment.error_px * before.face.mm_per_px[0]
    out += step(error, ERROR_MM, ERROR_MM_FAR, say(
        "the photos fit together only to {error:.1f} mm: same pose, same distance", error=error))  # fmt: skip
    return out


def camera(before: View, after: View) -> Reasons:
    """Judge two cameras, and flash in one photo alone."""
    one, two = before.photo.meta, after.photo.meta
    out: Reasons = []
    if one.camera and two.camera and one.camera != two.camera:
        text = say("two cameras ({one}, {two}): use the same phone and lens each time", one=one.camera, two=two.camera)
        out.append((WIDER, text))
    if one.flash is not None and two.flash is not None and one.flash != two.flash:
        out.append((NOT_COMPARABLE, say("flash in one photo and not in the other: switch it off both times")))
    return out


def lens(before: View, after: View) -> Reasons:
    """Judge two focal lengths: another lens draws a face otherwise and sits on another sensor."""
    one, two = before.photo.meta, after.photo.meta
    pair, film = (one.focal35_mm, two.focal35_mm), True
    if (
        not (pair[0] and pair[1]) and one.camera == two.camera
    ):  # the lens itself says only within one camera whether it is another
        pair, film = (one.focal_mm, two.focal_mm), False
    if not (pair[0] and pair[1]):
        return []
    ratio = math.exp(abs(math.log(pair[0] / pair[1])))
    as_film = say("two lenses ({one:.0f} and {two:.0f} mm as for film), which draw a face differently: "
                  "use the same lens and no zoom", one=pair[0], two=pair[1])  # fmt: skip
    itself = say("two lenses ({one:.0f} and {two:.0f} mm), which draw a face differently: use the same lens and no zoom",
                 one=pair[0], two=pair[1])  # fmt: skip
    return step(ratio, LENS, LENS_FAR, as_film if film else itself)


def exposure(before: View, after: View) -> Reasons:
    """Judge how much brighter the skin is in one photo: a phone bends the tones of bright and dark skin differently."""
    one, two = (view.quality.values.get("median_luminance", math.nan) for view in (before, after))
    stops = abs(math.log2(two / one)) if one > 0 and two > 0 else math.nan
    text = say("the skin is {ratio:.1f} times as bright in one photo: same light, tap the skin to set the exposure",
               ratio=2 ** min(stops, 9.0))  # fmt: skip
    return step(stops, EXPOSED, EXPOSED_FAR, text)


def tint(before: View, after: View) -> Reasons:
    """Judge the colour of the light: channel gains drop out of every measure, but another kind of lamp is more than gains."""
    one, two = before.quality.values, after.quality.values
    apart = [abs(one.get(name, math.nan) - two.get(name, math.nan)) for name in ("tint_rg_stops", "tint_bg_stops")]
    moved = max(apart) if not any(map(math.isnan, apart)) else math.nan
    text = say("the light has another colour ({moved:.1f} stops between channels): same lamp or daylight, "
               "same white balance setting", moved=moved)  # fmt: skip
    return step(moved, TINTED, TINTED_FAR, text)


def sharpness(before: View, after: View) -> Reasons:
    """Judge the blur that one photo has on top of the other's: it takes fine contrast away as healing would."""
    one, two = (view.quality.values.get("blur_mm", math.nan) for view in (before, after))
    more = math.sqrt(abs(two**2 - one**2)) if math.isfinite(one) and math.isfinite(two) else math.nan
    first = say("the first photo is less sharp (by {more:.1f} mm of blur): wipe the lens, tap to focus, hold still", more=more)
    second = say("the second photo is less sharp (by {more:.1f} mm of blur): wipe the lens, tap to focus, hold still", more=more)
    return step(more, BLURRED, BLURRED_FAR, first if one > two else second)


def _light(before: Shot, after: Shot) -> Reasons:
    change = light_change(before.light, after.light)
    moved = say("the light came from {change:.0f}° elsewhere: face the same window or lamp", change=change)
    softer = abs(after.light.softness - before.light.softness)
    harder = say("the light was much harder in the first photo: use the same light")
    if after.light.softness < before.light.softness:
        harder = say("the light was much harder in the second photo: use the same light")
    return step(change, LIGHT, LIGHT_FAR, moved) + step(softer, SOFTNESS_APART, math.inf, harder)


def grey(before: View, after: View) -> Reasons:
    """Refuse colour in a grey picture."""
    found = before.photo.meta.grey or after.photo.meta.grey
    return [(NOT_COMPARABLE, say("a grey picture has no colour to read: take it in colour"))] if found else []


def _expression(before: Shot, after: Shot) -> Reasons:
    if before.cropped or after.cropped:
        return []
    one, two = before.face.blendshapes, after.face.blendshapes
    moved = max((abs(one.get(k, 0.0) - two.get(k, 0.0)) for k in WATCHED), default=0.0)
    text = say("the face was not equally relaxed, and expression makes lines: lips closed, brows down, eyes on the lens")
    return step(float(np.float64(moved)), EXPRESSION, EXPRESSION_FAR, text)


def damaged(before: View, after: View) -> Reasons:
    """Refuse lines in a frame whose odd and even rows were exposed differently."""
    texts = (
        say("every other row of the first photo is brighter: take it again"),
        say("every other row of the second photo is brighter: take it again"),
    )
    both = zip((before, after), texts, strict=True)
    return [(NOT_COMPARABLE, text) for view, text in both if interlaced(luminance(view.photo.pixels))]


def make_up_worn(worn: bool | None) -> Reasons:
    """Refuse make-up; not said is a note of the comparison, and no reason."""
    if worn:
        return [(NOT_COMPARABLE, say("make-up hides and colours skin: photograph bare skin"))]
    return []


def healing_days(before: View, after: View, last: dt.date | None) -> int | None:
    """Return how many days after the last session the first of the photos was taken that is within `HEALING_DAYS` of it."""
    taken = [view.photo.meta.taken for view in (before, after)]
    since = [(day.date() - last).days for day in taken if day is not None and last is not None]
    return next((days for days in since if 0 <= days <= HEALING_DAYS), None)


def after_session(found: dict[str, Comparable], days: int | None) -> dict[str, Comparable]:
    """Add what the days since a session speak against, for each measure."""
    if days is None:
        return found
    when = say("on the day of a session") if days == 0 else say("1 day after a session")
    if days > 1:
        when = say("{days} days after a session", days=days)
    red = say("a photo was taken {when}, so it shows the session's own redness: take it more than {wait} days after one",
              when=when, wait=HEALING_DAYS)  # fmt: skip
    rest = say("a photo was taken {when}, when swelling, redness and flaking hide the skin: take it more than {wait} days "
               "after one", when=when, wait=HEALING_DAYS)  # fmt: skip
    out = {}
    for name, one in found.items():
        verdict, text = (WIDER, red) if name in ("redness", "blemishes") else (NOT_COMPARABLE, rest)
        factor = min(6.0, one.width_factor * FACTOR)
        out[name] = Comparable(max(one.verdict, verdict, key=VERDICTS.index), factor, (*one.reasons, text))
    return out
