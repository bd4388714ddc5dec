"""`python -m needlewise.web.measuring`: look at each new photo, compare each new sitting, and end.

One at a time, each result in one transaction: whatever stops this process, the next one goes on where it was. What stops it again
and again is set aside with a word for the person. Only this process loads numpy.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from needlewise.errors import InputError, NeedlewiseError
from needlewise.measure.method import METHOD
from needlewise.said import say
from needlewise.web import place, serve

if TYPE_CHECKING:
    from needlewise.measure.own import Own
    from needlewise.measure.pair import Comparison
    from needlewise.web.models import Photo, Sitting
    from needlewise.web.services.standing import Standing

Untreated: TypeAlias = "dict[tuple[object, ...], Own]"  # what untreated days said, so that each is read once
LOCK = "measuring.lock"
MOST_TRIES = 5  # of one photo or sitting; a machine switched off in the middle counts as one
MOST_S = 180.0  # for one of them
QUALITY_SIDE, VIEW_SIDE, SMALL_SIDE = 4000, 1600, 480
MEANT = {
    "left": ("yaw", "hidden", "side-light"),
    "right": ("yaw", "hidden", "side-light"),
    "lamp": ("hidden", "side-light", "too-dark"),
}
GAVE_UP = say("it could not be measured: something in it makes needlewise stop")


def main() -> int:
    """Empty the queue. Return 0, also when another process is at it."""
    serve.start()
    from django.conf import settings

    lock = place.claim(Path(settings.HOME) / LOCK)
    if lock is None:
        return 0
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # whoever uses the app goes first
    with lock:
        drain()
    return 0


def drain() -> None:
    """Look at every photo that waits, then compare every sitting that waits."""
    from needlewise.web.services import measuring

    while (photo := measuring.next_photo()) is not None:
        with _bounded():
            _look_at(photo)
    untreated: Untreated = {}
    while (standing := measuring.next_sitting()) is not None:
        with _bounded():
            _compare(standing, untreated)


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """End this process when one thing takes too long; the next process counts it as tried."""
    timer = threading.Timer(MOST_S, os._exit, (3,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tried(record: Photo | Sitting) -> bool:
    """Count one try before it is made, and say whether there were too many."""
    from django.db.models import F

    model = type(record)
    model.objects.filter(pk=record.pk).update(tries=F("tries") + 1)
    return record.tries >= MOST_TRIES


def _look_at(photo: Photo) -> None:
    from django.db import transaction

    from needlewise.web.models import Photo
    from needlewise.web.services import files, photos, settled

    if _tried(photo):
        said: dict[str, Any] = {"quality": _spoiled(GAVE_UP, say("take another, or save it as JPEG and add that"))}
        pictures: dict[str, bytes] = {}
        pose = photo.sitting.pose
    else:
        said, pictures, pose = _seen(photo)
    with transaction.atomic():
        files.hold(photo.person)
        now = Photo.objects.select_related("sitting__person", "sitting__session").filter(pk=photo.pk).first()
        if now is None or now.sitting.pose != photo.sitting.pose:
            return  # it went, or was filed otherwise meanwhile: it is in the queue as it is now
        if Photo.objects.filter(pk=photo.pk).update(**said, checked_by=METHOD, tries=0):
            if pose != now.sitting.pose:
                photos.file_under(now, pose)
            for name, content in pictures.items():
                files.put_derived(files.derived(photo.person_id, photo.sha256, name), content)
        settled.settle(photo.person)


def _seen(photo: Photo) -> tuple[dict[str, Any], dict[str, bytes], str]:
    """Return what a photo's record says from now on, the pictures for pages, and the pose: the one that was told, or found."""
    from needlewise.measure.face import find_face
    from needlewise.measure.photo import load_photo
    from needlewise.measure.pictures import view
    from needlewise.measure.quality import check_photo
    from needlewise.share.measured import quality_json
    from needlewise.web.services.files import path_of
    from needlewise.web.services.standing import FACE_POSES

    try:
        opened = load_photo(path_of(photo), QUALITY_SIDE)
    except InputError as error:
        return {"quality": _spoiled(error.allowed, error.hint)}, {}, photo.sitting.pose
    face, missing, pose = None, False, photo.sitting.pose
    if pose in FACE_POSES:
        try:
            face = find_face(opened)
        except InputError:
            missing = True
    if photo.find_pose and face is not None:
        pose = turned(face.pose[0])
    quality = _for_pose(quality_json(check_photo(opened, face)), pose)
    if missing:
        missed = _reason(
            "no-face", say("no face was found in it"), say("show the whole face, at arm's length, in even light")
        )
        quality = {**quality, "ok": False, "reasons": [missed, *quality["reasons"]]}
    meta = opened.meta
    return (
        {"quality": quality, "width": meta.width, "height": meta.height},
        {"view.jpg": view(opened, VIEW_SIDE), "small.jpg": view(opened, SMALL_SIDE)},
        pose,
    )


def turned(yaw: float) -> str:
    """Return the pose that a face shows by its yaw in degrees; whoever turns to their own left shows their right side."""
    from needlewise.measure.quality import TURNED_FAR

    if abs(yaw) <= TURNED_FAR:
        return "front"
    return "right" if yaw > 0 else "left"


