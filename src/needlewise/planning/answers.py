"""Answer the questions people bring: from the knowledge, and for one person where there is a plan."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from needlewise.errors import InputError, nearest
from needlewise.knowledge import table
from needlewise.knowledge.rows import Claim, Question
from needlewise.model import Finding, Person, Plan, Says, Step, ZonePlan
from needlewise.planning.cost import costs
from needlewise.planning.person import base_zone, slug
from needlewise.planning.short import in_short
from needlewise.said import join, say

COMMON = frozenset(
    ["a", "about", "am", "an", "and", "are", "at", "be", "can", "do", "does", "for", "i", "if", "in", "is", "it", "may", "me",
     "my", "of", "on", "or", "should", "the", "to", "what"]
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One answer; `see` names the questions next to it."""

    n: int
    ask: str
    lead: str
    short: tuple[str, ...]
    for_you: tuple[str, ...]
    spread: tuple[Says, ...]
    choices: tuple[str, ...]
    claims: tuple[Claim, ...]
    see: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """What a topic may look at."""

    person: Person | None
    plan: Plan | None

    @property
    def zones(self) -> tuple[ZonePlan, ...]:
        return self.plan.zones if self.plan else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.plan.findings if self.plan else ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.plan.steps if self.plan else ()


@dataclass(frozen=True)
class Part:
    """What one topic gives to an answer."""

    spread: tuple[Says, ...] = ()
    for_you: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w.-]*\w", text.lower())) - COMMON


def find_question(words: list[str]) -> Question:
    """Find the question that a number, an id or some words mean.

    Raises
    ------
    InputError
        No question has that number, or none shares a word with what was asked.
    """
    questions: list[Question] = list(table("questions").values())
    text = " ".join(words).strip()
    if re.fullmatch(r"[+-]?\d{1,9}", text):
        for q in questions:
            if q.n == int(text):
                return q
        raise InputError("question", text, f"a number from 0 to {max(q.n for q in questions)}, or words")
    for q in questions:
        if slug(text) == q.id:
            return q
    asked = _words(text)
    keys = {q.id: {w.lower() for w in q.words} for q in questions}
    asks = {q.id: _words(q.ask) | set(q.id.split("-")) for q in questions}
    rarity = {w: sum(w in keys[q.id] | asks[q.id] for q in questions) for w in asked}

    def score(q: Question) -> float:
        return sum((2 * (w in keys[q.id]) + (w in asks[q.id])) / rarity[w] for w in asked if rarity[w])

    best = max(questions, key=score)
    if not score(best):
        hint = nearest(text.lower(), sorted({w for k in keys.values() for w in k}))
        raise InputError("question", text[:200], f"a number from 0 to {max(q.n for q in questions)}, or words", hint)
    return best


def answer(question: Question, person: Person | None, plan: Plan | None) -> Answer:
    """Answer one question; without a plan there are no lines for the person."""
    case = Case(person, plan)
    parts = [topic(name, case) for name in question.topics]
    says = [*question.says, *(s for p in parts for s in p.spread)]
    return Answer(
        question.n,
        question.ask,
        question.lead,
        in_short(question.topics, person.setting if person else "home"),
        tuple(dict.fromkeys([*_verdict(case), *(line for p in parts for line in p.for_you)])),
        tuple({(s.source, s.text): s for s in _with_kinds(says)}.values()),
        tuple(dict.fromkeys(c for p in parts for c in p.choices)),
        tuple({c.id: c for p in parts for c in p.claims}.values()),
        _see(question),
    )


def topic(name: str, case: Case) -> Part:
    """Draw one topic from the knowledge and the plan.

    Raises
    ------
    KeyError
        The topic names something that is not there.
    """
    head, _, rest = name.partition(":")
    return TOPICS[head](rest, case)


def _with_kinds(says: Iterable[Says]) -> list[Says]:
    return [s for s in says if s.source in table("sources")]


def _see(question: Question) -> tuple[str, ...]:
    shared = {q.id: len(set(q.topics) & set(question.topics)) for q in table("questions").values() if q.n != question.n}
    best = sorted((key for key in shared if shared[key]), key=lambda key: -shared[key])[:3]
    return tuple(say("{n}. {question}", n=table("questions")[key].n, question=table("questions")[key].ask) for key in best)


def _verdict(case: Case) -> list[str]:
    if case.plan is None:
        return []
    reasons = [_finding(f) for f in case.findings if f.effect == case.plan.verdict]
    return [say("Your plan says: {verdict}.", verdict=case.plan.verdict), *reasons]


def _finding(f: Finding) -> str:
    text = join([f.message, say("Until {date}.", date=f.until.isoformat()) if f.until else ""])
    return _at(f.zone, text) if f.zone else text


def _at(zone: str, text: str) -> str:
    return say("{zone}: {text}", zone=zone, text=text)


