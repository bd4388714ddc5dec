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


def imprint_text(doc: dict[str, Any], mm: float) -> str:
    """Return the same for reading, with what to write into me.toml."""
    needles = doc["needles"]
    lines = [*(f"! {line}" for line in FIRST), ""]
    lines.append(
        f"Needles: {needles['places']} places ({needles['low']} to {needles['high']}), {needles['standing']} leave a mark"
    )
    lines.append(
        f"  {doc['rows']} rows of {doc['columns']}; "
        f"pitch {_said(doc['pitch_mm'])} mm, rows {_said(doc['row_pitch_mm'])} mm apart"
    )
    if doc["drum_radius_mm"]:
        lines.append(f"Drum radius {_said(doc['drum_radius_mm'])} mm, width {_said(doc['width_mm'])} mm")
    lines.append(f"One pass on skin: {_said(doc['density_per_pass_cm2'])} holes per cm²")
    lines.append(f"Marks: {doc['shape']['word']}" + (f"; drag {_said(doc['drag_mm'])} mm" if doc["drag_mm"] else ""))
    for name in ("missing", "bent", "blunt"):
        if doc[name]:
            places = ", ".join(f"row {n['row']} column {n['column']}" for n in doc[name][:12])
            lines.append(f"{name.capitalize()}: {len(doc[name])} ({places}{' …' if len(doc[name]) > 12 else ''})")
    if doc["bent"] or doc["missing"] or doc["blunt"]:
        lines.append("A device with bent, blunt or missing needles does not go on skin: throw it away.")
    if not doc["one_turn_recognised"] and doc["kind"] == "roller":
        lines.append("No odd needle showed where one turn ends, so two turns were taken on trust: the count may be 5 % off.")
    if claim := doc["claim"]:
        word = "agrees with" if claim["agrees"] else "does not agree with"
        lines.append(f"The picture {word} the seller's {claim['claimed']}.")
    figures = doc["geometry"]
    lines += ["", "For your file:", "[[devices]]", f'kind = "{doc["kind"]}"', f"mm = {mm:g}"]
    lines.append(f"needles = {figures['needles']:.0f}")
    lines += [f"{key} = {figures[key]:.2f}" for key in ("drum_diameter_mm", "width_mm") if key in figures]
    return "\n".join(lines)


def imprint_html(doc: dict[str, Any], mm: float) -> str:
    """Return a page that stands alone; the safety words come first."""
    first = "".join(f"<li>{escape(line)}</li>" for line in FIRST)
    body = escape("\n".join(imprint_text(doc, mm).split("\n")[len(FIRST) + 1 :]))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        "content='width=device-width,initial-scale=1'><title>Imprint</title><style>:root{color-scheme:light dark}"
        "body{font:16px/1.5 Georgia,serif;max-width:44rem;margin:0 auto;padding:1rem;background:Canvas;color:CanvasText}"
        "pre{white-space:pre-wrap;font:inherit}ul{border:2px solid;border-radius:.6rem;padding:.8rem 1rem .8rem 2rem}"
        "</style></head><body><h1>What your device leaves on paper</h1>"
        f"<ul>{first}</ul><p>{escape(HOW)}</p><pre>{body}</pre></body></html>"
    )


def _figure(f: Figure | None) -> dict[str, float] | None:
    return None if f is None else {"value": round(f.value, 4), "low": round(f.low, 4), "high": round(f.high, 4)}


def _said(f: dict[str, float]) -> str:
    return f"{f['value']:.2f} ({f['low']:.2f} to {f['high']:.2f})"
