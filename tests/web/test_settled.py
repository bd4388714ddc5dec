"""What is kept of where days stand and of trends is what the records say, whatever has changed; and it is all a page reads."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.utils import timezone
from people import signed_in
from photo_files import with_position
from years import live, open_session

from addresses import addresses
from needlewise.measure.change import DEFAULTS, Measure, Spread
from needlewise.measure.method import METHOD
from needlewise.measure.trend import Session as Day
from needlewise.measure.trend import trend
from needlewise.share.trend_chart import MOST_DOTS
from needlewise.web.models import Change, Event, Person, Photo, Reading, Series, Session, Settled, Sitting, Stands, ZoneLog
from needlewise.web.services import export, files, measuring, settled
from needlewise.web.services import photos as service
from needlewise.web.services.photos import Told, add
from needlewise.web.services.progress import MOST_MARKS, progress
from needlewise.web.services.standing import READ_POSES, standings

GOOD: dict[str, Any] = {"ok": True, "reasons": [], "values": {}}
FIRST = timezone.localdate() - dt.timedelta(days=400)


def agree(person: Person) -> None:
    """What is kept is what the records say when they are all read."""
    told, every = settled.sure(person), standings(person)
    assert Settled.objects.filter(person=person).exists() and not Stands.objects.exclude(sitting__person=person).exists()
    kept = settled.where(settled.days(person))
    assert [s.sitting.pk for s in kept] == [s.sitting.pk for s in every]
    for one, other in zip(kept, every, strict=True):
        assert (one.state, one.until, one.photos) == (other.state, other.until, other.photos)
        assert (one.against and one.against.sitting.pk) == (other.against and other.against.sitting.pk)
        assert one.sitting.stands.good == bool(other.good)
    assert told.waits == sum(s.state == "waiting" for s in every)
    read = [s for s in every if s.state == "read" and s.sitting.hours_after is None]
    assert dict(told.last) == {pose: str([s for s in read if s.sitting.pose == pose][-1].sitting.pk)
                               for pose in READ_POSES if any(s.sitting.pose == pose for s in read)}  # fmt: skip
    assert set(told.ghosts) == {s.sitting.pose for s in every if s.good and s.sitting.hours_after is None}
    trends = settled.trends(person)
    assert {pose for pose, _, _ in trends} == set(told.last)
    for (pose, zone, what), found in trends.items():
        again = by_hand([s for s in read if s.sitting.pose == pose], zone, what)
        assert (found.per_month, found.low, found.high, found.sessions, found.verdict, found.left_out) == (
            again.per_month, again.low, again.high, again.sessions, again.verdict, again.left_out
        )  # fmt: skip
        assert set(found.points) <= set(again.points) and set(found.line) <= set(again.line)


def by_hand(read: list[Any], zone: str, what: str) -> Any:
    rows = Change.objects.filter(zone=zone, what=what, reading__sitting__in=[s.sitting.pk for s in read])
    days = {read[0].against.sitting.day: 0.0}
    days |= {c.reading.sitting.day: c.difference for c in rows.select_related("reading__sitting") if c.difference is not None}
    latest = rows.get(reading__sitting=read[-1].sitting.pk)
    spread = Spread(**read[-1].sitting.reading.result["spreads"][what][zone])
    return trend(Measure(what, latest.method, latest.unit), [Day(day, (value,)) for day, value in days.items()], spread)


def keep(person: Person, *days: int, **told: Any) -> list[Photo]:
    """Add a photo a day, looked at and good."""
    added: list[Photo] = []
    for n in days:
        data = with_position(shade=40 + Photo.objects.count())
        added += add(person, [("a.jpg", io.BytesIO(data))], Told(day=FIRST + dt.timedelta(days=n), **told)).kept
    files.hold(person)
    Photo.objects.filter(checked_by="", person=person).update(checked_by=METHOD, quality=GOOD)
    return added


def read(person: Person, value: float | None = -1.0) -> None:
    """Compare all that waits, as the measuring process does, but for the pictures."""
    while (standing := measuring.next_sitting()) is not None:
        n = Reading.objects.count()
        result = {"spreads": {"redness": dict.fromkeys(standing.zones, vars(DEFAULTS["redness"]))}}
        files.hold(person)
        made, _ = Reading.objects.update_or_create(
            sitting=standing.sitting, defaults={"against": standing.against.sitting, "method": METHOD, "shots": standing.shots,
                                                "result": result},
        )  # fmt: skip
        made.changes.all().delete()
        numbers = {"difference": value and value - n / 7, "low": -2, "high": 2, "smallest_detectable": 1}
        for zone in standing.zones:
            Change.objects.create(reading=made, zone=zone, what="redness", method="m", unit="a*", verdict="better", **numbers)
        settled.settle(person)
        agree(person)


def test_it_is_what_the_records_say_after_every_change(alice: Person) -> None:
    agree(alice)
    first, *_ = keep(alice, 0)
    agree(alice)
    keep(alice, 30, 60, 75, 90, 130, 160, 200)
    keep(alice, 3, 4, pose="scalp")
    lamp = keep(alice, 5, 65, 99, pose="lamp-left")
    assert measuring.waiting()
    read(alice)
    assert len(settled.trends(alice)) == 2 and settled.sure(alice).ends["lamp-left"][1].photo == str(lamp[-1].pk)
    keep(alice, 1, 2, untreated=True)  # every reading rests on these from now on
    agree(alice)
    assert settled.sure(alice).waits > 3 and not settled.trends(alice)
    read(alice)
    service.look_again(Photo.objects.get(sitting__day=FIRST + dt.timedelta(days=60)))
    agree(alice)
    Photo.objects.filter(checked_by="").update(checked_by=METHOD)
    Settled.objects.all().delete()
    read(alice)
    service.delete(Photo.objects.get(sitting__day=FIRST + dt.timedelta(days=130)))
    agree(alice)
    service.move(Sitting.objects.get(day=FIRST + dt.timedelta(days=160)), Told(day=FIRST + dt.timedelta(days=170)))
    agree(alice)
    read(alice)
    service.delete(Photo.objects.get(pk=first.pk))  # what all were compared with
    agree(alice)
    read(alice)
    alice.profile["goals"] = [{"concern": "dark-spots", "zones": ["nose"]}]
    alice.save()
    agree(alice)
    assert settled.sure(alice).waits and not settled.trends(alice)
    read(alice)
    assert {zone for _, zone, _ in settled.trends(alice)} == {"nose"}


def test_another_method_settles_all_anew(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(alice, 0, 40)
    read(alice)
    Stands.objects.update(state="resting")  # as nobody would
    assert settled.days(alice).filter(stands__state="resting").count() == 2, "nothing says that it must be worked out again"
    monkeypatch.setattr(settled, "METHOD", "measure@next")
    agree(alice)
    monkeypatch.setattr(settled, "__version__", "9")
    Series.objects.update(trend={})
    agree(alice)


def test_whoever_holds_the_photos_unsettles_them(alice: Person) -> None:
    (photo,) = keep(alice, 0)
    settled.sure(alice)
    files.hold(alice)
    Photo.objects.filter(pk=photo.pk).update(quality={"ok": False, "reasons": [], "values": {}})  # and was killed before settling
    assert [s.state for s in settled.where(settled.days(alice))] == ["baseline"]
    agree(alice)
    assert [s.state for s in settled.where(settled.days(alice))] == ["unusable"]


def test_an_import_is_settled_and_a_person_who_goes_takes_all_along(alice: Person, bob: Person, tmp_path: Path) -> None:
    keep(alice, 0, 40, 80)
    read(alice)
    export.archive(alice, tmp_path / "a.zip")
    bob.profile = alice.profile
    bob.save()
    alice.delete()
    assert not Stands.objects.exists() and not Series.objects.exists() and not Settled.objects.exists()
    export.bring_in(bob, tmp_path / "a.zip")
    agree(bob)
    assert len(settled.trends(bob)) == 2 and not measuring.waiting()


def test_on_a_full_disk_the_last_answer_is_shown(alice: Person, as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(alice, 0)
    settled.sure(alice)
    keep(alice, 40)

    def full(person: Person) -> None:
        raise OperationalError("database or disk is full")

    Settled.objects.update(key="")
    monkeypatch.setattr(files, "hold", full)
    for page in ("/photos/", "/photos/take/", "/progress/", "/progress/dark-spots/", "/yours/report/"):
        assert as_alice.get(page).status_code == 200, page


def test_once_there_are_many_twice_as_many_records_are_not_read(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are full, charts and windows of time too: from then on each page and call reads the same number of rows."""
    alice.owner.is_superuser = True
    alice.owner.save()
    some = live(alice, 30)
    open_session(alice)
    client, rows, execute = signed_in(alice), [0], SQLCompiler.execute_sql

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = execute(self, *args, **kwargs)
        if found is None or isinstance(found, (tuple, int)):
            return found
        chunks = list(found)
        rows[0] += sum(len(chunk) for chunk in chunks)
        return iter(chunks)

    monkeypatch.setattr(SQLCompiler, "execute_sql", counted)
    left_out = ("sign-out", "enter")
    paths = {a.route: a.with_(some) for a in addresses() if a.name not in left_out and a.route != "api/export"}

    def read_by(path: str) -> int:
        for _ in range(2):  # what is read once for all is read the first time
            rows[0] = 0
            answer = client.get(path)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        return rows[0]

    few = {route: read_by(path) for route, path in paths.items()}
    live(alice, 30, first=30)
    many = {route: read_by(path) for route, path in paths.items()}
    assert {route: (few[route], many[route]) for route in paths if many[route] > few[route]} == {}
    assert 100 < max(few.values()) < 500 and few["photos/"] > 24, few


