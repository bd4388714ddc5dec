"""Photos and progress on the command line."""

import datetime as dt
from pathlib import Path

import pytest
from photo_files import with_position

from needlewise import cli
from needlewise.errors import InputError
from needlewise.web import desk_photos
from needlewise.web.models import Person, Photo


@pytest.fixture(autouse=True)
def measured_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of its own would open the real records, not the test's (`test_measuring` runs it)."""
    monkeypatch.setattr(desk_photos, "_measured", lambda who: None)


def take_in(who: Person, *paths: Path, pose: str = "front", day: dt.date | None = None) -> str:
    return desk_photos.take_in(who, paths, pose, day, False, False)


def test_photos_are_taken_in_and_listed(alice: Person, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.jpg", tmp_path / "b.jpg"
    good.write_bytes(with_position())
    bad.write_bytes(b"%PDF-1.4")
    assert "Add some" in desk_photos.listed(alice)
    said = take_in(alice, good, bad)
    assert "1 kept, for 2026-10-01" in said and f"{bad}: not kept; needed: a JPEG" in said and "waits to be looked at" in said
    assert "here already, on 2026-10-01" in take_in(alice, good)
    assert desk_photos.listed(alice) == "2026-10-01  Face from the front, 1 photo: waits to be measured"


def test_a_folder_comes_in_by_its_dates(alice: Person, tmp_path: Path) -> None:
    deep = tmp_path / "2019" / "spring"
    deep.mkdir(parents=True)
    for n, taken in enumerate(("2019:04:02 10:00:00", "2019:05:02 10:00:00")):
        (deep / f"{n}.jpg").write_bytes(with_position(shade=80 + n, taken=taken))
    (deep / "notes.txt").write_text("not a photo")
    (tmp_path / "empty").touch()
    said = take_in(alice, tmp_path)
    assert "2 kept, for 2019-04-02, 2019-05-02" in said and "Left out: 2 files that are no photos." in said


def test_a_slip_is_said_in_one_line(alice: Person, tmp_path: Path) -> None:
    bad = tmp_path / "b.jpg"
    bad.write_bytes(b"%PDF-1.4")
    for wrong in (
        lambda: take_in(alice, bad), lambda: take_in(alice, tmp_path / "none.jpg"), lambda: take_in(alice, tmp_path),
        lambda: take_in(alice, bad, pose="frnt"), lambda: take_in(alice, bad, day=dt.date(2999, 1, 1)),
    ):  # fmt: skip
        with pytest.raises(InputError) as told:
            wrong()
        assert "\n" not in str(told.value)
    assert Photo.objects.count() == 0


def test_progress_is_said_with_what_to_do_next(alice: Person) -> None:
    text = desk_photos.where_each_stands(alice)
    assert text.startswith("dark marks after inflammation: no photos") and "\nNext: " in text and "\nExpect: " in text
    alice.profile["goals"] = []
    assert "nothing to follow" in desk_photos.where_each_stands(alice)


def test_the_commands_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["photos", "add", "--help"], ["photos", "--help"], ["progress", "--help"]):
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        assert left.value.code == 0
    assert "--untreated" in capsys.readouterr().out
