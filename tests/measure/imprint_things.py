"""What `imprint_worlds` is made of, flat and in linear light: rulers, cards, coins, pens and marks; tables, paper and foil."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from imprint_photos import CARD, box
from PIL import Image, ImageDraw, ImageFont

F = np.float32
LUMA = np.array([0.2126, 0.7152, 0.0722], F)
RULERS = {"steel": 0.24, "clear": 0.2, "wood": 0.13, "tape": 0.13, "dual": 0.15, "white": 0.1, "alu-dark": 0.05}
RULER_WORDS = ("mm", "STAINLESS  HARDENED", "30 cm  SHATTERPROOF", "Made in Germany", "DIN 862", "OFFICE LINE")
CARDS = ("photo", "plain", "stripes", "magnetic", "gradient")
WOODS = ((0.32, 0.17, 0.08), (0.20, 0.095, 0.045), (0.42, 0.27, 0.14), (0.10, 0.055, 0.035))
HUES = ((0.12, 0.16, 0.30), (0.30, 0.07, 0.07), (0.06, 0.06, 0.065), (0.08, 0.22, 0.15), (0.33, 0.28, 0.2), (0.17, 0.18, 0.19))
TABLES = {"wood": 0.3, "cloth": 0.15, "dark": 0.17, "light": 0.13, "marble": 0.1, "tiles": 0.15}
WORDS = ("needle", "test", "roller", "date", "sample", "batch", "no", "paper", "before", "use", "left", "right", "check", "the",
         "of", "and", "width", "2", "turns")  # fmt: skip


class Ink(NamedTuple):
    """What is printed: a mask of 0 to 255, so many pixels a millimetre, its colour, and how much it covers."""

    mask: np.ndarray
    px_mm: float
    colour: np.ndarray
    cover: float


@dataclass
class Thing:
    """A flat thing, turned about its middle `at` (mm)."""

    kind: str
    width: float
    height: float
    corner: float  # radius
    base: np.ndarray | None = None  # without it, ink alone
    base_px: float = 8.0  # a millimetre
    ink: Ink | None = None
    clear: np.ndarray | None = None  # the share of light let through
    shadow: float = 0.0  # how far it falls
    hole: tuple[float, float, float] | None = None  # to hang it by: middle and radius
    look: dict[str, object] = field(default_factory=dict)
    turn: float = 0.0
    at: np.ndarray = field(default_factory=lambda: np.zeros(2))

    @property
    def outline(self) -> np.ndarray:
        return box(*self.at, self.width, self.height, self.turn)


def noise(rng: np.random.Generator, height: int, width: int, cells: int, octaves: int = 4, stretch: float = 1.0) -> np.ndarray:
    """Return smooth noise, about -1 to 1, of `cells` along the longer side; `stretch` widens it along x."""
    out, share, total = np.zeros((height, width), F), 1.0, 0.0
    for _ in range(octaves):
        rows = max(3, int(cells * height / max(height, width)))
        columns = max(3, int(cells * width / max(height, width) / stretch))
        small = rng.standard_normal((rows, columns)).astype(F)
        out += share * cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
        total, share, cells = total + share, share * 0.55, cells * 2
    return out / total


def letters(mask: np.ndarray, words: str, x: float, y: float, px: float, turn: int = 0, left: bool = False) -> None:
    """Print `words` into a mask about (x, y), or from there to the right; `turn` in quarters."""
    font = ImageFont.load_default(size=max(5, float(px)))
    x0, y0, x1, y1 = font.getbbox(words)
    pen = Image.new("L", (int(x1 - x0) + 4, int(y1 - y0) + 4), 0)
    ImageDraw.Draw(pen).text((2 - x0, 2 - y0), words, 255, font=font)
    ink = np.rot90(np.asarray(pen), turn)
    ix, iy = int(x - (0 if left else ink.shape[1] / 2)), int(y - ink.shape[0] / 2)
    low = max(0, ix), max(0, iy)
    high = min(mask.shape[1], ix + ink.shape[1]), min(mask.shape[0], iy + ink.shape[0])
    if high[0] > low[0] and high[1] > low[1]:
        part = mask[low[1] : high[1], low[0] : high[0]]
        np.maximum(part, ink[low[1] - iy : high[1] - iy, low[0] - ix : high[0] - ix], out=part)


class Marks(NamedTuple):
    """How a ruler is marked, in mm: its lines by length, and its figures."""

    width: float  # of the ruler
    height: float
    px_mm: float
    zero: float  # from the ruler's end
    edge: float  # from the long edge to the lines
    one: float
    five: float
    ten: float
    wide: float
    figure: float

    def ticks(self, mask: np.ndarray, places: np.ndarray, length: float, wide: float, far: bool = False) -> None:
        """Print lines from one long edge, or from the far one, exact to a share of a pixel."""
        x = np.arange(mask.shape[1] + 1) / self.px_mm
        covered = np.zeros(len(x))
        for place in self.zero + places:
            covered += np.clip(x - (place - wide / 2), 0, wide)
        line = np.clip(np.diff(covered) * self.px_mm * 255, 0, 255).astype(np.uint8)
        a, b = int(self.edge * self.px_mm), int((self.edge + length) * self.px_mm)
        part = mask[mask.shape[0] - b : mask.shape[0] - a] if far else mask[a:b]
        np.maximum(part, line[None], out=part)


def ruler(rng: np.random.Generator, hard: bool, length: float, px_mm: float, backlit: bool) -> Thing:
    """Return a ruler of `length` mm, drawn fine enough for a picture of `px_mm`."""
    odds = np.array(list(RULERS.values()))
    if not hard:
        odds[-1] = 0  # white lines on dark
    kind = str(rng.choice(list(RULERS), p=odds / odds.sum()))
    starts = {"steel": rng.choice([0.12, 0.5, 5.0]), "tape": rng.choice([0.12, 3.0])}
    zero = float(starts.get(kind, rng.uniform(2, 8)))
    width = length + zero + rng.uniform(2, 10)
    heights = {"steel": rng.uniform(13, 28), "tape": rng.uniform(12, 20)}
    height = heights.get(kind, rng.uniform(22, 38))
    px = min(1.6 * px_mm, 32000 / width, 60)  # cv2.remap takes nothing longer than 32767
    wide, one = rng.uniform(0.1, 0.25 if kind != "steel" else 0.18), rng.uniform(2.2, 4.0)
    edge, five, ten = rng.choice([0.0, 0.0, 0.6]), one * rng.uniform(1.25, 1.5), one * rng.uniform(1.6, 2.2)
    marks = Marks(width, height, px, zero, edge, one, five, ten, wide, rng.uniform(2.2, 4.2))
    mask = np.zeros((int(height * px), int(width * px)), np.uint8)
    mm = np.arange(int(length) + 1)
    for step, long in ((1, one), (5, five), (10, ten)):
        marks.ticks(mask, mm[::step], long, wide)
    in_mm = rng.random() < 0.25
    for v in mm[::10]:
        if (v or zero > 1.5) and v + zero + 1.2 < width:
            y, size = edge + ten + 0.75 * marks.figure, marks.figure * px * (0.85 if in_mm else 1)
            letters(mask, str(v if in_mm else v // 10), (zero + v) * px, y * px, size)
    other = other_edge(rng, kind, marks, mask, mm)
    if height > 2 * ten + 2 * marks.figure + 5 or (other == "none" and height > ten + 1.5 * marks.figure + 9):
        words, x, y = str(rng.choice(RULER_WORDS)), width * rng.uniform(0.3, 0.7), height * (0.5 if other != "none" else 0.78)
        letters(mask, words, x * px, y * px, rng.uniform(2, 3) * px)
    base = ruler_body(rng, kind, int(height * 5), int(width * 5))
    ink = Ink(mask, px, np.array([0.6, 0.6, 0.6] if kind == "alu-dark" else [0.02, 0.02, 0.025], F), 0.93)
    out = Thing("ruler", width, height, rng.uniform(0.2, 1.5), base, 5.0, ink, shadow=rng.uniform(0.3, 0.9))
    out.look = {"design": kind, "other edge": other}
    if kind == "clear":
        out.clear = np.array(rng.uniform([0.82, 0.85, 0.86], [0.93, 0.94, 0.95]), F)
        out.shadow *= 0.4
    if backlit:
        out.shadow = 0.0
    if kind in ("steel", "white") and width - zero - length > 6 and height > 12:
        out.hole = (width - 4.0, height / 2, 1.8)
    return out


def other_edge(rng: np.random.Generator, kind: str, marks: Marks, mask: np.ndarray, mm: np.ndarray) -> str:
    """Print the ruler's other edge, and return what it shows."""
    width, height, px, figure, length = marks.width, marks.height, marks.px_mm, marks.figure, float(mm[-1])
    if kind in ("steel", "alu-dark"):
        wide = min(marks.wide, 0.13)
        halves = np.arange(0, length + 0.1, 0.5)
        for at, long in ((halves, marks.one * 0.7), (mm, marks.one), (mm[::5], marks.five), (mm[::10], marks.ten)):
            marks.ticks(mask, at, long, wide, far=True)
        if height > 2 * marks.ten + 2 * figure + 2:
            for v in mm[10::10]:
                y = height - marks.edge - marks.ten - 0.6 * figure
                letters(mask, str(v), (marks.zero + v) * px, y * px, figure * px * 0.75)
        return "half-mm"
    if kind == "dual" or (kind in ("clear", "wood") and rng.random() < 0.5):
        inches = np.arange(0, length + 0.01, 25.4 / 16)
        for step, long in ((1, marks.one * 0.8), (2, marks.one), (4, marks.five), (8, marks.five * 1.15), (16, marks.ten * 1.1)):
            marks.ticks(mask, inches[::step], long, marks.wide, far=True)
        turn = int(rng.choice([0, 2]))
        for i, v in enumerate(inches[::16]):
            if v + marks.zero + 1.2 < width:
                x, y = marks.zero + v + (1.6 if i else 0), height - marks.edge - marks.ten * 1.1 - 0.6 * figure
                letters(mask, str(i), x * px, y * px, figure * px, turn)
        return "inch/16"
    return "none"


