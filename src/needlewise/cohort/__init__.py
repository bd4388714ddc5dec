"""Compare thousands of pairs of photos: resumable, never stopped by one bad photo, the same rows however many workers.

manifest.py   the CSV file, as pairs
engines.py    processes on this machine, or an existing Dask scheduler
parts.py      results as they come: append-only JSON lines, so that a killed run goes on where it stopped
table.py      one row a change, as Parquet
run.py        the above together, with progress
"""

from needlewise.cohort.manifest import Pair, read_manifest
from needlewise.cohort.run import Summary, run

__all__ = ["Pair", "Summary", "read_manifest", "run"]
