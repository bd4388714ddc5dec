"""A comparison as one page: the answer first, then what to do, the pictures, and how sure it is."""

from __future__ import annotations

from html import escape

from needlewise.knowledge import table
from needlewise.measure.change import Change
from needlewise.measure.comparable import NOT_COMPARABLE
from needlewise.measure.comparable import VERDICTS as COMPARABILITY
from needlewise.measure.comparison import Comparison
from needlewise.measure.pictures import Picture, Pictures, encoded
from needlewise.measure.texture import UNDERSTATES
from needlewise.share import words
from needlewise.share.drawn import amount_legend, change_legend, zone_overlay
from needlewise.share.interval_chart import interval_chart
from needlewise.share.measured import WAY_ON
from needlewise.share.page import SCRIPT, data_address, figure, page, section, slider

KINDS = {"better": "better", "worse": "worse", "too early": "waits", "not comparable": "out"}
MAPS = (("redness", "paler", "redder"), ("pigment", "lighter", "browner"))
LINES = (
    "Thin dark lines show where the picture is darker along a stretch than on both sides, only where the light stayed steady. "
    "Against lines a person marked, about half are right, which is as far as two people agree; hairs and folds are drawn too. "
    "They are for looking at: their number and length say nothing."
)
PARTS = (
    "These are pictures, not measurements. Three colours are taken apart into blood and pigment by a simple model of skin; "
    "cameras mix the two, so a little of each shows in the other. Both days share one scale: darker is more. "
    "Nothing is counted from them."
)
OWN_SIDES = (
    "Left and right in words are your own: your right cheek is on the left of the picture, unless the phone saved a mirror image."
)
MOST_SPOTS = 12
WAIT = (
    "What needling does to skin takes weeks to months. Between two photos so close together only light, sleep and chance differ, "
    f"and looking at every flaw every few days does nobody good: the wait is our own choice. {WAY_ON}"
)


def comparison_html(found: Comparison) -> str:
    """Return the page: self-contained, nothing is fetched."""
    pictures = Pictures(found)
    if found.too_soon:
        rest = section("May they be compared later?", _advice(found)) + section("Why no numbers?", f"<p>{WAIT}</p>{glossary()}")
        return page("Before and after", f"<h1>It is too early to look</h1>{_top(found)}{rest}")
    refused = not words.measured(found)
    advice = section("What to do next time" if refused else "May they be compared?", _advice(found))
    answer = "" if refused else section("Zone by zone", _cards(found))
    body = [
        "<h1>Is the change real?</h1>",
        _top(found),
        advice if refused else answer,
        section("Before and after, laid over each other", _slider(pictures, found.light_deg is not None)),
        "" if refused else advice,
        section("Where the colour changed", _maps(found, pictures)),
        section("Lines", _lines(pictures)),
        section("Blood and pigment apart", _parts(found, pictures)),
        section("Dark spots, one by one", _spots(found)),
        section("Colour by the card", _card_colour(found)),
        section("How sure is this?", _sure(found)),
    ]
    return page("Before and after", "".join(body), SCRIPT)


def badge(verdict: str) -> str:
    """Return a verdict with its mark, told apart by word, mark and border, not by colour alone."""
    mark = words.MARKS.get(verdict, "")
    return f'<span class="badge {KINDS.get(verdict, "calm")}"><span aria-hidden="true">{mark}</span> {escape(verdict)}</span>'


def glossary() -> str:
    """Return the terms, folded."""
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in words.GLOSSARY)
    return f"<details><summary>What the words mean</summary><dl>{terms}</dl></details>"


def _address(picture: Picture) -> str:
    return data_address(encoded(picture, ".jpg"))


def _top(found: Comparison) -> str:
    short = "".join(f"<li>{badge(verdict)} {escape(where)}</li>" for verdict, where in words.in_short(found.changes))
    short = short if words.measured(found) else ""
    taken = [shot.photo.meta.taken for shot in (found.before, found.after)]
    days = f'<p class="soft">{taken[0]:%Y-%m-%d} and {taken[1]:%Y-%m-%d}.</p>' if taken[0] and taken[1] else ""
    return f'<section><p class="big">{escape(words.headline(found))}</p>{days}<ul>{short}</ul></section>'


def _cards(found: Comparison) -> str:
    general = {"; ".join(gate.reasons) for gate in found.comparable.values()}
    cards = ""
    for zone in dict.fromkeys(c.zone for c in found.changes):
        rows = "".join(_row(c, general) for c in found.changes if c.zone == zone)
        cards += f"<article><h3>{escape(words.title(words.place(zone)))}</h3>{rows}</article>"
    return f'<div class="cards">{cards}</div>'


