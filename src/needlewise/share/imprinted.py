"""An imprint as JSON, as text and as one page, the safety words first."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from needlewise.model import SCHEMA_VERSION
from needlewise.said import join, say

if TYPE_CHECKING:  # the app shows what was read, and never loads what reads it
    from needlewise.measure.imprint import Figure, Imprint

FIRST = (
    "Put nothing on the needles: whatever is on them goes into skin later, and pigment tattoos.",
    "Never just before a treatment: paper blunts needles and is not clean.",
    "Use a cartridge that is spare, or that is disinfected or thrown away afterwards; never one that goes on skin as it is.",
)
HOW = "Roll exactly two turns in one straight line, or press a stamp once, on plain paper or foil over a soft mat."


ODD = {"missing": say("Missing"), "bent": say("Bent"), "blunt": say("Blunt")}
SHAPES = {
    "slit": say("slits, as stamped discs leave them"),
    "round": say("round, as single needles leave them"),
    "unclear": say("slits or round, too blurred to tell"),
}
MOST_NAMED, MOST_DRAWN = 12, 20_000  # odd needles, and needles
SIGNS = {
    None: "<circle cx='{x}' cy='{y}' r='2.5' fill='currentColor'/>",
    "missing": "<path d='M{l} {t}L{r} {b}M{l} {b}L{r} {t}' stroke='#c33' stroke-width='2'/>",
    "bent": "<path d='M{x} {t}L{r} {b}L{l} {b}Z' fill='none' stroke='#c60' stroke-width='2'/>",
    "blunt": "<circle cx='{x}' cy='{y}' r='3.5' fill='none' stroke='currentColor'/>",
}
STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 Georgia,serif;max-width:44rem;margin:0 auto;padding:1rem;"
    "background:Canvas;color:CanvasText}.first{border:2px solid;border-radius:.6rem;padding:.8rem 1rem .8rem 2rem}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left;font-style:italic}th,td{text-align:left;"
    "vertical-align:top;padding:.25rem .6rem .25rem 0;border-top:1px solid GrayText}th{font-weight:normal;width:32%}"
    "figure{margin:1rem 0}svg{max-width:100%;height:auto}figcaption{font-size:.9em}pre{padding:.6rem;border:1px solid GrayText;"
    "overflow-x:auto}@media print{body{max-width:none}}"
)


def imprint_json(found: Imprint, claimed: int | None) -> dict[str, Any]:
    """Return what a picture tells of a device; lengths in mm, densities per cm²; see docs/simulate.md for each key."""
    claim = None if claimed is None else found.against(claimed)
    return {
        "schema_version": SCHEMA_VERSION,
        "first": list(FIRST),
        "kind": found.kind,
        "mm": found.mm,
        "needles": {"places": found.needles, "low": found.needles_low, "high": found.needles_high, "standing": found.standing},
        "rows": found.rows,
        "columns": found.columns,
        "pitch_mm": _figure(found.pitch),
        "row_pitch_mm": _figure(found.row_pitch),
        "width_mm": _figure(found.width),
        "drum_radius_mm": _figure(found.drum_radius),
        "density_per_pass_cm2": _figure(found.density_per_pass),
        "drag_mm": _figure(found.drag, least=0.0),
        "shape": vars(found.shape),
        "missing": [vars(n) for n in found.missing],
        "bent": [vars(n) for n in found.bent],
        "blunt": [vars(n) for n in found.blunt],
        "turns": round(found.turns, 2),
        "one_turn_recognised": found.repeated,
        "claim": None if claim is None else vars(claim),
        "geometry": found.to_geometry(),
    }


def imprint_text(doc: dict[str, Any]) -> str:
    """Return the same for reading, with what to write into me.toml."""
    lines = [*(f"! {line}" for line in FIRST), ""]
    lines += [f"{name}: {said}" for name, said in imprint_rows(doc)]
    lines += [*imprint_remarks(doc), "", "For your file:", *_for_the_file(doc)]
    return "\n".join(lines)


def imprint_rows(doc: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was found, a name and a figure with its range (95 %)."""
    needles, rows = doc["needles"], doc["rows"]
    count = say("{places} places ({low} to {high}), {standing} leave a mark", **needles)
    apart = _range(doc["row_pitch_mm"])
    of = say("{rows}, of {columns} needles, {apart} mm apart", rows=rows, columns=doc["columns"], apart=apart)
    if needles["places"] != rows * doc["columns"]:
        of = say("{rows}, of at most {columns} needles, {apart} mm apart", rows=rows, columns=doc["columns"], apart=apart)
    told: list[tuple[str, str]] = [
        (say("Needles"), count), (say("Rows"), of), (say("Pitch along a row"), say("{range} mm", range=_range(doc["pitch_mm"]))),
        (say("Width"), say("{range} mm", range=_range(doc["width_mm"]))),
    ]  # fmt: skip
    if doc["drum_radius_mm"]:
        told.append((say("Drum radius"), say("{range} mm, without the needles", range=_range(doc["drum_radius_mm"]))))
    told.append((say("One pass on skin"), say("{range} holes per cm²", range=_range(doc["density_per_pass_cm2"]))))
    drag = say("drag {range} mm", range=_range(doc["drag_mm"])) if doc["drag_mm"] else ""
    told.append((say("Marks"), join([SHAPES[doc["shape"]["word"]], drag], "; ")))
    for name, title in ODD.items():
        if found := doc[name]:
            places = join([say("row {row} column {column}", row=n["row"], column=n["column"]) for n in found[:MOST_NAMED]], ", ")
            more = say("{count} ({places} …)", count=len(found), places=places)
            told.append((title, more if len(found) > MOST_NAMED else say("{count} ({places})", count=len(found), places=places)))
    return told


