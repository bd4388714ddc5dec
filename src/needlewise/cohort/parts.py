"""Results as they come: JSON lines that are only ever appended to, one new file a run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Parts"]


class Parts:
    """A folder of part files, and where in them each pair's result begins.

    Only places are kept in memory. A run that was killed may leave half a line at the end of its file: it is passed over, and
    because every run writes a file of its own, nothing is ever appended to half a line.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places: dict[str, tuple[Path, int]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob("part-*.jsonl")):
            for place, line in _whole_lines(path):
                self.places[str(line["key"])] = (path, place)
        self.path, self.file = self._next_file()

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.fsync(self.file)
        os.close(self.file)
        if not self.path.stat().st_size:
            self.path.unlink()

    def __contains__(self, key: str) -> bool:
        return key in self.places

    def add(self, key: str, result: str) -> None:
        """Append a result, which is a JSON text."""
        place = os.lseek(self.file, 0, os.SEEK_END)
        line = f'{{"key": {json.dumps(key)}, "result": {result}}}\n'.encode()
        while line:
            line = line[os.write(self.file, line) :]
        self.places[key] = (self.path, place)

    def read(self, key: str) -> dict[str, Any]:
        """Return the result of a key."""
        path, place = self.places[key]
        with path.open("rb") as file:
            file.seek(place)
            result: dict[str, Any] = json.loads(file.readline())["result"]
        return result

    def _next_file(self) -> tuple[Path, int]:
        number = 1
        while True:
            path = self.folder / f"part-{number:05d}.jsonl"
            try:
                return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            except FileExistsError:
                number += 1


def _whole_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    place = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                try:
                    read = json.loads(line)
                except ValueError:
                    read = None
                if isinstance(read, dict) and {"key", "result"} <= read.keys():
                    yield place, read
            place += len(line)
