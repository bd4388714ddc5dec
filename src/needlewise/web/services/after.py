"""How redness fades after a session: the person's own points beside what is expected, as one chart."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from django.utils.translation import gettext

from needlewise.errors import InputError
from needlewise.share.fading import redness_chart
from needlewise.treat.afterwards import RednessJudged, expected_redness, judge_redness
from needlewise.web.models import Change, Session

HALF_WIDTHS = 1.96  # of a normal 95 % interval, from its half width to one standard deviation


@dataclass(frozen=True)
class Followed:
    """The chart, the number of points in it, and what they say (None without any)."""

    chart: str
    points: int
    judged: RednessJudged | None


def follow(session: Session) -> Followed:
    """Gather the redness measured at hours after a session; each point is the mean over the zones that were needled."""
    zones = list(session.zones.values_list("zone", flat=True))
    rows = Change.objects.filter(
        reading__sitting__session=session, reading__sitting__hours_after__isnull=False, what="redness", zone__in=zones,
        difference__isnull=False,
    ).values_list("reading__sitting__hours_after", "difference", "smallest_detectable")  # fmt: skip
    found: dict[float, list[tuple[float, float]]] = {}
    for hours, difference, limit in rows:
        found.setdefault(hours or 0.0, []).append((difference or 0.0, (limit or 0.0) / HALF_WIDTHS))
    points = [(h, fmean(d for d, _ in p), max(s for _, s in p)) for h, p in sorted(found.items())]
    judged = None
    if points:
        try:
            judged = judge_redness([p[0] for p in points], [p[1] for p in points], [p[2] for p in points])
        except InputError:
            judged = None  # a spread that was not known: the points are shown without a verdict
    fit = judged.fit.half_life_hours if judged and judged.fit else None
    curve = [(e.hours, e.low, e.middle, e.high) for e in expected_redness().curve]
    title = gettext("Redness after the session, as a share of the first hours")
    return Followed(redness_chart(curve, points, fit, title), len(points), judged)
