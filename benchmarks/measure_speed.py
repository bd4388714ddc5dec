"""Time and memory of measuring, against the bare decode of the same photos, in one run.

    python benchmarks/measure_speed.py [rounds]

Each round does everything once, so that a slow moment of the machine touches all alike; medians of the rounds' ratios are
printed, each beside what it must and should reach. One thread, on a drawn face. A plain version of the steps is timed where
scikit-image is installed (pip install scikit-image), Dask where distributed is, HEIC where heif-enc is (Debian:
libheif-examples). Two workers need two idle cores: the load of the machine is printed first.
"""

# ruff: noqa: E402 - threads are limited before numpy is loaded

from __future__ import annotations

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # before numpy is loaded
    os.environ[name] = "1"

import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from needlewise.cli.measure import compare_rows
from needlewise.cohort.engines import with_dask, with_processes
from needlewise.cohort.manifest import Pair
from needlewise.measure.pair import compare
from needlewise.simulate.portrait import Day, portrait

ROUNDS = 9
SHAPE, LARGE = (4032, 3024), (8064, 6048)  # rows and columns: a phone's 12 and 48 megapixels
QUALITY, GRAIN = 95, 4.0  # what phones write: about 3.5 MB at 12 megapixels
SCRIPT = str(Path(sys.executable).with_name("needlewise"))
COHORT_PAIRS = 24
IDLE_PAIRS = 400
MISSED: list[str] = []


