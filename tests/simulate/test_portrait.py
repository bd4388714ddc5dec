"""The drawn person: found by the mesh, good enough to compare, and measured to be what was drawn."""

import datetime as dt
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from needlewise.errors import InputError
from needlewise.measure.colour import pigment, redness
from needlewise.measure.face import find_face
from needlewise.measure.pair import Comparison, compare
from needlewise.measure.photo import load_photo
from needlewise.measure.quality import check_photo
from needlewise.measure.zones import zone_mask
from needlewise.simulate.likeness import MELANIN, reddened, through
from needlewise.simulate.portrait import Day, portrait, portrait_jpeg

NOON = dt.datetime(2026, 3, 1, 12, 0)
APART = dt.timedelta(days=60)  # a look that comes sooner is refused
BEFORE = Day(seed=1, day=1, redness={"cheek-left": 6.0}, unsteady=0.0)


def shot(folder: Path, name: str, day: Day) -> Path:
    path = folder / f"{name}.jpg"
    path.write_bytes(portrait_jpeg(day, NOON + APART * day.day))
    return path


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shot(tmp_path_factory.mktemp("portrait"), "before", BEFORE)


def versus(before: Path, folder: Path, day: Day, zone: str = "cheek-left") -> Comparison:
    return compare([before], [shot(folder, "after", day)], [zone])


@pytest.mark.parametrize("units", [-3.0, 0.0, 6.0])
def test_paint_is_in_the_units_that_are_measured(units: float) -> None:
    skin = np.array([[[0.7, 0.4, 0.3]]], np.float32)
    redder = skin * reddened(np.array([[units]], np.float32))
    assert float(redness(redder)[0, 0] - redness(skin)[0, 0]) == pytest.approx(units, abs=1e-4)
    assert abs(float(pigment(redder)[0, 0] - pigment(skin)[0, 0])) < 0.01  # blood does not read as pigment
    spot = skin * through(np.array([[units]], np.float32), MELANIN)
    assert -100 * np.log10(spot[0, 0, 2] / skin[0, 0, 2]) == pytest.approx(units, abs=1e-4)


def test_the_same_day_is_the_same_picture() -> None:
    one, two = portrait_jpeg(Day(3), NOON), portrait_jpeg(Day(3), NOON)
    assert one == two and one != portrait_jpeg(Day(4), NOON) and len(one) < 250_000
    picture = Image.open(io.BytesIO(one))
    assert picture.size == (1200, 1600) and picture.getexif().get_ifd(0x8769)[0x9003] == "2026:03:01 12:00:00"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mesh_finds_the_face_and_nothing_spoils_the_photo(seed: int, tmp_path: Path) -> None:
    photo = load_photo(shot(tmp_path, "one", Day(seed, day=seed)))
    face = find_face(photo)
    quality = check_photo(photo, face)
    assert face.score > 0.9 and quality.ok and not quality.reasons
    assert max(abs(angle) for angle in face.pose) < 5 and photo.meta.taken == NOON + APART * seed
    for zone in ("cheek-left", "cheek-right", "forehead", "nose", "chin"):
        assert zone_mask(photo, face, zone).sum() > 2000


@pytest.mark.parametrize(("fall", "verdict"), [(-4.0, "better"), (0.0, "no detectable change"), (4.0, "worse")])
def test_a_known_change_of_redness_is_found(before: Path, tmp_path: Path, fall: float, verdict: str) -> None:
    day = Day(seed=2, day=2, redness={"cheek-left": 6.0 + fall}, unsteady=0.0)
    found = versus(before, tmp_path, day)
    (red,) = [change for change in found.changes if change.what == "redness"]
    assert red.verdict == verdict and red.difference == pytest.approx(fall, abs=1.0)
    assert red.low is not None and red.high is not None and red.low < fall < red.high


@pytest.mark.parametrize("light", [(BEFORE.light[0] + 60, BEFORE.light[1]), (BEFORE.light[0] - 60, BEFORE.light[1])])
def test_light_from_elsewhere_is_refused(before: Path, tmp_path: Path, light: tuple[float, float]) -> None:
    found = versus(before, tmp_path, Day(seed=2, day=2, light=light))
    assert {gate.verdict for gate in found.comparable.values()} == {"not comparable"}
    assert {change.verdict for change in found.changes} == {"not comparable"}


def test_fading_spots_are_seen_to_fade(before: Path, tmp_path: Path) -> None:
    found = versus(before, tmp_path, Day(seed=2, day=2, redness={"cheek-left": 6.0}, spots=BEFORE.spots / 2, unsteady=0.0))
    drawn = [spot for spot in found.spots if spot.contrast_before > 6]
    assert len(drawn) >= 2
    assert all(0.3 < spot.contrast_after / spot.contrast_before < 0.7 for spot in drawn)
    faded = {change.what: change for change in found.changes}["spots"]
    assert faded.verdict == "better" and "default" in faded.basis
    # the rims of spots count as lines no more: without leaving them out this cheek reads 20 % smoother
    texture = {change.zone: change for change in found.changes if change.what == "texture"}
    assert all(abs(change.difference or 99) < 6 for change in texture.values())
    assert {change.verdict for change in texture.values()} == {"no detectable change"}
    gone = versus(before, tmp_path, Day(seed=2, day=2, redness={"cheek-left": 6.0}, spots=0.0, unsteady=0.0))
    more = {change.what: change for change in gone.changes}["spots"].difference
    assert more is not None and faded.difference is not None and more < 1.5 * faded.difference


def test_a_day_leaves_its_mark_on_all_its_shots() -> None:
    """Shots of one day share that day's redness; another day has its own."""

    def middle(day: Day) -> float:
        part = portrait(day)[900:1000, 400:800].reshape(-1, 3).astype(float)
        return float(np.median(part[:, 0] / part[:, 1]))

    still = [middle(Day(seed, day=4, unsteady=0.0)) for seed in range(4)]
    flushed = [middle(Day(seed, day=4, unsteady=8.0)) for seed in range(4)]
    assert np.ptp(still) < 0.12 and abs(np.mean(flushed) - np.mean(still)) > np.ptp(still)


@pytest.mark.parametrize(("day", "says"), [
    (Day(redness={"chek-left": 1.0}), "did you mean cheek-left"),
    (Day(light=(120.0, 0.0)), "light"),
])  # fmt: skip
def test_what_cannot_be_drawn(day: Day, says: str) -> None:
    with pytest.raises(InputError, match=says):
        portrait(day)
