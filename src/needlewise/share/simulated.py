"""A simulated coverage, as JSON and as text."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from needlewise.model import SCHEMA_VERSION
from needlewise.share.dose import count
from needlewise.simulate.coverage import Coverage
from needlewise.simulate.curved import CurvedCoverage
from needlewise.simulate.devices import Described
from needlewise.simulate.geometry import RADII_MM, Pen, Roller, duplicate_share_random, rolling
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


def curved_assumptions(found: CurvedCoverage) -> list[str]:
    """List what the figures on a curved face rest on besides."""
    touch = found.touch
    return [
        "The face is a smooth shape made up by us; yours differs.",
        f"The device is rigid and settles on its highest contact; skin gives {touch.yield_mm:g} mm, our assumption.",
        f"Needles are {touch.needle_mm:g} mm long; depth here is geometry, before the share that skin lets in.",
        "Lanes are laid on the picture of the face, so steep places get fewer holes for each cm² of skin.",
    ]


def coverage_json(described: Described, found: Coverage, mm: float | None = None) -> dict[str, Any]:
    """Return the document of one coverage; see docs/simulate.md for each key."""
    doc = _coverage_json(described, found, mm)
    if isinstance(found, CurvedCoverage):
        doc["flat_density_per_cm2"] = found.closed_density
        doc["density_per_cm2"] = found.mean.density_per_cm2
        doc["density_per_pass_per_cm2"] = found.mean.density_per_cm2 / found.technique.passes
        doc["exact"]["density"] = False
        doc["curved"] = asdict(found.spread) | asdict(found.touch)
        flat = [line for line in doc["assumptions"] if "skin is flat" not in line and not line.startswith("Drawn on")]
        doc["assumptions"] = flat[:-1] + curved_assumptions(found) + flat[-1:]
    return dict(_finite(doc))


def _finite(value: Any) -> Any:
    """Put null where a distance does not exist, as from a single hole to its neighbour."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _coverage_json(described: Described, found: Coverage, mm: float | None) -> dict[str, Any]:
    mean, error, tool = found.mean, found.standard_error, described.tool
    within = {f"{r:g}": found.closed_within.get(r, drawn) for r, drawn in zip(RADII_MM, mean.within, strict=True)}
    doc: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "device": described.label,
        "passes": found.technique.passes,
        "directions": min(found.technique.passes, found.technique.directions),
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
        f"{doc['device']}, {count(doc['passes'], 'pass', 'passes')} in {count(doc['directions'], 'direction', 'directions')}",
        f"  holes per cm²          {doc['density_per_cm2']:.1f}, {_how(doc)} ({doc['density_per_pass_per_cm2']:.2f} a pass); "
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
        f"  hole to nearest hole   {_mm(doc['nearest_mm']['median'])} (median), {_mm(doc['nearest_mm']['p95'])} (95 %)",
        f"  skin to nearest hole   {_mm(doc['gap_mm']['median'])} (median), {_mm(doc['gap_mm']['p95'])} (95 %), "
        f"{_mm(doc['largest_gap_mm'])} (largest)",
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
    if "curved" in doc:
        c = doc["curved"]
        lines.append(f"  over the curved face   {c['density_p05']:.0f} to {c['density_p95']:.0f} holes per cm² (90 % of cells)")
        half, full = c["half_depth_share"], c["full_depth_share"]
        lines.append(f"  half the needle deep   {half:.1%} of holes; the whole of it {full:.1%}")
    return "\n".join([*lines, "Assumptions", *(f"  - {line}" for line in doc["assumptions"])])


def _mm(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f} mm"


def _how(doc: dict[str, Any]) -> str:
    return "exact" if doc["exact"]["density"] else f"drawn; {doc['flat_density_per_cm2']:.1f} on flat skin"
