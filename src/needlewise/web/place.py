"""Where a person's records lie: one folder that only its owner may read."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO

from needlewise.errors import InputError

HOME = "NEEDLEWISE_HOME"  # names another folder than the platform's own
DATABASE = "records.sqlite3"
PHOTOS = "photos"
DERIVED = "derived"  # small pictures made from photos; they can be made again
BACKUPS = "backups"
KEY = "secret.key"


def home() -> Path:
    """Return the data folder, which `NEEDLEWISE_HOME` may name."""
    if named := os.environ.get(HOME):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("needlewise", appauthor=False)


def prepare(folder: Path) -> Path:
    """Make the data folder with its parts, readable by its owner only.

    Raises
    ------
    InputError
        The folder cannot be made or written to.
    """
    try:
        for part in (folder, folder / PHOTOS, folder / DERIVED, folder / BACKUPS):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.chmod(0o700)
        if not os.access(folder, os.W_OK):
            raise PermissionError(13, "permission denied")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError("data folder", str(folder), "a folder you may write to", f"{why}; or name another with {HOME}") from None
    return folder


def secret_key(folder: Path) -> str:
    """Return the key that signs sessions, made on first use and kept with mode 0600.

    Raises
    ------
    InputError
        The disk is full.
    """
    path = folder / KEY
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii")
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=".new-", dir=folder)  # whole or not there: with an empty key the app cannot start
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise InputError("disk", str(folder), "room and leave to write", (error.strerror or str(error)).lower()) from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)
    return path.read_text(encoding="ascii")


def claim(path: Path) -> IO[bytes] | None:
    """Open a file that one process at a time may hold, or return None where another holds it. It is let go with the process."""
    file = path.open("ab")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]  # msvcrt is there on Windows only
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
