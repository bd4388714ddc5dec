"""A plan as plain text, 80 columns wide but for web addresses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from needlewise.model import Plan, Says
from needlewise.share import merge, outline
from needlewise.share.merge import Area, Found, Todo, number, zone_word
from needlewise.share.outline import Day, Later

WIDTH = 80
CITED = 5  # numbers shown after a statement, the deciding ones first; the page and the data show all


def plan_text(plan: Plan) -> str:
    """Return the plan to be read: verdict, zones, findings, dates, what the post says, and the numbered sources."""
    cite = _Cite(outline.numbers(plan))
    lines = _top(plan)
    lines += _part("Zone by zone", [line for a in merge.areas(plan) for line in _area(a, cite)])
    lines += _part("What was found", [line for f in outline.other_findings(plan) for line in _found(f, cite)])
    lines += _part("Your dates", [line for day in outline.days(plan) for line in _day(day, cite, plan)])
    lines += _post(plan, cite)
    lines += _sources(plan, cite)
    stamp = ", ".join(f"{k} {v}" for k, v in plan.knowledge.items())
    lines += ["", *_wrap(f"Made from knowledge: {stamp}.")] if stamp else []
    return "\n".join(lines).rstrip() + "\n"


class _Cite:
    """Turn statements into their sources' numbers."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers = numbers

    def __call__(self, says: Iterable[Says]) -> str:
        """Return " [1][2]", or "" where nothing is cited."""
        found = sorted({self.numbers[s.source] for s in says})
        more = f"+{len(found) - CITED}" if len(found) > CITED + 1 else ""
        shown = found[:CITED] if more else found
        return " " + "".join(f"[{n}]" for n in shown) + more if found else ""


def _wrap(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """Wrap to the width; a web address or a zone's name is never broken."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _part(title: str, lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return ["", title, "-" * len(title), *lines] if lines else []


def _top(plan: Plan) -> list[str]:
    lines = _wrap(merge.VERDICT_WORDS[plan.verdict].upper())
    why = outline.reason(plan)
    if why:
        lines += _wrap(f"Why: {merge.in_file(why.finding)}{_until(why.finding.until)}")
    lines += _wrap(outline.next_thing(plan))
    lines += ["", *_wrap(f"Setting: {plan.setting}. Start: {plan.start.isoformat()}. {plan.purpose}")]
    lines += _wrap(f"Addressed to: {plan.addressed_to}.") if plan.addressed_to else []
    for what, when in plan.acknowledged.items():
        lines += _wrap(f"Acknowledged: {what} ({when}).")
    return lines


def _until(date: object) -> str:
    return f" Until {date}." if date else ""


def _found(found: Found, cite: _Cite) -> list[str]:
    f = found.finding
    where = zone_word(found.zones)
    head = merge.EFFECT_WORDS[f.effect].upper() + (f" [{where}]" if where else "")
    return _wrap(f"{head}: {merge.in_file(f)}{_until(f.until)}{cite(f.says)}", "* ", "  ")


def _area(area: Area, cite: _Cite) -> list[str]:
    z = area.plan
    lines = _wrap(f"{zone_word(area.zones)}: {merge.VERDICT_WORDS[z.verdict]}", "", "  ")
    if not merge.planned(z):
        lines += _wrap("Nothing is planned here: no needle length, no session.", "  ")
    else:
        among = f" (published: {number(z.mm_range)} mm)" if z.mm_range else ""
        every = f", every {z.interval_days} days" if z.interval_days is not None and z.sessions > 1 else ""
        lines += _wrap(f"{number(z.mm)} mm{among}; sessions: {z.sessions}{every}. {z.technique}", "  ")
    dates = [f"first {z.first.isoformat()}" if z.first else "", f"review {z.review.isoformat()}" if z.review else ""]
    lines += _wrap("Dates: " + ", ".join(d for d in dates if d) + ".", "  ") if any(dates) else []
    return [*lines, *_wrap(f"Why: {z.why}{cite(z.says)}", "  "), ""]


def _day(day: Day, cite: _Cite, plan: Plan) -> list[str]:
    lines = [f"{day.date.isoformat()} ({day.date:%A})"] if day.todos else []
    lines += [line for t in day.todos for line in _todo(t, cite, plan)]
    return [*lines, *(line for s in day.later for line in _later(s, day, plan))]


def _later(s: Later, day: Day, plan: Plan) -> list[str]:
    head = f"{day.date.isoformat()} ({day.date:%A}) session {s.session} [{outline.where(plan, s.zones)}]"
    mm = f" {number(s.mm)} mm" if s.mm is not None else ""
    dates = "; ".join(s.dates)
    return _wrap(f"{head}{mm}: all as session {s.like}" + (f"; {dates}" if dates else "") + ".", "", "  ")


def _todo(todo: Todo, cite: _Cite, plan: Plan) -> list[str]:
    s = todo.step
    where = outline.where(plan, todo.zones)
    head = outline.head(todo) + (f" [{where}]" if where else "")
    head += f" {number(s.mm)} mm" if s.mm is not None else ""
    text = outline.care_text(s.text)
    until = "" if s.until and s.until.isoformat() in text else _until(s.until)
    return _wrap((f"{head}: " if head else "") + f"{text}{until}{cite(s.says)}", "  * ", "    ")


def _post(plan: Plan, cite: _Cite) -> list[str]:
    topics = outline.post_topics(plan)
    lines = _wrap("The sources are those of the step with the same name above.") if topics else []
    for topic, (said, _) in topics.items():
        lines += _wrap(f"{topic}: {said}", "* ", "  ")
    for s, others in outline.post_differs(plan):
        put = "; ".join(f"{words}{cite(group)}" for words, group in outline.others(others))
        lines += _wrap(f"{s.text} ({merge.measured(s)}) Others: {put}.", "* ", "  ")
    rest = " ".join(s.text for s in outline.post_rest(plan))
    return [
        *_part("What the post says where it differs", lines),
        *_part(merge.POST_ALSO, _wrap(rest) if rest else []),
    ]


def _sources(plan: Plan, cite: _Cite) -> list[str]:
    lines: list[str] = []
    for s in outline.one_of_each(plan):
        source = merge.source_of(s)
        name = f"[{cite.numbers[s.source]}] {merge.short_name(s)}"
        lines.append(f"{name}. {source.url or source.title}" if source else name)
    return _part("Sources", lines)