def imprint_remarks(doc: dict[str, Any]) -> list[str]:
    """Return what to do about it, and how far to trust it."""
    told: list[str] = []
    if any(doc[name] for name in ODD):
        told.append(say("A device with bent, blunt or missing needles does not go on skin: throw it away."))
    if not doc["one_turn_recognised"] and doc["kind"] == "roller":
        told.append(say("No odd needle showed where one turn ends, so two turns were taken on trust: the count may be 5 % off."))
    if claim := doc["claim"]:
        agrees, claimed = claim["agrees"], claim["claimed"]
        told.append(say("The picture agrees with the seller's {claimed}.", claimed=claimed) if agrees
                    else say("The picture does not agree with the seller's {claimed}.", claimed=claimed))  # fmt: skip
    return told


def _for_the_file(doc: dict[str, Any]) -> list[str]:
    figures = doc["geometry"]
    lines = ["[[devices]]", f'kind = "{doc["kind"]}"', f"mm = {doc['mm']:g}", f"needles = {figures['needles']:.0f}"]
    return lines + [f"{key} = {figures[key]:.2f}" for key in ("drum_diameter_mm", "width_mm") if key in figures]


def imprint_html(doc: dict[str, Any]) -> str:
    """Return a page that stands alone; the safety words come first."""
    first = "".join(f"<li>{escape(line)}</li>" for line in FIRST)
    rows = "".join(f"<tr><th scope='row'>{escape(name)}</th><td>{escape(said)}</td></tr>" for name, said in imprint_rows(doc))
    remarks = "".join(f"<p><b>{escape(line)}</b></p>" for line in imprint_remarks(doc))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        f"content='width=device-width,initial-scale=1'><title>Imprint</title><style>{STYLE}</style></head><body>"
        f"<h1>What your device leaves on paper</h1><ul class='first'>{first}</ul><p>{escape(HOW)}</p>"
        f"<table><caption>What the picture shows, with 95 % ranges</caption>{rows}</table>{remarks}{_figured(doc)}"
        f"<h2>For your file</h2><pre>{escape(chr(10).join(_for_the_file(doc)))}</pre></body></html>"
    )


def _figured(doc: dict[str, Any]) -> str:
    svg, about = imprint_drawing(doc)
    return f"<figure>{svg}<figcaption>{escape(about)}</figcaption></figure>" if svg else ""


def imprint_drawing(doc: dict[str, Any]) -> tuple[str, str]:
    """Return every needle as a sign in its row and column (SVG) and what the drawing shows; "" for a round head.

    Shapes, not only colours, tell the odd ones.
    """
    if doc["needles"]["places"] != doc["rows"] * doc["columns"] or doc["needles"]["places"] > MOST_DRAWN:
        return "", ""  # which places a round head has is not kept
    odd = {(n["row"], n["column"]): name for name in ODD for n in doc[name]}
    step = 12
    signs = []
    for row in range(1, doc["rows"] + 1):
        for column in range(1, doc["columns"] + 1):
            x, y, name = step * column, step * row, odd.get((row, column))
            signs.append(SIGNS[name].format(x=x, y=y, l=x - 4, r=x + 4, t=y - 4, b=y + 4))
    wide, high = step * (doc["columns"] + 1), step * (doc["rows"] + 1)
    about = say("The head, as it lies in the picture.")
    if doc["kind"] == "roller":
        about = say("One turn of the drum, columns from left to right. A roller has no first column: count from any odd needle.")
    svg = f"<svg viewBox='0 0 {wide} {high}' width='{2 * wide}' aria-hidden='true'>{''.join(signs)}</svg>"
    return svg, join([about, say("● in place, ✕ missing, △ bent, ○ blunt.")])


def _figure(f: Figure | None, least: float = -math.inf) -> dict[str, float] | None:
    return None if f is None else {"value": round(f.value, 4), "low": round(max(least, f.low), 4), "high": round(f.high, 4)}


def _range(f: dict[str, float]) -> str:
    return say("{value:.2f} ({low:.2f} to {high:.2f})", **f)
