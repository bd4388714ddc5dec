"""Untreated days: shots tell nothing about days, days change the interval; looking again too soon shows no numbers."""

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_face import Lamp, Skin, drawn_face, jpeg
from needlewise import cli
from needlewise.errors import InputError
from needlewise.measure.change import DEFAULTS, Spread, smallest_detectable, spread_from
from needlewise.measure.own import NOBODYS, Own, untreated_days
from needlewise.measure.pair import Comparison, compare
from needlewise.measure.patience import hold_back
from needlewise.measure.student import quantile

sds = st.just(0.0) | st.floats(1e-6, 5)
days_of = st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=6), min_size=2, max_size=6)


@given(sds, sds, st.integers(1, 400), st.integers(1, 400), st.floats(1, 60))
def test_shots_never_shrink_what_changes_between_days(session: float, shot: float, one: int, two: int, df: float) -> None:
    """However many shots: the smallest detectable change stays above t·√2·σ_session, and more shots never widen it."""
    found = smallest_detectable(session, shot, one, two, df)
    floor = quantile(0.975, df) * math.sqrt(2) * session
    assert found >= floor * (1 - 1e-12)
    assert smallest_detectable(session, shot, one + 1, two, df) <= found * (1 + 1e-12)
    assert smallest_detectable(session, shot, one * 1000, two * 1000, df) >= floor * (1 - 1e-12)


@given(days_of, st.integers(2, 5))
def test_repeating_shots_of_a_day_is_no_second_day(days: list[list[float]], times: int) -> None:
    """The same readings over and over leave the degrees of freedom alone and never make the days look steadier."""
    default = DEFAULTS["redness"]
    once, often = (spread_from([shots * n for shots in days], [], default) for n in (1, times))
    assert often.df == once.df == default.df + len(days) - 1
    same_shot = [spread_from([[sum(s) / len(s)] * n for s in days], [], replace(default, shot=0.0)).session for n in (1, times)]
    assert same_shot[1] >= same_shot[0] - 1e-9


@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=9), min_size=0, max_size=1))
def test_one_day_says_nothing_about_days(days: list[list[float]]) -> None:
    default = DEFAULTS["redness"]
    own = Own({("nose", "redness"): tuple(map(tuple, days))})
    found = own.spread("nose", "redness", default)
    assert found.session == default.session and found.df == default.df


