"""The paint of one drawn person, who does not exist: an illustration with a face's proportions, and skin that can be measured."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.simulate.relief import (
    COARSE,
    SHAPE,
    Floats,
    Outline,
    coarse,
    disc,
    filled,
    fine,
    hill,
    line,
    noise,
    normals,
    plane,
    relief,
    whole,
)  # fmt: skip

# Absorbance of R, G, B: oxyhaemoglobin as `measure.colour` takes it; melanin as λ^-3.5 at 610, 540 and 460 nm (Jacques 2013)
BLOOD, MELANIN = (0.08, 1.0, 0.9), (0.37, 0.57, 1.0)
SKIN, HAIR, SHIRT, WALL, INK = (222, 174, 146), (104, 74, 58), (112, 142, 150), (206, 217, 209), (96, 62, 52)  # sRGB

FACE = whole(((0, 9.9), (2.4, 9.7), (4.6, 8.8), (6.2, 7.2), (7.2, 4.8), (7.7, 2.4), (7.75, 0.4), (7.6, -1.6), (7.2, -3.6),
              (6.6, -5.2), (5.6, -6.8), (4.4, -8.1), (3.0, -9.1), (1.5, -9.7), (0, -9.8)))  # fmt: skip
CROP: Outline = ((-8.1, 0.9), (-8.7, 3.4), (-8.9, 6.6), (-7.7, 10.0), (-5.0, 12.2), (-1.2, 13.1), (3.4, 12.9), (7.0, 10.9),
                 (8.8, 7.4), (8.8, 3.4), (8.1, 0.9), (7.5, 1.2), (7.4, 3.2), (7.0, 5.0), (6.2, 6.5), (4.6, 7.7), (2.0, 8.4),
                 (-0.6, 8.6), (-2.9, 9.0), (-4.3, 8.2), (-5.8, 6.9), (-6.8, 5.2), (-7.4, 3.4), (-7.5, 1.2))  # fmt: skip
PARTING = (-3.1, 9.2)
NECK = whole(((0, -6.0), (4.6, -6.0), (4.6, -10.5), (5.0, -12.6), (8.0, -14.2), (14.0, -16.0), (14.5, -22.0), (0, -22.0)))
COLLAR = whole(((0, -15.6), (2.4, -15.2), (4.8, -14.0), (6.0, -12.9), (8.2, -13.7), (14.5, -15.6), (15.5, -22.0), (0, -22.0)))
EAR: Outline = ((7.3, 2.0), (8.1, 2.9), (8.8, 2.6), (9.1, 1.4), (8.8, -0.4), (8.2, -1.8), (7.3, -2.2))
EYE: Outline = ((1.7, 2.42), (2.1, 2.84), (2.7, 3.18), (3.3, 3.28), (3.9, 3.14), (4.4, 2.82), (4.75, 2.5), (4.3, 2.16),
                (3.8, 1.96), (3.2, 1.9), (2.6, 1.97), (2.1, 2.2))  # fmt: skip
LASHES: Outline = ((1.72, 2.45), (2.1, 2.86), (2.7, 3.21), (3.3, 3.31), (3.9, 3.17), (4.4, 2.86), (4.95, 2.58))
LOWER_LID: Outline = ((1.9, 2.32), (2.6, 1.98), (3.2, 1.9), (3.8, 1.97), (4.5, 2.27))
CREASE: Outline = ((1.95, 3.1), (2.7, 3.58), (3.4, 3.68), (4.2, 3.5), (4.95, 3.05))
BROW: Outline = (
    (1.35, 4.35),
    (1.45, 4.9),
    (2.7, 5.3),
    (4.0, 5.32),
    (5.0, 4.95),
    (5.75, 4.2),
    (4.6, 4.72),
    (3.7, 4.86),
    (2.6, 4.76),
)
LIP = whole(((0, -3.5), (0.65, -3.32), (1.4, -3.55), (2.0, -3.9), (2.65, -4.02), (1.8, -4.18), (0.8, -4.25), (0, -4.36)))
LIP_BELOW = whole(((0, -4.36), (0.8, -4.25), (1.8, -4.18), (2.6, -4.04), (2.1, -4.7), (1.35, -5.15), (0.7, -5.36), (0, -5.42)))
MOUTH: Outline = ((-2.85, -3.84), (-2.5, -4.04), (-1.7, -4.22), (-0.7, -4.26), (0, -4.38), (0.7, -4.26), (1.7, -4.22),
                  (2.5, -4.04), (2.85, -3.84))  # fmt: skip
NOSTRIL: Outline = ((0.4, -1.82), (0.7, -1.65), (1.05, -1.62), (1.3, -1.75), (1.0, -1.9), (0.6, -1.95))
FRECKLES, FRECKLED = 40, ((-5.8, 5.8), (-7.5, 7.5), (0.05, 0.09), (3.0, 8.0))  # x, y, radius, darkness of blue


@dataclass(frozen=True, eq=False)
class Likeness:
    """What stays the same from photo to photo.

    Attributes
    ----------
    paint : float32, HxWx3
        Linear RGB sent back in even light.
    face, shine : float32, HxW
        1 on the skin of the face; 1 where skin gleams.
    z, normals : float32, coarse
        Relief in cm, and unit normals.
    wall : float32, coarse
        1 where there is nobody.
    """

    paint: Floats
    face: Floats
    shine: Floats
    z: Floats
    normals: Floats
    wall: Floats


def linear(colour: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return linear RGB of an 8-bit sRGB colour (IEC 61966-2-1)."""
    value = np.array(colour) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def through(units: Floats, absorbance: tuple[float, float, float]) -> Floats:
    """Return what light is left, HxWx3, of an absorber given in hundredths of absorbance."""
    return np.asarray(np.exp(units[..., None] * np.array(absorbance, np.float32) * np.float32(-np.log(10) / 100)), np.float32)


