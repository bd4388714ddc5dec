"""A face that nobody has: the average face mesh, painted and lit here, which the face network takes for a face.

Relief, colour and lamp are parameters, so a test knows what is true; docs are illustrated with it, as no real person may be.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from needlewise.measure.networks import canonical
from needlewise.measure.photo import to_srgb8
from needlewise.measure.zones import FEATURES, HALVES, LIPS, _whole, mirrored, zone_outline

Array = NDArray[np.float32]
WIDTH, HEIGHT = 900, 1150
PX = 40.0  # px a cm: the mesh's unit
CENTRE = (WIDTH / 2, 560.0)  # where the mesh's origin, the root of the nose, lies
SKIN = np.array([0.47, 0.28, 0.20], np.float32)  # linear, lit from straight ahead
BLOOD, MELANIN = np.array([0.08, 1.0, 0.9], np.float32), np.array([0.41, 0.59, 1.0], np.float32)  # density in R, G, B
MOUTH = (61, 76, 62, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 292, 291)  # where the lips meet, right to left


@dataclass(frozen=True)
class Lamp:
    """Where the light comes from, in degrees towards the person's own left and upwards; `fill` is what comes from all round."""

    azimuth: float = 0.0
    elevation: float = 10.0
    fill: float = 0.25


@dataclass(frozen=True)
class Skin:
    """The state of the skin: density of blood added by zone, dark spots and scars (x, y in cm from the nose root), lines."""

    blood: dict[str, float] = field(default_factory=dict)
    spots: tuple[tuple[float, float], ...] = ()
    scars: tuple[tuple[float, float], ...] = ()
    scar_cm: float = 0.03
    lines_cm: float = 0.03
    seed: int = 1


def drawn_face(skin: Skin = Skin(), lamp: Lamp = Lamp(), gains: tuple[float, float, float] = (1, 1, 1), noise: int = 0,
               move: tuple[float, float, float] = (0, 0, 0)) -> NDArray[np.uint8]:  # fmt: skip
    """Return the face as 8-bit sRGB, HEIGHT x WIDTH.

    Parameters
    ----------
    gains : (float, float, float)
        White balance and exposure.
    noise : int
        Seed of the sensor's noise, which differs from shot to shot.
    move : (float, float, float)
        Shift right and down in px, and turn in degrees, as a hand-held shot has.
    """
    relief, inside = _relief()
    depth = relief + _bumps(skin)
    shading = _shading(depth, lamp)
    picture = _background()
    face = SKIN * np.exp(-_density(skin)) * shading[..., None]
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2.5)[..., None]
    picture = picture * (1 - soft) + face * soft
    picture = _features(picture, shading)
    turn = cv2.getRotationMatrix2D(CENTRE, move[2], 1.0)
    turn[:, 2] += move[:2]
    picture = cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    grain = np.random.default_rng(1000 + noise).normal(0, 1, picture.shape).astype(np.float32)
    picture = picture * np.asarray(gains, np.float32)
    return to_srgb8(np.clip(picture + 0.004 * np.sqrt(np.maximum(picture, 0)) * grain, 0, 1))


def jpeg(picture: NDArray[np.uint8], taken: str = "") -> bytes:
    """Return the picture as a JPEG, with the time it was taken (as "2026-03-01 09:30:00") where given."""
    out, block = io.BytesIO(), Image.Exif()
    if taken:
        block.get_ifd(0x8769)[0x9003] = taken.replace("-", ":")
    Image.fromarray(picture).save(out, "JPEG", quality=94, subsampling=0, exif=block.tobytes())
    return out.getvalue()


