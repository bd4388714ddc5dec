"""How a scene of `imprint_worlds` is seen: the camera, then sheet and table, things and holes, light, sensor and JPEG.

The plane is in millimetres; a pixel's middle is a whole number. Light is linear until `develop`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from imprint_photos import Device, box
from imprint_things import F, Thing, foil, noise, paper_grain, table

TILE = 640


def spin(turn: float) -> np.ndarray:
    return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])


class Camera:
    """A pinhole camera that bends lines a little: it sees all of `view` (mm), with a margin, somewhere in its picture."""

    def __init__(self, rng: np.random.Generator, size: tuple[int, int], focal35: float, tilt: float, roll: float, bend: float,
                 view: np.ndarray, margin: float) -> None:  # fmt: skip
        self.width, self.height = size
        self.bend, self.middle, self.reach = bend, np.array(size) / 2 - 0.5, math.hypot(*size) / 2
        f = focal35 / 43.27 * math.hypot(*size)
        lens = np.array([[f, 0, self.middle[0]], [0, f, self.middle[1]], [0, 0, 1.0]])
        way = rng.uniform(0, 2 * math.pi)
        axis = np.array([math.cos(way), math.sin(way), 0]) * tilt
        turn = cv2.Rodrigues(axis)[0] @ cv2.Rodrigues(np.array([0, 0, roll]))[0]
        t = -turn @ np.append(view.mean(0), 0) + [0, 0, 300.0]
        aside, frame = rng.uniform(-1, 1, 2), np.array(size)
        for _ in range(40):
            self.to_px = lens @ np.column_stack([turn[:, 0], turn[:, 1], t])
            p = self.project(view, bent=False)
            low, high = p.min(0), p.max(0)
            too_large = max((high - low) / (frame * (1 - 2 * margin)))
            slack = np.maximum(0, (frame * (1 - 2 * min(margin, 0.06)) - (high - low)) / 2)
            t[:2] += (self.middle + aside * slack * 0.7 - (low + high) / 2) * t[2] / f
            t[2] *= 1 + 0.7 * (too_large - 1)
        self.to_px /= self.to_px[2, 2]
        back = np.linalg.inv(self.to_px) @ np.array([[1, 0, self.middle[0]], [0, 1, self.middle[1]], [0, 0, 1]])
        self.back = (back / back[2, 2]).astype(F)

    def project(self, mm: np.ndarray, bent: bool = True) -> np.ndarray:
        p = np.column_stack([mm, np.ones(len(mm))]) @ self.to_px.T
        p = p[:, :2] / p[:, 2:]
        if bent:
            d = p - self.middle
            p = self.middle + d * (1 + self.bend * (d**2).sum(1, keepdims=True) / self.reach**2)
        return np.asarray(p)

    def plane(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where pixels lie in the plane; `x` may be a row and `y` a column."""
        x, y = (x - self.middle[0]).astype(F), (y - self.middle[1]).astype(F)
        k, r2 = F(self.bend / self.reach**2), x * x + y * y
        g = 1 / (1 + k * r2)
        g = 1 / (1 + k * r2 * g * g)
        x, y, a = x * g, y * g, self.back
        w = 1 / (a[2, 0] * x + a[2, 1] * y + a[2, 2])
        return (a[0, 0] * x + a[0, 1] * y + a[0, 2]) * w, (a[1, 0] * x + a[1, 1] * y + a[1, 2]) * w

    def jacobian(self, mm: np.ndarray) -> np.ndarray:
        """Return the pixels for each millimetre along x and y, N×2×2."""
        e = 0.05
        steps = ((self.project(mm + v) - self.project(mm - v)) / (2 * e) for v in (np.array([e, 0]), np.array([0, e])))
        return np.stack(list(steps), 2)

    def px_mm(self, mm: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(np.abs(np.linalg.det(self.jacobian(mm)))))


class Sheet(NamedTuple):
    """A sheet of paper or foil, in mm."""

    middle: np.ndarray
    turn: float
    width: float
    height: float

    @property
    def outline(self) -> np.ndarray:
        return box(*self.middle, self.width, self.height, self.turn)


@dataclass
class Scene:
    """What lies where, and the camera; `holes` in mm, about the middle of the imprint, whose corners are `imprint`."""

    hard: bool
    device: Device
    holes: np.ndarray
    imprint: np.ndarray
    surface: str
    scale: str
    megapixels: int
    sheet: Sheet
    thing: Thing | None
    camera: Camera
    blur: float
    px_mm: float  # where there are the fewest, within the imprint
    tilt: float


