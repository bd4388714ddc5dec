"""Many days: the latest waits if it came too soon, untreated days set the interval, and one bad photo ends nothing."""

import datetime as dt
from pathlib import Path

import pytest

from drawn_face import Lamp, Skin, drawn_face, jpeg
from needlewise import cli
from needlewise.cohort.manifest import read_manifest
from needlewise.errors import InputError
from needlewise.measure.series import Day, series

DAYS = ("2026-01-05", "2026-02-05", "2026-02-15")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder, out = tmp_path_factory.mktemp("series"), {}
    for number, day in enumerate((*DAYS, "2026-01-01", "2026-01-03")):
        path = folder / f"{day}.jpg"
        path.write_bytes(jpeg(drawn_face(Skin(), Lamp(0, 9 + number), noise=number), f"{day} 09:00:00"))
        out[day] = str(path)
    return out


@pytest.fixture(scope="module")
def days(photos: dict[str, str]) -> list[Day]:
    return [Day(day, (photos[DAYS[0]],), (photos[day],), ("nose",)) for day in DAYS[1:]]


def test_the_latest_day_waits_and_the_way_on_is_open(days: list[Day]) -> None:
    found = series(days)
    assert "10 days earlier" in found.unused[DAYS[2]] and "2026-03-05" in found.unused[DAYS[2]]
    assert [p.day.isoformat() for p in found.trends["nose", "redness"].points] == list(DAYS[:2])
    on = series(days, anyway=True)
    assert not on.unused and len(on.trends["nose", "redness"].points) == 3


def test_untreated_days_set_the_interval(days: list[Day], photos: dict[str, str]) -> None:
    calls: list[int] = []
    untreated = [[photos["2026-01-01"]], [photos["2026-01-03"]]]
    found = series(days[:1], untreated=untreated, done=lambda: calls.append(1))
    plain = series(days[:1])
    key = "nose", "redness"
    assert found.trends[key].points[1].half_width != plain.trends[key].points[1].half_width
    assert len(calls) == 3
    with pytest.raises(InputError, match="untreated"):
        series(days[:1], untreated=untreated[:1])
    with pytest.raises(InputError, match="no day"):
        series([], dt.date(2026, 3, 1))


def test_the_command_takes_untreated_rows(
    days: list[Day], photos: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["pair,role,path,zone,control"]
    rows += [f"{day},untreated,{photos[day]},," for day in ("2026-01-01", "2026-01-03")]
    rows += [f"{DAYS[1]},before,{photos[DAYS[0]]},nose,", f"{DAYS[1]},after,{photos[DAYS[1]]},nose,"]
    manifest, page = tmp_path / "m.csv", tmp_path / "page.html"
    manifest.write_text("\n".join(rows), encoding="utf-8")
    assert cli.main(["trend", str(manifest), "--html", str(page), "--review", "2026-06-01"]) == 0
    assert "<svg" in page.read_text(encoding="utf-8") and page.stat().st_mode & 0o077 == 0
    capsys.readouterr()
    with pytest.raises(InputError, match="untreated"):  # a cohort has no such role
        read_manifest(manifest)
