"""How well fading of dark spots is read: spots painted on real faces, which are photographed again in simulation.

    python benchmarks/measure_fading.py [number of faces] [seed]

Both cheeks get up to four brown spots of known place, size and darkness; in the after photo they are as they were, at 60 %, or
gone. Light up to 25 degrees from before; camera, tones, pose, noise and JPEG as in measure_redness.py, but tones and noise also
of the before photo: any phone bends them, and bent in one photo alone they look like spots that changed. The faces' own spots,
creases and stubble stay as they are. Faces are enlarged twofold: the shared ones have fewer pixels a millimetre than spots need.
The truth is what was painted on the places that were read. A last row paints no
spots and makes both cheeks redder all over, which must not read as darker spots. Exit status 1 when a *must* is missed.
"""

import os
import sys

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import rephotograph as sim
from measure_redness import faces, lights
from measure_relit import line

from needlewise.errors import InputError
from needlewise.measure.align import align, warp
from needlewise.measure.colour import usable
from needlewise.measure.comparable import COMPARABLE
from needlewise.measure.comparison import Spots, spots_changed, spots_in
from needlewise.measure.face import find_face
from needlewise.measure.gates import FACTOR, Comparable
from needlewise.measure.own import NOBODYS
from needlewise.measure.photo import from_array
from needlewise.measure.spots import LEAST_CONTRAST
from needlewise.measure.zones import skin_mask, zone_mask

MELANIN = np.array([0.40, 0.57, 1.0], np.float32)  # as in simulate.likeness
LEFT = (1.0, 1.0, 0.6, 0.0)  # share of the paint that is left in the after photo
REDDER = 3.68  # 100 log10(R/G)
ENLARGED, SPOTS, APART_MM, EDGE_MM = 2, 4, 3.0, 0.25
WIDE_MM, DARK = (2.5, 6.0), (8.0, 20.0)  # diameter, and 100 log10 of blue light
ZONES = ("cheek-left", "cheek-right")
LEAST_SKIN = 2000  # px of a cheek
GATE = Comparable(COMPARABLE, 1.0, ())
RED_GATE = Comparable(COMPARABLE, FACTOR, ())  # as `comparison.beside_redness` makes it where redness changed


@dataclass(frozen=True)
class Read:
    """One cheek: share of the paint left, what was read and its interval's half width, truth, and painted spots found of all.

    `back`: the before photo was the one lit from elsewhere.
    """

    left: float
    value: float
    half: float
    truth: float
    found: int
    painted: int
    back: bool


def paint(mask: np.ndarray, px_per_mm: float, rng: np.random.Generator) -> tuple[np.ndarray, list[tuple[int, int, float]]]:
    """Return up to four round spots, 100 log10 of blue light, h x w, and x, y, diameter in mm of each."""
    field, places = np.zeros(mask.shape, np.float32), []
    inside = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1] > APART_MM * px_per_mm
    ys, xs = np.nonzero(inside)
    down, across = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    for _ in range(40 if len(ys) else 0):
        at = rng.integers(len(ys))
        x, y, wide, dark = int(xs[at]), int(ys[at]), rng.uniform(*WIDE_MM), rng.uniform(*DARK)
        if all(np.hypot(x - a, y - b) > ((wide + w) / 2 + APART_MM) * px_per_mm for a, b, w in places):
            edge = (np.hypot(across - x, down - y) / px_per_mm - wide / 2) / EDGE_MM
            field += np.float32(dark) / (1 + np.exp(np.clip(edge, -30, 30)))
            places.append((x, y, wide))
        if len(places) == SPOTS:
            break
    return field, places


def shown(linear: np.ndarray, brown: np.ndarray) -> np.ndarray:
    """Lay melanin on; uint8 sRGB."""
    return (sim.to_srgb(linear * 10 ** (-brown[..., None] / 100 * MELANIN)) * 255).round().astype(np.uint8)