def _rows_part(name: str, keys: Iterable[str], for_you: Iterable[str] = ()) -> Part:
    rows = [table(name)[key] for key in keys]
    chosen = [
        _at(_called(row), c.why)
        for row in rows
        for key in ("choice", "scar_choice", "before_choice", "after_choice")
        if (c := getattr(row, key, None)) is not None
    ]
    return Part(tuple(s for row in rows for s in row.says), tuple(for_you), tuple(chosen))


def _called(row: Any) -> str:
    """What a row is called, in words."""
    return str(getattr(row, "title", "") or getattr(row, "label", "") or row.id)


def _found(case: Case, *rules: str) -> list[str]:
    """Findings of these rules and of their variants."""
    return [_finding(f) for f in case.findings if any(f.rule == r or f.rule.startswith(f"{r}-") for r in rules)]


def _dated(case: Case, speaks: Callable[[Step], bool]) -> list[str]:
    """Dated steps of the first session that speak of the matter, zones of one step joined."""
    first = min((s.session for s in case.steps if s.session), default=0)
    joined: dict[tuple[dt.date, str], list[str]] = {}
    for s in case.steps:
        if s.session in (0, first) and speaks(s):
            joined.setdefault((s.date, s.text), []).append(s.zone)
    return [
        _at(", ".join([date.isoformat(), *(zones if any(zones) else ())]), text) for (date, text), zones in joined.items()
    ]


def _length(_: str, case: Case) -> Part:
    lines = [
        say("{zone}: {mm:g} mm. {why}", zone=z.zone, mm=z.mm, why=z.why)
        if z.mm is not None
        else say("{zone}: no needling planned ({verdict}). {why}", zone=z.zone, verdict=z.verdict, why=z.why)
        for z in case.zones
    ]
    mms = [z.mm for z in case.zones if z.mm is not None]
    keys = [k for k, row in table("lengths").items() if not mms or any(row.holds(mm) for mm in mms)]
    return _rows_part("lengths", keys, lines)


def _zone(_: str, case: Case) -> Part:
    planned = {base_zone(z.zone) for z in case.zones}
    keys = [k for k in table("zones") if not planned or k in planned]
    lines = [
        say("{zone}: {verdict}, {low:g} to {high:g} mm.", zone=z.zone, verdict=z.verdict, low=z.mm_range[0], high=z.mm_range[1])
        if z.mm_range
        else say("{zone}: {verdict}.", zone=z.zone, verdict=z.verdict)
        for z in case.zones
    ]
    notes = [_at(z.zone, row.message) for z in case.zones if (row := table("zones")[base_zone(z.zone)]).message]
    return _rows_part("zones", keys, [*lines, *notes])


def _interval(_: str, case: Case) -> Part:
    lines = [
        say("{zone}: rest {days} days between sessions; first session {date}.", zone=z.zone, days=z.interval_days,
            date=z.first.isoformat())
        if z.first
        else say("{zone}: rest {days} days between sessions.", zone=z.zone, days=z.interval_days)
        for z in case.zones
        if z.interval_days is not None
    ]
    days = tuple(s for s in _length("", case).spread if s.unit in ("d", "h"))
    part = _rows_part("rules", ["interval-len"], [*lines, *_found(case, "interval-len")])
    return Part((*part.spread, *days), part.for_you, (*part.choices, *_length("", case).choices))


def _review(_: str, case: Case) -> Part:
    lines = [
        say("{zone}: review on {date}, after {n} sessions.", zone=z.zone, date=z.review.isoformat(), n=z.sessions)
        for z in case.zones
        if z.review
    ]
    wanted = {g.concern for g in case.person.goals} if case.person else set()
    concerns = _rows_part("concerns", [k for k in table("concerns") if k in wanted])
    care = _care("review", case)
    return Part((*care.spread, *concerns.spread), tuple(lines), (*care.choices, *concerns.choices))


def _care(phase: str, case: Case) -> Part:
    keys = [k for k, row in table("care").items() if row.phase == phase]
    if not keys:
        raise KeyError(f"care:{phase}")
    return _rows_part("care", keys, _dated(case, lambda step: step.action == phase))


def _active(key: str, case: Case) -> Part:
    row = table("actives")[key]
    lines = _dated(case, lambda step: step.action in ("pause", "restart") and row.label.lower() in step.text.lower())
    part = _rows_part("actives", [key], lines)
    return Part(part.spread, (*part.for_you, *([row.conditions] if lines and row.conditions else [])), part.choices)


def _rule(key: str, case: Case) -> Part:
    return _rows_part("rules", [key], _found(case, key))


