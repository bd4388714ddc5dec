"""Draw the pictures of docs/simulate.md anew: `python scripts/make_pictures.py`.

The photographs are generated, as in the tests (tests/measure/imprint_photos.py and imprint_scenes.py); nobody's device is shown.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "measure"))
import imprint_photos as photos  # noqa: E402
import imprint_scenes as scenes  # noqa: E402

ROLLER = photos.Device(
    "roller", 8, 24, 10.0, 2.5, 0.5, (0.2, 0.2), (0.0, 0.5) * 4,
    missing=frozenset({(1, 3), (6, 17)}), bent={(2, 5): (0.3, 0.1), (4, 20): (-0.1, 0.4)},
)  # fmt: skip
GOOD = photos.Shot("ruler", 12, tilt_deg=4, blur_px=0.4, shadow=0.1)
LOOK = scenes.Look("wood", "steel", hole="fibre", contrast=0.9, turn=3, beside=2)


def shot(device: photos.Device, how: photos.Shot, look: scenes.Look, seed: int = 8) -> np.ndarray:
    data = np.frombuffer(scenes.photograph(device, how, look, seed), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def fit(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Scale down and cut to the size."""
    k = max(width / image.shape[1], height / image.shape[0])
    image = cv2.resize(image, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
    y, x = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[y : y + height, x : x + width]


def near(image: np.ndarray, side: int) -> np.ndarray:
    """Cut out the middle, where the imprint lies, at full size."""
    y, x = image.shape[0] // 2, image.shape[1] // 2
    return image[y - side // 2 : y + side // 2, x - side // 2 : x + side // 2]


def save(name: str, image: np.ndarray, quality: int = 80) -> None:
    cv2.imwrite(str(ROOT / "docs" / name), image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])


def main() -> None:
    save("imprint-good.jpg", fit(shot(ROLLER, GOOD, LOOK), 900, 675))
    sheet = replace(GOOD, scale="paper-a4", tilt_deg=0.5, specks=0)
    disc = replace(ROLLER, hole_mm=(0.5, 0.12))
    close = [
        shot(ROLLER, sheet, LOOK), shot(disc, sheet, LOOK),
        shot(ROLLER, replace(sheet, surface="backlit"), replace(LOOK, hole="soft")),
        shot(ROLLER, replace(sheet, surface="foil"), LOOK), shot(ROLLER, replace(sheet, blur_px=5.0), LOOK),
    ]  # fmt: skip
    gap = np.full((300, 8, 3), 255, np.uint8)
    tiles = [cv2.resize(near(image, 150), (300, 300), interpolation=cv2.INTER_CUBIC) for image in close]
    save("imprint-holes.jpg", np.hstack([part for tile in tiles for part in (tile, gap)][:-1]), 70)


if __name__ == "__main__":
    main()
