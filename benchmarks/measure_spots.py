"""Outline every dermoscopy picture of the shared set and compare with the experts' masks.

python benchmarks/measure_spots.py [FOLDER]
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np

from needlewise.measure.spots import segment_spot

FOLDER = Path(__file__).parents[1] / "../shared/photos/lesions"
MUST, AIM, MOST_LOST = 0.90, 0.93, 0.02
BOOTSTRAPS = 2000


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return float(2 * (one & other).sum() / max(one.sum() + other.sum(), 1))


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    masks = sorted(folder.glob("*_lesion.png"))
    if not masks:
        print(f"no pictures in {folder}: nothing measured")
        return 0
    cv2.setNumThreads(1)
    scores, seconds = [], 0.0
    for path in masks:
        truth = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) > 127
        picture = cv2.cvtColor(cv2.imread(str(path.with_name(path.name.replace("_lesion.png", ".jpg")))), cv2.COLOR_BGR2RGB)
        start = time.perf_counter()
        found = segment_spot(picture)
        seconds += time.perf_counter() - start
        scores.append(dice(found, truth))
    values = np.array(scores)
    draws = np.random.default_rng(0).choice(values, (BOOTSTRAPS, len(values))).mean(1)
    low, high = np.percentile(draws, [2.5, 97.5])
    lost = float((values < 0.5).mean())
    print(f"{len(values)} pictures, {1000 * seconds / len(values):.0f} ms each")
    print(f"Dice mean     {values.mean():.3f} (95 % of resamplings {low:.3f} to {high:.3f})   must {MUST:.2f}, aim {AIM:.2f}")
    print(f"Dice median   {np.median(values):.3f}")
    print(f"under 0.5     {100 * lost:.0f} %                                        must at most {100 * MOST_LOST:.0f} %")
    worst = ", ".join(f"{masks[i].name[:-11]} {values[i]:.2f}" for i in values.argsort()[:5])
    print(f"worst         {worst}")
    return 0 if values.mean() >= MUST and lost <= MOST_LOST else 1


if __name__ == "__main__":
    sys.exit(main())
