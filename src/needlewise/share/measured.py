"""A comparison of photos, one photo's measures and a trend, as JSON and as text."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from needlewise.measure.change import Change
from needlewise.measure.comparable import VERDICTS
from needlewise.measure.comparison import Comparison
from needlewise.measure.gates import Shot, View
from needlewise.measure.quality import Quality
from needlewise.measure.series import Series
from needlewise.measure.texture import UNDERSTATES
from needlewise.measure.trend import Trend
from needlewise.model import SCHEMA_VERSION
from needlewise.share import words

WIDTH = 110
WAY_ON = "If you have a reason to look now all the same: --anyway."


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return the document of one comparison; see docs/measure.md for each key."""
    return {
        "schema_version": SCHEMA_VERSION,
        "comparable": {
            name: {"verdict": c.verdict, "width_factor": round(c.width_factor, 3), "reasons": list(c.reasons)}
            for name, c in found.comparable.items()
        },
        "light": {"angle_deg": None if found.light_deg is None else round(found.light_deg, 2)},
        "alignment": {
            "error_px": round(found.error_px, 3), "inliers": found.inliers, "method": found.alignment.method,
        },
        "too_soon": found.too_soon or None,
        "changes": [change_json(c) for c in found.changes],
        "spots": [vars(s) for s in found.spots],
        "absolute": [{k: _plain(v) for k, v in vars(line).items()} for line in found.absolute],
        "notes": [UNDERSTATES, *found.notes],
    }  # fmt: skip


def change_json(c: Change) -> dict[str, Any]:
    """Return one change; numbers are null where the photos may not be compared."""
    return {
        "zone": c.zone, "what": c.what, "method": c.method, "unit": c.unit, "difference": _short(c.difference),
        "low": _short(c.low), "high": _short(c.high), "smallest_detectable": _short(c.smallest_detectable),
        "verdict": c.verdict, "basis": c.basis,
    }  # fmt: skip


def comparison_text(found: Comparison) -> str:
    """Return a comparison for reading: the answer in words, whether the photos may be compared, what to do, then the numbers."""
    lines = [*_wrap(words.headline(found)), *([WAY_ON] if found.too_soon else []), ""]
    if words.measured(found):
        lines += [line for verdict, where in words.in_short(found.changes) for line in _wrap(f"{verdict}: {where}", "  ")]
    lines += ["", "May these photos be compared?"]
    for verdict in VERDICTS:
        whats = [name for name, c in found.comparable.items() if c.verdict == verdict]
        lines += [f"  {verdict}: {', '.join(whats)}"] if whats else []
    lines += [f"  {words.fit(found)}"]
    todo = [line for fix in words.fixes(found.comparable) for line in _wrap(f"{fix.do} ({fix.why}; {fix.concerns})", "  - ")]
    lines += ["", "What to do next time", *todo] if todo else []
    if words.measured(found):
        lines += ["", "What changed (after minus before, 95 % interval)", *(f"  {change_line(c)}" for c in found.changes)]
        bases = dict.fromkeys(f"{words.title(c.what)}: {c.basis}." for c in found.changes if c.difference is not None)
        lines += ["", "How sure is this?", *(line for basis in bases for line in _wrap(basis, "  - "))]
        lines += _wrap(UNDERSTATES, "  - ")
    if found.spots:
        lines += ["", "Dark spots, one by one (contrast in 100·log10)"]
        lines += [
            f"  {s.zone} at {s.x:.0f}, {s.y:.0f}: contrast {s.contrast_before:.1f} to {s.contrast_after:.1f} "
            f"(± {1.96 * s.sd:.1f}), "
            f"area {words.area(s.area_before_mm2, s.area_before_px)} to {words.area(s.area_after_mm2, s.area_after_px)}"
            for s in found.spots[:20]
        ]
    if found.absolute:
        lines += ["", f"Colour by the card ({words.CARD})"]
        lines += [f"  {words.absolute(line)}" for line in found.absolute]
    return "\n".join([*lines, "", *(line for note in found.notes for line in _wrap(note))])


def _wrap(text: str, first: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False)


def change_line(c: Change) -> str:
    """Return one change on one line, its verdict first."""
    head = f"{c.zone}, {c.what}: {c.verdict}"
    if c.difference is None or c.low is None or c.high is None:
        return f"{head}: {c.basis}"
    return (
        f"{head} ({c.difference:+.2f}, {c.low:+.2f} to {c.high:+.2f} {c.unit}; smallest detectable {c.smallest_detectable:.2f})"
    )


