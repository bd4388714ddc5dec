"""How well pictures of imprints are read: counts, pitch, missing and bent needles, and time beside a bare JPEG decode.

`python benchmarks/imprint.py [PICTURES_OF_EACH_KIND [KINDS… [FIRST_SEED]]]`. Pictures come from three generators with known
truth in tests/measure: imprint_photos.py (clean, hard, stamp), imprint_scenes.py (other-clean, other-hard, other-stamp) and
imprint_worlds.py (third-clean, third-hard, third-stamp).
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from needlewise.errors import InputError
from needlewise.measure.imprint import Imprint, Needle, read_imprint

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "measure"))
import imprint_photos as photos
import imprint_scenes as scenes
import imprint_worlds as worlds

cv2.setNumThreads(1)


@dataclass
class Tally:
    """Sums over pictures of one kind."""

    pictures: int = 0
    refused: int = 0
    exact: int = 0
    near: int = 0
    pitch_ok: int = 0
    shape_ok: int = 0
    pitch_error: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    radius: list[bool] = field(default_factory=list)  # the interval holds the true one
    hits: Counter[str] = field(default_factory=Counter)

    def report(self, name: str) -> None:
        n = max(1, self.pictures)
        h = self.hits
        print(f"{name}: {self.pictures} pictures, {self.refused} refused")
        read = max(1, self.pictures - self.refused)
        print(f"  count exact {self.exact / n:.3f} of all, {self.exact / read:.3f} of those read; within 1 % {self.near} more")
        error = np.median(self.pitch_error or [np.nan])
        print(f"  pitch within 2 % {self.pitch_ok / read:.3f} of those read; median error {error:.2%}")
        print(f"  drum radius within its 95 % interval {np.mean(self.radius or [np.nan]):.3f} of those counted right")
        print(f"  slit or round right {self.shape_ok / read:.3f} of those read")
        for what in ("missing", "bent"):
            found, true, said, refused = (h[f"{what}{part}"] for part in (" found", "", " said", " refused"))
            print(f"  {what}: recall {ratio(found, true)}, precision {ratio(found, said)}; {refused} more in refused pictures")
        if self.ratios:
            print(f"  time, 12 MP: median {np.median(self.ratios):.1f}, most {max(self.ratios):.1f} times a bare decode")


def ratio(a: int, b: int) -> str:
    return f"{a / b:.3f} ({a}/{b})" if b else "–"


def needles(device: photos.Device, read: Imprint) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return missing and bent needles as the device numbers them: of all ways the picture may lie, the one that fits best."""
    missing, bent = device.missing, frozenset(device.bent)
    best: tuple[int, tuple[set[tuple[int, int]], set[tuple[int, int]]]] = (-1, (set(), set()))
    swaps = (read.rows != device.rows,) if device.rows != device.columns else (False, True)
    shifts = range(device.columns) if device.kind == "roller" else (0,)
    for up, way, shift, swap in itertools.product((1, -1), (1, -1), shifts, swaps if device.kind == "stamp" else (False,)):
        if device.kind == "roller" and up != way:
            continue  # a turned picture, not a mirrored one
        out = [{place(device, n, up, way, shift, swap) for n in found} for found in (read.missing, read.bent)]
        score = 2 * len(out[0] & missing) + len(out[1] & bent)
        if score > best[0]:
            best = score, (out[0], out[1])
    return best[1]


def place(device: photos.Device, needle: Needle, up: int, way: int, shift: int, swap: bool) -> tuple[int, int]:
    row, column = (needle.column - 1, needle.row - 1) if swap else (needle.row - 1, needle.column - 1)
    column = column if way > 0 else device.columns - 1 - column
    return (row if up > 0 else device.rows - 1 - row), (column + shift) % device.columns


