"""The chart of one change as SVG text to stand inside a page; it takes its colour from the text around it, and needs no numpy."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from needlewise.measure.change import Change
from needlewise.said import say
from needlewise.share.words import signed

WIDE, TALL = 300, 40


def interval_chart(change: Change, tell: Callable[[str], str] = str) -> str:
    """Return the change with its interval on a line through 0, the undetectable range shaded; "" without numbers.

    `tell` puts its words into the reader's language.
    """
    c = change
    if c.difference is None or c.low is None or c.high is None or c.smallest_detectable is None:
        return ""
    reach = 1.12 * max(abs(c.low), abs(c.high), c.smallest_detectable)

    def x(value: float) -> float:
        return WIDE / 2 + value / reach * (WIDE / 2 - 8)

    says = say("{change}, 95 % interval {low} to {high} {unit}; 0 is no change",
               change=signed(c.difference), low=signed(c.low), high=signed(c.high), unit=c.unit)  # fmt: skip
    low, high, at, dark = x(c.low), x(c.high), x(c.difference), x(c.smallest_detectable) - WIDE / 2
    return (
        f'<svg class="interval" viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{escape(tell(says), quote=True)}">'
        f'<rect x="{WIDE / 2 - dark:.1f}" y="4" width="{2 * dark:.1f}" height="18" fill="currentColor" opacity=".13"/>'
        f'<path d="M{WIDE / 2} 0V26" stroke="currentColor" stroke-dasharray="3 2"/>'
        f'<path d="M{low:.1f} 13H{high:.1f}M{low:.1f} 8v10M{high:.1f} 8v10" stroke="currentColor" stroke-width="2" fill="none"/>'
        f'<circle cx="{at:.1f}" cy="13" r="5" fill="currentColor"/>'
        f'<text x="{WIDE / 2}" y="38" text-anchor="middle" font-size="11" fill="currentColor">0</text>'
        f'<text x="2" y="38" font-size="11" fill="currentColor">{tell(say("less"))}</text>'
        f'<text x="{WIDE - 2}" y="38" text-anchor="end" font-size="11" fill="currentColor">{tell(say("more"))}</text></svg>'
    )