def ruler_body(rng: np.random.Generator, kind: str, height: int, width: int) -> np.ndarray:
    uneven = 1 + 0.12 * noise(rng, height, width, 4, 2, 3)[..., None]
    if kind == "steel":
        brushed = 0.42 + 0.05 * noise(rng, height, width, 900, 2, 60)
        return np.asarray(brushed[..., None] * uneven * np.array([0.98, 1, 1.02], F))
    if kind == "wood":
        return wood(rng, height, width, (0.55, 0.36, 0.18)) * uneven
    colours = {"alu-dark": [[0.02, 0.02, 0.022], [0.02, 0.05, 0.18]], "tape": [[0.75, 0.5, 0.03], [0.72, 0.72, 0.68]]}.get(
        kind, [[0.68, 0.68, 0.66], [0.7, 0.68, 0.3], [0.35, 0.55, 0.7], [0.7, 0.4, 0.45]]
    )
    return np.asarray(np.array(colours, F)[rng.integers(len(colours))] * uneven)


def card(rng: np.random.Generator, px_mm: float) -> Thing:
    """Return a bank card, drawn fine enough for a picture of `px_mm`."""
    (width, height), q, px = CARD, 12, min(1.6 * px_mm, 60)
    style = str(rng.choice(CARDS))
    base = card_face(rng, style, int(height * q), int(width * q))
    light = float((base @ LUMA).mean())
    mask = np.zeros((int(height * px), int(width * px)), np.uint8)
    if style == "magnetic":
        base[int(5 * q) : int(17.7 * q)] = 0.015
        base[int(22 * q) : int(31 * q), int(5 * q) : int(60 * q)] = 0.55
        letters(mask, "Authorised signature - not valid unless signed", 5 * px, 20 * px, 2 * px, left=True)
        letters(mask, "If found please return to any branch", 8 * px, 42 * px, 2.2 * px, left=True)
    else:
        issuer = str(rng.choice(["NORDBANK", "Credit Union", "CITY LIBRARY", "fitclub", "KONTO PLUS"]))
        letters(mask, issuer, 8 * px, 8 * px, rng.uniform(4, 7) * px, left=True)
        letters(mask, "".join(f"{v:04d} " for v in rng.integers(0, 9999, 4)), width / 2 * px, 32 * px, 5 * px)
        letters(mask, "A. N. OTHER     09/29", 8 * px, 44 * px, 3.2 * px, left=True)
        if rng.random() < 0.7:
            chip = base[19 * q : 28 * q, 10 * q : 21 * q]
            chip[:] = np.array([0.62, 0.45, 0.18], F) * (1 + 0.2 * noise(rng, 9 * q, 11 * q, 4, 2)[..., None])
            for cut in (chip[3 * q : 3 * q + 3], chip[6 * q : 6 * q + 3], chip[:, 11 * q // 3 : 11 * q // 3 + 3]):
                cut *= 0.4
        if rng.random() < 0.5:
            for x, colour in ((68, (0.6, 0.05, 0.03)), (75, (0.65, 0.35, 0.03))):
                cv2.circle(base, (x * q, 44 * q), int(5.5 * q), colour, -1, cv2.LINE_AA)
    ink = Ink(mask, px, np.array([0.7, 0.7, 0.68] if light < 0.15 else [0.03, 0.03, 0.03], F), 0.9)
    return Thing("card", width, height, 3.18, base, q, ink, shadow=rng.uniform(0.4, 0.9), look={"design": style})


def card_face(rng: np.random.Generator, style: str, height: int, width: int) -> np.ndarray:
    """Return what is under a card's printing, never lighter than white paper looks."""
    colours = rng.dirichlet([0.7, 0.7, 0.7], 3).astype(F) * rng.uniform(0.05, 0.55, (3, 1)).astype(F)
    base = np.ones((height, width, 3), F) * colours[0]
    y, x = np.mgrid[:height, :width].astype(F)
    if style == "photo":  # a landscape of sorts
        ridge = height * (0.5 + 0.12 * noise(rng, 1, width, 5, 4)[0])
        sky = colours[0] + (np.array([0.25, 0.3, 0.35], F) - colours[0]) * (y / height)[..., None]
        base = np.where((y > ridge)[..., None], colours[1] * (1 + 0.5 * noise(rng, height, width, 30, 5)[..., None]), sky)
    elif style == "stripes":
        way, wide = rng.uniform(0, math.pi), rng.uniform(25, 140)
        base = colours[((x * math.cos(way) + y * math.sin(way)) / wide).astype(int) % 3]
    elif style == "gradient":
        v = noise(rng, height, width, 3, 2)[..., None] * 0.5 + 0.5
        base = colours[0] * v + colours[1] * (1 - v)
    base = base * (1 + 0.03 * noise(rng, height, width, 500, 1)[..., None])
    light = (base @ LUMA)[..., None]
    return np.clip(base * np.minimum(1, 0.36 / np.maximum(light, 1e-3)), 0.012, 0.8).astype(F)


def coin_or_pen(rng: np.random.Generator) -> Thing:
    if rng.random() < 0.5:
        across = rng.uniform(18, 26)
        n = int(across * 8)
        y, x = np.mgrid[:n, :n].astype(F) / n * 2 - 1
        mask = np.zeros((n, n), np.uint8)
        letters(mask, str(rng.choice(["1", "2", "10", "50", "5"])), n / 2, n * 0.45, n * 0.5)
        letters(mask, str(rng.integers(1995, 2026)), n / 2, n * 0.78, n * 0.12)
        rim = np.abs(np.hypot(x, y) - 0.92) < 0.05
        relief = cv2.GaussianBlur(np.maximum(mask / F(255), rim), (0, 0), 1.5)
        slope = (cv2.Sobel(relief, cv2.CV_32F, 1, 0) + cv2.Sobel(relief, cv2.CV_32F, 0, 1)) / 4
        grey = 0.3 * (1 + 2.5 * slope + 0.15 * x + 0.08 * noise(rng, n, n, 40, 2))
        metal = np.array([[0.9, 0.75, 0.45], [1, 1, 1], [0.8, 0.5, 0.35]], F)[rng.integers(3)]
        return Thing("coin", across, across, across / 2, np.clip(grey, 0.04, 0.9)[..., None] * metal, shadow=0.8)
    width, height = rng.uniform(130, 150), rng.uniform(7, 10)
    v = np.linspace(-1, 1, int(height * 8), dtype=F)[:, None]
    round_ = np.sqrt(np.clip(1 - v * v, 0.05, 1))[..., None]
    base = round_ * np.ones((1, int(width * 8), 1), F) * rng.uniform(0.02, 0.4, 3).astype(F)
    base[:, : 25 * 8] *= 0.3
    return Thing("pen", width, height, height * 0.45, base + 0.35 * np.exp(-(((v + 0.4) / 0.1) ** 2))[..., None], shadow=1.5)


def marks_on_paper(rng: np.random.Generator, px: float) -> Thing:
    """Return printed lines, or what a pen wrote: ink alone."""
    if rng.random() < 0.5:
        kind, width, height = "print", rng.uniform(35, 80), rng.uniform(6, 25)
        mask = np.zeros((int(height * px), int(width * px)), np.uint8)
        y, size = 2.0, rng.uniform(2.4, 3.6)
        while y < height - 1:
            letters(mask, " ".join(rng.choice(WORDS, int(width / size / 2.8))), 0, y * px, size * px, left=True)
            y += size * 1.5
        colour, cover = (0.03, 0.03, 0.035), 0.9
    else:
        kind, width, height = "writing", rng.uniform(15, 40), rng.uniform(8, 20)
        mask = np.zeros((int(height * px), int(width * px)), np.uint8)
        t = np.linspace(0, 1, 40)
        for i in range(int(rng.integers(3, 9))):
            middle = rng.uniform(0.15, 0.85, 2) * (width, height) * [0.3, 1] + [width * 0.08 * i, 0]
            x, y_ = np.sin(t * rng.uniform(2, 8) + rng.uniform(0, 6)), np.cos(t * rng.uniform(2, 8))
            p = middle + np.stack([x, y_], 1) * rng.uniform(1, height / 4, 2)
            wide = max(1, int(rng.uniform(0.3, 0.6) * px))
            cv2.polylines(mask, [(p * px * 16).astype(np.int32)], False, 255, wide, cv2.LINE_AA, 4)
        colour, cover = ((0.03, 0.05, 0.3), (0.03, 0.03, 0.03), (0.45, 0.03, 0.03))[rng.integers(3)], 0.85
    return Thing(kind, width, height, 0.1, ink=Ink(mask, px, np.array(colour, F), cover))


def wood(rng: np.random.Generator, height: int, width: int, colour: tuple[float, float, float]) -> np.ndarray:
    warp = noise(rng, height, width, 5, 3, 5.0)
    y = np.linspace(0, rng.uniform(15, 30), height, dtype=F)[:, None]
    ring = 0.5 + 0.5 * np.sin(2 * math.pi * (y + 1.6 * warp))
    v = 1 - 0.22 * ring**3 + 0.10 * noise(rng, height, width, 200, 2, 25.0)
    tint = 1 + 0.1 * warp[..., None] * np.array([0.6, 1, 1.3], F)
    return np.asarray(np.clip(v[..., None] * np.array(colour, F) * tint, 0.01, 1))


def table(rng: np.random.Generator, backlit: bool) -> tuple[np.ndarray, float, str]:
    """Return what is around the sheet, its pixels a millimetre, and its name; behind a backlit sheet, a window or a room."""
    n, px = 1200, 4.0
    if backlit:
        kind = "window" if rng.random() < 0.6 else "dark room"
        t = noise(rng, n, n, 4, 3)[..., None] * np.array([0.12, 0.15, 0.12], F)
        bright = np.clip(np.array([1.05, 1.15, 1.25], F) + t, 0.8, 2)
        return (bright if kind == "window" else np.clip(0.03 + 0.15 * t, 0.008, 0.06)), 1.5, kind
    kind = str(rng.choice(list(TABLES), p=list(TABLES.values())))
    hue = np.array(HUES, F)[rng.integers(6)]
    if kind == "wood":
        t = wood(rng, n, n, WOODS[rng.integers(len(WOODS))])
        if rng.random() < 0.5:
            board = int(rng.uniform(60, 140) * px)
            for at in range(int(rng.integers(0, board)), n, board):
                t[at : at + 3] *= 0.35
    elif kind == "cloth":
        y, x = np.mgrid[:n, :n].astype(F) / px
        p = 2 * math.pi / rng.uniform(0.9, 1.8)
        t = 1 + 0.22 * np.sin(p * x) * np.sin(p * y) + 0.12 * noise(rng, n, n, 600, 1) + 0.08 * noise(rng, n, n, 6, 3)
        t = t[..., None] * hue
    elif kind in ("dark", "light"):
        grey = rng.uniform(0.015, 0.07) if kind == "dark" else rng.uniform(0.33, 0.46)
        t = (1 + 0.06 * noise(rng, n, n, 500, 2) + 0.03 * noise(rng, n, n, 4, 3))[..., None]
        t = t * (grey * rng.uniform([0.92, 0.92, 0.85], 1.06)).astype(F)
    elif kind == "marble":
        v = np.exp(-np.abs(noise(rng, n, n, 5, 6, 1.5)) / 0.05) + 0.4 * np.exp(-np.abs(noise(rng, n, n, 9, 5)) / 0.03)
        t = 0.06 + 0.25 * v if rng.random() < 0.4 else 0.42 - 0.16 * v + 0.03 * noise(rng, n, n, 30, 4)
        t = t[..., None] * np.array([1, 0.98, 0.95], F)
    else:
        tile, gap = int(rng.choice([25, 50, 100, 150]) * px), int(rng.uniform(2, 4) * px)
        t = np.ones((n, n, 3), F)
        t *= hue * rng.uniform(0.8, 1.3)
        t *= (1 + 0.10 * noise(rng, n, n, 40, 5))[..., None]
        grout = np.array([0.3, 0.29, 0.27], F) * rng.uniform(0.25, 1.2)
        for at in range(tile // 2, n, tile):
            t[at : at + gap] = t[:, at : at + gap] = grout
        t = cv2.GaussianBlur(t, (0, 0), 1.2)
    return np.clip(t, 0.008, 0.55).astype(F), px, kind


def paper_grain(rng: np.random.Generator, px: float) -> np.ndarray:
    """Return fibres and grain about 0, of unit deviation."""
    n = 1500
    g = cv2.GaussianBlur(rng.standard_normal((n, n)).astype(F), (0, 0), 1.1) * 2.5
    g += cv2.resize(rng.standard_normal((n // 5, n // 5)).astype(F), (n, n), interpolation=cv2.INTER_CUBIC) * 0.6
    fibres = np.full((n, n), 128, np.uint8)
    s = np.linspace(-0.5, 0.5, 5)
    for _ in range(int(0.35 * (n / px) ** 2)):
        way, long, bow = rng.uniform(0, 2 * math.pi), rng.uniform(0.3, 1.6) * px, rng.normal(0, 0.9)
        c, d = math.cos(way), math.sin(way)
        p = rng.uniform(0, n, 2) + long * np.stack([s * c - bow * s * s * d, s * d + bow * s * s * c], 1)
        grey = int(rng.choice([95, 110, 145, 160]))
        cv2.polylines(fibres, [(p * 16).astype(np.int32)], False, grey, max(1, int(0.03 * px)), cv2.LINE_AA, 4)
    g += cv2.GaussianBlur(fibres, (0, 0), 0.7).astype(F) / 22 - 128 / 22
    return np.asarray(g / g.std())


def foil(rng: np.random.Generator, span: float) -> tuple[np.ndarray, float]:
    """Return how bright `span` mm of wrinkled foil are, from its slopes, and the pixels a millimetre."""
    n, px = 2000, 2000 / span
    h = np.zeros((n, n), F)
    for cells, high in ((3, 5.0), (8, 0.9)):
        h += high * (np.abs(noise(rng, n, n, cells, 2)) - 0.5 * noise(rng, n, n, cells, 2))
    y, x = np.mgrid[:n, :n].astype(F)
    for _ in range(int(rng.integers(5, 22))):  # single wrinkles
        way, at, wide = rng.uniform(0, math.pi), rng.uniform(-0.6, 0.6) * n, rng.uniform(0.5, 2.5) * px
        q = (x - n / 2) * math.cos(way) + (y - n / 2) * math.sin(way) - at + 12 * noise(rng, n, n, 3, 1)
        fade = np.clip(noise(rng, n, n, 3, 1) + 0.4, 0, 1)
        h += fade * rng.uniform(0.15, 0.6) * np.exp(-np.abs(q) / wide) * rng.choice([-1, 1])
    h = cv2.GaussianBlur(h, (0, 0), 0.35 * px)
    gx, gy = (cv2.Sobel(h, cv2.CV_32F, dx, 1 - dx, scale=px / 8) * 0.3 for dx in (1, 0))
    b = np.full((n, n), rng.uniform(0.30, 0.42), F)
    for _ in range(3):  # bright and dark parts of the room
        cx, cy, wide = rng.normal(0, 0.12), rng.normal(0, 0.12), rng.uniform(0.06, 0.2)
        part = rng.uniform(0.12, 0.45) * rng.choice([1, 1, -0.4])
        b += part * np.exp(-((gx - cx) ** 2 + (gy - cy) ** 2) / (2 * wide * wide))
    b += 0.25 * gx + 0.2 * gy
    b *= 1 + 0.035 * noise(rng, n, n, 1000, 1, 60.0)  # the mill's lines
    cx, cy, wide = *rng.uniform(0.2, 0.8, 2) * n, rng.uniform(0.08, 0.3) * n
    glare = rng.uniform(0.1, 0.8) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * wide * wide))
    b += glare * (1 + 0.5 * np.clip(gx * 4, -1, 1))
    b *= rng.uniform(0.4, 0.55) / np.median(b)  # exposed for the foil: only the glare clips
    b = np.where(b > 0.7, 0.7 + 0.45 * np.tanh((b - 0.7) / 0.45), b)
    return np.clip(b, 0.2, 1.1), px
