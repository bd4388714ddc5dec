"""The figure that answers a question, computed from the knowledge: what the plan itself would use."""

from __future__ import annotations

from collections.abc import Iterable

from needlewise.knowledge import table
from needlewise.planning.length import rest_days
from needlewise.planning.schedule import pause_days, restart_hours


def in_short(topics: Iterable[str], setting: str) -> tuple[str, ...]:
    """Return one line a topic that has a figure, for this setting."""
    lines: list[str] = []
    for name in topics:
        head, _, key = name.partition(":")
        if head == "active":
            lines.append(_active(key, setting))
        elif head == "length" and setting == "home":
            lines.append(_home_limit())
        elif head == "interval":
            lines.append(_rests(setting))
        elif head == "passes":
            lines.append(f"Passes over a zone at home: {table('care')['passes'].choice.value:g} in all, our own choice.")
    return tuple(dict.fromkeys(lines))


def _active(key: str, setting: str) -> str:
    row = table("actives")[key]
    days, hours = pause_days(row, setting), restart_hours(row, setting)
    before = f"stop {days} days before a session; " if days else ""
    wait = f"{hours:g} hours" if hours < 48 or hours % 24 else f"{hours / 24:g} days"
    again = f"not again until {wait} after it" if hours else "no wait after it"
    return f"{row.label}: {before}{again}. {row.conditions}".strip()


def _home_limit() -> str:
    rules = table("rules")
    longer, scalp = rules["home-len-consent"].choice.value, rules["home-len-scalp"].choice.value
    return (
        f"Longest needle planned at home: {rules['home-len'].limit.mm:g} mm; with your informed agreement {longer:g} mm, "
        f"on the scalp {scalp:g} mm. Our own choice: no regulator names a length."
    )


def _rests(setting: str) -> str:
    rows = [r for r in table("lengths").values() if setting in r.setting]
    parts = [
        f"up to {r.mm[1]:g} mm: {rest_days(setting, r.mm[1] if r.high_included else r.mm[0] + 0.1, 'cheek', (), 1.0)} days"
        for r in rows
    ]
    return f"Rest of the same skin at least ({setting}): {'; '.join(parts)}."
