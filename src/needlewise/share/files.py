"""Writing a file whole or not at all, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
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
