"""Fit the map from shading to light, and write it where the package reads it.

`python benchmarks/fit_light.py FOLDER` with FOLDER holding one folder per person, pictures 168x192 named by azimuth and elevation
as in the cropped Extended Yale B set. Only averages over all people and lights leave the fit: no picture can be got back.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.measure.face import frame_face
from needlewise.measure.light import BRIGHT, CELLS, CORNERS, ENCODE, FLOOR, LightTable, shading_pattern
from needlewise.measure.photo import load_photo
from needlewise.measure.quality import interlaced
from needlewise.measure.zones import luminance

TABLE = Path(__file__).parents[1] / "src" / "needlewise" / "measure" / "data" / "light.json"
RIDGE = 30.0  # added to the normal equations; the result hardly moves between 10 and 100
SOFT = 60  # soft lights made from each person
SPREADS = (3.0, 6.0, 12.0, 30.0)  # concentration of the von Mises-Fisher spread of a soft light
AMBIENT = (0.0, 0.2, 0.4)  # share of light from everywhere
NAME = re.compile(r"(yaleB\d+)_P00A([+-]\d+)E([+-]\d+)\.png$")
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lit:
    """One picture with its true light: unit `vector` to the person's own left, up, ahead."""

    person: str
    name: str
    vector: Array
    light: NDArray[np.float32]  # linear luminance

    @property
    def angle(self) -> float:
        return float(np.degrees(np.arccos(np.clip(self.vector[2], -1, 1))))


def pictures(folder: Path) -> list[Lit]:
    """Read the set; pictures whose two interlaced halves differ in brightness (a fault of the camera) are left out."""
    found = []
    for path in sorted(folder.glob("*/*.png")):
        match = NAME.search(path.name)
        if match is None:
            continue
        azimuth, elevation = np.radians([-float(match[2]), float(match[3])])  # the set counts azimuth to the person's right
        vector = np.array([np.cos(elevation) * np.sin(azimuth), np.sin(elevation), np.cos(elevation) * np.cos(azimuth)])
        light = luminance(load_photo(path).pixels)
        if not interlaced(light):
            found.append(Lit(match[1], path.name, vector, light))
    return found


def soft_lights(lit: list[Lit], rng: np.random.Generator) -> tuple[Array, Array]:
    """Sum one person's pictures into soft lights: patterns, and their light vectors.

    The pictures are summed in the camera's own numbers, which are near to linear in light.
    """
    vectors = np.array([one.vector for one in lit])
    cells = np.array([cv2.resize(one.light ** np.float32(ENCODE), CELLS, interpolation=cv2.INTER_AREA) for one in lit])
    patterns, targets = [], []
    for _ in range(SOFT):
        weight = np.exp(rng.choice(SPREADS) * (vectors @ vectors[rng.integers(len(lit))] - 1))
        ambient = rng.choice(AMBIENT)
        weight = (1 - ambient) * weight / weight.sum() + ambient / len(lit)
        made = np.tensordot(weight, cells, 1).ravel()
        logs = np.log(made / np.quantile(made, BRIGHT) + FLOOR)
        patterns.append(logs - logs.mean())
        targets.append(weight @ vectors)
    return np.array(patterns), np.array(targets)


def samples(lit: list[Lit]) -> dict[str, tuple[Array, Array]]:
    """Patterns and light vectors of each person, bare and soft lights alike, in the order of `lit`."""
    rng = np.random.default_rng(1)
    made = {}
    for person in sorted({one.person for one in lit}):
        own = [one for one in lit if one.person == person]
        everywhere = np.ones(own[0].light.shape, bool)
        bare = np.array([shading_pattern(one.light, everywhere) for one in own])
        soft, targets = soft_lights(own, rng)
        made[person] = np.vstack([bare, soft]), np.vstack([[one.vector for one in own], targets])
    return made


def fit(patterns: Array, vectors: Array, corners: Array) -> LightTable:
    """Ridge regression of light vectors on patterns."""
    pattern, vector = patterns.mean(axis=0), vectors.mean(axis=0)
    beyond = patterns - pattern
    weights = np.linalg.solve(beyond.T @ beyond + RIDGE * np.eye(beyond.shape[1]), beyond.T @ (vectors - vector))
    return LightTable(pattern, vector, weights, corners)


def main() -> None:
    folder = Path(sys.argv[1])
    lit = pictures(folder)
    made = samples(lit)
    frontal = [frame_face(load_photo(folder / one.person / one.name)).points for one in lit if one.angle < 1]
    corners = np.mean([points[list(CORNERS)] for points in frontal], axis=0, dtype=np.float64)
    table = fit(*(np.vstack([both[part] for both in made.values()]) for part in (0, 1)), corners)
    parts = {
        "provenance": f"fitted by benchmarks/fit_light.py on {len(lit)} pictures of {len(made)} people, cropped Extended Yale B "
        "(Georghiades et al. 2001, IEEE TPAMI 23:643; Lee et al. 2005, IEEE TPAMI 27:684)",
        "corners": np.round(table.corners, 1).tolist(),
        "vector": np.round(table.vector, 4).tolist(),
        "pattern": np.round(table.pattern, 3).tolist(),
        "weights": np.round(table.weights, 4).tolist(),
    }
    TABLE.write_text(json.dumps(parts).replace('"weights": ', '\n"weights": ').replace('"pattern"', '\n"pattern"') + "\n")
    print(f"{TABLE.name}: {TABLE.stat().st_size} bytes from {len(lit)} pictures of {len(made)} people")


if __name__ == "__main__":
    main()
