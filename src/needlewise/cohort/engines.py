"""Where pairs are measured: processes on this machine, or an existing Dask scheduler."""

from __future__ import annotations

import ctypes
import json
import math
import multiprocessing
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import islice
from multiprocessing.connection import wait as wait_for
from typing import Any, TypeAlias

from needlewise.cohort.manifest import Pair, Row
from needlewise.errors import InputError, NeedlewiseError

__all__ = ["Compare", "Done", "with_dask", "with_processes"]

Compare: TypeAlias = Callable[[list[Row]], Mapping[str, Any]]
Done: TypeAlias = tuple[Pair, str]

DIED = "the process that measured it died"
CONNECT_S = 10
AHEAD = 2  # pairs waiting for each worker: enough to keep it busy, few enough to keep memory flat
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
KEEP_BYTES, MMAP_BYTES = 512 << 20, 32 << 20
ONE_AT_A_TIME = threading.Lock()


def with_processes(pairs: Iterable[Pair], compare: Compare, workers: int) -> Iterator[Done]:
    """Yield each pair with its result, as JSON, in the order they are ready.

    New processes are spawned, never forked: OpenCV's threads do not survive a fork. If a process dies, the pairs that were
    under way are tried again one by one, so that only the pair that kills its process is lost.
    """
    waiting = iter(pairs)
    while True:
        broken = yield from _pool(waiting, compare, workers)
        if not broken:
            return
        for pair in broken:
            if (yield from _pool(iter([pair]), compare, 1)):
                yield pair, json.dumps({"error": DIED})


def _pool(pairs: Iterator[Pair], compare: Compare, workers: int) -> Generator[Done, None, list[Pair]]:
    """Yield what is done until there is no more, or a process dies; return the pairs that were then under way."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_settle_process)
    running: dict[Future[str], Pair] = {}
    taken: list[Pair] = []
    try:
        while True:
            taken = list(islice(pairs, AHEAD * workers - len(running)))
            while taken:
                future = pool.submit(_one, compare, list(taken[0].rows))
                running[future] = taken.pop(0)
            if not running:
                return []
            for future in wait(running, return_when=FIRST_COMPLETED)[0]:
                result = future.result()
                yield running.pop(future), result
    except BrokenProcessPool:
        return [*running.values(), *taken]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def with_dask(pairs: Iterable[Pair], compare: Compare, address: str) -> Iterator[Done]:
    """Yield as `with_processes` does, measured by the workers of the Dask scheduler at this address.

    The workers must see the photos under the same paths. Each worker process measures one pair at a time.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise InputError("scheduler", address, "an installation with the extra dask", "pip install needlewise[dask]") from None
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise InputError("scheduler", address, "the address of a running Dask scheduler, such as tcp://host:8786",
                         type(error).__name__) from None  # fmt: skip
    with client:
        waiting = iter(pairs)
        running: dict[str, Pair] = {}
        ready = as_completed()
        ahead = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        while True:
            for pair in islice(waiting, ahead - len(running)):
                future = client.submit(_one_with_dask, compare, list(pair.rows), pure=False)
                running[future.key] = pair
                ready.add(future)
            if not running:
                return
            future = next(ready)
            died = future.exception() is not None  # what the pair itself raised is already its result
            yield running.pop(future.key), json.dumps({"error": DIED}) if died else future.result()


def _one(compare: Compare, rows: list[Row]) -> str:
    """Return the result of one pair as JSON; what goes wrong with it becomes its result."""
    try:
        return json.dumps(_plain(compare(rows)), allow_nan=False)
    except NeedlewiseError as error:
        return json.dumps({"error": str(error)})
    except Exception as error:  # one bad photo never stops the run, whatever it does
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


def _one_with_dask(compare: Compare, rows: list[Row]) -> str:
    _settle_dask_worker()
    with ONE_AT_A_TIME:  # the face model is not safe for threads
        return _one(compare, rows)


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: numbers of numpy become Python's, and what is not finite becomes None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _settle_process() -> None:
    """Make a new process use one thread, and end when the run that started it ends, even by kill -9."""
    for name in THREADS:
        os.environ[name] = "1"  # read when numpy is first imported, which is later
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _one_thread()
    _keep_memory()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


@cache
def _settle_dask_worker() -> None:
    _one_thread()
    _keep_memory()


def _keep_memory() -> None:
    """Let malloc keep what is freed: a pair needs as much again, and page by page it is slow to get back.

    By default that costs a pair 7 %, and with the trim threshold that a Dask worker's start sets 70 %.
    """
    mallopt = None if os.name == "nt" else getattr(ctypes.CDLL(None), "mallopt", None)  # Linux with glibc
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, KEEP_BYTES)
        mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)


def _one_thread() -> None:
    """Let workers, not OpenCV's threads, share the machine; sums then come out the same however many there are."""
    import cv2

    cv2.setNumThreads(1)
