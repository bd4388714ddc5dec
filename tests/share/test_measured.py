"""A comparison as text: the answer first, each fix once, and numbers only where there are any."""

from dataclasses import replace

from needlewise.measure.comparison import Comparison
from needlewise.measure.texture import UNDERSTATES
from needlewise.share import words
from needlewise.share.measured import WIDTH, comparison_json, comparison_text

REASONS = ("the light came 45° elsewhere: face the same window or lamp", "the head was turned 16° more: look into the lens")


def refused(found: Comparison, *names: str) -> Comparison:
    """Return the comparison with some measures refused, for reasons that concern different ones."""
    gates = {
        name: replace(gate, verdict="not comparable", reasons=REASONS if name != "texture" else REASONS[1:])
        if name in names else gate
        for name, gate in found.comparable.items()
    }  # fmt: skip
    none = {"difference": None, "low": None, "high": None, "smallest_detectable": None, "verdict": "not comparable"}
    changes = tuple(
        replace(c, **none, basis="; ".join(REASONS)) if c.what in names else c for c in found.changes
    )  # fmt: skip
    return replace(found, comparable=gates, changes=changes, spots=())


def test_the_answer_comes_before_the_numbers(drawn_comparison: Comparison) -> None:
    text = comparison_text(drawn_comparison)
    assert text.startswith("A real change: better in some places, worse in others.")
    assert text.index("right cheek (redness") < text.index("May these photos be compared?") < text.index("smallest detectable")
    assert " ".join(UNDERSTATES.split()) in " ".join(text.split())
    assert UNDERSTATES in comparison_json(drawn_comparison)["notes"]


def test_each_fix_stands_once_with_what_it_concerns(drawn_comparison: Comparison) -> None:
    everything = tuple(drawn_comparison.comparable)
    text = comparison_text(refused(drawn_comparison, *everything))
    assert text.count("Face the same window or lamp") == text.count("Look into the lens") == 1
    flat = " ".join(text.split())
    assert "(the head was turned 16° more; for everything)" in flat and "for redness, pigment, spots, blemishes)" in flat
    assert "What changed" not in text and "may not be compared" in text
    some = comparison_text(refused(drawn_comparison, "texture"))
    assert "What changed" in some and "Look into the lens" in some
    assert all(len(line) <= WIDTH for line in text.splitlines())


def test_what_rules_out_comes_first(drawn_comparison: Comparison) -> None:
    gates = {
        "redness": replace(drawn_comparison.comparable["redness"], verdict="comparable with a wider interval", reasons=("a: b",)),
        "texture": replace(drawn_comparison.comparable["texture"], verdict="not comparable", reasons=("c: d: e", "only this")),
    }
    found = words.fixes(gates)
    assert [(fix.do, fix.why, fix.out) for fix in found] == [
        ("E", "c: d", True), ("Only this", "only this", True), ("B", "a", False),
    ]  # fmt: skip
    assert found[0].concerns == "for texture"
