"""The commands of simulate: coverage, same-dose, healing."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from needlewise.errors import InputError
from needlewise.said import kept

if TYPE_CHECKING:
    from needlewise.simulate.coverage import Coverage
    from needlewise.simulate.geometry import Tool
    from needlewise.simulate.strikes import Technique


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    p = commands.add_parser("coverage", help="where the holes fall: a device and a technique")
    which = p.add_mutually_exclusive_group(required=True)
    which.add_argument("--kind", choices=["roller", "stamp", "pen"], help="with the figures of your own device")
    which.add_argument("--device", metavar="NAME", help="one from the catalogue, such as roller-192")
    which.add_argument("--imprint", metavar="FILE", help="your own, as needlewise imprint --json printed it into a file")
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
    p.add_argument("--png", metavar="FILE", help="write the same map as a picture")
    p.add_argument("--beside", metavar="NAME", help="with a map: a second device or imprint beside it, as many passes")
    p.add_argument("--maps", type=int, nargs="+", metavar="N", help="with a map: one for each of these passes, 1 to 30")
    p.set_defaults(run=_coverage)
    p = commands.add_parser("same-dose", help="passes or seconds with another device for as many holes per cm²")
    p.add_argument("a", metavar="DEVICE_A", help="roller-192, roller,needles=192,drum=20,width=20, or an imprint's file.json")
    p.add_argument("b", metavar="DEVICE_B")
    p.add_argument("--passes", type=int, required=True, metavar="N", help="passes with the first device")
    p.add_argument("--json", action="store_true", help="print JSON")
    p.set_defaults(run=_same_dose)
    p = commands.add_parser("imprint", help="what a device pricks into paper: count, pitch, bent and missing needles")
    p.add_argument("photo")
    p.add_argument("--kind", choices=["roller", "stamp"], required=True)
    p.add_argument("--mm", type=float, required=True, metavar="MM", help="needle length, from the box")
    scale = p.add_mutually_exclusive_group(required=True)
    scale.add_argument("--ruler", metavar="MM", help="a ruler lies beside it: mm, or how many mm from first to last tick")
    scale.add_argument("--card", choices=["credit"], help="a bank card lies beside it")
    scale.add_argument("--paper", choices=["a4", "letter"], help="it is on a sheet that is wholly in the picture")
    p.add_argument("--claimed", type=int, metavar="N", help="how many needles the seller says")
    form = p.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--html", metavar="FILE", help="write a page")
    p.set_defaults(run=_imprint)
    p = commands.add_parser("healing", help="depth, closing channels and redness, as far as they were measured")
    p.add_argument("--mm", type=float, metavar="MM", help="needle length: adds the depth it may reach")
    p.add_argument("--redness", nargs="+", default=[], metavar="H:VALUE", help="your own: hours after, redness above before")
    p.add_argument("--sd", type=float, metavar="VALUE", help="how far two measurements of the same skin differ")
    p.add_argument("--json", action="store_true", help="print JSON")
    p.set_defaults(run=_healing)


def _coverage(args: argparse.Namespace) -> str:
    from dataclasses import replace

    from needlewise.share.simulated import coverage_json, coverage_text
    from needlewise.simulate.devices import from_catalogue, from_figures, from_imprint, parse_device, timed
    from needlewise.simulate.geometry import number_in
    from needlewise.simulate.strikes import HANDS, Technique

    names = ("needles", "drum_diameter_mm", "width_mm", "rows", "needle_diameter_mm", "hz", "speed_mm_s", "grid_mm")
    own = {name: float(value) for name in names if (value := getattr(args, name)) is not None}
    if args.imprint and (own.keys() - {"grid_mm"}):
        raise InputError("--imprint", args.imprint, "the device's figures from the imprint, or from you, not both")
    described = (
        from_catalogue(args.device, own) if args.device
        else from_imprint(args.imprint, own) if args.imprint
        else from_figures(args.kind, own)
    )  # fmt: skip
    described, passes = timed(described, args.passes, args.seconds, "speed_mm_s" in own)
    hand = HANDS[args.hand]
    for number in args.maps or ():
        number_in("--maps", number, 1, 30, "passes")
    if args.gap_mm:
        hand = replace(hand, gap_mm=args.gap_mm)
    technique = Technique(passes, args.directions, hand)
    found = _cover(described.tool, technique, args)
    doc = coverage_json(described, found, args.mm)
    files = [file for file in (args.svg, args.png) if file]
    if (args.beside or args.maps) and not files:
        raise InputError("--beside, --maps", "", "together with --svg or --png", "for figures, run coverage for each")
    if files:
        devices = [described, *([parse_device(args.beside)] if args.beside else [])]
        drawn = [
            (d.label, _cover(d.tool, replace(technique, passes=number), args))
            for number in args.maps or [passes]
            for d in devices
        ]
        _map(args, drawn)
        if not args.json:
            return f"Wrote {' and '.join(files)}."
    return json.dumps(doc, indent=1, ensure_ascii=False) if args.json else coverage_text(doc)


def _cover(tool: Tool, technique: Technique, args: argparse.Namespace) -> Coverage:
    if args.curved:
        from needlewise.simulate.curved import curved_coverage

        return curved_coverage(tool, technique, 0.5 if args.mm is None else args.mm, args.yield_mm, args.seed)
    from needlewise.simulate.coverage import coverage

    return coverage(tool, technique, args.seed)


def _map(args: argparse.Namespace, drawn: list[tuple[str, Coverage]]) -> None:
    from needlewise.charts import coverage_map, coverage_picture
    from needlewise.share.dose import count
    from needlewise.share.files import atomic_write

    panels = []
    for label, found in drawn:
        scale = 100 / found.cell_mm**2
        panels.append((f"{label}, {count(found.technique.passes, 'pass', 'passes')}",
                       [[value * scale for value in column] for column in found.cells], found.cell_mm))  # fmt: skip
    if args.svg:
        atomic_write(args.svg, coverage_map(panels).encode())
    if args.png:
        atomic_write(args.png, coverage_picture(panels))


def _same_dose(args: argparse.Namespace) -> str:
    from needlewise.share.dose import same_dose_json, same_dose_text
    from needlewise.simulate.devices import parse_device
    from needlewise.simulate.geometry import same_dose

    a, b = parse_device(args.a), parse_device(args.b)
    doc = same_dose_json(a, args.passes, b, same_dose(a.tool, args.passes, b.tool))
    return json.dumps(doc, indent=1, ensure_ascii=False) if args.json else same_dose_text(doc)


def _healing(args: argparse.Namespace) -> str:
    from needlewise.share.healed import healing_json, healing_text

    pairs = []
    for text in args.redness:
        hour, _, value = text.partition(":")
        try:
            pairs.append((float(hour), float(value)))
        except ValueError:
            raise InputError("--redness", text, "hours and a value, such as 4:7.5") from None
    doc = healing_json(args.mm, pairs, args.sd)
    return json.dumps(doc, indent=1, ensure_ascii=False) if args.json else healing_text(doc)


def _ruler(text: str) -> float:
    """Return the millimetres from tick to tick, or from the first to the last."""
    try:
        return 1.0 if text == "mm" else float(text)
    except ValueError:
        raise InputError("--ruler", text, "mm, or a number of millimetres, such as 150") from None


def _imprint(args: argparse.Namespace) -> str:
    from pathlib import Path

    from needlewise.measure.imprint import read_imprint
    from needlewise.share.imprinted import imprint_html, imprint_json, imprint_text

    scale: str | float = "card" if args.card else f"paper-{args.paper}"
    if args.ruler is not None:
        scale = _ruler(args.ruler)
    try:
        doc = imprint_json(read_imprint(Path(args.photo), args.kind, args.mm, scale), args.claimed)
    except InputError as error:
        if args.json:  # whoever reads it, such as the app, may say it in another language
            sys.stdout.write(json.dumps({"refused": {"allowed": kept(error.allowed), "hint": kept(error.hint)}}) + "\n")
        raise
    if args.html:
        from needlewise.share.files import atomic_write

        atomic_write(args.html, imprint_html(doc).encode())
        return f"Wrote {args.html}."
    return json.dumps(doc, indent=1, ensure_ascii=False) if args.json else imprint_text(doc)
