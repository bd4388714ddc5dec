"""The manifest: a CSV file with one row a photo."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from needlewise.errors import InputError, nearest

__all__ = ["COLUMNS", "Pair", "Row", "read_manifest"]

Row: TypeAlias = dict[str, str]

COLUMNS = ("pair", "role", "path", "zone", "control")
NEEDED = COLUMNS[:3]
ROLES = ("before", "after")
UNTREATED = "untreated"


@dataclass(frozen=True)
class Pair:
    """The photos of one comparison; `rows` have all of `COLUMNS`, "" where the manifest says nothing."""

    name: str
    rows: tuple[Row, ...]

    def key(self, made_by: str) -> str:
        """Return what its result depends on, as a digest: the rows, the files' sizes and times, and who measures.

        A photo that was replaced is measured again; a result of another version is never mixed in.
        """
        files = [_stamp(Path(row["path"])) for row in self.rows]
        said = json.dumps([made_by, self.name, self.rows, files], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


def read_manifest(path: Path, untreated: bool = False) -> list[Pair]:
    """Return the pairs in the order of their first rows. Photo paths are relative to the manifest's folder.

    With `untreated`, a third role marks the shots of a day on which nothing had been done; such a day needs no others.

    Raises
    ------
    InputError
        The file, a column, a role or a photo's path is missing, or a pair has no photo before or none after.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(reader.fieldnames or ())
            found: dict[str, list[Row]] = {}
            for row in reader:
                clean = _clean(row, f"line {reader.line_num}", path.parent, (*ROLES, UNTREATED) if untreated else ROLES)
                found.setdefault(clean["pair"], []).append(clean)
    except OSError as error:
        raise InputError("manifest", str(path), "a file that can be read", error.strerror or "") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("manifest", str(path), "a CSV file in UTF-8", str(error)) from None
    if not found:
        raise InputError("manifest", str(path), "at least one pair")
    for name, rows in found.items():
        roles = {row["role"] for row in rows}
        missing = [role for role in ROLES if role not in roles]
        if missing and roles != {UNTREATED}:
            raise InputError("pair", name, f"at least one photo {missing[0]}")
    return [Pair(name, tuple(rows)) for name, rows in found.items()]


def _check_columns(columns: Sequence[str]) -> None:
    for column in NEEDED:
        if column not in columns:
            raise InputError("manifest", ", ".join(columns), f"the columns {', '.join(COLUMNS)}", f"{column} is missing")
    for column in columns:
        if column not in COLUMNS:
            raise InputError("column", column, ", ".join(COLUMNS), nearest(column, list(COLUMNS)))


def _clean(row: dict[str, str | None], where: str, folder: Path, roles: tuple[str, ...]) -> Row:
    clean = {column: (row.get(column) or "").strip() for column in COLUMNS}
    if not (clean["pair"] and clean["path"]):
        raise InputError(where, clean["pair"] or clean["path"], "a pair and a path in every row")
    if clean["role"] not in roles:
        raise InputError(f"{where}, role", clean["role"], " or ".join(roles), nearest(clean["role"], list(roles)))
    return clean | {"path": str((folder / clean["path"]).absolute())}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return (stat.st_size, stat.st_mtime_ns)
