"""Find the colour card in every photo of the shared set, and how far its patches are off before and after correction.

    python benchmarks/measure_card.py [FOLDER]

Photos of other shared folders, which hold no card, tell how often one is seen that is not there.
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

from needlewise.measure.card import errors_of, find_card
from needlewise.measure.photo import Photo, from_array

PHOTOS = Path(__file__).parents[1] / "../shared/photos"
WITHOUT = ("faces/*.jpg", "wrinkles/images/*", "lesions/*.jpg")
OF_EACH = 6


def opened(path: Path) -> Photo:
    """Open by content: one photo of the set has an ending that does not fit it, which `load_photo` rightly refuses."""
    return from_array(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB))


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PHOTOS / "colourcard"
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".jpg", ".png"))
    if not paths:
        print(f"no photos in {folder}: nothing measured")
        return 0
    cv2.setNumThreads(1)
    print(f"{'photo':<32}{'before':>8}{'after':>8}{'left out':>10}{'patches':>9}{'pitch px':>10}{'seconds':>9}   mean ΔE2000")
    errors = []
    for path in paths:
        photo = opened(path)
        start = time.perf_counter()
        card = find_card(photo)
        seconds = time.perf_counter() - start
        if card is None:
            print(f"{path.name:<32}not found{seconds:>44.2f}")
            continue
        error = errors_of(card)
        errors.append((error.before, error.after, error.left_out))
        print(f"{path.name:<32}{error.before:>8.2f}{error.after:>8.2f}{error.left_out:>10.2f}"
              f"{card.usable.sum():>9}{card.pitch:>10.1f}{seconds:>9.2f}")  # fmt: skip
    before, after, left_out = np.mean(errors, 0) if errors else (0.0, 0.0, 0.0)
    print(f"{'mean':<32}{before:>8.2f}{after:>8.2f}{left_out:>10.2f}   must: after lower than before")
    print(f"found {len(errors)} of {len(paths)}; must 9 of 10, aim 10 of 10")
    empty = [path for pattern in WITHOUT for path in sorted(PHOTOS.glob(pattern))[:OF_EACH]]
    print(f"seen in {sum(find_card(opened(path)) is not None for path in empty)} of {len(empty)} photos without a card")
    return 0 if len(errors) >= 0.9 * len(paths) and after < before else 1


if __name__ == "__main__":
    sys.exit(main())
