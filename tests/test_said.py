"""A sentence that keeps its template and values is still, everywhere, the plain English sentence."""

import copy
import json
import pickle

from hypothesis import given
from hypothesis import strategies as st

from needlewise.said import Said, join, say, translated

SPANISH = {"Rest until {date}.": "Descansa hasta el {date}.", "Stop {what}.": "Deja {what}.", "retinoids": "los retinoides"}


def spanish(text: str) -> str:
    return SPANISH.get(text, text)


def test_it_is_the_formatted_string_everywhere() -> None:
    said = say("At most {mm:g} mm, {n} passes.", mm=0.30, n=8)
    assert said == "At most 0.3 mm, 8 passes." and isinstance(said, str) and hash(said) == hash(str(said))
    assert said.template == "At most {mm:g} mm, {n} passes." and said.values == {"mm": 0.30, "n": 8}
    assert json.loads(json.dumps({"text": said})) == {"text": str(said)}
    for again in (copy.copy(said), copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert again == said and again.template == said.template and again.values == said.values


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
