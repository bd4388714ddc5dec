"""Where each day of photos stands, and each trend, as they were worked out when something changed.

A page reads as many rows as it shows, however long the series. What changes a photo or a reading unsettles the person in the same
transaction (`files.hold`), so that nothing here can be out of date unnoticed: whoever asks next settles it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from django.db import OperationalError, transaction
from django.utils import timezone

from needlewise import __version__
from needlewise.measure.change import DAYS_APART, Measure, Spread
from needlewise.measure.method import METHOD
from needlewise.measure.trend import OnLine, Point, Trend, trend
from needlewise.measure.trend import Session as Day
from needlewise.said import again, kept
from needlewise.share.trend_chart import thinned
from needlewise.web.models import Change, Person, Photo, Reading, Series, Session, Settled, Sitting, Stands
from needlewise.web.models.base import OwnedQuerySet
from needlewise.web.services import files
from needlewise.web.services.standing import READ_POSES, Shot, Standing, shots, sittings, standings, treated

FIELDS = ("state", "against_id", "until", "good")
LOOKED_AT = ("baseline", "read", "waiting")


@dataclass(frozen=True)
class Told:
    """What is true of all days of a person together.

    Attributes
    ----------
    waits : int
        How many sittings wait to be looked at.
    looked : date or None
        The last day of a view that is measured, untreated days aside.
    last : mapping
        For each pose the last sitting that was read and counts, by its identifier; the pose that has most of them comes first.
    ghosts : mapping
        For each pose the photo to line the next one up with, by its identifier: the first good one of the first day.
    ends : mapping
        For each pose that is only looked at the first and the last day, each with a photo's identifier.
    """

    waits: int = 0
    looked: dt.date | None = None
    last: Mapping[str, str] = field(default_factory=dict)
    ghosts: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, tuple[End, End]] = field(default_factory=dict)


class End(NamedTuple):
    """The first or the last day of a view."""

    day: dt.date
    photo: str


def sure(person: Person) -> Told:
    """See to it that what is kept is what the records say now, and return what is true of all days together."""
    for _ in range(2):
        kept = Settled.objects.filter(person=person).first()
        if kept is not None and kept.key == _key(person):
            break
        try:
            with transaction.atomic():
                files.hold(person)
                settle(person)
        except OperationalError as error:
            if not files.disk_refused(error):
                raise
            break  # on a full disk the last answer is better than none
    return _told(kept.told) if kept else Told()


def settle(person: Person) -> None:
    """Within a transaction that holds the person's photos: work everything out, and keep it."""
    found = standings(person)
    old = {row[0]: row[1:] for row in Stands.objects.filter(sitting__person=person).values_list("pk", *FIELDS)}
    rows = [Stands(sitting=s.sitting, state=s.state, against=s.against.sitting if s.against else None, until=s.until,
                   good=bool(s.good)) for s in found]  # fmt: skip
    new = [row for row in rows if old.get(row.pk) != tuple(getattr(row, field) for field in FIELDS)]
    Stands.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["sitting"], update_fields=["state", "against", "until", "good"]
    )
    read = [s for s in found if s.state == "read" and s.sitting.hours_after is None]
    for pose in READ_POSES:
        _keep_series(person, pose, [s for s in read if s.sitting.pose == pose])
    told = {"waits": sum(s.state == "waiting" for s in found), **_looked(found), **_shown(found, read)}
    Settled.objects.update_or_create(person=person, defaults={"key": _key(person), "told": told})


def _looked(found: Sequence[Standing]) -> dict[str, Any]:
    days = [s.sitting.day for s in found if s.state in LOOKED_AT and s.sitting.pose in READ_POSES
            and s.sitting.hours_after is None and not s.sitting.untreated]  # fmt: skip
    return {"looked": max(days).isoformat() if days else None}


def _shown(found: Sequence[Standing], read: Sequence[Standing]) -> dict[str, Any]:
    number = Counter(sorted((s.sitting.pose for s in read), key=READ_POSES.index))
    last = {pose: next(str(s.sitting.pk) for s in reversed(read) if s.sitting.pose == pose) for pose, _ in number.most_common()}
    ghosts: dict[str, str] = {}
    views: dict[str, list[tuple[str, str]]] = {}
    for s in found:
        if s.good and s.sitting.hours_after is None:
            ghosts.setdefault(s.sitting.pose, str(s.good[0].pk))
        if s.state == "elsewhere" and s.photos:
            views.setdefault(s.sitting.pose, []).append((s.sitting.day.isoformat(), str(s.photos[0].pk)))
    ends = {pose: (days[0], days[-1]) for pose, days in views.items() if len(days) > 1}
    return {"last": list(last.items()), "ghosts": ghosts, "ends": ends}


