"""The API: the same records by the same rules as the pages, and refusals that say what is wrong."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from people import PROFILE, signed_in
from photo_files import upload, with_position

from needlewise.web.api import api
from needlewise.web.models import Device, Event, Inspection, Person, Photo
from needlewise.web.services.planning import today

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def sent(client: Client, method: str, path: str, body: Any = None) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.generic(method, f"/api/{path}", data, content_type="application/json")


def operations() -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods]


def test_every_operation_is_in_the_docs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [f"{m} {p}" for m, p in operations() if f"`{m} {p}`" not in text] == []
    told = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert told - {f"{m} {p}" for m, p in operations()} == set()


def test_every_operation_says_what_it_does() -> None:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, told in methods.items():
            assert told.get("description"), (method, path)
            assert {401, 404, 422} <= {int(code) for code in told["responses"]}, (method, path)


def test_the_description_can_be_read(as_alice: Client) -> None:
    read = as_alice.get("/api/openapi.json").json()
    assert read["info"]["title"] == "needlewise" and "/api/plan" in read["paths"]


def test_a_device_comes_and_goes(alice: Person, as_alice: Client) -> None:
    made = sent(as_alice, "POST", "devices", {"kind": "stamp", "mm": 0.5, "needles": 35, "shared": False})
    assert made.status_code == 201
    key = made.json()["id"]
    assert made.json()["grade"] == "fresh" and made.json()["used"] == 0
    seen = sent(as_alice, "POST", f"devices/{key}/inspections", {"findings": ["rust"]})
    assert seen.status_code == 201 and Inspection.objects.get().device_id == Device.objects.get(pk=key).pk
    found = as_alice.get(f"/api/devices/{key}").json()
    assert found["grade"] == "replace" and found["inspections"][0]["findings"] == ["rust"]
    assert sent(as_alice, "PATCH", f"devices/{key}", {"name": "the blue one"}).json()["needles"] == 35
    heir = sent(as_alice, "POST", f"devices/{key}/replace", {"kind": "stamp", "mm": 0.5}).json()
    assert heir["replaces"] == key
    assert {d["id"] for d in as_alice.get("/api/devices?retired=true").json()["items"]} == {key}
    again = sent(as_alice, "POST", f"devices/{key}/replace", {"kind": "stamp", "mm": 0.5})
    assert again.status_code == 422 and Device.objects.of(alice).filter(kind="stamp").count() == 2
    assert as_alice.delete(f"/api/devices/{key}").status_code == 204
    assert as_alice.get(f"/api/devices/{key}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"), [("mm", 9), ("mm", "half"), ("kind", "fork"), ("needles", -3), ("bought", "soon"), ("lot", "x" * 61)]
)
def test_a_refusal_names_the_field(alice: Person, as_alice: Client, field: str, value: Any) -> None:
    answer = sent(as_alice, "POST", "devices", {"kind": "stamp", "mm": 0.5, field: value})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == field and fault["allowed"]
    assert Device.objects.of(alice).count() == 1


@pytest.mark.parametrize(
    "body", [b"{", b'{"kind": "stamp", "mm": NaN}', b'{"mm": 1e999}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b"\xff",
             b"[" * 100_000],
)  # fmt: skip
def test_a_body_that_is_not_json_is_refused(as_alice: Client, body: bytes) -> None:
    answer = sent(as_alice, "POST", "devices", body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "body"


def test_an_event_moves_the_plan(alice: Person, as_alice: Client) -> None:
    before = as_alice.get("/api/plan").json()
    made = sent(as_alice, "POST", "events", {"what": "cold-sore", "date": today().isoformat()})
    assert made.status_code == 201
    assert as_alice.get("/api/plan").json()["verdict"] == "stop" != before["verdict"]
    move, *_ = as_alice.get("/api/moves").json()["items"]
    assert move["lines"] and move["because"]
    wrong = sent(as_alice, "PATCH", f"events/{made.json()['id']}", {"what": "peel", "zone": "elbow-of-doom"})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "zone"
    assert Event.objects.get().zone == ""
    assert as_alice.delete(f"/api/events/{made.json()['id']}").status_code == 204 and not Event.objects.exists()
    assert as_alice.get("/api/plan").json()["steps"] == before["steps"]


def test_a_profile_is_judged_by_the_planner(alice: Person, as_alice: Client) -> None:
    good = {**PROFILE, "person": {**PROFILE["person"], "skin_type": 5}}
    assert sent(as_alice, "PUT", "profile", good).json()["person"]["skin_type"] == 5
    for bad, field in (
        ({**PROFILE, "person": {**PROFILE["person"], "skin_type": 7}}, "skin_type"),
        ({"person": 3}, "person"),
        ({"persn": {}}, "persn"),
        ({"person": {"medicines": [{"name": "x", "last_taken": "soon"}]}}, "last_taken"),
        ({"person": {"conditions": 1}}, "conditions"),
    ):
        answer = sent(as_alice, "PUT", "profile", bad)
        assert answer.status_code == 422 and field in answer.json()["errors"][0]["field"], bad
    assert as_alice.get("/api/profile").json()["person"]["skin_type"] == 5


def test_everything_at_once_is_mine_only(alice: Person, bob: Person, as_alice: Client) -> None:
    text = as_alice.get("/api/export").content.decode()
    assert str(alice.devices.get().pk) in text and str(bob.devices.get().pk) not in text


def test_a_photo_comes_and_goes(alice: Person, as_alice: Client, as_bob: Client) -> None:
    files = [upload(with_position(shade=70), "a.jpg"), upload(b"no picture", "b.jpg")]
    answer = as_alice.post("/api/photos", {"files": files, "pose": "left", "make_up": "false"})
    assert answer.status_code == 201
    said = answer.json()
    (kept,), (fault,) = said["kept"], said["faults"]
    assert fault["name"] == "b.jpg" and fault["fault"]["allowed"] and not kept["checked"]
    again = as_alice.post("/api/photos", {"files": [upload(with_position(shade=70), "a.jpg")], "pose": "left"}).json()
    assert [photo["id"] for photo in again["again"]] == [kept["id"]]
    data = b"".join(as_alice.get(f"/api/photos/{kept['id']}/file").streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(data).hexdigest() == kept["sha256"]
    (day,) = as_alice.get("/api/sittings").json()["items"]
    assert day["pose"] == "left" and day["photos"] == [kept["id"]] and day["state"] == "waiting"
    moved = sent(as_alice, "PUT", f"sittings/{day['id']}", {"pose": "right", "day": "2026-10-02"})
    assert moved.json()["day"] == "2026-10-02"
    assert as_alice.get(f"/api/sittings/{day['id']}/reading").status_code == 404
    assert as_alice.get("/api/changes?zone=chin").json() == {"items": [], "count": 0}
    for path in (f"photos/{kept['id']}", f"photos/{kept['id']}/file", f"sittings/{day['id']}"):
        assert as_bob.get(f"/api/{path}", headers={"Range": "bytes=0-3"}).status_code == 404
    assert as_bob.delete(f"/api/photos/{kept['id']}").status_code == 404
    assert as_alice.delete(f"/api/photos/{kept['id']}").status_code == 204 and not Photo.objects.exists()


def test_a_session_from_begin_to_end(alice: Person, as_alice: Client, as_bob: Client) -> None:
    alice.ready = timezone.now() - dt.timedelta(days=60)  # every pause is kept
    alice.save()
    due = as_alice.get("/api/today").json()["due"]
    device = str(alice.devices.get().pk)
    begun = sent(as_alice, "POST", "sessions", {"zones": due[:1], "device": device})
    assert begun.status_code == 201 and sent(as_alice, "POST", "sessions", {"zones": due, "device": device}).status_code == 422
    assert as_bob.get("/api/sessions/now").status_code == 404
    needle = f"needle:{due[0]}"
    early = sent(as_alice, "POST", "sessions/now/stage", {"stage": needle})
    assert early.status_code == 422 and early.json()["errors"][0]["field"] == "question"
    standing = as_alice.get("/api/sessions/now").json()
    for stage in standing["stages"]:
        standing = sent(as_alice, "POST", "sessions/now/stage", {"stage": stage}).json()
        calm = {c["id"]: "no" if c["stops"] == "yes" else "yes" for c in standing["stage"]["checks"]}
        standing = sent(as_alice, "POST", "sessions/now/answers", {"answers": calm}).json()
        if stage == needle:
            break
    for _ in range(2):
        done = {"passes": {"up and down": 2}, "endpoint": "pink", "pain": 2, "mm": 0.3}
        log = sent(as_alice, "PUT", f"sessions/now/zones/{due[0]}", done).json()
    assert log["passes"] == {"up and down": 2} and len(log["pain"]) == 1
    assert sent(as_alice, "PUT", f"sessions/now/zones/{due[0]}", {"passes": {"x": 1}, "pain": 11}).status_code == 422
    assert as_alice.get("/api/sessions/now").json()["session"]["zones"][0]["passes"] == log["passes"], "all of it or nothing"
    assert sent(as_alice, "POST", "sessions/now/finish", {}).status_code == 204
    (kept,) = as_alice.get("/api/sessions").json()["items"]
    assert kept["id"] == begun.json()["id"] and kept["ended"]
    said = as_alice.get("/api/today").json()
    assert due[0] not in said["due"] and said["resting"]
    assert sent(as_alice, "POST", "sessions/past", {"date": "2026-01-10", "zones": ["chin"], "mm": 9}).status_code == 422
    assert sent(as_alice, "POST", "sessions/past", {"date": "2026-01-10", "zones": ["chin"], "mm": 0.3}).status_code == 204
    assert as_alice.delete(f"/api/sessions/{kept['id']}").status_code == 204
    assert as_alice.get("/api/sessions").json()["count"] == 1


def test_who_is_let_in(alice: Person, stranger: Client) -> None:
    for path in ("person", "devices", "plan", "export"):
        answer = stranger.get(f"/api/{path}")
        assert answer.status_code == 401 and answer.json()["errors"][0]["field"] == "sign-in"


def test_another_page_cannot_write(alice: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(alice).cookies
    assert sent(strict, "POST", "devices", {"kind": "stamp", "mm": 0.5}).status_code == 403
    strict.cookies["csrftoken"] = "a" * 32
    own = strict.post("/api/devices", {"kind": "stamp", "mm": 0.5}, "application/json", headers={"X-CSRFToken": "a" * 32})
    assert own.status_code == 201


def test_what_is_not_there_is_said_in_json(as_alice: Client) -> None:
    answer = as_alice.get("/api/nothing/here")
    assert answer.status_code == 404 and answer.json()["errors"][0]["field"] == "address"
