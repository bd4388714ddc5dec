"""Pictures of a comparison: both photos laid over each other, where colour changed, lines, and blood and pigment apart.

They show where to look. What is real is told by the zones' intervals alone, so nothing here is a number about a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.measure.align import Alignment, warp
from needlewise.measure.colour import pigment, redness
from needlewise.measure.comparable import NOT_COMPARABLE
from needlewise.measure.comparison import Comparison
from needlewise.measure.gates import Shot
from needlewise.measure.pair import FACE
from needlewise.measure.photo import Photo, to_srgb8
from needlewise.measure.places import line_places
from needlewise.measure.separation import separate
from needlewise.measure.texture import ridge_lines, steady_light
from needlewise.measure.zones import luminance, zone_mask

SIDE = 720  # px of the longer side
FULL = 10.0  # 100·log10 units at which a map's colour is full
SMOOTH = 0.012  # of the picture's side: what is finer is noise and misfit
ROOM = 0.12  # of the face, kept round it
PALE = 0.72  # how far the face under a map is paled, so that its own light and dark do not read as change
# ends of ColorBrewer's RdBu and PuOr, which are rated colour-blind safe: told apart by every colour vision
BLUE, MIDDLE, ORANGE = (33, 102, 172), (247, 247, 247), (179, 88, 6)
UNMEASURED = (190, 190, 190)  # hatched with white
LINE, CASING = (0, 0, 0), (255, 255, 255)
HATCH = 9  # px between two strokes
SHEET = {  # sequential scales from little to much: lightness falls all the way, so they read without colour too
    "haemoglobin": ((255, 250, 246), (233, 130, 110), (96, 0, 20)),
    "melanin": ((255, 252, 240), (205, 150, 80), (64, 32, 8)),
}
SHARES = (2, 98)  # percentiles of both photos' skin that the scale runs between

Picture = NDArray[np.uint8]
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Pixel = TypeVar("Pixel", np.uint8, np.float32)
Outlines = Mapping[str, tuple[tuple[float, float], ...]]


@dataclass(frozen=True, eq=False)
class ChangeMap:
    """A map of a change in colour: the picture, the change at which its colour is full, and how much it wanders.

    `wander` is the robust standard deviation of the map over all skin, in the same unit: what such a map shows by itself.
    """

    picture: Picture
    full: float
    wander: float


class Pictures:
    """The pictures of one comparison (its first pair of shots), cut to face or region, HxWx3 sRGB; each made when asked for."""

    def __init__(self, found: Comparison) -> None:
        self._found = found
        before = found.before
        self._box = _box_of(found.frame, before.photo.shape)
        self._whole = warp(found.after.photo.pixels, found.alignment)

    @cached_property
    def aligned(self) -> tuple[Picture, Picture]:
        """The face before and after, pixel on pixel."""
        return _sized(to_srgb8(self._found.before.photo.pixels[self._box])), _sized(to_srgb8(self._whole[self._box]))

    def change(self, what: str) -> ChangeMap:
        """Return the map of the change in "redness" or "pigment": blue less, orange more, hatched where nothing is measured.

        The median change over all skin is taken off first, as light and camera shift all skin alike.
        """
        before, after, skin = self._cut
        index = redness if what == "redness" else pigment
        difference = index(np.maximum(after, 1e-6)) - index(np.maximum(before, 1e-6))
        middle = float(np.median(difference[skin])) if skin.any() else 0.0
        level = _smoothed(np.where(skin, difference - middle, 0), skin)
        spread = level[skin] - np.median(level[skin]) if skin.any() else np.zeros(1)
        share = np.clip(np.abs(level) / FULL, 0, 1)[..., None]
        ends = np.where(level[..., None] > 0, np.array(ORANGE, np.float32), np.array(BLUE, np.float32))
        colour = (1 - share) * np.array(MIDDLE, np.float32) + share * ends
        face = _pale(before)
        shown = np.where(skin[..., None], colour * (0.55 + 0.45 * face / 255), face)
        return ChangeMap(_sized(_hatched(shown, skin)), FULL, float(1.4826 * np.median(np.abs(spread))))

    @cached_property
    def lines(self) -> tuple[Picture, Picture] | None:
        """Lines of the skin drawn on both photos, only where the light was steady; None where they may not be compared."""
        found, before = self._found, self._found.before
        if found.comparable["texture"].verdict == NOT_COMPARABLE or not isinstance(before, Shot):
            return None
        face, shape = before.face, before.photo.shape
        lights = luminance(before.photo.pixels), luminance(self._whole)
        skin = zone_mask(before.photo, face, FACE, self._found.skin)
        steady = steady_light(*lights, skin, face.eyes_px)
        if not steady.any():
            return None
        expected = line_places(face, shape)
        drawn = []
        for light, picture in zip(lights, self.aligned, strict=True):
            lines = ridge_lines(light, steady, face.eyes_px, expected)[self._box]
            drawn.append(_traced(picture, lines))
        return drawn[0], drawn[1]

    def separated(self, what: str) -> tuple[Picture, Picture]:
        """Return "haemoglobin" or "melanin" before and after, on one scale: darker is more. Pictures, not measurements."""
        before, after, skin = self._cut
        parts = [_smoothed(np.where(skin, separate(pixels, skin)[what], 0), skin, SMOOTH / 2) for pixels in (before, after)]
        both = np.concatenate([part[skin] for part in parts]) if skin.any() else np.zeros(2)
        low, high = (float(v) for v in np.percentile(both, SHARES))
        shown = []
        for part, pixels in zip(parts, (before, after), strict=True):
            share = np.clip((part - low) / max(high - low, 1e-6), 0, 1)
            shown.append(_sized(_hatched(np.where(skin[..., None], _ramp(share, SHEET[what]), _pale(pixels)), skin)))
        return shown[0], shown[1]

    def outlines(self) -> Outlines:
        """Return each compared zone's outline, in shares of the pictures' width and height."""
        rows, columns = self._box
        size = np.array([columns.stop - columns.start, rows.stop - rows.start], np.float64)
        corner = np.array([columns.start, rows.start], np.float64)
        return {
            zone: tuple((float(x), float(y)) for x, y in (outline - corner) / size)
            for zone, outline in self._found.outlines.items()
        }

    def all(self) -> dict[str, Picture]:
        """Return every picture that this comparison allows, by a name that may be a file's."""
        gates = self._found.comparable
        if self._found.too_soon:
            return {}
        out = dict(zip(("before", "after"), self.aligned, strict=True))
        for what in ("redness", "pigment"):
            if gates[what].verdict != NOT_COMPARABLE:
                out[f"change-{what}"] = self.change(what).picture
        for part in SHEET:
            if gates["redness"].verdict != NOT_COMPARABLE:
                out |= dict(zip((f"{part}-before", f"{part}-after"), self.separated(part), strict=True))
        if self.lines is not None:
            out |= dict(zip(("lines-before", "lines-after"), self.lines, strict=True))
        return out

    @cached_property
    def _cut(self) -> tuple[Image, Image, Mask]:
        """Before, after and skin, cut to the face and brought to the pictures' size."""
        before, after = (_sized(image[self._box]) for image in (self._found.before.photo.pixels, self._whole))
        skin = cv2.resize(self._found.skin[self._box].astype(np.uint8), before.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        return before, after, np.asarray(skin) > 0


def laid_over(
    before: Photo,
    after: Photo,
    alignment: Alignment,
    points: NDArray[np.float32],
    gain: float = 1.0,
    side: int = SIDE,
) -> tuple[Picture, Picture]:
    """Return two photos pixel on pixel, cut to the face.

    Parameters
    ----------
    points : float32, Nx2
        What the cut goes round, px of the first photo.
    gain : float
        Factor on the second photo's linear light.
    side : int
        Longest side of the pictures, px.
    """
    box = _box_of(points, before.shape)
    later = warp(after.pixels, alignment)[box]
    return _sized(to_srgb8(before.pixels[box]), side), _sized(to_srgb8(later * np.float32(gain)), side)


def encoded(picture: Picture, ending: str = ".png") -> bytes:
    """Return a picture as a PNG, or as a JPEG with the ending ".jpg"."""
    options = [cv2.IMWRITE_JPEG_QUALITY, 88] if ending == ".jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 7]
    good, data = cv2.imencode(ending, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)
    if not good:
        raise RuntimeError("the picture could not be encoded")
    return bytes(data)


def _box_of(points: NDArray[np.float32], shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return rows and columns of the picture round the points."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = ROOM * (high - low)
    left, top = (max(0, int(v)) for v in low - room)
    right, bottom = (int(v) for v in high + room)
    return slice(top, min(shape[0], bottom)), slice(left, min(shape[1], right))


def _sized(picture: NDArray[Pixel], side: int = SIDE) -> NDArray[Pixel]:
    scale = side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, picture.dtype)


def _smoothed(values: NDArray[np.floating], skin: Mask, share: float = SMOOTH) -> Image:
    sigma = max(1.0, share * max(values.shape))
    top, below = (cv2.GaussianBlur(np.asarray(part, np.float32), (0, 0), sigma) for part in (values, skin))
    return np.asarray(top / np.maximum(below, 1e-3), np.float32)


def _pale(linear: Image) -> Image:
    grey = cv2.cvtColor(to_srgb8(linear), cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None].repeat(3, axis=2)
    return np.asarray((1 - PALE) * grey + PALE * 255, np.float32)


def _hatched(shown: Image, skin: Mask) -> Picture:
    """Hatch what was not measured, so that it never reads as "no change"."""
    height, width = skin.shape
    y, x = np.mgrid[0:height, 0:width]
    stroke = ((x + y) % HATCH < 2) & ~skin
    shown = np.where(stroke[..., None], 0.5 * shown + 0.5 * np.array(UNMEASURED, np.float32), shown)
    return np.clip(shown, 0, 255).astype(np.uint8)


def _traced(picture: Picture, lines: Mask) -> Picture:
    """Draw lines dark in a light casing, so that they show on every skin, as thin as they can be seen."""
    size = picture.shape[1::-1]
    thin = np.asarray(cv2.resize(lines.astype(np.float32), size, interpolation=cv2.INTER_AREA)) > 0.1
    wide = np.asarray(cv2.dilate(thin.astype(np.uint8), np.ones((3, 3), np.uint8))) > 0
    out = picture.copy()
    out[wide] = (0.45 * out[wide] + 0.55 * np.array(CASING)).astype(np.uint8)
    out[thin] = LINE
    return out


def _ramp(share: Image, colours: tuple[tuple[int, int, int], ...]) -> Image:
    at = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(share, at, [c[i] for c in colours]) for i in range(3)], axis=-1).astype(np.float32)


def view(photo: Photo, side: int) -> bytes:
    """Return a whole photo as a JPEG in sRGB whose longer side is at most `side`."""
    scale = side / max(photo.shape)
    pixels = cv2.resize(photo.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else photo.pixels
    return encoded(to_srgb8(np.asarray(pixels)), ".jpg")
