"""A third way to draw photographs of imprints, by somebody who had not seen the reader: `draw("clean", "hard" or "stamp", seed)`.

Nothing is painted on a canvas: each pixel asks what lies in the plane where it looks, as reflectance in linear light; holes are
sampled finely, each with a rough rim and a lip lit from one side. Then light, blur, a sensor behind colour filters, and JPEG.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from imprint_lens import Camera, Ground, Scene, Sheet, develop, expose, light_over, paint, spin, splat
from imprint_photos import SHEETS, Device, box
from imprint_things import F, Thing, card, coin_or_pen, marks_on_paper, ruler

SIZES = {6: ((2816, 2112), (3072, 2048)), 12: ((4032, 3024), (4000, 3000), (4256, 2832)),
         24: ((5712, 4284), (6000, 4000)), 48: ((8064, 6048), (8000, 6000))}  # fmt: skip
KINDS = {"clean": 11, "hard": 22, "stamp": 33}
NEEDLE_MM = 0.5


@dataclass(frozen=True)
class Truth:
    """What a picture shows, and how; `notes` are for whoever looks into one."""

    device: Device
    scale: str
    surface: str
    megapixels: int
    notes: dict[str, object]


def random_device(rng: np.random.Generator, stamp: bool) -> tuple[Device, float]:
    """Draw a device, and where on the drum rolling begins, as a share of its turn."""
    if stamp:
        rows, columns = (int(v) for v in rng.integers(4, 13, 2))
        row_pitch = pitch = rng.uniform(0.9, 2.5)
        radius, disc = 0.0, rng.random() < 0.12
    else:
        radius = rng.uniform(4, 14)
        turn = 2 * math.pi * (radius + NEEDLE_MM)
        columns = int(rng.integers(8, min(60, int(turn / 0.95)) + 1))
        rows, pitch = int(rng.integers(3, 19)), turn / columns
        row_pitch, disc = rng.uniform(1.1, min(3.0, 40 / (rows - 1))), rng.random() < 0.35
    hole = (rng.uniform(0.3, min(0.6, 0.55 * pitch)), 0.1) if disc else (rng.uniform(0.1, 0.3),) * 2
    needles = list(itertools.product(range(rows), range(columns)))
    rng.shuffle(needles)
    most = int(0.05 * len(needles))
    gone, off = (int(rng.integers(0, most + 1)) if rng.random() < 0.75 else 0 for _ in range(2))
    bent = {}
    for needle in needles[gone : gone + off]:
        far, way = min(rng.uniform(0.1, 0.6), 0.45 * min(pitch, row_pitch)), rng.uniform(0, 2 * math.pi)
        bent[needle] = (far * math.cos(way), far * math.sin(way))
    style = str(rng.choice(["same", "half", "thirds", "free"], p=[0.3, 0.3, 0.15, 0.25]))
    start, phases = 0.0, np.zeros(rows)
    if not stamp:
        start, row = rng.uniform(0, 1), np.arange(rows)
        phases = {"same": phases, "half": row % 2 / 2, "thirds": row % 3 / 3, "free": rng.uniform(0, 1, rows)}[style]
    kind, missing = "stamp" if stamp else "roller", frozenset(needles[:gone])
    return Device(kind, rows, columns, radius, row_pitch, NEEDLE_MM, hole, tuple(phases.tolist()), missing, bent), start


def strike(rng: np.random.Generator, device: Device, start: float) -> np.ndarray | None:
    """Return the holes of a stamp, or of a drum turned exactly twice; None where no counting could tell how many needles."""
    turns = range(2 if device.kind == "roller" else 1)
    r, c, t = np.array(list(itertools.product(range(device.rows), range(device.columns), turns))).T
    across = (r - (device.rows - 1) / 2) * device.row_pitch_mm
    if device.kind == "stamp":
        mm = np.stack([(c - (device.columns - 1) / 2) * device.pitch_mm, across], 1)
    else:
        turn = device.columns * device.pitch_mm
        s = (((c + np.array(device.phases)[r]) / device.columns + start) % 1 + t) * turn
        mm = roll(rng, s, across, turn)
    mm = mm - (mm.max(0) + mm.min(0)) / 2
    mm += rng.normal(0, 0.015, mm.shape)
    needles = list(zip(r.tolist(), c.tolist(), strict=True))
    mm += np.array([device.bent.get(n, (0.0, 0.0)) for n in needles])
    there = np.array([n not in device.missing for n in needles])
    mm, r, c = mm[there], r[there], c[there]
    least = max(0.3 * min(device.pitch_mm, device.row_pitch_mm), device.hole_mm[0] + 0.12)
    if any(np.hypot(*(mm[i + 1 :] - mm[i]).T).min() < least for i in range(len(mm) - 1)):
        return None  # two bent neighbours strike one hole
    if min(np.sum(v == end) for v, end in ((r, 0), (r, device.rows - 1), (c, 0), (c, device.columns - 1))) < 2:
        return None  # a whole outer line is missing
    return mm


def roll(rng: np.random.Generator, s: np.ndarray, across: np.ndarray, turn: float) -> np.ndarray:
    """Let a drum slip a little along `s`, wander, and turn its head as it wanders."""
    mean, wave, swing = rng.uniform(-0.0015, 0.0015), rng.uniform(0.7, 2) * turn, rng.uniform(0, 0.0015)
    slipped = s * (1 + mean) + swing * wave / (2 * math.pi) * np.sin(2 * math.pi * s / wave + rng.uniform(0, 2 * math.pi))
    wander, bend = rng.uniform(0, 0.5), rng.uniform(1.3, 3.5) * 2 * turn
    phase, yaw, w = rng.uniform(0, 6.28), rng.uniform(0, 1), 2 * math.pi / bend
    head = wander * w * np.cos(w * s + phase)
    return np.stack([slipped - yaw * head * across, across + wander * np.sin(w * s + phase)], 1)


def apart(p: np.ndarray, q: np.ndarray) -> float:
    """Return how far apart two convex shapes are at least, below 0 where they overlap."""
    best = -1e9
    for shape in (p, q):
        side = np.roll(shape, -1, 0) - shape
        for normal in np.stack([side[:, 1], -side[:, 0]], 1) / np.hypot(side[:, 0], side[:, 1])[:, None]:
            a, b = p @ normal, q @ normal
            best = max(best, a.min() - b.max(), b.min() - a.max())
    return best


def push_out(rng: np.random.Generator, thing: Thing, others: list[np.ndarray], gap: float, side: float | None = None) -> None:
    """Push a thing outwards, to one side, until it is clear of all others."""
    side = rng.uniform(0, 2 * math.pi) if side is None else side
    way, aside = np.array([math.cos(side), math.sin(side)]), np.array([-math.sin(side), math.cos(side)])
    start, far = aside * rng.uniform(-12, 12), 0.0
    thing.at = way * far + start
    while any(apart(thing.outline, other) < gap for other in others):
        far += 0.7
        thing.at = way * far + start


def page(rng: np.random.Generator, scale: str, imprint: tuple[float, float]) -> Sheet | None:
    """Return a whole sheet of known size about the imprint, or None where it is too small."""
    width, height = SHEETS[scale]
    if rng.random() < 0.35 and imprint[0] < 190:
        width, height = height, width
    free_x, free_y = (width - imprint[0]) / 2 - 9, (height - imprint[1]) / 2 - 9
    if min(free_x, free_y) < 0:
        return None
    turn = float(np.clip(rng.normal(0, math.radians(2)), -0.08, 0.08)) * min(1, min(free_x, free_y) / 12)
    return Sheet(-np.array([rng.uniform(-free_x, free_x), rng.uniform(-free_y, free_y)]) * 0.85, turn, width, height)


def beside(rng: np.random.Generator, scale: str, hard: bool, backlit: bool, imprint: np.ndarray) -> Callable[[float], Thing]:
    """Lay a ruler or card beside the imprint; return what draws it as fine as a picture of so many pixels a millimetre needs."""
    length = 0.0
    if scale == "ruler":
        most = max(1.6 * float(np.ptp(imprint[:, 0])), 150)
        length = float(rng.choice([v for v in (100, 150, 200, 300) if v <= most]))
    z = rng.random()
    turn = rng.normal(0, 0.05) if z < 0.7 else math.pi / 2 + rng.normal(0, 0.06) if z < 0.85 else rng.uniform(0, math.pi / 2)
    turn += math.pi * rng.integers(0, 2)
    state = int(rng.integers(1 << 31))

    def design(px_mm: float) -> Thing:
        own = np.random.default_rng(state)
        thing = ruler(own, hard, length, px_mm, backlit) if scale == "ruler" else card(own, px_mm)
        thing.turn = turn
        return thing

    rough = design(12.0)
    side = rng.choice([math.pi / 2, -math.pi / 2]) + rng.normal(0, 0.3) if rng.random() < 0.7 else None
    push_out(rng, rough, [imprint], rng.uniform(3.5, 14), side)

    def placed(px_mm: float) -> Thing:
        thing = design(px_mm)
        thing.at = rough.at
        return thing

    return placed


def loose_sheet(rng: np.random.Generator, around: np.ndarray) -> Sheet:
    """Return paper or foil without a known size: of at most two of its sides an edge may show."""
    turn = rng.normal(0, 0.06)
    local = around @ spin(-turn).T
    low, high = local.min(0) - 900, local.max(0) + 900
    for axis in rng.permutation(2)[: int(rng.choice([0, 1, 2], p=[0.5, 0.3, 0.2]))]:
        if rng.random() < 0.5:
            low[axis] = local[:, axis].min() - rng.uniform(5, 25)
        else:
            high[axis] = local[:, axis].max() + rng.uniform(5, 25)
    return Sheet(spin(turn) @ ((low + high) / 2), turn, *(high - low))


def fair_blur(device: Device, surface: str, scale: str, px_mm: float, blur: float) -> float | None:
    """Return the blur, less of it if need be, with which a careful human can still count the holes; None if there is none."""
    long, wide = device.hole_mm[0], device.hole_mm[1] * px_mm
    while True:
        s = math.hypot(blur, 0.6)
        if device.hole_mm[0] > device.hole_mm[1]:  # what stays of a hole's contrast
            peak = math.erf(wide / (2 * math.sqrt(2) * s)) * min(1, long * px_mm / (2.5 * s))
        else:
            peak = 1 - math.exp(-((wide / 2) ** 2) / (2 * s * s))
        apart_enough = min(device.pitch_mm, device.row_pitch_mm) * px_mm > 5.5 * s and px_mm > 8.5
        ticks_show = scale != "ruler" or (px_mm > 9.5 and s < 0.16 * px_mm)
        if peak > (0.5 if surface == "foil" else 0.42) and apart_enough and ticks_show:
            return blur
        if blur <= 0.45:
            return None
        blur = max(0.45, blur * 0.85)


def compose(rng: np.random.Generator, name: str) -> Scene | None:
    """Draw all that decides the framing; None where a careful human could not count the holes."""
    hard = name == "hard"
    device, start = random_device(rng, name == "stamp")
    holes = strike(rng, device, start)
    if holes is None:
        return None
    surface = str(rng.choice(["paper", "backlit", "foil"], p=[0.5, 0.2, 0.3] if hard else [0.75, 0.25, 0]))
    if surface == "foil":
        scale = str(rng.choice(["ruler", "card"], p=[0.65, 0.35]))
    else:
        scale = str(rng.choice(["ruler", "card", "paper-a4", "paper-letter"], p=[0.45, 0.25, 0.18, 0.12]))
    megapixels = int(rng.choice([6, 12, 48], p=[0.25, 0.5, 0.25]) if hard else rng.choice([12, 24], p=[0.7, 0.3]))
    size = SIZES[megapixels][rng.integers(len(SIZES[megapixels]))]
    extent = np.ptp(holes, axis=0) + 1.0
    imprint = box(0, 0, *extent)
    roll = rng.normal(0, math.radians(3.5)) + (math.pi / 2 if rng.random() < 0.3 else 0) + (math.pi if rng.random() < 0.5 else 0)
    sheet, placed = None, None
    if scale in SHEETS:
        sheet = page(rng, scale, tuple(extent))
        if sheet is None:
            return None
        view = sheet.outline
    else:
        placed = beside(rng, scale, hard, surface == "backlit", imprint)
        view = np.vstack([imprint, placed(12.0).outline])
    tilt, focal, bend = math.radians(rng.uniform(0, 20 if hard else 8)), rng.uniform(24, 50), rng.uniform(-0.005, 0.005)
    wide, high = np.ptp(view @ spin(roll).T, axis=0)
    if (wide < high) != (rng.random() < 0.05):
        size = size[1], size[0]
    camera = Camera(rng, size, focal, tilt, roll, bend, view, rng.uniform(0.05, 0.11 if placed is None else 0.16))
    px_mm = float(camera.px_mm(imprint).min())
    blur = fair_blur(device, surface, scale, px_mm, rng.uniform(0.4, 2.0 if hard else 1.0))
    if blur is None:
        return None
    thing = None
    if placed is not None:
        thing = placed(float(camera.px_mm(view[4:]).max()))
        straddles = hard and scale == "ruler" and rng.random() < 0.25
        sheet = loose_sheet(rng, imprint if straddles else view)
    assert sheet is not None
    return Scene(hard, device, holes, imprint, surface, scale, megapixels, sheet, thing, camera, blur, px_mm, tilt)


def draw(name: str, seed: int) -> tuple[Truth, bytes]:
    """Return what a picture shows, and its JPEG."""
    rng = np.random.default_rng([KINDS[name], seed, 7])
    scene = None
    while scene is None:
        scene = compose(rng, name)
    camera, hard, backlit = scene.camera, scene.hard, scene.surface == "backlit"
    way = rng.uniform(0, 2 * math.pi)
    light = np.array([math.cos(way), math.sin(way)])
    ground = Ground(rng, scene, light)
    image = np.empty((camera.height, camera.width, 3), F)
    for top in range(0, camera.height, 256):
        image[top : top + 256] = ground.rows(top, min(camera.height, top + 256))
    taken = [scene.imprint] + ([scene.thing.outline] if scene.thing else [])
    besides = []
    if scene.surface != "foil":
        besides += written(rng, image, scene, taken, ground)
    prick(rng, image, scene, light)
    specks = dirt(rng, image, scene, ground)
    if scene.thing:
        paint(image, camera, scene.thing, ground.ambient, light)
    if rng.random() < (0.5 if hard else 0.3) and not backlit:
        extra = coin_or_pen(rng)
        extra.turn = rng.uniform(0, 6.28)
        push_out(rng, extra, taken + ([] if scene.thing else [scene.sheet.outline]), 12.0)
        paint(image, camera, extra, ground.ambient, light)
        besides.append(extra.kind)
    small = light_over(rng, hard, backlit, camera.height // 6, camera.width // 6)
    warm, green = rng.uniform(-0.07, 0.11) * (1 if hard else 0.45), rng.uniform(-0.015, 0.02)
    balance = np.array([1 + warm, 1 + green, 1 - 1.1 * warm], F)
    low, high = {"backlit": (0.85, 1.15), "foil": (0.8, 1.05), "paper": (0.75, 1.02)}[scene.surface]
    small = small * balance * F(rng.uniform(low, high))
    image *= cv2.resize(small, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    raw = expose(rng, image, scene.blur, hard)
    del image
    jpeg = develop(rng, raw, hard)
    look = scene.thing.look if scene.thing else {}
    figures = {"tilt_deg": math.degrees(scene.tilt), "px_mm": scene.px_mm, "blur_px": scene.blur}
    notes = look | {k: round(v, 2) for k, v in figures.items()}
    notes |= {"table": ground.table_name, "besides": besides, "creases": len(ground.creases), "specks": specks}
    return Truth(scene.device, scene.scale, scene.surface, scene.megapixels, notes), jpeg


def written(rng: np.random.Generator, image: np.ndarray, scene: Scene, taken: list[np.ndarray], ground: Ground) -> list[str]:
    """Print or write on the paper, clear of what is `taken`; return what."""
    out = []
    for _ in range(int(rng.integers(0, 4 if scene.hard else 2))):
        marks = marks_on_paper(rng, min(1.2 * scene.px_mm, 30))
        marks.turn = scene.sheet.turn + rng.normal(0, 0.03) + rng.choice([0, 0, math.pi / 2])
        push_out(rng, marks, taken, rng.uniform(4, 25))
        local = (marks.outline - scene.sheet.middle) @ spin(-scene.sheet.turn).T
        if (np.abs(local) < np.array([scene.sheet.width, scene.sheet.height]) / 2 - 3).all():
            paint(image, scene.camera, marks, ground.ambient, ground.light)
            taken.append(marks.outline)
            out.append(marks.kind)
    return out


def prick(rng: np.random.Generator, image: np.ndarray, scene: Scene, light: np.ndarray) -> None:
    """Make the holes."""
    n, device, backlit = len(scene.holes), scene.device, scene.surface == "backlit"
    along, across = (np.full(n, size) * rng.normal(1, 0.06, n).clip(0.85, 1.15) for size in device.hole_mm)
    if device.hole_mm[0] == device.hole_mm[1] and device.kind == "roller":
        along = along * rng.uniform(1, 1.1)
    value = (rng.uniform(1.0, 1.8) if backlit else rng.uniform(0.03, 0.09)) * rng.normal(1, 0.1, n).clip(0.75, 1.25)
    deep = rng.normal(0.94, 0.03, n).clip(0.85, 1)
    lip = 0.0 if backlit else rng.uniform(0.15, 0.5) if scene.surface == "foil" else rng.uniform(0.05, 0.22)
    splat(image, scene.camera, rng, scene.holes, (along, across), value, deep, 0.03, lip, light, 0.025)


def dirt(rng: np.random.Generator, image: np.ndarray, scene: Scene, ground: Ground) -> int:
    """Strew specks, though none onto a hole; return how many."""
    n = int(rng.integers(0, 70 if scene.hard else 14))
    if n == 0:
        return 0
    at = scene.camera.plane(rng.uniform(0, scene.camera.width, n), rng.uniform(0, scene.camera.height, n))
    mm = np.stack(at, 1).astype(float)
    mm = mm[[np.hypot(*(scene.holes - m).T).min() > 0.45 for m in mm]]
    n = len(mm)
    if n:
        across = rng.uniform(0.05, 0.25, n)
        size = (across * rng.uniform(1, 2, n), across)
        value, deep = rng.uniform(0.05, 0.4, n) * ground.ambient, rng.uniform(0.3, 0.9, n)
        splat(image, scene.camera, rng, mm, size, value, deep, 0.08, 0, ground.light, 0.12)
    return n
