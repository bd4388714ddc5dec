"""Photograph a real face a second time, in simulation, with a known redness painted on one cheek.

A before photo is taken as it is; the after photo is the same skin under another light (the measured brightness ratio of a
real face lit from elsewhere), another white balance, exposure, local tone curve, gamma, saturation, pose, noise and JPEG
quality. The truth (how red the cheek was made, and where every pixel went) is returned with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
SHARED = Path(__file__).parents[2] / "shared"
PHOTOS = SHARED / "photos"
# share of the absorbance that added oxyhaemoglobin puts into R, G and B (HbO2 extinction under typical camera sensitivities)
BLOOD = np.array([0.08, 1.0, 0.9], np.float32)
TRUE_UNIT = 100 * float(BLOOD[1] - BLOOD[0])  # 100*log10(R/G) for one unit of painted absorbance
CHEEK_RIGHT = [117, 118, 101, 36, 205, 187, 123]  # the person's own right, in the 478-point mesh
OVAL = [
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
]
NOT_SKIN = [
    [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146],
    [70, 63, 105, 66, 107, 55, 65, 52, 53, 46],
    [300, 293, 334, 296, 336, 285, 295, 282, 283, 276],
    [98, 97, 2, 326, 327, 294, 278, 344, 440, 275, 4, 45, 220, 115, 48, 64],
]


@dataclass(frozen=True)
class Light:
    """Natural log of the brightness ratio (h x w) of one face lit from elsewhere, and where that face's landmarks are."""

    log_ratio: Image
    points: Image
    angle_deg: float


@dataclass(frozen=True)
class Retake:
    """The after photo (uint8 sRGB, h x w x 3), its affine (before -> after, 2 x 3), and what was painted (100*log10(R/G))."""

    after: NDArray[np.uint8]
    affine: NDArray[np.float64]
    painted: Image
    angle_deg: float


def to_linear(srgb: Image) -> Image:
    """Undo the sRGB transfer curve (IEC 61966-2-1), 0..1 to 0..1."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(linear: Image) -> Image:
    """Apply the sRGB transfer curve, clipped to 0..1."""
    value = np.clip(linear, 0, 1)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055).astype(np.float32)


def hull(shape: tuple[int, ...], points: Image, index: list[int]) -> NDArray[np.uint8]:
    """Fill the convex hull of some landmarks; 1 inside."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [cv2.convexHull(points[index, :2].astype(np.int32))], 1)
    return mask


def skin(shape: tuple[int, ...], points: Image) -> NDArray[np.bool_]:
    """Face oval without eyes, brows, lips and nostrils, with a margin of 3 % of the face's width."""
    mask = hull(shape, points, OVAL)
    holes = np.zeros_like(mask)
    for part in NOT_SKIN:
        holes |= hull(shape, points, part)
    side = max(3, int(0.03 * np.ptp(points[:, 0])))
    kernel = np.ones((side, side), np.uint8)
    mask[cv2.dilate(holes, kernel) > 0] = 0
    return cv2.erode(mask, kernel) > 0


def relight(light: Light, shape: tuple[int, ...], points: Image) -> Image:
    """Carry a measured brightness ratio onto another face by its landmarks; returns the factor, h x w."""
    affine, _ = cv2.estimateAffine2D(light.points[:, :2].astype(np.float32), points[:, :2].astype(np.float32))
    field = cv2.warpAffine(light.log_ratio, affine, (shape[1], shape[0]), borderMode=cv2.BORDER_REPLICATE)
    return np.exp(field).astype(np.float32)


def camera(linear: Image, rng: np.random.Generator) -> Image:
    """White balance, exposure, local tone mapping, gamma and saturation of a phone; linear 0..1 to sRGB 0..1."""
    gains = np.array([rng.uniform(0.85, 1.18), 1.0, rng.uniform(0.75, 1.3)])
    shown = (to_srgb((linear * gains * 2 ** rng.uniform(-0.4, 0.4)).astype(np.float32)) * 255).astype(np.uint8)
    lab = cv2.cvtColor(shown, cv2.COLOR_RGB2LAB)
    share = rng.uniform(0, 0.35)
    local = cv2.createCLAHE(2.0, (4, 4)).apply(lab[..., 0])
    lab[..., 0] = np.clip((1 - share) * lab[..., 0] + share * local, 0, 255)
    value = (cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) / 255.0) ** rng.uniform(0.92, 1.08)
    grey = value.mean(2, keepdims=True)
    return np.clip(grey + (value - grey) * rng.uniform(0.9, 1.15), 0, 1).astype(np.float32)


