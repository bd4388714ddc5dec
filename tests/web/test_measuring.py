"""What lacks a measurement is the queue: it is emptied, survives being killed, and comes back for a better method."""

import datetime as dt
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from people import signed_in
from photo_files import portrait_of, with_position

from needlewise.web import measuring as process
from needlewise.web.models import Change, Person, Photo, Reading, Session, Sitting
from needlewise.web.services import files, measuring
from needlewise.web.services.comparing import judged, shown
from needlewise.web.services.photos import FIND_OUT, Told, add, delete, move
from needlewise.web.services.settled import patience, sure
from needlewise.web.services.standing import standings

TURNED = Path(__file__).parents[3] / "shared" / "photos" / "wrinkles" / "images"
FIRST, SECOND, LATER = dt.date(2026, 3, 1), dt.date(2026, 3, 4), dt.date(2026, 6, 1)


def keep(person: Person, *data: bytes, **told: Any) -> list[Photo]:
    return add(person, [(f"{n}.jpg", io.BytesIO(one)) for n, one in enumerate(data)], Told(make_up=False, **told)).kept


def states(person: Person) -> list[str]:
    return [standing.state for standing in standings(person)]


@pytest.mark.django_db
def test_a_change_is_found_and_shown(alice: Person) -> None:
    keep(alice, *(portrait_of(FIRST, shot, 6.0) for shot in range(2)), untreated=True)
    keep(alice, *(portrait_of(SECOND, shot, 6.0) for shot in range(2)), untreated=True)
    keep(alice, *(portrait_of(LATER, shot, 0.0) for shot in range(2)))
    assert measuring.waiting() and states(alice) == ["waiting"] * 3
    process.drain()
    assert not measuring.waiting() and states(alice) == ["baseline", "untreated", "read"]
    for photo in Photo.objects.all():
        assert photo.quality and photo.quality["ok"], photo.quality
        assert (
            photo.tries == 0
            and photo.width == 1200
            and files.derived(alice.pk, photo.sha256, "small.jpg").stat().st_mode & 0o777 == 0o600
        )
    standing = standings(alice)[-1]
    found = shown(standing)
    assert found is not None and found.any_numbers and not found.error
    red = {c.zone: c for c in found.changes if c.what == "redness"}
    for cheek in ("cheek-left", "cheek-right"):
        assert red[cheek].verdict == "better" and red[cheek].low <= -6 <= red[cheek].high
        assert "your own 2 untreated days" in red[cheek].basis
    assert {"before.jpg", "after.jpg", "change-redness.png"} <= set(found.pictures)
    for name in found.pictures:
        assert files.derived(alice.pk, str(standing.sitting.pk), name).stat().st_size > 1000
    assert {c.verdict for c in shown(standing, LATER + dt.timedelta(days=1)).changes} <= {"too early", "not comparable"}
    reading = Reading.objects.get()
    assert reading.result["spreads"]["redness"]["cheek-left"]["df"] > 12


def test_a_better_method_or_another_goal_reads_again(alice: Person) -> None:
    keep(alice, portrait_of(FIRST, 0))
    keep(alice, portrait_of(LATER, 0))
    process.drain()
    Photo.objects.update(checked_by="measure@0")
    Reading.objects.update(method="measure@0")
    assert measuring.waiting()
    process.drain()
    assert Reading.objects.get().method == measuring.METHOD and not measuring.waiting()
    alice.profile["goals"][0]["zones"] = ["nose"]
    alice.save()
    assert states(alice)[-1] == "waiting"
    process.drain()
    assert set(Change.objects.values_list("zone", flat=True)) == {"nose", "face"}
    delete(Photo.objects.filter(sitting__day=LATER).first())
    assert states(alice) == ["baseline"] and Change.objects.count() == Reading.objects.count() == 0


def unchecked(person: Person, *days: int, ok: bool = True, **said: Any) -> list[Sitting]:
    """Days whose photos were looked at, without anything being drawn."""
    out = []
    for day in days:
        (photo,) = keep(person, with_position(shade=40 + Photo.objects.count()), day=FIRST + dt.timedelta(days=day), **said)
        Photo.objects.filter(pk=photo.pk).update(checked_by=measuring.METHOD, quality={"ok": ok, "reasons": [], "values": {}})
        out.append(photo.sitting)
    return out


def read(sitting: Sitting, difference: float | None) -> None:
    standing = next(s for s in standings(sitting.person) if s.sitting == sitting)
    reading = Reading.objects.create(
        sitting=sitting, against=standing.against.sitting, method=measuring.METHOD, shots=standing.shots, result={}
    )
    verdict = "no detectable change" if difference is not None else "not comparable"
    Change.objects.create(
        reading=reading, zone="nose", what="redness", method="m", unit="u", difference=difference, verdict=verdict
    )


