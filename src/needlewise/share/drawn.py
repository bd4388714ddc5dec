"""Small charts of measuring as SVG text to stand inside a page; they take their colour from the text around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from needlewise.measure.pictures import BLUE, MIDDLE, ORANGE, SHEET
from needlewise.share.words import place

UNSCALED = 'vector-effect="non-scaling-stroke"'  # small pictures get no thicker lines


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
            f'<polygon points="{path}" fill="none" stroke="#000" stroke-opacity=".55" stroke-width="3.5" {UNSCALED}/>'
            f'<polygon points="{path}" fill="none" stroke="#fff" stroke-width="1.5" stroke-dasharray="7 4" {UNSCALED}/>'
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="{width * 0.036:.0f}" fill="#fff" stroke="#000" '
            f'stroke-width="{width * 0.006:.1f}" paint-order="stroke">{escape(place(zone))}</text>'
        )
    return f'<svg class="zones" viewBox="0 0 {width} {height}" aria-hidden="true">{"".join(parts)}</svg>'


def _hatch(x: int, y: int) -> str:
    strokes = "".join(f"M{x + at} {y + 14}l14 -14" for at in range(0, 28, 7))
    return (
        f'<rect x="{x}" y="{y}" width="42" height="14" fill="#e4e4e4" stroke="currentColor" stroke-width=".7"/>'
        f'<path d="{strokes}" stroke="#9a9a9a" fill="none"/>'
    )