def _told(said: Mapping[str, Any]) -> Told:
    date = dt.date.fromisoformat
    ends = {pose: (End(date(first[0]), first[1]), End(date(last[0]), last[1])) for pose, (first, last) in said["ends"].items()}
    return Told(said["waits"], said["looked"] and date(said["looked"]), dict(said["last"]), said["ghosts"], ends)


def _key(person: Person) -> str:
    """What the answers rest on beside photos and readings: this program, its method, and the zones."""
    return _hash(__version__, METHOD, *treated(person))


def _hash(*of: object) -> str:
    return hashlib.sha256("|".join(map(str, of)).encode()).hexdigest()


def _keep_series(person: Person, pose: str, read: Sequence[Standing]) -> None:
    mine = Series.objects.of(person).filter(pose=pose)
    base = read[0].against if read else None
    days = [(s.sitting.day, s.sitting.reading.pk, s.shots) for s in read]
    key = _hash(__version__, METHOD, base and base.sitting.day, *(part for day in days for part in day))
    have = set(mine.values_list("key", flat=True))
    if have == {key} or (not have and base is None):
        return
    mine.delete()
    if base is None:
        return
    when = {reading: day for day, reading, _ in days}
    result = Reading.objects.values_list("result", flat=True).get(pk=days[-1][1]) or {}
    values: dict[tuple[str, str], dict[dt.date, float]] = {}
    latest = []
    for change in Change.objects.filter(reading__in=list(when)):
        if change.reading_id == days[-1][1]:
            latest.append(change)
        if change.difference is not None:
            values.setdefault((change.zone, change.what), {base.sitting.day: 0.0})[when[change.reading_id]] = change.difference
    out = []
    for change in latest:
        spread = result.get("spreads", {}).get(change.what, {}).get(change.zone)
        if spread is None:
            continue
        points = values.get((change.zone, change.what), {base.sitting.day: 0.0})
        measure = Measure(change.what, change.method, change.unit)
        found = trend(measure, [Day(day, (value,)) for day, value in points.items()], Spread(**spread))
        out.append(Series(person=person, pose=pose, zone=change.zone, what=change.what, key=key, trend=_plain(thinned(found))))
    Series.objects.bulk_create(out)


def _plain(found: Trend) -> dict[str, Any]:
    return {
        **asdict(found), "basis": kept(found.basis), "left_out": [day.isoformat() for day in found.left_out],
        "points": [[p.day.isoformat(), *p[1:]] for p in found.points], "line": [[p.day.isoformat(), *p[1:]] for p in found.line],
    }  # fmt: skip


def _trend(said: Mapping[str, Any]) -> Trend:
    date = dt.date.fromisoformat
    return Trend(**{
        **said, "basis": again(said["basis"]), "left_out": tuple(map(date, said["left_out"])),
        "points": tuple(Point(date(day), *rest) for day, *rest in said["points"]),
        "line": tuple(OnLine(date(day), *rest) for day, *rest in said["line"]),
    })  # fmt: skip


def trends(person: Person, **only: Any) -> dict[tuple[str, str, str], Trend]:
    """Return the trends (`only` these) by pose, zone and measure, each as if nothing were too early."""
    rows = Series.objects.of(person).filter(**only)
    return {(row.pose, row.zone, row.what): _trend(row.trend) for row in rows}


def days(person: Person) -> OwnedQuerySet[Any]:
    """Return a person's sittings with where each stands, oldest first; for whoever made `sure` of it."""
    return sittings(person).filter(stands__isnull=False).select_related("reading", "stands__against")


def where(found: Iterable[Sitting]) -> list[Standing]:
    """Return where these sittings (of `days`) stand."""
    mine = list(found)
    photos = shots(Photo.objects.filter(sitting__in=[one.pk for one in mine]))
    return [_where(one, tuple(photos.get(one.pk, ()))) for one in mine]


def _where(one: Sitting, photos: tuple[Shot, ...]) -> Standing:
    against = one.stands.against
    return Standing(one, photos, one.stands.state, Standing(against, ()) if against else None, until=one.stands.until)


def patience(told: Told, person: Person) -> dt.date | None:
    """Return the day from which another look can show change, if that is still to come; None where nothing holds one back."""
    until = told.looked and told.looked + dt.timedelta(days=DAYS_APART)
    if until is None or until <= timezone.localdate():
        return None
    return until if Session.objects.of(person).filter(ended__isnull=False).exists() else None
