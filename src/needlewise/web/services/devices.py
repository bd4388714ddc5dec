"""Devices: their grade, their inspections, and what an imprint tells of them."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from needlewise import model
from needlewise.errors import InputError
from needlewise.said import again
from needlewise.treat.device import Graded, Kept, grade
from needlewise.web.models import Device, Inspection, Person
from needlewise.web.services.planning import today, with_uses

IMPRINT_S = 120  # more than the slowest picture takes, ten times over


@dataclass(frozen=True)
class InDrawer:
    """A device with its grade today and what was seen on it."""

    device: Any
    used: int
    graded: Graded
    inspections: tuple[Inspection, ...]


def drawer(person: Person, retired: bool = False, most: int | None = None) -> list[InDrawer]:
    """Return a person's devices, in use or retired, newest first, at most so many."""
    rows = with_uses(person).filter(retired__isnull=not retired).prefetch_related("inspections")
    return [in_drawer(person, device) for device in rows[:most]]


def in_drawer(person: Person, device: Any) -> InDrawer:
    """Grade one device; `device` comes from `with_uses`."""
    seen = tuple(device.inspections.all())
    faults = tuple(dict.fromkeys(f for i in seen for f in i.findings))
    used = device.uses_before + device.used
    kept = Kept(device.kind, used, faults, device.expires, device.shared, device.second_hand, device.lot)
    setting = person.profile.get("person", {}).get("setting", "home")
    return InDrawer(device, used, grade(kept, today(), setting), seen)


def value_of(device: Device) -> model.Device:
    """Return a record as the planner's value."""
    return model.Device(
        device.kind, device.mm, device.needles, None, device.bought, device.shared, device.second_hand,
        device.drum_diameter_mm, device.width_mm,
    )  # fmt: skip


@transaction.atomic
def replace(old: Device, new: Device) -> Device:
    """Retire `old` in favour of `new`; its sessions and inspections stay with it."""
    new.replaces = old
    new.save()
    old.retired = today()
    old.save(update_fields=["retired"])
    return new


def read_imprint(device: Device, photo: Path, scale: str, mark: str) -> dict[str, Any]:
    """Read an imprint in a process of its own, and keep what it says of the device.

    Parameters
    ----------
    scale : str
        card, paper or ruler.
    mark : str
        Which card or paper, or how long the ruler's stretch is in mm.

    Raises
    ------
    InputError
        The picture cannot be read; the reason is the reader's own.
    """
    command = [sys.executable, "-m", "needlewise.cli", "imprint", str(photo), "--kind", device.kind, "--mm", f"{device.mm:g}",
               f"--{scale}", mark, "--json"]  # fmt: skip
    claimed, kept = device.needles, device.imprint or {}
    with suppress(KeyError, TypeError, ValueError, AttributeError):  # none yet, or one that came in broken
        claimed = int(kept["claim"]["claimed"])  # what was counted since is no seller's claim
    if claimed:
        command += ["--claimed", str(claimed)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=IMPRINT_S, check=False)
    except subprocess.TimeoutExpired:
        allowed = "one that is read within two minutes"
        raise InputError("picture", "this one", allowed, "take it again, closer and sharper") from None
    if done.returncode and not done.stdout:
        raise InputError("picture", "this one", "one that can be read", done.stderr.strip().removeprefix("needlewise: "))
    found: dict[str, Any] = json.loads(done.stdout)
    if "refused" in found:
        raise InputError("picture", "this one", *(again(found["refused"][part]) for part in ("allowed", "hint")))
    device.imprint = found
    for key in ("needles", "drum_diameter_mm", "width_mm"):
        if key in found["geometry"]:
            value = found["geometry"][key]
            setattr(device, key, round(value) if key == "needles" else round(value, 2))
    device.full_clean()
    with transaction.atomic():
        device.save()
        if found["bent"] or found["missing"]:
            Inspection.objects.create(device=device, findings=["bent"], note="imprint")
    return found