def reddened(units: Floats) -> Floats:
    """Return the factor that raises 100·log10(R/G) by so many units."""
    return through(units / np.float32(BLOOD[1] - BLOOD[0]), BLOOD)


def likeness(seed: int) -> Likeness:
    """Draw the person; `seed` scatters pores, freckles and hairs."""
    rng = np.random.default_rng(seed)
    face, neck, collar, ear, crop = filled(FACE), filled(NECK), filled(COLLAR), filled(EAR, both=True), filled(CROP, 0.03)
    nobody = (1 - face) * (1 - neck) * (1 - collar) * (1 - ear) * (1 - crop)
    paint = np.empty((*SHAPE, 3), np.float32)
    paint[:] = linear(WALL)
    for mask, colour in ((neck, 0.84 * linear(SKIN)), (collar, linear(SHIRT)), (ear, 0.9 * linear(SKIN)), (face, linear(SKIN))):
        _over(paint, _edge(mask) * 0.5, linear(INK))
        _over(paint, mask, colour)
    skin = np.maximum(np.maximum(face, neck * (1 - collar)), ear)
    paint *= 1 + skin[..., None] * (_complexion(rng, face) - 1)
    _shadows(paint, face, neck * (1 - face) * (1 - collar))
    _features(paint, rng)
    _over(paint, _edge(crop) * 0.6, linear(INK))
    _over(paint, crop, linear(HAIR) * _strands(rng)[..., None])
    face = face * (1 - crop)
    shine = skin * (1 - crop) * (1 - filled(EYE, 0.03, both=True))
    return Likeness(paint, face, shine, *_bust(coarse(face), coarse(crop)), coarse(nobody))


