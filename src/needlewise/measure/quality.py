"""Is one photo good enough to be compared with another later? What is wrong is said in words, with what to do.

The limits are needlewise's own choices: no outside source settles them. A photo that misses one marked `must` is not ok; the
others widen what can be told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.measure.face import Face, cut_out
from needlewise.measure.photo import Photo
from needlewise.measure.zones import DARK, Mask, luminance, skin_mask, zone_mask
from needlewise.said import say

TURNED, TURNED_FAR = 10.0, 20.0  # degrees of yaw, pitch or roll: to mention, and too far
DETAIL, DETAIL_LEAST = 3.0, 1.0  # px per mm of skin in the file: what fine lines need, and what colour needs
BLUR_MM, BLUR_MM_MOST = 0.5, 1.5  # standard deviation of the blur on the skin: fine lines are about half a millimetre wide
CLIPPED_MUCH, CLIPPED_MOST = 0.02, 0.15  # share of the face
DARK_MUCH, DARK_MOST = 0.05, 0.30
CUT, CUT_MOST = 0.02, 0.1  # share of the mesh outside the frame
UNEVEN, UNEVEN_MOST = 0.7, 1.5  # stops between the two cheeks
NEAR_MM, FULL_FRAME_MM = 350.0, 36.0  # a lens nearer than this makes the nose large and the cheeks narrow; width of a 35 mm frame
EXPRESSION = 0.5  # of a blendshape
SMILE, EYES = say("a smile moves the skin and makes folds"), say("closed eyes move the skin and make folds")
MOVED = {
    "mouthSmileLeft": SMILE, "mouthSmileRight": SMILE, "eyeBlinkLeft": EYES, "eyeBlinkRight": EYES,
    "jawOpen": say("an open mouth moves the skin and makes folds"), "mouthPucker": say("a pout moves the skin and makes folds"),
    "cheekPuff": say("puffed cheeks move the skin and make folds"),
    "browInnerUp": say("raised brows move the skin and make folds"),
}  # fmt: skip
TINT_STEP = 4  # px: the tint is a median, which a sixteenth of the pixels gives as well
REBLUR = 1.0  # px
COLUMNS = 4  # every fourth tells as much about rows
DAMAGED = 1.5  # of the roughness between neighbouring rows over that between every other row


@dataclass(frozen=True)
class Reason:
    """One thing that is wrong: what was seen, what to do next time, and whether it alone spoils the photo."""

    what: str
    says: str
    fix: str
    must: bool


@dataclass(frozen=True)
class Quality:
    """`ok` when nothing spoils the photo; `reasons` the worst first; `values` what was measured, by name with its unit."""

    ok: bool
    reasons: tuple[Reason, ...]
    values: dict[str, float]


def check_photo(photo: Photo, face: Face | None, where: Mask | None = None, mm_per_px: float = math.nan) -> Quality:
    """Judge one photo; `face` is None off the face, where only sharpness and exposure are judged.

    Then `where` (bool, HxW) is the skin judged, the whole frame when None, and `mm_per_px` its scale where it is known. On a face
    `where` is `skin_mask(photo, face)` where it is already known.
    """
    values: dict[str, float] = {}
    reasons: list[Reason] = []
    if photo.meta.grey:
        says = say("it has no colour, so redness and pigment cannot be told")
        reasons.append(Reason("grey", says, say("take it in colour"), False))
    if face is None:
        where = np.ones(photo.shape, bool) if where is None else where
        light = luminance(photo.pixels)
        reasons += _exposure(photo, light, where, values)
        values["blur_px"] = edge_blur(light, where & ~photo.clipped)
        values["blur_mm"] = values["blur_px"] * mm_per_px
        return _sorted(reasons, values)
    if face.source == "mesh":
        reasons += _size(photo, face, values)
    here = _around(face)
    bare = None if where is None else where[here]
    photo, face = cut_out(photo, face, *here)
    outline = zone_mask(photo, face, "face", np.ones(photo.shape, bool))
    light = luminance(photo.pixels)
    reasons += _exposure(photo, light, outline, values)
    reasons += _side_light(photo, face, light, skin_mask(photo, face) if bare is None else bare, values)
    reasons += _sharpness(photo, face, values)
    if face.source == "mesh":
        reasons += _pose(face, values)
        reasons += _expression(face)
    return _sorted(reasons, values)


def _sorted(reasons: list[Reason], values: dict[str, float]) -> Quality:
    ordered = sorted(reasons, key=lambda reason: not reason.must)
    return Quality(not any(reason.must for reason in ordered), tuple(ordered), values)


def interlaced(light: NDArray[np.float32]) -> bool:
    """Tell whether odd and even rows were exposed differently, as by a damaged frame: such rows look like lines of the skin."""
    level = np.maximum(light[:, ::COLUMNS], 0) ** np.float32(1 / 2.2)
    neighbours = np.abs(2 * level[1:-1] - level[:-2] - level[2:]).mean()
    return bool(neighbours > DAMAGED * (np.abs(level[2:] - level[:-2]).mean() + 0.004))


def edge_blur(light: NDArray[np.float32], where: Mask) -> float:
    """Standard deviation of the blur, in px, at the sharpest edges in `where`; NaN where nothing has an edge.

    An edge blurred by s has a gradient of 1/s; blurred once more by t of 1/sqrt(s² + t²). So s = t/sqrt(R² - 1) with R the ratio
    of both gradients (Zhuo and Sim 2011, Pattern Recognition 44:1852), read at the strongest hundredth of the gradients, less the
    1/3 px² of variance that taking differences over two pixels adds. The cube root of luminance is read, near to what eyes see.
    """
    level = np.cbrt(light)
    sharp, again = (_gradient(image) for image in (level, np.asarray(cv2.GaussianBlur(level, (0, 0), REBLUR), np.float32)))
    seen = sharp[where]
    if seen.size < 100:
        return math.nan
    limit = float(np.quantile(seen, 0.99))
    at = where & (sharp >= limit)
    if limit < 1e-3:
        return math.nan
    ratio = float(np.median(sharp[at] / np.maximum(again[at], 1e-9)))
    return math.sqrt(max(0.0, REBLUR**2 / (ratio**2 - 1) - 1 / 3)) if ratio > 1.001 else math.inf


def _gradient(image: NDArray[np.float32]) -> NDArray[np.float32]:
    down, across = (
        cv2.Sobel(image, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8),
        cv2.Sobel(image, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8),
    )
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _exposure(photo: Photo, bright: NDArray[np.float32], where: Mask, values: dict[str, float]) -> list[Reason]:
    light = bright[where]
    values["clipped_share"] = clipped = float(photo.clipped[where].mean()) if light.size else 0.0
    values["dark_share"] = dark = float((light < DARK).mean()) if light.size else 1.0
    values["median_luminance"] = float(np.median(light)) if light.size else 0.0
    colours = photo.pixels[::TINT_STEP, ::TINT_STEP][(where & ~photo.clipped)[::TINT_STEP, ::TINT_STEP]]
    red, green, blue = np.median(colours, axis=0) if len(colours) else (0.0, 0.0, 0.0)
    if min(red, green, blue) > 0:
        values["tint_rg_stops"], values["tint_bg_stops"] = float(np.log2(red / green)), float(np.log2(blue / green))
    found = []
    if clipped > CLIPPED_MUCH:
        says = say("{share:.0%} of the skin is so bright that the camera cut it off", share=clipped)
        fix = say("tap the face and lower the exposure, or step back from the lamp")
        found.append(Reason("too-bright", says, fix, clipped > CLIPPED_MOST))
    if dark > DARK_MUCH:
        says = say("{share:.0%} of the skin is in deep shadow", share=dark)
        found.append(Reason("too-dark", says, say("face a window, so that both sides are lit"), dark > DARK_MOST))
    return found


def _side_light(photo: Photo, face: Face, light: NDArray[np.float32], bare: Mask, values: dict[str, float]) -> list[Reason]:
    sides = [light[zone_mask(photo, face, f"cheek-{side}", bare)] for side in ("left", "right")]
    if min(side.size for side in sides) < 50:
        fix = say("look straight into the lens with the hair tied back")
        return [Reason("hidden", say("one cheek is hidden or in shadow"), fix, True)]
    values["side_light_stops"] = stops = float(np.log2(np.median(sides[0]) / np.median(sides[1])))
    if abs(stops) <= UNEVEN:
        return []
    ratio = 2 ** abs(stops)
    says = say("your right cheek is {ratio:.1f} times as bright as the other", ratio=ratio)
    if stops > 0:
        says = say("your left cheek is {ratio:.1f} times as bright as the other", ratio=ratio)
    return [Reason("side-light", says, say("turn until the window or lamp is straight ahead"), abs(stops) > UNEVEN_MOST)]


def _around(face: Face) -> tuple[slice, slice]:
    """Rows and columns of the face, which is most of the work saved on a large photo."""
    left, top = (int(max(0, value)) for value in face.points.min(axis=0))
    right, bottom = (int(max(0, value)) + 2 for value in face.points.max(axis=0))
    return slice(top, bottom), slice(left, right)


def _size(photo: Photo, face: Face, values: dict[str, float]) -> list[Reason]:
    height, width = photo.shape
    found = []
    points = face.points[:468]
    values["outside_share"] = outside = float(((points < 0) | (points > np.array([width - 1, height - 1]))).any(axis=1).mean())
    if outside > CUT:
        says, fix = say("part of the face is outside the picture"), say("step back until all of it is in")
        found.append(Reason("cut-off", says, fix, outside > CUT_MOST))
    scale = face.mm_per_px[0] * max(photo.shape) / max(photo.meta.width, photo.meta.height)
    values["px_per_mm"] = detail = 1 / scale
    if detail < DETAIL:
        says = say("the face has {detail:.1f} pixels a millimetre; fine lines need {least:g}", detail=detail, least=DETAIL)
        found.append(Reason("small", says, say("come nearer or use the main camera at full size"), detail < DETAIL_LEAST))
    if photo.meta.focal35_mm:
        frame_mm = scale * max(photo.meta.width, photo.meta.height)
        values["distance_mm"] = distance = photo.meta.focal35_mm * frame_mm / FULL_FRAME_MM
        if distance < NEAR_MM:
            says = say("the lens was about {cm:.0f} cm away, which stretches the middle of the face", cm=distance / 10)
            found.append(Reason("near", says, say("hold it at arm's length (50 cm) or use the 2× lens"), False))
    return found


def _sharpness(photo: Photo, face: Face, values: dict[str, float]) -> list[Reason]:
    """Judge sharpness at lashes, irises and brows, which have sharp edges on every face."""
    left, top = (max(0, int(value)) for value in face.points[[70, 63, 105, 336, 300, 33, 263, 54, 284]].min(axis=0))
    right, bottom = (int(value) for value in face.points[[119, 348, 300, 70]].max(axis=0))
    part = photo.pixels[top : bottom + 1, left : right + 1]
    if min(part.shape[:2]) < 16:
        return []
    values["blur_px"] = blur = edge_blur(luminance(part), ~photo.clipped[top : bottom + 1, left : right + 1])
    if face.source != "mesh":
        return []
    values["blur_mm"] = blur_mm = blur * face.mm_per_px[0]
    if blur_mm <= BLUR_MM:
        return []
    says = say("it is blurred")
    if math.isfinite(blur_mm):
        says = say("it is blurred over about {mm:.1f} mm of skin", mm=blur_mm)
    fix = say("wipe the lens, tap the face to focus, rest the phone on something")
    return [Reason("blurred", says, fix, not blur_mm <= BLUR_MM_MOST)]


def _pose(face: Face, values: dict[str, float]) -> list[Reason]:
    found = []
    for name, angle in zip(("yaw", "pitch", "roll"), face.pose, strict=True):
        values[f"{name}_deg"] = angle
        if abs(angle) > TURNED:
            fix = say("look straight into the lens, phone at eye level")
            found.append(Reason(name, _turned(name, angle), fix, abs(angle) > TURNED_FAR))
    return found


def _turned(name: str, angle: float) -> str:
    by = abs(angle)
    if name == "yaw":
        left = say("the head is turned to your left by {by:.0f}°", by=by)
        return left if angle >= 0 else say("the head is turned to your right by {by:.0f}°", by=by)
    if name == "pitch":
        up = say("the head is looking up by {by:.0f}°", by=by)
        return up if angle >= 0 else say("the head is looking down by {by:.0f}°", by=by)
    left = say("the head is tilted to your left by {by:.0f}°", by=by)
    return left if angle >= 0 else say("the head is tilted to your right by {by:.0f}°", by=by)


def _expression(face: Face) -> list[Reason]:
    seen = dict.fromkeys(says for name, says in MOVED.items() if face.blendshapes.get(name, 0.0) > EXPRESSION)
    fix = say("relax the face, lips closed and eyes open")
    return [Reason("expression", says, fix, False) for says in seen]
