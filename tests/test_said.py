"""A sentence that keeps its template and values is still, everywhere, the plain English sentence."""

import copy
import datetime as dt
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.said import Said, again, join, kept, say, translated

SPANISH = {"Rest until {date}.": "Descansa hasta el {date}.", "Stop {what}.": "Deja {what}.", "retinoids": "los retinoides"}


def spanish(text: str) -> str:
    return SPANISH.get(text, text)


def test_it_is_the_formatted_string_everywhere() -> None:
    said = say("At most {mm:g} mm, {n} passes.", mm=0.30, n=8)
    assert said == "At most 0.3 mm, 8 passes." and isinstance(said, str) and hash(said) == hash(str(said))
    assert said.template == "At most {mm:g} mm, {n} passes." and said.values == {"mm": 0.30, "n": 8}
    assert json.loads(json.dumps({"text": said})) == {"text": str(said)}
    for same in (copy.copy(said), copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert same == said and same.template == said.template and same.values == said.values


def test_a_sentence_is_said_in_another_language_with_its_values() -> None:
    both = join([say("Stop {what}.", what="retinoids"), "", say("Rest until {date}.", date="2026-12-01")])
    assert both == "Stop retinoids. Rest until 2026-12-01."
    assert translated(both, spanish) == "Deja los retinoides. Descansa hasta el 2026-12-01."


def test_a_broken_translation_falls_back_to_english() -> None:
    said = say("Rest {days} days.", days=3)
    for broken in ("Descansa {dias}.", "Descansa {days", "Descansa {0}."):
        assert translated(said, {said.template: broken}.__getitem__) == "Rest 3 days."


@given(st.text(), st.lists(st.text()))
def test_values_with_braces_stay_as_they_are(value: str, parts: list[str]) -> None:
    assert say("It is {value}.", value=value) == f"It is {value}."
    assert join(parts) == " ".join(p for p in parts if p)
    kept = join(parts)
    assert not isinstance(kept, Said) or translated(kept, lambda text: text) == kept


def test_a_sentence_is_kept_in_json_and_said_again() -> None:
    inner = say("{n:g} mm", n=0.25)
    text = say("Until {day}: {what}", day=dt.date(2026, 12, 1), what=inner)
    back = again(json.loads(json.dumps(kept(text))))
    assert back == text and isinstance(back, Said) and back.template == text.template
    assert back.values["what"] == inner and back.values["what"].template == inner.template
    assert again(kept("plain")) == "plain"


def test_what_was_kept_without_its_text_is_said_too() -> None:
    back = again({"template": "Rest {days} days.", "values": {"days": 3}})
    assert back == "Rest 3 days." and isinstance(back, Said)


@pytest.mark.parametrize(
    "broken",
    [
        {"template": "Rest {days}.", "values": {}},
        {"template": "Rest {days:9999999999}.", "values": {"days": 3}},
        {"template": "Rest {days.__class__}.", "values": {"days": 3}},
        {"template": "Rest {days[0]}.", "values": {"days": [3]}},
        {"template": "Rest {0}.", "values": {"days": 3}},
        {"template": "Rest {days", "values": {"days": 3}},
        {"template": "Rest {days:.1f}.", "values": {"days": "three"}},
        {"template": "Rest {days:.{n}f}.", "values": {"days": 3, "n": 10**9}},
        {"template": 3, "values": {}},
        {"template": "Rest.", "values": "none"},
    ],
)
def test_a_template_that_asks_for_more_than_its_values_is_shown_as_its_text(broken: dict[str, object]) -> None:
    back = again({"text": "Rest three days.", **broken})
    assert back == "Rest three days." and not isinstance(back, Said)
