"""Photos: what is kept of them, whose they are, and that nothing is lost or left behind."""

import datetime as dt
import errno
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from photo_files import upload, with_position
from PIL import Image

from needlewise.web import place
from needlewise.web.models import Person, Photo, Reading, Session, Sitting
from needlewise.web.services import files, measuring
from needlewise.web.services.photos import Told, add, delete

SAID = {"pose": "front", "make_up": "no", "session": "find-out"}
DAY = dt.date(2026, 10, 1)


def keep(person: Person, **told: Any) -> Photo:
    shade = 60 + Photo.objects.count() % 190
    (photo,) = add(person, [("a.jpg", io.BytesIO(with_position(shade=shade)))], Told(**told)).kept
    return photo


def post(client: Client, *sent: bytes, **said: str) -> Any:
    named = [upload(data, f"IMG_{n}.jpg") for n, data in enumerate(sent)]
    return client.post("/photos/add/", {**SAID, **said, "photos": named})


def everything() -> list[Path]:
    return [path for part in (place.PHOTOS, place.DERIVED) for path in (Path(settings.HOME) / part).rglob("*") if path.is_file()]


def get(client: Client, address: str, **headers: str) -> Any:
    """Ask, and read the whole answer."""
    response = client.get(address, headers=headers)
    if response.streaming:
        response.body = b"".join(response.streaming_content)
    return response


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", ".jpg"), ("PNG", ".png"), ("WebP", ".webp"), ("TIFF", ".tif")])
def test_a_photo_is_kept_without_its_position(kind: str, suffix: str, as_alice: Client, alice: Person) -> None:
    data = with_position(kind)
    assert b"SERIAL-4711" in data and post(as_alice, data).status_code == 302
    photo = Photo.objects.get(person=alice)
    path = files.path_of(photo)
    kept = path.read_bytes()
    assert path.suffix == suffix and len(kept) == photo.size
    assert b"SERIAL" not in kept and b"OWNER" not in kept
    assert not dict(Image.open(io.BytesIO(kept)).getexif().get_ifd(0x8825))
    assert Image.open(io.BytesIO(kept)).tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert photo.sitting.day == DAY and timezone.localtime(photo.taken, dt.UTC).hour == 9  # ten in London's summer
    assert (Path(settings.HOME) / measuring.WANTED).exists()


def test_several_at_once_and_the_bad_one_is_named(as_alice: Client, alice: Person) -> None:
    page = post(as_alice, with_position(shade=100), b"%PDF-1.4 not a photo", with_position(shade=101))
    said = as_alice.get(page.headers["Location"]).content.decode()
    assert Photo.objects.of(alice).count() == 2
    assert "2 photos are kept" in said and "IMG_1.jpg" in said and "JPEG, HEIC" in said
    only_bad = post(as_alice, b"%PDF-1.4 not a photo", day="2026-10-02")
    text = only_bad.content.decode()
    assert only_bad.status_code == 422 and "IMG_0.jpg" in text and 'value="2026-10-02"' in text


def test_a_folder_comes_in_by_its_dates_and_what_is_no_photo_is_counted(as_alice: Client, alice: Person) -> None:
    assert "webkitdirectory" in as_alice.get("/photos/add/").content.decode()
    taken = [with_position(shade=90 + n, taken=f"2019:0{n}:02 10:00:00") for n in (4, 5)]
    folder = [upload(data, f"{n}.jpg") for n, data in enumerate(taken)] + [upload(b"notes", "notes.txt"), upload(b"", "empty")]
    page = as_alice.post("/photos/add/", {**SAID, "folder": folder}, follow=True)
    assert {p.sitting.day for p in Photo.objects.of(alice)} == {dt.date(2019, 4, 2), dt.date(2019, 5, 2)}
    assert "2 photos are kept" in page.content.decode() and "2 files of the folder are no photos" in page.content.decode()
    none = as_alice.post("/photos/add/", {**SAID, "folder": [upload(b"notes", "notes.txt")]})
    assert none.status_code == 422 and "There is no photo in this folder." in none.content.decode()


