"""What is to be measured: there is no list of jobs, what lacks a reading by the current method *is* the queue.

Nothing here loads numpy: the server only asks whether there is work, and starts `needlewise.web.measuring`, another process.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from needlewise.measure.method import METHOD
from needlewise.web.models import Person, Photo, Stands
from needlewise.web.services import settled
from needlewise.web.services.standing import Standing, standings

WANTED = "measuring.wanted"  # a file: it is there when somebody asked
LOOK_S, ANYWAY_S, REST_S = 0.5, 60.0, 10.0


def next_photo() -> Photo | None:
    """Return the photo that has waited longest to be looked at."""
    return Photo.objects.exclude(checked_by=METHOD).order_by("added").select_related("sitting", "person").first()


def next_sitting() -> Standing | None:
    """Return the sitting that waits to be compared with the oldest day; only asked when no photo waits."""
    for person in Person.objects.filter(sittings__isnull=False).distinct():
        settled.sure(person)
    queue = Stands.objects.filter(state="waiting", against__isnull=False).select_related("sitting__person")
    first = queue.order_by("sitting__day", "pk").first()
    if first is None:
        return None
    standing = next(one for one in standings(first.sitting.person) if one.sitting.pk == first.pk)
    standing.sitting.person = first.sitting.person
    return standing


def waiting() -> bool:
    """Say whether there is anything to do."""
    return next_photo() is not None or next_sitting() is not None


def ask() -> None:
    """Have the queue looked at soon, by whichever process serves these records."""
    with contextlib.suppress(OSError):
        (Path(settings.HOME) / WANTED).touch(mode=0o600)


def process() -> subprocess.Popen[bytes]:
    """Start the process that empties the queue and ends; a second one at a time ends at once."""
    return subprocess.Popen([sys.executable, "-m", "needlewise.web.measuring"], stdin=subprocess.DEVNULL)


def keep_up(stop: threading.Event) -> None:
    """Look for work until told to stop, and have it done. What fails here is tried again later; nothing is lost by it."""
    looked = -ANYWAY_S
    while not stop.wait(LOOK_S):
        if not _asked() and time.monotonic() - looked < ANYWAY_S:
            continue
        looked = time.monotonic()
        try:
            work = waiting()
        except Exception:  # the database is busy, or the disk full
            work = False
        finally:
            connection.close()
        if work and _ran(process(), stop) != 0 and stop.wait(REST_S):
            return


def _asked() -> bool:
    try:
        (Path(settings.HOME) / WANTED).unlink()
    except OSError:
        return False
    return True


def _ran(child: subprocess.Popen[bytes], stop: threading.Event) -> int:
    while (code := child.poll()) is None:
        if stop.wait(LOOK_S):
            child.terminate()
            child.wait()
            return 0
    return code