def _device(_: str, case: Case) -> Part:
    owned = (case.person.devices if case.person else None) or ()
    kinds = {d.kind for d in owned} if case.plan else set()
    lines = [
        say("Yours: {kind}, {mm:g} mm, used {uses} times.", kind=d.kind, mm=d.mm, uses=d.uses)
        if d.uses is not None
        else say("Yours: {kind}, {mm:g} mm.", kind=d.kind, mm=d.mm)
        for d in owned
    ]
    found = [_finding(f) for f in case.findings if f.scope == "device"]
    kind_part = _rows_part("kinds", [k for k in table("kinds") if not kinds or k in kinds])
    care = _care("inspect", case)
    return Part((*kind_part.spread, *care.spread), tuple([*(lines if case.plan else []), *found]), care.choices)


def _serum(_: str, case: Case) -> Part:
    part = _rows_part("criteria", table("criteria"))
    return Part(part.spread, tuple(_found(case, "serum-vitc", "granuloma-topicals")), part.choices)


def _cost(_: str, case: Case) -> Part:
    lines: list[str] = []
    if case.person is not None and case.plan is not None:
        for line in costs(case.person, case.plan).lines:
            sums = [
                say("{amount:,.2f} {currency} {per}", amount=amount, currency=line.currency, per=per)
                for amount, per in ((line.per_session, say("a session")), (line.per_course, say("a course")))
                if amount is not None
            ]
            what = join(sums, ", ") or say("no sum")
            lines.append(say("{way}: {sums}. {note}", way=line.label, sums=what, note=line.note))
    return _rows_part("costs", table("costs"), lines)


def _alternatives(_: str, case: Case) -> Part:
    return _rows_part("alternatives", table("alternatives"))


def _passes(_: str, case: Case) -> Part:
    lines = [
        say("{zone}: {n} passes in {directions} directions.", zone=z.zone, n=z.passes, directions=z.directions)
        for z in case.zones
        if z.mm is not None
    ]
    return Part((care := _care("technique", case)).spread, tuple(lines), care.choices)


def _endpoint(_: str, case: Case) -> Part:
    lines = [_at(z.zone, z.endpoint) for z in case.zones if z.mm is not None and z.endpoint]
    return Part((care := _care("endpoint", case)).spread, tuple(lines), care.choices)


def _numbing(_: str, case: Case) -> Part:
    return _join(_care("numb", case), _rule("numbing", case))


def _redness(_: str, case: Case) -> Part:
    return _care("redness", case)


def _red_flag(_: str, case: Case) -> Part:
    return _join(_care("red-flag", case), _rule("red-flag", case))


def _skin_tone(_: str, case: Case) -> Part:
    known = case.person.skin_type if case.person and case.plan else None
    line = [say("You gave skin type {n}.", n=known)] if known is not None else []
    return _join(Part(for_you=tuple(line)), _rule("skin-tone-iv-vi", case))


def _conditions(_: str, case: Case) -> Part:
    found = [f for f in case.findings if f.scope == "person"]
    keys = {f.rule for f in found} & set(table("rules")) if case.plan else {
        k for k, row in table("rules").items() if row.scope == "person" and row.when.conditions
    }  # fmt: skip
    return _rows_part("rules", [k for k in table("rules") if k in keys], map(_finding, found))


def _sharing(_: str, case: Case) -> Part:
    return _join(_rule("share", case), _rows_part("care", ["own-device"]))


def _photos(_: str, case: Case) -> Part:
    return _care("photo", case)


def _glossary(_: str, case: Case) -> Part:
    return _rows_part("glossary", table("glossary"))


def _claim(key: str, case: Case) -> Part:
    claim: Claim = table("claims")[key]
    return Part(claim.says, claims=(claim,))


def _choice(key: str, case: Case) -> Part:
    names = [name for name in ("rules", "care", "lengths") if key in table(name)]
    lines = tuple(line for name in names for line in _rows_part(name, [key]).choices)
    if not lines:
        raise KeyError(f"choice:{key}")
    return Part(choices=lines)


def _join(*parts: Part) -> Part:
    return Part(
        tuple(s for p in parts for s in p.spread),
        tuple(line for p in parts for line in p.for_you),
        tuple(c for p in parts for c in p.choices),
        tuple(c for p in parts for c in p.claims),
    )


TOPICS: dict[str, Callable[[str, Case], Part]] = {
    "length": _length, "zone": _zone, "interval": _interval, "review": _review, "photos": _photos,
    "active": _active, "care": _care, "rule": _rule, "device": _device, "serum": _serum, "cost": _cost,
    "alternatives": _alternatives, "passes": _passes, "endpoint": _endpoint, "numbing": _numbing,
    "redness": _redness, "red-flag": _red_flag, "skin-tone": _skin_tone, "conditions": _conditions,
    "sharing": _sharing, "glossary": _glossary, "claim": _claim, "choice": _choice,
}  # fmt: skip
