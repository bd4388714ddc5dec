"""From a catalogue row, or a person's own figures, to a device, with every assumption in words."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from needlewise.errors import InputError, nearest
from needlewise.knowledge import facts, table
from needlewise.knowledge.rows import Catalogued
from needlewise.simulate.geometry import Pen, Roller, Stamp, Tool, number_in

KINDS = ("roller", "stamp", "pen")
FIELDS = {
    "roller": ("needles", "drum_diameter_mm", "width_mm", "rows", "needle_diameter_mm"),
    "stamp": ("needles", "width_mm", "rows", "needle_diameter_mm", "grid_mm"),
    "pen": ("needles", "width_mm", "hz", "speed_mm_s", "needle_diameter_mm"),
}
SHORT = {
    "drum": "drum_diameter_mm", "width": "width_mm", "speed": "speed_mm_s", "grid": "grid_mm", "diameter": "needle_diameter_mm",
}  # fmt: skip
COUNTS = ("needles", "rows")
NAMES = {
    "needles": ("Needles", ""),
    "rows": ("Rows", ""),
    "drum_diameter_mm": ("Drum diameter", " mm"),
    "width_mm": ("Width", " mm"),
    "needle_diameter_mm": ("Needle thickness", " mm"),
    "grid_mm": ("Distance between presses", " mm"),
    "hz": ("Strikes a second", ""),
    "speed_mm_s": ("Speed", " mm/s"),
}
OPENLY_ASSUMED = {"stamp": ("width_mm",), "pen": ("width_mm", "hz", "speed_mm_s")}  # a roller's drum must be asked for
MODEL = {"stamp": "stamp-35", "pen": "pen-12"}


@dataclass(frozen=True)
class Described:
    """A device, what it is called, and what was assumed about it."""

    label: str
    tool: Tool
    assumptions: tuple[str, ...]


def find_device(name: str) -> Catalogued:
    """Return the catalogued device with this id or alias.

    Raises
    ------
    InputError
        There is none; names the ids.
    """
    rows: dict[str, Catalogued] = table("catalogue")
    wanted = name.strip().lower()
    for key, row in rows.items():
        if wanted == key or wanted in row.aliases:
            return row
    raise InputError("device", name, f"{', '.join(rows)}, or your own such as roller,needles=192,drum=20,width=20",
                     nearest(wanted, list(rows)))  # fmt: skip


def from_catalogue(name: str, own: dict[str, float] | None = None) -> Described:
    """Return a catalogued device; `own` figures, measured by the person, replace the catalogue's."""
    row, own = find_device(name), own or {}
    values = {key: fact.value for key, fact in facts(row).items() if key not in own}
    kept = sorted((pair for pair in facts(row).items() if pair[0] not in own), key=lambda pair: not pair[1].assumption)
    said = []
    for key, fact in kept:
        who = "our assumption" if fact.assumption else issuer(fact.source)
        said.append(f"{named(key, fact.value)}: {who}{f'; {fact.note}' if fact.note else ''}.")
    return _describe(row.label, row.kind, values | own, own, said)


def from_figures(kind: str, own: dict[str, float]) -> Described:
    """Return a device of the person's own figures.

    Raises
    ------
    InputError
        A figure that may not be assumed is missing, or does not belong to this kind.
    """
    if kind not in KINDS:
        raise InputError("kind", kind, ", ".join(KINDS), nearest(kind, list(KINDS)))
    said, values = [], dict(own)
    if kind in MODEL:
        model = facts(find_device(MODEL[kind]))
        for key in OPENLY_ASSUMED[kind]:
            if key not in values:
                values[key] = model[key].value
                said.append(f"{named(key, values[key])}: our assumption, as it was not given; measure yours.")
    for key in ("needles", "drum_diameter_mm", "width_mm") if kind == "roller" else ("needles",):
        if key not in values:
            raise InputError(key.replace("_", "-"), "not given", "the figure of your own device, counted or measured",
                             f"it is never guessed; a known {kind} by name: --device {kind}")  # fmt: skip
    return _describe(kind, kind, values, own, said)


