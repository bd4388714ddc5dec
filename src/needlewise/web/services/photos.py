"""Photos: taking them in, finding the day and the session they belong to, and letting them go."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import IO

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from needlewise.errors import InputError
from needlewise.measure.kinds import KINDS
from needlewise.measure.private import discreet
from needlewise.said import say
from needlewise.web.models import Person, Photo, Reading, Session, Sitting
from needlewise.web.services import files, measuring, settled
from needlewise.web.services.files import DiskError

MOST_BYTES = 60_000_000  # of one photo: a 48 megapixel HEIC has about 12 MB
AFTER_HOURS = 72.0  # our choice: a photo taken up to three days after a session shows the session, not the skin
FIND_OUT = "find-out"
FIRST_YEAR = 2000  # a camera whose clock was never set says less


@dataclass(frozen=True)
class Told:
    """What the person said about the photos they add. None, for day and session: find out from the time they were taken.

    The pose may be `FIND_OUT`: each photo then says it itself, once it is looked at.
    """

    pose: str = "front"
    day: dt.date | None = None
    session: Session | None = None
    guess: bool = True
    untreated: bool = False
    make_up: bool | None = None


@dataclass
class Added:
    """What became of each file: kept, there already, or why not (by the name the person gave it)."""

    kept: list[Photo] = field(default_factory=list)
    again: list[tuple[str, Photo]] = field(default_factory=list)
    faults: list[tuple[str, InputError]] = field(default_factory=list)


def add(person: Person, uploads: Iterable[tuple[str, IO[bytes]]], told: Told) -> Added:
    """Take in photos; what is wrong with one does not keep the others out.

    Raises
    ------
    DiskError
        The disk is full or closed. Photos taken in before stay; nothing half-written does.
    """
    added = Added()
    for name, content in uploads:
        try:
            photo, new = _one(person, name, content, told)
        except DiskError:
            raise
        except InputError as error:
            added.faults.append((name, error))
            continue
        if new:
            added.kept.append(photo)
        else:
            added.again.append((name, photo))
    settled.sure(person)
    if added.kept:
        measuring.ask()
    return added


def _one(person: Person, name: str, content: IO[bytes], told: Told) -> tuple[Photo, bool]:
    data = content.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InputError("photo", name, say("at most {most} MB", most=MOST_BYTES // 1_000_000), "save a smaller copy")
    clean = discreet(data, name)
    data = clean.data
    sha = hashlib.sha256(data).hexdigest()
    taken = _moment(clean.shooting.taken, told.day)
    day = told.day or timezone.localtime(taken).date()
    try:
        with transaction.atomic():
            files.hold(person)
            there = Photo.objects.of(person).select_related("sitting").filter(sha256=sha).first()
            if there is not None:
                return there, False
            unsaid = told.pose == FIND_OUT
            sitting = _sitting(person, replace(told, pose="front") if unsaid else told, day, taken)
            photo = Photo.objects.create(
                person=person, sitting=sitting, sha256=sha, suffix=KINDS[clean.kind][0], size=len(data), taken=taken,
                find_pose=unsaid,
            )  # fmt: skip
            files.put(photo, io.BytesIO(data))
    except IntegrityError:  # the same photo came by another way at the same moment
        return Photo.objects.of(person).select_related("sitting").get(sha256=sha), False
    return photo, True


def _moment(taken: dt.datetime | None, day: dt.date | None) -> dt.datetime:
    """When a photo was taken: by the camera's clock if that is believable, else at noon of the day told, else now."""
    now = timezone.now()
    if taken is not None and taken.year >= FIRST_YEAR:
        moment = timezone.make_aware(taken) if taken.tzinfo is None else taken
        if moment <= now + dt.timedelta(days=1) and (day is None or timezone.localtime(moment).date() == day):
            return moment
    return now if day is None else timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _sitting(person: Person, told: Told, day: dt.date, taken: dt.datetime) -> Sitting:
    session, hours = told.session, None
    if session is None and told.guess and not told.untreated:
        session = _session_before(person, taken)
    if session is not None:
        hours = round(max(0.0, (taken - (session.ended or session.started)).total_seconds() / 3600), 1)
    said = {"untreated": told.untreated, "make_up": told.make_up, "hours_after": hours}
    sitting, made = Sitting.objects.get_or_create(person=person, day=day, pose=told.pose, session=session, defaults=said)
    if not made and (told.untreated, told.make_up) != (sitting.untreated, sitting.make_up):
        sitting.untreated = sitting.untreated or told.untreated
        sitting.make_up = sitting.make_up if told.make_up is None else told.make_up
        sitting.save(update_fields=["untreated", "make_up"])
    return sitting


