"""Depth, closing of the channels and redness, as JSON and as text with bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from needlewise.knowledge import table
from needlewise.model import SCHEMA_VERSION
from needlewise.simulate.healing import closure, depth_mm, longest_closure_hours, redness

BAR = 40  # characters for the longest time


def healing_json(mm: float | None, pairs: Sequence[tuple[float, float]], sd: float | None) -> dict[str, Any]:
    """Return what is known of the hours after a session; see docs/simulate.md for each key."""
    fit = redness([h for h, _ in pairs], [v for _, v in pairs], sd)
    return {
        "schema_version": SCHEMA_VERSION,
        "depth_mm": None if mm is None else list(depth_mm(mm)),
        "closure": [
            {
                "low_h": row.low, "high_h": row.high, "end_point": row.end_point, "skin": row.skin,
                "condition": row.condition, "safety": row.safety, "sources": [s.source for s in row.says],
            }
            for row in closure()
        ],
        "plan_treats_as_open_h": max(longest_closure_hours(), table("care")["channels"].duration_hours),
        "redness": {
            "half_life_h": fit.half_life_hours, "low_h": fit.low_hours, "high_h": fit.high_hours,
            "start": fit.start, "measurements": fit.measurements,
            "method": "exponential fall, 90 % interval, wide prior around the post's 4 to 6 hours",
        },
    }  # fmt: skip


def healing_text(doc: dict[str, Any]) -> str:
    """Return the same as text: one bar for each end point and condition, never one curve."""
    lines = []
    if doc["depth_mm"]:
        low, high = doc["depth_mm"]
        lines += [f"Depth reached: {low:.2f} to {high:.2f} mm, the published shares of the needle's length. No best guess.", ""]
    top = max(row["high_h"] for row in doc["closure"])
    lines.append("How long channels stay open, by what was measured:")
    for row in doc["closure"]:
        start, end = (round(row[k] / top * BAR) for k in ("low_h", "high_h"))
        bar = " " * min(start, BAR - 1) + "█" * max(1, end - start)
        hours = f"{row['low_h']:g}" if row["low_h"] == row["high_h"] else f"{row['low_h']:g} to {row['high_h']:g}"
        lines.append(f"  {bar:<{BAR}}  {hours} h")
        lines.append(f"  {row['end_point']}; {row['skin']}; {row['condition']} [{', '.join(row['sources'])}]")
    lines += [f"The plan treats skin as open for {doc['plan_treats_as_open_h']:g} hours.", ""]
    red = doc["redness"]
    basis = f"from your {red['measurements']} measurements" if red["measurements"] else "before any measurement of yours"
    lines.append(
        f"Redness halves in about {red['half_life_h']:.1f} hours (90 %: {red['low_h']:.1f} to {red['high_h']:.1f}), {basis}."
    )
    lines.append("Redness that spreads, throbs or grows after a day is not on this curve: get it looked at.")
    return "\n".join(lines)