def test_looking_again_too_soon_is_gently_refused(alice: Person) -> None:
    unchecked(alice, 0)
    assert patience(sure(alice), alice) is None  # before a session, nothing holds one back
    end = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    Session.objects.create(person=alice, started=end, ended=end)
    (_, tenth, fortieth, fiftieth) = unchecked(alice, 5, 10, 40, 50)
    assert states(alice) == ["baseline", "resting", "resting", "waiting", "resting"]
    resting = standings(alice)[2]
    assert resting.sitting == tenth and resting.until == FIRST + dt.timedelta(days=28)
    read(fortieth, None)  # it told nothing, so the next may be looked at
    assert states(alice)[3:] == ["read", "waiting"]
    read(fiftieth, 0.5)
    assert states(alice)[3:] == ["read", "read"]


def test_days_that_stand_apart(alice: Person) -> None:
    unchecked(alice, 0)
    unchecked(alice, 1, 2, untreated=True)
    unchecked(alice, 40, ok=False)
    unchecked(alice, 3, pose="scalp")
    Sitting.objects.filter(day=FIRST + dt.timedelta(days=41)).update(hours_after=2)
    assert states(alice) == ["baseline", "untreated", "untreated", "elsewhere", "unusable"]
    (after,) = unchecked(alice, 5)
    Sitting.objects.filter(pk=after.pk).update(hours_after=2.0)
    standing = next(s for s in standings(alice) if s.sitting == after)
    assert standing.state == "waiting" and len(standing.own) == 2


def test_too_early_waits_with_the_verdict_alone() -> None:
    change = Change(verdict="better", difference=-1.0)
    assert judged(change, FIRST, LATER) == "too early" and judged(change, LATER, LATER) == "better"
    assert judged(Change(verdict="not comparable"), FIRST, LATER) == "not comparable" and judged(change, FIRST, None) == "better"


def test_what_is_no_face_is_said_with_a_fix(alice: Person) -> None:
    (face, scalp) = [*keep(alice, with_position()), *keep(alice, with_position(shade=99), pose="scalp")]
    process.drain()
    face.refresh_from_db()
    scalp.refresh_from_db()
    assert not face.quality["ok"] and face.quality["reasons"][0]["what"] == "no-face" and face.quality["reasons"][0]["fix"]
    assert "no-face" not in str(scalp.quality)
    assert states(alice) == ["unusable", "elsewhere"]


def test_what_stops_the_process_again_and_again_is_set_aside(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(alice, with_position())

    def crash(photo: Photo) -> None:
        raise MemoryError

    monkeypatch.setattr(process, "_seen", crash)
    for _ in range(process.MOST_TRIES):
        with pytest.raises(MemoryError):
            process.drain()
    process.drain()
    photo = Photo.objects.get()
    assert photo.checked_by == measuring.METHOD and photo.tries == 0 and "stop" in photo.quality["reasons"][0]["says"]


def test_a_damaged_file_is_named_once(alice: Person) -> None:
    (photo,) = keep(alice, with_position())
    files.path_of(photo).write_bytes(b"\xff\xd8\xff damaged")
    process.drain()
    photo.refresh_from_db()
    assert not photo.quality["ok"] and photo.quality["reasons"][0]["fix"] and photo.width is None


def test_a_photo_deleted_meanwhile_leaves_nothing(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    (photo,) = keep(alice, with_position())
    seen = process._seen

    def slow(one: Photo) -> Any:
        result = seen(one)
        delete(Photo.objects.get(pk=one.pk))
        return result

    monkeypatch.setattr(process, "_seen", slow)
    process.drain()
    assert not [path for path in Path(settings.HOME).rglob("*") if photo.sha256 in path.name]


@pytest.mark.parametrize("argument", ["needlewise.web.wsgi", "needlewise.web.urls", "needlewise.web.services.measuring"])
def test_the_server_never_loads_numpy(argument: str, tmp_path: Path) -> None:
    heavy = "sys.exit('numpy' in sys.modules or 'cv2' in sys.modules)"
    code = f"import sys; from needlewise.web import serve; serve.start(); import {argument}; {heavy}"
    environment = {**os.environ, "NEEDLEWISE_HOME": str(tmp_path)}
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, check=False).returncode == 0


CODE = """
import io, sys
from needlewise.web import serve
serve.start()
serve.upgrade()
from needlewise.web.models import Person
from needlewise.web.services.photos import Told, add
person = Person.objects.get_or_create(owner=serve.owner(), defaults={"name": "A"})[0]
data = open(sys.argv[1], "rb").read()
print("ready", flush=True)
for n in range(10_000):
    profile = b"\\xff\\xe2\\x00\\x12ICC_PROFILE\\x00" + n.to_bytes(4, "big")  # which makes each a photo of its own
    added = add(person, [("a.jpg", io.BytesIO(data[:2] + profile + data[2:]))], Told())
    for photo in added.kept:
        print(photo.sha256, flush=True)
"""


def test_a_kill_in_the_middle_of_an_upload_loses_nothing(tmp_path: Path) -> None:
    """What was said to be kept is there, whole; what was not is swept away."""
    home, source = tmp_path / "home", tmp_path / "a.jpg"
    source.write_bytes(with_position())
    environment = {**os.environ, "NEEDLEWISE_HOME": str(home)}
    said: set[str] = set()
    for moment in (0.02, 0.11, 0.23):
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", CODE, str(source)], env=environment, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
            time.sleep(moment)
            os.kill(child.pid, signal.SIGKILL)
            said |= {line.strip() for line in child.stdout if len(line.strip()) == 64}
    check = (
        "from needlewise.web import serve; serve.start(); from needlewise.web.services import files; files.sweep();"
        "from needlewise.web.models import Photo; from django.db import connection; import hashlib, pathlib, django.conf;"
        "all = list(Photo.objects.all()); c = connection.cursor();"
        "c.execute('PRAGMA integrity_check'); assert c.fetchone()[0] == 'ok';"
        "assert all and {p.sha256 for p in all} == {hashlib.sha256(files.path_of(p).read_bytes()).hexdigest() for p in all};"
        "home = pathlib.Path(django.conf.settings.HOME);"
        "assert {f.name for f in (home / 'photos').rglob('*') if f.is_file()} == {p.sha256 + p.suffix for p in all};"
        "print(*(p.sha256 for p in all))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", check], env=environment, capture_output=True, text=True, check=True
    )
    assert said and said <= set(done.stdout.split())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the other process opens the SQLite file of the test by its path")
