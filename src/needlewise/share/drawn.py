"""Small charts of measuring as SVG text to stand inside a page; they take their colour from the text around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from needlewise.measure.change import Change
from needlewise.measure.pictures import BLUE, MIDDLE, ORANGE, SHEET
from needlewise.share.words import place, signed

WIDE, TALL = 300, 40


def interval_chart(change: Change) -> str:
    """Return the change with its interval on a line through 0, the undetectable range shaded; "" without numbers."""
    c = change
    if c.difference is None or c.low is None or c.high is None or c.smallest_detectable is None:
        return ""
    reach = 1.12 * max(abs(c.low), abs(c.high), c.smallest_detectable)

    def x(value: float) -> float:
        return WIDE / 2 + value / reach * (WIDE / 2 - 8)

    says = f"{signed(c.difference)}, 95 % interval {signed(c.low)} to {signed(c.high)} {c.unit}; 0 is no change"
    low, high, at, dark = x(c.low), x(c.high), x(c.difference), x(c.smallest_detectable) - WIDE / 2
    return (
        f'<svg class="interval" viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{escape(says, quote=True)}">'
        f'<rect x="{WIDE / 2 - dark:.1f}" y="4" width="{2 * dark:.1f}" height="18" fill="currentColor" opacity=".13"/>'
        f'<path d="M{WIDE / 2} 0V26" stroke="currentColor" stroke-dasharray="3 2"/>'
        f'<path d="M{low:.1f} 13H{high:.1f}M{low:.1f} 8v10M{high:.1f} 8v10" stroke="currentColor" stroke-width="2" fill="none"/>'
        f'<circle cx="{at:.1f}" cy="13" r="5" fill="currentColor"/>'
        f'<text x="{WIDE / 2}" y="38" text-anchor="middle" font-size="11" fill="currentColor">0</text>'
        '<text x="2" y="38" font-size="11" fill="currentColor">less</text>'
        f'<text x="{WIDE - 2}" y="38" text-anchor="end" font-size="11" fill="currentColor">more</text></svg>'
    )


def change_legend(full: float, less: str, more: str, unit: str) -> str:
    """Return the scale of a change map: colours, values, unit, and how "not measured" looks."""
    stops = "".join(f'<stop offset="{at}" stop-color="rgb{colour}"/>' for at, colour in ((0, BLUE), (0.5, MIDDLE), (1, ORANGE)))
    ticks = "".join(
        f'<text x="{10 + 200 * (share + 1) / 2:g}" y="34" text-anchor="middle" font-size="11" fill="currentColor">'
        f"{share * full:+g}</text>".replace("+0<", "0<")
        for share in (-1, -0.5, 0, 0.5, 1)
    )
    name = f"scale-{less}-{more}"
    return (
        f'<svg class="legend" viewBox="0 0 320 52" role="img" aria-label="Scale from {full:g} {escape(unit)} less (blue, {less}) '
        f'through 0 (white) to {full:g} more (orange, {more}); hatched is not measured">'
        f'<defs><linearGradient id="{name}">{stops}</linearGradient></defs>'
        f'<rect x="10" y="6" width="200" height="14" fill="url(#{name})" stroke="currentColor" stroke-width=".7"/>{ticks}'
        f'<text x="10" y="48" font-size="11" fill="currentColor">{escape(less)}</text>'
        f'<text x="210" y="48" text-anchor="end" font-size="11" fill="currentColor">{escape(more)}</text>'
        f'<text x="110" y="48" text-anchor="middle" font-size="10" fill="currentColor">{escape(unit)}</text>'
        f"{_hatch(232, 6)}<text x='232' y='34' font-size='11' fill='currentColor'>not measured</text></svg>"
    )


def amount_legend(part: str) -> str:
    """Return the scale of a haemoglobin or melanin picture, which has no numbers."""
    colours = SHEET[part]
    stops = "".join(f'<stop offset="{i / (len(colours) - 1):g}" stop-color="rgb{colour}"/>' for i, colour in enumerate(colours))
    return (
        f'<svg class="legend" viewBox="0 0 320 40" role="img" aria-label="Scale from little {part} (pale) to much (dark), '
        'without numbers; hatched is not skin">'
        f'<defs><linearGradient id="amount-{part}">{stops}</linearGradient></defs>'
        f'<rect x="10" y="6" width="200" height="14" fill="url(#amount-{part})" stroke="currentColor" stroke-width=".7"/>'
        '<text x="10" y="34" font-size="11" fill="currentColor">little</text>'
        '<text x="210" y="34" text-anchor="end" font-size="11" fill="currentColor">much</text>'
        f"{_hatch(232, 6)}<text x='232' y='34' font-size='11' fill='currentColor'>not measured</text></svg>"
    )


def zone_overlay(outlines: Mapping[str, Sequence[tuple[float, float]]], width: int, height: int) -> str:
    """Return the zones' outlines and names to lie over a picture of that size, corners in shares of it."""
    parts = []
    for zone, corners in outlines.items():
        path = " ".join(f"{x * width:.0f},{y * height:.0f}" for x, y in corners)
        x = sum(c[0] for c in corners) / len(corners) * width
        y = sum(c[1] for c in corners) / len(corners) * height
        parts.append(
            f'<polygon points="{path}" fill="none" stroke="#000" stroke-opacity=".55" stroke-width="4"/>'
            f'<polygon points="{path}" fill="none" stroke="#fff" stroke-width="2" stroke-dasharray="9 5"/>'
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="{width * 0.036:.0f}" fill="#fff" stroke="#000" '
            f'stroke-width="4" paint-order="stroke">{escape(place(zone))}</text>'
        )
    return f'<svg class="zones" viewBox="0 0 {width} {height}" aria-hidden="true">{"".join(parts)}</svg>'


def _hatch(x: int, y: int) -> str:
    strokes = "".join(f"M{x + at} {y + 14}l14 -14" for at in range(0, 28, 7))
    return (
        f'<rect x="{x}" y="{y}" width="42" height="14" fill="#e4e4e4" stroke="currentColor" stroke-width=".7"/>'
        f'<path d="{strokes}" stroke="#9a9a9a" fill="none"/>'
    )
