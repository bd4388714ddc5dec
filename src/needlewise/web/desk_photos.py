"""Photos and progress for the command line: the same store and services as the pages."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from needlewise.errors import InputError, nearest
from needlewise.measure.kinds import SNIFFED, kind_of
from needlewise.share.words import place, signed
from needlewise.web.models import Person, Photo
from needlewise.web.models.photos import POSES
from needlewise.web.services import measuring, settled
from needlewise.web.services.photos import FIND_OUT, Added, Told, add
from needlewise.web.services.progress import Line, Progress, progress
from needlewise.web.services.standing import Standing
from needlewise.web.words import POSES as POSE_WORDS

STATES = {
    "baseline": "the first: others are compared with it",
    "untreated": "an untreated day",
    "resting": "kept, too soon to compare",
    "waiting": "waits to be measured",
    "unusable": "not good enough to compare",
    "elsewhere": "kept to look at",
    "read": "compared",
}
QUIET_S = 2.0


def take_in(
    who: Person, paths: Sequence[Path], pose: str, day: dt.date | None, untreated: bool, make_up: bool | None
) -> str:  # fmt: skip
    """Add photos, have them measured, and say what became of each.

    Raises
    ------
    InputError
        There is no such pose, the day lies ahead, or no photo could be kept.
    """
    poses = [FIND_OUT, *POSES]
    if pose not in poses:
        raise InputError("--pose", pose, ", ".join(poses), nearest(pose, poses))
    if day is not None and day > dt.date.today():
        raise InputError("--day", day.isoformat(), "a day up to today")
    files, left_out = _files(paths)
    added = add(who, _opened(files), Told(pose, day, None, True, untreated, make_up))
    if not added.kept and added.faults:
        raise added.faults[0][1]
    if added.kept:
        _measured(who)
    left = [f"Left out: {left_out} file{'s' * (left_out != 1)} that {'are no photos' if left_out != 1 else 'is no photo'}."]
    return "\n".join([*_said(added), *_seen(added), *(left if left_out else [])])


def _files(paths: Sequence[Path]) -> tuple[list[Path], int]:
    """Return the files that are named, with the photos of folders that are, and how many files there are no photos."""
    named: list[Path] = []
    left_out = 0
    for path in paths:
        if not path.is_dir():
            named.append(path)
            continue
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        photos = [file for file in inside if kind_of(_start(file))]
        if not photos:
            raise InputError("photo", str(path), "a folder with photos in it")
        named += photos
        left_out += len(inside) - len(photos)
    return named, left_out


def _start(path: Path) -> bytes:
    with _readable(path) as file:
        return file.read(SNIFFED)


def _opened(paths: Sequence[Path]) -> Iterator[tuple[str, IO[bytes]]]:
    """Open one file after the other: a folder may hold more than can be open at once."""
    for path in paths:
        with _readable(path) as file:
            yield str(path), file


def _readable(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise InputError("photo", str(path), "a file that can be read", getattr(error, "strerror", None) or "") from None


def _measured(who: Person) -> None:
    """Have the queue emptied; say how far it is when that takes long."""
    child, start = measuring.process(), time.monotonic()
    while child.poll() is None:
        time.sleep(0.2)
        if time.monotonic() - start > QUIET_S and sys.stderr.isatty():
            left = settled.sure(who).waits
            sys.stderr.write(f"\r{left} days still to be measured ")
    if time.monotonic() - start > QUIET_S and sys.stderr.isatty():
        sys.stderr.write("\r" + " " * 40 + "\r")


def _said(added: Added) -> Iterator[str]:
    if added.kept:
        days = sorted({photo.sitting.day.isoformat() for photo in added.kept})
        yield f"{len(added.kept)} kept, for {', '.join(days)}. Position, serial numbers and names were taken out of the files."
    for name, photo in added.again:
        yield f"{name}: here already, on {photo.sitting.day.isoformat()}"
    for name, error in added.faults:
        yield f"{name}: not kept; needed: {error.allowed}; {error.hint}"


def _seen(added: Added) -> Iterator[str]:
    for photo in Photo.objects.filter(pk__in=[p.pk for p in added.kept]):
        if photo.quality is None:
            yield f"{photo.sha256[:12]}: waits to be looked at"
        elif not photo.quality["ok"]:
            reasons = "; ".join(f"{r['says']}: {r['fix']}" for r in photo.quality["reasons"] if r["must"])
            yield f"{photo.sha256[:12]}: not good enough to compare: {reasons}"


def listed(who: Person) -> str:
    """Return every day of photos with where it stands, the latest first."""
    told = settled.sure(who)
    standings = settled.where(settled.days(who))
    lines = [_line(standing) for standing in reversed(standings)]
    again = settled.patience(told, who)
    more = [f"Look again from {again.isoformat()}; until then your skin needs no watching."] if again else []
    return "\n".join([*lines, *more]) or "No photos yet. Add some: needlewise photos add FILE"


def _line(standing: Standing) -> str:
    sitting = standing.sitting
    after = "" if sitting.hours_after is None else f", {sitting.hours_after:g} h after a session"
    state = STATES[standing.state] + (f" (from {standing.until.isoformat()})" if standing.until else "")
    number = len(standing.photos)
    return f"{sitting.day.isoformat()}  {POSE_WORDS[sitting.pose]}, {number} photo{'s' * (number != 1)}{after}: {state}"


def where_each_stands(who: Person) -> str:
    """Return the progress of each concern as text."""
    return "\n\n".join(_one(p) for p in progress(who)) or "No concern is named yet, so there is nothing to follow."


def _one(p: Progress) -> str:
    head = f"{p.expect.label}: {p.answer}"
    measured = [f"  {_measure_line(line)}" for line in p.lines]
    if p.latest:
        measured.insert(0, f"{p.latest.sitting.day.isoformat()} against {p.latest.against.day.isoformat()}:")
    return "\n".join([head, p.expect.text, *measured, f"Expect: {p.expect.expect} {p.expect.evidence}", f"Next: {p.expect.next}"])


def _measure_line(line: Line) -> str:
    c, t = line.latest, line.trend
    text = f"{place(line.zone)}, {line.what}: {c.verdict}"
    text += (
        f" ({signed(c.difference)}, {signed(c.low)} to {signed(c.high)} {c.unit})" if c.difference is not None else f": {c.basis}"
    )
    if t.per_month is not None:
        text += f"; {signed(t.per_month)} a month ({signed(t.low)} to {signed(t.high)}) over {t.sessions} days"
    return text