class Ground:
    """Paper or foil, and the table around it."""

    def __init__(self, rng: np.random.Generator, scene: Scene, light: np.ndarray) -> None:
        backlit, hard, camera = scene.surface == "backlit", scene.hard, scene.camera
        self.scene, self.light, self.backlit = scene, light, backlit
        self.ambient = rng.uniform(0.22, 0.4) if backlit else 1.0
        self.table, self.table_px, self.table_name = table(rng, backlit)
        tone = np.array(rng.uniform([0.97, 0.98, 0.94], 1.0), F)
        self.tone = tone * F(rng.uniform(0.2, 0.38) if backlit else rng.uniform(0.78, 0.88))
        self.grain_px = min(scene.px_mm * 1.1, 22)
        self.grain = paper_grain(rng, self.grain_px)
        self.rough = rng.uniform(0.02, 0.05) if backlit else rng.uniform(0.006, 0.03 if hard else 0.016)
        self.clouds = noise(rng, 1400, 1400, 200 if backlit else 60, 4) * (rng.uniform(0.025, 0.07) if backlit else 0.012)
        self.cloud_px = rng.uniform(2.0, 4.0)
        corners = camera.plane(np.array([0, camera.width, 0, camera.width]), np.array([0, 0, camera.height, camera.height]))
        span = float(np.ptp(corners, axis=1).max()) + 20
        self.foil = foil(rng, span) if scene.surface == "foil" else None
        self.creases = []  # way, place, depth, width
        if hard and self.foil is None:
            for _ in range(int(rng.integers(0, 4))):
                way, at = rng.uniform(0, math.pi), rng.uniform(-0.5, 0.5) * span * 0.6
                self.creases.append((way, at, rng.uniform(0.03, 0.14), rng.uniform(0.25, 0.8)))
        self.table_turn = rng.uniform(0, 6.28)

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """Return some rows of the picture."""
        scene = self.scene
        x, y = scene.camera.plane(np.arange(scene.camera.width)[None, :], np.arange(top, bottom)[:, None])
        (mx, my), turn, width, height = scene.sheet
        c, s = F(math.cos(turn)), F(math.sin(turn))
        u, v = (x - F(mx)) * c + (y - F(my)) * s, -(x - F(mx)) * s + (y - F(my)) * c
        far = np.maximum(np.abs(u) - F(width / 2), np.abs(v) - F(height / 2))
        if self.foil is not None:  # torn off by hand
            far = far + F(0.6) * np.sin(u * F(0.11) + 1) * np.sin(v * F(0.13)) + F(0.07) * np.sin(u * 4) * np.sin(v * 4)
        out = self.paper(x, y, u, v) if self.foil is None else self.metal(x, y)
        if far.max() <= -1.0:
            return out
        around = self.around(x, y)
        if not self.backlit:
            around *= 1 + F(0.05) * tiled(self.grain, u * F(self.grain_px), v * F(self.grain_px))[..., None]
            lx, ly = self.light * 0.35
            dark = np.maximum(np.abs(u + F(lx)) - F(width / 2), np.abs(v + F(ly)) - F(height / 2))
            around *= (1 - F(0.45) * np.clip(0.5 - dark / F(0.9), 0, 1))[..., None]
        return np.asarray(around + (out - around) * np.clip(0.5 - far * F(scene.px_mm), 0, 1)[..., None])

    def metal(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        assert self.foil is not None
        bright, px = self.foil
        out = tiled(bright, x * F(px) + F(len(bright) / 2), y * F(px) + F(len(bright) / 2))
        out *= 1 + F(0.012) * tiled(self.grain, x * F(self.grain_px * 0.4), y * F(self.grain_px * 3))
        return np.asarray(out[..., None] * np.array([0.97, 0.985, 1.0], F))

    def paper(self, x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        out = tiled(self.grain, u * F(self.grain_px), v * F(self.grain_px)) * F(self.rough)
        out += tiled(self.clouds, u * F(self.cloud_px) + F(700), v * F(self.cloud_px) + F(700))
        for way, at, deep, wide in self.creases:
            c, s = math.cos(way), math.sin(way)
            q, lit = (x * F(c) + y * F(s) - F(at)) / F(wide), F(self.light[0] * c + self.light[1] * s)
            out += F(deep) * np.exp(-np.abs(q)) * (lit * np.tanh(q) - F(0.35)) + F(0.25 * deep) * lit * np.tanh(q * F(0.05))
        return np.asarray((1 + out)[..., None] * self.tone)

    def around(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        c, s, px, half = F(math.cos(self.table_turn)), F(math.sin(self.table_turn)), F(self.table_px), F(600)
        return tiled(self.table, (x * c + y * s) * px + half, (-x * s + y * c) * px + half, cv2.INTER_CUBIC)


def tiled(texture: np.ndarray, x: np.ndarray, y: np.ndarray, how: int = cv2.INTER_LINEAR) -> np.ndarray:
    return np.asarray(cv2.remap(texture, x, y, how, borderMode=cv2.BORDER_REFLECT))


def paint(image: np.ndarray, camera: Camera, thing: Thing, ambient: float, light: np.ndarray) -> None:
    """Lay a thing onto the picture, with its shadow."""
    ca, sa = F(math.cos(thing.turn)), F(math.sin(thing.turn))
    half_x, half_y, corner = F(thing.width / 2), F(thing.height / 2), F(thing.corner)
    area = camera.project(box(*thing.at, thing.width + 6, thing.height + 6, thing.turn))
    low = np.maximum(0, np.floor(area.min(0)).astype(int))
    high = np.minimum((camera.width, camera.height), np.ceil(area.max(0)).astype(int) + 1)
    px = F(camera.px_mm(thing.at[None])[0])

    def local(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mx, my = camera.plane(x, y)
        mx, my = mx - F(thing.at[0]), my - F(thing.at[1])
        return mx * ca + my * sa + half_x, -mx * sa + my * ca + half_y

    def outside(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return how far (mm) from the rim, below 0 within."""
        a, b = np.abs(u - half_x) - half_x + corner, np.abs(v - half_y) - half_y + corner
        return np.asarray(np.hypot(np.maximum(a, 0), np.maximum(b, 0)) + np.minimum(np.maximum(a, b), 0) - corner)

    for top in range(low[1], high[1], TILE):
        for left in range(low[0], high[0], TILE):
            right, bottom = min(left + TILE, high[0]), min(top + TILE, high[1])
            if outside(*local(np.array([(left + right) / 2]), np.array([(top + bottom) / 2])))[0] > 1.1 * TILE / px + 4:
                continue
            x, y = np.arange(left, right)[None, :], np.arange(top, bottom)[:, None]
            u, v = local(x, y)
            far, part = outside(u, v), image[top:bottom, left:right]
            if thing.shadow:
                along, over = light[0] * ca + light[1] * sa, -light[0] * sa + light[1] * ca
                u_, v_ = u + F(along * thing.shadow), v + F(over * thing.shadow)
                dark = np.clip(0.5 - outside(u_, v_) / F(0.5 + thing.shadow), 0, 1)
                part *= (1 - F(0.42 if thing.clear is None else 0.12) * dark)[..., None]
            cover = np.clip(0.5 - far * px, 0, 1)
            if thing.hole is not None:
                hx, hy, radius = thing.hole
                cover *= np.clip(0.5 + (np.hypot(u - F(hx), v - F(hy)) - F(radius)) * px, 0, 1)
            if not cover.any():
                continue
            colour = seen(thing, part, u, v, far, ambient)
            if thing.ink is not None:
                ink = thing.ink
                k = np.zeros(u.shape, F)
                for ox, oy in ((-0.375, -0.125), (0.125, -0.375), (0.375, 0.125), (-0.125, 0.375)):
                    us, vs = local(x + ox, y + oy)
                    us, vs = us * F(ink.px_mm) - F(0.5), vs * F(ink.px_mm) - F(0.5)
                    k += cv2.remap(ink.mask, us, vs, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
                k = (k * F(ink.cover / 4 / 255))[..., None]
                colour = colour * (1 - k) + ink.colour * F(ambient) * k
            part += (colour - part) * cover[..., None]


def seen(thing: Thing, under: np.ndarray, u: np.ndarray, v: np.ndarray, far: np.ndarray, ambient: float) -> np.ndarray:
    """Return a thing's own look without its ink; its rim catches light, or, if clear, takes some."""
    if thing.base is None:
        return under.copy()
    if thing.clear is not None:
        colour = under * thing.clear + F(0.04 * ambient)
        return np.asarray(colour * (1 - 0.25 * np.exp(-(((far + 0.35) / 0.2) ** 2)))[..., None])
    b = F(thing.base_px)
    colour = cv2.remap(thing.base, u * b - F(0.5), v * b - F(0.5), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * F(ambient)
    if thing.kind != "coin":
        colour *= (1 + 0.25 * np.exp(-(((far + 0.15) / 0.12) ** 2)))[..., None]
    return np.asarray(colour)


def splat(image: np.ndarray, camera: Camera, rng: np.random.Generator, mm: np.ndarray, size: tuple[np.ndarray, np.ndarray],
          value: np.ndarray, deep: np.ndarray, soft: float, lip: float, light: np.ndarray, rough: float) -> None:  # fmt: skip
    """Make holes or specks of so many mm along and across, each with a rim of its own, and a lip lit from one side."""
    along, across = size
    back, at, px = np.linalg.inv(camera.jacobian(mm)).astype(F), camera.project(mm), float(camera.px_mm(mm).max())
    n = 4 if px < 16 else 3 if px < 40 else 2  # samples a pixel, each way
    reach = math.ceil((max(along.max(), across.max()) / 2 + (0.17 if lip else 0.06)) * px) + 2
    m = 2 * reach + 1
    g = ((np.arange(m * n) + 0.5) / n - reach - 0.5).astype(F)
    base = np.floor(at + 0.5).astype(int)
    rest = (base - at).astype(F)
    step = max(1, int(3e6 / g.size**2))  # as many at a time as keep memory small
    for first in range(0, len(mm), step):
        s = slice(first, first + step)
        x, y = g[None, None, :] + rest[s, 0, None, None], g[None, :, None] + rest[s, 1, None, None]
        j = back[s, :, :, None, None]
        u, v = j[:, 0, 0] * x + j[:, 0, 1] * y, j[:, 1, 0] * x + j[:, 1, 1] * y
        half, long = (across[s, None, None] / 2).astype(F), (along[s, None, None] / 2).astype(F)
        q = np.sign(u) * np.maximum(np.abs(u) - np.maximum(long - half, 0), 0)
        r = np.hypot(q, v) + F(1e-6)
        c, d = q / r, v / r
        c2, d2 = c * c - d * d, 2 * c * d
        a = np.moveaxis(rng.normal(0, rough, (len(u), 6, 1, 1)).astype(F), 1, 0)
        bump = a[0] * c2 + a[1] * d2 + a[2] * (c2 * c - d2 * d) + a[3] * (d2 * c + c2 * d)
        bump = bump + a[4] * (c2 * c2 - d2 * d2) + a[5] * 2 * c2 * d2
        far = r - half * (1 + bump)
        cover = np.clip(0.5 - far / F(soft), 0, 1) * deep[s, None, None].astype(F)
        face = c * F(light[0]) + d * F(light[1])
        times, plus = 1 - cover, cover * value[s, None, None].astype(F) * (1 - F(0.35 if lip else 0.05) * face)
        if lip:
            ring = np.exp(-(((far - 0.035) / 0.035) ** 2))
            times *= 1 + F(lip) * ring * face - 0.10 * np.exp(-np.maximum(far, 0) / 0.06)
        times, plus = (t.reshape(len(u), m, n, m, n).mean((2, 4)) for t in (times, plus))
        for (left, top), by, more in zip(base[s] - reach, times, plus, strict=True):
            x0, y0, x1, y1 = max(0, left), max(0, top), min(camera.width, left + m), min(camera.height, top + m)
            if x1 > x0 and y1 > y0:
                inner = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left), None)
                part = image[y0:y1, x0:x1]
                part *= by[inner]
                part += more[inner]


def light_over(rng: np.random.Generator, hard: bool, backlit: bool, height: int, width: int) -> np.ndarray:
    """Return what light does to each pixel of a small picture: uneven, a shadow, darker corners."""
    y, x = np.mgrid[:height, :width].astype(F)
    way, fall = rng.uniform(0, 2 * math.pi), rng.uniform(0.02, 0.25 if hard else 0.12)
    field = 1 - fall * ((x / width - 0.5) * math.cos(way) + (y / height - 0.5) * math.sin(way) + 0.5)
    if backlit:
        cx, cy, wide = *rng.uniform(0.3, 0.7, 2), rng.uniform(0.5, 1.0)
        spot = np.exp(-((x / width - cx) ** 2 + (y / height - cy) ** 2) / (2 * wide * wide))
        field *= 1 - rng.uniform(0.1, 0.45 if hard else 0.25) * (1 - spot)
    out = np.repeat(field[..., None], 3, 2)
    if rng.random() < 0.6:
        depth, mask = rng.uniform(0.05, 0.5 if hard else 0.15), np.zeros((height, width), F)
        if rng.random() < 0.5:
            hand(rng, mask)
        else:
            dx, dy = x - width * rng.uniform(0.2, 0.8), y - height * rng.uniform(0.2, 0.8)
            mask[dx * math.cos(way + 1) + dy * math.sin(way + 1) > 0] = 1
        crisp = hard and rng.random() < 0.4
        mask = cv2.GaussianBlur(mask, (0, 0), 1.0 if crisp else rng.uniform(0.01, 0.05) * width)
        out *= 1 - depth * mask[..., None] * np.array([1, 0.97, 0.92], F)
    corner = rng.uniform(0, 0.14)
    r2 = (x / width - 0.5) ** 2 * width * width + (y / height - 0.5) ** 2 * height * height
    out *= (1 - corner * r2 * 4 / (width * width + height * height))[..., None]
    return out


def hand(rng: np.random.Generator, mask: np.ndarray) -> None:
    """Let a phone or hand throw its shadow in from the rim."""
    height, width = mask.shape
    at = np.array([width * rng.uniform(0, 1), height * rng.choice([0.0, 1.0])])
    turn, size = rng.uniform(0, 3), (width * rng.uniform(0.3, 0.6), height * rng.uniform(0.5, 1.2))
    cv2.fillPoly(mask, [box(*at, *size, turn).astype(np.int32)], 1.0)
    for _ in range(int(rng.integers(0, 5))):
        middle = int(at[0] + rng.normal(0, width * 0.1)), int(at[1])
        axes = int(width * 0.04), int(height * rng.uniform(0.2, 0.6))
        cv2.ellipse(mask, middle, axes, rng.uniform(-25, 25), 0, 360, 1.0, -1)


def expose(rng: np.random.Generator, image: np.ndarray, blur: float, hard: bool) -> np.ndarray:
    """Return the sensor's picture behind its red, green and blue filters; the scene is blurred in place."""
    np.minimum(image, 2.0, out=image)
    uneven = rng.uniform(0.75, 1.0) if hard else 1.0
    cv2.GaussianBlur(image, (0, 0), sigmaX=blur, sigmaY=blur * uneven, dst=image)
    iso = rng.uniform(0.005, 0.02) if hard else rng.uniform(0.003, 0.009)
    raw = np.empty(image.shape[:2], F)
    for oy, ox, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        raw[oy::2, ox::2] = image[oy::2, ox::2, channel]
    raw += np.sqrt(np.maximum(raw, 0) + 0.02) * F(iso) * rng.standard_normal(raw.shape, dtype=F)
    return np.clip(raw * 60000, 0, 60000).astype(np.uint16)


def develop(rng: np.random.Generator, raw: np.ndarray, hard: bool) -> bytes:
    """Return the JPEG a phone makes of it: colours filled in, curve, colour noise smoothed away, edges sharpened."""
    size = raw.shape[1], raw.shape[0]
    rgb = cv2.cvtColor(raw, cv2.COLOR_BayerRGGB2RGB_EA)
    linear = np.minimum(np.arange(65536) / 60000, 1)
    srgb = np.where(linear < 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    srgb = srgb + rng.uniform(0, 0.12) * (srgb * srgb * (3 - 2 * srgb) - srgb)
    rgb = np.take((srgb * 255 + 0.5).astype(np.uint8), rgb)
    grey, *colours = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    amount, radius = rng.uniform(0.2, 0.9), rng.uniform(0.8, 1.6)
    grey = cv2.addWeighted(grey, 1 + amount, cv2.GaussianBlur(grey, (0, 0), radius), -amount, 0)
    for i, colour in enumerate(colours):
        small = cv2.medianBlur(cv2.resize(colour, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_AREA), 5)
        colours[i] = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    bgr = cv2.cvtColor(cv2.merge([grey, *colours]), cv2.COLOR_YCrCb2BGR)
    quality = int(rng.integers(70, 96) if hard else rng.integers(85, 96))
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
