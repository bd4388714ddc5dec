"""Spots drawn with known place, contrast and size; lesions from the shared set where it is there."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from needlewise.errors import InputError
from needlewise.measure import spots

LESIONS = Path(__file__).parents[2] / "../shared/photos/lesions"
PX_PER_MM = 6.0
SHAPE = (360, 420)


def skin(seed: int, noise: float = 1.0) -> np.ndarray:
    """A zone with a slow gradient, as from uneven light, and noise as wide as a pore."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    grain = cv2.GaussianBlur(rng.normal(0, 1, SHAPE).astype(np.float32), (0, 0), 1.5)
    return (20 + 0.02 * x - 0.01 * y + noise * grain / grain.std()).astype(np.float32)


def add(field: np.ndarray, x: float, y: float, mm: float, contrast: float) -> None:
    """Add a disc with a soft edge."""
    yy, xx = np.mgrid[: SHAPE[0], : SHAPE[1]]
    edge = (np.hypot(xx - x, yy - y) - mm / 2 * PX_PER_MM) / 1.5
    field += (contrast / (1 + np.exp(np.clip(edge, -30, 30)))).astype(np.float32)


PLACES = [(80, 90, 3.0, 12.0), (200, 70, 2.0, 9.0), (320, 120, 4.0, 7.0), (120, 250, 2.5, 15.0), (300, 280, 5.0, 10.0)]


@pytest.fixture
def mask() -> np.ndarray:
    area = np.zeros(SHAPE, bool)
    area[15:-15, 15:-15] = True
    return area


def test_every_spot_is_found_where_it_is(mask: np.ndarray) -> None:
    drawn = np.zeros(SHAPE, np.float32)
    for place in PLACES:
        add(drawn, *place)
    found = spots.find_spots(skin(1) + drawn, mask, PX_PER_MM)
    assert len(found) == len(PLACES)
    for x, y, mm, _ in PLACES:
        near = min(found, key=lambda spot: np.hypot(spot.x - x, spot.y - y))
        assert np.hypot(near.x - x, near.y - y) < 1.5
        assert near.contrast == pytest.approx(drawn.ravel()[near.region].mean(), rel=0.12)
        assert near.area_mm2 == pytest.approx(np.pi / 4 * mm**2, rel=0.25)


def test_plain_skin_has_no_spots(mask: np.ndarray) -> None:
    assert sum(len(spots.find_spots(skin(seed), mask, PX_PER_MM)) for seed in range(8)) == 0


def test_a_wrinkle_is_no_spot(mask: np.ndarray) -> None:
    field = skin(7)
    cv2.ellipse(field, (200, 180), (60, 9), 25, 0, 360, 40.0, cv2.FILLED)
    assert not spots.find_spots(field, mask, PX_PER_MM)


def test_darkness_is_in_hundredths_of_a_decade() -> None:
    linear = np.full((60, 80, 3), 0.4, np.float32)
    assert np.allclose(spots.darkness(linear / 10, PX_PER_MM) - spots.darkness(linear, PX_PER_MM), 100, atol=1e-3)
    linear[..., 2] = 0
    assert np.isfinite(spots.darkness(linear, PX_PER_MM)).all()


def test_black_pixels_are_left_out(mask: np.ndarray) -> None:
    field = skin(8)
    field[100:103, 100:103] = np.inf
    assert np.isfinite(spots.local_contrast(field, mask, PX_PER_MM)).all()
    assert not spots.find_spots(field, mask, PX_PER_MM)


def test_brighter_light_changes_nothing(mask: np.ndarray) -> None:
    field = skin(2)
    add(field, *PLACES[0])
    shifted = spots.local_contrast(field + 7.5, mask, PX_PER_MM)
    assert np.allclose(shifted, spots.local_contrast(field, mask, PX_PER_MM), atol=1e-3)


def test_a_fading_spot_is_followed_and_a_new_one_is_seen(mask: np.ndarray) -> None:
    before, after = skin(3, 0.7), skin(4, 0.7)
    for x, y, mm, contrast in PLACES[:4]:
        add(before, x, y, mm, contrast)
        add(after, x, y, mm, contrast - 5)
    add(after, *PLACES[4])
    changes = spots.match_spots(before, after, mask, PX_PER_MM)
    assert len(changes) == 5
    for x, y, _, contrast in PLACES[:4]:
        near = min(changes, key=lambda change: np.hypot(change.x - x, change.y - y))
        assert near.contrast_after / near.contrast_before == pytest.approx((contrast - 5) / contrast, abs=0.1)
    new = min(changes, key=lambda change: np.hypot(change.x - PLACES[4][0], change.y - PLACES[4][1]))
    assert abs(new.contrast_before) < 1 < new.contrast_after
    assert new.area_before_mm2 < 1 < new.area_after_mm2


def test_unchanged_faint_spots_do_not_seem_to_fade(mask: np.ndarray) -> None:
    """Chosen where either picture is dark, their change is 0 on average, and its standard deviation is told rightly."""
    scores = []
    for seed in range(12):
        before, after = skin(2 * seed + 100), skin(2 * seed + 101)
        for x, y, mm, _ in PLACES:
            add(before, x, y, mm, 5)
            add(after, x, y, mm, 5)
        scores += [(c.contrast_after - c.contrast_before) / c.sd for c in spots.match_spots(before, after, mask, PX_PER_MM)]
    assert len(scores) > 40
    assert abs(np.mean(scores)) < 3 / np.sqrt(len(scores))
    assert 0.75 < np.std(scores) < 1.25


