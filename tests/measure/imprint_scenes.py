"""A second way to draw photographs of imprints, apart from `imprint_photos`, so that the reader is not fitted to one look.

Everything is painted flat on a canvas of the plane (paper, cloth or wood, a card or ruler of many designs, holes of many looks)
and then seen through a camera: any turn in the picture, light, shadow, glare, blur, noise, JPEG, EXIF orientation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import simplejpeg
from imprint_photos import CARD, SHEETS, SIZES, Device, Shot, box, camera, holes, soft_noise

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_PLAIN)
TABLES = ("wood", "cloth", "stone", "plain", "light")
RULERS = ("steel", "wood", "clear", "white")
CARDS = ("dark", "pale", "picture", "striped")
LOOKS = ("crisp", "soft", "fibre", "shaded")


@dataclass(frozen=True)
class Look:
    """What the scene is made of; angles in degrees, `contrast` of the middle of a hole."""

    table: str = "wood"
    ruler: str = "steel"
    card: str = "dark"
    hole: str = "crisp"
    contrast: float = 0.7
    turn: float = 0.0  # of the imprint on the sheet
    beside: int = 0  # which side of the imprint the card or ruler lies on
    orientation: int = 1
    font: int = 0
    sheet: bool = True  # False: the paper goes on beyond the picture


class Canvas:
    """The plane, `scale` pixels a millimetre, BGR from 0 to 1."""

    def __init__(self, low: np.ndarray, high: np.ndarray, scale: float) -> None:
        self.low, self.scale = low, scale
        width, height = (int(v) for v in np.ceil((high - low) * scale))
        self.bgr = np.zeros((height, width, 3), np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        return (self.bgr.shape[0], self.bgr.shape[1])

    def px(self, mm: np.ndarray) -> np.ndarray:
        return np.asarray((np.atleast_2d(mm) - self.low) * self.scale - 0.5)

    def fill(self, mm: np.ndarray, colour: object) -> None:
        cv2.fillPoly(self.bgr, [np.round(self.px(mm) * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)  # type: ignore[call-overload]

    def shade(self, mm: np.ndarray, depth: float, soft_mm: float) -> None:
        """Darken around a thing that lies on the sheet: its cast shadow."""
        mask = np.zeros(self.shape, np.float32)
        cv2.fillPoly(mask, [np.round(self.px(mm) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
        small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), max(0.5, soft_mm * self.scale / 4))
        self.bgr *= (1 - depth * cv2.resize(small, mask.shape[::-1]))[..., None]


def paint_table(canvas: Canvas, look: Look, rng: np.random.Generator) -> None:
    shape, mm = canvas.shape, canvas.scale
    base = {"wood": 0.4, "cloth": 0.12, "stone": 0.5, "plain": rng.uniform(0.2, 0.6), "light": 0.72}[look.table]
    tone = np.full(shape, base, np.float32)
    if look.table == "wood":
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / mm
        tone *= 1 + 0.12 * np.sin(y / 1.7 + 1.5 * np.sin(x / 40)) + 0.06 * soft_noise(shape, 8 * mm, rng)
        for plank in np.arange(0, shape[0], 90 * mm):
            tone[int(plank) : int(plank + 0.8 * mm)] *= 0.5
    elif look.table == "cloth":  # a weave, as regular as holes
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / mm
        tone *= 1 + 0.25 * np.sin(2 * np.pi * x / 0.9) * np.sin(2 * np.pi * y / 0.9) + 0.1 * soft_noise(shape, 3 * mm, rng)
    elif look.table == "stone":
        tone *= 1 + 0.12 * soft_noise(shape, 1.2 * mm, rng) + 0.08 * soft_noise(shape, 6 * mm, rng)
    tint = {"wood": (0.5, 0.8, 1.1), "cloth": (1.4, 0.9, 0.8)}.get(look.table, (1.0, 1.0, 1.0))
    canvas.bgr[:] = tone[..., None] * np.array(tint, np.float32)


def local(thing: np.ndarray, size: tuple[float, float], xy: object) -> np.ndarray:
    """Return millimetres of the plane of millimetres `xy` on a thing whose corners are given."""
    ex, ey = (thing[1] - thing[0]) / size[0], (thing[3] - thing[0]) / size[1]
    at = np.atleast_2d(np.asarray(xy, float))
    return np.asarray(thing[0] + at[:, :1] * ex + at[:, 1:] * ey)


def rect(x: float, y: float, w: float, h: float) -> np.ndarray:
    return np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])


def write(canvas: Canvas, thing: np.ndarray, size: tuple[float, float], at: tuple[float, float], words: str, high_mm: float,
          font: int, colour: tuple[float, float, float]) -> None:  # fmt: skip
    """Print `words` on a thing, however it is turned."""
    pen = np.zeros((120, 60 * len(words) + 40), np.float32)
    cv2.putText(pen, words, (10, 90), FONTS[font], 2.0 if font != 3 else 4.0, 1.0, 5, cv2.LINE_AA)
    xs = np.flatnonzero(pen.any(0))
    pen = pen[:, : xs.max() + 10]
    k = high_mm / 60
    corners = local(thing, size, at + k * np.array([(0, -90), (pen.shape[1], -90), (0, 30)]))
    to = cv2.getAffineTransform(np.float32([(0, 0), (pen.shape[1], 0), (0, 120)]), canvas.px(corners).astype(np.float32))
    area = canvas.px(local(thing, size, at + k * np.array([(0, -90), (pen.shape[1], -90), (pen.shape[1], 30), (0, 30)])))
    low = np.maximum(np.floor(area.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(area.max(0)).astype(int) + 1, np.array(canvas.shape[::-1]))
    if (high <= low).any():
        return
    to[:, 2] -= low
    ink = cv2.warpAffine(pen, to, (int(high[0] - low[0]), int(high[1] - low[1])), flags=cv2.INTER_AREA)[..., None]
    part = canvas.bgr[low[1] : high[1], low[0] : high[0]]
    part[:] = part * (1 - ink) + ink * np.array(colour, np.float32)


def paint_card(canvas: Canvas, thing: np.ndarray, look: Look, rng: np.random.Generator) -> None:
    arc, r = np.linspace(0, np.pi / 2, 12), 3.18
    outline = []
    for k, (x, y) in enumerate([(r, r), (CARD[0] - r, r), (CARD[0] - r, CARD[1] - r), (r, CARD[1] - r)]):
        outline.append(np.c_[x + r * np.cos(np.pi + k * np.pi / 2 + arc), y + r * np.sin(np.pi + k * np.pi / 2 + arc)])
    edge = local(thing, CARD, np.concatenate(outline))
    canvas.shade(edge + rng.uniform(-0.6, 0.6, 2), rng.uniform(0.1, 0.4), 0.7)
    base = {"dark": rng.uniform(0.05, 0.3, 3), "pale": rng.uniform(0.5, 0.72, 3), "picture": rng.uniform(0.2, 0.5, 3),
            "striped": rng.uniform(0.2, 0.6, 3)}[look.card]  # fmt: skip
    canvas.fill(edge, tuple(float(v) for v in base))
    ink = (0.08, 0.08, 0.08) if base.mean() > 0.4 else (0.85, 0.85, 0.85)
    if look.card == "picture":
        for _ in range(14):
            at = np.array([rng.uniform(8, 78), rng.uniform(8, 46)])
            blob = at + rng.uniform(2, 8) * np.c_[np.cos(np.arange(20) / 3.2), np.sin(np.arange(20) / 3.2)]
            canvas.fill(local(thing, CARD, np.clip(blob, (2, 2), (83, 51))), tuple(float(v) for v in rng.uniform(0.1, 0.8, 3)))
    if look.card == "striped":
        for k in range(6):
            canvas.fill(local(thing, CARD, rect(4, 4 + 8 * k, 77, 3.5)), tuple(float(v) for v in base * rng.uniform(0.5, 1.4)))
    if rng.random() < 0.6:
        canvas.fill(local(thing, CARD, rect(9, 18, 12, 10)), (0.35, 0.65, 0.75))
    number = " ".join("".join(str(d) for d in rng.integers(0, 10, 4)) for _ in range(4))
    write(canvas, thing, CARD, (9, 37), number, 3.6, look.font, ink)
    write(canvas, thing, CARD, (9, 47), "A B SAMPLE", 2.4, look.font, ink)


def paint_ruler(canvas: Canvas, thing: np.ndarray, size: tuple[float, float], look: Look, rng: np.random.Generator) -> None:
    tones = {"steel": (0.6, 0.6, 0.58), "wood": (0.35, 0.6, 0.75), "white": (0.88, 0.9, 0.9)}
    if look.ruler != "clear":
        canvas.shade(thing + rng.uniform(-0.6, 0.6, 2), 0.3, 0.8)
        canvas.fill(thing, tuple(v * rng.uniform(0.9, 1.05) for v in tones[look.ruler]))
    else:
        for a, b in ((rect(0, 0, size[0], 0.4), 0.8), (rect(0, size[1] - 0.4, size[0], 0.4), 0.8)):
            canvas.fill(local(thing, size, a), (b, b, b))
    wide, start = rng.uniform(0.12, 0.25), rng.uniform(2, 6)
    lengths = [(6.0, 4.5, 3.0), (8.0, 5.5, 4.0), (5.0, 4.0, 2.5)][int(rng.integers(3))]
    top = rng.random() < 0.5
    ink = (0.05, 0.05, 0.05) if rng.random() < 0.8 else (0.3, 0.1, 0.1)
    for k in range(int(size[0] - 2 * start) + 1):
        long = lengths[0] if k % 10 == 0 else lengths[1] if k % 5 == 0 else lengths[2]
        y = 0.0 if top else size[1] - long
        canvas.fill(local(thing, size, rect(start + k - wide / 2, y, wide, long)), ink)
        if k % 10 == 0:
            y = long + 4.5 if top else size[1] - long - 1.5
            write(canvas, thing, size, (start + k - 1.5, y), str(k // 10), 2.8, look.font, ink)
    if rng.random() < 0.4:  # inches along the other edge
        for k in range(int((size[0] - 2 * start) / 25.4 * 16) + 1):
            long = 6.0 if k % 16 == 0 else 2.5
            y = size[1] - long if top else 0.0
            canvas.fill(local(thing, size, rect(start + k * 25.4 / 16 - wide / 2, y, wide, long)), ink)


def paint_holes(canvas: Canvas, device: Device, xy: np.ndarray, turn: float, look: Look, bright: bool,
                rng: np.random.Generator) -> None:  # fmt: skip
    """Stamp each hole where it is, to a fraction of a pixel, by the distance from its rim."""
    a, b = device.hole_mm[0] / 2, device.hole_mm[1] / 2
    c, s = np.cos(turn), np.sin(turn)
    reach = int(np.ceil((max(a, b) + 0.25) * canvas.scale)) + 1
    span = np.arange(-reach, reach + 1)
    gy, gx = np.meshgrid(span, span, indexing="ij")
    lit = rng.uniform(0, 2 * np.pi)
    for p in canvas.px(xy):
        ix, iy = round(float(p[0])), round(float(p[1]))
        if not (reach <= ix < canvas.shape[1] - reach and reach <= iy < canvas.shape[0] - reach):
            continue
        x, y = (gx - (p[0] - ix)) / canvas.scale, (gy - (p[1] - iy)) / canvas.scale
        along, over = c * x + s * y, -s * x + c * y
        far = np.hypot(np.maximum(np.abs(along) - (a - b), 0), over) - b  # a slit has rounded ends
        core = np.clip(0.5 - far * canvas.scale, 0, 1)
        if look.hole == "soft":
            core = np.clip(1 - np.maximum(far + b, 0) / (1.6 * b), 0, 1) ** 1.5
        depth = look.contrast * rng.uniform(0.75, 1.1)
        change = 1 + depth * 1.1 * core if bright else 1 - min(depth, 0.97) * core
        ring = np.exp(-(((far - 0.05) / 0.045) ** 2)) * (far > 0)
        if look.hole == "fibre":
            change = change + 0.12 * ring * (0.4 + 0.6 * rng.random(ring.shape))
        elif look.hole == "shaded":
            change = change + 0.14 * ring * np.cos(np.arctan2(y, x) - lit)
        canvas.bgr[iy - reach : iy + reach + 1, ix - reach : ix + reach + 1] *= change[..., None].astype(np.float32)


def place(size_mm: tuple[float, float], shot: Shot, look: Look,
          rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """Return the view (corners of all that must be seen), the sheet, and the card or ruler."""
    turn = np.radians(look.turn)
    c, s = np.abs(np.cos(turn)), np.abs(np.sin(turn))
    wide, high = size_mm[0] * c + size_mm[1] * s, size_mm[0] * s + size_mm[1] * c
    if shot.scale in SHEETS:
        sheet = box(0, 0, *SHEETS[shot.scale], np.pi / 2 if high > wide else 0.0)
        return box(0, 0, *(np.ptp(sheet, axis=0) + 10)), sheet, None
    size = CARD if shot.scale == "card" else (float(rng.choice([104.0, 156.0, 206.0])), float(rng.uniform(22, 34)))
    away = 5 + rng.uniform(0, 8)
    upright = look.beside % 2 == 1
    lean = np.radians(rng.uniform(-8, 8) + (180 if rng.random() < 0.5 else 0))
    if upright:
        at = (wide / 2 + away + size[1] / 2 + 5, rng.uniform(-8, 8))
        thing = box(*at, *size, np.pi / 2 + lean)
    else:
        at = (rng.uniform(-8, 8), high / 2 + away + size[1] / 2 + 5)
        thing = box(*at, *size, lean)
    thing = thing * (1 if look.beside < 2 else -1)
    points = np.r_[box(0, 0, wide + 6, high + 6), thing]
    low, high_ = points.min(0) - 2, points.max(0) + 2
    view = np.array([low, (high_[0], low[1]), high_, (low[0], high_[1])])
    grow = 20 if look.sheet else 400
    sheet = box(*((low + high_) / 2), *(high_ - low + 2 * grow))
    return view, sheet, thing


def photograph(device: Device, shot: Shot, look: Look, seed: int) -> bytes:
    """Return the JPEG."""
    rng = np.random.default_rng((seed, 77))
    uv = holes(device, shot, rng)
    turn = np.radians(look.turn)
    c, s = np.cos(turn), np.sin(turn)
    xy = uv @ np.array([(c, s), (-s, c)])
    view, sheet, thing = place((float(np.ptp(uv[:, 0])), float(np.ptp(uv[:, 1]))), shot, look, rng)
    width, height = SIZES[shot.megapixels]
    if np.ptp(view[:, 1]) > np.ptp(view[:, 0]):
        width, height = height, width
    focal = float(rng.choice([24.0, 27.0, 35.0, 50.0])) * max(width, height) / width
    to_px = camera(view, (width, height), shot.tilt_deg, rng, focal)
    seen = cv2.perspectiveTransform(np.float64([[(0, 0), (width, 0), (width, height), (0, height)]]), np.linalg.inv(to_px))[0]
    near = np.sqrt(width * height / cv2.contourArea(np.float32(seen)))
    canvas = Canvas(seen.min(0) - 1, seen.max(0) + 1, min(float(near) * 1.15, 9000 / float(np.ptp(seen, axis=0).max())))
    paint_table(canvas, look, rng)
    if look.sheet:
        canvas.shade(sheet + rng.uniform(-1, 1, 2), rng.uniform(0.1, 0.4), 1.5)
    dim = 0.5 if shot.surface == "backlit" else 1.0
    canvas.fill(sheet, tuple(float(v) * dim for v in rng.uniform(0.84, 0.93) * np.array([rng.uniform(0.9, 1), 1, 1])))
    if shot.surface == "foil":
        paint_foil(canvas, box(0, 0, np.ptp(uv[:, 0]) + 16, np.ptp(uv[:, 1]) + 12, turn), rng)
    if thing is not None and shot.scale == "card":
        paint_card(canvas, thing, look, rng)
    if thing is not None and shot.scale == "ruler":
        size = (float(np.linalg.norm(thing[1] - thing[0])), float(np.linalg.norm(thing[3] - thing[0])))
        paint_ruler(canvas, thing, size, look, rng)
    paint_holes(canvas, device, xy, turn, look, shot.surface == "backlit", rng)
    move = np.array([(1 / canvas.scale, 0, 0.5 / canvas.scale + canvas.low[0]),
                     (0, 1 / canvas.scale, 0.5 / canvas.scale + canvas.low[1]), (0, 0, 1)])  # fmt: skip
    image = cv2.warpPerspective(canvas.bgr, to_px @ move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return develop(image, shot, look, float(near), rng)


def paint_foil(canvas: Canvas, piece: np.ndarray, rng: np.random.Generator) -> None:
    """Lay crumpled foil: facets, each a mirror of its own grey, folds between them, and blown-out glare."""
    mask = np.zeros(canvas.shape, np.uint8)
    cv2.fillPoly(mask, [canvas.px(piece).astype(np.int32)], 1)
    mm = canvas.scale
    fold = np.abs(soft_noise(canvas.shape, 9 * mm, rng))
    grey = 0.55 + 0.07 * soft_noise(canvas.shape, 12 * mm, rng) + 0.1 * np.exp(-((fold / 0.12) ** 2))
    grey += 0.5 * np.clip(soft_noise(canvas.shape, 16 * mm, rng) - 1.6, 0, 1) + 0.01 * soft_noise(canvas.shape, 0.3 * mm, rng)
    canvas.bgr[mask > 0] = grey[mask > 0, None]


def develop(image: np.ndarray, shot: Shot, look: Look, px_mm: float, rng: np.random.Generator) -> bytes:
    """Light the scene, and take it with a lens, a sensor and JPEG."""
    shape = (image.shape[0], image.shape[1])
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    tone = 1 - 0.12 * (x * x + y * y) / 2  # the lens's own fall-off
    tone *= 1 + shot.grain * (soft_noise(shape, 0.25 * px_mm, rng) + 0.5 * soft_noise(shape, 1.5 * px_mm, rng))
    if shot.shadow:
        way, at, soft = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5), rng.uniform(0.03, 0.4)
        tone *= 1 - shot.shadow / (1 + np.exp(-(x * np.cos(way) + y * np.sin(way) - at) / soft))
    for _ in range(shot.creases):
        way, at = rng.uniform(0, np.pi), rng.uniform(-0.6, 0.6)
        d = (x * np.cos(way) + y * np.sin(way) - at + 0.02 * np.sin(7 * x)) * shape[1] / 2 / px_mm
        tone *= 1 + 0.1 * np.tanh(d / 0.5) * np.exp(-np.abs(d) / 6) - 0.15 * np.exp(-((d / 0.2) ** 2))
    image *= tone[..., None]
    for _ in range(shot.specks):
        p = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
        axes = (max(1, int(rng.uniform(0.03, 0.2) * px_mm)), max(1, int(rng.uniform(0.03, 0.3) * px_mm)))
        cv2.ellipse(image, p, axes, rng.uniform(0, 180), 0, 360, (float(rng.uniform(0.1, 0.6)),) * 3, -1, cv2.LINE_AA)
    if shot.blur_px > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), shot.blur_px)
    image += rng.standard_normal(image.shape, np.float32) * shot.noise * np.sqrt(np.clip(image, 0.05, 1))
    bytes_ = np.clip(image * rng.uniform(0.92, 1.05, 3).astype(np.float32) * 255, 0, 255).astype(np.uint8)
    stored = {1: None, 3: cv2.ROTATE_180, 6: cv2.ROTATE_90_COUNTERCLOCKWISE, 8: cv2.ROTATE_90_CLOCKWISE}[look.orientation]
    if stored is not None:
        bytes_ = np.ascontiguousarray(cv2.rotate(bytes_, stored))
    data = bytes(simplejpeg.encode_jpeg(bytes_, quality=shot.quality, colorspace="BGR", colorsubsampling="420"))
    tag = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"
    tag += bytes([look.orientation]) + b"\x00" * 6
    return data[:2] + b"\xff\xe1" + (len(tag) + 2).to_bytes(2, "big") + tag + data[2:]


def random_scene(rng: np.random.Generator, hard: bool) -> tuple[Shot, Look]:
    """Draw how a scene looks and how it is taken."""
    def pick(words: tuple[str, ...]) -> str:
        return words[int(rng.integers(len(words)))]

    scale = pick(("card", "paper-a4", "paper-letter", "ruler"))
    look = Look(
        pick(TABLES), pick(RULERS), pick(CARDS), pick(LOOKS), float(rng.uniform(0.5, 0.95)),
        float(rng.choice([0, 90, 180]) + rng.uniform(-12, 12)), int(rng.integers(4)), int(rng.choice([1, 1, 3, 6, 8])),
        int(rng.integers(4)), bool(rng.random() < 0.5),
    )  # fmt: skip
    shot = Shot(
        scale, int(rng.choice([12, 24], p=[0.7, 0.3])), rng.uniform(0, 10), rng.uniform(0, 1.0), rng.uniform(0, 0.2), 0.008,
        0.006, int(rng.integers(86, 96)), pick(("paper", "paper", "backlit")), 0, 2.0, rng.uniform(0, 0.3), 0.012,
    )  # fmt: skip
    if hard:
        shot = replace(shot, megapixels=int(rng.choice([6, 12, 48], p=[0.25, 0.6, 0.15])), tilt_deg=rng.uniform(5, 20),
                       blur_px=rng.uniform(0.5, 2.0), shadow=rng.uniform(0.1, 0.5), grain=rng.uniform(0.008, 0.02),
                       noise=rng.uniform(0.006, 0.014), quality=int(rng.integers(70, 90)), wander_mm=rng.uniform(0, 0.8),
                       surface=pick(("paper", "backlit", "foil")), creases=int(rng.integers(0, 3)), specks=50,
                       slip=rng.uniform(0, 0.003), jitter_mm=0.02)  # fmt: skip
    return shot, look
