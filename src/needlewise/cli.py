"""The command line. Each command loads only what it needs."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from needlewise.errors import InputError, NeedlewiseError

if TYPE_CHECKING:
    from needlewise.simulate.coverage import Coverage
    from needlewise.simulate.geometry import Tool
    from needlewise.simulate.strikes import Technique

SAMPLE = Path(__file__).parent / "sample" / "me.toml"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 for a result (a stop is a result) and 2 for bad input."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        run: Callable[[argparse.Namespace], str] = args.run
        out = run(args)
        if out:
            sys.stdout.write(out if out.endswith("\n") else out + "\n")
            sys.stdout.flush()
    except NeedlewiseError as error:
        sys.stderr.write(f"needlewise: {error}\n")
        return 2
    except BrokenPipeError:  # the reader went away, as in `needlewise plan me.toml | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\nneedlewise: stopped; nothing was written.\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="needlewise",
        description="Plan microneedling safely. Information and record-keeping; not a diagnosis, "
        "and no substitute for a health professional.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    p = commands.add_parser("plan", help="a safe, dated, sourced plan from your file")
    p.add_argument("file", nargs="?", help="your file, such as me.toml")
    p.add_argument("--sample", action="store_true", help="plan for the sample person that comes with needlewise")
    p.add_argument("--start", type=_day, metavar="DATE", help="first day of the plan, such as 2026-12-01 (today)")
    p.add_argument(
        "--acknowledge", action="append", default=[], metavar="WHAT", help="home-limit: agree to up to 0.5 mm"
    )
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
    _simulate_parsers(commands)
    return parser


def _simulate_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = commands.add_parser("coverage", help="where the holes fall: a device and a technique")
    which = p.add_mutually_exclusive_group(required=True)
    which.add_argument("--kind", choices=["roller", "stamp", "pen"], help="with the figures of your own device")
    which.add_argument("--device", metavar="NAME", help="one from the catalogue, such as roller-192")
    p.add_argument("--needles", type=int, metavar="N", help="needles on the device, counted")
    p.add_argument("--drum-diameter-mm", type=float, metavar="MM", help="roller: drum without needles")
    p.add_argument("--width-mm", type=float, metavar="MM", help="drum, side of a stamp's head, or a pen's tip")
    p.add_argument("--rows", type=int, metavar="N", help="rows of needles side by side")
    p.add_argument("--needle-diameter-mm", type=float, metavar="MM")
    p.add_argument("--passes", type=int, metavar="N", help="passes in all (1)")
    p.add_argument("--directions", type=int, default=4, metavar="N", help="directions they are spread over (4)")
    p.add_argument("--hz", type=float, metavar="HZ", help="pen: strikes a second")
    p.add_argument("--speed-mm-s", type=float, metavar="MM/S", help="pen: speed over the skin")
    p.add_argument("--seconds", type=float, metavar="S", help="pen: seconds on each cm²; sets the speed")
    p.add_argument("--grid", type=float, dest="grid_mm", metavar="MM", help="stamp: from press to press (its width)")
    p.add_argument("--hand", choices=["even", "real", "retrace"], default="even", help="how the device is led (even)")
    p.add_argument("--gap-mm", type=float, default=0.0, metavar="MM", help="bare strip between lanes; negative: overlap")
    p.add_argument("--mm", type=float, metavar="MM", help="needle length: adds depth, angle and needles in the skin")
    p.add_argument("--curved", action="store_true", help="on a curved face instead of flat skin")
    p.add_argument("--yield-mm", type=float, default=0.5, metavar="MM", help="curved: how far skin gives (0.5, ours)")
    p.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed draws the same strikes (1)")
    p.add_argument("--json", action="store_true", help="print JSON")
    p.add_argument("--svg", metavar="FILE", help="write a map")
    p.add_argument("--beside", metavar="NAME", help="with --svg: a second device beside it, as many passes")
    p.set_defaults(run=_coverage)
    p = commands.add_parser("same-dose", help="passes or seconds with another device for as many holes per cm²")
    p.add_argument("a", metavar="DEVICE_A", help="roller-192, or roller,needles=192,drum=20,width=20")
    p.add_argument("b", metavar="DEVICE_B")
    p.add_argument("--passes", type=int, required=True, metavar="N", help="passes with the first device")
    p.add_argument("--json", action="store_true", help="print JSON")
    p.set_defaults(run=_same_dose)


def _version() -> str:
    from needlewise import __version__

    return f"needlewise {__version__}"


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
        raise InputError(
            "file", args.file, "a file that does not exist yet", f"to see its plan: needlewise plan {args.file}"
        )
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


def _coverage(args: argparse.Namespace) -> str:
    from needlewise.share.simulated import coverage_json, coverage_text
    from needlewise.simulate.devices import from_catalogue, from_figures, parse_device, timed
    from needlewise.simulate.strikes import HANDS, Technique

    names = ("needles", "drum_diameter_mm", "width_mm", "rows", "needle_diameter_mm", "hz", "speed_mm_s", "grid_mm")
    own = {name: float(value) for name in names if (value := getattr(args, name)) is not None}
    described = from_catalogue(args.device, own) if args.device else from_figures(args.kind, own)
    described, passes = timed(described, args.passes, args.seconds, "speed_mm_s" in own)
    hand = HANDS[args.hand]
    if args.gap_mm:
        from dataclasses import replace

        hand = replace(hand, gap_mm=args.gap_mm)
    technique = Technique(passes, args.directions, hand)
    found = _cover(described.tool, technique, args)
    doc = coverage_json(described, found, args.mm)
    if args.beside and not args.svg:
        raise InputError("--beside", args.beside, "together with --svg", "for figures of both, run coverage twice")
    if args.svg:
        drawn = [(described.label, found)]
        if args.beside:
            other = parse_device(args.beside)
            drawn.append((other.label, _cover(other.tool, technique, args)))
        _map(args.svg, drawn)
        if not args.json:
            return f"Wrote {args.svg}."
    return json.dumps(doc, indent=1, ensure_ascii=False) if args.json else coverage_text(doc)


def _cover(tool: Tool, technique: Technique, args: argparse.Namespace) -> Coverage:
    if args.curved:
        from needlewise.simulate.curved import curved_coverage

        return curved_coverage(tool, technique, 0.5 if args.mm is None else args.mm, args.yield_mm, args.seed)
    from needlewise.simulate.coverage import coverage

    return coverage(tool, technique, args.seed)


def _map(path: str, drawn: list[tuple[str, Coverage]]) -> None:
    from needlewise.charts import coverage_map
    from needlewise.share.files import atomic_write

    panels = []
    for label, found in drawn:
        scale = 100 / found.cell_mm**2
        panels.append((f"{label}, {found.technique.passes} passes",
                       [[value * scale for value in column] for column in found.cells], found.cell_mm))  # fmt: skip
    atomic_write(path, coverage_map(panels).encode())


def _same_dose(args: argparse.Namespace) -> str:
    from needlewise.share.dose import same_dose_json, same_dose_text
    from needlewise.simulate.devices import parse_device
    from needlewise.simulate.geometry import same_dose

    a, b = parse_device(args.a), parse_device(args.b)
    doc = same_dose_json(a, args.passes, b, same_dose(a.tool, args.passes, b.tool))
    return json.dumps(doc, indent=1, ensure_ascii=False) if args.json else same_dose_text(doc)


if __name__ == "__main__":
    sys.exit(main())
