"""The commands around the plan: plan, start, answer, serum, claims, cost, knowledge."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path

from needlewise.errors import InputError

SAMPLE = Path(__file__).parents[1] / "sample" / "me.toml"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    p = commands.add_parser("plan", help="a safe, dated, sourced plan from your file")
    p.add_argument("file", nargs="?", help="your file, such as me.toml")
    p.add_argument("--sample", action="store_true", help="plan for the sample person that comes with needlewise")
    p.add_argument("--start", type=_day, metavar="DATE", help="first day of the plan, such as 2026-12-01 (today)")
    p.add_argument("--acknowledge", action="append", default=[], metavar="WHAT", help="home-limit: agree to up to 0.5 mm")
    form = p.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--html", metavar="FILE", help="write a page to print")
    form.add_argument("--ics", metavar="FILE", help="write a calendar")
    p.add_argument("--discreet", action="store_true", help="calendar titles that give nothing away")
    p.set_defaults(run=_plan)
    p = commands.add_parser("start", help="answer a few questions; writes your file and shows the plan")
    p.add_argument("file", nargs="?", default="me.toml")
    p.set_defaults(run=_start)
    p = commands.add_parser("answer", help="an answer to one of the 25 questions people bring")
    p.add_argument("words", nargs="*", metavar="N | words")
    p.add_argument("--for", dest="file", metavar="FILE", help="answer for the person in this file")
    p.set_defaults(run=_answer)
    p = commands.add_parser("serum", help="check a serum's label")
    p.add_argument("label", nargs="+")
    p.set_defaults(run=_serum)
    p = commands.add_parser("claims", help="what the 2016 post says, and today's verdict")
    p.add_argument("id", nargs="?")
    p.set_defaults(run=_claims)
    p = commands.add_parser("cost", help="what it costs, at home and elsewhere")
    p.add_argument("file")
    p.set_defaults(run=_cost)
    p = commands.add_parser("knowledge", help="check the knowledge, list our own choices, or the post's rows")
    p.add_argument("what", choices=["check", "choices", "rows"])
    p.set_defaults(run=_knowledge)


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-12-01") from None
    if not 2000 <= day.year <= 2200:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 2000 and 2200")
    return day


def _plan(args: argparse.Namespace) -> str:
    from dataclasses import replace

    from needlewise.model import ACKNOWLEDGEMENTS
    from needlewise.planning import load_person, plan

    if args.sample == bool(args.file):
        raise InputError("file", args.file, "your file, or --sample", "to write one: needlewise start")
    for word in args.acknowledge:
        if word not in ACKNOWLEDGEMENTS:
            raise InputError("--acknowledge", word, ", ".join(ACKNOWLEDGEMENTS))
    person = load_person(SAMPLE if args.sample else args.file)
    person = replace(person, acknowledged=tuple(dict.fromkeys((*person.acknowledged, *args.acknowledge))))
    made = plan(person, args.start)
    if args.json:
        from needlewise.share.json_doc import plan_json

        return json.dumps(plan_json(made), indent=1, ensure_ascii=False)
    if args.html:
        from needlewise.share.files import atomic_write
        from needlewise.share.html import plan_html

        atomic_write(args.html, plan_html(made).encode())
        return f"Wrote {args.html}."
    if args.ics:
        from needlewise.share.calendar import plan_ics
        from needlewise.share.files import atomic_write

        atomic_write(args.ics, plan_ics(made, person.time_zone, args.discreet))
        return f"Wrote {args.ics}."
    from needlewise.share.text import plan_text

    return plan_text(made)


def _start(args: argparse.Namespace) -> str:
    from needlewise.interview import interview
    from needlewise.planning import load_person, plan
    from needlewise.share.files import atomic_write
    from needlewise.share.text import plan_text

    if Path(args.file).exists():
        raise InputError("file", args.file, "a file that does not exist yet", f"to see its plan: needlewise plan {args.file}")
    atomic_write(args.file, interview(input, print).encode())
    return f"\nWrote {args.file}. Change it whenever something changes.\n\n" + plan_text(plan(load_person(args.file)))


def _answer(args: argparse.Namespace) -> str:
    from needlewise.knowledge import table
    from needlewise.planning import load_person, plan
    from needlewise.planning.answers import answer, find_question
    from needlewise.share.advice import answer_text

    if not args.words:
        return "\n".join(f"{q.n:>2}  {q.ask}" for q in table("questions").values())
    person = load_person(args.file) if args.file else None
    return answer_text(answer(find_question(args.words), person, plan(person) if person else None))


def _serum(args: argparse.Namespace) -> str:
    from needlewise.planning.serum import check_serum
    from needlewise.share.advice import serum_text

    return serum_text(check_serum(" ".join(args.label)))


def _claims(args: argparse.Namespace) -> str:
    from needlewise.errors import nearest
    from needlewise.knowledge import table
    from needlewise.share.advice import claim_text

    rows = table("claims")
    if not args.id:
        return "\n".join(f"{c.id:<5}{c.verdict:<17}{c.says_the_post}" for c in rows.values())
    wanted = {key.lower(): c for key, c in rows.items()}.get(args.id.lower())
    if wanted is None:
        raise InputError("claim", args.id, f"{', '.join(rows)}", nearest(args.id, list(rows)))
    return claim_text(wanted)


def _cost(args: argparse.Namespace) -> str:
    from needlewise.planning import load_person, plan
    from needlewise.planning.cost import costs
    from needlewise.share.advice import cost_text

    person = load_person(args.file)
    return cost_text(costs(person, plan(person)))


def _knowledge(args: argparse.Namespace) -> str:
    from needlewise import knowledge

    if args.what == "check":
        counts = knowledge.check()
        stamp = knowledge.stamp()
        lines = [f"{name:<14}{count:>5} rows" for name, count in counts.items()]
        return "\n".join([*lines, f"All exact. Reviewed {stamp['date']}, hash {stamp['hash']}."])
    if args.what == "choices":
        lines = []
        for name, row, choice in knowledge.choices():
            value = "" if choice.value is None else f"{choice.value} {choice.unit}: "
            lines.append(f"{name}/{row}: {value}{choice.why}")
        return "\n".join([*lines, f"{len(lines)} choices are our own."])
    return "\n".join(f"{r.id:<4}{r.says}\n      {r.served_by}" for r in knowledge.table("rows").values())
