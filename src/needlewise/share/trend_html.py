"""Trends over months as one page: the answer first, a chart for each zone and measure, and what could not be used."""

from __future__ import annotations

import datetime as dt
from html import escape

from needlewise.measure.change import VERDICTS
from needlewise.measure.series import Series
from needlewise.measure.texture import UNDERSTATES
from needlewise.measure.trend import Trend
from needlewise.share import words
from needlewise.share.measured_html import badge, glossary
from needlewise.share.page import page, section
from needlewise.share.trend_chart import trend_chart

READ = (
    "Each dot is one day's photos against the first ones, with its 95 % interval. The line is the trend, the band round it "
    "its 95 % interval. A hollow dot with a cross lies too far off to count: one bad photo makes no trend and hides none."
)


def trend_html(found: Series, review: dt.date | None = None) -> str:
    """Return the page: self-contained, no script, nothing is fetched."""
    order = sorted(found.trends.items(), key=lambda item: VERDICTS.index(item[1].verdict))
    cards = "".join(_card(zone, t, review) for (zone, _), t in order)
    unused = "".join(f"<li><strong>{escape(name)}</strong>: {escape(why)}</li>" for name, why in found.unused.items())
    bases = dict.fromkeys(f"{words.title(t.what)}: {t.basis}." for t in found.trends.values())
    sure = "".join(f"<li>{escape(line)}</li>" for line in (*bases, UNDERSTATES, *found.notes))
    return page(
        "Over the months",
        f"<h1>Is it getting better?</h1>{_top(found, review)}"
        + section("Zone by zone", f'<p class="soft">{READ}</p><div class="cards wide">{cards}</div>')
        + section("Days that were not used", f"<ul>{unused}</ul>" if unused else "")
        + section(
            "How sure is this?", f"<ul>{sure}</ul>{glossary()}<p class='soft'>This measures pictures. It is no diagnosis.</p>"
        ),
    )


def _top(found: Series, review: dt.date | None) -> str:
    lines = ""
    for verdict in VERDICTS:
        where = [f"{words.place(zone)} ({what})" for (zone, what), t in found.trends.items() if t.verdict == verdict]
        lines += f"<li>{badge(verdict)} {escape('; '.join(where))}</li>" if where else ""
    until = f"<p class='soft'>Review: {review:%Y-%m-%d}. Before it nothing is called better or worse.</p>" if review else ""
    return f"<section><ul>{lines}</ul>{until}</section>"


def _card(zone: str, t: Trend, review: dt.date | None) -> str:
    if t.per_month is None:
        numbers = words.title(t.basis)
    else:
        numbers = (
            f"{words.signed(t.per_month, 2)} ({words.signed(t.low, 2)} to {words.signed(t.high, 2)}) {t.unit} a month, "
            f"{t.sessions} days"
        )
    out = f"; left out: {', '.join(day.isoformat() for day in t.left_out)}" if t.left_out else ""
    more = "<p class='soft'>Understates a change in relief about threefold.</p>" if t.what == "texture" else ""
    head = f"{words.title(words.place(zone))}, {t.what}"
    return (
        f"<article><h3>{escape(head)}</h3><p>{badge(t.verdict)}</p>{trend_chart(zone, t, review)}"
        f"<p class='numbers'>{escape(numbers + out)}.</p>{more}</article>"
    )
