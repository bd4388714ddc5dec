"""How the texture index and the drawn lines agree with wrinkles marked by hand: `measure_wrinkles.py [FOLDER]`.

FOLDER holds images/ and masks/ (3 = wrinkle line). The index is compared by rank with the length of the marked lines in the same
skin over the distance between the eyes; F1 counts a pixel of a thinned line as right within 3 px of one of the other's, and is
the mean over faces with at least 20 px of marked lines. Exit status 1 when a *must* is missed.
"""

import os
import sys

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from fit_places import WRINKLE, counts, fit
from numpy.typing import NDArray

from needlewise.measure.face import Face, find_face
from needlewise.measure.photo import load_photo
from needlewise.measure.places import line_places
from needlewise.measure.texture import ridge_index, ridge_lines, thin
from needlewise.measure.zones import luminance, skin_mask, zone_mask

FOLDER = Path(__file__).parents[2] / "shared" / "photos" / "wrinkles"
NEAR, MARKED = 3, 20  # px
Mask = NDArray[np.bool_]


def f1(found: Mask, marked: Mask) -> float:
    """Harmonic mean of the shares of found pixels near a mark and of marked pixels near a find."""
    if not found.any() or not marked.any():
        return 0.0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * NEAR + 1,) * 2)
    right = (found & (cv2.dilate(marked.astype(np.uint8), disc) > 0)).sum() / found.sum()
    seen = (marked & (cv2.dilate(found.astype(np.uint8), disc) > 0)).sum() / marked.sum()
    return float(2 * right * seen / (right + seen)) if right + seen else 0.0


def spearman(first: list[float], second: list[float]) -> float:
    """Rank correlation; equal values share their mean rank."""
    ranks = []
    for values in (np.array(first), np.array(second)):
        order = np.sort(values)
        ranks.append((np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right")) / 2)
    return float(np.corrcoef(*ranks)[0, 1])


def report(name: str, value: float, must: float, aim: float) -> bool:
    print(f"{name:40} {value:6.3f}  must ≥ {must:.2f}  aim {aim:.2f}  {'ok' if value >= must else 'MISSED'}")
    return value >= must


@dataclass(frozen=True, eq=False)
class Marked:
    """One face: its luminance, all its skin, the marked lines on it, and its share of the map of places."""

    light: NDArray[np.float32]
    skin: Mask
    marked: Mask
    face: Face
    counts: NDArray[np.float64]


def read(path: Path) -> Marked:
    photo = load_photo(path)
    face = find_face(photo)
    skin = zone_mask(photo, face, "face", skin_mask(photo, face))
    marks = cv2.imread(str(path.parents[1] / "masks" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED)
    marked = thin(marks == WRINKLE) & skin
    return Marked(luminance(photo.pixels), skin, marked, face, counts(marked, skin, face))


def main() -> int:
    cv2.setNumThreads(1)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    faces = [read(path) for path in sorted(folder.glob("images/*.jpg"))]
    scores, plain, index, drawn, length = [], [], [], [], []
    for own in faces:
        others = fit(other.counts for other in faces if other is not own)
        places = line_places(own.face, own.light.shape, others)
        scale = own.face.eyes_px
        lines = ridge_lines(own.light, own.skin, scale, places)
        index.append(ridge_index(own.light, own.skin, scale))
        drawn.append(float(lines.sum()) / scale)
        length.append(float(own.marked.sum()) / scale)
        if own.marked.sum() >= MARKED:
            scores.append(f1(lines, own.marked))
            plain.append(f1(ridge_lines(own.light, own.skin, scale), own.marked))
    print(f"{len(faces)} faces, {len(scores)} with lines; the map of places is fitted on the other faces")
    good = [
        report("index against marked length: rho", spearman(index, length), 0.50, 0.62),
        report("lines, F1 (3 px)", float(np.mean(scores)), 0.45, 0.50),
    ]
    print(f"{'  the same without the map of places':40} {np.mean(plain):6.3f}")
    print(f"{'length of drawn against marked lines: rho':40} {spearman(drawn, length):6.3f}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
