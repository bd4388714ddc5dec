"""What was simulated, as JSON and as text."""

from __future__ import annotations

import math
from typing import Any

from needlewise.model import SCHEMA_VERSION
from needlewise.simulate.coverage import RADII_MM, Coverage
from needlewise.simulate.devices import Described
from needlewise.simulate.geometry import Pen, Roller, SameDose, duplicate_share_random, rolling
from needlewise.simulate.healing import depth_mm

NOT_COMPUTED = "Holes are counted and placed, nothing more: what gets in and what the skin makes of it is not computed."


def coverage_assumptions(described: Described, found: Coverage) -> list[str]:
    """List everything the figures rest on, in words."""
    hand = found.technique.hand
    said = list(described.assumptions)
    if isinstance(described.tool, Roller):
        said.append("On skin the drum rolls on its surface, so one turn covers its circumference; on paper it runs on the tips.")
    if isinstance(described.tool, Pen):
        said.append("The pen's needles are spread evenly over the tip; lanes lie side by side, as wide as the tip.")
    said.append("Every needle that meets the skin makes one hole, and skin is flat and does not stretch.")
    if hand.retrace_mm is not None:
        said.append(f"The device goes back and forth in its own track and drifts {hand.retrace_mm:g} mm (SD) from pass to pass.")
    else:
        said.append("Each pass is set down anew, so passes are independent of each other.")
    if hand.lateral_mm or hand.heading_rad or hand.slip:
        said.append(
            f"The hand strays {hand.lateral_mm:g} mm sideways and {math.degrees(hand.heading_rad):.1f}° in heading, "
            f"and slips {hand.slip:.0%} (SD); our assumption."
        )
    else:
        said.append("Lanes are straight and lie side by side; a real hand is less even (--hand real).")
    if hand.gap_mm:
        said.append(f"Lanes lie {hand.gap_mm:g} mm apart." if hand.gap_mm > 0 else f"Lanes overlap by {-hand.gap_mm:g} mm.")
    said.append("Holes are 0.07 mm across, as a roller's were in the rat; a duplicate lies within 0.25 mm of an earlier strike.")
    said.append(f"Drawn on {found.repeats} squares of {found.patch_mm:g} mm; the largest gap grows with the area looked at.")
    return [*said, NOT_COMPUTED]


def coverage_json(described: Described, found: Coverage, mm: float | None = None) -> dict[str, Any]:
    """Return the document of one coverage; see docs/simulate.md for each key."""
    mean, error, tool = found.mean, found.standard_error, described.tool
    within = {f"{r:g}": found.closed_within.get(r, drawn) for r, drawn in zip(RADII_MM, mean.within, strict=True)}
    doc: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "device": described.label,
        "passes": found.technique.passes,
        "directions": found.technique.directions,
        "density_per_cm2": found.closed_density,
        "density_per_pass_per_cm2": found.closed_density / found.technique.passes,
        "density_sd": mean.density_sd,
        "within": within,
        "nearest_mm": {"median": mean.nearest_median_mm, "p95": mean.nearest_p95_mm},
        "gap_mm": {"median": mean.gap_median_mm, "p95": mean.gap_p95_mm},
        "duplicate_share": mean.duplicate_share,
        "duplicate_share_hole": mean.duplicate_share_hole,
        "largest_gap_mm": mean.largest_gap_mm,
        "pierced_share": mean.pierced_share,
        "exact": {"density": True, "within_up_to_mm": max(found.closed_within, default=0.0)},
        "random_strikes": {"duplicate_share": duplicate_share_random(0.25, found.closed_density)},
        "monte_carlo": {
            "density_per_cm2": mean.density_per_cm2,
            "density_standard_error": error.density_per_cm2,
            "within": dict(zip((f"{r:g}" for r in RADII_MM), mean.within, strict=True)),
            "within_standard_error": dict(zip((f"{r:g}" for r in RADII_MM), error.within, strict=True)),
            "duplicate_share_standard_error": error.duplicate_share,
            "largest_gap_standard_error_mm": error.largest_gap_mm,
            "strikes": mean.strikes * found.repeats,
            "repeats": found.repeats,
            "patch_mm": found.patch_mm,
            "seed": found.seed,
        },
        "assumptions": coverage_assumptions(described, found),
    }
    if isinstance(tool, Pen):
        doc["holes_per_second"] = tool.holes_per_second
        doc["seconds_per_cm2"] = tool.seconds_per_cm2 * found.technique.passes
    if mm is not None:
        low, high = depth_mm(mm)
        doc["depth_mm"] = {"low": low, "high": high, "needle": mm}
        if isinstance(tool, Roller):
            turn = rolling(tool, mm)
            doc["entry_angle_deg"] = turn.entry_angle_deg
            doc["slit_mm"] = turn.slit_mm
            doc["needles_in_skin"] = turn.needles_in_skin
            doc["density_per_pass_on_paper_per_cm2"] = tool.density_on_paper(mm)
    return doc


