"""The figure that answers a question, computed from the knowledge: what the plan itself would use."""

from __future__ import annotations

from collections.abc import Iterable

from needlewise.knowledge import table
from needlewise.planning.length import rest_days
from needlewise.planning.schedule import pause_days, restart_hours
from needlewise.said import join, say

WAITS = {  # whether it stops before a session, and whether it waits after one
    (True, True): "{what}: stop {days} days before a session; not again until {wait} after it.",
    (True, False): "{what}: stop {days} days before a session; no wait after it.",
    (False, True): "{what}: not again until {wait} after it.",
    (False, False): "{what}: no wait after it.",
}


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
            most = table("care")["passes"].choice.value
            lines.append(say("Passes over a zone at home: {n:g} in all, our own choice.", n=most))
    return tuple(dict.fromkeys(lines))


def _active(key: str, setting: str) -> str:
    row = table("actives")[key]
    days, hours = pause_days(row, setting), restart_hours(row, setting)
    wait = say("{n:g} hours", n=hours) if hours < 48 or hours % 24 else say("{n:g} days", n=hours / 24)
    return join([say(WAITS[bool(days), bool(hours)], what=row.label, days=days, wait=wait), row.conditions])


def _home_limit() -> str:
    rules = table("rules")
    longer, scalp = rules["home-len-consent"].choice.value, rules["home-len-scalp"].choice.value
    return say(
        "Longest needle planned at home: {mm:g} mm; with your informed agreement {longer:g} mm, "
        "on the scalp {scalp:g} mm. Our own choice: no regulator names a length.",
        mm=rules["home-len"].limit.mm, longer=longer, scalp=scalp,
    )  # fmt: skip


def _rests(setting: str) -> str:
    rows = [r for r in table("lengths").values() if setting in r.setting]
    parts = [
        say("up to {mm:g} mm: {days} days", mm=r.mm[1],
            days=rest_days(setting, r.mm[1] if r.high_included else r.mm[0] + 0.1, "cheek", (), 1.0))
        for r in rows
    ]
    return say("Rest of the same skin at least ({setting}): {rests}.", setting=setting, rests=join(parts, "; "))
