"""How much a person's own skin wanders: what their untreated days say, for every zone and measure.

Every shot of an untreated day is read against one and the same photo, as a change is. The readings of a day share that day's
light and skin, so days tell σ_session and shots within a day tell σ_shot only (`change.spread_from`): no number of shots stands
in for a second day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from needlewise.errors import InputError
from needlewise.measure.change import Spread, spread_from
from needlewise.said import join, say

if TYPE_CHECKING:
    from needlewise.measure.comparison import Comparison

FEWEST_DAYS = 2
MOST_DAYS = 20


@dataclass(frozen=True)
class Own:
    """Readings of untreated days by (zone, measure): one tuple of shots a day. Empty: the defaults stand.

    `notes` say which shots could not be used, and why.
    """

    levels: Mapping[tuple[str, str], tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def spread(self, zone: str, what: str, default: Spread) -> Spread:
        """Return the spread of one measure in one zone: from two days on their own, held together with the default."""
        days = self.levels.get((zone, what), ())
        return spread_from(days if len(days) >= FEWEST_DAYS else (), days if len(days) < FEWEST_DAYS else (), default)


NOBODYS = Own()


def untreated_days(days: Sequence[Sequence[str | Path]], read: Callable[[str | Path], Comparison]) -> Own:
    """Read every shot of the untreated days.

    Parameters
    ----------
    days : sequence of sequences of paths
        The shots of each day on which nothing had been done yet; at least two days.
    read : callable
        From one shot to its comparison with the photo that all are read against.

    Raises
    ------
    InputError
        Fewer than two days, two that were photographed on one date, or a photo that cannot be opened.
    """
    if not FEWEST_DAYS <= len(days) <= MOST_DAYS:
        allowed = say("{least} to {most} days", least=FEWEST_DAYS, most=MOST_DAYS)
        raise InputError("untreated", f"{len(days)} day{'s' * (len(days) != 1)}", allowed,
                         "give --untreated once for each day, with all its shots")  # fmt: skip
    levels: dict[tuple[str, str], list[list[float]]] = {}
    notes: list[str] = []
    dates: dict[str, int] = {}
    for number, shots in enumerate(days):
        here: dict[tuple[str, str], list[float]] = {}
        for shot in shots:
            found = read(shot)
            taken = found.after.photo.meta.taken
            if taken and dates.setdefault(taken.date().isoformat(), number) != number:
                raise InputError("untreated", taken.date().isoformat(), "another date for each day",
                                 "put all shots of one date into one --untreated")  # fmt: skip
            for c in found.changes:
                if c.difference is not None:
                    here.setdefault((c.zone, c.what), []).append(c.difference)
            if all(c.difference is None for c in found.changes):
                reasons = join(found.comparable["redness"].reasons, "; ")
                notes.append(say("An untreated shot was not used ({name}): {reasons}.", name=Path(shot).name, reasons=reasons))
        for key, values in here.items():
            levels.setdefault(key, []).append(values)
    short = sorted({what for (_, what), read_days in levels.items() if len(read_days) < FEWEST_DAYS})
    if short:
        notes.append(say("Fewer than {days} untreated days could be read for {measures}: the default stands.",
                         days=FEWEST_DAYS, measures=join(short, ", ")))  # fmt: skip
    return Own({key: tuple(map(tuple, read_days)) for key, read_days in levels.items()}, tuple(notes))
