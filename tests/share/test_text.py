"""Plain text, and the JSON beside it."""

import json
from dataclasses import replace

from needlewise.model import Plan
from needlewise.share.json_doc import plan_json
from needlewise.share.text import plan_text


def test_text_is_80_wide_and_in_order(plan: Plan) -> None:
    text = plan_text(plan)
    assert all(len(line) <= 80 for line in text.splitlines())
    heads = ["GO, WITHIN LIMITS", "Zone by zone", "What was found", "Your dates", "where it differs", "Sources\n"]
    assert [text.index(h) for h in heads] == sorted(text.index(h) for h in heads)
    assert text.index("LIMIT [cheek-left, cheek-right]") < text.index("NOTE: ")


def test_same_steps_of_two_zones_are_one_line(plan: Plan) -> None:
    text = plan_text(plan)
    assert text.count("Take a photo") == 1
    assert "Session 1 [cheek-left, cheek-right] 1 mm" in text


def test_the_post_is_set_against_the_others(plan: Plan) -> None:
    part = plan_text(plan).split("where it differs")[1]
    assert "(21 d)" in part and "Others: 42 d (ours)" in part
    agree = replace(plan, zones=tuple(replace(z, says=tuple(replace(s, value=42.0) for s in z.says)) for z in plan.zones))
    assert "What the post" not in plan_text(agree)


def test_json_has_every_field_and_goes_through_json(plan: Plan) -> None:
    document = plan_json(plan)
    assert json.loads(json.dumps(document)) == document
    assert document["steps"][2]["until"] == "2026-12-05"
    assert document["zones"][0]["says"][1]["issuer"] == "needlewise"
    assert document["zones"][2]["mm_range"] is None


def test_an_empty_plan_is_still_text(plan: Plan) -> None:
    assert plan_text(replace(plan, findings=(), zones=(), steps=(), verdict="stop")).startswith("STOP")
