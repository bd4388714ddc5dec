"""How well a known redness is read: real faces photographed again in simulation, under light up to 25 and up to 50 degrees away.

    python benchmarks/measure_redness.py [number of faces] [seed]

Prints, for each light: the smallest detectable change (1.96 SD of what is read when nothing changed), the share of the
painted redness that is read, how often the 95 % interval holds the truth, and how often nothing is called a change. Paint has
a soft edge, so the mean painted within the zone is less than the nominal redness: figures are against the nominal, and (in
brackets) against the mean painted. Two zones are painted: a small hull of landmarks, and this program's own `cheek-right`.
"""

import sys
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import rephotograph as sim
from measure_relit import line

from needlewise.errors import InputError
from needlewise.measure.align import align, warp
from needlewise.measure.colour import photometric_registration, usable
from needlewise.measure.face import Face, find_face
from needlewise.measure.photo import Photo, from_array
from needlewise.measure.zones import skin_mask, zone_mask

AMOUNTS = (0.0, 0.0, 1.84, 3.68)  # 100 log10(R/G)
LIGHTS = {25: (0, 25), 50: (25, 50)}
MAX_YAW = 15
ROWS = (
    ("smallest detectable", (0, 1.7), "1.2", ""),
    ("recovery", (80, 110), "90–105", "%"),
    ("95 % intervals that hold it", (90, 99), "93–97", "%"),
    ("false change", (0, 7), "5", "%"),
)


def faces(count: int) -> list[tuple[Photo, np.ndarray, Face]]:
    """Near-frontal faces of the wrinkle set: photo, its 8-bit pixels, its landmarks."""
    found = []
    for path in sorted((sim.PHOTOS / "wrinkles" / "images").glob("*.jpg")):
        pixels = sim.read_rgb(path)
        try:
            face = find_face(from_array(pixels))
        except InputError:
            continue
        if abs(face.pose[0]) < MAX_YAW:
            found.append((from_array(pixels), pixels, face))
        if len(found) == count:
            break
    return found


def lights() -> dict[int, list[sim.Light]]:
    """Measured brightness ratios of real faces, by how far the light moved."""
    out: dict[int, list[sim.Light]] = {bound: [] for bound in LIGHTS}
    for frontal in sorted((sim.PHOTOS / "relit").glob("*/*A+000E+00.png")):
        try:
            mesh = find_face(from_array(sim.read_rgb(frontal))).points
        except InputError:
            continue
        points = tuple(map(tuple, mesh.tolist()))
        for side, (bound, (low, high)) in product(sorted(frontal.parent.glob("*E[+-]*.png")), LIGHTS.items()):
            if low < sim.light_angle(side.name) <= high:
                out[bound].append(sim.measured_light(frontal, side, points))
    return out


def read(
    shot: tuple[Photo, np.ndarray, Face],
    zone: np.ndarray,
    skin: np.ndarray,
    amount: float,
    light: sim.Light,
    rng: np.random.Generator,
) -> tuple[float, float, float, float]:
    """Photograph again with `zone` painted and read it back: nominal truth, mean painted, read, standard deviation."""
    photo, pixels, face = shot
    taken = sim.retake(pixels, face.points, zone.astype(np.uint8), amount, light, rng)
    after = from_array(taken.after)
    found = align(photo, after, face, find_face(after), skin)
    good = usable(photo, after, found) & skin
    change = photometric_registration(photo.pixels, warp(after.pixels, found), zone & good, good)
    return amount, float(taken.painted[zone & good].mean()), change.redness_difference, change.sd


def report(name: str, rows: np.ndarray, refused: int) -> tuple[float, float, float, float]:
    """Print one line of the table; return smallest detectable, recovery, coverage and false changes, against the nominal."""
    nominal, truth, value, sd = rows.T
    still = nominal == 0
    held = [100 * (np.abs(value - aim) < 1.96 * sd).mean() for aim in (nominal, truth)]
    share = [100 * np.polyfit(aim, value, 1)[0] for aim in (nominal, truth)]
    false = np.abs(value[still]) > 1.96 * sd[still]
    smallest = 1.96 * float(value[still].std())
    print(
        f"{name:36} n {len(rows):4}  smallest detectable {smallest:5.2f}  "
        f"recovery {share[0]:4.0f} % ({share[1]:.0f} %)  coverage {held[0]:5.1f} % ({held[1]:.1f} %)  "
        f"false change {100 * false.mean():4.1f} %  pairs refused {refused}"
    )
    return smallest, float(share[0]), float(held[0]), 100 * float(false.mean())


def main() -> int:
    """Print the table."""
    cv2.setNumThreads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 20)
    people, moved = faces(count), lights()
    figures: dict[tuple[int, str], tuple[float, float, float, float]] = {}
    for bound, which in product(moved, ("cheek hull", "cheek-right")):
        rows, refused = [], 0
        for shot, amount in product(people, AMOUNTS):
            photo, _, face = shot
            skin = skin_mask(photo, face)
            own = zone_mask(photo, face, "cheek-right", skin)
            zone = own if which == "cheek-right" else (sim.hull(skin.shape, face.points, sim.CHEEK_RIGHT) > 0) & skin
            light = moved[bound][rng.integers(len(moved[bound]))]
            try:
                rows.append(read(shot, zone, skin, amount, light, rng))
            except InputError:
                refused += 1  # hidden by hair or clipped: too little of the zone is left
        low, high = LIGHTS[bound]
        figures[bound, which] = report(f"{which}, light {low} to {high} degrees away", np.array(rows), refused)
    print("\nlight up to 25 degrees away, against the nominal redness")
    good = [
        line(f"{which}: {name}", value, must, aim, unit)
        for which in ("cheek hull", "cheek-right")
        for value, (name, must, aim, unit) in zip(figures[25, which], ROWS, strict=True)
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    if not Path(sim.PHOTOS).is_dir():
        sys.exit(f"the shared photos are not at {sim.PHOTOS}")
    sys.exit(main())
