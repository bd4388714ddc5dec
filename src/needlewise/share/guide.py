"""How to take photos that may be compared, as text and as a page with drawings. What is advised here is our own choice."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from needlewise.measure.capture import EYES_CM, RAKING_DEG
from needlewise.measure.change import DAYS_APART
from needlewise.share import guide_drawings as drawings
from needlewise.share.page import page

TITLE = "How to take photos that may be compared"
CHECK = "Check a photo at once: needlewise photo check photo.jpg"


class Part(NamedTuple):
    """One heading of the guide: its drawings and what to do."""

    title: str
    drawn: tuple[Callable[[], str], ...]
    steps: tuple[str, ...]


PARTS = (
    Part(
        "The same every time",
        (drawings.window, drawings.distance, drawings.face),
        (
            "The same window in daylight, or the same lamps, straight ahead of you; no direct sun, no flash.",
            f"The same phone and lens at arm's length ({EYES_CM} cm), at eye height, the whole face in the picture; "
            "wipe the lens.",
            "Bare, dry skin, hair tied back, glasses off; lips closed, face relaxed, eyes on the lens.",
            "No filter, no beauty mode, no portrait mode, and no mirroring of the front camera: left must stay left.",
        ),
    ),
    Part(
        "How many, and when",
        (drawings.shots, drawings.days),
        (
            "Three shots each time, putting the phone down between them: that tells how much single shots wander.",
            "Two days before anything is done to the skin (--untreated): that tells how much your skin wanders by itself. "
            "Without them a wide default is used, and only large changes can be told from chance.",
            f"Then again at the review date of your plan, at least {DAYS_APART} days later. Not every day: skin changes "
            "over weeks, and daily looks show only chance.",
            "Never within three days of a session, and not with a sunburn, a cold or a new breakout.",
        ),
    ),
    Part(
        "For scars (compare --raking)",
        (drawings.raking,),
        (
            "In an otherwise dark room put one bare lamp at the height of your nose, "
            f"{RAKING_DEG[0]:g} to {RAKING_DEG[1]:g}° to your left, and look straight into the lens: one picture. "
            "Then the same from the right.",
            "Mark the places of the lamp and of the chair on the floor, so that both are the same next time. Move the lamp, not "
            "the head.",
            "These two are for your eyes, laid over those of another day. No number is made of them, because relief from several "
            "lights was tried and is not repeatable enough.",
        ),
    ),
    Part(
        "For colour that stands by itself",
        (drawings.card,),
        ("A colour card beside the face, flat and in the same light (--card).",),
    ),
)


def guide_text() -> str:
    """Return the guide for reading in a terminal."""
    lines = [TITLE]
    for part in PARTS:
        lines += ["", part.title]
        for step in part.steps:
            lines += textwrap.wrap(step, 125, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join([*lines, "", CHECK])


def guide_html() -> str:
    """Return the guide as a page: self-contained, no script, nothing is fetched."""
    body = ""
    for part in PARTS:
        pictures = "".join(f"<figure>{draw()}</figure>" for draw in part.drawn)
        steps = "".join(f"<li>{escape(step)}</li>" for step in part.steps)
        body += f'<section><h2>{escape(part.title)}</h2><div class="two">{pictures}</div><ul>{steps}</ul></section>'
    return page(TITLE, f"<h1>{TITLE}</h1>{body}<p class='soft'>{escape(CHECK)}</p>")
