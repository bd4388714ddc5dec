"""Scars in raking light, two days: as text, as data and as a page. Pictures for the eye, and no number about a scar."""

from __future__ import annotations

from html import escape
from typing import Any

from needlewise.measure.comparable import COMPARABLE
from needlewise.measure.pictures import encoded
from needlewise.measure.raking import Raking, Side
from needlewise.model import SCHEMA_VERSION
from needlewise.share.measured import WAY_ON
from needlewise.share.measured_html import badge
from needlewise.share.page import SCRIPT, data_address, page, section, slider

NO_NUMBER = (
    "These pictures are for your eyes and carry no number: depth read from several lights was tried and is not repeatable enough "
    "(SD 17 % with eight shots), so a number would promise what it cannot hold."
)
HOW_TO_LOOK = (
    "Find one scar and look at it in both lights. A pit has its shadow on the side of the lamp, a bump on the far side. "
    "What shows in one light only may be the lamp's doing. If you cannot say which day is better without reading the caption, "
    "that is an answer too."
)
ONE_FACTOR = (
    "The later picture was brought to the brightness of the first by one factor for the whole picture; nothing else was changed. "
    "This shows pictures. It is no diagnosis."
)


def raking_json(found: Raking) -> dict[str, Any]:
    """Return the document; angles are degrees towards the person's own left and upwards."""
    return {
        "schema_version": SCHEMA_VERSION,
        "raking": {name: _side_json(side) for name, side in found.sides.items()},
        "too_soon": found.too_soon or None,
        "notes": [NO_NUMBER],
    }


def _side_json(side: Side) -> dict[str, Any]:
    lamps = {
        day: {"azimuth_deg": round(shot.light.azimuth_deg, 1), "elevation_deg": round(shot.light.elevation_deg, 1)}
        for day, shot in (("before", side.before), ("after", side.after))
    }
    return {"verdict": side.verdict, "reasons": list(side.reasons), "lamp": lamps,
            "photos": {"before": side.before.name, "after": side.after.name}}  # fmt: skip


def raking_text(found: Raking) -> str:
    """Return whether both days may be looked at side by side, and what to do."""
    lines = [found.too_soon, WAY_ON, ""] if found.too_soon else []
    lines.append("Scars in raking light: may the two days be looked at side by side?")
    for name, side in found.sides.items():
        lines.append(f"  lamp from your {name} ({side.before.name}, {side.after.name}): {side.verdict}")
        lines += [f"    - {reason}" for reason in side.reasons]
    return "\n".join([*lines, "", NO_NUMBER, "To see them, aligned: --html page.html, or --overlays FOLDER."])


def raking_pictures(found: Raking) -> dict[str, bytes]:
    """Return the aligned pictures as PNG by file name; none when it is too soon to look."""
    out: dict[str, bytes] = {}
    for name, side in ({} if found.too_soon else found.sides).items():
        for day, picture in zip(("before", "after"), side.pictures, strict=True):
            out[f"lamp-{name}-{day}.png"] = encoded(picture)
    return out


def raking_html(found: Raking) -> str:
    """Return the page: for each lamp the aligned pictures under a slider, and what to do better."""
    if found.too_soon:
        top = f"<h1>It is too early to look</h1><section><p class='big'>{escape(found.too_soon)}</p><p>{WAY_ON}</p></section>"
        return page("Scars in raking light", top)
    good = all(side.verdict == COMPARABLE for side in found.sides.values())
    head = "Look at both days side by side." if good else "Take care: the light or the pose differed."
    body = "".join(section(f"Lamp from your {name}", _side(name, side)) for name, side in found.sides.items())
    return page(
        "Scars in raking light",
        f"<h1>Scars in raking light</h1><section><p class='big'>{head}</p><p>{HOW_TO_LOOK}</p><p class='soft'>{NO_NUMBER}</p>"
        f"</section>{body}<section><p class='soft'>{ONE_FACTOR}</p></section>",
        SCRIPT,
    )


def _side(name: str, side: Side) -> str:
    before, after = (data_address(encoded(picture, ".jpg")) for picture in side.pictures)
    advice = "".join(f"<li><strong>{escape(fix[:1].upper() + fix[1:])}</strong> <span class='soft'>({escape(why)}).</span></li>"
                     for why, _, fix in (reason.rpartition(": ") for reason in side.reasons))  # fmt: skip
    todo = f"<p>Next time:</p><ul>{advice}</ul>" if advice else ""
    return f"<p>{badge(side.verdict)}</p>{todo}{slider(before, after)}"
