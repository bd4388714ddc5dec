"""Silence for libraries written in C that talk on the process's error output and have no switch for it."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.RLock()  # two at once could each keep the other's silence as the thing to go back to


@contextmanager
def quiet() -> Iterator[None]:
    """Send error output nowhere for a moment, and ignore Python's warnings; exceptions pass."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
