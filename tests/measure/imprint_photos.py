"""Photographs of imprints with known truth: a pinhole camera over a sheet, light, foil, dirt, blur, noise and JPEG.

Everything lies in the plane of the sheet in millimetres; `Shot` says how it is photographed, `Device` what made the holes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import simplejpeg

CARD = (85.60, 53.98)
SHEETS = {"paper-a4": (297.0, 210.0), "paper-letter": (279.4, 215.9)}
SIZES = {6: (3008, 2000), 12: (4032, 3024), 24: (6000, 4000), 48: (8064, 6048)}


@dataclass(frozen=True)
class Device:
    """What made the holes; `missing` and `bent` name needles as (row, column)."""

    kind: str
    rows: int
    columns: int
    radius_mm: float
    row_pitch_mm: float
    needle_mm: float
    hole_mm: tuple[float, float]  # along the rolling direction, across
    phases: tuple[float, ...]  # turn of each row, in shares of the pitch
    missing: frozenset[tuple[int, int]] = frozenset()
    bent: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)

    @property
    def needles(self) -> int:
        return self.rows * self.columns

    @property
    def pitch_mm(self) -> float:
        return 2 * np.pi * (self.radius_mm + self.needle_mm) / self.columns if self.kind == "roller" else self.row_pitch_mm


@dataclass(frozen=True)
class Shot:
    """How it is photographed."""

    scale: str = "card"  # card, paper-a4, paper-letter or ruler
    megapixels: int = 12
    tilt_deg: float = 5.0
    blur_px: float = 0.6
    shadow: float = 0.1
    grain: float = 0.01
    noise: float = 0.006
    quality: int = 92
    surface: str = "paper"  # paper, backlit or foil
    creases: int = 0
    turns: float = 2.0
    wander_mm: float = 0.2
    jitter_mm: float = 0.015
    slip: float = 0.0
    specks: int = 10


def random_device(rng: np.random.Generator, kind: str = "roller", disc: bool | None = None, needle_mm: float = 0.5) -> Device:
    """Draw a device within the ranges the reader must serve."""
    disc = bool(rng.random() < 0.4) if disc is None else disc
    if kind == "stamp":
        rows, columns = int(rng.integers(4, 13)), int(rng.integers(4, 13))
        pitch = rng.uniform(0.9, 2.5)
        radius = 0.0
    else:
        columns = int(rng.integers(8, 61))
        radius = rng.uniform(max(4.0, columns * 0.95 / (2 * np.pi)), 14.0)
        rows = int(rng.integers(3, 19))
        pitch = rng.uniform(1.1, min(3.0, 40 / rows))
    style = rng.choice(["straight", "half", "third", "free"]) if kind == "roller" else "straight"
    row = np.arange(rows)
    phases = {"straight": row * 0.0, "half": row % 2 * 0.5, "third": row % 3 / 3, "free": rng.random(rows)}[str(style)]
    hole = (rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.13)) if disc else (rng.uniform(0.1, 0.3),) * 2
    device = Device(kind, rows, columns, radius, pitch, needle_mm, hole, tuple(float(p) for p in phases))
    return with_damage(device, rng, rng.uniform(0, 0.05), rng.uniform(0, 0.05))


def with_damage(device: Device, rng: np.random.Generator, missing: float, bent: float) -> Device:
    """Take needles away, and displace others by 0.1 to 0.6 mm."""
    order = [(int(i) // device.columns, int(i) % device.columns) for i in rng.permutation(device.needles)]
    a, b = round(missing * device.needles), round(bent * device.needles)
    far, way = rng.uniform(0.1, 0.6, b), rng.uniform(0, 2 * np.pi, b)
    far = np.minimum(far, 0.45 * min(device.pitch_mm, device.row_pitch_mm))
    moved = {o: (float(f * np.cos(w)), float(f * np.sin(w))) for o, f, w in zip(order[a : a + b], far, way, strict=True)}
    return replace(device, missing=frozenset(order[:a]), bent=moved)


def holes(device: Device, shot: Shot, rng: np.random.Generator) -> np.ndarray:
    """Return the holes' places, N×2 mm, along and across the rolling direction from the middle of the imprint."""
    grid = [(r, c) for r in range(device.rows) for c in range(device.columns) if (r, c) not in device.missing]
    rc = np.array(grid, float)
    shift = np.array([device.bent.get(g, (0.0, 0.0)) for g in grid])
    across = (rc[:, 0] - (device.rows - 1) / 2) * device.row_pitch_mm
    if device.kind == "stamp":
        xy = np.c_[(rc[:, 1] - (device.columns - 1) / 2) * device.pitch_mm, across] + shift
        return xy + rng.normal(0, shot.jitter_mm, xy.shape)
    start = rng.random()  # the drum begins anywhere
    turn = device.columns * device.pitch_mm
    angle = (rc[:, 1] + np.array(device.phases)[rc[:, 0].astype(int)]) / device.columns + start
    out = []
    for k in range(int(shot.turns) + 2):
        at = angle % 1 + k
        keep = at < shot.turns
        out.append(np.c_[at * turn + shift[:, 0], across + shift[:, 1]][keep])
    xy = np.concatenate(out)
    length = shot.turns * turn
    t = xy[:, 0] / length
    xy[:, 1] += shot.wander_mm * (4 * (t - 0.5) ** 2 - 0.3 + 0.3 * np.sin(5 * t + start * 6))
    xy[:, 0] += shot.slip * turn * np.sin(3 * t + 9 * start) - length / 2
    return xy + rng.normal(0, shot.jitter_mm, xy.shape)


