"""A plan in the order a person reads it: why, what next, the first session in full, later ones by their dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from needlewise.model import EFFECTS, Plan, Says, Step
from needlewise.said import say
from needlewise.share import merge
from needlewise.share.merge import Found, Todo, action_word, source_of

KINDS = ("regulator", "peer-reviewed", "professional", "ours", "vendor", "lay", "post")  # the deciding ones first
POST_SAYS = " The post says: "
DATE = re.compile(r"\d{4}-\d\d-\d\d")
NEXT = {
    "ask": "Next: answer what is asked below, then make the plan again.",
    "wait": "Next: wait, then make the plan again before you needle.",
    "refer": "Next: show this plan to a doctor, nurse or pharmacist before you needle.",
    "stop": "Next: do not needle. Read what was found, and ask a doctor if it worries you.",
}


@dataclass(frozen=True)
class Later:
    """A session like an earlier one: its number, the number it is like, and the dates that are its own."""

    session: int
    like: int
    zones: tuple[str, ...]
    mm: float | None
    dates: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """What is written for one date: steps in full, and later sessions in short."""

    date: dt.date
    todos: tuple[Todo, ...]
    later: tuple[Later, ...]


def numbers(plan: Plan) -> dict[str, int]:
    """Number every source cited, the deciding kinds first, so that a list of numbers starts with what counts most."""
    cited = {s.source: kind(s) for group in merge.all_says(plan) for s in group}
    order = sorted(cited, key=lambda key: (KINDS.index(cited[key]) if cited[key] in KINDS else len(KINDS), key))
    return {key: i for i, key in enumerate(order, 1)}


def kind(says: Says) -> str:
    """Return the kind of a statement's source."""
    source = source_of(says)
    return source.kind if source else says.kind


def one_of_each(plan: Plan) -> list[Says]:
    """Return one statement of every source cited, by number."""
    number = numbers(plan)
    return sorted(merge.by_source(s for group in merge.all_says(plan) for s in group), key=lambda s: number[s.source])


def reason(plan: Plan) -> Found | None:
    """Return the strictest finding that holds the plan back; one about the whole person comes first."""
    held = [f for f in merge.findings(plan) if EFFECTS.index(f.finding.effect) >= EFFECTS.index("limit")]
    return min(held, key=lambda f: (-EFFECTS.index(f.finding.effect), any(f.zones)), default=None)


def next_thing(plan: Plan) -> str:
    """Return the first thing to do, with its date where it has one."""
    for day in days(plan):
        for todo in day.todos:
            return f"Next: on {day.date.isoformat()} ({day.date:%A}): {first_sentence(todo.step.text)}"
    found = reason(plan)
    until = max((f.until for f in plan.findings if f.until and f.effect in ("wait", "stop")), default=None)
    if found and until and plan.verdict == "wait":
        return f"Next: not before {until.isoformat()} ({until:%A}); then make the plan again before you needle."
    return NEXT.get(plan.verdict, "")


def other_findings(plan: Plan) -> list[Found]:
    """Return the findings whose words do not already stand in a zone's block."""
    why = {z.why for z in plan.zones}
    rest = [f for f in merge.findings(plan) if f.finding.message not in why]
    return sorted(rest, key=lambda f: (-EFFECTS.index(f.finding.effect), any(f.zones)))


def first_sentence(text: str) -> str:
    """Return the text up to its first full stop."""
    head, stop, _ = text.partition(". ")
    return head + "." if stop else text


def care_text(text: str) -> str:
    """Return a step's text without what the post says, which is shown once for all steps."""
    return text.partition(POST_SAYS)[0]


def post_topics(plan: Plan) -> dict[str, tuple[str, tuple[Says, ...]]]:
    """Return, for each topic, what the post says with what stands against it, and who says so."""
    found: dict[str, tuple[str, tuple[Says, ...]]] = {}
    for step in plan.steps:
        said = step.text.partition(POST_SAYS)[2]
        if said:
            found.setdefault(first_sentence(step.text).rstrip("."), (said, step.says))
    return found


def post_differs(plan: Plan) -> list[tuple[Says, tuple[Says, ...]]]:
    """Return the post's numbers that others put differently, without those a topic already covers."""
    covered = {s for _, says in post_topics(plan).values() for s in says}
    return [(s, merge.unique(others)) for s, others in merge.from_the_post(plan)[0] if s not in covered]


def post_rest(plan: Plan) -> list[Says]:
    """Return what else the post says, each text once, without what a topic already covers."""
    covered = {s.text for _, says in post_topics(plan).values() for s in says}
    texts = {s.text: s for s in merge.from_the_post(plan)[1] if s.text not in covered}
    return list(texts.values())