@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_of_measuring_loses_nothing(alice: Person) -> None:
    keep(alice, *(portrait_of(FIRST, shot) for shot in range(2)))
    keep(alice, portrait_of(LATER, 0))
    connection.close()
    name = connection.settings_dict["NAME"]
    code = (
        "import sys; from needlewise.web import serve; serve.start(); from django.conf import settings;"
        f"from django.db import connection; connection.settings_dict['NAME'] = {str(name)!r};"
        f"settings.HOME = __import__('pathlib').Path({str(settings.HOME)!r});"
        "from needlewise.web import measuring; serve.start = lambda: None; sys.exit(measuring.main())"
    )
    environment = {**os.environ, "NEEDLEWISE_HOME": str(settings.HOME)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    for moment in (1.0, 2.0):
        child = subprocess.Popen(command, env=environment)
        time.sleep(moment)
        child.kill()
        child.wait()
    assert subprocess.run(command, env=environment, check=False, timeout=120).returncode == 0
    assert states(alice) == ["baseline", "read"] and not list(Path(settings.HOME).rglob(".new-*"))
    assert Photo.objects.filter(tries=0).count() == 3


@pytest.mark.parametrize(("yaw", "pose"), [(0, "front"), (20, "front"), (-20, "front"), (25, "right"), (-25, "left")])
def test_who_turns_to_one_side_shows_the_other(yaw: float, pose: str) -> None:
    assert process.turned(yaw) == pose


@pytest.mark.django_db
def test_the_pose_is_found_and_corrected(alice: Person) -> None:
    if not TURNED.is_dir():
        pytest.skip("no shared photos beside the repository")
    shots = [(TURNED / f"{name}.jpg").read_bytes() for name in ("0000174", "0000130")]  # far to either side
    keep(alice, *shots, portrait_of(FIRST, 0, 6.0), pose=FIND_OUT, day=FIRST)
    assert [s.pose for s in Sitting.objects.of(alice)] == ["front"]
    process.drain()
    found = {s.pose: s for s in Sitting.objects.of(alice)}
    assert set(found) == {"front", "left", "right"} and all(s.photos.count() == 1 for s in found.values())
    assert not any(r["what"] == "yaw" for photo in Photo.objects.all() for r in photo.quality["reasons"])
    page = signed_in(alice).get(f"/photos/days/{found['left'].pk}/").content.decode()
    assert "was found from the photos" in page and re.search(r'value="left"[^>]*checked', page)
    moved = move(found["left"], Told(pose="body"))
    process.drain()
    assert moved.pose == "body" and not moved.photos.get().find_pose, "what was corrected stays"


@pytest.mark.django_db
def test_a_picture_without_a_face_stays_where_its_fix_is_told(alice: Person) -> None:
    (photo,) = keep(alice, with_position(), pose=FIND_OUT)
    process.drain()
    photo.refresh_from_db()
    assert photo.sitting.pose == "front" and photo.quality["reasons"][0]["what"] == "no-face"