@dataclass(frozen=True)
class Scene:
    """Where things lie: homography mm to pixels, size, corners (mm) of sheet, foil, card or ruler, and the imprint's frame."""

    to_px: np.ndarray
    width: int
    height: int
    frame: tuple[float, float, float]  # middle x, y (mm) and turn (radians) of the imprint
    sheet: np.ndarray
    thing: np.ndarray | None

    def px(self, points: np.ndarray) -> np.ndarray:
        out: np.ndarray = cv2.perspectiveTransform(np.asarray(points, float).reshape(1, -1, 2), self.to_px)[0]
        return out


def box(x: float, y: float, w: float, h: float, turn: float = 0.0) -> np.ndarray:
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) / 2
    c, s = np.cos(turn), np.sin(turn)
    return corners @ np.array([(c, s), (-s, c)]) + (x, y)


def camera(view: np.ndarray, size: tuple[int, int], tilt: float, rng: np.random.Generator, focal35: float = 27.0) -> np.ndarray:
    """Return the homography of a pinhole camera that sees all of `view` (corners, mm), tilted by `tilt` degrees any way."""
    width, height = size
    f = focal35 / 36 * width
    way, roll = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(-6, 6))
    axis = np.array([np.cos(way), np.sin(way), 0.0]) * np.radians(tilt)
    spin = cv2.Rodrigues(np.array([0.0, 0.0, roll]))[0]
    turn = cv2.Rodrigues(axis)[0] @ spin
    middle = view.mean(0)
    k = np.array([(f, 0, width / 2), (0, f, height / 2), (0, 0, 1)])
    far, near = 4000.0, 20.0
    for _ in range(40):
        d = (far + near) / 2
        t = -turn @ np.array([*middle, 0.0]) + np.array([0, 0, d])
        h = k @ np.c_[turn[:, :2], t]
        p = cv2.perspectiveTransform(view.reshape(1, -1, 2), h)[0]
        edge = 0.015 * width
        fits = (p > edge).all() and (p[:, 0] < width - edge).all() and (p[:, 1] < height - edge).all()
        far, near = (d, near) if fits else (far, d)
    t = -turn @ np.array([*middle, 0.0]) + np.array([0, 0, far])
    out: np.ndarray = k @ np.c_[turn[:, :2], t]
    return out


