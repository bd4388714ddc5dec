"""How well the raking gate tells a lamp at 50 to 60° from one elsewhere: `measure_raking.py [FOLDER]`.

Cropped Extended Yale B: 18 people, one bare flash each time, its true place in the file's name. Lamps within 20° of the height of
the nose are judged for the side they stand on. Prints, for each true angle, what was read and the share that is accepted.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from needlewise.errors import InputError
from needlewise.measure.capture import RAKING_DEG
from needlewise.measure.pair import open_shot
from needlewise.measure.raking import TOLERANCE, lamp_faults

FOLDER = Path(__file__).parents[2] / "shared" / "photos" / "relit"
LEVEL = 20  # degrees up or down


def main(folder: Path) -> int:
    read: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for path in sorted(folder.glob("*/*")):
        place = re.search(r"A([+-]\d+)E([+-]\d+)", path.name)
        if place is None or abs(int(place[2])) > LEVEL or not int(place[1]):
            continue
        azimuth = -int(place[1])  # the set counts towards the person's right
        try:
            light = open_shot(path).light
        except InputError:
            continue
        side = "left" if azimuth > 0 else "right"
        towards = light.azimuth_deg if side == "left" else -light.azimuth_deg
        read[abs(azimuth)].append((towards, not lamp_faults(light, side)))
    print(f"wanted {RAKING_DEG[0]:g} to {RAKING_DEG[1]:g}°, tolerance {TOLERANCE:g}°")
    print("true   n   read: 5 %, median, 95 %   accepted")
    for angle, found in sorted(read.items()):
        values, good = np.array([v for v, _ in found]), np.mean([g for _, g in found])
        low, middle, high = np.percentile(values, [5, 50, 95])
        print(f"{angle:3d}° {len(found):4d}   {low:6.0f} {middle:6.0f} {high:6.0f}          {good:4.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
