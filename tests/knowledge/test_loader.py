"""A knowledge file that is not exact is refused, and the message names file, row and key."""

from pathlib import Path
from typing import Any

import pytest

from needlewise.errors import KnowledgeError
from needlewise.knowledge import TABLES, check, choices, read_rows, table
from needlewise.knowledge.rows import ConditionRow, Rule, Source

RULE = """
[[rule]]
id = "a-rule"
title = "A rule"
scope = "person"
home = "stop"
clinic = "refer"
message_home = "No."
message_clinic = "Ask."
safety = true
reviewed = 2026-11-23
when = { conditions = ["keloid"] }
  [[rule.says]]
  source = "skinpen"
  text = "Not for these people."
  value = 14
  unit = "d"
"""
SOURCE = """
[[source]]
id = "a-source"
title = "A source"
issuer = "Somebody"
kind = "vendor"
url = "https://example.org/"
read_via = "page"
scope = "all"
seen = 2026-11-23
"""


def read(folder: Path, text: str, head: str = "rule", cls: Any = Rule) -> dict[str, Any]:
    file = folder / "bad.toml"
    file.write_text(text, encoding="utf-8")
    return read_rows(file, head, cls, None if cls is Source else table("sources"))


def refusal(folder: Path, text: str, head: str = "rule", cls: Any = Rule) -> str:
    with pytest.raises(KnowledgeError) as caught:
        read(folder, text, head, cls)
    return str(caught.value)


def test_the_pattern_itself_is_fine(tmp_path: Path) -> None:
    rows = read(tmp_path, RULE)
    assert list(rows) == ["a-rule"]
    assert rows["a-rule"].says[0].kind == table("sources")["skinpen"].kind


@pytest.mark.parametrize(
    ("old", "new", "key", "word"),
    [
        ('scope = "person"', 'scope = "person"\nscoop = "x"', "scoop", "unknown key"),
        ("  value = 14", "  value = 14\n  valu = 3", "valu", "unknown key"),
        ('conditions = ["keloid"]', 'condition = ["keloid"]', "condition", "did you mean conditions"),
        ('unit = "d"', 'unit = "d"\n[[rule.says]]\nsource = "skinpenn"\ntext = "x"', "source", "did you mean skinpen"),
        ("reviewed = 2026-11-23\n", "", "reviewed", "missing"),
        ("reviewed = 2026-11-23", 'reviewed = "2026-11-23"', "reviewed", "date"),
        ("reviewed = 2026-11-23", "reviewed = 2026-11-23T10:00:00", "reviewed", "date"),
        ('title = "A rule"\n', "", "title", "missing"),
        ("value = 14", "value = 731", "value", "731"),
        ("value = 14", "value = -1", "value", "-1"),
        ("value = 14", "value = [14, 4000]", "value", "4000"),
        ("value = 14", "value = nan", "value", "nan"),
        ("value = 14", "value = inf", "value", "inf"),
        ("value = 14", 'value = "14"', "value", "14"),
        ('unit = "d"', 'unit = "fortnights"', "unit", "fortnights"),
        ("safety = true", "safety = 1", "safety", "bool"),
        ("safety = true", 'safety = "yes"', "safety", "bool"),
        ('home = "stop"', 'home = "halt"', "effect", "halt"),
        ('clinic = "refer"', 'clinic = "send"', "effect", "send"),
        ('source = "skinpen"', 'source = "needlewise"', "says", "outside source"),
        ('conditions = ["keloid"]', 'conditions = "keloid"', "conditions", "list"),
    ],
)
def test_a_bad_row_is_refused(tmp_path: Path, old: str, new: str, key: str, word: str) -> None:
    assert old in RULE
    message = refusal(tmp_path, RULE.replace(old, new))
    assert message.startswith("bad.toml, row 'a-rule', key ") and f"key {key!r}" in message
    assert word in message


@pytest.mark.parametrize("kind", ["ours", "post"])
def test_a_safety_rule_needs_an_outside_source(tmp_path: Path, kind: str) -> None:
    source = next(s.id for s in table("sources").values() if s.kind == kind)
    message = refusal(tmp_path, RULE.replace("skinpen", source))
    assert "bad.toml, row 'a-rule', key 'says'" in message and "outside source" in message
    read(tmp_path, RULE.replace("skinpen", source).replace("safety = true", "safety = false"))


def test_a_doubled_id_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, RULE + RULE)
    assert "bad.toml, row 'a-rule', key 'id'" in message and "twice" in message


def test_a_row_whose_review_date_is_optional_in_its_shape_needs_one_too(tmp_path: Path) -> None:
    text = '[[condition]]\nid = "x"\nlabel = "X"\nquestion = "X?"\ngroup = "now"\n'
    assert "bad.toml, row 'x', key 'reviewed'" in refusal(tmp_path, text, "condition", ConditionRow)


@pytest.mark.parametrize("text", ["[[rule]\nid = 1", "id = ", "\x00", 'a = "x'])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, text: str) -> None:
    message = refusal(tmp_path, text)
    assert message.startswith("bad.toml, row ") and "key " in message and "TOML" in message


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(b"\xff\xfe[[rule]]")
    with pytest.raises(KnowledgeError, match=r"bad\.toml"):
        read_rows(file, "rule", Rule, table("sources"))


@pytest.mark.parametrize("text", ["", "[rule]\nid = 'x'\n", "[[rules]]\nid = 'x'\n"])
def test_a_file_without_its_rows_is_refused(tmp_path: Path, text: str) -> None:
    assert "bad.toml" in refusal(tmp_path, text) and "'rule'" in refusal(tmp_path, text)


def test_a_row_that_is_no_table_is_refused(tmp_path: Path) -> None:
    assert "must be a table" in refusal(tmp_path, "rule = [1]")


def test_a_source_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    assert list(read(tmp_path, SOURCE, "source", Source)) == ["a-source"]
    message = refusal(tmp_path, SOURCE.replace('"vendor"', '"rumour"'), "source", Source)
    assert "bad.toml, row 'a-source', key 'kind'" in message and "rumour" in message


def test_the_shipped_files_all_load() -> None:
    assert set(check()) == set(TABLES) and min(check().values()) > 0
    assert all(choice.why for _, _, choice in choices())


def test_every_word_a_rule_listens_for_exists() -> None:
    """A slip in a rule's `when` would switch the rule off without a sound."""
    from needlewise.planning.person import EVENTS

    tags = {t for z in table("zones").values() for t in z.tags}
    for rule in table("rules").values():
        when = rule.when
        assert set(when.conditions) <= set(table("conditions")), rule.id
        assert {*when.medicines, *when.medicines_past} <= set(table("medicines")), rule.id
        assert set(when.events) <= set(EVENTS), rule.id
        assert set(when.device_kinds) <= set(table("kinds")), rule.id
        assert set(when.zone_tags) <= tags, rule.id
        assert set(when.product_kinds) <= {*table("actives"), "serum"}, rule.id
        assert rule.scope in ("person", "zone", "device", "product"), rule.id


def test_every_condition_and_medicine_class_has_a_rule() -> None:
    heard = {c for r in table("rules").values() for c in r.when.conditions}
    assert set(table("conditions")) <= heard
    taken = {m for r in table("rules").values() for m in r.when.medicines}
    assert set(table("medicines")) - {"no-rule"} <= taken