def zone_change(before: np.ndarray, after: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    return spots.mean_change(spots.match_spots(before, after, mask, PX_PER_MM))


def test_a_spot_that_is_gone_counts(mask: np.ndarray) -> None:
    """Two of four are gone: the mean falls by half of what all were, and the places of the gone are among those read."""
    before, after = skin(11, 0.7), skin(12, 0.7)
    for n, (x, y, _, _) in enumerate(PLACES[:4]):
        add(before, x, y, 3.0, 8)
        add(after, x, y, 3.0, 8 if n % 2 else 0)
    changes = spots.match_spots(before, after, mask, PX_PER_MM)
    difference, sd = spots.mean_change(changes)
    level = np.mean([spot.contrast_before for spot in changes])
    assert len(changes) == 4 and difference == pytest.approx(-level / 2, abs=0.6)
    assert sd > spots.TONES_SD * 0.7 * level


def test_before_and_after_are_interchangeable(mask: np.ndarray) -> None:
    before, after = skin(13, 0.7), skin(14, 0.7)
    for x, y, mm, contrast in PLACES:
        add(before, x, y, mm, contrast)
        add(after, x, y, mm, contrast / 2)
    (there, sd), (back, same) = zone_change(before, after, mask), zone_change(after, before, mask)
    assert there == pytest.approx(-back, abs=1e-3) and sd == pytest.approx(same, rel=1e-3) and there < -2


def test_chance_darkens_as_often_as_it_pales(mask: np.ndarray) -> None:
    """Places picked by chance alone, for being dark in one picture: no regression to the mean is left over."""
    found = []
    for seed in range(24):
        before, after = skin(2 * seed + 300, 1.6), skin(2 * seed + 301, 1.6)
        for x, y, _, _ in PLACES:
            add(before, x, y, 2.0, 8)
            add(after, x, y, 2.0, 8)
        if changes := spots.match_spots(before, after, mask, PX_PER_MM):
            found.append(spots.mean_change(changes)[0])
    assert len(found) > 15 and abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_steeper_tones_are_no_darker_spots(mask: np.ndarray) -> None:
    pores = skin(15, 2.0)
    for x, y, mm, _ in PLACES:
        add(pores, x, y, mm, 24)
    flat = zone_change(pores, pores.mean() + 1.2 * (pores - pores.mean()) + skin(16, 0.3), mask)[0]
    assert abs(flat) < 1.0  # without correction 0.2 of the contrast, which is 4


def test_spots_weigh_by_area_and_contrast() -> None:
    small = spots.SpotChange(0, 0, 10.0, 10.0, 1, 1, 0.2, np.arange(15))
    faint = spots.SpotChange(0, 0, 2.0, 5.0, 1, 1, 0.2, np.arange(20))
    large = spots.SpotChange(0, 0, 10.0, 6.0, 3, 3, 0.1, np.arange(25))
    weights = np.array([150, 100, 250]) / 500
    difference, sd = spots.mean_change([small, faint, large])
    assert difference == pytest.approx(weights @ [0, 3, -4])
    noise, level = np.linalg.norm(weights * [0.2, 0.2, 0.1]), weights @ [10, 3.5, 8]
    assert sd == pytest.approx(np.hypot(noise, spots.TONES_SD * level))


def test_blemish_redness_follows_blemishes_not_the_face(mask: np.ndarray) -> None:
    plain = skin(5)
    blemished = plain.copy()
    for x, y, mm, contrast in PLACES:
        add(blemished, x, y, 1.5 * mm, contrast)
    values = [spots.blemish_redness(field, mask, PX_PER_MM) for field in (plain, plain + 10, blemished)]
    assert values[1] == pytest.approx(values[0], abs=1e-2)
    assert values[2] > values[0] + 5


def test_what_cannot_be_measured_is_said() -> None:
    with pytest.raises(InputError, match="nearer"):
        spots.find_spots(skin(6), np.ones(SHAPE, bool), 1.0)
    with pytest.raises(InputError, match="zone"):
        spots.find_spots(skin(6), np.zeros(SHAPE, bool), PX_PER_MM)


def drawn_lesion(dark_rim: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    y, x = np.mgrid[:300, :400]
    truth = ((x - 190) / 80) ** 2 + ((y - 160) / 60) ** 2 < 1 + 0.15 * np.sin(5 * np.arctan2(y - 160, x - 190))
    soft = cv2.GaussianBlur(truth.astype(np.float32), (0, 0), 4)[..., None]
    picture = (1 - soft) * np.array([215, 170, 145]) + soft * np.array([120, 75, 50])
    picture = picture + rng.normal(0, 6, picture.shape)
    picture[:, ::37] = 40  # hairs
    if dark_rim:
        picture[np.hypot(x - 200, y - 150) > 195] = 8
    return picture.clip(0, 255).astype(np.uint8), truth


@pytest.mark.parametrize("dark_rim", [False, True])
def test_a_drawn_lesion_is_outlined(dark_rim: bool) -> None:
    picture, truth = drawn_lesion(dark_rim)
    found = spots.segment_spot(picture)
    assert found.dtype == bool
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95
    assert np.array_equal(found, spots.segment_spot(picture))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_has_no_lesion(level: int) -> None:
    assert not spots.segment_spot(np.full((80, 100, 3), level, np.uint8)).any()


def test_lesions_agree_with_experts() -> None:
    if not LESIONS.is_dir():
        pytest.skip("the shared photos are not beside the project")
    scores = []
    for path in sorted(LESIONS.glob("*_lesion.png"))[::5]:
        truth = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) > 127
        picture = cv2.imread(str(path.with_name(path.name.replace("_lesion.png", ".jpg"))))
        found = spots.segment_spot(np.ascontiguousarray(picture[..., ::-1]))
        scores.append(2 * (found & truth).sum() / (found.sum() + truth.sum()))
    assert np.mean(scores) >= 0.90
