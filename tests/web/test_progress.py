"""Progress: the answer says no more than what was measured, in time, and for the concern that is meant."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needlewise.measure.change import DEFAULTS
from needlewise.web.models import Change, Device, Event, Person, Photo, Reading, Session, Settled, Sitting, ZoneLog
from needlewise.web.services import measuring, settled
from needlewise.web.services.progress import goals, progress
from needlewise.web.services.standing import standings

TODAY = timezone.localdate()
SPREAD = vars(DEFAULTS["redness"])


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def sitting(person: Person, days: int, pose: str = "front", **said: Any) -> Sitting:
    made = Sitting.objects.create(person=person, day=ago(days), pose=pose, make_up=False, **said)
    file = {
        "sha256": f"{Photo.objects.count():064x}",
        "suffix": ".jpg",
        "size": 1,
        "taken": timezone.now(),
        "width": 9,
        "height": 9,
    }
    quality = {"ok": True, "reasons": [], "values": {}}
    Photo.objects.create(person=person, sitting=made, checked_by=measuring.METHOD, quality=quality, **file)
    Settled.objects.filter(person=person).delete()
    return made


def read(made: Sitting, differences: dict[tuple[str, str], float | None], half: float = 1.0) -> None:
    """A reading as the measuring process writes it."""
    standing = next(s for s in standings(made.person) if s.sitting == made)
    spreads: dict[str, Any] = {}
    for zone, what in differences:
        spreads.setdefault(what, {})[zone] = SPREAD
    gates = {"redness": {"verdict": "comparable", "reasons": ["the light came from 30° elsewhere"]}}
    result = {
        "comparable": gates,
        "notes": [],
        "pictures": ["before.jpg", "after.jpg", "change-redness.png"],
        "spreads": spreads,
        "full": 10,
    }
    reading = Reading.objects.create(
        sitting=made, against=standing.against.sitting, method=measuring.METHOD, shots=standing.shots, result=result
    )
    for (zone, what), d in differences.items():
        low, high = (None, None) if d is None else (d - half, d + half)
        verdict = (
            "not comparable" if d is None else "no detectable change" if low <= 0 <= high else "worse" if low > 0 else "better"
        )
        numbers = {"difference": d, "low": low, "high": high, "smallest_detectable": None if d is None else half}
        named = {"zone": zone, "what": what, "method": "m@1", "unit": "u", "basis": "a reason of its own"}
        Change.objects.create(reading=reading, verdict=verdict, **numbers, **named)
    Settled.objects.filter(person=made.person).delete()


def treated(person: Person, *days: int, zones: tuple[str, ...] = ("cheek-left", "cheek-right")) -> None:
    device = Device.objects.filter(person=person).first()
    for day in days:
        at = timezone.now() - dt.timedelta(days=day, hours=1)
        session = Session.objects.create(person=person, device=device, started=at, ended=at + dt.timedelta(minutes=20))
        for zone in zones:
            ZoneLog.objects.create(session=session, zone=zone, mm=0.3, passes={"up": 4}, done=True)


BOTH = (("cheek-left", "pigment"), ("cheek-right", "pigment"))


def followed(person: Person, *values: float | None, half: float = 1.0, every: int = 35) -> None:
    """The first photos, and a reading of both cheeks every five weeks up to last week."""
    treated(person, *(every * n + 5 for n in range(1, len(values) + 1)))
    sitting(person, every * len(values) + 7)
    for n, value in enumerate(values):
        made = sitting(person, every * (len(values) - n - 1) + 7)
        read(made, dict.fromkeys(BOTH, value), half)
    settled.sure(person)


def answer(person: Person) -> str:
    return progress(person)[0].answer


def test_before_anything_there_is_nothing_to_tell(alice: Person, as_alice: Client) -> None:
    (p,) = progress(alice)
    assert p.answer == "no photos" and p.expect.stage == "not begun" and p.lines == ()
    text = as_alice.get("/progress/dark-spots/").content.decode()
    assert "no two days of photos" in text and "Where this comes from" in text and "/photos/take/" in text


def test_photos_that_wait_are_told(alice: Person, as_alice: Client) -> None:
    made = sitting(alice, 40), sitting(alice, 5)
    Photo.objects.filter(sitting=made[1]).update(checked_by="an older method")
    assert answer(alice) == "being looked at"
    assert "Your photos are being looked at" in as_alice.get("/progress/dark-spots/").content.decode()


@pytest.mark.parametrize(
    ("value", "expected"), [(-3.0, "better"), (3.0, "worse"), (0.2, "no detectable change"), (None, "not comparable")]
)
def test_the_answer_is_what_was_measured(value: float | None, expected: str, alice: Person, as_alice: Client) -> None:
    followed(alice, None, None, value)
    assert answer(alice) == expected
    text = as_alice.get("/progress/dark-spots/").content.decode()
    assert f'class="badge {expected.replace(" ", "-")}"' in text
    assert ("by more than chance" in text) == (expected in ("better", "worse"))
    assert "stop" in text  # when to stop or ask is always said


def test_before_a_result_can_be_expected_it_is_too_early(alice: Person) -> None:
    followed(alice, -9.0)
    (p,) = progress(alice)
    assert p.expect.stage == "too early" and p.answer == "too early"
    assert {line.latest.verdict for line in p.lines} == {"too early"} and p.lines[0].latest.difference == -9.0


def test_another_measure_does_not_answer_for_this_concern(alice: Person) -> None:
    followed(alice, None, None, 0.1)
    reading = Reading.objects.latest("sitting__day")
    numbers = {"difference": -4, "low": -5, "high": -3, "smallest_detectable": 1}
    Change.objects.create(reading=reading, zone="cheek-left", what="redness", method="m@1", unit="u", verdict="better", **numbers)
    (p,) = progress(alice)
    assert p.answer == "no detectable change" and [c.what for c in p.beside] == ["redness"]
    alice.profile["goals"] = [{"concern": "post-acne-redness", "zones": ["cheek-left", "cheek-right"]}]
    assert answer(alice) == "better"


def test_dark_spots_answer_for_dark_marks(alice: Person, as_alice: Client) -> None:
    """Where spots were followed they speak, and the pigment of the skin between them is beside; elsewhere pigment speaks."""
    followed(alice, None, None, 0.1)
    reading = Reading.objects.latest("sitting__day")
    numbers = {"difference": -5, "low": -7, "high": -3, "smallest_detectable": 2}
    Change.objects.create(reading=reading, zone="cheek-left", what="spots", method="m@1", unit="u", verdict="better", **numbers)
    (p,) = progress(alice)
    assert p.answer == "better" and {(line.zone, line.what) for line in p.lines} <= {("cheek-left", "spots"), BOTH[1]}
    Change.objects.filter(what="pigment").update(verdict="worse", difference=9, low=8, high=10)
    (p,) = progress(alice)
    assert p.answer == "worse" and [(c.zone, c.what) for c in p.beside] == [("cheek-left", "pigment")]
    alice.profile["goals"] = [{"concern": "melasma", "zones": ["cheek-left", "cheek-right"]}]
    assert progress(alice)[0].answer == "worse"


def test_one_of_many_at_the_edge_is_chance(alice: Person) -> None:
    """Just outside 0 alone is better; as one of two, an interval right in 95 of 100 looks for both holds 0."""
    followed(alice, None, None, -1.02)
    (p,) = progress(alice)
    assert {line.latest.verdict for line in p.lines} == {"better"} and p.answer == "no detectable change"
    Change.objects.filter(zone="cheek-right").delete()
    assert answer(alice) == "better"


def test_a_trend_needs_days_and_has_an_interval(alice: Person, as_alice: Client) -> None:
    followed(alice, -0.4, -0.8, -1.2, -1.6, -2.0)
    Event.objects.create(person=alice, what="stress", date=ago(60), until=ago(50))
    Event.objects.create(person=alice, what="new-routine", date=ago(40))
    (p,) = progress(alice)
    found = p.lines[0].trend
    assert found.sessions == 6 and found.per_month == pytest.approx(-0.4 / 35 * 365.25 / 12, rel=0.05)
    assert found.low < found.per_month < found.high and found.verdict == "better"
    assert [lane.name for lane in p.happened] == ["Sessions", "Products and medicines", "Also happened"]
    text = as_alice.get("/progress/dark-spots/").content.decode()
    assert text.count("<svg") == 2 and "a month (" in text and text.count("<rect") >= 2 * (5 + 1 + 1)
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=", text)


def test_scars_are_for_the_eyes(alice: Person, as_alice: Client) -> None:
    alice.profile["goals"] = [{"concern": "acne-scars", "zones": ["cheek-left"]}]
    alice.save()
    sitting(alice, 100, "lamp-left")
    last = sitting(alice, 3, "lamp-left")
    (p,) = progress(alice)
    assert p.answer == "not measured" and p.eyes[-1][-1].day == last.day
    text = as_alice.get("/progress/acne-scars/").content.decode()
    assert "judged by eye" in text and text.count("view.jpg") == 2


def test_owner_other_and_stranger(alice: Person, as_alice: Client, as_bob: Client, stranger: Client) -> None:
    followed(alice, None, None, -3.0)
    Event.objects.create(person=alice, what="other", date=ago(5), note="secret-of-alice")
    made = Reading.objects.latest("sitting__day").sitting
    for address in ("/progress/", "/progress/dark-spots/", f"/photos/days/{made.pk}/"):
        assert "better" in as_alice.get(address).content.decode()
        assert stranger.get(address).headers["Location"].startswith("/sign-in/")
    assert "by more than chance" not in as_bob.get("/progress/dark-spots/").content.decode()
    assert as_bob.get(f"/photos/days/{made.pk}/").status_code == 404
    assert as_alice.get("/progress/wrinkles/").status_code == as_alice.get("/progress/nonsense/").status_code == 404


def test_a_comparison_says_whether_before_what(alice: Person, as_alice: Client) -> None:
    followed(alice, None, None, -3.0)
    text = as_alice.get(f"/photos/days/{Reading.objects.latest('sitting__day').sitting_id}/").content.decode()
    assert text.index("30° elsewhere") < text.index("In short") < text.index("Laid over each other") < text.index("Zone by zone")
    assert 'type="range"' in text and "after.jpg" in text and "change-redness.png" in text and "change-pigment.png" not in text
    refused = as_alice.get(f"/photos/days/{Reading.objects.earliest('sitting__day').sitting_id}/").content.decode()
    assert "They may not be compared, because" in refused and "In short" not in refused


def test_no_score_anywhere(alice: Person, as_alice: Client) -> None:
    followed(alice, None, None, -3.0)
    for address in ("/progress/", "/progress/dark-spots/", "/photos/"):
        text = re.sub(r"There is no score here", "", as_alice.get(address).content.decode())
        assert not re.search(r"\bscore|/ ?100\b|streak|level up", text, re.I), address


@pytest.mark.parametrize("address", ["/progress/", "/progress/dark-spots/", "/photos/"])
def test_as_many_queries_with_ten_times_the_data(address: str, alice: Person, as_alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert as_alice.get(address).status_code == 200
        return len(seen)

    followed(alice, -0.5, -1.0)
    few = queries()
    for model in (Sitting, Session):
        model.objects.all().delete()
    followed(alice, *(-0.1 * n for n in range(20)))
    for n in range(40):
        Event.objects.create(person=alice, what="stress", date=ago(n))
    assert queries() == few <= 14


def test_goals_that_are_not_known_are_passed_over(alice: Person) -> None:
    alice.profile["goals"] = [{"concern": "of-another-version", "zones": []}]
    assert goals(alice) == [] and progress(alice) == []
