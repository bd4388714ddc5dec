"""One sitting laid over an earlier one, as a page or the command line shows it: whether, then what, then how sure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from needlewise.measure.change import VERDICTS
from needlewise.web.models import Change, Sitting
from needlewise.web.services.standing import Standing

NOT_COMPARABLE, TOO_EARLY = "not comparable", "too early"


@dataclass(frozen=True)
class Fix:
    """One thing to do better next time: why, for which measures, and whether it ruled them out."""

    reason: str
    measures: tuple[str, ...]
    must: bool


@dataclass(frozen=True)
class Compared:
    """What a comparison shows.

    Attributes
    ----------
    sitting, against : Sitting
    fixes : tuple of Fix
        What rules out comes first.
    verdicts : mapping
        From each measure to its gate's verdict.
    in_short : list of (verdict, number of zones and measures)
    changes : list of Change
        Those with a number first.
    pictures : tuple of str
        Names of pictures that were made.
    """

    sitting: Sitting
    against: Sitting
    error: str
    fixes: tuple[Fix, ...] = ()
    verdicts: Mapping[str, str] = field(default_factory=dict)
    in_short: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    changes: tuple[Change, ...] = ()
    pictures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    light_deg: float | None = None
    full: float | None = None

    @property
    def by_zone(self) -> list[Change]:
        return sorted(self.changes, key=lambda c: c.zone)

    @property
    def any_numbers(self) -> bool:
        return any(change.difference is not None for change in self.changes)


def shown(standing: Standing, early_until: dt.date | None = None) -> Compared | None:
    """Return what a sitting's reading shows, or None where there is none by the current method.

    Parameters
    ----------
    early_until : date or None
        Before it a result cannot be expected: numbers are shown, and the verdict waits.
    """
    if standing.state != "read" or standing.against is None:
        return None
    reading = standing.sitting.reading
    result: dict[str, Any] = reading.result or {}
    changes = list(reading.changes.all())
    for change in changes:
        change.verdict = judged(change, standing.sitting.day, early_until)
    changes.sort(key=lambda c: (c.difference is None, VERDICTS.index(c.verdict), c.zone, c.what))
    groups = tuple((v, tuple(c for c in changes if c.verdict == v)) for v in VERDICTS)
    return Compared(
        standing.sitting, standing.against.sitting, reading.error, _fixes(result),
        {k: g["verdict"] for k, g in _gates(result).items()},
        tuple((v, found) for v, found in groups if found), tuple(changes), tuple(result.get("pictures", ())),
        tuple(result.get("notes", ())), tuple(dict.fromkeys(c.basis for c in changes if c.difference is not None)),
        result.get("light", {}).get("angle_deg"), result.get("full"),
    )  # fmt: skip


def judged(change: Change, day: dt.date, early_until: dt.date | None) -> str:
    """Return a change's verdict; before a result can be expected it is "too early", whatever the number."""
    early = early_until is not None and day < early_until and change.verdict != NOT_COMPARABLE
    return TOO_EARLY if early else change.verdict


def _gates(result: Mapping[str, Any]) -> dict[str, Any]:
    gates: dict[str, Any] = result.get("comparable", {})
    return gates


def _fixes(result: Mapping[str, Any]) -> tuple[Fix, ...]:
    found: dict[str, tuple[list[str], bool]] = {}
    for what, gate in _gates(result).items():
        for reason in gate["reasons"]:
            measures, must = found.get(reason, ([], False))
            found[reason] = [*measures, what], must or gate["verdict"] == NOT_COMPARABLE
    fixes = [Fix(reason, tuple(measures), must) for reason, (measures, must) in found.items()]
    return tuple(sorted(fixes, key=lambda fix: not fix.must))
