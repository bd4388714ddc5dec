"""Answers, serum checks and costs as plain text."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from needlewise.knowledge import table
from needlewise.knowledge.rows import Claim
from needlewise.model import Says
from needlewise.planning.answers import Answer
from needlewise.planning.cost import CostLine, CostSheet
from needlewise.planning.serum import Ingredient, SerumCheck

WIDTH = 80


def answer_text(a: Answer) -> str:
    """Return an answer as text: the lead, the lines for the person, the spread, choices, claims and what to see."""
    blocks = [[f"{a.n}. {a.ask}"], [a.lead]]
    blocks.append(_block("In short", a.short))
    blocks.append(_block("For you", a.for_you))
    blocks.append(_block("What sources say", map(_says, a.spread)))
    blocks.append(_block("needlewise's own choices", a.choices))
    blocks.append(_block("What the 2016 post claimed", (f"{c.says_the_post} {c.verdict}: {c.detail}" for c in a.claims)))
    blocks.append(_block("See also", a.see))
    return _join(blocks)


def serum_text(c: SerumCheck) -> str:
    """Return a serum check as text."""
    verdict = "after the wait only" if c.on_needled_skin else "no"
    blocks = [
        [f"On needled skin: {verdict}. {c.why}", f"Not before {c.restart_hours:g} hours after needling, on calm skin."],
        _block("Read on the label", map(_ingredient, c.ingredients)),
        _block("It meets", (r.text for r in c.met)),
        _block("Not found on the label", (f"{r.text} {r.why}" for r in c.missed)),
        _block("To avoid", (f"{r.text} {r.why}" for r in c.avoid)),
        _block("To note", (f"{r.text} {r.why}" for r in c.notes)),
        _block("What sources say", map(_says, c.says)),
    ]
    return _join(blocks)


def cost_text(s: CostSheet) -> str:
    """Return a cost sheet as text."""
    head = f"Costs in {s.currency} for {s.sessions} sessions" if s.sessions else f"Costs in {s.currency}; no session is planned"
    says = {(x.source, x.text): x for line in s.lines for x in line.says if x.source != "needlewise"}
    own = "Your own prices go under [costs] in your file."
    return _join([[head, own], _block("Ways", map(_cost, s.lines)), _block("What sources say", map(_says, says.values()))])


def claim_text(c: Claim) -> str:
    """One claim of the post, its verdict, and what the sources say today."""
    head = [f"{c.id}. The post says: {c.says_the_post}", f"Verdict: {c.verdict}. {c.detail}"]
    cited = [f"{key}: {table('sources')[key].title}" for key in c.cites if key in table("sources")]
    return _join([head, _block("What sources say today", [_says(s) for s in c.says]), _block("Named for it", cited)])


def _says(s: Says) -> str:
    source = table("sources").get(s.source)
    name = f"{source.title} [{s.source}; {source.kind}]" if source else s.source
    setting = f" ({s.setting})" if s.setting else ""
    return f"{s.text}{setting} — {name}"


def _ingredient(i: Ingredient) -> str:
    name = i.name or "unnamed"
    return name if i.percent is None else f"{name}, {i.percent:g} %"


def _cost(line: CostLine) -> str:
    sums = [
        f"{amount:,.2f} {line.currency} {per}"
        for amount, per in ((line.per_session, "a session"), (line.per_course, "in all"))
        if amount is not None
    ]
    return f"{line.label}: {', '.join(sums) or 'no sum'}. {line.note}"


def _block(title: str, lines: Iterable[str]) -> list[str]:
    rows = [f"  - {line}" for line in lines]
    return [f"{title}:", *rows] if rows else []


def _join(blocks: list[list[str]]) -> str:
    return "\n\n".join("\n".join(map(_wrapped, block)) for block in blocks if block) + "\n"


def _wrapped(line: str) -> str:
    indent = "    " if line.startswith("  - ") else ""
    return fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