def coverage_text(doc: dict[str, Any]) -> str:
    """Return the document of `coverage_json` as a page of text."""
    drawn = doc["monte_carlo"]
    lines = [
        f"{doc['device']}, {doc['passes']} passes in {doc['directions']} directions",
        f"  holes per cm²          {doc['density_per_cm2']:.1f}, exact ({doc['density_per_pass_per_cm2']:.2f} a pass); "
        f"differs by {doc['density_sd']:.1f} (SD) between square centimetres",
        f"  drawn as a check       {drawn['density_per_cm2']:.2f}, standard error {drawn['density_standard_error']:.2f}, "
        f"from {drawn['strikes']} strikes, seed {drawn['seed']}",
        "  skin within … of a hole",
    ]
    for r, share in doc["within"].items():
        exact = float(r) <= doc["exact"]["within_up_to_mm"]
        how = "exact" if exact else f"standard error {drawn['within_standard_error'][r]:.4f}"
        lines.append(f"    {r + ' mm':<20} {share:.1%} ({how})")
    lines += [
        f"  hole to nearest hole   {doc['nearest_mm']['median']:.2f} mm (median), {doc['nearest_mm']['p95']:.2f} mm (95 %)",
        f"  skin to nearest hole   {doc['gap_mm']['median']:.2f} mm (median), {doc['gap_mm']['p95']:.2f} mm (95 %), "
        f"{doc['largest_gap_mm']:.2f} mm (largest)",
        f"  struck again           {doc['duplicate_share']:.1%} of strikes within 0.25 mm of an earlier one, "
        f"{doc['duplicate_share_hole']:.1%} within 0.07 mm",
        f"  area that is hole      {doc['pierced_share']:.2%}",
    ]
    if "holes_per_second" in doc:
        rate, time = doc["holes_per_second"], doc["seconds_per_cm2"]
        lines.append(f"  pen                    {rate:.0f} holes a second, {time:.2f} s on each cm²")
    if "depth_mm" in doc:
        d = doc["depth_mm"]
        lines.append(f"  depth reached          {d['low']:.2f} to {d['high']:.2f} mm with a {d['needle']:g} mm needle")
    if "entry_angle_deg" in doc:
        angle, together = doc["entry_angle_deg"], doc["needles_in_skin"]
        lines.append(f"  needles go in leaning  {angle:.1f}°, {together:.1f} at a time share the hand's force")
    return "\n".join([*lines, "Assumptions", *(f"  - {line}" for line in doc["assumptions"])])


def same_dose_json(a: Described, passes: int, b: Described, dose: SameDose) -> dict[str, Any]:
    """Return the document of one comparison of doses."""
    return {
        "schema_version": SCHEMA_VERSION,
        "device_a": a.label,
        "passes_a": passes,
        "device_b": b.label,
        "density_per_cm2": dose.density_per_cm2,
        "passes_b": dose.passes,
        "whole_passes_b": dose.whole_passes,
        "density_of_whole_passes_per_cm2": dose.density_whole_per_cm2,
        "seconds_per_cm2_b": dose.seconds_per_cm2,
        "assumptions": [
            *(f"{a.label}: {line}" for line in a.assumptions),
            *(f"{b.label}: {line}" for line in b.assumptions),
            "The same dose means as many holes per cm². Depth, angle and force may still differ.",
        ],
    }


def same_dose_text(doc: dict[str, Any]) -> str:
    """Return the document of `same_dose_json` as text."""
    lines = [
        f"{doc['device_a']}, {doc['passes_a']} passes: {doc['density_per_cm2']:.1f} holes per cm².",
        f"{doc['device_b']}: {doc['passes_b']:.2f} passes for as many; {doc['whole_passes_b']} whole passes make "
        f"{doc['density_of_whole_passes_per_cm2']:.1f}.",
    ]
    if doc["seconds_per_cm2_b"] is not None:
        lines.append(f"That is {doc['seconds_per_cm2_b']:.2f} seconds on each cm².")
    return "\n".join([*lines, "Assumptions", *(f"  - {line}" for line in doc["assumptions"])])