def _over(paint: Floats, mask: Floats, colour: Floats) -> None:
    """Lay a linear colour over the paint where the mask says; only its box is touched."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    paint[box] += mask[box][..., None] * ((colour[box] if colour.ndim == 3 else colour) - paint[box])


def _edge(mask: Floats) -> Floats:
    """Return the line around a shape that says it is drawn."""
    return np.asarray(cv2.GaussianBlur(cv2.dilate(mask, np.ones((5, 5), np.uint8)), (0, 0), 0.8), np.float32)


def _complexion(rng: np.random.Generator, face: Floats) -> Floats:
    """Return blood and pigment of the bare skin, never quite even, as factors on linear RGB."""
    red = fine(3.0 * hill(4.4, -1.2, 1.7, 1.5) + 3.0 * hill(0, -1.0, 1.0, 0.9) + 1.2 * hill(0, -7.8, 1.6, 1.0))
    red += np.float32(0.6) * noise(rng, 0.9) + np.float32(0.3) * noise(rng, 0.3)
    brown = np.float32(0.8) * noise(rng, 1.4) + np.float32(1.1) * noise(rng, 0.22) + np.float32(1.0) * noise(rng, 0.09)
    at = zip(*(rng.uniform(low, high, FRECKLES) for low, high in FRECKLED), strict=True)
    brown += dots([tuple(map(float, one)) for one in at])
    return reddened(red) * through(brown * np.maximum(face, 0.4), MELANIN)


def dots(places: list[tuple[float, ...]]) -> Floats:
    """Return round blots given as (x, y, standard deviation in cm, height)."""
    out = np.zeros(SHAPE, np.float32)
    across, up = plane()
    for x, y, radius, height in places:
        columns = np.flatnonzero(np.abs(across[0] - x) < 4 * radius)
        rows = np.flatnonzero(np.abs(up[:, 0] - y) < 4 * radius)
        away = np.hypot(across[:, columns] - x, up[rows] - y) / radius
        out[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] += height * np.exp(-0.5 * away**2).astype(np.float32)
    return out


def _shadows(paint: Floats, face: Floats, neck: Floats) -> None:
    """Darken what every light leaves darker: under nose and lip, beside the nose, under the chin."""
    shade = 0.26 * hill(0, -2.35, 1.2, 0.22) + 0.26 * hill(0, -5.8, 1.1, 0.22) + 0.2 * hill(1.8, -1.2, 0.15, 0.5)
    shade += 0.14 * hill(1.5, 2.9, 0.4, 0.6) + 0.1 * hill(3.1, -4.2, 0.2, 0.3)
    paint *= (1 - fine(shade) * face)[..., None]
    paint *= (1 - 0.15 * neck * np.clip((plane()[1] + 13.5) / 4, 0, 1))[..., None]


def _features(paint: Floats, rng: np.random.Generator) -> None:
    eye = filled(EYE, both=True)
    _over(paint, filled(EYE, 0.15, both=True) * 0.4, linear((158, 106, 90)))
    _over(paint, eye, linear((236, 230, 224)))
    for radius, colour in ((0.60, (62, 58, 50)), (0.53, (112, 116, 92)), (0.36, (138, 128, 90)), (0.26, (24, 20, 20))):
        _over(paint, disc(3.2, 2.66, radius, both=True) * eye, linear(colour))
    lid = filled(tuple((x, y + 1.0) for x, y in EYE), 0.08, both=True)
    _over(paint, eye * lid * 0.6, linear((96, 74, 66)))
    for dx in (3.38, -3.02):  # the window in both eyes, on the same side
        _over(paint, disc(dx, 2.88, 0.1), linear((255, 255, 252)))
    _over(paint, line(LASHES, 0.15, 0.02, both=True), linear((56, 40, 35)))
    _over(paint, line(LOWER_LID, 0.05, 0.03, both=True) * 0.5, linear((128, 84, 72)))
    _over(paint, line(CREASE, 0.06, 0.04, both=True) * 0.5, linear((146, 96, 80)))
    _over(paint, filled(BROW, 0.07, both=True) * np.clip(0.74 + 0.04 * noise(rng, 0.12), 0, 1), linear((88, 62, 50)))
    _over(paint, filled(LIP, 0.06) * 0.65, linear((192, 116, 104)))
    _over(paint, filled(LIP_BELOW, 0.06) * 0.65, linear((206, 130, 116)))
    _over(paint, line(MOUTH, 0.09, 0.03) * 0.85, linear((124, 62, 58)))
    _over(paint, filled(NOSTRIL, 0.06, both=True) * 0.75, linear((96, 56, 48)))


def _strands(rng: np.random.Generator) -> Floats:
    """Return the brightness of combed hair: fine strands along lines that leave the parting."""
    across, up = plane()
    angle = np.arctan2(across - PARTING[0], up - PARTING[1])
    away = np.hypot(across - PARTING[0], up - PARTING[1])
    comb = cv2.GaussianBlur(rng.standard_normal((1, 1440), np.float32), (0, 0), 1.6, borderType=cv2.BORDER_REPLICATE)[0]
    turned = (angle + 0.035 * away) % (2 * np.pi) / (2 * np.pi) * (comb.size - 1)
    strands = np.interp(turned, np.arange(comb.size), comb / comb.std())
    return np.asarray(np.exp(0.14 * strands + 0.1 * np.sin(away * 0.9)), np.float32)


def _bust(face: Floats, crop: Floats) -> tuple[Floats, Floats]:
    """Join face, hair and a round neck: returns relief and normals, mixed so that no cliff stands between them."""
    across, up = plane(COARSE)
    parts = (
        np.asarray(9 * np.exp(-0.0065 * across**2) - 10.5 - 0.15 * np.clip(up + 14, -10, 0), np.float32),
        relief(),
        np.asarray(5.5 - 0.1 * across**2 - 0.05 * (up - 4) ** 2, np.float32),
    )
    z, facing = parts[0], normals(parts[0])
    for part, mask in ((parts[1], face), (parts[2], crop)):
        z = z + mask * (part - z)
        facing = facing + mask[..., None] * (normals(part) - facing)
    return np.asarray(cv2.GaussianBlur(z, (0, 0), 2.0), np.float32), np.asarray(facing, np.float32)
