"""A plan in one glance: may I start, when and how, or why not and what would change that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from needlewise.knowledge import table
from needlewise.model import EFFECTS, Finding, Plan, Says
from needlewise.share import merge
from needlewise.web.services.first import STEP_OF

HOLDING = ("limit", "ask", "wait", "refer", "stop")


@dataclass(frozen=True)
class Reason:
    """One thing that was found, for all zones that share it, and the screen on which its cause can be changed."""

    effect: str
    rule: str
    message: str
    zones: tuple[str, ...]
    until: dt.date | None
    change: str
    says: tuple[Says, ...]


@dataclass(frozen=True)
class FirstSession:
    """The next session of the plan: when, where, and the longest needle."""

    date: dt.date
    zones: tuple[str, ...]
    mm: tuple[float, ...]
    number: int


@dataclass(frozen=True)
class Outcome:
    """`holding` is why the plan is not simply "go", the strictest first; `notes` is what else was found."""

    verdict: str
    holding: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    session: FirstSession | None

    @property
    def may(self) -> bool:
        """Whether a session is planned at all."""
        return self.session is not None


def outcome(plan: Plan) -> Outcome:
    """Sum up a plan."""
    reasons = [reason(f.finding, f.zones) for f in merge.findings(plan)]
    holding = sorted((r for r in reasons if r.effect in HOLDING), key=lambda r: (-EFFECTS.index(r.effect), any(r.zones)))
    notes = [r for r in reasons if r.effect not in HOLDING]
    return Outcome(plan.verdict, tuple(holding), tuple(notes), next_session(plan))


def reason(f: Finding, zones: tuple[str, ...]) -> Reason:
    """Turn a finding into a reason that says where its cause can be changed."""
    return Reason(f.effect, f.rule, f.message, tuple(z for z in zones if z), f.until, screen(f.rule, f.scope), f.says)


def next_session(plan: Plan) -> FirstSession | None:
    """Return the plan's first session, with every zone of that day."""
    steps = [s for s in plan.steps if s.action == "session"]
    if not steps:
        return None
    day = [s for s in steps if s.date == steps[0].date]
    lengths = tuple(sorted({s.mm for s in day if s.mm is not None}))
    return FirstSession(day[0].date, tuple(s.zone for s in day), lengths, max(s.session for s in day))


def screen(rule: str, scope: str) -> str:
    """Return the step on which the cause of a finding was told, or "" where telling something else would change nothing."""
    asked = rule.removeprefix("unknown-").replace("-", "_")
    if rule.startswith("unknown-") and asked in STEP_OF:
        return STEP_OF[asked]
    if rule == "appearance-distress":
        return "gentle"
    if rule in ("unknown-medicine", "unknown-shared"):
        return "medicines" if rule == "unknown-medicine" else "devices"
    row = table("rules").get(rule)
    if row is None:
        return {"zone": "goals", "device": "devices", "product": "products"}.get(scope, "goals" if rule == "no-goals" else "")
    when = row.when
    causes = (
        (when.conditions, "health"),
        (when.medicines or when.medicines_past, "medicines"),
        (when.pregnant or when.nursing, "family"),
        (when.events, "events"),
        (when.device_kinds or when.device_shared or when.device_second_hand, "devices"),
        (when.product_kinds, "products"),
        (when.age_below or when.skin_type_min, "about"),
        (when.zone_tags, "goals"),
        (rule.startswith("home-len"), "limits"),
    )
    return next((step for cause, step in causes if cause), "")