def test_twenty_years_are_drawn_as_what_a_screen_can_show(alice: Person, as_alice: Client) -> None:
    live(alice, 240)
    agree(alice)
    (p,) = progress(alice)
    found = p.lines[0].trend
    assert found.sessions > 200 and found.per_month is not None and len(found.points) == len(found.line) <= MOST_DOTS
    assert found.points[0].day == Sitting.objects.earliest("day").day and found.points[-1].day == p.latest.sitting.day
    text = as_alice.get("/progress/dark-spots/").content.decode()
    assert f"{len(found.points)} of {found.sessions} days drawn" in text and text.count("<circle") == 2 * len(found.points)
    assert p.expect.stage == "past the course" and ZoneLog.objects.values("session").distinct().count() == 480
    assert [len(lane.marks) for lane in p.happened] == [MOST_MARKS, MOST_MARKS]
    assert all(f"(the latest {MOST_MARKS})" in lane.name and lane.marks[0].day < lane.marks[-1].day for lane in p.happened)
    newest = (Session.objects.latest("started").started, Event.objects.latest("date").date)
    assert [lane.marks[-1].day for lane in p.happened] == [timezone.localtime(newest[0]).date(), newest[1]]
    assert re.search(r'"count": 240\b', as_alice.get("/api/sittings?limit=1").content.decode())
