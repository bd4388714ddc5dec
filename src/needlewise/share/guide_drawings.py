"""Small drawings for the capture guide, as SVG text that takes its colour from the text around it."""

from __future__ import annotations

import math
from html import escape

WIDE, TALL = 320, 190
LAMP = "#ffd75e"
ANGLE = 55  # degrees: the middle of where the raking lamp belongs


def window() -> str:
    """Return a person seen from above, facing a window, with the phone between."""
    rays = "".join(f"M{x} 26v34m-4 -8l4 8l4 -8" for x in (90, 125, 195, 230))
    return _drawing(
        "Seen from above: a window, the phone in front of it, and you facing both",
        f'<path d="M60 16H260M60 24H260M126 16v8M194 16v8" {_line(2)}/>{_text(286, 25, "window")}'
        f'<path d="{rays}" {_line(1.5, 0.6)}/>{_phone_above(160, 66)}{_text(214, 74, "phone", "start")}'
        f'<path d="M160 76v48" {_line(1, 0.6)} stroke-dasharray="4 4"/>{_head_above(160, 150)}{_text(214, 155, "you", "start")}',
    )


def distance() -> str:
    """Return a face from the side and a phone at eye height, half a metre away."""
    profile = (
        "M74 40c-30 0 -46 22 -46 52c0 26 12 44 30 54l2 26h42l-2 -26c16 0 22 -8 20 -20l4 -8l-4 -6l6 -4l-4 -6l12 -8l-14 -24"
        "c0 -18 -18 -30 -46 -30z"
    )
    return _drawing(
        "From the side: the phone at the height of your eyes, 50 cm away",
        f'<path d="{profile}" {_line(2)}/><circle cx="112" cy="84" r="4" fill="currentColor"/>'
        f'<path d="M120 84H262" {_line(1, 0.6)} stroke-dasharray="4 4"/>'
        f'<rect x="264" y="54" width="10" height="60" rx="3" {_line(2)}/>'
        f'<circle cx="263" cy="84" r="3" fill="currentColor"/>'
        f'<path d="M138 134H264M138 134l8 -4m-8 4l8 4M264 134l-8 -4m8 4l-8 4" {_line(1.5)}/>{_text(201, 152, "50 cm, an arm")}',
    )


def face() -> str:
    """Return a bare, relaxed face in the frame of a phone; beside it what is left off."""
    flash = "M262 108l-16 26h12l-6 22l20 -28h-13z"
    return _drawing(
        "A bare, relaxed face, whole in the picture; glasses and flash crossed out",
        f'<rect x="60" y="8" width="112" height="174" rx="12" {_line(2)}/>{_face_front(116, 98, 1.5)}'
        f'<circle cx="240" cy="52" r="14" {_line(2)}/><circle cx="278" cy="52" r="14" {_line(2)}/>'
        f'<path d="M254 52h10" {_line(2)}/>'
        f'{_cross(259, 52, 34)}<path d="{flash}" {_line(2)}/>{_cross(259, 132, 30)}',
    )


def shots() -> str:
    """Return three pictures of one face, the phone put down in between."""
    frames = "".join(
        f'<rect x="{x}" y="26" width="64" height="104" rx="8" {_line(2)}/>{_face_front(x + 32, 78, 0.85)}' for x in (16, 128, 240)
    )
    downs = "".join(f'<path d="M{x} 60q16 42 32 0m-8 3l8 -3l2 8" {_line(1.5)}/>{_text(x + 16, 104, "down")}' for x in (88, 200))
    return _drawing(
        "Three shots, the phone put down between them",
        frames + downs + "".join(_text(x + 32, 152, str(n)) for n, x in enumerate((16, 128, 240), 1)),
    )


def days() -> str:
    """Return the order of days: two untreated ones, the session, at least four weeks, the review."""
    boxes = "".join(
        f'<rect x="{x}" y="42" width="62" height="58" rx="6" {_line(2)}/>{_text(x + 31, 66, top)}{_text(x + 31, 84, "3 shots")}'
        for x, top in ((10, "day 1"), (80, "day 2"), (248, "review"))
    )
    needle = "M176 46v34m-10 -34h20m-10 34l-3 8h6z"
    return _drawing(
        "Two days before anything is done, three shots each; then the session; then the review, 28 days later or more",
        f'{boxes}<path d="{needle}" {_line(2)}/>{_text(176, 112, "session")}<path d="M196 71H240m-7 -4l7 4l-7 4" {_line(1.5)}/>'
        f'{_text(76, 128, "nothing done yet")}<path d="M12 110q64 10 128 0" {_line(1, 0.6)}/>'
        f'<path d="M176 142H279M176 138v8M279 138v8" {_line(1.5)}/>{_text(228, 162, "28 days or more")}',
    )


