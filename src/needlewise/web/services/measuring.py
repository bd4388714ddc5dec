"""What is to be measured: there is no list of jobs, what lacks a reading by the current method *is* the queue.

Nothing here loads numpy: the server only asks whether there is work, and starts `needlewise.web.measuring`, another process.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef

from needlewise.measure.change import DAYS_APART
from needlewise.measure.method import METHOD
from needlewise.web.models import Change, Person, Photo, Sitting

FACE_POSES = ("front", "left", "right", "lamp-left", "lamp-right")
READ_POSES = FACE_POSES[:3]  # what can be measured; one lamp at the side is for the eyes (see share.guide), as are other places
MOST_SHOTS = 9
FEWEST_UNTREATED = 2
WANTED = "measuring.wanted"  # a file: it is there when somebody asked
LOOK_S, ANYWAY_S, REST_S = 0.5, 60.0, 10.0


@dataclass(frozen=True)
class Standing:
    """Where one sitting stands.

    Attributes
    ----------
    state : str
        baseline, untreated, unusable (no photo good enough), elsewhere (a pose that is not measured), resting (too soon after
        `against`; a change may show from `until`), waiting (in the queue) or read.
    """

    sitting: Sitting
    state: str
    against: Sitting | None = None
    own: tuple[Sitting, ...] = ()
    zones: tuple[str, ...] = ()
    shots: str = ""
    until: dt.date | None = None


def good(sitting: Sitting) -> list[Photo]:
    """Return the photos a sitting is read from: those good enough, at most nine."""
    photos = [p for p in sitting.photos.all() if p.checked_by == METHOD and (p.quality or {}).get("ok")]
    return photos[:MOST_SHOTS]


def standings(person: Person) -> list[Standing]:
    """Return where each sitting stands, oldest first, in two queries."""
    numbers = Change.objects.filter(reading__sitting=OuterRef("pk"), difference__isnull=False)
    sittings = (
        Sitting.objects.of(person).select_related("reading", "session").defer("reading__result").prefetch_related("photos")
        .annotate(told=Exists(numbers)).order_by("day", "pk")
    )  # fmt: skip
    zones = treated(person)
    poses: dict[str, list[Sitting]] = {}
    for sitting in sittings:
        poses.setdefault(sitting.pose, []).append(sitting)
    out = [one for pose, mine in poses.items() for one in _of_pose(pose, mine, zones)]
    return sorted(out, key=lambda one: (one.sitting.day, one.sitting.pose, str(one.sitting.pk)))


def treated(person: Person) -> tuple[str, ...]:
    """Return the zones that the person's goals name, as they stand in the profile."""
    goals = person.profile.get("goals") or []
    return tuple(dict.fromkeys(zone for goal in goals for zone in goal.get("zones", ())))


def _of_pose(pose: str, sittings: list[Sitting], zones: tuple[str, ...]) -> Iterator[Standing]:
    usable = [s for s in sittings if good(s)]
    base = next((s for s in usable if s.hours_after is None), None)
    own = tuple(s for s in usable if s.untreated)
    own = own if len(own) >= FEWEST_UNTREATED else ()
    last = base
    for sitting in sittings:
        if pose not in READ_POSES:
            yield Standing(sitting, "elsewhere")
        elif sitting not in usable:
            waits = any(photo.checked_by != METHOD for photo in sitting.photos.all())
            yield Standing(sitting, "waiting" if waits else "unusable")
        elif base is None or last is None or sitting == base:
            yield Standing(sitting, "baseline")
        elif sitting.untreated:
            yield Standing(sitting, "untreated")
        elif sitting.hours_after is None and (sitting.day - last.day).days < DAYS_APART:
            yield Standing(sitting, "resting", last, until=last.day + dt.timedelta(days=DAYS_APART))
        else:
            against = base if sitting.hours_after is None else last  # after a session: against the skin as it was before
            standing = _standing(sitting, against, own, zones)
            yield standing
            if sitting.hours_after is None and not _spent(standing):
                last = sitting


def _standing(sitting: Sitting, against: Sitting, own: tuple[Sitting, ...], zones: tuple[str, ...]) -> Standing:
    text = "|".join(
        [*(p.sha256 for p in good(against)), "-", *(p.sha256 for p in good(sitting)), "-",
         *(p.sha256 for s in own for p in good(s)), "-", *zones, str(sitting.make_up), str(against.make_up)]
    )  # fmt: skip
    shots = hashlib.sha256(text.encode()).hexdigest()
    reading = getattr(sitting, "reading", None)
    current = reading is not None and reading.method == METHOD and reading.shots == shots
    return Standing(sitting, "read" if current else "waiting", against, own, zones, shots)


def _spent(standing: Standing) -> bool:
    """Say whether a sitting was read and told nothing, so that the next one need not wait for a month."""
    return standing.state == "read" and not getattr(standing.sitting, "told", False)


def next_photo() -> Photo | None:
    """Return the photo that has waited longest to be looked at."""
    return Photo.objects.exclude(checked_by=METHOD).order_by("added").select_related("sitting", "person").first()


def next_sitting() -> Standing | None:
    """Return a sitting that waits to be compared; only asked when no photo waits."""
    for person in Person.objects.filter(sittings__isnull=False).distinct():
        for standing in standings(person):
            if standing.state == "waiting" and standing.against is not None:
                return standing
    return None


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
