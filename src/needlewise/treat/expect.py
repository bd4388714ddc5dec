"""What can be expected of a concern by now, from which evidence, and when to stop or to ask someone. No forecast."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from needlewise.errors import InputError, nearest
from needlewise.knowledge import table
from needlewise.knowledge.rows import Claim, Concern
from needlewise.model import SETTINGS, Says
from needlewise.said import join, say

STAGES = ("not begun", "too early", "time to look", "past the course")
WORKS = {
    "supported": "Controlled studies in clinics support it.",
    "mixed": "Studies disagree.",
    "weak": "There is little evidence.",
    "none": "No evidence was found.",
}
STRETCH = 2  # our choice: at twice the review time with the whole course done, more of the same is not the answer


@dataclass(frozen=True)
class Expectation:
    """What may be expected.

    Attributes
    ----------
    concern, label : str
    stage : str
        One of `STAGES`.
    text : str
        Where you are, in plain words.
    expect : str
        What may be expected in this setting.
    evidence : str
        How well it is known.
    works : str
        "supported", "mixed", "weak" or "none".
    look_on : date or None
        Before it, it is too early to tell; None before the first session.
    sessions : (fewest, most)
        Of a course.
    done : int
    next : str
        When to go on, to stop, or to ask someone.
    claims : tuple of Claim
        Claims of the post that rest on the same sources.
    says : tuple of Says
    """

    concern: str
    label: str
    stage: str
    text: str
    expect: str
    evidence: str
    works: str
    look_on: dt.date | None
    sessions: tuple[int, int]
    done: int
    next: str
    claims: tuple[Claim, ...]
    says: tuple[Says, ...]


def expectation(concern: str, first: dt.date | None, done: int, day: dt.date, setting: str = "home") -> Expectation:
    """Return what can be expected by `day`.

    Parameters
    ----------
    concern : str
        Id in concerns.toml.
    first : date or None
        Day of the first session; None before it.
    done : int
        Sessions so far.
    day : date
    setting : "home" or "clinic"

    Raises
    ------
    InputError
        A concern that is not there, a setting that is neither, or a number of sessions below 0.
    """
    rows = table("concerns")
    if concern not in rows:
        raise InputError("concern", concern, ", ".join(rows), nearest(concern, list(rows)))
    if setting not in SETTINGS:
        raise InputError("setting", setting, ", ".join(SETTINGS))
    if done < 0:
        raise InputError("sessions", done, "0 or more")
    row: Concern = rows[concern]
    fewest, most = min(row.sessions), max(row.sessions)
    look_on = first + dt.timedelta(weeks=row.review_weeks) if first is not None else None
    stage = _stage(row, first, look_on, done, day)
    review = table("care")["review"]
    says = tuple(dict.fromkeys((*row.says, *review.says)))
    expect = row.at_home if setting == "home" else row.in_clinic
    return Expectation(concern, row.label, stage, _text(row, stage, look_on, done, day), expect,
                       join([WORKS.get(row.works, ""), row.evidence]), row.works, look_on, (fewest, most), done,
                       _next(row, stage, done, setting), _claims(row), says)  # fmt: skip


def _stage(row: Concern, first: dt.date | None, look_on: dt.date | None, done: int, day: dt.date) -> str:
    if first is None or look_on is None or not done or day < first:
        return "not begun"
    if day < look_on:
        return "too early"
    late = first + dt.timedelta(weeks=STRETCH * row.review_weeks)
    return "past the course" if done >= max(row.sessions) and day >= late else "time to look"


def _text(row: Concern, stage: str, look_on: dt.date | None, done: int, day: dt.date) -> str:
    if stage == "not begun":
        return say("Look at the result {weeks:g} weeks after your first session; before that it is too early to tell.",
                   weeks=row.review_weeks)  # fmt: skip
    course = say("{done} of {few} to {many} sessions done.", done=done, few=min(row.sessions), many=max(row.sessions))
    if stage == "too early":
        assert look_on is not None
        wait = (look_on - day).days
        return join([say("Too early to tell: look on {date}, in {days} days.", date=look_on.isoformat(), days=wait), course])
    return join([say("It can be judged now: compare with your first pictures."), course])


def _next(row: Concern, stage: str, done: int, setting: str) -> str:
    clinic = say("In a clinic: {clinic}", clinic=row.in_clinic) if setting == "home" else ""
    stop = say("A warning sign, or worse skin after a session: stop, whatever the date.")
    if not row.lengths:
        return join([say("Needling is not for this."), clinic])
    if stage in ("not begun", "too early"):
        return join([say("Keep to the plan; do not add sessions or length because you see nothing yet."), stop])
    if stage == "time to look" and done < max(row.sessions):
        go_on = say("Better: finish the course. No change: finish it, then ask. Worse: stop and ask a dermatologist.")
        return join([go_on, stop])
    return join([say("Better: stop here and keep it. No change after a full course: stop, and ask a dermatologist what else "
                     "there is. Worse: stop and ask."), clinic, stop])  # fmt: skip


def _claims(row: Concern) -> tuple[Claim, ...]:
    """Return the claims of the post that cite what this concern rests on; its own and our sources say nothing about that."""
    sources = table("sources")
    mine = {s.source for s in row.says if sources[s.source].kind not in ("post", "ours")}
    return tuple(c for c in table("claims").values() if mine & set(c.cites))
