"""Time start-up against a bare interpreter, planning on its own, and simulation against its limits.

Each round runs every command once, so a slow moment on the machine touches all of them alike.
"""

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

import needlewise
from needlewise.simulate.coverage import measure
from needlewise.simulate.curved import curved_coverage
from needlewise.simulate.geometry import Roller
from needlewise.simulate.strikes import Technique, strikes

ROUNDS = 21
PLANS = 1000
SAMPLE = Path(needlewise.__file__).parent / "sample" / "me.toml"
SCRIPT = str(Path(sys.executable).with_name("needlewise"))
BARE = [sys.executable, "-X", "frozen_modules=on", "-c", "pass"]
# name: command, limit and aim, both as multiples of a bare interpreter
COMMANDS = {
    "needlewise --help": ([SCRIPT, "--help"], 8, 4),
    "needlewise plan me.toml": ([SCRIPT, "plan", str(SAMPLE)], 20, 10),
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def start_up() -> bool:
    bare: list[float] = []
    ratios: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for command in (BARE, *(command for command, _, _ in COMMANDS.values())):
        seconds(command)  # warm the disk cache
    for _ in range(ROUNDS):
        bare.append(seconds(BARE))
        for name, (command, _, _) in COMMANDS.items():
            ratios[name].append(seconds(command) / bare[-1])
    print(f"{'python -c pass':<26}{statistics.median(bare) * 1000:7.1f} ms   median of {ROUNDS} rounds")
    kept = True
    for name, (_, limit, aim) in COMMANDS.items():
        ratio = statistics.median(ratios[name])
        word = "reaches the aim" if ratio <= aim else "within the limit" if ratio <= limit else "TOO SLOW"
        print(f"{name:<26}{ratio:7.2f} x    limit {limit} x, aim {aim} x: {word}")
        kept = kept and ratio <= limit
    return kept


def planning() -> None:
    person = needlewise.load_person(SAMPLE)
    needlewise.plan(person)  # read the knowledge once
    times = []
    for _ in range(PLANS):
        start = time.perf_counter()
        needlewise.plan(needlewise.load_person(SAMPLE))
        times.append((time.perf_counter() - start) * 1000)
    tail = statistics.quantiles(times, n=20)[-1]
    print(
        f"{'read a person and plan':<26}{statistics.median(times):7.2f} ms   median of {PLANS}; 95th centile {tail:.2f}"
    )


def simulating() -> bool:
    rng = np.random.default_rng(1)
    roller = Roller(540, 20, 20, 9)
    numbers = rng.integers(0, 10_000, 2_000_000)
    count = best(lambda: np.bincount(numbers, minlength=10_000)) / len(numbers)
    drawn = sum(len(hits) for hits in strikes(roller, Technique(20), 200, rng))
    strike = best(lambda: [len(hits) for hits in strikes(roller, Technique(20), 200, rng)]) / drawn
    points = np.concatenate(list(strikes(roller, Technique(21), 53, rng)))
    session = best(lambda: measure(np.concatenate(list(strikes(roller, Technique(21), 53, rng))), 50, rng))
    face = best(lambda: curved_coverage(roller, Technique(20)))
    ok = count / strike >= 0.15, session <= 0.3, face <= 1.5
    print(f"{'strikes alone':<26}{count / strike:7.2f} of numpy.bincount's rate, limit 0.15: {'kept' if ok[0] else 'TOO SLOW'}")
    print(f"{f'{len(points)} strikes measured':<26}{session:7.3f} s    limit 0.3 s, aim 0.1 s: {'kept' if ok[1] else 'TOO SLOW'}")
    print(f"{'a curved face':<26}{face:7.3f} s    limit 1.5 s: {'kept' if ok[2] else 'TOO SLOW'}")
    return all(ok) and scaling(roller, rng)


def scaling(roller: Roller, rng: np.random.Generator) -> bool:
    """Draw ten times the strikes: the time must grow in step, and memory hold some passes, not all."""

    def drawn(passes: int) -> int:
        return sum(len(hits) for hits in strikes(roller, Technique(passes), 53, rng))

    few, many = 100, 1000
    growth = best(lambda: drawn(many)) / best(lambda: drawn(few)) / (drawn(many) / drawn(few))
    peaks = []
    for passes in (few, many):
        tracemalloc.start()
        drawn(passes)
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    ok = growth <= 1.2, peaks[1] <= 1.2 * peaks[0]
    words = ["kept" if so else "TOO MUCH" for so in ok]
    print(f"{'ten times the strikes':<26}{growth:7.2f} of ten times the time, limit 1.2: {words[0]}")
    print(f"{'their peak memory':<26}{peaks[1]:7.1f} MB   {peaks[0]:.1f} MB for a tenth, limit 1.2 times: {words[1]}")
    return all(ok)


def best(work: Callable[[], object]) -> float:
    """Return the shortest of a few runs, in seconds."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    kept = start_up()
    planning()
    kept = simulating() and kept
    sys.exit(0 if kept else 1)
