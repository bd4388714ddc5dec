"""Every question is answered, with a source from outside."""

import datetime as dt

import pytest

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.knowledge.rows import Question
from needlewise.model import Finding, Goal, Person, Plan, Step, ZonePlan
from needlewise.planning.answers import Case, answer, find_question, topic
from needlewise.share.advice import answer_text

QUESTIONS: list[Question] = list(table("questions").values())
DAY = dt.date(2026, 12, 1)
ZONE = ZonePlan(
    "forehead", "limited", (0.1, 0.3), 0.2, "The shortest that does.", 4, 4, "1 pass.", "light pink", 7, 4, DAY, DAY, ()
)
STEP = Step(DAY, "forehead", "restart", "Retinoids may come back.", None, None, 1, ())
FINDING = Finding("skin-tone-iv-vi", "limit", "person", "", None, "Go lighter.", ())
PLAN = Plan("limited", DAY, "home", "the person", (FINDING,), (ZONE,), (STEP,), "", {}, {})
PERSON = Person(skin_type=5, goals=(Goal("fine-lines", ("forehead",)),))


def test_there_are_26() -> None:
    assert [q.n for q in QUESTIONS] == list(range(26))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
@pytest.mark.parametrize("plan", [None, PLAN], ids=["anyone", "person"])
def test_every_question_has_an_outside_source(question: Question, plan: Plan | None) -> None:
    found = answer(question, PERSON if plan else None, plan)
    outside = [s for s in found.spread if table("sources")[s.source].kind not in ("ours", "post")]
    assert outside
    assert bool(found.for_you) == (plan is not None)
    assert question.ask in " ".join(answer_text(found).split())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_every_topic_resolves(question: Question) -> None:
    for name in question.topics:
        part = topic(name, Case(None, None))
        assert part.spread or part.choices or part.claims, name


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_a_question_is_found(question: Question) -> None:
    for words in ([str(question.n)], [question.id], question.ask.split()):
        assert find_question(words) == question


@pytest.mark.parametrize(
    ("words", "n"), [("minoxidil", 6), ("bleach", 9), ("pregnant", 19), ("how often", 3), ("passes", 14), ("SPF", 22)]
)
def test_words_find_a_question(words: str, n: int) -> None:
    assert find_question(words.split()).n == n


@pytest.mark.parametrize("words", [["26"], ["-1"], ["minoxidill"], ["qqq"], [""], []])
def test_what_fits_nothing_is_refused(words: list[str]) -> None:
    with pytest.raises(InputError):
        find_question(words)


def test_a_slip_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean minoxidil"):
        find_question(["minoxidill"])


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (1, "0.2 mm"),
        (3, "rest 7 days"),
        (4, "review on 2026-12-01"),
        (7, "Retinoids may come back"),
        (13, "light pink"),
        (14, "4 passes"),
        (18, "Go lighter."),
    ],
)
def test_lines_for_the_person(n: int, text: str) -> None:
    assert any(text in line for line in answer(find_question([str(n)]), PERSON, PLAN).for_you)
