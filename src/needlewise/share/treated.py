"""Sessions and devices as text: what a session asks, what is in the drawer, and what was logged."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from needlewise.model import ZonePlan
from needlewise.treat.device import Graded
from needlewise.treat.stages import Stage

WIDTH = 100


def session_text(stages: Sequence[Stage], resting: Iterable[tuple[ZonePlan, str]]) -> str:
    """Return today's session step by step, its questions first."""
    lines: list[str] = []
    for number, stage in enumerate(stages, 1):
        minutes = f" ({_span(stage.minutes)} min)" if stage.minutes else ""
        lines.append(f"{number:>2}. {stage.title}{' – may be left out' if stage.optional else ''}{minutes}")
        lines += _wrap(stage.text)
        if stage.zone:
            if stage.passes:
                each = stage.passes // max(1, len(stage.directions))
                lines += _wrap(f"{stage.passes} passes at most: {each} each {', '.join(stage.directions)}.")
            lines += _wrap(f"Stop at: {stage.endpoint}")
        for check in stage.checks:
            lines += _wrap(f"? {check.question} If {check.stops}: {check.then}")
    return "\n".join([*lines, *_resting(resting)])


def nothing_text(resting: Iterable[tuple[ZonePlan, str]]) -> str:
    """Return why nothing is due today."""
    return "\n".join(["Nothing is due today.", *_resting(resting)])


def drawer_text(kept: Sequence[tuple[str, int, Graded, bool]]) -> str:
    """Return one block for each device: (name, uses, grade, retired)."""
    if not kept:
        return "The drawer is empty. Add a device with: needlewise devices --add roller --mm 0.3"
    lines = []
    for name, uses, graded, retired in kept:
        lines.append(f"{name}: {'retired' if retired else graded.grade}, used {uses} times")
        lines += [] if retired else [line for reason in graded.reasons for line in _wrap(reason.text)]
    return "\n".join(lines)


def _resting(resting: Iterable[tuple[ZonePlan, str]]) -> list[str]:
    found = [line for zone, why in resting for line in _wrap(f"{zone.zone}: {why}", "  ")]
    return ["", "Not today:", *found] if found else []


def _span(minutes: tuple[float, float]) -> str:
    return f"{minutes[0]:g}" if minutes[0] == minutes[1] else f"{minutes[0]:g} to {minutes[1]:g}"


def _wrap(text: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
