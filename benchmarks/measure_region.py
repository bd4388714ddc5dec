"""How well a region drawn once is carried over to another photo without a face, and what is read there.

    python benchmarks/measure_region.py [pictures of each kind] [seed]

Three kinds of skin: faces (read as plain skin, no face is looked for), scalp under a microscope, and pigmented spots.
Carried over: the picture is moved softly and lit from one side, and the true place of every pixel is known. Other skin: pictures
of different people, which must be refused. Read: the faces photographed again in simulation with a redness painted on the
region, light up to 25 degrees from before, as in measure_redness.py. Exit status 1 when a *must* is missed.
"""

import os
import sys

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import tempfile
from pathlib import Path

import cv2
import numpy as np
import rephotograph as sim
from measure_redness import faces, lights
from measure_relit import line

from needlewise.errors import InputError
from needlewise.measure.photo import from_array
from needlewise.measure.region import Drawing, filled
from needlewise.measure.region_pair import compare_region
from needlewise.measure.register import register
from needlewise.measure.zones import zone_polygon

KINDS = {"faces": "wrinkles/images/*.jpg", "scalp": "scalp/images/*.jpg", "spots": "lesions/*.jpg"}
SQUARE = ((0.35, 0.40), (0.65, 0.40), (0.65, 0.65), (0.35, 0.65))
PLACES, SIDE_LIGHT, SOFT_SHARE = 200, 0.7, 0.005
AMOUNTS = (0.0, 0.0, 2.5, 5.0)  # 100 log10(R/G)


def pictures(kind: str, count: int) -> list[np.ndarray]:
    """Return pictures spread over the set, of different people as far as the set says."""
    paths = sorted(sim.PHOTOS.glob(KINDS[kind]))
    return [sim.read_rgb(path) for path in paths[:: max(1, len(paths) // count)][:count]]


def carried(found: list[np.ndarray], rng: np.random.Generator) -> tuple[float, float, float]:
    """Return the worst p95 of the error over the region's side (%), the share refused (%), and p95 over the error reported."""
    ends, refused, ratios = [], 0, []
    for pixels in found:
        first, region = from_array(pixels), filled(SQUARE, pixels.shape[:2])
        rows, columns = np.nonzero(region)
        chosen = rng.choice(len(rows), PLACES, replace=False)
        at = rows[chosen], columns[chosen]
        moved = sim.move(pixels, np.stack([at[1], at[0]], 1).astype(np.float32), SOFT_SHARE * pixels.shape[1], SIDE_LIGHT, rng)
        try:
            there = register(first, from_array(moved.after), region, np.ones_like(region))
        except InputError:
            refused += 1
            continue
        end = float(np.percentile(np.hypot(there.map_x[at] - moved.truth[:, 0], there.map_y[at] - moved.truth[:, 1]), 95))
        ends.append(100 * end / np.sqrt(region.sum()))
        ratios.append(end / there.error_px)
    return max(ends), 100 * refused / len(found), float(np.median(ratios))


def strangers(found: list[np.ndarray], rng: np.random.Generator) -> float:
    """Return the share of pairs of different people, %, that is refused."""
    refused = 0
    for pixels in found:
        other = found[int(rng.integers(len(found)))]
        while other is pixels:
            other = found[int(rng.integers(len(found)))]
        region = filled(SQUARE, pixels.shape[:2])
        try:
            register(from_array(pixels), from_array(other), region, np.ones_like(region))
        except InputError:
            refused += 1
    return 100 * refused / len(found)


def painted(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return truth, reading, and half width of the interval for every pair that was compared; NaN readings for the others."""
    near = lights()[25]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "before.png", Path(folder) / "after.png"
        for (photo, pixels, face), amount in ((one, amount) for one in faces(count) for amount in AMOUNTS):
            corners = zone_polygon(face, "cheek-right")[0]
            drawing = Drawing(tuple((float(x) / photo.shape[1], float(y) / photo.shape[0]) for x, y in corners))
            zone = filled(drawing.region, photo.shape).astype(np.uint8)
            taken = sim.retake(pixels, face.points, zone, amount, near[rng.integers(len(near))], rng)
            for file, picture in zip(files, (pixels, taken.after), strict=True):
                cv2.imwrite(str(file), picture[..., ::-1])
            try:
                red = compare_region([files[0]], [files[1]], drawing).changes[0]
            except InputError:
                red = None
            if red is None or red.difference is None or red.high is None:
                rows.append((amount, np.nan, np.nan))
            else:
                rows.append((amount, red.difference, red.high - red.difference))
    return np.array(rows)


def main() -> int:
    """Print the table."""
    cv2.setNumThreads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    good = []
    for kind in KINDS:
        found = pictures(kind, count)
        worst, refused, ratio = carried(found, rng)
        good.append(line(f"{kind}: carried over, worst p95 over the region's side", worst, (0, 3), "1", "%"))
        good.append(line(f"{kind}: the same skin refused", refused, (0, 5), "0", "%"))
        good.append(line(f"{kind}: p95 over the error reported, median", ratio, (0.3, 1.5), "1", ""))
        good.append(line(f"{kind}: other people's skin refused", strangers(found, rng), (99, 100), "100", "%"))
    nominal, value, half = painted(count, rng).T
    seen = np.isfinite(value)
    still = seen & (nominal == 0)
    print(f"redness painted on a drawn cheek, light within 25°: {int(seen.sum())} of {len(seen)} pairs compared")
    good.append(line("smallest detectable (1.96 SD of no change)", float(1.96 * value[still].std()), (0, 1.7), "1.2", ""))
    good.append(line("recovery", 100 * float(np.polyfit(nominal[seen], value[seen], 1)[0]), (80, 110), "90–105", "%"))
    holds = (np.abs(value - nominal) <= half)[seen]
    good.append(line("95 % intervals that hold it", 100 * float(holds.mean()), (90, 100), "93", "%"))
    good.append(line("false real change", 100 * float((np.abs(value) > half)[still].mean()), (0, 7), "5", "%"))
    print("the intervals add how skin varies from day to day, which these photos of one moment do not have: they hold more often")
    return 0 if all(good) else 1


if __name__ == "__main__":
    if not sim.PHOTOS.is_dir():
        sys.exit(f"the shared photos are not at {sim.PHOTOS}")
    sys.exit(main())