def match(device: photos.Device, read: Imprint) -> Counter[str]:
    """Count missing and bent needles found; a row may be numbered one column off, so each is nudged by at most one."""
    missing, bent = needles(device, read)
    out: Counter[str] = Counter()
    for name, said, true in (("missing", missing, device.missing), ("bent", bent, frozenset(device.bent))):
        out[name], out[f"{name} said"] = len(true), len(said)
    for row in range(device.rows):
        fits = []
        for nudge in (0, -1, 1):
            m = {(r, (c + nudge) % device.columns) for r, c in missing if r == row} & device.missing
            b = {(r, (c + nudge) % device.columns) for r, c in bent if r == row} & set(device.bent)
            fits.append((len(m) + len(b), len(m), len(b)))
        _, m_found, b_found = max(fits)
        out["missing found"] += m_found
        out["bent found"] += b_found
    return out


def one(tally: Tally, device: photos.Device, shot: photos.Shot | worlds.Truth, data: bytes, folder: Path) -> str:
    path = folder / "imprint.jpg"
    path.write_bytes(data)
    scale = 1.0 if shot.scale == "ruler" else shot.scale
    tally.pictures += 1
    start = time.process_time()
    try:
        read = read_imprint(path, device.kind, device.needle_mm, scale)
    except InputError as error:
        tally.refused += 1
        tally.hits["missing refused"] += len(device.missing)
        tally.hits["bent refused"] += len(device.bent)
        return f"refused: {error}"[-150:]
    took = time.process_time() - start
    if shot.megapixels == 12:
        ratios = []
        for _ in range(3):  # in turn, so that a busy machine slows both; the middle of three
            bare = decode(data)
            start = time.process_time()
            read_imprint(path, device.kind, device.needle_mm, scale)
            ratios.append((time.process_time() - start) / bare)
        tally.ratios.append(float(np.median(ratios)))
    tally.exact += read.needles == device.needles
    tally.near += 0 < abs(read.needles / device.needles - 1) <= 0.01
    error_share = max(abs(read.pitch.value / device.pitch_mm - 1), abs(read.row_pitch.value / device.row_pitch_mm - 1))
    if device.kind == "stamp" and read.rows != device.rows:
        error_share = max(abs(p.value / device.pitch_mm - 1) for p in (read.pitch, read.row_pitch))
    tally.pitch_error.append(error_share)
    tally.pitch_ok += error_share <= 0.02
    tally.shape_ok += read.shape.word == ("slit" if device.hole_mm[0] > device.hole_mm[1] else "round")
    if read.drum_radius is not None and read.needles == device.needles:
        tally.radius.append(read.drum_radius.low < device.radius_mm < read.drum_radius.high)
    hits = match(device, read)
    tally.hits += hits
    size = f"{read.rows}×{read.columns} of {device.rows}×{device.columns}"
    return f"{size}, pitch {error_share:.2%}, {dict(hits)}, {read.shape.word}, {took:.2f} s"


def decode(data: bytes) -> float:
    start = time.process_time()
    simplejpeg.decode_jpeg(data)
    return time.process_time() - start


def draw(name: str, seed: int) -> tuple[photos.Device, photos.Shot | worlds.Truth, str, bytes]:
    """Return device, shot, look in words and JPEG of a kind of picture."""
    if name.startswith("third"):
        truth, data = worlds.draw(name.removeprefix("third-"), seed)
        return truth.device, truth, str(truth.notes), data
    rng = np.random.default_rng((seed, len(name)))
    device = photos.random_device(rng, "stamp" if "stamp" in name else "roller")
    if name.startswith("other"):
        shot, look = scenes.random_scene(rng, "hard" in name)
        return device, shot, str(vars(look)), scenes.photograph(device, shot, look, seed)
    shot = photos.random_shot(rng, name == "hard")
    return device, shot, "", photos.photograph(device, shot, seed)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    kinds = [f"{of}{kind}" for of in ("", "other-", "third-") for kind in ("clean", "hard", "stamp")]
    chosen = [word for word in sys.argv[2:] if word in kinds] or kinds
    first = int(sys.argv[-1]) if len(sys.argv) > 2 and sys.argv[-1].isdigit() else 0
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            tally = Tally()
            for seed in range(first, first + count):
                device, shot, look, data = draw(name, seed)
                said = one(tally, device, shot, data, Path(folder))
                print(f"  {name} {seed}: {said}; {shot.scale} {shot.surface} {shot.megapixels} MP {look}", flush=True)
            tally.report(name)


if __name__ == "__main__":
    main()
