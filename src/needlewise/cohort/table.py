"""One row a change, as Parquet. Needs the extra `cohort` (pyarrow)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needlewise.cohort.manifest import Pair
from needlewise.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FIELDS", "need_pyarrow", "rows_of", "write_parquet"]

FROM_CHANGE = ("zone", "what", "method", "unit", "difference", "low", "high", "smallest_detectable", "verdict", "basis")
NUMBERS = ("difference", "low", "high", "smallest_detectable", "light_angle_deg", "alignment_error_px")
# every column, in order: the manifest's, the change's, what the pair says as a whole, and why there is no result
FIELDS = ("pair", "control", *FROM_CHANGE, "comparable", "reasons", "light_angle_deg", "alignment_error_px",
          "alignment_inliers", "error")  # fmt: skip
ROWS_AT_ONCE = 2000


def need_pyarrow() -> None:
    """Raise InputError if pyarrow is missing, before anything is measured."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError("cohort", "pyarrow", "an installation with the extra cohort", "pip install needlewise[cohort]") from None


def rows_of(pair: Pair, result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a pair: one a change, or a single one that says why there is none."""
    light, alignment = result.get("light") or {}, result.get("alignment") or {}
    whole = dict.fromkeys(FIELDS) | {
        "pair": pair.name,
        "control": next((row["control"] for row in pair.rows if row["control"]), ""),
        "light_angle_deg": light.get("angle_deg"),
        "alignment_error_px": alignment.get("error_px"),
        "alignment_inliers": alignment.get("inliers"),
        "error": result.get("error"),
    }
    changes = result.get("changes") or []
    for change in changes:
        comparable = (result.get("comparable") or {}).get(change.get("what")) or {}
        yield (
            whole
            | {name: change.get(name) for name in FROM_CHANGE}
            | {
                "comparable": comparable.get("verdict"),
                "reasons": comparable.get("reasons"),
            }
        )
    if not changes:
        yield whole


def write_parquet(rows: Iterable[dict[str, Any]], path: Path) -> None:
    """Write the rows beside `path` and move them there in one step; the same rows make the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            with pq.ParquetWriter(file, _schema(pa)) as writer:
                for batch in _batches(rows):
                    writer.write_table(pa.Table.from_pylist(batch, schema=_schema(pa)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _schema(pa: Any) -> pa.Schema:
    kinds = dict.fromkeys(NUMBERS, pa.float64()) | {"alignment_inliers": pa.int64(), "reasons": pa.list_(pa.string())}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in FIELDS])


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
