"""What speaks against comparing two photos, for each measure: pose, scale, sharpness, exposure, camera, light, expression.

The limits are needlewise's own choices unless `comparable` says how they were calibrated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from needlewise.measure.align import Alignment
from needlewise.measure.comparable import COMPARABLE, NOT_COMPARABLE, VERDICTS, WIDER, texture_gate
from needlewise.measure.face import Face
from needlewise.measure.light import Light, light_change
from needlewise.measure.photo import Photo
from needlewise.measure.quality import Quality, interlaced
from needlewise.measure.zones import luminance

MEASURES = ("redness", "pigment", "spots", "blemishes", "texture")
TURNED, TURNED_FAR = 8.0, 15.0  # degrees between the two poses
SCALED, SCALED_FAR = 1.25, 1.6  # ratio of face sizes in the two photos
ERROR_MM, ERROR_MM_FAR = 1.0, 2.5  # of alignment, on the skin
LIGHT, LIGHT_FAR = 25.0, 40.0  # degrees the light may move for colour; between them 84 % of intervals held at factor 1
LIGHT_FACTOR = 3.0  # of the interval between them
EXPRESSION, EXPRESSION_FAR = 0.25, 0.5  # of a blendshape, between the photos
WATCHED = ("mouthSmileLeft", "mouthSmileRight", "jawOpen", "mouthPucker", "cheekPuff", "browInnerUp", "browDownLeft",
           "browDownRight", "eyeSquintLeft", "eyeSquintRight")  # fmt: skip
FACTOR = 1.5  # of the interval, for each reason that widens it; our choice


@dataclass(frozen=True)
class Shot:
    """One photo with what was found in it; `cropped`: one face cut out, too small to judge pose and sharpness."""

    name: str
    photo: Photo
    face: Face
    light: Light
    quality: Quality
    cropped: bool = False


@dataclass(frozen=True)
class Comparable:
    """Whether one measure may be compared, how much wider its interval is, and why, in words with the fix."""

    verdict: str
    width_factor: float
    reasons: tuple[str, ...]


def judge_pair(before: Shot, after: Shot, alignment: Alignment, make_up: bool | None) -> dict[str, Comparable]:
    """Judge a pair of photos for every measure."""
    common = [*_quality(before, after), *_geometry(before, after, alignment), *_make_up(make_up)]
    colour = [*common, *_camera(before, after), *_light(before, after)]
    gate = texture_gate(before.light, after.light)
    lines = _sum([*common, *_expression(before, after), *_damaged(before, after)])
    if gate.verdict != COMPARABLE:  # how much wider, the share of skin lit steadily tells zone by zone
        verdict = max(lines.verdict, gate.verdict, key=VERDICTS.index)
        lines = Comparable(verdict, lines.width_factor, (*lines.reasons, gate.reason))
    fine = [*common, *_camera(before, after), *_light(before, after), *_grey(before, after)]
    found = {name: colour + _grey(before, after) for name in ("redness", "pigment")}
    moved = LIGHT_FACTOR if light_change(before.light, after.light) > LIGHT else 1.0
    return {
        **{name: _sum(reasons, moved) for name, reasons in found.items()},
        "spots": _sum(fine, moved),
        "blemishes": _sum(fine, moved),
        "texture": lines,
    }


def together(pairs: list[dict[str, Comparable]]) -> dict[str, Comparable]:
    """Join the pairs of a comparison: the strictest verdict, the widest interval, each reason once."""
    joined = {}
    for name in MEASURES:
        mine = [pair[name] for pair in pairs]
        verdict = max((c.verdict for c in mine), key=VERDICTS.index)
        reasons = tuple(dict.fromkeys(reason for c in mine for reason in c.reasons))
        joined[name] = Comparable(verdict, max(c.width_factor for c in mine), reasons)
    return joined


def _sum(reasons: list[tuple[str, str]], factor: float = 1.0) -> Comparable:
    verdict = max((v for v, _ in reasons), key=VERDICTS.index, default=COMPARABLE)
    factor *= FACTOR ** len([v for v, _ in reasons if v == WIDER])
    return Comparable(verdict, min(factor, 6.0), tuple(dict.fromkeys(text for _, text in reasons)))


def _step(value: float, wider: float, far: float, text: str) -> list[tuple[str, str]]:
    if value <= wider:
        return []
    return [(NOT_COMPARABLE if value > far else WIDER, text)]


def _quality(before: Shot, after: Shot) -> list[tuple[str, str]]:
    out = []
    for which, shot in (("first", before), ("second", after)):
        for reason in shot.quality.reasons:
            if reason.what in ("too-bright", "too-dark", "blurred", "cut-off") and not shot.cropped:
                out.append((NOT_COMPARABLE if reason.must else WIDER, f"the {which} photo: {reason.says}: {reason.fix}"))
    return out


def _geometry(before: Shot, after: Shot, alignment: Alignment) -> list[tuple[str, str]]:
    if before.cropped or after.cropped:
        return []
    turned = max(abs(a - b) for a, b in zip(before.face.pose, after.face.pose, strict=True))
    out = _step(turned, TURNED, TURNED_FAR, f"the head was turned {turned:.0f}° more than the other time: look into the lens")
    ratio = math.exp(abs(math.log(before.face.eyes_px / after.face.eyes_px)))
    out += _step(ratio, SCALED, SCALED_FAR, f"the face is {ratio:.1f} times as large in one photo: keep the same distance")
    error = alignment.error_px * before.face.mm_per_px[0]
    out += _step(error, ERROR_MM, ERROR_MM_FAR, f"the photos fit together only to {error:.1f} mm: same pose, same distance")
    return out


def _camera(before: Shot, after: Shot) -> list[tuple[str, str]]:
    one, two = before.photo.meta, after.photo.meta
    out = []
    if one.camera and two.camera and one.camera != two.camera:
        out.append((WIDER, f"two cameras ({one.camera}, {two.camera}): use the same phone and lens each time"))
    if one.flash is not None and two.flash is not None and one.flash != two.flash:
        out.append((NOT_COMPARABLE, "flash in one photo and not in the other: switch it off both times"))
    return out


def _light(before: Shot, after: Shot) -> list[tuple[str, str]]:
    change = light_change(before.light, after.light)
    return _step(change, LIGHT, LIGHT_FAR, f"the light came from {change:.0f}° elsewhere: face the same window or lamp")


def _grey(before: Shot, after: Shot) -> list[tuple[str, str]]:
    grey = before.photo.meta.grey or after.photo.meta.grey
    return [(NOT_COMPARABLE, "a grey picture has no colour to read: take it in colour")] if grey else []


def _expression(before: Shot, after: Shot) -> list[tuple[str, str]]:
    if before.cropped or after.cropped:
        return []
    one, two = before.face.blendshapes, after.face.blendshapes
    moved = max((abs(one.get(k, 0.0) - two.get(k, 0.0)) for k in WATCHED), default=0.0)
    text = "the face was not equally relaxed, and expression makes lines: lips closed, brows down, eyes on the lens"
    return _step(float(np.float64(moved)), EXPRESSION, EXPRESSION_FAR, text)


def _damaged(before: Shot, after: Shot) -> list[tuple[str, str]]:
    hurt = [which for which, shot in (("first", before), ("second", after)) if interlaced(luminance(shot.photo.pixels))]
    return [(NOT_COMPARABLE, f"every other row of the {which} photo is brighter: take it again") for which in hurt]


def _make_up(worn: bool | None) -> list[tuple[str, str]]:
    if worn:
        return [(NOT_COMPARABLE, "make-up hides and colours skin: photograph bare skin")]
    return []