def test_more_than_a_folder_is_said(as_alice: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    page = as_alice.post("/photos/add/", {**SAID, "folder": [upload(b"x", f"{n}.txt") for n in range(3)]})
    assert page.status_code == 400 and "At most 2 files at once" in page.content.decode()


def test_the_same_photo_twice_is_said_kindly(as_alice: Client, as_bob: Client, alice: Person) -> None:
    post(as_alice, with_position())
    again = post(as_alice, with_position())
    assert "is here already, on 1 October 2026" in as_alice.get(again.headers["Location"]).content.decode()
    assert Photo.objects.of(alice).count() == 1
    post(as_bob, with_position())
    assert Photo.objects.count() == 2  # each has their own


def test_what_is_missing_is_said_beside_the_field(as_alice: Client) -> None:
    page = as_alice.post("/photos/add/", {"pose": "front", "day": "2999-01-01", "session": "none"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "Choose at least one photo." in text and "This day is still to come." in text and 'value="2999-01-01"' in text
    assert text.count('class="fault"') == 3  # and make-up


def test_a_photo_after_a_session_belongs_to_it(alice: Person) -> None:
    end = timezone.make_aware(dt.datetime(2026, 10, 1, 4, 0))
    session = Session.objects.create(person=alice, started=end - dt.timedelta(hours=1), ended=end)
    assert keep(alice).sitting.session == session
    sitting = Sitting.objects.of(alice).get()
    assert sitting.hours_after == 6.0
    assert keep(alice, guess=False).sitting.session is None
    assert keep(alice, untreated=True).sitting.session is None


def test_a_nonsense_clock_is_not_believed(alice: Person) -> None:
    for taken in ("1970:01:01 00:00:00", "2199:01:01 00:00:00", "not a date at all  "):
        data = with_position(taken=taken)
        (photo,) = add(alice, [("a.jpg", io.BytesIO(data))], Told()).kept
        assert photo.sitting.day == timezone.localdate()
        delete(photo)


ADDRESSES = ("/photos/{photo}/", "/photos/{photo}/original", "/photos/{photo}/view.jpg", "/photos/{photo}/small.jpg",
             "/photos/days/{sitting}/", "/photos/compared/{sitting}/after.jpg")  # fmt: skip
POSTED = ("/photos/{photo}/delete/", "/photos/{photo}/again/", "/photos/days/{sitting}/")


def test_owner_other_and_stranger(alice: Person, as_alice: Client, as_bob: Client, stranger: Client) -> None:
    photo = keep(alice)
    for name in ("view.jpg", "small.jpg"):
        files.put_derived(files.derived(alice.pk, photo.sha256, name), b"small picture")
    files.put_derived(files.derived(alice.pk, str(photo.sitting_id), "after.jpg"), b"made picture")
    for pattern in ADDRESSES:
        address = pattern.format(photo=photo.pk, sitting=photo.sitting_id)
        assert get(as_alice, address).status_code == 200, address
        assert as_bob.get(address).status_code == as_bob.get(address, headers={"Range": "bytes=0-3"}).status_code == 404
        assert stranger.get(address).headers["Location"].startswith("/sign-in/")
    for pattern in POSTED:
        address = pattern.format(photo=photo.pk, sitting=photo.sitting_id)
        assert as_bob.post(address, SAID).status_code == 404
        assert stranger.post(address, SAID).headers["Location"].startswith("/sign-in/")
    assert Photo.objects.filter(pk=photo.pk).exists() and len(everything()) == 4
    assert str(photo.pk) not in as_bob.get("/photos/").content.decode()
    assert stranger.get("/photos/").status_code == 302


@pytest.mark.parametrize(
    "name", ["../../records.sqlite3", "..%2f..%2frecords.sqlite3", "after.svg", "after", "%00.png", "a/../after.jpg"]
)
def test_no_other_file_can_be_had(name: str, alice: Person, as_alice: Client) -> None:
    photo = keep(alice)
    assert as_alice.get(f"/photos/compared/{photo.sitting_id}/{name}").status_code == 404
    assert as_alice.get(f"/photos/{photo.pk}/{name}").status_code == 404


def test_parts_of_a_file(alice: Person, as_alice: Client) -> None:
    photo = keep(alice)
    address, whole = f"/photos/{photo.pk}/original", files.path_of(photo).read_bytes()
    size = len(whole)

    def asked(text: str, **more: str) -> tuple[int, bytes, str | None]:
        response = get(as_alice, address, Range=text, **more)
        body = response.body if response.streaming else response.content
        if response.status_code != 416:
            assert int(response.headers["Content-Length"]) == len(body)
        return response.status_code, body, response.headers.get("Content-Range")

    assert asked("bytes=0-9") == (206, whole[:10], f"bytes 0-9/{size}")
    assert asked("bytes=10-") == (206, whole[10:], f"bytes 10-{size - 1}/{size}")
    assert asked("bytes=-5") == (206, whole[-5:], f"bytes {size - 5}-{size - 1}/{size}")
    assert asked(f"bytes=-{size * 2}") == (206, whole, f"bytes 0-{size - 1}/{size}")
    assert asked(f"bytes=5-{size * 9}") == (206, whole[5:], f"bytes 5-{size - 1}/{size}")
    assert asked(f"bytes={size}-") == asked("bytes=-0") == (416, b"", f"bytes */{size}")
    for nonsense in ("bytes=9-3", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes=١-٢"):
        assert asked(nonsense) == (200, whole, None), nonsense
    assert asked("bytes=0-9", **{"If-Range": '"x"'}) == (200, whole, None)


def test_a_browser_may_not_keep_or_guess_a_picture(alice: Person, as_alice: Client) -> None:
    headers = get(as_alice, f"/photos/{keep(alice).pk}/original").headers
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == 'attachment; filename="2026-10-01-front.jpg"'
    assert headers["Content-Type"] == "image/jpeg" and "default-src 'none'" in headers["Content-Security-Policy"]


def test_delete_means_deleted(alice: Person, as_alice: Client) -> None:
    first, second = keep(alice), keep(alice, day=DAY + dt.timedelta(days=40))
    third = keep(alice, day=DAY + dt.timedelta(days=80))
    for sitting in (second.sitting, third.sitting):
        Reading.objects.create(sitting=sitting, against=first.sitting, method="m", shots="s", result={})
        files.put_derived(files.derived(alice.pk, str(sitting.pk), "after.jpg"), b"x")
    for photo in (first, second, third):
        files.put_derived(files.derived(alice.pk, photo.sha256, "small.jpg"), b"x")
    as_alice.post(f"/photos/{second.pk}/delete/")
    left = {path.name for path in everything()}
    assert not any(name.startswith((second.sha256, str(second.sitting_id))) for name in left)
    assert len(left) == 5 and Reading.objects.count() == 1 and Sitting.objects.count() == 2
    as_alice.post(f"/photos/{first.pk}/delete/")  # what was compared with it goes too
    assert {path.name for path in everything()} == {f"{third.sha256}.jpg", f"{third.sha256}-small.jpg"}
    assert Reading.objects.count() == 0


def test_a_sweep_puts_right_what_a_kill_left(alice: Person) -> None:
    kept, coming_back = keep(alice), keep(alice)
    files.put_derived(files.derived(alice.pk, kept.sha256, "small.jpg"), b"x")
    files.put_derived(files.derived(alice.pk, str(kept.sitting_id), "after.jpg"), b"x")
    good = set(everything())
    folder = files.folder_of(alice)
    files.hide(coming_back)  # hidden, and the records never heard of it
    for stray in (folder / ".new-abc", folder / f"{'0' * 64}.jpg", folder / f"{files.GONE}{'1' * 64}.jpg",
                  files.derived(alice.pk, "2" * 64, "small.jpg"), files.derived(alice.pk, str(Photo().pk), "after.jpg"),
                  folder.parent / str(Photo().pk) / "3.jpg", Path(settings.HOME) / "tmpx.upload.jpg"):  # fmt: skip
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"stray")
    busy = folder / ".new-busy"
    busy.write_bytes(b"on its way")
    with files.held(busy):
        assert files.sweep() == 8
    assert set(everything()) == good | {busy} and not list(Path(settings.HOME).glob("*.upload*"))
    assert files.sweep() == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_full_disk_is_said_and_nothing_is_half_written(
    code: int, alice: Person, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr("os.fsync", full)
    page = post(as_alice, with_position())
    assert page.status_code == 507 and "no room to save" in page.content.decode()
    assert everything() == [] and Photo.objects.count() == 0 and Sitting.objects.count() == 0


def test_a_full_disk_below_the_records_is_said(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Sitting.objects, "get_or_create", full)
    as_alice.raise_request_exception = False
    assert post(as_alice, with_position()).status_code == 507
    assert everything() == []


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=400), st.integers(0, 3000), st.sampled_from(["front", "scalp", "x"]), st.text(max_size=12))
def test_uploads_fuzzed(alice: Person, as_alice: Client, noise: bytes, cut: int, pose: str, day: str) -> None:
    whole = with_position()
    for data in (noise, whole[:cut], whole[: len(whole) - cut % len(whole)] + noise, noise[:3] + whole):
        page = post(as_alice, data or b"\0", pose=pose, day=day)
        assert page.status_code in ((400,) if "\0" in day else (302, 422))
    assert {f"{p.sha256}{p.suffix}" for p in Photo.objects.of(alice)} == {path.name for path in everything()}


def test_saying_anew_what_a_day_shows(alice: Person, as_alice: Client) -> None:
    photo, other = keep(alice), keep(alice, pose="left")
    Photo.objects.update(checked_by=measuring.METHOD)
    address = f"/photos/days/{other.sitting_id}/"
    moved = as_alice.post(address, {"pose": "front", "make_up": "no", "day": "2026-10-01", "untreated": "on"})
    assert moved.headers["Location"] == f"/photos/days/{photo.sitting_id}/"  # the two days became one
    sitting = Sitting.objects.get()
    assert sitting.photos.count() == 2 and sitting.untreated and sitting.make_up is False
    assert set(sitting.photos.values_list("checked_by", flat=True)) == {""}
    assert as_alice.post(moved.headers["Location"], {"pose": "side"}).status_code == 422


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("address", ["/photos/", "/photos/add/", "/photos/take/", "/photos/days/{sitting}/", "/photos/{photo}/"])
def test_as_many_queries_with_ten_times_the_photos(address: str, alice: Person, as_alice: Client) -> None:
    photos = [keep(alice, day=DAY + dt.timedelta(days=n)) for n in range(2)]
    address = address.format(photo=photos[0].pk, sitting=photos[1].sitting_id)
    few = _queries(as_alice, address)
    for n in range(2, 20):
        keep(alice, day=DAY + dt.timedelta(days=n))
    assert _queries(as_alice, address) == few <= 12


def test_pages_need_no_script_in_them(alice: Person, as_alice: Client) -> None:
    photo = keep(alice)
    for address in ("/photos/", "/photos/add/", "/photos/take/", f"/photos/{photo.pk}/", f"/photos/days/{photo.sitting_id}/"):
        text = as_alice.get(address).content.decode()
        assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=", text), address


def test_the_pose_is_found_unless_it_is_said(as_alice: Client, alice: Person) -> None:
    page = as_alice.get("/photos/add/").content.decode()
    assert re.search(r'value="find-out"[^>]*checked', page)
    assert re.search(r'value="front"[^>]*checked', as_alice.get("/photos/take/").content.decode())
    assert post(as_alice, with_position(shade=70), pose="find-out").status_code == 302
    assert post(as_alice, with_position(shade=71), pose="left").status_code == 302
    assert {(p.sitting.pose, p.find_pose) for p in Photo.objects.of(alice)} == {("front", True), ("left", False)}