def _at(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mesh coordinates to px."""
    return np.stack([CENTRE[0] + PX * points[:, 0], CENTRE[1] - PX * points[:, 1]], axis=-1)


def _spot(indices: tuple[int, ...]) -> NDArray[np.int32]:
    return np.rint(_at(canonical().points[list(indices)]) * 16).astype(np.int32)


def _filled(*outlines: tuple[int, ...]) -> Array:
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(canvas, [_spot(one) for one in outlines], 255, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255


@cache
def _relief() -> tuple[Array, NDArray[np.bool_]]:
    """Depth towards the camera in cm, linear between mesh points and then smoothed, and where the face is."""
    points = canonical().points
    flat = _at(points)
    around = cv2.Subdiv2D((0, 0, WIDTH, HEIGHT))
    for x, y in flat:
        around.insert((float(x), float(y)))
    places = [(round(float(x), 2), round(float(y), 2)) for x, y in flat.astype(np.float32)]
    known = dict(zip(places, points[:, 2], strict=True))
    depth = np.full((HEIGHT, WIDTH), np.nan, np.float32)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    for corners in around.getTriangleList().reshape(-1, 3, 2):
        heights = [known.get((round(float(a), 2), round(float(b), 2))) for a, b in corners]
        if None in heights:
            continue
        left, top = np.floor(corners.min(0)).astype(int)
        right, bottom = np.ceil(corners.max(0)).astype(int) + 1
        box = (slice(max(0, top), bottom), slice(max(0, left), right))
        plane = np.linalg.solve(np.column_stack([corners, np.ones(3)]) + 1e-9 * np.eye(3), np.array(heights, float))
        part = np.zeros((bottom - top, right - left), np.uint8)
        cv2.fillConvexPoly(part, np.rint((corners - (left, top)) * 16).astype(np.int32), 1, cv2.LINE_8, 4)
        values = plane[0] * x[box] + plane[1] * y[box] + plane[2]
        part = part[: values.shape[0], : values.shape[1]]
        depth[box] = np.where(part > 0, values, depth[box])
    inside = _filled(_whole(HALVES["face"])) > 0.5
    known_here = np.isfinite(depth) & inside
    filled, weight = np.where(known_here, depth, 0).astype(np.float32), known_here.astype(np.float32)
    smooth = cv2.GaussianBlur(filled, (0, 0), 9) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 9), 1e-3)
    return smooth.astype(np.float32), inside


@cache
def _texture(seed: int) -> tuple[Array, Array]:
    """Fine relief of skin, and the slow blotches of its colour; standard deviation 1 each."""
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.6)
    fine += 2 * cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 4)
    slow = sum(s * cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), s) for s in (10, 25, 60))
    return fine / fine.std(), slow / slow.std()


def _bumps(skin: Skin) -> Array:
    """Pores, pits and furrows in cm."""
    depth = 0.0012 * _texture(skin.seed)[0]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    for number, (right, up) in enumerate(skin.scars):
        wide = PX * (0.16 + 0.05 * (number % 3))
        away = ((x - CENTRE[0] - PX * right) / wide) ** 2 + ((y - CENTRE[1] + PX * up) / (1.3 * wide)) ** 2
        depth = depth - skin.scar_cm * np.exp(-(away**1.5)) + 0.25 * skin.scar_cm * np.exp(-((away - 1.6) ** 2))
    furrows = np.zeros((HEIGHT, WIDTH), np.float32)
    for up in (6.9, 6.0, 5.2):  # across the forehead
        along = np.linspace(-3.4, 3.4, 60)
        curve = [(CENTRE[0] + PX * s, CENTRE[1] - PX * (up + 0.25 * math.cos(s) - 0.03 * s * s)) for s in along]
        cv2.polylines(furrows, [np.rint(np.array(curve) * 16).astype(np.int32)], False, 1.0, 2, cv2.LINE_AA, 4)
    for side in (-1, 1):  # from the nose to the mouth
        curve = [(CENTRE[0] + side * PX * (2.0 + 1.3 * t**0.8), CENTRE[1] + PX * (1.0 + 3.0 * t)) for t in np.linspace(0, 1, 40)]
        cv2.polylines(furrows, [np.rint(np.array(curve) * 16).astype(np.int32)], False, 1.0, 2, cv2.LINE_AA, 4)
    return (depth - 2.2 * skin.lines_cm * cv2.GaussianBlur(furrows, (0, 0), 1.8)).astype(np.float32)


def _shading(depth: Array, lamp: Lamp) -> Array:
    down, across = (cv2.Sobel(depth, cv2.CV_32F, *order, ksize=3, scale=PX / 8) for order in ((0, 1), (1, 0)))
    length = np.sqrt(across**2 + down**2 + 1)
    azimuth, elevation = math.radians(lamp.azimuth), math.radians(lamp.elevation)
    to = (math.cos(elevation) * math.sin(azimuth), math.sin(elevation), math.cos(elevation) * math.cos(azimuth))
    # the person's own left is the picture's right
    cosine = (-across * to[0] + down * to[1] + to[2]) / length
    return np.asarray(lamp.fill * (0.6 + 0.4 / length) + (1 - lamp.fill) * np.maximum(cosine, 0), np.float32)


def _density(skin: Skin) -> Array:
    """Natural logarithm of what the skin's colours take away beyond `SKIN`, per channel."""
    slow = _texture(skin.seed)[1]
    blood = 0.03 * slow + 0.012 * _texture(skin.seed + 7)[0]
    for zone, amount in {"cheek-left": 0.10, "cheek-right": 0.10, "nose": 0.12}.items():
        blood = blood + amount * cv2.GaussianBlur(_filled(zone_outline(zone)), (0, 0), 25)
    for zone, amount in skin.blood.items():
        blood = blood + amount * cv2.GaussianBlur(_filled(zone_outline(zone)), (0, 0), 4)
    melanin = 0.02 * _texture(skin.seed + 3)[1]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    for right, up in skin.spots:
        melanin = melanin + 0.5 * np.exp(-((((x - CENTRE[0] - PX * right) ** 2 + (y - CENTRE[1] + PX * up) ** 2) / 36) ** 2))
    return np.asarray(blood[..., None] * BLOOD + melanin[..., None] * MELANIN, np.float32)


@cache
def _background() -> Array:
    """A wall, shoulders, a neck and hair."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    out = np.empty((HEIGHT, WIDTH, 3), np.float32)
    out[:] = np.array([0.34, 0.36, 0.36], np.float32) * (1 - 0.15 * y[..., None] / HEIGHT)
    hair, neck, cloth = (np.zeros((HEIGHT, WIDTH), np.float32) for _ in range(3))
    cv2.ellipse(hair, (WIDTH // 2, 470), (360, 400), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.ellipse(cloth, (WIDTH // 2, 1330), (520, 310), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.rectangle(neck, (WIDTH // 2 - 165, 760), (WIDTH // 2 + 165, 1080), 1.0, -1)
    cv2.ellipse(neck, (WIDTH // 2, 1075), (165, 50), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    round_neck = np.sqrt(np.clip(1 - ((x - WIDTH / 2) / 190) ** 2, 0.05, 1))
    dusk = np.clip(0.35 + (y - 900) / 500, 0.3, 0.7)
    for mask, colour in ((hair, np.array([0.035, 0.022, 0.015]) * np.ones((HEIGHT, WIDTH, 1))),
                         (cloth, np.array([0.10, 0.14, 0.17]) * np.ones((HEIGHT, WIDTH, 1))),
                         (neck, SKIN * (round_neck * dusk)[..., None])):  # fmt: skip
        soft = cv2.GaussianBlur(mask, (0, 0), 3)[..., None]
        out = out * (1 - soft) + colour.astype(np.float32) * soft
    return out


def _features(picture: Array, shading: Array) -> Array:
    """Paint eyes, brows, lips and nostrils."""
    light = np.clip(shading, 0.15, 1)[..., None]

    def paint(mask: Array, colour: tuple[float, float, float], blur: float, share: float = 1.0) -> None:
        nonlocal picture
        soft = share * cv2.GaussianBlur(mask, (0, 0), blur)[..., None]
        picture = picture * (1 - soft) + np.array(colour, np.float32) * light * soft

    lips = _whole(LIPS)
    paint(_filled(lips), (0.36, 0.13, 0.11), 3.0, 0.85)
    meet = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.polylines(meet, [_spot(MOUTH)], False, 1.0, 3, cv2.LINE_AA, 4)
    paint(meet, (0.09, 0.03, 0.03), 1.4)
    for name, colour, blur, share in (("brow", (0.05, 0.035, 0.025), 4.0, 0.9), ("nostril", (0.05, 0.02, 0.015), 2.5, 0.9),
                                      ("eye", (0.20, 0.09, 0.07), 6.0, 0.35)):  # fmt: skip
        outline = FEATURES[name][0]
        paint(_filled(outline, mirrored(outline)), colour, blur, share)
    eye = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
    white = _filled(eye, mirrored(eye))
    paint(white, (0.55, 0.52, 0.50), 1.2)
    irises, pupils, glints = (np.zeros((HEIGHT, WIDTH), np.float32) for _ in range(3))
    for pair in ((33, 133), (263, 362)):
        x, y = _at(canonical().points[list(pair)]).mean(0)
        cv2.circle(irises, (round(x * 16), round((y - 3) * 16)), round(0.59 * PX * 16), 1.0, -1, cv2.LINE_AA, 4)
        cv2.circle(pupils, (round(x * 16), round((y - 3) * 16)), round(0.22 * PX * 16), 1.0, -1, cv2.LINE_AA, 4)
        cv2.circle(glints, (round((x + 5) * 16), round((y - 9) * 16)), 3 * 16, 1.0, -1, cv2.LINE_AA, 4)
    paint(irises * white, (0.10, 0.055, 0.03), 1.0)
    paint(pupils * white, (0.01, 0.01, 0.01), 0.8)
    paint(glints * white, (0.9, 0.9, 0.9), 0.8)
    lash = np.zeros((HEIGHT, WIDTH), np.float32)
    upper = (33, 246, 161, 160, 159, 158, 157, 173, 133)
    cv2.polylines(lash, [_spot(upper), _spot(mirrored(upper))], False, 1.0, 4, cv2.LINE_AA, 4)
    paint(lash, (0.02, 0.015, 0.012), 1.2)
    return picture
