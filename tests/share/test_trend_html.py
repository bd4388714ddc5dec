"""The page of trends: what the chart shows is what was computed, one bad day is marked, and before the review it is too early."""

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needlewise.measure.change import DEFAULTS
from needlewise.measure.pair import REDNESS
from needlewise.measure.series import Series
from needlewise.measure.texture import UNDERSTATES
from needlewise.measure.trend import Session, Trend, trend
from needlewise.share.measured import trends_json
from needlewise.share.trend_chart import BOTTOM, LEFT, RIGHT, TOP, trend_chart
from needlewise.share.trend_html import trend_html

START = dt.date(2026, 1, 5)
SPREAD = DEFAULTS["redness"]


def months(values: list[float]) -> list[Session]:
    return [Session(START + dt.timedelta(days=30 * i), (v,)) for i, v in enumerate(values)]


FALLING = trend(REDNESS, months([0, -1, -2.1, 14, -4, -5.1, -6]), SPREAD)


def dots(chart: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', chart)]


def test_the_chart_is_a_drawing_with_every_day_in_it() -> None:
    chart = trend_chart("cheek-right", FALLING)
    ET.fromstring(chart.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    places = dots(chart)
    assert len(places) == len(FALLING.points) == 7
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in places)
    steps = [b[0] - a[0] for a, b in zip(places, places[1:], strict=False)]
    assert max(steps) - min(steps) < 0.2  # equal months, equal steps
    assert places[1][1] > places[0][1]  # falling goes down
    assert chart.count('fill="none" stroke="currentColor" stroke-width="1.5"') == 1  # the bad day alone is hollow
    assert "too far off to count" in chart and "right cheek" in chart and "<polygon" in chart


def test_the_band_holds_the_line_and_is_narrowest_in_the_middle() -> None:
    widths = [p.high - p.low for p in FALLING.line]
    assert all(p.low < p.value < p.high for p in FALLING.line)
    assert min(widths) not in (widths[0], widths[-1])
    assert FALLING.left_out == (START + dt.timedelta(days=90),)
    slope = (FALLING.line[-1].value - FALLING.line[0].value) / 180 * 365.25 / 12
    assert FALLING.per_month == pytest.approx(slope)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(-40, 900))
def test_no_day_falls_out_of_the_drawing(values: list[float], review: int) -> None:
    found = trend(REDNESS, months(values), SPREAD)
    chart = trend_chart("nose", found, START + dt.timedelta(days=review))
    assert len(dots(chart)) == len(values)
    assert all(LEFT - 1 <= x <= RIGHT + 1 and TOP - 1 <= y <= BOTTOM + 1 for x, y in dots(chart))
    assert "nan" not in chart and "inf" not in chart


def test_few_days_show_their_dots_and_no_line() -> None:
    few = trend(REDNESS, months([0, -1, -2]), SPREAD)
    chart = trend_chart("nose", few)
    assert few.verdict == "too early" and len(dots(chart)) == 3 and "<polyline" not in chart
    assert trend_chart("nose", Trend("redness", "m", "u", None, None, None, 0, (), "too early", "")) == ""


def test_the_page_says_the_answer_first_and_names_unused_days() -> None:
    found = Series(
        {("cheek-right", "redness"): FALLING}, {"2026-09-01": "not comparable: <b>flash</b>: switch it off"}, ("a note",)
    )
    html = trend_html(found)
    assert html.index("better") < html.index("<svg") < html.index("Days that were not used")
    assert "&lt;b&gt;flash" in html and "<b>flash" not in html
    assert UNDERSTATES in html and "a note" in html and "no diagnosis" in html and "<script" not in html
    assert "−0.99" in html or "−1.0" in html


def test_before_the_review_nothing_is_better() -> None:
    early = trend(REDNESS, months([0, -1, -2, -3, -4, -5]), SPREAD, early=True)
    review = START + dt.timedelta(days=200)
    html = trend_html(Series({("nose", "redness"): early}, {}), review)
    assert "too early ◂ review 2026-07-24" in html and "too early</span>" in html and "✓" not in html.split("</section>")[0]


def test_the_data_holds_what_the_chart_shows() -> None:
    (doc,) = trends_json(Series({("nose", "redness"): FALLING}, {}))["trends"]
    assert [p["counts"] for p in doc["points"]].count(False) == 1
    assert len(doc["line"]) == 7 and set(doc["line"][0]) == {"day", "value", "low", "high"}
    assert UNDERSTATES in trends_json(Series({}, {}))["notes"]
