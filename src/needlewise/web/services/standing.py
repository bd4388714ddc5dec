"""Where each day of photos stands, worked out from the photos, what was read from them, and the person's zones.

This reads a person's whole series: whoever shows a page asks `services.settled` instead, where the answer is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from needlewise.measure.change import DAYS_APART
from needlewise.measure.method import METHOD
from needlewise.web.models import Change, Person, Photo, Sitting
from needlewise.web.models.base import OwnedQuerySet

FACE_POSES = ("front", "left", "right", "lamp-left", "lamp-right")
READ_POSES = FACE_POSES[:3]  # what can be measured; one lamp at the side is for the eyes (see share.guide), as are other places
MOST_SHOTS = 9
FEWEST_UNTREATED = 2


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
    photos = shots(Photo.objects.of(person))
    zones = treated(person)
    poses: dict[str, list[Standing]] = {}
    for sitting in sittings(person):
        poses.setdefault(sitting.pose, []).append(Standing(sitting, tuple(photos.get(sitting.pk, ()))))
    out = [one for pose, mine in poses.items() for one in _of_pose(pose, mine, zones)]
    return sorted(out, key=lambda one: (one.sitting.day, one.sitting.pose, str(one.sitting.pk)))


def sittings(person: Person) -> OwnedQuerySet[Any]:
    """Return a person's sittings, oldest first, each with its reading and whether that `told` anything."""
    numbers = Change.objects.filter(reading__sitting=OuterRef("pk"), difference__isnull=False)
    found = Sitting.objects.of(person).select_related("reading").defer("reading__result")
    return found.annotate(told=Exists(numbers)).order_by("day", "pose", "pk")


def shots(photos: OwnedQuerySet[Photo]) -> dict[UUID, list[Shot]]:
    """Return of these photos what says where a sitting stands, by sitting."""
    found: dict[UUID, list[Shot]] = {}
    for row in photos.values_list("pk", "sitting_id", "person_id", "sha256", "suffix", "checked_by", "quality__ok"):
        found.setdefault(row[1], []).append(Shot(*row))
    return found


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
