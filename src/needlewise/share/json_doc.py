"""A plan as plain values, ready for `json.dumps`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from needlewise.model import SCHEMA_VERSION, Finding, Plan, Says, Step, ZonePlan
from needlewise.share.merge import source_of


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return the whole plan; dates are ISO strings, and what is not known is None."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": plan.verdict,
        "intended_purpose": plan.purpose,
        "start": plan.start.isoformat(),
        "setting": plan.setting,
        "addressed_to": plan.addressed_to,
        "findings": [_finding(f) for f in plan.findings],
        "steps": [_step(s) for s in plan.steps],
        "zones": [_zone(z) for z in plan.zones],
        "knowledge": dict(plan.knowledge),
        "acknowledged": dict(plan.acknowledged),
    }


def _day(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def _all(says: Iterable[Says]) -> list[dict[str, Any]]:
    return [_says(s) for s in says]


def _says(s: Says) -> dict[str, Any]:
    source = source_of(s)
    return {
        "source": s.source,
        "text": s.text,
        "value": list(s.value) if isinstance(s.value, tuple) else s.value,
        "unit": s.unit,
        "kind": s.kind or (source.kind if source else ""),
        "issuer": source.issuer if source else "",
        "read_via": source.read_via if source else "",
        "url": source.url if source else "",
    }


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "rule": f.rule,
        "effect": f.effect,
        "scope": f.scope,
        "zone": f.zone,
        "until": _day(f.until),
        "message": f.message,
        "says": _all(f.says),
    }


def _step(s: Step) -> dict[str, Any]:
    return {
        "date": s.date.isoformat(),
        "zone": s.zone,
        "action": s.action,
        "text": s.text,
        "mm": s.mm,
        "until": _day(s.until),
        "session": s.session,
        "says": _all(s.says),
    }


def _zone(z: ZonePlan) -> dict[str, Any]:
    return {
        "zone": z.zone,
        "verdict": z.verdict,
        "mm_range": list(z.mm_range) if z.mm_range else None,
        "mm": z.mm,
        "why": z.why,
        "technique": z.technique,
        "passes": z.passes,
        "directions": z.directions,
        "endpoint": z.endpoint,
        "interval_days": z.interval_days,
        "sessions": z.sessions,
        "first": _day(z.first),
        "review": _day(z.review),
        "says": _all(z.says),
    }