def lay_out(size_mm: tuple[float, float], shot: Shot, rng: np.random.Generator) -> Scene:
    """Place the imprint, and a card, ruler or sheet, then the camera."""
    along, across = size_mm
    turn = np.radians(rng.uniform(-4, 4))
    sheet = box(0, 0, *SHEETS["paper-a4" if shot.scale in ("card", "ruler") else shot.scale])
    thing = None
    mark = box(0, 0, along + 6, across + 6, turn)
    if shot.scale == "card":
        y = across / 2 + 6 + CARD[1] / 2 + rng.uniform(2, 6)
        thing = box(rng.uniform(-15, 15), -y, *CARD, np.radians(rng.uniform(-6, 6)))
    if shot.scale == "ruler":
        thing = box(rng.uniform(-5, 5), -across / 2 - rng.uniform(20, 26), 154, 26, np.radians(rng.uniform(-3, 3)))
    view = sheet + np.sign(sheet) * 4 if thing is None else cv2.boxPoints(cv2.minAreaRect(np.float32(np.r_[mark, thing])))
    size = SIZES[shot.megapixels]
    to_px = camera(np.asarray(view, float), size, shot.tilt_deg, rng)
    return Scene(to_px, size[0], size[1], (0.0, 0.0, float(turn)), sheet, thing)


def soft_noise(shape: tuple[int, int], cell: float, rng: np.random.Generator) -> np.ndarray:
    """Return smooth noise of unit deviation whose grains are about `cell` pixels."""
    small = rng.normal(0, 1, (max(4, int(shape[0] / cell)), max(4, int(shape[1] / cell)))).astype(np.float32)
    out = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(out / out.std(), np.float32)


def fill(image: np.ndarray, polygon: np.ndarray, value: Any) -> None:
    cv2.fillPoly(image, [np.round(polygon * 16).astype(np.int32)], value, cv2.LINE_AA, 4)


def foil(shape: tuple[int, int], px_mm: float, rng: np.random.Generator) -> np.ndarray:
    """Return the grey of crumpled foil: facets that mirror a soft light, with glare along folds."""
    slope = soft_noise(shape, 14 * px_mm, rng) + 0.4 * soft_noise(shape, 4 * px_mm, rng)
    glare = np.clip(1 - np.abs(slope - 1.3) / 0.5, 0, 1) ** 2
    return np.asarray(0.5 + 0.08 * slope + 0.4 * glare + 0.012 * soft_noise(shape, 0.4 * px_mm, rng), np.float32)


def coverage(scene: Scene, device: Device, shot: Shot, xy: np.ndarray, image: np.ndarray, depth: np.ndarray, ss: int = 5) -> None:
    """Multiply each hole into `image` (H×W): `depth` is the contrast of each hole, negative for bright ones."""
    a, b = device.hole_mm[0] / 2, device.hole_mm[1] / 2
    c, s = np.cos(scene.frame[2]), np.sin(scene.frame[2])
    plane = xy @ np.array([(c, s), (-s, c)])
    px = scene.px(plane)
    e = 0.05
    ju = (scene.px(plane + e * np.array([c, s])) - px) / e  # pixels for each mm along and across
    jv = (scene.px(plane + e * np.array([-s, c])) - px) / e
    reach = int(np.ceil(max(a, b) * np.abs(np.r_[ju, jv]).sum(1).max() + 2))
    sub = (np.arange((2 * reach + 1) * ss) + 0.5) / ss - reach - 0.5
    gx, gy = np.meshgrid(sub, sub)
    for p, u, v, d in zip(px, ju, jv, depth, strict=True):
        ix, iy = round(float(p[0])), round(float(p[1]))
        if not (reach <= ix < image.shape[1] - reach and reach <= iy < image.shape[0] - reach):
            continue
        back = np.linalg.inv(np.array([u, v]).T)
        x, y = gx - (p[0] - ix), gy - (p[1] - iy)
        along, over = back[0, 0] * x + back[0, 1] * y, back[1, 0] * x + back[1, 1] * y
        inside = (np.abs(along / a) ** 2 + np.abs(over / b) ** 2 < 1) if a == b else (np.abs(along) < a) & (np.abs(over) < b)
        n = 2 * reach + 1
        share = inside.reshape(n, ss, n, ss).mean((1, 3)).astype(np.float32)
        image[iy - reach : iy + reach + 1, ix - reach : ix + reach + 1] *= 1 - d * share
        if shot.surface == "foil":  # the turned-up rim catches light on one side
            rim = 0.25 * min(1.0, 0.05 * float(np.hypot(*u))) * np.roll(share, (-1, 1), (0, 1)) * (1 - share)  # 0.05 mm wide
            image[iy - reach : iy + reach + 1, ix - reach : ix + reach + 1] += rim