def retake(
    before: NDArray[np.uint8], points: Image, zone: NDArray[np.uint8], redness: float, light: Light, rng: np.random.Generator
) -> Retake:
    """Photograph `before` (uint8 sRGB) again under `light`, the zone `redness` (100*log10(R/G)) redder."""
    height, width = before.shape[:2]
    blur = 0.012 * width
    patch = cv2.GaussianBlur(zone.astype(np.float32), (0, 0), blur)
    linear = to_linear(before.astype(np.float32) / 255)
    linear *= 10 ** (-(redness / TRUE_UNIT) * patch[..., None] * BLOOD)
    value = camera(linear * relight(light, before.shape, points)[..., None], rng)
    affine = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-4, 4), rng.uniform(0.93, 1.05))
    affine[:, 2] += rng.uniform(-0.016, 0.016, 2) * width
    moved = cv2.warpAffine(value * 255, affine, (width, height), borderMode=cv2.BORDER_REFLECT)
    moved += rng.normal(0, 2, moved.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(72, 93))]
    _, code = cv2.imencode(".jpg", np.clip(moved, 0, 255).astype(np.uint8)[..., ::-1], quality)
    after = np.ascontiguousarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1])
    return Retake(after, affine, redness * patch, light.angle_deg)


def light_angle(name: str) -> float:
    """Angle in degrees between the camera's axis and the light, from the name `..A+aaaE+ee.png`."""
    azimuth, elevation = (np.radians(float(part)) for part in name.rsplit("A", 1)[1][:-4].split("E"))
    return float(np.degrees(np.arccos(np.clip(np.cos(azimuth) * np.cos(elevation), -1, 1))))


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Read an 8-bit picture as R, G, B."""
    return np.ascontiguousarray(cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1])


@lru_cache(maxsize=512)
def measured_light(frontal: Path, side: Path, mesh: tuple[tuple[float, float], ...]) -> Light:
    """Brightness ratio of one person's two pictures taken within a minute (grey, 168 x 192), smoothed over 5 px."""
    first, second = (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(np.float32) + 4 for path in (frontal, side))
    ratio = cv2.GaussianBlur(np.log(second / first), (0, 0), 5)
    return Light(ratio - np.float32(np.median(ratio)), np.array(mesh, np.float32), light_angle(side.name))


@dataclass(frozen=True)
class Moved:
    """A soft motion: the after photo (uint8), and where given before pixels lie in it (float64 n x 2)."""

    after: NDArray[np.uint8]
    truth: NDArray[np.float64]


def _bumps(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> Image:
    """Two smooth random fields (h x w x 2), their longest vector 1, varying over `scale` pixels."""
    coarse = (max(4, round(shape[0] / scale) + 3), max(4, round(shape[1] / scale) + 3))
    noise = rng.normal(0, 1, (*coarse, 2)).astype(np.float32)
    field = cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return field / np.float32(np.sqrt((field**2).sum(-1)).max())


def move(before: NDArray[np.uint8], where: Image, soft_px: float, side_light: float, rng: np.random.Generator) -> Moved:
    """Move the skin softly by up to `soft_px`, turn and shift the camera, and light one side by `side_light` more and less.

    `where` (n x 2) are the before pixels whose place is to be known.
    """
    height, width = before.shape[:2]
    soft = _bumps((height, width), width / 6, rng) * np.float32(soft_px)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-3, 3), rng.uniform(0.95, 1.05))
    turn[:, 2] += rng.uniform(-0.01, 0.01, 2) * width
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    from_x = (turn[0, 0] * x + turn[0, 1] * y + turn[0, 2]).astype(np.float32) + soft[..., 0]
    from_y = (turn[1, 0] * x + turn[1, 1] * y + turn[1, 2]).astype(np.float32) + soft[..., 1]
    moved = cv2.remap(before, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = 1 + side_light * ((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)) * 2
    table = to_linear(np.arange(256, dtype=np.float32) / 255)
    lit = to_srgb(table[moved] * np.clip(ramp, 0.05, None)[..., None]) * 255
    lit += rng.normal(0, 2, lit.shape).astype(np.float32)
    _, code = cv2.imencode(".jpg", np.clip(lit, 0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    after = np.ascontiguousarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1])
    back = cv2.invertAffineTransform(turn)
    target = where.astype(np.float64)
    place = target @ back[:, :2].T + back[:, 2]
    for _ in range(12):  # the soft motion varies slowly, so the fixed point is reached in a few turns
        at = place.astype(np.float32)
        shift = cv2.remap(soft, at[:, :1].copy(), at[:, 1:].copy(), cv2.INTER_LINEAR)[:, 0]
        place = (target - shift) @ back[:, :2].T + back[:, 2]
    return Moved(after, place)
