"""The same skin through many cameras under many lights: how far do the colour indices move?

    python benchmarks/measure_spectra.py

50 people's reflectance (NIST, doi 10.18434/M38597), the sensitivities of every camera in the shared set and six lights (CIE 15:
D65, A, FL2, LED-B3, LED-B5, D50). The index of the same skin moves by tens of units between cameras and lights; its
difference to a control patch in the same photo must not.
"""

import sys
from pathlib import Path

import numpy as np
import rephotograph as sim
from measure_relit import line
from numpy.typing import NDArray

from needlewise.measure.colour import pigment, redness

Array = NDArray[np.float64]
WAVES = np.arange(400, 721, 10)
SPECTRA = sim.PHOTOS / "spectra"


def people() -> Array:
    """Mean reflectance of each person (people x wavelengths)."""
    path = SPECTRA / "skin_reflectance.csv"
    names = path.read_text().split("\n", 1)[0].split(",")[1:]
    table = np.genfromtxt(path, delimiter=",", skip_header=1)
    each = np.array([np.interp(WAVES, table[:, 0], column) for column in table[:, 1:].T])
    owners = np.array([name.split("_")[0] for name in names])
    return np.array([each[owners == owner].mean(0) for owner in dict.fromkeys(owners)])


def cameras() -> list[Array]:
    """Sensitivities (wavelengths x 3) of every camera measured over the visible range."""
    found = []
    for path in sorted((SPECTRA / "camera_sensitivities").rglob("*.csv")):
        rows = [line.split(",")[:4] for line in path.read_text(encoding="latin1").splitlines() if line[:1].isdigit()]
        table = np.array([[float(value) for value in row] for row in rows if len(row) == 4])
        if table.ndim == 2 and table[0, 0] <= 420 and table[-1, 0] >= 700:
            found.append(np.stack([np.interp(WAVES, table[:, 0], table[:, k]) for k in (1, 2, 3)], 1))
    return found


def haemoglobin() -> Array:
    """Absorbance of 70 % oxygenated blood, scaled to one unit between 568 and 655 nm (Prahl)."""
    table = np.genfromtxt(SPECTRA / "hb_prahl.csv", skip_header=2)
    blood = 0.7 * np.interp(WAVES, table[:, 0], table[:, 1]) + 0.3 * np.interp(WAVES, table[:, 0], table[:, 2])
    return (blood / (np.interp(568, WAVES, blood) - np.interp(655, WAVES, blood))).astype(np.float64)


def melanin() -> Array:
    """Absorbance of melanin, 6.6e11 * wavelength^-3.33 (Jacques 2013, doi 10.1088/0031-9155/58/11/R37), one unit at 655 nm."""
    return np.asarray((WAVES / 655.0) ** -3.33)


def main() -> int:
    """Print the table."""
    skin, sensors = people(), cameras()
    lights = np.genfromtxt(Path(__file__).with_name("lights.csv"), delimiter=",", skip_header=1)[:, 1:].T
    shots = [(sensor, light) for sensor in sensors for light in lights]
    print(f"{len(skin)} people x {len(sensors)} cameras x {len(lights)} lights")
    index_655 = -100 * np.log10([np.interp(655, WAVES, person) for person in skin])
    moved: dict[str, tuple[float, float]] = {}
    for name, index in (("redness", redness), ("pigment", pigment)):
        seen = np.array([index((skin * light) @ sensor) for sensor, light in shots])
        gained = np.array([index(((skin * light) @ sensor) * [1.7, 0.9, 0.6]) for sensor, light in shots])
        control, control_gained = seen[:, 1:] - seen[:, :1], gained[:, 1:] - gained[:, :1]
        added = [
            np.mean(
                [
                    index((skin * 10 ** (-0.1 * extra) * light) @ sensor) - row
                    for (sensor, light), row in zip(shots, seen, strict=True)
                ]
            )
            for extra in (haemoglobin(), melanin())
        ]
        match = np.mean([abs(np.corrcoef(row, index_655)[0, 1]) for row in seen])
        print(
            f"{name}: the same skin, SD {seen.std(0).mean():5.2f} as it is, {control.std(0).mean():5.2f} against a control; "
            f"gains move it by {np.abs(control - control_gained).max():.0e}; 10 units of blood read {added[0]:+.1f}, "
            f"of melanin {added[1]:+.1f}; |r| with melanin at 655 nm {match:.2f}"
        )
        moved[name] = float(control.std(0).mean()), float(np.abs(control - control_gained).max())
    good = [
        line("redness against a control, SD over cameras and lights", moved["redness"][0], (0, 0.42), "–", ""),
        line("channel gains move redness by, millionths", 1e6 * moved["redness"][1], (0, 1), "–", ""),
        line("channel gains move pigment by, millionths", 1e6 * moved["pigment"][1], (0, 1), "–", ""),
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    if not SPECTRA.is_dir():
        sys.exit(f"the shared spectra are not at {SPECTRA}")
    sys.exit(main())
