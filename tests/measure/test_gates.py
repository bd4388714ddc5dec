"""Every factor that can make two photos incomparable, one at a time: a verdict for each measure, and why with the fix."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from needlewise.measure.align import Alignment, unmoved
from needlewise.measure.comparable import COMPARABLE, NOT_COMPARABLE, WIDER
from needlewise.measure.gates import MEASURES, Shot, judge_pair
from needlewise.measure.pair import open_shot
from needlewise.measure.quality import Reason

COLOUR = ("redness", "pigment", "spots", "blemishes")
FINE = ("spots", "blemishes", "texture")
SESSION = dt.date(2026, 4, 4)  # two days before the second photo


@pytest.fixture(scope="module")
def shot(drawn_days: tuple[list[Path], list[Path]]) -> Shot:
    found = open_shot(drawn_days[0][0])
    meta = replace(found.photo.meta, camera="Phone A", focal35_mm=26.0, flash=False, white_balance="auto")
    return replace(found, photo=replace(found.photo, meta=meta), quality=replace(found.quality, reasons=()))


@pytest.fixture(scope="module")
def still(shot: Shot) -> Alignment:
    return unmoved(shot.photo.shape)


def meta(**changes: Any) -> Callable[[Shot], Shot]:
    return lambda s: replace(s, photo=replace(s.photo, meta=replace(s.photo.meta, **changes)))


def face(**changes: Any) -> Callable[[Shot], Shot]:
    return lambda s: replace(s, face=replace(s.face, **changes))


def light(**changes: float) -> Callable[[Shot], Shot]:
    return lambda s: replace(s, light=replace(s.light, **changes))


def value(name: str, change: Callable[[float], float]) -> Callable[[Shot], Shot]:
    return lambda s: replace(s, quality=replace(s.quality, values={**s.quality.values, name: change(s.quality.values[name])}))


def wrong(what: str, must: bool) -> Callable[[Shot], Shot]:
    reason = Reason(what, "it is not right", "make it right", must)
    return lambda s: replace(s, quality=replace(s.quality, reasons=(reason,)))


def smile(by: float) -> Callable[[Shot], Shot]:
    return lambda s: face(blendshapes={**s.face.blendshapes, "mouthSmileLeft": s.face.blendshapes["mouthSmileLeft"] + by})(s)


def nearer(by: float) -> Callable[[Shot], Shot]:
    return lambda s: face(points=s.face.points * by, z=s.face.z * by)(s)


def turned(by: float) -> Callable[[Shot], Shot]:
    return lambda s: face(pose=(s.face.pose[0] + by, *s.face.pose[1:]))(s)


CASES: dict[str, tuple[Callable[[Shot], Shot], tuple[str, ...], str, str]] = {
    "pose": (turned(10), MEASURES, WIDER, "look into the lens"),
    "pose, far": (turned(20), MEASURES, NOT_COMPARABLE, "look into the lens"),
    "scale": (nearer(1.4), MEASURES, WIDER, "same distance"),
    "scale, far": (nearer(2), MEASURES, NOT_COMPARABLE, "same distance"),
    "clipped": (wrong("too-bright", False), MEASURES, WIDER, "make it right"),
    "clipped, much": (wrong("too-bright", True), MEASURES, NOT_COMPARABLE, "make it right"),
    "dark": (wrong("too-dark", True), MEASURES, NOT_COMPARABLE, "make it right"),
    "cut off": (wrong("cut-off", True), MEASURES, NOT_COMPARABLE, "make it right"),
    "sharpness": (value("blur_mm", lambda v: (v**2 + 0.6**2) ** 0.5), FINE, WIDER, "wipe the lens"),
    "sharpness, much": (value("blur_mm", lambda v: v + 2), FINE, NOT_COMPARABLE, "wipe the lens"),
    "exposure": (value("median_luminance", lambda v: v / 4), MEASURES, WIDER, "set the exposure"),
    "exposure, far": (value("median_luminance", lambda v: v / 10), MEASURES, NOT_COMPARABLE, "set the exposure"),
    "camera": (meta(camera="Phone B"), MEASURES, WIDER, "same phone"),
    "lens": (meta(focal35_mm=52.0), MEASURES, WIDER, "same lens"),
    "lens, far": (meta(focal35_mm=120.0), MEASURES, NOT_COMPARABLE, "same lens"),
    "flash": (meta(flash=True), MEASURES, NOT_COMPARABLE, "switch it off"),
    "white balance": (value("tint_bg_stops", lambda v: v - 1), COLOUR, WIDER, "white balance"),
    "white balance, far": (value("tint_bg_stops", lambda v: v - 3), COLOUR, NOT_COMPARABLE, "white balance"),
    "light's direction": (light(azimuth_deg=32.0), COLOUR, WIDER, "same window"),
    "light's direction, far": (light(azimuth_deg=70.0), MEASURES, NOT_COMPARABLE, "same window"),
    "light's softness": (light(softness=0.99), COLOUR, WIDER, "same light"),
    "expression": (smile(0.3), ("texture",), WIDER, "lips closed"),
    "expression, far": (smile(0.6), ("texture",), NOT_COMPARABLE, "lips closed"),
    "grey": (meta(grey=True), COLOUR, NOT_COMPARABLE, "in colour"),
}


def test_a_photo_against_itself(shot: Shot, still: Alignment) -> None:
    assert {one.verdict for one in judge_pair(shot, shot, still, False).values()} == {COMPARABLE}


@pytest.mark.parametrize("case", CASES)
def test_one_factor(shot: Shot, still: Alignment, case: str) -> None:
    change, measures, verdict, fix = CASES[case]
    before = light(softness=0.2, azimuth_deg=0.0, elevation_deg=0.0)(shot) if case.startswith("light") else shot
    found = judge_pair(before, change(before), still, False)
    for name in measures:
        assert found[name].verdict == verdict, (name, found[name])
        assert any(fix in reason for reason in found[name].reasons), (name, found[name].reasons)
        assert verdict == NOT_COMPARABLE or found[name].width_factor > 1
    swapped = judge_pair(change(before), before, still, False)
    assert {name: one.verdict for name, one in swapped.items()} == {name: one.verdict for name, one in found.items()}


def test_what_a_factor_leaves_alone(shot: Shot, still: Alignment) -> None:
    """Blur leaves zone colours alone, white balance leaves lines alone, and a small smile leaves colour alone."""
    blurred = judge_pair(shot, CASES["sharpness, much"][0](shot), still, False)
    assert blurred["redness"].verdict == blurred["pigment"].verdict == COMPARABLE
    assert judge_pair(shot, CASES["white balance, far"][0](shot), still, False)["texture"].verdict == COMPARABLE
    assert judge_pair(shot, CASES["expression"][0](shot), still, False)["redness"].verdict == COMPARABLE


def test_alignment(shot: Shot, still: Alignment) -> None:
    loose = replace(still, error_px=1.5 / shot.face.mm_per_px[0])
    assert {one.verdict for one in judge_pair(shot, shot, loose, False).values()} == {WIDER}
    lost = judge_pair(shot, shot, replace(still, error_px=4 / shot.face.mm_per_px[0]), False)
    assert {one.verdict for one in lost.values()} == {NOT_COMPARABLE}
    assert "fit together only to" in lost["redness"].reasons[0]


def test_make_up_is_asked(shot: Shot, still: Alignment) -> None:
    assert {one.verdict for one in judge_pair(shot, shot, still, True).values()} == {NOT_COMPARABLE}
    assert {one.verdict for one in judge_pair(shot, shot, still, None).values()} == {COMPARABLE}


@pytest.mark.parametrize(("days", "counts"), [(0, True), (2, True), (3, True), (4, False), (-1, False)])
def test_days_since_the_last_session(shot: Shot, still: Alignment, days: int, counts: bool) -> None:
    after = meta(taken=dt.datetime.combine(SESSION + dt.timedelta(days=days), dt.time(9)))(shot)
    before = meta(taken=dt.datetime(2026, 1, 5, 9))(shot)
    found = judge_pair(before, after, still, False, SESSION)
    for name in MEASURES:
        expected = (WIDER if name in ("redness", "blemishes") else NOT_COMPARABLE) if counts else COMPARABLE
        assert found[name].verdict == expected, name
        assert not counts or any("session" in reason for reason in found[name].reasons)


def test_unknown_facts_do_not_count(shot: Shot, still: Alignment) -> None:
    bare = meta(camera=None, focal35_mm=None, focal_mm=None, flash=None, taken=None)(shot)
    blank = replace(bare, quality=replace(bare.quality, values={}))
    assert {one.verdict for one in judge_pair(shot, blank, still, False, SESSION).values()} == {COMPARABLE}
