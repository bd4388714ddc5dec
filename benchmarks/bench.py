"""Time start-up against a bare interpreter, and planning on its own.

Each round runs every command once, so a slow moment on the machine touches all of them alike.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import needlewise

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


if __name__ == "__main__":
    kept = start_up()
    planning()
    sys.exit(0 if kept else 1)
