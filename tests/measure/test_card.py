"""Cards drawn with the published colours, seen slantwise in coloured light; real ones from the shared set where it is there."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from needlewise.measure.card import REFERENCE, REFERENCE_LAB, Card, correct, correction, errors_of, find_card
from needlewise.measure.lab import delta_e_2000, lab_from_linear, linear_from_lab
from needlewise.measure.photo import Photo, from_array, to_linear, to_srgb8

ROOT = Path(__file__).parents[2]
CARDS = ROOT / "../shared/photos/colourcard"
PITCH, SIDE = 50, 41


def test_delta_e_2000_agrees_with_the_published_pairs() -> None:
    pairs = np.loadtxt(ROOT / "tests/reference/delta_e_2000.csv", delimiter=",", skiprows=1)
    assert len(pairs) == 34
    assert np.abs(delta_e_2000(pairs[:, :3], pairs[:, 3:6]) - pairs[:, 6]).max() < 1e-4
    assert np.abs(delta_e_2000(pairs[:, 3:6], pairs[:, :3]) - pairs[:, 6]).max() < 1e-4


def test_lab_there_and_back() -> None:
    assert lab_from_linear([1, 1, 1]) == pytest.approx([100, 0, 0], abs=1e-9)
    # Lindbloom's calculator, sRGB red, adapted to D50 by Bradford
    assert lab_from_linear([1, 0, 0]) == pytest.approx([54.29, 80.81, 69.89], abs=0.02)
    colours = np.random.default_rng(0).uniform(0, 1, (50, 3))
    assert np.allclose(linear_from_lab(lab_from_linear(colours)), colours, atol=1e-12)


def drawn(turns: int = 0, mirrored: bool = False, gains: tuple[float, float, float] = (0.9, 0.7, 0.5)) -> Photo:
    """A card on a table, seen from the side in yellowish light by a camera that mixes its channels a little."""
    card = np.full((4 * PITCH + 40, 6 * PITCH + 40, 3), 0.02)
    for i, colour in enumerate(REFERENCE):
        top, left = 25 + i // 6 * PITCH, 25 + i % 6 * PITCH
        card[top : top + SIDE, left : left + SIDE] = colour.clip(0, 1)
    card = np.rot90(card[:, ::-1] if mirrored else card, turns)
    height, width = card.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    slanted = np.array([(120, 90), (430, 70), (460, 400), (90, 370)], np.float32)
    warp = cv2.getPerspectiveTransform(corners, slanted)
    scene = cv2.warpPerspective(card, warp, (640, 480), borderValue=(0.4, 0.3, 0.2), flags=cv2.INTER_AREA)
    mixed = scene * gains @ np.array([[0.92, 0.05, 0.03], [0.06, 0.9, 0.04], [0.02, 0.08, 0.9]]).T
    noisy = to_srgb8(mixed.astype(np.float32)) + np.random.default_rng(1).normal(0, 2, mixed.shape)
    return from_array(noisy.clip(0, 255).round().astype(np.uint8))


@pytest.mark.parametrize("turns", range(4))
def test_a_slanted_card_is_found_either_way_up(turns: int) -> None:
    card = find_card(drawn(turns))
    assert card is not None and card.usable.all()
    error = errors_of(card)
    assert error.after < 2 < error.before
    assert error.after <= error.left_out < 3


def test_a_mirrored_card_is_no_card() -> None:
    assert find_card(drawn(mirrored=True)) is None


def test_correction_is_the_same_in_dimmer_light() -> None:
    found = [find_card(drawn(gains=gains)) for gains in ((0.9, 0.7, 0.5), (0.6, 0.4667, 0.3333))]
    assert found[0] is not None and found[1] is not None
    one, two = (lab_from_linear(correction(card)(card.colours)) for card in found)
    assert delta_e_2000(one, two).mean() < 1.5


def test_correct_changes_the_photo_and_keeps_the_rest() -> None:
    photo = drawn()
    card = find_card(photo)
    assert card is not None
    corrected = correct(photo, card)
    assert corrected.pixels.dtype == np.float32 and corrected.pixels.shape == photo.pixels.shape
    assert corrected.clipped is photo.clipped and corrected.meta is photo.meta
    x, y = card.centres[1].round().astype(int)  # light skin
    patch = np.median(corrected.pixels[y - 5 : y + 6, x - 5 : x + 6].reshape(-1, 3), 0)
    assert delta_e_2000(lab_from_linear(patch), REFERENCE_LAB[1]) < 3


def test_a_card_cut_by_the_border_still_counts() -> None:
    photo = drawn()
    whole = find_card(photo)
    assert whole is not None
    card = find_card(from_array(to_srgb8(photo.pixels)[: int(whole.centres[18:, 1].mean())]))  # half of the grey row is outside
    assert card is not None and 16 <= card.usable.sum() < 24


def test_chance_colours_are_no_card() -> None:
    rng = np.random.default_rng(2)
    picture = np.full((400, 520, 3), 30, np.uint8)
    for row in range(7):
        for column in range(9):
            picture[20 + row * 50 : 60 + row * 50, 20 + column * 50 : 60 + column * 50] = rng.integers(0, 255, 3)
    assert find_card(from_array(picture)) is None
    assert find_card(from_array(rng.integers(0, 255, (300, 300, 3)).astype(np.uint8))) is None
    assert find_card(from_array(np.full((200, 300, 3), 90, np.uint8))) is None


def test_a_perfect_photo_needs_no_correction() -> None:
    card = Card(np.zeros((24, 2)), REFERENCE.clip(0), np.ones(24, bool), 50.0)
    assert errors_of(card).after < 0.8  # two patches lie outside sRGB
    assert np.allclose(to_linear(to_srgb8(np.array([[0.5, 0.2, 0.1]], np.float32))), [[0.5, 0.2, 0.1]], atol=0.01)


def test_real_cards_are_found() -> None:
    if not CARDS.is_dir():
        pytest.skip("the shared photos are not beside the project")
    errors = []
    for path in sorted(CARDS.iterdir()):
        card = find_card(from_array(cv2.imread(str(path))[..., ::-1]))
        if card is not None:
            errors.append(errors_of(card))
    assert len(errors) >= 9
    assert all(error.after < error.before for error in errors)
