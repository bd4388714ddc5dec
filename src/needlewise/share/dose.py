"""The same dose with another device, as JSON and as text."""

from __future__ import annotations

from typing import Any

from needlewise.model import SCHEMA_VERSION
from needlewise.simulate.devices import Described
from needlewise.simulate.geometry import SameDose


def count(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


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
    whole = count(doc["whole_passes_b"], "whole pass makes", "whole passes make")
    lines = [
        f"{doc['device_a']}, {count(doc['passes_a'], 'pass', 'passes')}: {doc['density_per_cm2']:.1f} holes per cm².",
        f"{doc['device_b']}: {doc['passes_b']:.2f} passes for as many; {whole} "
        f"{doc['density_of_whole_passes_per_cm2']:.1f}.",
    ]
    if doc["seconds_per_cm2_b"] is not None:
        lines.append(f"That is {doc['seconds_per_cm2_b']:.2f} seconds on each cm².")
    return "\n".join([*lines, "Assumptions", *(f"  - {line}" for line in doc["assumptions"])])