def _row(c: Change, general: set[str]) -> str:
    """Return one measure of one zone; reasons that hold for all zones stand elsewhere on the page."""
    head = f"<p><strong>{escape(words.title(c.what))}</strong> {badge(c.verdict)}</p>"
    if c.difference is None or c.low is None or c.high is None:
        why = "The photos differ too much for this: see “May they be compared?”" if c.basis in general else words.title(c.basis)
        return f'<div class="row">{head}<p class="soft">{escape(why)}.</p></div>'
    means = words.meaning(c).partition(": ")[2]
    said = f"<p>{escape(words.title(means))}.</p>" if means else ""
    change, low, high = (words.signed(v) for v in (c.difference, c.low, c.high))
    numbers = f"{change} ({low} to {high}) {c.unit}; smallest detectable {c.smallest_detectable:.1f}"
    more = '<p class="soft">Understates a change in relief about threefold.</p>' if c.what == "texture" else ""
    return f'<div class="row">{head}{said}{interval_chart(c)}<p class="numbers">{escape(numbers)}</p>{more}</div>'


def _slider(pictures: Pictures, sides: bool) -> str:
    before, after = pictures.aligned
    overlay = zone_overlay(pictures.outlines(), before.shape[1], before.shape[0])
    return (
        slider(_address(before), _address(after), overlay)
        + '<label class="switch"><input type="checkbox" checked> Show the zones</label>'
        + (f'<p class="soft">{OWN_SIDES}</p>' if sides else "")
    )


def _advice(found: Comparison) -> str:
    gates = ""
    for verdict in COMPARABILITY:
        whats = [name for name, c in found.comparable.items() if c.verdict == verdict]
        gates += f"<li>{badge(verdict)} {escape(', '.join(whats))}</li>" if whats else ""
    todo = "".join(
        f"<li><strong>{escape(fix.do)}</strong> <span class='soft'>({escape(fix.why)}; {escape(fix.concerns)}).</span></li>"
        for fix in words.fixes(found.comparable)
    )
    fit = words.fit(found)
    return (f"<ol>{todo}</ol>" if todo else "") + f"<ul>{gates}</ul><p class='soft'>{escape(fit)}</p>"


def _maps(found: Comparison, pictures: Pictures) -> str:
    shown = ""
    for what, less, more in MAPS:
        if found.comparable[what].verdict == NOT_COMPARABLE:
            continue
        made = pictures.change(what)
        unit = next(c.unit for c in found.changes if c.what == what)
        says = f"{words.title(what)}, after minus before. By itself such a map wanders by about {made.wander:.1f} (one SD)."
        legend = change_legend(made.full, less, more, unit)
        shown += figure(_address(made.picture), says, f"Map of the change in {what}", legend)
    if not shown:
        return ""
    note = "A map shows where to look. Whether a change is real is told by a zone's interval, not by the colour of a patch."
    return f'<div class="two">{shown}</div><p class="soft">{note} The change that all skin shares is taken off first.</p>'


def _lines(pictures: Pictures) -> str:
    if pictures.lines is None:
        return ""
    before, after = (_address(p) for p in pictures.lines)
    both = figure(before, "Before", "Lines drawn on the face before") + figure(after, "After", "Lines drawn on the face after")
    return f'<div class="two side">{both}</div><p class="soft">{LINES}</p>'


def _parts(found: Comparison, pictures: Pictures) -> str:
    if found.comparable["redness"].verdict == NOT_COMPARABLE:
        return ""
    shown = ""
    for part in ("haemoglobin", "melanin"):
        before, after = (_address(p) for p in pictures.separated(part))
        both = figure(before, "Before", f"{part} before") + figure(after, "After", f"{part} after")
        colour = "blood's colour" if part == "haemoglobin" else "pigment"
        shown += f'<h3>{words.title(part)} ({colour})</h3><div class="two side">{both}</div>{amount_legend(part)}'
    return f"{shown}<p class='soft'>{PARTS}</p>"


def _spots(found: Comparison) -> str:
    rows = "".join(
        f"<tr><td>{escape(words.place(s.zone))}</td>"
        f"<td>{s.contrast_before:.1f} → {s.contrast_after:.1f} (± {1.96 * s.sd:.1f})</td>"
        f"<td>{words.area(s.area_before_mm2, s.area_before_px)} → {words.area(s.area_after_mm2, s.area_after_px)}</td></tr>"
        for s in found.spots[:MOST_SPOTS]
    )
    if not rows:
        return ""
    more = f" The first {MOST_SPOTS} of {len(found.spots)}." if len(found.spots) > MOST_SPOTS else ""
    return (
        "<table><tr><th>Where</th><th>Contrast, 100·log10 (± of the change)</th><th>Area</th></tr>"
        f"{rows}</table><p class='soft'>Each spot is found in either photo and read in both. Creases may be taken for spots."
        f"{more} {escape(table('zones')['mole'].message)}</p>"
    )


def _card_colour(found: Comparison) -> str:
    lines = "".join(f"<li>{escape(words.title(words.absolute(line)))}</li>" for line in found.absolute)
    return f"<ul>{lines}</ul><p class='soft'>{escape(words.title(words.CARD))}.</p>" if lines else ""


def _sure(found: Comparison) -> str:
    bases = dict.fromkeys(f"{words.title(c.what)}: {c.basis}." for c in found.changes if c.difference is not None)
    texture = [UNDERSTATES] if words.measured(found) else []
    lines = "".join(f"<li>{escape(line)}</li>" for line in (*bases, *texture, *found.notes))
    return f"<ul>{lines}</ul>{glossary()}<p class='soft'>This measures pictures. It is no diagnosis.</p>"
