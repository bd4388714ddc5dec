"""Reading a change of colour: gains change nothing, a painted redness is read, clipped highlights cannot fake one."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.align import Alignment
from needlewise.measure.colour import (
    ColourChange,
    control_difference,
    photometric_registration,
    pigment,
    redness,
    usable,
)
from needlewise.measure.photo import Photo, PhotoMeta

SIDE = 300
BLOOD = np.array([0.08, 1.0, 0.9])
Y, X = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
TREATED = (np.abs(X - 0.3) < 0.12) & (np.abs(Y - 0.5) < 0.12)
FACE = (X - 0.5) ** 2 + (Y - 0.5) ** 2 < 0.2


def skin(seed: int = 1) -> NDArray[np.float64]:
    """Draw blotchy skin (linear RGB): red and brown patches of several sizes, and shading."""
    rng = np.random.default_rng(seed)
    blood, melanin = (sum(cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), s) * s for s in (4, 15)) * 0.01 for _ in "ab")
    absorbance = blood[..., None] * BLOOD + melanin[..., None] * np.array([0.5, 1.0, 1.6])
    return np.array([0.40, 0.22, 0.15]) * 10**-absorbance * (0.7 + 0.6 * Y[..., None])


def again(before: NDArray[np.float64], amount: float = 0.0, light: float = 0.0, tone: float = 1.0) -> NDArray[np.float64]:
    """The same skin later: the zone `amount` redder, one side lit warmer by `light`, a bent tone curve, and noise."""
    zone = cv2.GaussianBlur(TREATED.astype(float), (0, 0), 2)[..., None]
    linear = before * 10 ** (-amount / 92 * zone * BLOOD) * 10 ** (light * X[..., None] * np.array([1, 0.9, 0.8]))
    noise = np.random.default_rng(5).normal(1, 0.01, linear.shape)
    return np.clip(linear**tone * noise, 1e-4, 1)


def read(before: NDArray[np.float64], after: NDArray[np.float64]) -> ColourChange:
    return photometric_registration(before.astype(np.float32), after.astype(np.float32), TREATED & FACE, FACE)


def test_the_indices_are_log_ratios() -> None:
    assert redness(np.array([0.4, 0.2, 0.1])) == pytest.approx(100 * np.log10(2))
    assert pigment(np.array([0.5, 0.5, 0.05])) == pytest.approx(100)
    assert pigment(10 ** (-0.1 * BLOOD)) == pytest.approx(0, abs=0.02)  # blood alone is not pigment


@pytest.mark.parametrize("gain", [(0.5, 1, 1), (1.7, 0.8, 1.3), (1, 1, 0.25)])
def test_channel_gains_change_nothing(gain: tuple[float, float, float]) -> None:
    before, after = skin(), again(skin(), 3, 0.05, 1.05)
    one, two = read(before, after), read(before, after * gain)
    control = [
        control_difference(before.astype(np.float32), (after * part).astype(np.float32), TREATED, FACE & (X > 0.6))
        for part in (1.0, np.array(gain))
    ]
    for first, second in ((one, two), control):
        assert second.redness_difference == pytest.approx(first.redness_difference, abs=1e-6)
        assert second.pigment_difference == pytest.approx(first.pigment_difference, abs=1e-6)
        assert second.sd == pytest.approx(first.sd, abs=1e-6)
        assert np.array(second.gains) / first.gains == pytest.approx(gain, rel=1e-5)


@pytest.mark.parametrize("amount", [-4.0, 0.0, 2.0, 5.0])
@pytest.mark.parametrize(("light", "tone"), [(0.0, 1.0), (0.15, 1.0), (0.1, 1.1)])
def test_a_painted_redness_is_read_through_light_and_tone(amount: float, light: float, tone: float) -> None:
    change = read(skin(), again(skin(), amount, light, tone))
    assert change.redness_difference == pytest.approx(amount, abs=0.1 * abs(amount) + 2.5 * change.sd)
    assert abs(change.pigment_difference) < 3 * change.pigment_sd
    assert 0.2 <= change.sd < 1


def test_less_reference_skin_is_less_certain() -> None:
    before, after = skin(), again(skin(), 0, 0.1)
    near = read(before, after)
    far = photometric_registration(before.astype(np.float32), after.astype(np.float32), TREATED, FACE & (X > 0.75))
    assert far.sd > near.sd
    assert near.n_effective >= 1


def test_clipped_highlights_cannot_fake_a_change() -> None:
    before = skin() * 1.2
    lit = before * 1.8
    lit[TREATED & (Y > 0.5)] *= 3  # a glare on half of the zone
    after = np.clip(lit, 0, 1)
    first, second = photo(before), photo(after)
    good = usable(first, second, still())
    change = photometric_registration(first.pixels, second.pixels, TREATED & good, FACE & good)
    assert not good[TREATED & (Y > 0.52)].any()
    assert abs(change.redness_difference) < 2 * change.sd
    unmasked = photometric_registration(first.pixels, second.pixels, TREATED, FACE)
    assert abs(unmasked.redness_difference) > 3  # what would have been believed


def test_dark_pixels_and_those_outside_the_after_photo_are_not_used() -> None:
    before = skin()
    before[:40] = 0.001
    moved = still(shift=60)
    good = usable(photo(before), photo(skin()), moved)
    assert not good[:40].any()
    assert not good[:, -60:].any()
    assert good[60:, :-70].all()


@pytest.mark.parametrize(
    ("treated", "reference", "what"),
    [(TREATED & (X > 2), FACE, "treated"), (TREATED, FACE & (X > 2), "reference"), (TREATED, TREATED, "reference")],
)
def test_too_little_skin_is_refused(treated: NDArray[np.bool_], reference: NDArray[np.bool_], what: str) -> None:
    picture = skin().astype(np.float32)
    with pytest.raises(InputError, match=what):
        photometric_registration(picture, picture, treated, reference)


def test_a_grey_photo_is_refused() -> None:
    grey = np.repeat(skin()[..., :1], 3, axis=2).astype(np.float32)
    with pytest.raises(InputError, match="colour"):
        photometric_registration(grey, grey, TREATED, FACE)


def photo(linear: NDArray[np.float64]) -> Photo:
    """A photo of linear light, its clipped pixels marked."""
    return Photo(linear.astype(np.float32), (linear >= 0.95).any(-1), PhotoMeta(SIDE, SIDE))


def still(shift: float = 0.0) -> Alignment:
    """An alignment that only shifts."""
    affine = np.array([[1.0, 0, shift], [0, 1, 0]])
    return Alignment(affine, np.zeros((8, 8, 2), np.float32), np.eye(2, 3), (SIDE, SIDE), 0.1, 100, "landmarks")