def draw_card(image: np.ndarray, scene: Scene, rng: np.random.Generator) -> None:
    thing = scene.thing
    assert thing is not None
    ex, ey = (thing[1] - thing[0]) / CARD[0], (thing[3] - thing[0]) / CARD[1]
    r, arc = 3.18, np.linspace(0, np.pi / 2, 12)
    outline = []
    for k, (x, y) in enumerate([(r, r), (CARD[0] - r, r), (CARD[0] - r, CARD[1] - r), (r, CARD[1] - r)]):
        turn = np.pi + k * np.pi / 2 + arc
        outline.append(np.c_[x + r * np.cos(turn), y + r * np.sin(turn)])

    def place(local: np.ndarray) -> np.ndarray:
        return scene.px(thing[0] + local[:, :1] * ex + local[:, 1:] * ey)

    colours = np.array([(0.35, 0.12, 0.08), (0.12, 0.3, 0.16), (0.1, 0.1, 0.12), (0.15, 0.12, 0.45), (0.45, 0.45, 0.5)])
    colour = colours[rng.integers(5)]
    fill(image, place(np.concatenate(outline)), tuple(float(v) for v in colour))
    chip = np.array([(10, 19), (22, 19), (22, 28), (10, 28)], float)
    fill(image, place(chip), (0.35, 0.6, 0.7))
    for k in range(16):
        x = 9 + 4.2 * k + (k // 4) * 1.5
        fill(image, place(np.array([(x, 32), (x + 2.2, 32), (x + 2.2, 36), (x, 36)])), (0.7, 0.72, 0.75))


def draw_ruler(image: np.ndarray, scene: Scene, rng: np.random.Generator) -> None:
    thing = scene.thing
    assert thing is not None
    ex, ey = (thing[1] - thing[0]) / 154, (thing[3] - thing[0]) / 26
    tone = rng.uniform(0.55, 0.8)
    fill(image, scene.px(thing), (tone * 0.75, tone * 0.95, tone))
    for k in range(151):
        x, long = 2.0 + k, 6.0 if k % 10 == 0 else 4.5 if k % 5 == 0 else 3.0
        tick = np.array([(x - 0.1, 26 - long), (x + 0.1, 26 - long), (x + 0.1, 26.0), (x - 0.1, 26.0)])
        fill(image, scene.px(thing[0] + tick[:, :1] * ex + tick[:, 1:] * ey), (0.08, 0.08, 0.08))


def photograph(device: Device, shot: Shot, seed: int) -> bytes:
    """Return the JPEG of `device`'s imprint under `shot`."""
    rng = np.random.default_rng(seed)
    xy = holes(device, shot, rng)
    scene = lay_out((float(np.ptp(xy[:, 0])), float(np.ptp(xy[:, 1]))), shot, rng)
    shape = (scene.height, scene.width)
    px_mm = float(np.sqrt(cv2.contourArea(np.float32(scene.px(box(0, 0, 10, 10)))) / 100))
    rgb = np.empty((*shape, 3), np.float32)
    grain = cv2.resize(rng.normal(0, 1, (shape[0] // 6, 12)).astype(np.float32), shape[::-1])
    wood = 0.3 + 0.04 * soft_noise(shape, 60, rng) + 0.03 * grain
    rgb[:] = wood[..., None] * np.array([0.55, 0.8, 1.1], np.float32)
    fill(rgb, scene.px(scene.sheet), (0.86, 0.88, 0.88) if shot.surface != "backlit" else (0.42, 0.44, 0.45))
    if shot.surface == "foil":
        area = np.zeros(shape, np.uint8)
        piece = box(0, 0, np.ptp(xy[:, 0]) + 14, np.ptp(xy[:, 1]) + 9, scene.frame[2])
        cv2.fillPoly(area, [scene.px(piece).astype(np.int32)], 255)
        rgb[area > 0] = foil(shape, px_mm, rng)[area > 0, None]
    if shot.scale == "card":
        draw_card(rgb, scene, rng)
    if shot.scale == "ruler":
        draw_ruler(rgb, scene, rng)
    tone = shadows(scene, shot, rng, px_mm)
    deep = rng.uniform(0.55, 0.85) if shot.surface != "backlit" else -rng.uniform(0.7, 1.1)
    coverage(scene, device, shot, xy, tone, deep * rng.uniform(0.85, 1.1, len(xy)))
    rgb *= tone[..., None]
    if shot.blur_px > 0.2:
        rgb = cv2.GaussianBlur(rgb, (0, 0), shot.blur_px)
    rgb += rng.standard_normal((*shape, 3), np.float32) * shot.noise  # of colour too, as sensors have it
    pixels = np.clip(rgb * 255, 0, 255).astype(np.uint8)
    return simplejpeg.encode_jpeg(pixels, quality=shot.quality, colorspace="BGR", colorsubsampling="420")


def shadows(scene: Scene, shot: Shot, rng: np.random.Generator, px_mm: float) -> np.ndarray:
    """Return what multiplies the scene: grain, uneven light, a shadow's edge, creases and specks."""
    shape = (scene.height, scene.width)
    tone = 1 + shot.grain * (0.7 * soft_noise(shape, 2.2, rng) + 0.7 * soft_noise(shape, 0.35 * px_mm, rng))
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    way = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(way) + y * np.sin(way)
    tone *= 1 - 0.3 * shot.shadow * (1 + along)
    tone *= 1 - shot.shadow * 0.8 / (1 + np.exp(-(along + 0.3 * np.sin(3 * y) - rng.uniform(-0.5, 0.5)) * 12))
    for _ in range(shot.creases):
        way, at = rng.uniform(0, np.pi), rng.uniform(-0.5, 0.5)
        d = (x * np.cos(way) + y * np.sin(way) - at) * shape[1] / 2 / px_mm  # mm from the crease
        tone *= 1 + 0.12 * np.sign(d) * np.exp(-np.abs(d) / 4) - 0.2 * np.exp(-((d / 0.15) ** 2))
    for _ in range(shot.specks):
        p = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
        cv2.circle(tone, p, int(rng.integers(1, max(2, 0.2 * px_mm))), float(rng.uniform(0.4, 0.9)), -1, cv2.LINE_AA)
    return np.asarray(tone, np.float32)


def random_shot(rng: np.random.Generator, hard: bool) -> Shot:
    """Draw how a picture is taken: an easy one, or one at the rim of what the reader must serve."""
    scale = str(rng.choice(["card", "card", "paper-a4", "paper-letter"]))
    if not hard:
        return Shot(
            scale, int(rng.choice([12, 24])), rng.uniform(0, 10), rng.uniform(0.4, 1.0), rng.uniform(0, 0.2), 0.008, 0.005,
            int(rng.integers(88, 96)), str(rng.choice(["paper", "paper", "backlit"])), 0, 2.0, rng.uniform(0, 0.3),
        )  # fmt: skip
    return Shot(
        scale, int(rng.choice([6, 12, 48], p=[0.3, 0.5, 0.2])), rng.uniform(8, 20), rng.uniform(0.8, 2.0), rng.uniform(0.2, 0.5),
        rng.uniform(0.01, 0.025), rng.uniform(0.006, 0.014), int(rng.integers(70, 90)),
        str(rng.choice(["paper", "backlit", "foil"])), int(rng.integers(0, 3)), 2.0, rng.uniform(0, 0.8), 0.02,
        rng.uniform(0, 0.004), 60,
    )  # fmt: skip