def raking() -> str:
    """Return a dark room from above: the phone straight ahead, one lamp 50 to 60° to the left, then to the right."""
    x, y, far = 160, 150, 118
    lamps = ""
    for sign, number in ((-1, 1), (1, 2)):
        turn = math.radians(ANGLE)
        lx, ly = x + sign * far * math.sin(turn), y - far * math.cos(turn)
        dash = "" if number == 1 else ' stroke-dasharray="5 4"'
        ax, ay = x + sign * 52 * math.sin(turn), y - 52 * math.cos(turn)
        lamps += (
            f'<circle cx="{lx:.0f}" cy="{ly:.0f}" r="11" fill="{LAMP}" fill-opacity="{2 - number or 0.2}"/>'
            f'<path d="M{lx - sign * 11:.0f} {ly + 8:.0f}L{x + sign * 24} {y - 15}" stroke="{LAMP}" stroke-width="2"{dash}/>'
            f'<path d="M{x} {y - 52}A52 52 0 0 {1 if sign > 0 else 0} {ax:.0f} {ay:.0f}" stroke="#fff" fill="none"/>'
            f'<text x="{lx + sign * 6:.0f}" y="{ly - 18:.0f}" text-anchor="middle">{number}</text>'
            f'<text x="{x + sign * 40:.0f}" y="{y - 62}" text-anchor="middle">50–60°</text>'
        )
    return _drawing(
        "Seen from above in a dark room: the phone straight ahead; one lamp 50 to 60° to your left, then 50 to 60° to your right",
        f'<rect x="0" y="0" width="{WIDE}" height="{TALL}" rx="10" fill="#2b2723"/><g color="#fff" fill="#fff">'
        f'<path d="M{x} {y - 30}V34" stroke="#fff" stroke-dasharray="4 4"/>{_phone_above(x, 24)}{_head_above(x, y)}{lamps}'
        f'<text x="{x + 24}" y="32">phone</text></g>',
    )


def card() -> str:
    """Return a face with a colour card held beside it."""
    fields = "".join(
        f'<rect x="{196 + 16 * i}" y="{66 + 16 * j}" width="13" height="13" opacity="{0.12 + 0.07 * (i + 3 * j):.2f}"/>'
        for i in range(3)
        for j in range(4)
    )
    return _drawing(
        "A colour card beside the face, flat and in the same light",
        f'<rect x="60" y="8" width="200" height="174" rx="12" {_line(2)}/>{_face_front(126, 98, 1.4)}'
        f'<rect x="190" y="60" width="58" height="74" rx="4" {_line(2)}/>{fields}',
    )


def _drawing(says: str, inside: str) -> str:
    return (
        f'<svg class="drawing" viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{escape(says, quote=True)}" '
        f'font-family="sans-serif" font-size="13" fill="currentColor">{inside}</svg>'
    )


def _line(width: float, strength: float = 1) -> str:
    return f'fill="none" stroke="currentColor" stroke-width="{width:g}" stroke-opacity="{strength:g}" stroke-linejoin="round"'


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def _head_above(x: float, y: float) -> str:
    """Return a head from above that looks up the page."""
    nose = f"M{x - 6:g} {y - 25:g}L{x:g} {y - 35:g}L{x + 6:g} {y - 25:g}"
    ears = f"M{x - 22:g} {y - 4:g}q-8 4 0 10M{x + 22:g} {y - 4:g}q8 4 0 10"
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="22" ry="26" {_line(2)}/><path d="{nose}{ears}" {_line(2)}/>'


def _phone_above(x: float, y: float) -> str:
    return f'<rect x="{x - 18:g}" y="{y:g}" width="36" height="8" rx="3" {_line(2)}/><circle cx="{x:g}" cy="{y + 8:g}" r="2.5"/>'


def _face_front(x: float, y: float, size: float) -> str:
    """Return a relaxed face with its hair tied back."""

    def at(dx: float, dy: float) -> str:
        return f"{x + size * dx:.1f} {y + size * dy:.1f}"

    eyes = "".join(f'<circle cx="{x + side * size * 9:.1f}" cy="{y - size * 4:.1f}" r="{1.8 * size:.1f}"/>' for side in (-1, 1))
    brows = f"M{at(-14, -11)}L{at(-5, -12)}M{at(5, -12)}L{at(14, -11)}"
    hair = f"M{at(-22, -10)}C{at(-20, -34)} {at(20, -34)} {at(22, -10)}"
    jaw = f"M{at(-22, -10)}C{at(-22, 16)} {at(-10, 30)} {at(0, 30)}C{at(10, 30)} {at(22, 16)} {at(22, -10)}"
    shape = f"{jaw}C{at(18, -24)} {at(-18, -24)} {at(-22, -10)}"
    return (
        f'<path d="{shape}" {_line(2)}/><path d="{hair}" {_line(2.5)}/><path d="{brows}M{at(0, -3)}L{at(-3, 8)}L{at(1, 9)}'
        f'M{at(-7, 18)}L{at(7, 18)}" {_line(1.5)}/>{eyes}'
    )


def _cross(x: float, y: float, reach: float) -> str:
    return f'<path d="M{x - reach:g} {y - reach * 0.7:g}L{x + reach:g} {y + reach * 0.7:g}" {_line(3)}/>'
