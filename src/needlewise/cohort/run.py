"""A whole cohort: manifest in, Parquet out, with progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from needlewise import __version__
from needlewise.cohort.engines import Compare, with_dask, with_processes
from needlewise.cohort.manifest import Pair, read_manifest
from needlewise.cohort.parts import Parts
from needlewise.cohort.table import need_pyarrow, rows_of, write_parquet
from needlewise.errors import InputError

__all__ = ["Summary", "run"]

SECONDS_APART = {True: 0.2, False: 30.0}  # between two lines of progress: on a terminal, and in a log


@dataclass(frozen=True)
class Summary:
    """How a run went; `resumed` pairs were already there, `failed` have an error instead of changes."""

    pairs: int
    resumed: int
    failed: int
    seconds: float


def run(
    manifest: Path, out: Path, compare: Compare, workers: int = 1, scheduler: str = "", progress: TextIO | None = None
) -> Summary:
    """Compare every pair of a manifest and write one Parquet file.

    Parameters
    ----------
    manifest : Path
        CSV with the columns pair, role, path, zone, control.
    out : Path
        The Parquet file. Results gather in `out` + ".parts" meanwhile, and stay there: a later run with more pairs measures
        only those.
    compare : callable
        From the rows of one pair to a dict as `compare --json` prints. It must be importable by name in a new process.
    workers : int
        Processes on this machine.
    scheduler : str
        Address of a running Dask scheduler, used instead of processes.
    progress : text stream
        stderr if absent.
    """
    if workers < 1:
        raise InputError("workers", workers, "1 or more")
    need_pyarrow()
    start = time.monotonic()
    pairs = read_manifest(manifest)
    made_by = f"{__version__} {compare.__module__}.{compare.__qualname__}"
    keys = {pair.name: pair.key(made_by) for pair in pairs}
    with Parts(out.with_name(out.name + ".parts")) as parts:
        todo = [pair for pair in pairs if keys[pair.name] not in parts]
        bar = Progress(len(pairs), len(pairs) - len(todo), progress or sys.stderr)
        if todo:
            results = with_dask(todo, compare, scheduler) if scheduler else with_processes(todo, compare, workers)
            for pair, result in results:
                parts.add(keys[pair.name], result)
                bar.step()
        bar.end()
        counts = {"failed": 0}
        write_parquet(_rows(pairs, keys, parts, counts), out)
    return Summary(len(pairs), len(pairs) - len(todo), counts["failed"], time.monotonic() - start)


def _rows(pairs: list[Pair], keys: dict[str, str], parts: Parts, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield every row in the manifest's order, reading one result at a time, and count the errors."""
    for pair in pairs:
        result = parts.read(keys[pair.name])
        counts["failed"] += "error" in result
        yield from rows_of(pair, result)


class Progress:
    """One line on a terminal, or a line now and then in a log."""

    def __init__(self, total: int, done: int, stream: TextIO) -> None:
        self.total, self.done, self.begun = total, done, done
        self.stream, self.terminal = stream, stream.isatty()
        self.start = self.shown = time.monotonic()

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.shown >= SECONDS_APART[self.terminal]:
            self.shown = now
            self._show((now - self.start) / (self.done - self.begun) * (self.total - self.done))

    def end(self) -> None:
        self._show(0)
        if self.terminal:
            self.stream.write("\n")

    def _show(self, left_s: float) -> None:
        filled = round(24 * self.done / self.total)
        left = f", about {left_s / 60:.0f} min left" if left_s >= 90 else f", about {left_s:.0f} s left" if left_s >= 1 else ""
        line = f"[{'#' * filled}{'.' * (24 - filled)}] {self.done} of {self.total} pairs{left}"
        self.stream.write(f"\r{line:<72}" if self.terminal else f"{line}\n")
        self.stream.flush()
