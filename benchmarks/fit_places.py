"""Fit the map of where wrinkle lines are, and write it where the package reads it: `fit_places.py FOLDER`.

FOLDER holds images/ and masks/ (3 = wrinkle line). Only rates over all faces leave the fit.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.measure.face import Face, find_face
from needlewise.measure.photo import load_photo
from needlewise.measure.places import LEAST, MOST, SIDE, STRENGTH, to_map
from needlewise.measure.texture import thin
from needlewise.measure.zones import skin_mask, zone_mask

TABLE = Path(__file__).parents[1] / "src" / "needlewise" / "measure" / "data" / "places.json"
WRINKLE = 3
BLUR = 1.1  # px of the map
FACES = 2.0  # an average face's worth of evidence added everywhere, so that unseen places are near average
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


def counts(marked: Mask, skin: Mask, face: Face) -> NDArray[np.float64]:
    """Marked line and seen skin of one face on the map, 2 x SIDE x SIDE."""
    drawn = cv2.dilate((marked & skin).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    moved = [cv2.warpAffine(image, to_map(face), (SIDE, SIDE)) for image in (drawn, skin.astype(np.float32))]
    return np.array([cv2.GaussianBlur(image, (0, 0), BLUR) for image in moved], np.float64)


def fit(every: Iterable[NDArray[np.float64]]) -> Image:
    """Rate of marked lines over its mean, both sides pooled, raised to STRENGTH and held in bounds."""
    drawn, seen = np.sum(list(every), axis=0)
    drawn, seen = drawn + drawn[:, ::-1], seen + seen[:, ::-1]
    average = drawn.sum() / seen.sum()
    rate = (drawn + FACES * average) / (seen + FACES)
    return np.clip((rate / average) ** STRENGTH, LEAST, MOST).astype(np.float32)


def main() -> None:
    folder = Path(sys.argv[1])
    every = []
    for path in sorted(folder.glob("images/*.jpg")):
        photo = load_photo(path)
        face = find_face(photo)
        skin = zone_mask(photo, face, "face", skin_mask(photo, face))
        marks = cv2.imread(str(folder / "masks" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED)
        every.append(counts(thin(marks == WRINKLE), skin, face))
    table = fit(every)
    parts = {
        "provenance": f"fitted by benchmarks/fit_places.py on wrinkle marks of {len(every)} faces (masks under the MIT licence)",
        "weights": np.round(table.astype(float), 2).tolist(),
    }
    TABLE.write_text(json.dumps(parts).replace('"weights"', '\n"weights"').replace("], [", "],\n[") + "\n")
    print(f"{TABLE.name}: {TABLE.stat().st_size} bytes from {len(every)} faces")


if __name__ == "__main__":
    main()
