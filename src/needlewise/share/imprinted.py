"""An imprint as JSON, as text and as one page, the safety words first."""

from __future__ import annotations

from html import escape
from typing import Any

from needlewise.measure.imprint import Figure, Imprint
from needlewise.model import SCHEMA_VERSION

FIRST = (
    "Put nothing on the needles: whatever is on them goes into skin later, and pigment tattoos.",
    "Never just before a treatment: paper blunts needles and is not clean.",
    "Use a cartridge that is spare, or that is disinfected or thrown away afterwards; never one that goes on skin as it is.",
)
HOW = "Roll exactly two turns in one straight line, or press a stamp once, on plain paper or foil over a soft mat."


ODD = ("missing", "bent", "blunt")
SHAPES = {
    "slit": "slits, as stamped discs leave them",
    "round": "round, as single needles leave them",
    "unclear": "slits or round, too blurred to tell",
}
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
    "figure{margin:1rem 0}svg{width:100%;height:auto}figcaption{font-size:.9em}pre{padding:.6rem;border:1px solid GrayText;"
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
        "drag_mm": _figure(found.drag),
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
    lines += [f"{name}: {said}" for name, said in _rows(doc)]
    lines += [*_remarks(doc), "", "For your file:", *_for_the_file(doc)]
    return "\n".join(lines)


def _rows(doc: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was found, a name and a figure with its range (95 %)."""
    needles = doc["needles"]
    most = "" if needles["places"] == doc["rows"] * doc["columns"] else "at most "
    count = f"{needles['places']} places ({needles['low']} to {needles['high']}), {needles['standing']} leave a mark"
    rows = [("Needles", count),
            ("Rows", f"{doc['rows']}, of {most}{doc['columns']} needles, {_said(doc['row_pitch_mm'])} mm apart"),
            ("Pitch along a row", f"{_said(doc['pitch_mm'])} mm"),
            ("Width", f"{_said(doc['width_mm'])} mm")]  # fmt: skip
    if doc["drum_radius_mm"]:
        rows.append(("Drum radius", f"{_said(doc['drum_radius_mm'])} mm, without the needles"))
    rows.append(("One pass on skin", f"{_said(doc['density_per_pass_cm2'])} holes per cm²"))
    rows.append(("Marks", SHAPES[doc["shape"]["word"]] + (f"; drag {_said(doc['drag_mm'])} mm" if doc["drag_mm"] else "")))
    for name in ODD:
        if doc[name]:
            places = ", ".join(f"row {n['row']} column {n['column']}" for n in doc[name][:12])
            rows.append((name.capitalize(), f"{len(doc[name])} ({places}{' …' if len(doc[name]) > 12 else ''})"))
    return rows


def _remarks(doc: dict[str, Any]) -> list[str]:
    said = []
    if any(doc[name] for name in ODD):
        said.append("A device with bent, blunt or missing needles does not go on skin: throw it away.")
    if not doc["one_turn_recognised"] and doc["kind"] == "roller":
        said.append("No odd needle showed where one turn ends, so two turns were taken on trust: the count may be 5 % off.")
    if claim := doc["claim"]:
        word = "agrees with" if claim["agrees"] else "does not agree with"
        said.append(f"The picture {word} the seller's {claim['claimed']}.")
    return said


def _for_the_file(doc: dict[str, Any]) -> list[str]:
    figures = doc["geometry"]
    lines = ["[[devices]]", f'kind = "{doc["kind"]}"', f"mm = {doc['mm']:g}", f"needles = {figures['needles']:.0f}"]
    return lines + [f"{key} = {figures[key]:.2f}" for key in ("drum_diameter_mm", "width_mm") if key in figures]


def imprint_html(doc: dict[str, Any]) -> str:
    """Return a page that stands alone; the safety words come first."""
    first = "".join(f"<li>{escape(line)}</li>" for line in FIRST)
    rows = "".join(f"<tr><th scope='row'>{escape(name)}</th><td>{escape(said)}</td></tr>" for name, said in _rows(doc))
    remarks = "".join(f"<p><b>{escape(line)}</b></p>" for line in _remarks(doc))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        f"content='width=device-width,initial-scale=1'><title>Imprint</title><style>{STYLE}</style></head><body>"
        f"<h1>What your device leaves on paper</h1><ul class='first'>{first}</ul><p>{escape(HOW)}</p>"
        f"<table><caption>What the picture shows, with 95 % ranges</caption>{rows}</table>{remarks}{_drawing(doc)}"
        f"<h2>For your file</h2><pre>{escape(chr(10).join(_for_the_file(doc)))}</pre></body></html>"
    )


def _drawing(doc: dict[str, Any]) -> str:
    """Return every needle as a sign in its row and column (SVG): shapes, not only colours, tell the odd ones."""
    if doc["needles"]["places"] != doc["rows"] * doc["columns"]:
        return ""  # a round head: which places it has is not kept
    odd = {(n["row"], n["column"]): name for name in ODD for n in doc[name]}
    step = 12
    signs = []
    for row in range(1, doc["rows"] + 1):
        for column in range(1, doc["columns"] + 1):
            x, y, name = step * column, step * row, odd.get((row, column))
            signs.append(SIGNS[name].format(x=x, y=y, l=x - 4, r=x + 4, t=y - 4, b=y + 4))
    legend = ", ".join(f"{sign} {name}" for name, sign in (("in place", "●"), ("missing", "✕"), ("bent", "△"), ("blunt", "○")))
    wide, high = step * (doc["columns"] + 1), step * (doc["rows"] + 1)
    said = "; ".join(f"{len(doc[name])} {name}" for name in ODD)
    where = "one turn of the drum, columns from left to right; a roller has no first column, so count from any odd needle"
    about = where if doc["kind"] == "roller" else "the head, as it lies in the picture"
    return (
        f"<figure><svg viewBox='0 0 {wide} {high}' role='img' aria-label='Needles: {said}' style='max-width:{2 * wide}px'>"
        f"{''.join(signs)}</svg><figcaption>{escape(about.capitalize())}. {legend}.</figcaption></figure>"
    )


def _figure(f: Figure | None) -> dict[str, float] | None:
    return None if f is None else {"value": round(f.value, 4), "low": round(f.low, 4), "high": round(f.high, 4)}


def _said(f: dict[str, float]) -> str:
    return f"{f['value']:.2f} ({f['low']:.2f} to {f['high']:.2f})"