def line(what: str, value: float, must: float, aim: float | None = None, unit: str = "x", least: bool = False) -> None:
    """Print one figure beside its targets."""

    def meets(target: float | None) -> bool:
        return target is None or (value >= target if least else value <= target)

    word = "MISSED" if not meets(must) else "reaches the aim" if meets(aim) else "holds"
    sign = "at least" if least else "at most"
    aimed = "" if aim is None else f", aim {aim:g}"
    print(f"{what:<58}{value:8.2f} {unit:<3} must be {sign} {must:g}{aimed}: {word}", flush=True)
    if word == "MISSED":
        MISSED.append(what)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def photo(number: int, after: bool) -> NDArray[np.uint8]:
    """Draw one shot at 12 megapixels, with the grain that enlarging smoothed away; afterwards one cheek is redder."""
    small = portrait(Day(seed=number, redness={"cheek-right": 4.0} if after else {}))
    large = cv2.resize(small, SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(number).standard_normal(large.shape, np.float32) * np.float32(GRAIN)
    return np.clip(large + grain, 0, 255).astype(np.uint8)


def draw(folder: Path) -> dict[str, list[Path]]:
    """Write three shots a side at 12 megapixels and one at 48, in every format."""
    files: dict[str, list[Path]] = {"jpg": [], "large jpg": [], "png": [], "tif": [], "heic": []}
    for number in range(6):
        picture = photo(number, number >= 3)
        path = folder / f"{number}.jpg"
        Image.fromarray(picture).save(path, quality=QUALITY, subsampling=2)
        files["jpg"].append(path)
        if number % 3:
            continue
        large = Image.fromarray(cv2.resize(picture, LARGE[::-1], interpolation=cv2.INTER_CUBIC))
        for kind, ending, options in (("large jpg", "large.jpg", {"quality": QUALITY, "subsampling": 2}), ("tif", "tif", {}),
                                      ("png", "png", {"compress_level": 1})):  # fmt: skip
            path = folder / f"{number}.{ending}"
            large.save(path, **options)
            files[kind].append(path)
        if shutil.which("heif-enc"):
            path = folder / f"{number}.heic"
            subprocess.run(["heif-enc", "-q", "60", "-p", "preset=ultrafast", "-o", path, files["large jpg"][-1]], check=True,
                           capture_output=True)  # fmt: skip
            files["heic"].append(path)
    return files


def decode(paths: Iterable[Path]) -> None:
    for path in paths:
        simplejpeg.decode_jpeg(path.read_bytes(), "RGB")


def pairs(files: dict[str, list[Path]], rounds: int) -> float:
    """Time pairs against the bare decode; return the median time of one warm pair."""
    before, after = files["jpg"][:3], files["jpg"][3:]
    one = [before[0], after[0]]
    work = {
        "decode": lambda: decode(one),
        "pair": lambda: compare(before[:1], after[:1]),
        "three": lambda: compare(before, after),
        "large": lambda: compare(files["large jpg"][:1], files["large jpg"][1:]),
        "cold": lambda: subprocess.run([SCRIPT, "compare", "--before", one[0], "--after", one[1], "--json"], check=True,
                                       stdout=subprocess.DEVNULL),
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, do in work.items():
            taken = seconds(do)
            if number:  # the first round warms files, networks and caches
                times[name].append(taken)
    ratio = {(a, b): statistics.median(x / y for x, y in zip(times[a], times[b], strict=True)) for a in times for b in times}
    middle = {name: statistics.median(values) for name, values in times.items()}
    print(f"bare decode {middle['decode']:.3f} s, warm pair {middle['pair']:.3f} s (medians of {rounds} rounds)")
    line("warm pair over the bare decode of its two photos", ratio["pair", "decode"], 5, 3)
    line("three shots a side over one pair", ratio["three", "pair"], 3.2)
    line("pair of 48 megapixels over one of 12", ratio["large", "pair"], 3, 2)
    line("cold command", middle["cold"], 2 * middle["pair"] + 0.4, unit="s")
    return middle["pair"]


def plain(files: dict[str, list[Path]], rounds: int) -> None:
    if importlib.util.find_spec("skimage") is None:
        print("plain scikit-image version: not timed, scikit-image is not installed")
        return
    import plain_pair

    before, after = files["jpg"][0], files["jpg"][3]
    ratios = []
    for number in range(max(2, rounds // 3) + 1):
        both = seconds(lambda: plain_pair.compare(before, after)), seconds(lambda: compare([before], [after]))
        if number:
            ratios.append(both[0] / both[1])
    line("plain scikit-image version over the warm pair", statistics.median(ratios), 20, 40, least=True)


PEAK = """
import resource, sys
from needlewise.measure.pair import compare
from needlewise.simulate.portrait import Day, portrait
compare(sys.argv[1:2], sys.argv[2:3])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def memory(files: dict[str, list[Path]]) -> None:
    for kind, name in (("large jpg", "JPEG"), ("png", "PNG"), ("tif", "TIFF"), ("heic", "HEIC")):
        if not files[kind]:
            print(f"peak memory, {name}: not measured, heif-enc is not installed")
            continue
        done = subprocess.run([sys.executable, "-c", PEAK, *files[kind]], check=True, capture_output=True, text=True)
        line(f"peak memory of a pair of 48 megapixels, {name}", int(done.stdout) / 1024, 300, unit="MB")


def nothing(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Stand in for a comparison: a result of the usual size, at once."""
    change = {"zone": "chin", "what": "redness", "difference": 0.1, "low": -1.0, "high": 1.0, "basis": "x" * 200}
    return {"comparable": {}, "light": {"angle_deg": 1.0}, "alignment": {"error_px": 1.0, "inliers": 1}, "changes": [change] * 16}


def cohort_pairs(files: dict[str, list[Path]], count: int) -> Iterator[Pair]:
    row = {"pair": "", "role": "", "path": "", "zone": "", "control": ""}
    rows = tuple(row | {"role": role, "path": str(files["jpg"][at])} for role, at in (("before", 0), ("after", 3)))
    for number in range(count):
        yield Pair(str(number), rows)


def timed(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Compare, and say how much processor time that took in its own process, which other work on the machine hardly changes."""
    start = time.process_time()
    compare_rows(rows)
    return {"cpu": time.process_time() - start}


def run(done: Iterable[tuple[Pair, str]], workers: int) -> tuple[float, float]:
    """Return seconds a pair from the first results of all workers to the last of all, and the median processor time of a pair."""
    times, spent = [], []
    for _, result in done:
        times.append(time.perf_counter())
        spent.append(json.loads(result).get("cpu", 0.0))
    warm = 2 * workers
    return (times[-1] - times[warm - 1]) / (len(times) - warm), statistics.median(spent[warm:])


def engines(files: dict[str, list[Path]]) -> None:
    once = list(next(cohort_pairs(files, 1)).rows)
    compare_rows(once)
    spent = [timed(once)["cpu"] for _ in repeat(None, COHORT_PAIRS)]
    (one, one_cpu), (two, two_cpu) = (run(with_processes(cohort_pairs(files, COHORT_PAIRS * n), timed, n), n) for n in (1, 2))
    idle, _ = run(with_processes(cohort_pairs(files, IDLE_PAIRS), nothing, 1), 1)
    line("two workers over one, by the clock", one / two, 1.8, least=True)
    line("a pair with two workers over one with one, processor time", two_cpu / one_cpu, 2 / 1.8)
    line("what the engine adds to a pair", 100 * idle / statistics.median(spent), 2, unit="%")
    if importlib.util.find_spec("distributed") is None:
        print("Dask: not timed, distributed is not installed")
        return
    from distributed import LocalCluster

    with LocalCluster("127.0.0.1:0", n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        _, under = run(with_dask(cohort_pairs(files, COHORT_PAIRS), timed, cluster.scheduler_address), 1)
    spent += [timed(once)["cpu"] for _ in repeat(None, COHORT_PAIRS)]  # before and after: other work comes and goes
    line("a pair under Dask over a serial one, processor time", under / statistics.median(spent), 1.1)


GROWTH = """
import sys, time
from needlewise.measure.pair import compare
from needlewise.simulate.portrait import Day, portrait
times = []
for number in range(40):
    start = time.perf_counter()
    compare(sys.argv[1:2], sys.argv[2:3])
    times.append(time.perf_counter() - start)
    if number in (9, 39):
        print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
print(sorted(times[20:])[10] / sorted(times[2:20])[9])
"""


def growth(files: dict[str, list[Path]]) -> None:
    command = [sys.executable, "-c", GROWTH, files["jpg"][0], files["jpg"][3]]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    early, late, slower = (float(value) for value in done.stdout.split())
    line("peak memory after 40 pairs over that after 10", late / early, 1.05)
    line("pairs 21 to 40 over pairs 3 to 20, time", slower, 1.1)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        files = draw(Path(folder))
        size = files["jpg"][0].stat().st_size / 1e6
        print(f"a drawn face, {SHAPE[0]} x {SHAPE[1]} px, JPEG of {size:.1f} MB; one thread")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        pairs(files, rounds)
        plain(files, rounds)
        memory(files)
        engines(files)
        growth(files)
    print(f"missed: {', '.join(MISSED)}" if MISSED else "every must is reached")
    return 1 if MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
