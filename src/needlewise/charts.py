"""Charts as SVG text, drawn without any library and without colour as the only signal."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TypeAlias

Cells: TypeAlias = Sequence[Sequence[float]]
SHADES = ("#ffffff", "#fde9e4", "#fbcabd", "#f4a08f", "#e27564", "#bf4b42", "#8f2a2b", "#5c1519")


def coverage_map(panels: Sequence[tuple[str, Cells, float]], unit: str = "holes per cm²") -> str:
    """Return one map a panel, side by side on one scale of shades, with the scale below.

    Parameters
    ----------
    panels : sequence of (title, cells, cell_mm)
        `cells[x][y]` is the value in one square of `cell_mm`, in `unit`.
    """
    top = max((value for _, cells, _ in panels for column in cells for value in column), default=0.0) or 1.0
    size, gap, head = 300.0, 24.0, 34.0
    width = len(panels) * (size + gap) + gap
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {head + size + 64:g}" role="img" '
        f'aria-label="{escape(f"Coverage map, {unit}: " + "; ".join(title for title, _, _ in panels), quote=True)}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width:g}" height="{head + size + 64:g}" fill="#ffffff"/>',
    ]
    for number, (title, cells, cell_mm) in enumerate(panels):
        parts.append(_panel(title, cells, cell_mm, gap + number * (size + gap), head, size, top))
    parts.append(_scale(gap, head + size + 26, top, unit))
    return "\n".join([*parts, "</svg>", ""])


def _panel(title: str, cells: Cells, cell_mm: float, left: float, head: float, size: float,
           top: float) -> str:  # fmt: skip
    n = max(1, len(cells))
    step = size / n
    shapes: dict[int, list[str]] = {}
    for i, column in enumerate(cells):
        j = 0
        for shade, run in groupby(min(len(SHADES) - 1, int(value / top * len(SHADES))) for value in column):
            long = len(list(run))
            x, y = left + i * step, head + size - (j + long) * step
            j += long
            if shade:
                shapes.setdefault(shade, []).append(f"M{x:.1f} {y:.1f}h{step:.4g}v{long * step:.4g}h-{step:.4g}z")
    paths = "\n".join(f'<path fill="{SHADES[shade]}" d="{"".join(found)}"/>' for shade, found in sorted(shapes.items()))
    frame = f'<rect x="{left:g}" y="{head:g}" width="{size:g}" height="{size:g}" fill="none" stroke="#444444"/>'
    label = f'<text x="{left:g}" y="{head - 10:g}">{escape(title)} ({n * cell_mm:g} mm square)</text>'
    return "\n".join(part for part in (paths, frame, label) if part)


def _scale(left: float, y: float, top: float, unit: str) -> str:
    boxes = "".join(
        f'<rect x="{left + 34 * i:g}" y="{y:g}" width="34" height="12" fill="{shade}" stroke="#444444" stroke-width="0.5"/>'
        for i, shade in enumerate(SHADES)
    )
    right = left + 34 * len(SHADES)
    return (
        f'{boxes}<text x="{left:g}" y="{y + 26:g}">0</text>'
        f'<text x="{right:g}" y="{y + 26:g}" text-anchor="end">{top:.0f}</text>'
        f'<text x="{right + 10:g}" y="{y + 10:g}">{escape(unit)}</text>'
    )
