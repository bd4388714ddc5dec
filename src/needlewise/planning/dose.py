"""Passes over a zone: as many holes per cm² as our own home pattern makes with the medical roller, never more."""

from __future__ import annotations

import math
from dataclasses import dataclass

from needlewise.errors import InputError
from needlewise.knowledge import facts, table
from needlewise.model import Device
from needlewise.said import say
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
        return Dose(most, DIRECTIONS, say("{passes}.", passes=_spread(most, DIRECTIONS)))
    reference = from_catalogue(REFERENCE)
    same = same_dose(reference.tool, most, tool.tool)
    passes = max(1, min(most, math.floor(same.passes)))
    directions = min(DIRECTIONS, passes)
    passes -= passes % directions
    text = say("{passes} (about {holes:.0f} holes per cm²",
               passes=_spread(passes, directions), holes=passes * tool.tool.density_per_pass)  # fmt: skip
    if isinstance(tool.tool, Pen):
        text = say("One light pass, never resting in one place (about {seconds:.2f} s on each cm²", seconds=same.seconds_per_cm2)
    known = (device.kind == "roller" and device.needles == 192) or device.width_mm
    ours = (
        "{made}; {ours:.0f} is our pattern with a 192-needle roller)."
        if known
        else "{made}; {ours:.0f} is our pattern with a 192-needle roller; its size is assumed)."
    )
    return Dose(passes, directions, say(ours, made=text, ours=same.density_per_cm2))


def _spread(passes: int, directions: int) -> str:
    each = passes // directions
    if directions == 1:
        return say("One light pass") if passes == 1 else say("{n} light passes", n=passes)
    if each == 1:
        return say("1 light pass in each of {directions} directions", directions=directions)
    return say("{n} light passes in each of {directions} directions", n=each, directions=directions)


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
