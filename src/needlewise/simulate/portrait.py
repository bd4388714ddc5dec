"""Photos of a drawn person, day by day: known redness, known spots, known light, and the unsteadiness of real snapshots.

Nobody real is shown. The pictures let the app be tried, and the measuring be tested, without anybody's face. What is asked for is
what is drawn: redness is laid on as blood (100·log10(R/G) rises by the units given), spots as melanin.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from needlewise.errors import InputError, nearest
from needlewise.simulate.likeness import MELANIN, Likeness, dots, likeness, reddened, through
from needlewise.simulate.relief import COARSE, MIDDLE, PX_PER_CM, SHAPE, Floats, Outline, coarse, filled, fine, hill, plane, whole

PERSON = 7  # the seed of the one person there is
PHOTO = (1600, 1200)  # px
QUALITY = 86  # of the JPEG
MARGIN = ((SHAPE[0] - PHOTO[0]) // 2, (SHAPE[1] - PHOTO[1]) // 2)
AMBIENT, SKY = 0.06, 0.04  # light from all round, and a little more from above
CLOTHES = 0.2  # what clothes send back onto the neck
GLEAM, GLEAM_POWER = 0.05, 24.0
WALL_LIGHT = 0.9
REACHES = tuple(0.15 * 1.22**step for step in range(18))  # cm towards the window at which something may stand in its light
PENUMBRA = 0.25  # width of the window over its distance
TURNED, ZOOMED, SHIFTED = 1.0, 0.012, 9.0  # standard deviations between snapshots: degrees, share, px
EXPOSURE, EXPOSED, BALANCED = 1.15, 0.03, 0.012  # of the three channels together and of each, as logarithms
SHOT_NOISE, DARK_NOISE = 1.5e-4, 2e-6  # variance per unit of linear light, and without light: a phone's by daylight
EDGE = 0.3  # cm over which a zone's redness fades at its rim

# Where a zone's redness is laid: a little over the zone as it is measured, outlines on the person's left
ZONES: dict[str, Outline] = {
    "cheek-left": ((6.3, -0.4), (4.8, -0.6), (3.3, 0.2), (2.1, 0.7), (1.8, -0.2), (2.3, -1.6), (3.0, -2.3), (3.5, -3.2),
                   (3.7, -4.5), (4.6, -4.7), (5.4, -4.0), (6.1, -3.2), (6.3, -1.9), (7.2, -0.8)),
    "nose": whole(((0, 3.3), (0.8, 3.2), (0.9, 1.2), (1.6, 0.3), (1.8, -1.0), (1.4, -1.7), (0.6, -2.0), (0, -2.1))),
    "forehead": whole(((0, 8.3), (1.9, 8.2), (3.5, 8.0), (5.1, 7.5), (6.3, 6.6), (5.6, 5.7), (2.8, 5.4), (1.4, 5.0), (0, 4.9))),
    "chin": whole(((0, -5.4), (1.3, -5.1), (2.2, -5.4), (3.1, -6.8), (2.3, -9.0), (1.3, -9.3), (0, -9.4))),
}  # fmt: skip
ZONES["cheek-right"] = tuple((-x, y) for x, y in ZONES["cheek-left"])
# Dark spots that may fade: x, y, radius in cm, and how dark each is beside the darkest
SPOTS = ((4.6, -1.4, 0.20, 1.0), (5.3, -2.3, 0.16, 0.8), (3.9, -2.6, 0.15, 0.8), (-4.3, -1.0, 0.18, 0.9), (-5.0, -2.6, 0.20, 1.0),
         (-3.6, -2.0, 0.15, 0.8))  # fmt: skip


@dataclass(frozen=True)
class Day:
    """One photo of the drawn person.

    Parameters
    ----------
    seed : int
        Scatters pose, exposure, white balance and the camera's noise.
    redness : mapping of zone to float
        Units of 100·log10(R/G) above bare skin.
    spots : float
        Darkness of the darkest spot, 100·log10 of blue light, 0 when all have faded.
    light : (float, float)
        Where the window is, degrees: towards the person's own left, and up.
    day : int
        Scatters what changes from day to day and not from shot to shot: redness of the whole face, and of each cheek.
    unsteady : float
        Standard deviation of that.
    """

    seed: int = 0
    redness: Mapping[str, float] = field(default_factory=dict)
    spots: float = 18.0
    light: tuple[float, float] = (6.0, 20.0)
    day: int = 0
    unsteady: float = 0.5


def portrait(day: Day) -> NDArray[np.uint8]:
    """Draw one photo, sRGB, 1600 x 1200 x 3.

    Raises
    ------
    InputError
        A zone that cannot be reddened, or a light from behind.
    """
    unknown = next((zone for zone in day.redness if zone not in ZONES), None)
    if unknown is not None:
        raise InputError("zone", unknown, ", ".join(ZONES), nearest(unknown, list(ZONES)))
    if not (-80 <= day.light[0] <= 80 and -60 <= day.light[1] <= 80):
        raise InputError("light", day.light, "-80 to 80 degrees to the side and -60 to 80 degrees up")
    person, rng = _person(), np.random.default_rng([PERSON, day.day, day.seed])
    seen = _skin(person, day)
    _light(seen, person, day.light)
    return _camera(_posed(seen, person.z, rng), rng)


def portrait_jpeg(day: Day, taken: dt.datetime) -> bytes:
    """Return the photo as a JPEG that says when it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "needlewise", "drawn person"
    detail = exif.get_ifd(0x8769)
    detail[0x9003] = f"{taken:%Y:%m:%d %H:%M:%S}"
    out = io.BytesIO()
    Image.fromarray(portrait(day)).save(out, "JPEG", quality=QUALITY, exif=exif)
    return out.getvalue()


