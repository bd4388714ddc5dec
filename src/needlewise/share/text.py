"""A plan as plain text, 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from needlewise.model import Plan, Says
from needlewise.share import merge
from needlewise.share.merge import Area, Found, Todo, number, zone_word

WIDTH = 80
LABEL = 16


def plan_text(plan: Plan) -> str:
    """Return the plan to be read: verdict, findings, zones, dated steps, and who says what."""
    lines = [*_wrap(merge.VERDICT_WORDS[plan.verdict].upper()), ""]
    lines += _wrap(plan.purpose)
    lines += ["", *_wrap(f"Setting: {plan.setting}. Start: {plan.start.isoformat()}."), *_addressed(plan)]
    lines += _part("What was found", [line for f in merge.findings(plan) for line in _found(f)])
    lines += _part("Zone by zone", [line for a in merge.areas(plan) for line in _area(a)])
    steps: list[str] = []
    for date, day in merge.todos(plan).items():
        steps += [f"{date.isoformat()} ({date:%A})", *(line for t in day for line in _todo(t)), ""]
    lines += _part("Day by day", steps)
    lines += _post(plan)
    lines += _part("Sources", _sources(s for group in merge.all_says(plan) for s in group))
    stamp = ", ".join(f"{k} {v}" for k, v in plan.knowledge.items())
    lines += ["", *_wrap(f"Made from knowledge: {stamp}.")] if stamp else []
    return "\n".join(lines).rstrip() + "\n"


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


def _addressed(plan: Plan) -> list[str]:
    lines = _wrap(f"Addressed to: {plan.addressed_to}.") if plan.addressed_to else []
    for what, when in plan.acknowledged.items():
        lines += _wrap(f"Acknowledged: {what} ({when}).")
    return lines


def _cited(says: Iterable[Says], indent: str) -> list[str]:
    return [line for s in merge.by_source(says) for line in _wrap(merge.source_name(s), f"{indent}- ", f"{indent}  ")]


def _found(found: Found) -> list[str]:
    f = found.finding
    where = zone_word(found.zones)
    until = f" Until {f.until.isoformat()}." if f.until else ""
    head = merge.EFFECT_WORDS[f.effect].upper() + (f" [{where}]" if where else "")
    return [*_wrap(f"{head}: {f.message}{until}", "", "  "), *_cited(f.says, "  "), ""]


def _area(area: Area) -> list[str]:
    z = area.plan
    rows = [("Verdict", merge.VERDICT_WORDS[z.verdict])]
    if z.mm_range:
        rows.append(("Length range", f"{number(z.mm_range)} mm"))
    rows.append(("Chosen", f"{number(z.mm)} mm" if z.mm is not None else "none: nothing may be planned here"))
    rows.append(("Why", z.why))
    if z.mm is not None:
        rows.append(("Passes", f"{z.passes} × {z.directions} directions"))
        rows.append(("Endpoint", z.endpoint))
        rows.append(("Interval", f"{z.interval_days} days" if z.interval_days is not None else ""))
        rows.append(("Sessions", str(z.sessions)))
    rows.append(("First", z.first.isoformat() if z.first else ""))
    rows.append(("Review", z.review.isoformat() if z.review else ""))
    lines = _wrap(zone_word(area.zones))
    for label, value in rows:
        if value:
            lines += _wrap(value, f"  {label:<{LABEL - 2}}", " " * LABEL)
    return [*lines, *_cited(z.says, "  "), ""]


def _todo(todo: Todo) -> list[str]:
    s = todo.step
    where = zone_word(todo.zones)
    head = merge.action_word(s.action, s.session)
    head += f" [{where}]" if where else ""
    head += f" {number(s.mm)} mm" if s.mm is not None else ""
    until = f" Until {s.until.isoformat()}." if s.until else ""
    names = ", ".join(dict.fromkeys(x.source for x in s.says))
    return _wrap(f"{head}: {s.text}{until}" + (f" ({names})" if names else ""), "  * ", "    ")


def _post(plan: Plan) -> list[str]:
    differ, rest = merge.from_the_post(plan)
    lines: list[str] = []
    for s, others in differ:
        lines += _wrap(f"{s.text} ({merge.measured(s)})", "* ", "  ")
        for o in others:
            lines += _wrap(f"{o.source} ({o.kind}): {merge.measured(o)}", "    - ", "      ")
    also = [line for s in rest for line in _wrap(s.text, "* ", "  ")]
    return [*_part("What the post says where it differs", lines), *_part(merge.POST_ALSO, also)]


def _sources(says: Iterable[Says]) -> list[str]:
    lines: list[str] = []
    for s in sorted(merge.by_source(says), key=lambda s: s.source):
        source = merge.source_of(s)
        lines += _wrap(merge.source_name(s) + (f": {source.title}" if source else ""), "", "  ")
        lines += [f"  {source.url}"] if source and source.url else []
    return lines
