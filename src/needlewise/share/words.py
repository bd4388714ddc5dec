"""Measuring in plain words: places, measures, verdicts and the terms behind them, for every surface that shows a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from needlewise.measure.change import VERDICTS, Change
from needlewise.said import say

if TYPE_CHECKING:  # they load numpy, and words need none
    from needlewise.measure.absolute import AbsoluteLine
    from needlewise.measure.comparison import Comparison
    from needlewise.measure.gates import Comparable

REFUSED = VERDICTS[-1]
# What better and worse mean for a measure, and what an unchanged one is called
MEANS = {
    "redness": ("less red", "redder"),
    "pigment": ("less brown", "browner"),
    "spots": ("dark spots paler", "dark spots darker"),
    "blemishes": ("blemishes less red", "blemishes redder"),
    "texture": ("fewer or shallower lines", "more or deeper lines"),
}
CARD = (
    "a* rises with redness, ITA falls with pigment; 95 % intervals of what card and camera add; how your skin varies from day to "
    "day comes on top"
)
MARKS = {"better": "✓", "worse": "!", "no detectable change": "=", "too early": "◷", "not comparable": "✕",
         "comparable": "✓", "comparable with a wider interval": "≈"}  # fmt: skip
GLOSSARY = (
    ("interval", "The range that holds the true change in 95 of 100 such comparisons. If it holds 0, chance may explain it."),
    ("smallest detectable change", "How large a change must be to be told from chance, with these photos. Three shots a "
     "day and two untreated days make it smaller."),
    ("no detectable change", "Not the same as “nothing happened”: a smaller change than the smallest detectable stays hidden."),
    ("too early", "It is before the date from which a result can be expected, or the photos are too close together."),
    ("not comparable", "Light, pose, camera or make-up differ so much that a number would be about them, not your skin."),
    ("redness, 100·log10(R/G)", "How much more red than green light comes back from the skin; blood takes green away. "
     "One unit is a 2.3 % change of that ratio."),
    ("pigment, 100·log10", "How much blue the skin takes away, freed of what blood takes. One unit is a 2.3 % change."),
    ("spots, 100·log10", "How much darker the dark spots of a place are than the skin around them, on average over all places "
     "that are dark in either photo: spots that are gone and new ones count too."),
    ("blemishes", "Redness of the reddest hundredth of a zone against the skin around it."),
    ("texture, %", "How lined the skin looks in the picture, after the light's slow changes are taken out."),
)  # fmt: skip


def place(zone: str) -> str:
    """Return a zone as a person says it: "cheek-right" is "right cheek", the person's own right."""
    name, _, side = zone.rpartition("-")
    words = f"{side} {name}" if side in ("left", "right") else say("whole face") if zone == "face" else zone
    return words.replace("-", " ")


def title(text: str) -> str:
    """Return the text with its first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def signed(value: float | None, digits: int = 1) -> str:
    """Return a change with its sign, "0.0" when it rounds to nothing and "–" when there is none."""
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}"
    return (text[1:] if float(text) == 0 else text).replace("-", "−")


def meaning(change: Change) -> str:
    """Return the verdict in words that say what it means for this measure."""
    words = MEANS.get(change.what)
    if words is None or change.verdict not in ("better", "worse"):
        return change.verdict
    return f"{change.verdict}: {words[change.verdict == 'worse']}"


def in_short(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Return (verdict, where and what) in the order of the vocabulary, for each verdict that occurs."""
    out = []
    for verdict in VERDICTS:
        zones: dict[str, list[str]] = {}
        for c in changes:
            if c.verdict == verdict:
                zones.setdefault(c.zone, []).append(c.what)
        if zones:
            out.append((verdict, "; ".join(f"{place(zone)} ({', '.join(whats)})" for zone, whats in zones.items())))
    return out


class Fix(NamedTuple):
    """One thing to do next time, why, what it concerns, and whether a measure it concerns may not be compared at all."""

    do: str
    why: str
    concerns: str
    out: bool


def fixes(comparable: Mapping[str, Comparable]) -> list[Fix]:
    """Return what to do next time, each once, what concerns a measure that is refused first."""
    found: dict[str, tuple[list[str], bool]] = {}
    for what, gate in comparable.items():
        for reason in gate.reasons:
            whats, out = found.get(reason, ([], False))
            found[reason] = ([*whats, what], out or gate.verdict == REFUSED)
    lines = []
    for reason, (whats, out) in found.items():
        why, _, fix = reason.rpartition(": ")
        concerns = "for everything" if len(whats) == len(comparable) else f"for {', '.join(whats)}"
        lines.append(Fix(title(fix), why or fix, concerns, out))
    return sorted(lines, key=lambda line: not line.out)


def measured(found: Comparison) -> bool:
    """Tell whether anything may be said about a change at all."""
    return not found.too_soon and any(c.verdict != REFUSED for c in found.changes)


def fit(found: Comparison) -> str:
    """Return how far the light moved and how well the photos lie over each other."""
    light = "Where the light came from is read only from a face" if found.light_deg is None else (
        f"The light moved by {found.light_deg:.0f}°"
    )  # fmt: skip
    return f"{light}; the photos fit together to about {found.error_px:.1f} pixels."


def absolute(line: AbsoluteLine) -> str:
    """Return one absolute measure before and after, with 95 % intervals."""
    unit = "°" if line.unit == "degrees" else ""
    sides = (f"{value:.1f}{unit} ± {1.96 * sd:.1f}" for value, sd in ((line.before, line.before_sd), (line.after, line.after_sd)))
    change, low, high = (signed(value) for value in (line.difference, line.low, line.high))
    return f"{place(line.zone)}, {line.what}: {' → '.join(sides)}; change {change} ({low} to {high}){unit}"


def area(mm2: float | None, px: float) -> str:
    """Return an area in mm², or in pixels where the scale is not known."""
    return f"{px:.0f} px" if mm2 is None else f"{mm2:.1f} mm²"


def headline(found: Comparison) -> str:
    """Return one sentence that answers "is the change real?"."""
    if found.too_soon:
        return found.too_soon
    verdicts = [c.verdict for c in found.changes]
    if all(v == REFUSED for v in verdicts):
        return "These photos may not be compared: what to do next time stands below."
    if "too early" in verdicts:
        return "It is too early to tell."
    real = [v for v in ("better", "worse") if v in verdicts]
    if not real:
        return "No change that can be told from chance."
    return f"A real change: {' in some places, '.join(real)}{' in others' if len(real) > 1 else ''}."
