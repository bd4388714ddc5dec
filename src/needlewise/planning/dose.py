"""Passes over a zone: as many holes per cm² as our own home pattern makes with the medical roller, never more."""

from __future__ import annotations

import math
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import facts, table
from needlewise.model import Device
from needlewise.simulate.devices import KINDS, MODEL, Described, from_catalogue, from_figures
from needlewise.simulate.geometry import Pen, same_dose

REFERENCE = "roller-192"  # the one device whose whole geometry is published
DIRECTIONS = 4


@dataclass(frozen=True)
class Dose:
    """Passes and directions with one device, in words, with what had to be assumed."""

    passes: int
    directions: int
    text: str


def dose(device: Device | None) -> Dose:
    """Return the passes at home with `device`, or with the medical roller when there is none."""
    most = int(table("care")["passes"].choice.value)
    tool = from_catalogue(REFERENCE) if device is None else describe(device)
    if tool is None:  # nobody can say how dense its needles stand
        text = "One light pass in each of 4 directions: the needles of this device are not known, so half our pattern."
        return Dose(DIRECTIONS, DIRECTIONS, text)
    if device is None:
        return Dose(most, DIRECTIONS, f"{_spread(most, DIRECTIONS)}.")
    reference = from_catalogue(REFERENCE)
    same = same_dose(reference.tool, most, tool.tool)
    passes = max(1, min(most, math.floor(same.passes)))
    directions = min(DIRECTIONS, passes)
    passes -= passes % directions
    text = f"{_spread(passes, directions)} (about {passes * tool.tool.density_per_pass:.0f} holes per cm²"
    if isinstance(tool.tool, Pen):
        text = f"One light pass, never resting in one place (about {same.seconds_per_cm2:.2f} s on each cm²"
    assumed = "" if (device.kind == "roller" and device.needles == 192) or device.width_mm else "; its size is assumed"
    return Dose(passes, directions, f"{text}; {same.density_per_cm2:.0f} is our pattern with a 192-needle roller{assumed}).")


def _spread(passes: int, directions: int) -> str:
    each = passes // directions
    if directions == 1:
        return "One light pass" if passes == 1 else f"{passes} light passes"
    return f"{each} light pass{'es' if each > 1 else ''} in each of {directions} directions"


def describe(device: Device) -> Described | None:
    """Return the device's geometry, None where nobody can say it.

    It is the catalogue's when its needles are those of a device there, else the medical roller's size with its own needles.
    """
    measured = {k: v for k in ("drum_diameter_mm", "width_mm") if (v := getattr(device, k)) is not None}
    for row in table("catalogue").values():
        if measured:
            break  # the person's own figures stand before the catalogue's
        if row.kind == device.kind and device.needles is not None and facts(row)["needles"].value == device.needles:
            return from_catalogue(row.id)
    if device.needles is None or device.kind not in KINDS:
        return from_catalogue(MODEL[device.kind]) if device.kind in MODEL else None
    own = {"needles": float(device.needles)}
    if device.kind == "roller":
        model = facts(table("catalogue")[REFERENCE])
        own |= {name: model[name].value for name in ("drum_diameter_mm", "width_mm")}
    own |= {k: v for k, v in measured.items() if device.kind == "roller" or k == "width_mm"}
    try:
        return from_figures(device.kind, own)
    except InputError:  # so many needles do not fit the assumed size
        return None
