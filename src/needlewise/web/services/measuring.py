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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

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


class Shot(NamedTuple):
    """What of a photo says where its sitting stands: far lighter than the whole record, as every page asks for all of them."""

    pk: UUID
    sitting_id: UUID
    person_id: UUID
    sha256: str
    suffix: str
    checked_by: str
    ok: bool | None


@dataclass(frozen=True)
class Standing:
    """Where one sitting stands.

    Attributes
    ----------
    photos : tuple of Shot
    state : str
        baseline, untreated, unusable (no photo good enough), elsewhere (a pose that is not measured), resting (too soon after
        `against`; a change may show from `until`), waiting (in the queue) or read.
    against : Standing or None
        The sitting it is compared with; `own` are the untreated ones.
    """

    sitting: Sitting
    photos: tuple[Shot, ...]
    state: str = ""
    against: Standing | None = None
    own: tuple[Standing, ...] = ()
    zones: tuple[str, ...] = ()
    shots: str = ""
    until: dt.date | None = None

    @property
    def good(self) -> tuple[Shot, ...]:
        """The photos it is read from: those good enough, at most nine."""
        return tuple(p for p in self.photos if p.checked_by == METHOD and p.ok)[:MOST_SHOTS]


def standings(person: Person) -> list[Standing]:
    """Return where each sitting stands, oldest first, in two queries."""
    numbers = Change.objects.filter(reading__sitting=OuterRef("pk"), difference__isnull=False)
    sittings = (
        Sitting.objects.of(person).select_related("reading").defer("reading__result")
        .annotate(told=Exists(numbers)).order_by("day", "pk")
    )  # fmt: skip
    fields = ("pk", "sitting_id", "person_id", "sha256", "suffix", "checked_by", "quality__ok")
    photos: dict[UUID, list[Shot]] = {}
    for row in Photo.objects.of(person).values_list(*fields):
        photos.setdefault(row[1], []).append(Shot(*row))
    zones = treated(person)
    poses: dict[str, list[Standing]] = {}
    for sitting in sittings:
        poses.setdefault(sitting.pose, []).append(Standing(sitting, tuple(photos.get(sitting.pk, ()))))
    out = [one for pose, mine in poses.items() for one in _of_pose(pose, mine, zones)]
    return sorted(out, key=lambda one: (one.sitting.day, one.sitting.pose, str(one.sitting.pk)))


def treated(person: Person) -> tuple[str, ...]:
    """Return the zones that the person's goals name, as they stand in the profile."""
    goals = person.profile.get("goals") or []
    return tuple(dict.fromkeys(zone for goal in goals for zone in goal.get("zones", ())))


def _of_pose(pose: str, mine: list[Standing], zones: tuple[str, ...]) -> Iterator[Standing]:
    usable = [one for one in mine if one.good]
    base = next((one for one in usable if one.sitting.hours_after is None), None)
    own = tuple(one for one in usable if one.sitting.untreated)
    own = own if len(own) >= FEWEST_UNTREATED else ()
    last = base
    for one in mine:
        sitting = one.sitting
        if pose not in READ_POSES:
            yield replace(one, state="elsewhere")
        elif not one.good:
            waits = any(photo.checked_by != METHOD for photo in one.photos)
            yield replace(one, state="waiting" if waits else "unusable")
        elif base is None or last is None or one is base:
            yield replace(one, state="baseline")
        elif sitting.untreated:
            yield replace(one, state="untreated")
        elif sitting.hours_after is None and (sitting.day - last.sitting.day).days < DAYS_APART:
            until = last.sitting.day + dt.timedelta(days=DAYS_APART)
            yield replace(one, state="resting", against=last, until=until)
        else:
            against = base if sitting.hours_after is None else last  # after a session: against the skin as it was before
            standing = _standing(one, against, own, zones)
            yield standing
            if sitting.hours_after is None and not _spent(standing):
                last = one


def _standing(one: Standing, against: Standing, own: tuple[Standing, ...], zones: tuple[str, ...]) -> Standing:
    said = [*zones, str(one.sitting.make_up), str(against.sitting.make_up)]
    shas = [[p.sha256 for p in against.good], [p.sha256 for p in one.good], [p.sha256 for s in own for p in s.good]]
    text = "|".join([*shas[0], "-", *shas[1], "-", *shas[2], "-", *said])
    shots = hashlib.sha256(text.encode()).hexdigest()
    reading = getattr(one.sitting, "reading", None)
    current = reading is not None and reading.method == METHOD and reading.shots == shots
    return replace(one, state="read" if current else "waiting", against=against, own=own, zones=zones, shots=shots)


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
            standing.sitting.person = person
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
