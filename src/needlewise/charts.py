"""Charts as SVG text, drawn without any library and without colour as the only signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TypeAlias

Cells: TypeAlias = Sequence[Sequence[float]]
SHADES = ("#ffffff", "#fde9e4", "#fbcabd", "#f4a08f", "#e27564", "#bf4b42", "#8f2a2b", "#5c1519")


SIZE, GAP, HEAD, FOOT = 300, 24, 34, 64
IN_A_ROW = 4


def coverage_map(panels: Sequence[tuple[str, Cells, float]], unit: str = "holes per cm²") -> str:
    """Return one map a panel, side by side on one scale of shades, with the scale below.

    Parameters
    ----------
    panels : sequence of (title, cells, cell_mm)
        `cells[x][y]` is the value in one square of `cell_mm`, in `unit`.
    """
    top = _top(panels)
    rows = math.ceil(len(panels) / IN_A_ROW)
    width = min(len(panels), IN_A_ROW) * (SIZE + GAP) + GAP
    height = rows * (SIZE + HEAD + GAP / 2) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(f"Coverage map, {unit}: " + "; ".join(title for title, _, _ in panels), quote=True)}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
    ]
    for number, (title, cells, cell_mm) in enumerate(panels):
        left, head = _place(number)
        parts.append(_panel(title, cells, cell_mm, left, head, SIZE, top))
    parts.append(_scale(GAP, height - FOOT + 26, top, unit))
    return "\n".join([*parts, "</svg>", ""])


def coverage_picture(panels: Sequence[tuple[str, Cells, float]], unit: str = "holes per cm²") -> bytes:
    """Return the map of `coverage_map` as a PNG, twice its size in pixels."""
    from io import BytesIO

    from PIL import Image, ImageDraw, ImageFont

    top, scale = _top(panels), 2
    rows = math.ceil(len(panels) / IN_A_ROW)
    width = min(len(panels), IN_A_ROW) * (SIZE + GAP) + GAP
    height = round(rows * (SIZE + HEAD + GAP / 2) + FOOT)
    picture = Image.new("RGB", (width * scale, height * scale), "#ffffff")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(12 * scale)
    for number, (title, cells, cell_mm) in enumerate(panels):
        left, head = _place(number)
        n = max(1, len(cells))
        square = Image.new("RGB", (n, n), SHADES[0])
        for i, column in enumerate(cells):
            for j, value in enumerate(column):
                square.putpixel((i, n - 1 - j), _rgb(SHADES[_shade(value, top)]))
        side = SIZE * scale
        picture.paste(square.resize((side, side), Image.Resampling.NEAREST), (round(left * scale), round(head * scale)))
        draw.rectangle((left * scale, head * scale, left * scale + side, head * scale + side), outline="#444444")
        draw.text((left * scale, (head - 22) * scale), f"{title} ({n * cell_mm:g} mm square)", "#000000", font)
    y = (height - FOOT + 26) * scale
    for i, shade in enumerate(SHADES):
        draw.rectangle(((GAP + 34 * i) * scale, y, (GAP + 34 * (i + 1)) * scale, y + 12 * scale), shade, "#444444")
    for box, text in _ticks(top):
        draw.text(((GAP + 34 * box) * scale, y + 14 * scale), text, "#000000", font, anchor="ma")
    right = GAP + 34 * len(SHADES)
    draw.text(((right + 10) * scale, y - scale), unit.replace("cm²", "sq cm"), "#000000", font)
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _shade(value: float, top: float) -> int:
    """Return the shade of a value: white for none at all, then equal steps of the root, so that few passes show too."""
    steps = len(SHADES) - 1
    return 0 if value <= 0 else min(steps, 1 + int(math.sqrt(value / top) * steps))


def _ticks(top: float) -> list[tuple[float, str]]:
    """Return where on the scale (in boxes) which value stands."""
    steps = len(SHADES) - 1
    return [(0.5, "0"), *((1.0 + k, f"{top * (k / steps) ** 2:.0f}") for k in (2, 4, steps))]


def _top(panels: Sequence[tuple[str, Cells, float]]) -> float:
    return max((value for _, cells, _ in panels for column in cells for value in column), default=0.0) or 1.0


def _place(number: int) -> tuple[float, float]:
    """Return the left and upper edge of a panel's square."""
    row, column = divmod(number, IN_A_ROW)
    return GAP + column * (SIZE + GAP), HEAD + row * (SIZE + HEAD + GAP / 2)


def _rgb(shade: str) -> tuple[int, int, int]:
    return int(shade[1:3], 16), int(shade[3:5], 16), int(shade[5:7], 16)


def _panel(title: str, cells: Cells, cell_mm: float, left: float, head: float, size: float,
           top: float) -> str:  # fmt: skip
    n = max(1, len(cells))
    step = size / n
    shapes: dict[int, list[str]] = {}
    for i, column in enumerate(cells):
        j = 0
        for shade, run in groupby(_shade(value, top) for value in column):
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
    marks = "".join(
        f'<text x="{left + 34 * box:g}" y="{y + 26:g}" text-anchor="middle">{text}</text>' for box, text in _ticks(top)
    )
    return f'{boxes}{marks}<text x="{left + 34 * len(SHADES) + 10:g}" y="{y + 10:g}">{escape(unit)}</text>'