def _for_pose(quality: dict[str, Any], pose: str) -> dict[str, Any]:
    """Leave out what belongs to the pose: a face from the side is turned, and one lamp leaves a side in shadow."""
    reasons = [r for r in quality["reasons"] if r["what"] not in MEANT.get(pose.partition("-")[0], ())]
    return {**quality, "reasons": reasons, "ok": not any(r["must"] for r in reasons)}


def _reason(what: str, says: str, fix: str) -> dict[str, Any]:
    return {"what": what, "says": says, "fix": fix, "must": True}


def _spoiled(says: str, fix: str) -> dict[str, Any]:
    return {"ok": False, "reasons": [_reason("unreadable", says, fix)], "values": {}}


def _compare(standing: Standing, untreated: Untreated) -> None:
    from django.db import transaction

    from needlewise.web.models import Change, Reading
    from needlewise.web.services import files, settled
    from needlewise.web.services.standing import standings

    sitting, against = standing.sitting, standing.against
    assert against is not None
    found, error, result = None, "", None
    pictures: dict[str, bytes] = {}
    if _tried(sitting):
        error = GAVE_UP
    else:
        try:
            found, own = _found(standing, untreated)
            result, pictures = _shown(found, own)
        except NeedlewiseError as refused:
            error = refused.needed if isinstance(refused, InputError) else str(refused)
    with transaction.atomic():
        files.hold(sitting.person)
        now = next((s for s in standings(sitting.person) if s.sitting == sitting), None)
        if now is None or now.shots != standing.shots:
            return  # photos came or went meanwhile: it is in the queue as it is now
        files.forget(sitting.person_id, str(sitting.pk))
        said = {"against": against.sitting, "method": METHOD, "shots": standing.shots, "result": result, "error": error}
        reading, _ = Reading.objects.update_or_create(sitting=sitting, defaults=said)
        reading.changes.all().delete()
        Change.objects.bulk_create(
            [Change(reading=reading, **{f: getattr(c, f) for f in CHANGE}) for c in (found.changes if found else ())]
        )
        type(sitting).objects.filter(pk=sitting.pk).update(tries=0)
        for name, content in pictures.items():
            files.put_derived(files.derived(sitting.person_id, str(sitting.pk), name), content)
        settled.settle(sitting.person)


CHANGE = ("zone", "what", "method", "unit", "difference", "low", "high", "smallest_detectable", "verdict", "basis")


def _found(standing: Standing, untreated: Untreated) -> tuple[Comparison, Own]:
    from needlewise.measure.pair import compare
    from needlewise.measure.zones import ZONES
    from needlewise.web.services.files import path_of

    assert standing.against is not None
    before, after = ([path_of(photo) for photo in one.good] for one in (standing.against, standing))
    worn = [standing.against.sitting.make_up, standing.sitting.make_up]
    make_up = True if True in worn else None if None in worn else False
    zones = [zone for zone in standing.zones if zone in ZONES and zone != "face"]
    own = _own(standing, before[0], zones, untreated)
    # when it is too soon to look is settled by `services.standing`
    return compare(before, after, zones, make_up=make_up, own=own, anyway=True), own


def _own(standing: Standing, first: Path, zones: list[str], untreated: Untreated) -> Own:
    """Return what the person's untreated days say, against the photo that this sitting is read against too."""
    from needlewise.measure.own import MOST_DAYS, NOBODYS, untreated_days
    from needlewise.measure.pair import compare
    from needlewise.web.services.files import path_of
    from needlewise.web.services.standing import FEWEST_UNTREATED

    by_date: dict[str, list[Path]] = {}
    for one in standing.own[:MOST_DAYS]:
        by_date.setdefault(one.sitting.day.isoformat(), []).extend(path_of(photo) for photo in one.good)
    key = (first, *zones, *(path for paths in by_date.values() for path in paths))
    if key not in untreated:
        try:
            untreated[key] = (
                untreated_days(list(by_date.values()), lambda shot: compare([first], [shot], zones, make_up=False, anyway=True))
                if len(by_date) >= FEWEST_UNTREATED else NOBODYS
            )  # fmt: skip
        except InputError:  # a day that cannot be read leaves the defaults
            untreated[key] = NOBODYS
    return untreated[key]


def _shown(found: Comparison, own: Own) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the document of a comparison, with the spread each trend stands on, and its pictures by name."""
    from needlewise.measure.pictures import FULL, Pictures, encoded
    from needlewise.measure.series import SPREADS
    from needlewise.share.measured import comparison_json

    pictures: dict[str, bytes] = {}
    for name, picture in Pictures(found).all().items():
        ending = ".jpg" if name in ("before", "after") else ".png"
        pictures[name + ending] = encoded(picture, ending)
    spreads: dict[str, dict[str, Any]] = {}
    for c in found.changes:
        spreads.setdefault(c.what, {})[c.zone] = vars(own.spread(c.zone, c.what, SPREADS[c.what]))
    return {**comparison_json(found), "pictures": sorted(pictures), "full": FULL, "spreads": spreads}, pictures


if __name__ == "__main__":
    raise SystemExit(main())
