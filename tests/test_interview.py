"""`needlewise start`: what is answered is in the file, what is not stays unknown, a slip is asked again."""

import datetime as dt
import tomllib

from needlewise.interview import interview
from needlewise.planning import plan

ANSWERS = [
    "1990", "3", "es", "n", "n", "none", "n", "none", "dark-spot", "dark-spots", "cheek", "mild", "", "roller", "0.3", "n",
    "retinol", "n",
]  # fmt: skip


def run(answers: list[str]) -> tuple[str, list[str]]:
    left, said = list(answers), []

    def ask(prompt: str) -> str:
        said.append(prompt)
        return left.pop(0)

    return interview(ask, said.append), said


def test_answers_make_a_plan() -> None:
    text, said = run(ANSWERS)
    assert any("did you mean dark-spots?" in line for line in said)
    made = plan(tomllib.loads(text), dt.date(2026, 12, 1))
    assert made.verdict in ("go", "limited") and made.steps


def test_silence_is_unknown() -> None:
    text, _ = run([""] * 15)
    assert plan(tomllib.loads(text), dt.date(2026, 12, 1)).verdict == "ask"


def test_a_medicine_stopped_is_dated() -> None:
    answers = list(ANSWERS)
    answers[7] = "isotretinoin=2026-10-01"
    text, _ = run(answers)
    made = plan(tomllib.loads(text), dt.date(2026, 12, 1))
    assert made.verdict == "wait"
    assert min(s.date for s in made.steps if s.action == "session") >= dt.date(2026, 10, 1) + dt.timedelta(days=183)