def _session_before(person: Person, taken: dt.datetime) -> Session | None:
    """Return the session whose traces a photo of this moment shows."""
    since = taken - dt.timedelta(hours=AFTER_HOURS)
    done = Session.objects.of(person).filter(ended__isnull=False, ended__gte=since, ended__lte=taken, stopped="")
    return done.order_by("-ended").first()


def delete(photo: Photo) -> None:
    """Delete a photo: its file, every picture made from it, and what was read from it."""
    person = photo.person
    path, gone = files.path_of(photo), None
    try:
        with transaction.atomic():
            files.hold(person)
            keys = _unread(photo.sitting)
            gone = files.hide(photo)
            sha = photo.sha256
            photo.delete()
            if not photo.sitting.photos.exists():
                photo.sitting.delete()
            files.forget(person.pk, sha, *keys)
            settled.settle(person)
    except BaseException:
        if gone is not None and gone.exists():
            gone.replace(path)
        raise
    gone.unlink(missing_ok=True)
    measuring.ask()


def _unread(sitting: Sitting) -> list[str]:
    """Forget what was read from a sitting, and name the pictures that go with it."""
    read = Reading.objects.filter(Q(sitting=sitting) | Q(against=sitting))
    keys = [str(pk) for pk in read.values_list("sitting_id", flat=True)]
    read.delete()
    return keys


def look_again(photo: Photo) -> None:
    """Have a photo's quality judged once more."""
    with transaction.atomic():
        files.hold(photo.person)
        Photo.objects.filter(pk=photo.pk).update(checked_by="", tries=0)
        settled.settle(photo.person)
    measuring.ask()


def file_under(photo: Photo, pose: str) -> None:
    """File one photo under the pose that was found in it, on the same day. Call it in a transaction."""
    old = photo.sitting
    said = {"untreated": old.untreated, "make_up": old.make_up, "hours_after": old.hours_after}
    there, _made = Sitting.objects.get_or_create(
        person=old.person, day=old.day, pose=pose, session=old.session, defaults=said
    )
    Photo.objects.filter(pk=photo.pk).update(sitting=there)
    if not old.photos.exists():
        files.forget(old.person_id, *_unread(old))
        old.delete()


def move(sitting: Sitting, told: Told) -> Sitting:
    """Say anew what a sitting shows; one that is there already for that day and pose takes its photos over."""
    person = sitting.person
    with transaction.atomic():
        files.hold(person)
        day = told.day or sitting.day
        there = Sitting.objects.of(person).filter(day=day, pose=told.pose, session=sitting.session).exclude(pk=sitting.pk).first()
        if there is None:
            changed_pose = sitting.pose != told.pose
            sitting.day, sitting.pose, sitting.untreated, sitting.make_up = day, told.pose, told.untreated, told.make_up
            sitting.save(update_fields=["day", "pose", "untreated", "make_up"])
            kept = sitting
        else:
            changed_pose = True
            sitting.photos.update(sitting=there)
            files.forget(person.pk, *_unread(sitting))
            sitting.delete()
            there.untreated, there.make_up = told.untreated, told.make_up
            there.save(update_fields=["untreated", "make_up"])
            kept = there
        kept.photos.update(find_pose=False)
        if changed_pose:  # another pose is judged by other rules
            kept.photos.update(checked_by="")
        settled.settle(person)
    measuring.ask()
    return kept
