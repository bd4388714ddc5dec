"""Writing a file whole or not at all, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from needlewise.errors import InputError


def atomic_write(path: str | Path, content: bytes) -> None:
    """Write `content` to `path` by way of a temporary file beside it; the file gets mode 0600.

    Raises
    ------
    InputError
        The folder is missing, or may not be written to. What was at `path` before is untouched.
    """
    target = Path(path)
    temporary = ""
    if target.exists() and not target.is_file():
        raise InputError("path", str(path), "a new file, or an ordinary one to replace")
    try:
        # mkstemp makes the file with mode 0600
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=".tmp", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        why = getattr(error, "strerror", None) or str(error)
        raise InputError("path", str(path), "a file in a folder you may write to", why) from error


def write_all(folder: str | Path, files: Mapping[str, bytes]) -> None:
    """Write several files into a folder, each whole or not at all; a folder that is made here gets mode 0700.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    """
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError("folder", str(folder), "a folder you may write to", why) from error
    for name, content in files.items():
        atomic_write(Path(folder) / name, content)
