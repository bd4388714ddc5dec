"""How redness fades after a session, as a chart: what is expected, and one's own points. Colours come from the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 360, 210, 40, 34, 12, 10
HOURS = 72.0


def redness_chart(
    curve: Sequence[tuple[float, float, float, float]],
    points: Sequence[tuple[float, float, float]],
    half_life: float | None = None,
    title: str = "Redness after the session, as a share of the first hours",
) -> str:
    """Return the chart as SVG with the classes band, middle, own, dot and bar for the page to colour.

    Parameters
    ----------
    curve : sequence of (hours, low, middle, high)
        The expected share of the redness that was there at the start, 0 to 1.
    points : sequence of (hours, redness above one's own baseline, its standard deviation)
        In any one unit: drawn relative to the first.
    half_life : float or None
        In hours, of the person's own fit.
    """
    first = next((red for _, red, _ in points if red > 0), 1.0)
    own = [(h, red / first, 1.96 * s / first) for h, red, s in points if h <= HOURS]
    top = max(1.1, *(share + spread for _, share, spread in own)) if own else 1.1

    def x(hours: float) -> float:
        return LEFT + hours / HOURS * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - max(0.0, share) / top * (HEIGHT - BOTTOM - TOP)

    outline = [(h, high) for h, _, _, high in curve] + [(h, low) for h, low, _, _ in reversed(curve)]
    band = [f"{x(h):.1f},{y(share):.1f}" for h, share in outline]
    middle = " ".join(f"{x(h):.1f},{y(m):.1f}" for h, _, m, _ in curve)
    parts = [
        f'<svg class="fading" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}">',
        f'<polygon class="band" points="{" ".join(band)}"/><polyline class="middle" fill="none" points="{middle}"/>',
    ]
    if half_life and own:
        start = own[0][0]
        line = " ".join(f"{x(h):.1f},{y(2 ** (-(h - start) / half_life)):.1f}" for h in range(round(start), round(HOURS) + 1, 2))
        parts.append(f'<polyline class="own" fill="none" points="{line}"/>')
    for hours, share, spread in own:
        parts.append(f'<path class="bar" d="M{x(hours):.1f} {y(share - spread):.1f}V{y(share + spread):.1f}"/>')
        parts.append(f'<circle class="dot" cx="{x(hours):.1f}" cy="{y(share):.1f}" r="4.5"/>')
    axis = HEIGHT - BOTTOM
    parts.append(f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{axis}H{WIDTH - RIGHT}"/>')
    parts += [f'<text x="{x(h):.1f}" y="{axis + 16}" text-anchor="middle">{h:g} h</text>' for h in (0, 24, 48, 72)]
    parts += [f'<text x="{LEFT - 6}" y="{y(s) + 4:.1f}" text-anchor="end">{s:.0%}</text>' for s in (0, 0.5, 1)]
    return "".join([*parts, "</svg>"])
