"""Looking again sooner than skin can change is gently refused.

A number made then would be about chance, and looking closely and often at one's own skin does nobody good. So no numbers, maps or
sliders are shown until `change.DAYS_APART` days lie between the photos (our own choice); whether the photos may be compared is
still said. Who has a reason goes on with `anyway`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from needlewise.measure.change import too_soon
from needlewise.said import say

if TYPE_CHECKING:
    from needlewise.measure.comparison import Comparison

TOO_EARLY, NOT_COMPARABLE = "too early", "not comparable"


def hold_back(found: Comparison) -> Comparison:
    """Return the comparison without its numbers if its photos, by their own dates, were taken too close together.

    Photos that do not say when they were taken are not held back: nobody knows. Nor is a photo against itself.
    """
    taken = [shot.photo.meta.taken for shot in (found.before, found.after)]
    if taken[0] is None or taken[1] is None:
        return found
    if taken[0] == taken[1]:
        note = say("Both photos were taken in the same second: are they the same photo?")
        return replace(found, notes=(*found.notes, note))
    wait = too_soon(min(taken[0], taken[1]).date(), max(taken[0], taken[1]).date())
    if not wait:
        return found
    changes = tuple(
        c if c.verdict == NOT_COMPARABLE else
        replace(c, difference=None, low=None, high=None, smallest_detectable=None, verdict=TOO_EARLY, basis=wait)
        for c in found.changes
    )  # fmt: skip
    return replace(found, changes=changes, spots=(), absolute=(), too_soon=wait)