def days(plan: Plan) -> list[Day]:
    """Return the plan by date; what an earlier session says in the same words is not written again."""
    steps = _chained(plan.steps)
    sessions = sorted({s.date for s in steps if s.action == "session"})
    by_session: dict[dt.date, list[Step]] = {day: [] for day in sessions}
    full: list[Step] = []
    for step in steps:
        day = _session_day(step, steps)
        if day is None:
            full.append(step)
        else:
            by_session[day].append(step)
    written: dict[tuple[str, str, float | None], int] = {}
    later: dict[dt.date, list[Later]] = {}
    for day, group in by_session.items():
        old = [s for s in group if _key(s) in written]
        full += [s for s in group if _key(s) not in written]
        same = [s for s in old if s.action == "session"]
        if same:
            later.setdefault(day, []).append(_later(same, [s for s in group if s in old], written[_key(same[0])]))
        else:
            full += old
        for s in group:
            written.setdefault(_key(s), s.session)
    kept = set(full)
    todos = merge.todos(replace(plan, steps=tuple(_photos([s for s in steps if s in kept]))))
    return [Day(day, tuple(todos.get(day, ())), tuple(later.get(day, ()))) for day in sorted({*todos, *later})]


def _photos(steps: Iterable[Step]) -> Iterable[Step]:
    """Point a follow-up photo to the first one instead of saying the same again."""
    first: Step | None = None
    for s in steps:
        if s.action == "photo":
            first = first or s
        elif s.action == "follow-up-photo" and first and first.text in s.text:
            s = replace(s, text=say("The same pictures again. Taken as on {day}.", day=first.date.isoformat()))
        yield s


def _key(step: Step) -> tuple[str, str, float | None]:
    return step.action, DATE.sub("", step.text), step.mm


def _session_day(step: Step, steps: Iterable[Step]) -> dt.date | None:
    """Return the session a step belongs to: by number and zone, the latest not after it, or else the next."""
    if not step.session:
        return None
    fits = [
        s.date for s in steps if s.action == "session" and s.session == step.session and (not step.zone or s.zone == step.zone)
    ]
    return max((d for d in fits if d <= step.date), default=min(fits, default=None))


def _chained(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Join pauses that run into one another: the one that starts first says when the last ends."""
    out: list[Step] = []
    open_pause: dict[tuple[str, str], int] = {}
    for step in sorted(steps, key=lambda s: s.date):
        key = (step.zone, DATE.sub("", step.text))
        at = open_pause.get(key) if step.action == "pause" else None
        if step.action != "pause" or step.until is None:
            out.append(step)
        elif at is not None and (before := out[at].until) is not None and step.date <= before:
            end = max(before, step.until)
            out[at] = replace(out[at], until=end, text=out[at].text.replace(before.isoformat(), end.isoformat()))
        else:
            open_pause[key] = len(out)
            out.append(step)
    return tuple(out)


def _later(same: list[Step], steps: list[Step], like: int) -> Later:
    dates: dict[str, dict[str, None]] = {}
    for s in sorted(steps, key=lambda s: s.date):
        if s.action == "pause":
            dates.setdefault(f"pause from {s.date.isoformat()}", {})[first_sentence(s.text).rstrip(".")] = None
        elif s.action == "restart":
            label = first_sentence(s.text).removeprefix("From today: ").rstrip(".")
            dates.setdefault(f"from {s.date.isoformat()} again", {})[label] = None
    ends = {
        "skin counts as open and quiet until": ("channels", "aftercare"),
        "watch redness until": ("redness",),
        "sunscreen every day until": ("sunscreen",),
    }
    lines = [f"{when}: {', '.join(what)}" for when, what in dates.items()]
    for words, actions in ends.items():
        until = max((s.until for s in steps if s.action in actions and s.until), default=None)
        if until:
            lines.append(f"{words} {until.isoformat()}")
    return Later(same[0].session, like, tuple(dict.fromkeys(s.zone for s in same)), same[0].mm, tuple(lines))


def where(plan: Plan, zones: Iterable[str]) -> str:
    """Return the zones' names, or one word for every zone planned where there are more than two."""
    planned = {z.zone for z in plan.zones if z.mm is not None}
    names = [z for z in zones if z]
    return "all zones" if len(names) > 2 and set(names) == planned else merge.zone_word(names)


def head(todo: Todo) -> str:
    """Return a step's action with its number, or "" for care, whose text begins with its own title."""
    return action_word(todo.step.action, todo.step.session) if any(todo.zones) else ""


def others(says: Iterable[Says]) -> list[tuple[str, tuple[Says, ...]]]:
    """Return what other sources put, each number with the kinds of who says it, once."""
    groups: dict[str, dict[Says, None]] = {}
    for s in says:
        groups.setdefault(merge.measured(s), {})[s] = None
    return [
        (f"{measured} ({', '.join(dict.fromkeys(kind(s) for s in group))})", tuple(group)) for measured, group in groups.items()
    ]