def test_nobodys_days_leave_the_default_named() -> None:
    assert NOBODYS.spread("nose", "redness", DEFAULTS["redness"]) == DEFAULTS["redness"]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Three untreated days of a drawn face whose right cheek wanders a little, and a day after."""
    folder, out = tmp_path_factory.mktemp("untreated"), {}
    plan = {"2026-01-01": 0.0, "2026-01-03": 0.02, "2026-01-05": -0.01, "2026-04-05": 0.1}
    for number, (day, blood) in enumerate(plan.items()):
        for shot in range(2):
            picture = drawn_face(Skin(blood={"cheek-right": blood}), Lamp(number, 10 + shot), noise=10 * number + shot)
            path = folder / f"{day}-{shot}.jpg"
            path.write_bytes(jpeg(picture, f"{day} 09:30:00"))
            out.setdefault(day, []).append(path)
    return out


def change_of(found: Comparison, what: str = "redness") -> tuple[float, str]:
    (c,) = [c for c in found.changes if (c.zone, c.what) == ("cheek-right", what)]
    assert c.smallest_detectable is not None
    return c.smallest_detectable, c.basis


def test_own_days_are_named_and_change_the_interval(days: dict[str, list[Path]]) -> None:
    first, second, before, after = days.values()

    def read(shot: str | Path) -> Comparison:
        return compare(before[:1], [shot], ["cheek-right"], anyway=True)

    own = untreated_days([first, second[:1]], read)
    assert {key for key, levels in own.levels.items() if len(levels) == 2} >= {("cheek-right", "redness"), ("face", "texture")}
    plain, named = (change_of(compare(before[:1], after[:1], ["cheek-right"], own=o)) for o in (NOBODYS, own))
    assert "your own 2 untreated days" in named[1] and "not from your own skin" in plain[1]
    assert named[0] != plain[0]
    # a person whose days wander widely gets a wider interval, whatever the default says
    wild = Own({("cheek-right", "redness"): ((0.0, 0.1), (6.0, 6.1), (-5.0, -5.1))})
    assert change_of(compare(before[:1], after[:1], ["cheek-right"], own=wild))[0] > plain[0] * 1.5
    # days only widen what light alone does to texture
    lines = {("face", "texture"): ((0.0,), (0.0,))}
    wild_lines = {("face", "texture"): ((0.0,), (30.0,), (-30.0,))}
    halves = [
        next(c.smallest_detectable for c in compare(before[:1], after[:1], ["cheek-right"], own=o).changes if c.zone == "face")
        for o in (NOBODYS, Own(lines), Own(wild_lines))
    ]
    assert halves[0] is not None and halves[2] is not None
    assert halves[1] is not None and halves[1] >= halves[0] and halves[2] > 2 * halves[0]


def test_days_must_be_days(days: dict[str, list[Path]], drawn_comparison: Comparison) -> None:
    first, *_ = days.values()
    with pytest.raises(InputError, match="1 day"):
        untreated_days([first], lambda _: drawn_comparison)
    with pytest.raises(InputError, match="another date"):
        untreated_days([first[:1], first[1:]], lambda _: drawn_comparison)


def test_an_untreated_shot_that_may_not_be_compared_is_named(drawn_comparison: Comparison) -> None:
    gates = {n: replace(g, verdict="not comparable", reasons=("too dark: open the curtain",)) for n, g in
             drawn_comparison.comparable.items()}  # fmt: skip
    after = replace(drawn_comparison.after, photo=replace(drawn_comparison.after.photo, meta=replace(
        drawn_comparison.after.photo.meta, taken=None)))  # fmt: skip
    none = [replace(c, difference=None) for c in drawn_comparison.changes]
    dark = replace(drawn_comparison, comparable=gates, changes=tuple(none), after=after)
    own = untreated_days([["a.jpg"], ["b.jpg"]], lambda _: dark)
    assert not own.levels and "a.jpg" in own.notes[0] and "open the curtain" in own.notes[0]


def moved(found: Comparison, days: int | None) -> Comparison:
    """Return the comparison as if its second photo had been taken so many days after the first."""
    first = found.before.photo.meta.taken
    assert first is not None
    taken = None if days is None else first + dt.timedelta(days=days)
    return replace(found, after=replace(found.after, photo=replace(found.after.photo, meta=replace(
        found.after.photo.meta, taken=taken))))  # fmt: skip


@given(st.integers(-27, 27).filter(bool))
def test_no_numbers_before_skin_can_have_changed(drawn_comparison: Comparison, days: int) -> None:
    held = hold_back(moved(drawn_comparison, days))
    assert held.too_soon and not held.spots
    assert {c.verdict for c in held.changes} <= {"too early", "not comparable"}
    assert all(c.difference is None and c.low is None and c.smallest_detectable is None for c in held.changes)
    assert held.comparable == drawn_comparison.comparable


def test_one_photo_against_itself_is_no_second_look(drawn_comparison: Comparison) -> None:
    found = moved(drawn_comparison, 0)
    assert hold_back(found).changes == found.changes
    assert "the same photo" in hold_back(found).notes[-1]


@pytest.mark.parametrize("days", [28, 90, None])
def test_after_the_wait_nothing_is_held_back(drawn_comparison: Comparison, days: int | None) -> None:
    found = moved(drawn_comparison, days)
    assert hold_back(found) is found


def test_the_command_refuses_gently_and_says_how_to_go_on(
    days: dict[str, list[Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, *_ = days.values()
    files = ["--before", str(first[0]), "--after", str(second[0]), "--zone", "nose"]
    page = tmp_path / "page.html"
    assert cli.main(["compare", *files]) == 0
    said = capsys.readouterr().out
    assert "2 days earlier" in said and "--anyway" in said and "smallest detectable" not in said and "2026-01-29" in said
    assert cli.main(["compare", *files, "--html", str(page), "--overlays", str(tmp_path / "p")]) == 0
    text = page.read_text()
    assert "It is too early to look" in text and "<img" not in text and not list((tmp_path / "p").iterdir())
    capsys.readouterr()
    assert cli.main(["compare", *files, "--anyway"]) == 0
    assert "smallest detectable" in capsys.readouterr().out


def test_a_spread_of_nothing_is_allowed() -> None:
    assert smallest_detectable(Spread(0, 0, 1, "").session, 0, 1, 1, 1) == 0
