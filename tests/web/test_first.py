"""The first run: every answer is saved at once, and it ends with a plan or a plain no."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from people import signed_in

from needlewise.web.models import Device, Event, Person, Session
from needlewise.web.services.first import STEPS
from needlewise.web.services.planning import plan_of, today

ABOUT = {"birth_year": "1990", "skin_type": "2", "country": "gb", "time_zone": "Europe/London"}
ANSWERS: list[tuple[str, dict[str, object]]] = [
    ("about", ABOUT),
    ("goals", {"concern": "dark-spots"}),
    ("goals/dark-spots", {"zones": ["cheek-left", "cheek-right"], "severity": "mild"}),
    ("health", {"answer": "none"}),
    ("family", {"pregnant": "no", "nursing": "no"}),
    ("medicines", {"answer": "none"}),
    ("devices", {"kind": "roller", "mm": "0.25", "shared": "no", "answer": "some"}),
    ("products", {"answer": "none"}),
    ("events", {"answer": "none"}),
    ("limits", {"understood": "on"}),
    ("gentle", {"weighs": "no"}),
]


@pytest.fixture
def newcomer(db: None) -> Person:
    user = User.objects.create_user("new", password="a-long-passphrase-of-new")
    return Person.objects.create(owner=user, name="New")


@pytest.fixture
def as_new(newcomer: Person) -> Client:
    return signed_in(newcomer)


def answer(client: Client, only: str = "", **instead: dict[str, object]) -> None:
    for name, data in ANSWERS:
        response = client.post(f"/first/{name}/", instead.get(name.replace("/", "_"), data))
        assert response.status_code == 302, (name, response.context and response.context["form"].errors)
        if name == only:
            return


def test_one_of_each_leads_on_and_another_may_follow(as_new: Client) -> None:
    answer(as_new, only="goals")
    places = {"zones": ["cheek-left"], "severity": "mild"}
    assert as_new.post("/first/goals/dark-spots/", {**places, "answer": "more"}).headers["Location"] == "/first/goals/?more"
    assert "<details open>" in as_new.get("/first/goals/?more").content.decode()
    assert as_new.post("/first/goals/glow/", places).headers["Location"] == "/first/health/"
    device = {"kind": "roller", "mm": "0.25", "shared": "no"}
    assert as_new.post("/first/devices/", {**device, "answer": "more"}).headers["Location"] == "/first/devices/?more"
    assert as_new.post("/first/devices/", device).headers["Location"] == "/first/products/"
    assert Device.objects.count() == 2


def test_a_safe_first_session_is_reached(newcomer: Person, as_new: Client) -> None:
    assert as_new.get("/").headers["Location"] == "/first/"
    assert "two months" in as_new.get("/first/").content.decode()
    answer(as_new)
    end = as_new.get("/first/plan/")
    assert end.context["outcome"].session is not None and "You can start" in end.content.decode()
    assert as_new.post("/first/done/").headers["Location"] == "/"
    assert as_new.get("/").status_code == 200
    newcomer.refresh_from_db()
    assert newcomer.ready and newcomer.understood and plan_of(newcomer).verdict in ("go", "limited")
    assert newcomer.zone_name == "Europe/London"


@pytest.mark.parametrize(
    ("step", "data", "verdict", "words"),
    [
        ("family", {"pregnant": "yes", "nursing": "no"}, "stop", "Not for you"),
        ("health", {"conditions": ["keloid"]}, "stop", "Not for you"),
        ("about", {**ABOUT, "birth_year": str(today().year - 16)}, "stop", "Not for you"),
        ("health", {"answer": "unknown"}, "ask", "still open"),
        ("devices", {"answer": "unknown"}, "ask", "still open"),
        ("goals_dark-spots", {"zones": ["cheek-left"], "severity": "severe"}, "refer", "show this to somebody"),
    ],
)
def test_not_now_says_why_and_what_would_change_it(
    newcomer: Person, as_new: Client, step: str, data: dict[str, object], verdict: str, words: str
) -> None:
    answer(as_new, **{step: data})
    page = as_new.get("/first/plan/")
    assert page.context["plan"].verdict == verdict and words in page.content.decode()
    reason = page.context["outcome"].holding[0]
    assert reason.change == step.partition("_")[0] and f"/first/{reason.change}/" in page.content.decode()


def test_each_answer_is_saved_at_once_and_the_run_goes_on_there(newcomer: Person, as_new: Client) -> None:
    answer(as_new, only="medicines")
    newcomer.refresh_from_db()
    assert newcomer.profile["person"]["medicines"] == []
    assert "/first/devices/" in as_new.get("/first/").content.decode()
    page = as_new.get("/first/about/").content.decode()
    assert 'value="1990"' in page and 'value="2"' in page


def test_every_step_opens_with_back_and_progress(as_new: Client) -> None:
    for step in STEPS:
        page = as_new.get(f"/first/{step.name}/")
        if step.name == "where":
            assert page.status_code == 404  # nothing local was told
        else:
            assert page.status_code == 200 and "Step " in page.content.decode() and "Back" in page.content.decode()
    assert as_new.get("/first/nothing/").status_code == 404
    assert as_new.get("/first/goals/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("step", "data", "field"),
    [
        ("about", {"birth_year": "1850"}, "birth_year"),
        ("about", {"birth_year": "2190"}, "birth_year"),
        ("about", {"country": "Spain"}, "country"),
        ("health", {"conditions": ["diabetes-controlled", "diabetes-uncontrolled"]}, "conditions"),
        ("health", {"answer": "some"}, "conditions"),
        ("health", {"answer": "none", "conditions": ["keloid"]}, "conditions"),
        ("medicines", {"answer": "some", "name": "isotretinion"}, "name"),
        ("medicines", {"answer": "some", "name": "aspirin", "last_taken": "2190-01-01"}, "last_taken"),
        ("medicines", {"answer": "none", "name": "aspirin"}, "name"),
        ("devices", {"kind": "roller", "mm": "25"}, "mm"),
        ("devices", {"kind": "roller", "mm": "0.25", "bought": "2190-01-01"}, "bought"),
        ("goals/dark-spots", {"severity": "mild"}, "zones"),
        ("products", {"answer": "some"}, "usual"),
        ("limits", {}, "understood"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(as_new: Client, step: str, data: dict[str, object], field: str) -> None:
    page = as_new.post(f"/first/{step}/", data)
    assert page.status_code == 200 and list(page.context["form"].errors) == [field]
    text = page.content.decode()
    assert 'class="fault"' in text and "Traceback" not in text
    for value in data.values():
        if isinstance(value, str) and value not in ("some", "none", "2190-01-01", "mild"):
            assert value in text  # what was typed is kept


def test_a_local_condition_is_asked_where_it_is(newcomer: Person, as_new: Client) -> None:
    answer(as_new, only="goals/dark-spots")
    as_new.post("/first/health/", {"conditions": ["active-acne", "metal-allergy"]})
    page = as_new.get("/first/where/").content.decode()
    assert "Active acne" in page and "metal" not in page
    as_new.post("/first/where/", {"active-acne": ["body"]})
    newcomer.refresh_from_db()
    told = newcomer.profile["person"]["conditions"]
    assert told == ["metal-allergy", {"name": "active-acne", "zones": ["body"]}]
    as_new.post("/first/health/", {"conditions": ["active-acne"]})  # where it is stays told
    newcomer.refresh_from_db()
    assert newcomer.profile["person"]["conditions"] == [{"name": "active-acne", "zones": ["body"]}]


def test_lists_take_one_more_and_give_one_back(newcomer: Person, as_new: Client) -> None:
    as_new.post("/first/medicines/", {"answer": "some", "name": "isotretinoin", "last_taken": "2026-05-01"})
    as_new.post("/first/medicines/", {"answer": "some", "name": "aspirin"})
    newcomer.refresh_from_db()
    assert newcomer.profile["person"]["medicines"] == [{"name": "isotretinoin", "last_taken": "2026-05-01"}, {"name": "aspirin"}]
    as_new.post("/first/medicines/", {"remove": "isotretinoin"})
    as_new.post("/first/medicines/", {"remove": "aspirin"})
    newcomer.refresh_from_db()
    assert "medicines" not in newcomer.profile["person"]  # taken back is not the same as "none"
    as_new.post("/first/events/", {"what": "peel", "date": "2026-10-01"})
    as_new.post("/first/events/", {"form": "session", "date": "2026-10-01", "zones": ["face"], "mm": "0,5"})
    session = Session.objects.of(newcomer).get()
    assert session.zones.count() > 5 and plan_of(newcomer) and "0.5" in str(session.zones.first().mm)  # type: ignore[union-attr]
    as_new.post("/first/events/", {"remove": Event.objects.get().pk})
    as_new.post("/first/events/", {"remove-session": session.pk})
    assert not Event.objects.exists() and not Session.objects.exists()


def test_the_gentle_question_changes_no_plan(newcomer: Person, as_new: Client) -> None:
    answer(as_new)
    newcomer.refresh_from_db()
    before = plan_of(newcomer)
    as_new.post("/first/gentle/", {"weighs": "yes"})
    newcomer.refresh_from_db()
    after = plan_of(newcomer)
    assert after.verdict == before.verdict and after.steps == before.steps
    assert "appearance-distress" in {f.rule for f in after.findings}


def test_nothing_of_another_can_be_removed(alice: Person, as_new: Client) -> None:
    event = Event.objects.create(person=alice, what="peel", date=today())
    device = Device.objects.of(alice).get()
    assert as_new.post("/first/events/", {"remove": event.pk}).status_code == 404
    assert as_new.post("/first/devices/", {"remove": device.pk}).status_code == 404
    assert as_new.post("/first/devices/", {"remove": "nonsense"}).status_code == 404
    assert Event.objects.exists() and Device.objects.filter(retired=None).exists()


def test_strangers_are_asked_to_sign_in(stranger: Client, db: None) -> None:
    for address in ("/first/", "/first/about/", "/first/plan/", "/first/goals/glow/", "/me/", "/me/health/"):
        assert stranger.get(address).headers["Location"].startswith("/sign-in/")


def test_about_me_changes_the_plan_and_shows_what_moved(alice: Person, as_alice: Client) -> None:
    assert as_alice.get("/me/").status_code == 200
    moved = as_alice.post("/me/family/", {"pregnant": "yes", "nursing": "no"})
    assert moved.headers["Location"].startswith("/changes/moved/")
    assert "stop" in as_alice.get(moved.headers["Location"]).content.decode()
    same = as_alice.post("/me/family/", {"pregnant": "yes", "nursing": "no"})
    assert same.headers["Location"] == "/me/"