def from_imprint(file: str, more: dict[str, float] | None = None) -> Described:
    """Return the device a picture showed, from what `needlewise imprint --json` printed into `file`; `more` is how it is used.

    Raises
    ------
    InputError
        The file cannot be read, or holds something else.
    """
    allowed = "a file with what needlewise imprint --json printed"
    try:
        doc = json.loads(Path(file).read_text(encoding="utf-8"))
        kind, own = str(doc["kind"]), {str(key): float(value) for key, value in doc["geometry"].items()}
        low, high = (float(doc["density_per_pass_cm2"][end]) for end in ("low", "high"))
    except OSError as error:
        raise InputError("imprint", file, allowed, str(error.strerror)) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("imprint", file, allowed) from None
    found = from_figures(kind, own | (more or {}))
    said = tuple(line.replace("Given by you:", "Measured by you, from the imprint:") for line in found.assumptions)
    doubt = f"The picture leaves {low:.1f} to {high:.1f} holes per cm² for one pass (95 %)."
    return Described(f"your {kind}", found.tool, (*said, doubt))


def parse_device(text: str) -> Described:
    """Return a device from text: a catalogue id, or a kind, with figures: `roller,needles=192,drum=20,width=20`.

    A name that ends in .json is the file of an imprint.
    """
    if text.endswith(".json"):
        return from_imprint(text)
    name, *parts = [part.strip() for part in text.split(",")]
    own: dict[str, float] = {}
    for part in parts:
        key, _, number = part.partition("=")
        field = SHORT.get(key, key.replace("-", "_"))
        try:
            own[field] = float(number)
        except ValueError:
            raise InputError(key, number, "a number, as in needles=192") from None
    if name in KINDS and "needles" in own:
        return from_figures(name, own)
    return from_catalogue(name, own)


def timed(described: Described, passes: int | None, seconds: float | None, speed_given: bool) -> tuple[Described, int]:
    """Fit a pen to `seconds` on each cm²: with passes the speed follows, otherwise the number of passes at its speed.

    Without seconds, passes are as given, one if not.
    """
    if seconds is None:
        return described, 1 if passes is None else passes
    if not isinstance(described.tool, Pen):
        raise InputError("seconds", seconds, "a pen; rollers and stamps are counted in passes")
    number_in("seconds", seconds, 0.001, 3600, "s on each cm²")
    if passes is not None and speed_given:
        raise InputError("seconds", seconds, "two of --passes, --speed-mm-s and --seconds", "the third follows")
    if passes is None:
        passes = max(1, round(seconds / described.tool.seconds_per_cm2))
    number_in("passes", passes, 1, 1000, "passes", "fewer seconds, or a slower pen")
    speed = 100 * passes / (seconds * described.tool.width_mm)
    said = tuple(line for line in described.assumptions if not line.startswith("Speed"))
    said += (f"{seconds:g} s on each cm² in {passes} passes means {speed:.3g} mm/s.",)
    return Described(described.label, replace(described.tool, speed_mm_s=speed), said), passes


def _describe(label: str, kind: str, values: dict[str, float], own: dict[str, float], said: list[str]) -> Described:
    for key in values:
        if key not in FIELDS[kind]:
            raise InputError(_option(key), values[key], f"for a {kind}: {', '.join(map(_option, FIELDS[kind]))}")
    for key in COUNTS:
        if key in values and values[key] != int(values[key]):
            raise InputError(key, values[key], "a whole number")
    if own.get("rows", 1) < 1:
        raise InputError("rows", own["rows"], "1 or more, or leave it out")
    kwargs = {key: int(value) if key in COUNTS else value for key, value in values.items()}
    made: Tool = {"roller": Roller, "stamp": Stamp, "pen": Pen}[kind](**kwargs)
    if own:
        said = [*said, "Given by you: " + ", ".join(named(key, value) for key, value in own.items()) + "."]
    if not isinstance(made, Pen) and not made.rows:
        sizes = made.row_sizes
        said.append(f"Rows were not given; taken as {len(sizes)} of {max(sizes)}, so that needles stand about evenly.")
    if "needle_diameter_mm" not in values:
        said.append(f"Needles taken as {made.needle_diameter_mm:g} mm thick, like the medical roller's.")
    return Described(label, made, tuple(said))


def _option(field: str) -> str:
    return "grid" if field == "grid_mm" else field.replace("_", "-")


def issuer(source: str) -> str:
    """Return who says it."""
    return str(table("sources")[source].issuer)


def named(field: str, value: float) -> str:
    """Return a figure of a device in words, such as "Drum diameter 20 mm"."""
    words, unit = NAMES[field]
    return f"{words} {value:g}{unit}"
