"""The chart of a trend as SVG text to stand inside a page: sessions with their intervals, the line with its band, the review."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import NamedTuple

from needlewise.measure.trend import Point, Trend
from needlewise.said import join, say
from needlewise.share.words import place, signed

WIDE, TALL = 380, 256
LEFT, RIGHT, TOP, BOTTOM = 44, 362, 22, 206  # of the plot, in the units of the drawing
BESIDE = 0.06  # of the time shown, left free before the first and after the last day
MOST_DATES = 4
LANE = 34  # height of one lane
DOT = 4  # radius
MOST_DOTS = int((RIGHT - LEFT) / (1 + 2 * BESIDE) / (2 * DOT + 1))  # as many as lie side by side without touching


class Mark(NamedTuple):
    """Something that happened: its first and last day, and what it is called."""

    day: dt.date
    until: dt.date
    text: str


class Lane(NamedTuple):
    """What happened meanwhile, of one kind, drawn below the plot on the same axis."""

    name: str
    marks: tuple[Mark, ...]
    plain: bool = False  # all marks are of one kind, which its name says


def thinned(found: Trend) -> Trend:
    """Return a trend with as many days as a chart can show: the first, and from then on the last of each stretch of time."""
    if len(found.points) <= MOST_DOTS:
        return found
    first, last = found.points[0].day, found.points[-1].day
    stretch = {(p.day - first).days * (MOST_DOTS - 1) // ((last - first).days + 1): p.day for p in found.points[1:]}
    chosen = {first, *stretch.values()}
    return replace(
        found, points=tuple(p for p in found.points if p.day in chosen), line=tuple(p for p in found.line if p.day in chosen)
    )


def trend_chart(
    zone: str,
    found: Trend,
    review: dt.date | None = None,
    lanes: Sequence[Lane] = (),
    tell: Callable[[str], str] = str,
    write: Callable[[dt.date], str] = dt.date.isoformat,
) -> str:
    """Return the chart; "" where there is no session to show. `tell` puts its words into the reader's language, `write` its days.

    Each dot is one day's photos, its whisker the 95 % interval of that day; a hollow dot with a cross lies too far off to count.
    The line and the band round it are the trend and its 95 % interval. Before the review the ground is shaded: "too early".
    Of more days than fit side by side as many are drawn as do, and the chart says so; the line rests on all.
    """
    if not found.points:
        return ""
    found = thinned(found)
    axes = _Axes(found, review, [mark.until for lane in lanes for mark in lane.marks])
    note, dots = "", "".join(_dot(axes, p, tell, write) for p in found.points)
    says: str = say("{what}, {zone}, {days} days: {verdict}",
                    what=found.what, zone=place(zone), days=found.sessions, verdict=found.verdict)  # fmt: skip
    if found.per_month is not None:
        slope = say("{change} {unit} a month ({low} to {high})", change=signed(found.per_month, 2), unit=found.unit,
                    low=signed(found.low, 2), high=signed(found.high, 2))  # fmt: skip
        says = join([says, slope], ", ")
    if len(found.points) < found.sessions:
        some = say("{shown} of {days} days drawn", shown=len(found.points), days=found.sessions)
        says = join([says, some], ", ")
        note = f'<text x="{WIDE - 2}" y="12" font-size="11" text-anchor="end">{escape(tell(some))}</text>'
    return (
        f'<svg class="trend" viewBox="0 0 {WIDE} {TALL + LANE * len(lanes)}" role="img" '
        f'aria-label="{escape(tell(says), quote=True)}" font-family="sans-serif" font-size="13" fill="currentColor">'
        f'<text x="2" y="12">{escape(tell(say("{unit}, against the first photos", unit=found.unit)))}</text>'
        f"{note}{axes.review_ground(review, tell, write)}{axes.grid(write)}{_band(axes, found)}{dots}"
        f"{_lanes(axes, lanes, write)}</svg>"
    )


class _Axes:
    """Where a day and a value lie in the drawing."""

    def __init__(self, found: Trend, review: dt.date | None, others: Sequence[dt.date] = ()) -> None:
        days = [p.day for p in found.points] + ([review] if review else [])
        days += [day for day in others if day >= min(days)]
        self.first, last = min(days), max(days)
        span = max(28, (last - self.first).days)
        self.start, self.span = -BESIDE * span, (1 + 2 * BESIDE) * span
        lows = [p.value - p.half_width for p in found.points if p.counts] + [p.low for p in found.line] + [0.0]
        highs = [p.value + p.half_width for p in found.points if p.counts] + [p.high for p in found.line] + [0.0]
        far = [p.value for p in found.points if not p.counts]  # their whiskers may leave the drawing
        low, high = min(lows + far), max(highs + far)
        self.step = _step(high - low)
        self.low, self.high = self.step * math.floor(low / self.step), self.step * math.ceil(high / self.step)

    def x(self, day: dt.date) -> float:
        return LEFT + ((day - self.first).days - self.start) / self.span * (RIGHT - LEFT)

    def y(self, value: float) -> float:
        return BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP)

    def grid(self, write: Callable[[dt.date], str]) -> str:
        out = ""
        for k in range(round((self.high - self.low) / self.step) + 1):
            value = self.low + k * self.step
            zero = abs(value) < self.step / 2
            stroke = 'stroke-width="1.2"' if zero else 'stroke-opacity=".2"'
            out += f'<path d="M{LEFT} {self.y(value):.1f}H{RIGHT}" stroke="currentColor" {stroke}/>'
            out += f'<text x="{LEFT - 5}" y="{self.y(value) + 4:.1f}" text-anchor="end">{"0" if zero else _tick(value)}</text>'
        for k in range(MOST_DATES):
            day = self.first + dt.timedelta(days=round((self.span + 2 * self.start) * k / (MOST_DATES - 1)))
            out += f'<path d="M{self.x(day):.1f} {BOTTOM}v4" stroke="currentColor"/>'
            out += f'<text x="{self.x(day):.1f}" y="{BOTTOM + 18}" text-anchor="middle">{escape(write(day))}</text>'
        return out

    def review_ground(self, review: dt.date | None, tell: Callable[[str], str], write: Callable[[dt.date], str]) -> str:
        if review is None:
            return ""
        x = self.x(review)
        early = tell(say("too early ◂ review")) + f" {write(review)}"
        anchor, shift = ("end", -5) if x > (LEFT + RIGHT) / 2 else ("start", 5)
        return (
            f'<rect x="{LEFT}" y="{TOP}" width="{max(0.0, x - LEFT):.1f}" height="{BOTTOM - TOP}" '
            'fill="currentColor" opacity=".06"/>'
            f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="currentColor" stroke-dasharray="2 3"/>'
            f'<text x="{x + shift:.1f}" y="{BOTTOM + 40}" text-anchor="{anchor}">{escape(early)}</text>'
        )


def _dot(axes: _Axes, point: Point, tell: Callable[[str], str], write: Callable[[dt.date], str]) -> str:
    value, half = point.value, point.half_width
    x, y = axes.x(point.day), axes.y(value)
    top, bottom = (min(max(axes.y(value + side * half), TOP), BOTTOM) for side in (1, -1))
    title: str = say("{day}: {value}, 95 % interval {low} to {high}", day=write(point.day), value=signed(value, 2),
                     low=signed(value - half, 2), high=signed(value + half, 2))  # fmt: skip
    title = tell(title) if point.counts else tell(join([title, say("too far off to count")], ", "))
    whisker = f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="currentColor" stroke-opacity=".55"/>'
    if point.counts:
        mark = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}"/>'
    else:
        mark = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        mark += f'<path d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6" stroke="currentColor" stroke-width="1.5"/>'
    return f"<g><title>{escape(tell(title))}</title>{whisker}{mark}</g>"


def _band(axes: _Axes, found: Trend) -> str:
    if not found.line:
        return ""
    upper = [f"{axes.x(p.day):.1f},{axes.y(p.high):.1f}" for p in found.line]
    lower = [f"{axes.x(p.day):.1f},{axes.y(p.low):.1f}" for p in reversed(found.line)]
    line = " ".join(f"{axes.x(p.day):.1f},{axes.y(p.value):.1f}" for p in found.line)
    return (
        f'<polygon points="{" ".join(upper + lower)}" fill="currentColor" opacity=".16"/>'
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="2"/>'
    )


def _lanes(axes: _Axes, lanes: Sequence[Lane], write: Callable[[dt.date], str]) -> str:
    """Draw a lane's single days as squares and its longer times as bars; what lies before the first photo is left out."""
    out = ""
    for number, lane in enumerate(lanes):
        y = TALL + LANE * number + 16
        out += f'<path d="M{LEFT} {y + 5}H{RIGHT}" stroke="currentColor" stroke-opacity=".2"/>'
        out += f'<text x="{LEFT}" y="{y - 4}" font-size="11">{escape(lane.name)}</text>'
        for mark in lane.marks:
            if mark.until < axes.first:
                continue
            left, right = axes.x(max(mark.day, axes.first)), axes.x(mark.until)
            title = f"{write(mark.day)}: {mark.text}"
            out += (
                f'<rect x="{left - 4:.1f}" y="{y}" width="{max(8.0, right - left + 8):.1f}" height="10" rx="2" opacity=".75">'
                f"<title>{escape(title)}</title></rect>"
            )
    return out


def _step(span: float) -> float:
    """Return a round step that cuts the span into three to six parts."""
    if span <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(span / 4))
    return float(next(power * m for m in (1, 2, 2.5, 5, 10) if span / (power * m) <= 6))


def _tick(value: float) -> str:
    return f"{value:+g}".replace("-", "−")