def shot_json(shot: View, zones: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Return what one photo shows: its facts, its quality, its light, and the zones' raw values."""
    meta = shot.photo.meta
    return {
        "schema_version": SCHEMA_VERSION,
        "photo": {
            "name": shot.name, "width": meta.width, "height": meta.height, "camera": meta.camera, "profile": meta.profile,
            "taken": meta.taken.isoformat() if meta.taken else None, "iso": meta.iso, "exposure_s": meta.exposure_s,
            "flash": meta.flash, "focal_mm": meta.focal_mm,
        },
        "quality": quality_json(shot.quality),
        **(_face_json(shot) if isinstance(shot, Shot) else {}),
        "zones": {zone: {k: round(v, 3) for k, v in values.items()} for zone, values in zones.items()},
        "note": f"Values of one photo depend on its light and camera: only a comparison tells a change. {UNDERSTATES}",
    }  # fmt: skip


def _face_json(shot: Shot) -> dict[str, Any]:
    scale, sd = shot.face.mm_per_px
    return {
        "light": {"angle_deg": round(shot.light.angle_deg, 1), "softness": round(shot.light.softness, 2)},
        "pose_deg": [round(v, 1) for v in shot.face.pose],
        "scale": None if math.isnan(scale) else {"mm_per_px": round(scale, 4), "sd": round(sd, 4), "by": "iris width"},
    }  # fmt: skip


def _value(name: str, values: dict[str, float]) -> str:
    sd = values.get(f"{name} sd")
    return f"{name} {values[name]:g}" if sd is None else f"{name} {values[name]:.1f} ± {1.96 * sd:.1f}"


def quality_json(q: Quality) -> dict[str, Any]:
    """Return one photo's quality."""
    return {
        "ok": q.ok,
        "reasons": [vars(r) for r in q.reasons],
        "values": {k: None if v != v else round(v, 4) for k, v in q.values.items()},
    }


def quality_text(name: str, q: Quality) -> str:
    """Return one photo's quality for reading, the worst first."""
    musts = sum(r.must for r in q.reasons)
    head = f"{name}: good enough to compare" if q.ok else f"{name}: not good enough: {musts} to fix"
    return "\n".join([head, *(f"  - {r.says}: {r.fix}" for r in q.reasons)])


def shot_text(doc: dict[str, Any], q: Quality) -> str:
    """Return what one photo shows for reading."""
    lines = [quality_text(doc["photo"]["name"], q), ""]
    if "light" in doc:
        lines.append(f"Light: {doc['light']['angle_deg']:.0f}° from straight ahead.")
    if doc.get("scale"):
        scale, sd = doc["scale"]["mm_per_px"], doc["scale"]["sd"]
        lines.append(f"Scale: {scale:.3f} ± {1.96 * sd:.3f} mm a pixel (95 %), from the width of the iris; at the eyes.")
    for zone, values in doc["zones"].items():
        lines.append(f"  {zone}: " + ", ".join(_value(k, values) for k in values if not k.endswith(" sd")))
    return "\n".join([*lines, doc["note"]])


def trends_json(found: Series) -> dict[str, Any]:
    """Return the trends of one person over months."""
    return {
        "schema_version": SCHEMA_VERSION,
        "trends": [_trend_json(zone, t) for (zone, _), t in found.trends.items()],
        "unused": dict(found.unused),
        "notes": [UNDERSTATES, *found.notes],
    }


def _trend_json(zone: str, t: Trend) -> dict[str, Any]:
    return {
        "zone": zone, "what": t.what, "method": t.method, "unit": f"{t.unit} a month", "per_month": _short(t.per_month),
        "low": _short(t.low), "high": _short(t.high), "sessions": t.sessions,
        "left_out": [d.isoformat() for d in t.left_out], "verdict": t.verdict, "basis": t.basis,
        "points": [
            {"day": p.day.isoformat(), "difference": _short(p.value), "low": _short(p.value - p.half_width),
             "high": _short(p.value + p.half_width), "shots": p.shots, "counts": p.counts} for p in t.points
        ],
        "line": [
            {"day": p.day.isoformat(), "value": _short(p.value), "low": _short(p.low), "high": _short(p.high)} for p in t.line
        ],
    }  # fmt: skip


def trends_text(doc: dict[str, Any]) -> str:
    """Return the trends for reading, the verdict first."""
    lines = []
    for t in doc["trends"]:
        head = f"{t['zone']}, {t['what']}: {t['verdict']}"
        if t["per_month"] is not None:
            head += f" ({t['per_month']:+.2f}, {t['low']:+.2f} to {t['high']:+.2f} {t['unit']}; {t['sessions']} days)"
        lines.append(head + (f"; left out: {', '.join(t['left_out'])}" if t["left_out"] else ""))
    lines += [f"not used: {name}: {why}" for name, why in doc["unused"].items()]
    lines += [f"Interval: {basis}." for basis in dict.fromkeys(t["basis"] for t in doc["trends"])]
    return "\n".join([*lines, *doc["notes"]])


def _plain(value: float | str) -> float | str:
    return value if isinstance(value, str) else round(value, 3)


def _short(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