@cache
def _person() -> Likeness:
    return likeness(PERSON)


def _skin(person: Likeness, day: Day) -> Floats:
    """Return paint with the day's redness and spots on it."""
    everywhere, left, right = np.random.default_rng([PERSON, day.day]).normal(0, day.unsteady, 3)
    across = plane(COARSE)[0]
    sides = 0.7 * hill(4.6, -2.0, 1.6, 1.6) * np.where(across > 0, left, right) + everywhere
    red = fine(np.asarray(sides, np.float32))
    for zone, units in day.redness.items():
        red += np.float32(units) * filled(ZONES[zone], EDGE)
    brown = dots([(x, y, radius, share * day.spots) for x, y, radius, share in SPOTS])
    rows, columns = _box(person.face)
    out = person.paint.copy()
    face = person.face[rows, columns]
    out[rows, columns] *= reddened(red[rows, columns] * face) * through(brown[rows, columns] * face, MELANIN)
    return out


def _box(mask: Floats) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _light(seen: Floats, person: Likeness, window: tuple[float, float]) -> None:
    """Light the paint in place: Lambert's cosine over light from all round, and a gleam (Blinn 1977)."""
    azimuth, elevation = (math.radians(angle) for angle in window)
    to = np.array([math.cos(elevation) * math.sin(azimuth), math.sin(elevation), math.cos(elevation) * math.cos(azimuth)])
    half = (to + (0, 0, 1)) / np.linalg.norm(to + (0, 0, 1))
    lamp = np.clip(person.normals @ to.astype(np.float32), 0, None) * _reached(person.z, to)
    around = AMBIENT + CLOTHES * (1 - coarse(person.face))
    light = around + SKY * person.normals[..., 1] + (1 - around) * lamp
    gleam = GLEAM * np.clip(person.normals @ half.astype(np.float32), 0, None) ** GLEAM_POWER
    seen *= fine(np.asarray(WALL_LIGHT * person.wall + (1 - person.wall) * light, np.float32))[..., None]
    seen += (fine(np.asarray(gleam, np.float32)) * person.shine)[..., None]


def _reached(z: Floats, to: NDArray[np.float64]) -> Floats:
    """Return the share of the window that each place of the relief sees, coarse: rays are followed over the relief."""
    share = np.ones_like(z)
    for reach in REACHES:
        step = reach * PX_PER_CM / COARSE
        moved = np.array([[1, 0, step * to[0]], [0, 1, -step * to[1]]])
        there = cv2.warpAffine(z, moved, z.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=-99)
        above = (there - z - np.float32(reach * to[2])) / np.float32(PENUMBRA * reach)
        np.minimum(share, np.clip(0.5 - above, 0, 1), out=share)
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 2.0), np.float32)


def _posed(seen: Floats, z: Floats, rng: np.random.Generator) -> Floats:
    """Cut the photo out of the canvas, with the head a little turned, nearer and aside, as between two snapshots."""
    yaw, pitch, roll = np.radians(rng.normal(0, TURNED, 3))
    zoom, (right, down) = 1 + rng.normal(0, ZOOMED), rng.normal(0, SHIFTED, 2)
    y, x = np.mgrid[0 : PHOTO[0] : COARSE, 0 : PHOTO[1] : COARSE].astype(np.float32) + (COARSE - 1) / 2
    x, y = x + MARGIN[1] - MIDDLE[0] - right, y + MARGIN[0] - MIDDLE[1] - down
    cos, sin = np.cos(roll) / zoom, np.sin(roll) / zoom
    x, y = MIDDLE[0] + cos * x + sin * y, MIDDLE[1] - sin * x + cos * y
    soft = np.asarray(cv2.GaussianBlur(z, (0, 0), 4.0), np.float32)
    at_x, at_y = (m.astype(np.float32) / np.float32(COARSE) for m in (x, y))
    near = cv2.remap(soft, at_x, at_y, cv2.INTER_LINEAR)
    x, y = x - near * np.sin(yaw) * PX_PER_CM, y - near * np.sin(pitch) * PX_PER_CM  # parallax, as for a camera far away
    across, down = (cv2.resize(m.astype(np.float32), PHOTO[::-1], interpolation=cv2.INTER_LINEAR) for m in (x, y))
    return np.asarray(cv2.remap(seen, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _camera(shot: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Expose, balance, add shot noise, and encode as sRGB."""
    gains = np.exp(rng.normal(0, EXPOSED) + rng.normal(0, BALANCED, 3)).astype(np.float32)
    shot = shot * (EXPOSURE * gains)
    grain = np.asarray(
        cv2.GaussianBlur(rng.standard_normal(shot.shape, np.float32), (0, 0), 0.6), np.float32
    )  # as after demosaicing
    shot += grain * np.sqrt(np.maximum(shot, 0) * SHOT_NOISE + DARK_NOISE)
    levels = np.arange(4097) / 4096
    curve = 255 * np.where(levels <= 0.0031308, 12.92 * levels, 1.055 * levels ** (1 / 2.4) - 0.055)
    index = np.clip(shot * 4096 + 0.5, 0, 4096).astype(np.uint16)
    return np.asarray(np.rint(curve).astype(np.uint8)[index])