def snapped(linear: np.ndarray, brown: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The before photo, with tones, noise and JPEG of its own as in `rephotograph.retake`."""
    taken = sim.camera((linear * 10 ** (-brown[..., None] / 100 * MELANIN)).astype(np.float32), rng) * 255
    noisy = np.clip(taken + rng.normal(0, 2, taken.shape), 0, 255).astype(np.uint8)
    _, code = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(72, 93))])
    return np.ascontiguousarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1])


class Cheeks:
    """One face with both cheeks painted."""

    def __init__(self, pixels: np.ndarray, rng: np.random.Generator) -> None:
        self.pixels = cv2.resize(pixels, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        photo = from_array(self.pixels)
        self.face = find_face(photo)
        self.skin, self.px_per_mm = skin_mask(photo, self.face), 1 / self.face.mm_per_px[0]
        self.zones = {zone: zone_mask(photo, self.face, zone, self.skin) for zone in ZONES}
        self.painted = {zone: paint(mask, self.px_per_mm, rng) for zone, mask in self.zones.items()}
        self.brown = np.sum([field for field, _ in self.painted.values()], axis=0)

    def read(self, left: float, redder: float, light: sim.Light, rng: np.random.Generator) -> list[Read]:
        """Photograph before and after, and read both cheeks; `redder` is painted on both, in place of spots.

        One of the two, as chance has it, is the one that is lit from elsewhere and taken from elsewhere.
        """
        linear = sim.to_linear(self.pixels.astype(np.float32) / 255)
        brown = self.brown if not redder else np.zeros_like(self.brown)
        both = (self.zones[ZONES[0]] | self.zones[ZONES[1]]).astype(np.uint8)
        back = rng.random() < 0.5
        still, moved = (left, 1.0) if back else (1.0, left)
        steady = from_array(snapped(linear, still * brown, rng))
        retake = sim.retake(shown(linear, moved * brown), self.face.points, both, redder, light, rng)
        other = from_array(retake.after)
        before, after = (other, steady) if back else (steady, other)
        place = retake.affine if back else np.eye(2, 3)
        brown = cv2.warpAffine(brown, place, brown.shape[::-1], borderMode=cv2.BORDER_REFLECT)
        face = find_face(before)
        skin = skin_mask(before, face)
        fit = align(before, after, face, find_face(after), skin)
        good, laid = usable(before, after, fit), warp(after.pixels, fit)
        out = []
        for zone in ZONES:
            mask = zone_mask(before, face, zone, skin) & good
            if mask.sum() < LEAST_SKIN:
                continue
            spots = spots_in(zone, (before.pixels, laid), mask, 1 / face.mm_per_px[0])
            gate = RED_GATE if redder else GATE
            changes, _ = spots_changed(zone, partial(list, (spots,)), gate, (1, 1), False, NOBODYS)
            painted = [] if redder else self.painted[zone][1]
            hit = sum(near(spots, *(place @ (x, y, 1)), wide) for x, y, wide in painted)
            numbers = np.nan, np.nan, np.nan
            if changes:
                weight = [len(s.region) * max(s.contrast_before, s.contrast_after, LEAST_CONTRAST) for s in spots.found]
                lost = float(np.average([brown[spots.here].ravel()[s.region].mean() for s in spots.found], weights=weight))
                numbers = changes[0].difference, changes[0].smallest_detectable, (left - 1) * lost
            out.append(Read(left, *numbers, hit, len(painted), back))
        return out


def near(spots: Spots, x: float, y: float, wide_mm: float) -> bool:
    """Tell whether a spot was found within half of the painted one's width, or 1 mm, of its middle."""
    reach = max(wide_mm / 2, 1) * spots.px_per_mm
    top, left = (part.start for part in spots.here)
    return any(np.hypot(s.x + left - x, s.y + top - y) < reach for s in spots.found)


def main() -> int:
    """Print the table."""
    cv2.setNumThreads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 11)
    moved, read, red, refused = lights()[25], [], [], 0
    for _, pixels, _ in faces(count):
        try:
            cheeks = Cheeks(pixels, rng)
        except InputError:
            refused += 1
            continue
        for left, redder in [*((left, 0.0) for left in LEFT), (1.0, REDDER)]:
            light = moved[rng.integers(len(moved))]
            try:
                (red if redder else read).extend(cheeks.read(left, redder, light, rng))
            except InputError:
                refused += 1
    left, value, half, truth, found, painted, back = np.array([list(vars(one).values()) for one in read], float).T
    seen = np.isfinite(value)
    still = seen & (left == 1)
    share = {part: 100 * found[left == part].sum() / painted[left == part].sum() for part in sorted(set(LEFT))}
    print(f"{seen.sum()} of {len(read)} cheeks have spots to follow; pairs refused {refused}")
    print("painted spots found: " + ", ".join(f"{100 * part:.0f} % left: {value:.0f} %" for part, value in share.items()))
    gone = seen & (left == 0)
    less = seen & (left == 0.6)
    better = value < -half
    print(f"called better: gone {100 * better[gone].mean():.0f} %, at 60 % {100 * better[less].mean():.0f} %; ", end="")
    print(f"middle half width {np.median(half[seen]):.1f}")
    ways = [float(value[still & (back == way)].mean()) for way in (0, 1)]
    print(f"mean reading where nothing changed, light going aside {ways[0]:+.2f}, coming back {ways[1]:+.2f}")
    held = 100 * float((np.abs(value - truth) <= half)[seen].mean())
    reds = np.array([(one.value, one.half) for one in red if np.isfinite(one.value)])
    good = [
        line("smallest detectable (1.96 SD of no change)", 1.96 * float(value[still].std()), (0, 4.0), "3.0", ""),
        line("recovery", 100 * float(np.polyfit(truth[seen], value[seen], 1)[0]), (80, 110), "90–105", "%"),
        line("95 % intervals that hold the truth", held, (90, 99), "93–97", "%"),
        line("false change", 100 * float((np.abs(value) > half)[still].mean()), (0, 7), "5", "%"),
        line("mean reading where nothing changed", float(value[still].mean()), (-0.5, 0.5), "0", ""),
        line("gone spots counted, over unchanged ones", share[0.0] / share[1.0], (0.8, 1.25), "1", ""),
        line("redder skin that reads as changed spots", 100 * float((np.abs(reds[:, 0]) > reds[:, 1]).mean()), (0, 7), "5", "%"),
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    if not sim.PHOTOS.is_dir():
        sys.exit(f"the shared photos are not at {sim.PHOTOS}")
    sys.exit(main())
