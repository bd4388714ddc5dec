"""A change and what it moves are one: both are kept, or neither is."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from people import signed_in

from needlewise.errors import InputError
from needlewise.knowledge import derive_longest, table
from needlewise.model import SETTINGS
from needlewise.planning.length import rest_days
from needlewise.planning.schedule import pause_days
from needlewise.said import Said
from needlewise.web.models import Event, Moved, Person
from needlewise.web.services import export
from needlewise.web.services.planning import REMEMBERED, described, lines_of, moving, plan_of, today


def test_a_change_is_kept_with_what_it_moved_and_why(alice: Person) -> None:
    before = plan_of(alice).zones[0].first
    with moving(alice, "A peel was added") as move:
        Event.objects.create(person=alice, what="peel", date=today())
    assert move.record is not None and move.record.because == "A peel was added"
    assert plan_of(alice).zones[0].first != before
    lines = lines_of(Moved.objects.of(alice).get())
    assert [line.text for line in lines] == [line.text for line in move.lines]
    assert any(isinstance(line.text, Said) and line.says and line.direction == "stricter" for line in lines)


def test_nothing_moved_is_not_kept(alice: Person) -> None:
    with moving(alice, "A note was added") as move:
        Event.objects.create(person=alice, what="diet", date=today())
    assert move.record is None and not move.lines and not Moved.objects.exists()


def test_what_the_planner_refuses_changes_nothing(alice: Person) -> None:
    profile = dict(alice.profile)
    with pytest.raises(InputError), moving(alice, "x"):
        Event.objects.create(person=alice, what="peel", date=today())
        alice.profile["person"]["skin_type"] = 9
    assert not Event.objects.exists() and not Moved.objects.exists()
    assert alice.profile == profile == Person.objects.get(pk=alice.pk).profile


def test_two_changes_at_once_both_hold(alice: Person) -> None:
    other = Person.objects.get(pk=alice.pk)
    with moving(alice, "x"):
        alice.profile["person"]["skin_type"] = 4
    with moving(other, "y"):
        other.profile["person"]["country"] = "ES"
    told = Person.objects.get(pk=alice.pk).profile["person"]
    assert told["skin_type"] == 4 and told["country"] == "ES"


def test_before_there_is_a_plan_nothing_moves(alice: Person) -> None:
    alice.ready = None
    alice.save()
    with moving(alice, "x") as move:
        Event.objects.create(person=alice, what="sunburn", date=today())
    assert move.record is None


def test_an_event_that_lasts_is_a_condition_until_it_is_over(alice: Person) -> None:
    event = Event.objects.create(person=alice, what="cold-sore", date=today() - dt.timedelta(days=3))
    assert "cold-sore" in {c.name for c in described(alice).conditions or ()}
    event.until = today() - dt.timedelta(days=1)
    event.save()
    assert "cold-sore" not in {c.name for c in described(alice).conditions or ()}


def test_a_note_never_passes_for_an_answer(alice: Person) -> None:
    """Nobody answered what conditions there are: stress and distress alone must not make it look answered."""
    told = alice.profile["person"]
    told.pop("conditions")
    told["distress"] = True
    Event.objects.create(person=alice, what="stress", date=today())
    assert described(alice).conditions is None
    Event.objects.create(person=alice, what="cold-sore", date=today())
    assert plan_of(alice).verdict == "stop"


def test_a_day_that_has_begun_elsewhere_is_not_the_future(alice: Person) -> None:
    with timezone.override(dt.timezone(dt.timedelta(hours=14))):
        Event.objects.create(person=alice, what="peel", date=today())
        assert plan_of(alice).start == today()


def test_no_rest_is_longer_than_sessions_are_remembered() -> None:
    """Sessions that the plan no longer reads must be older than the longest rest there is, with all its factors."""
    concerns = list(table("concerns").values())
    factor = math.prod(max(1.0, rule.limit.interval_factor) for rule in table("rules").values() if rule.limit)
    days = [
        rest_days(setting, mm / 10, zone, concerns, factor)
        for setting in SETTINGS for mm in range(1, 31) for zone in table("zones")
    ]  # fmt: skip
    assert 0 < max(days) < REMEMBERED.days


def test_no_wait_after_an_event_is_longer_than_events_are_remembered(alice: Person) -> None:
    waits = [
        derive_longest(rule.says, rule.choice, "d", setting)
        for rule in table("rules").values() if rule.when.events for setting in SETTINGS
    ]  # fmt: skip
    assert waits and all(0 < days < REMEMBERED.days for days in waits)
    old = today() - REMEMBERED - dt.timedelta(days=9)
    Event.objects.create(person=alice, what="peel", date=old)
    Event.objects.create(person=alice, what="filler", date=today() - dt.timedelta(days=9))
    Event.objects.create(person=alice, what="stress", date=old, until=old)
    Event.objects.create(person=alice, what="cold-sore", date=old)
    who = described(alice)
    assert [event.what for event in who.events] == ["filler"]
    assert "cold-sore" in [c.name for c in who.conditions] and "stress" not in str(who.conditions)


def since(person: Person) -> str | None:
    told = Person.objects.get(pk=person.pk).profile["person"].get("since")
    return str(told) if told else None


@pytest.fixture
def settled(alice: Person) -> Person:
    """Somebody whose retinoid has been paused long enough."""
    ago = timezone.now() - dt.timedelta(days=40)
    Person.objects.filter(pk=alice.pk).update(ready=ago)
    alice.refresh_from_db()
    assert plan_of(alice).zones[0].first == today()
    return alice


NEW = [
    {"products": [{"name": "retinoid"}, {"name": "glycolic acid toner"}]},
    {"products": [{"name": "retinoid"}, {"name": "adapalene"}]},  # another of the same kind
    {"products": [{"name": "retinoid"}, {"name": "grandmother's salve"}]},  # nobody knows what is in it
    {"medicines": [{"name": "tretinoin cream"}]},
]
OLD = [{"products": [{"name": "retinoid"}]}, {"products": []}, {"products": [{"name": "retinoid"}, {"name": "moisturiser"}]}]


def with_(profile: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    told = copy.deepcopy(told)
    return {**profile, "person": {**profile["person"], "medicines": told.pop("medicines", [])}, **told}


@pytest.mark.parametrize("told", NEW)
def test_a_new_product_restarts_the_pause_through_the_api(settled: Person, told: dict[str, Any]) -> None:
    sent = with_(settled.profile, told)
    sent["person"]["since"] = "2020-01-01"  # is not theirs to say
    answer = signed_in(settled).put("/api/profile", json.dumps(sent), content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert since(settled) == today().isoformat()
    first = plan_of(Person.objects.get(pk=settled.pk)).zones[0].first
    assert first is not None and first >= today() + dt.timedelta(days=pause_days(table("actives")["retinoid"], "home"))


@pytest.mark.parametrize("told", OLD)
def test_the_same_products_leave_the_pause_through_the_api(settled: Person, told: dict[str, Any]) -> None:
    kept = (today() - dt.timedelta(days=20)).isoformat()
    settled.profile["person"]["since"] = kept
    settled.save()
    answer = signed_in(settled).put(
        "/api/profile", json.dumps(with_(settled.profile, told)), content_type="application/json"
    )
    assert answer.status_code == 200 and since(settled) == kept
    forgetful = with_(settled.profile, told)
    forgetful["person"].pop("since")  # a program that drops what it does not know
    assert signed_in(settled).put("/api/profile", json.dumps(forgetful), content_type="application/json").status_code == 200
    assert since(settled) == kept


def test_a_new_product_restarts_the_pause_on_its_page(settled: Person) -> None:
    sent = {"answer": "some", "usual": ["retinoid", "acids"]}
    page = signed_in(settled).post("/me/products/", sent)
    assert page.status_code == 302, page.content.decode()
    assert since(settled) == today().isoformat()


@pytest.mark.parametrize(("days", "anew"), [(0, False), (3, True)])
def test_an_import_restarts_the_pause_unless_it_was_just_made(
    settled: Person, bob: Person, tmp_path: Path, days: int, anew: bool
) -> None:
    kept = (today() - dt.timedelta(days=20)).isoformat()
    settled.profile["person"]["since"] = kept
    settled.save()
    file = tmp_path / "export.zip"
    said = export.records(settled)
    said["made"] -= dt.timedelta(days=days)
    with zipfile.ZipFile(file, "w") as out:
        out.writestr(export.RECORDS, json.dumps(said, cls=DjangoJSONEncoder))
    Person.objects.filter(pk=bob.pk).update(ready=None, profile={})
    bob.refresh_from_db()
    export.bring_in(bob, file)
    assert since(bob) == (today().isoformat() if anew else kept)


def test_an_import_that_no_plan_can_be_made_from_is_refused(settled: Person, bob: Person, tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    said = export.records(settled)
    said["person"]["profile"]["person"]["skin_type"] = 9
    with zipfile.ZipFile(file, "w") as out:
        out.writestr(export.RECORDS, json.dumps(said, cls=DjangoJSONEncoder))
    Person.objects.filter(pk=bob.pk).update(ready=None, profile={})
    bob.refresh_from_db()
    with pytest.raises(InputError):
        export.bring_in(bob, file)
    assert Person.objects.get(pk=bob.pk).profile == {}
