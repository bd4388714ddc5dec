"""How far absolute colour (a*, ITA) of the same skin moves between two days: with a card, from a flash pair, and as it is.

    python benchmarks/measure_absolute.py

50 people's reflectance (NIST) through every camera of the shared set under six lights, as a phone renders it: white balance for
the light with an error, a colour matrix made for daylight, exposure and a bent tone curve. The card is seen in the same photo and
read by needlewise's own correction. The flash pair is two photos of the same skin at once, without and with flash; their linear
difference is light of the flash alone. It is done by a phone left to itself, by one three times as steady, and by one whose white
balance and exposure are locked, while its tone curve stays unknown; the flash is 10 % nearer or farther on another day.
The reflectances of the card are Ohta's (ISO 17321-1) and the observer is CIE 1931's (checker.csv).
"""

import os
import sys
from itertools import product
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
from measure_spectra import SPECTRA, Array, cameras, people

from needlewise.measure.absolute import OF_DAYS, OF_TRUTH, absolute_of, ita
from needlewise.measure.card import REFERENCE, Card, correction, errors_of
from needlewise.measure.lab import SRGB_FROM_XYZ_D50, lab_from_linear

HERE = Path(__file__).parent
FLASH = 4  # column of lights.csv: LED-B5, the whitest of the two, as phones' flashes are
BALANCE, EXPOSURE, TONE = 0.06, 0.25, 0.08  # standard deviations of log gain, of stops, of the tone curve's exponent
NEARER = 0.2  # standard deviation of the log of the flash's brightness: 10 % of distance
STEADY = {"left to itself": 1.0, "three times as steady": 3.0, "locked": np.inf}
AMBIENT = (0.05, 0.15, 0.4, 1.0)  # light of the room over that of the flash, on the skin


def tables() -> tuple[Array, Array, Array]:
    """Return the observer (wavelengths x 3), the card's reflectances (24 x wavelengths) and the lights (6 x wavelengths)."""
    table = np.genfromtxt(HERE / "checker.csv", delimiter=",", skip_header=1)
    lights = np.genfromtxt(HERE / "lights.csv", delimiter=",", skip_header=1)[:, 1:].T
    return table[:, 1:4], table[:, 4:].T, lights / lights.mean(1, keepdims=True)


def true_linear(reflectance: Array, observer: Array, d50: Array) -> Array:
    """Return linear sRGB adapted to D50, white = 1."""
    weight = observer * d50[:, None]
    return (reflectance @ weight / weight[:, 1].sum()) @ SRGB_FROM_XYZ_D50.T


class Phone:
    """A camera that renders as phones do; its colour matrix fits the card in daylight."""

    def __init__(self, sensor: Array, checker: Array, true: Array, daylight: Array) -> None:
        self.sensor = sensor
        raw = self.raw(checker, daylight)
        self.matrix = np.linalg.lstsq(raw / self.raw(np.ones((1, len(daylight))), daylight), true, rcond=None)[0]

    def raw(self, reflectance: Array, light: Array) -> Array:
        return (reflectance * light) @ self.sensor

    def settings(self, light: Array, rng: np.random.Generator, steady: float = 1.0) -> tuple[Array, float]:
        """Return white balance gains for a light, times exposure, and the exponent of the tone curve."""
        gains = 1 / self.raw(np.ones((1, len(light))), light)[0]
        gains = gains * np.exp(rng.normal(0, BALANCE / steady, 3) * [1, 0, 1])
        return gains * 0.6 * 2 ** rng.normal(0, EXPOSURE / steady), 1 + rng.normal(0, TONE / steady)

    def shown(self, reflectance: Array, light: Array, settings: tuple[Array, float]) -> Array:
        gains, tone = settings
        return np.asarray(np.maximum((self.raw(reflectance, light) * gains) @ self.matrix, 1e-5) ** tone)


def measures(linear: Array) -> Array:
    """Return a* and ITA of linear colours, (..., 2)."""
    lab = lab_from_linear(linear)
    return np.stack([lab[..., 1], ita(lab)], -1)


def brightness_matched(linear: Array, true: Array) -> Array:
    """Scale to the true brightness: what absolute colour without any reference could reach at best."""
    return linear * (true[:, 1].mean() / linear[:, 1].mean())


def with_card(phone: Phone, skin: Array, checker: Array, light: Array, rng: np.random.Generator) -> tuple[Array, float]:
    """Return a* and ITA of every person, and the card's own error with each patch left out of the fit."""
    settings = phone.settings(light, rng)
    seen = phone.shown(checker, light, settings)
    card = Card(np.zeros((24, 2)), seen, np.ones(24, bool), 1.0)
    return measures(correction(card)(phone.shown(skin, light, settings))), errors_of(card).left_out


def flash_pair(
    phone: Phone, skin: Array, lights: Array, room: int, share: float, steady: float, rng: np.random.Generator
) -> Array:
    """Return a* and ITA of the light of the flash alone."""
    ambient, both = share * lights[room], share * lights[room] + lights[FLASH] * np.exp(rng.normal(0, NEARER))
    if np.isinf(steady):  # locked: one setting for every photo of this phone, its tone curve unknown
        own = phone.settings(lights[FLASH], np.random.default_rng(int(phone.sensor.sum() * 1e6) % 2**32))
        settings = [own, own]
    else:
        settings = [phone.settings(light, rng, steady) for light in (ambient, both)]
    dark, lit = settings
    only = phone.shown(skin, both, lit) - (lit[0] / dark[0])[1] * phone.shown(skin, ambient, dark)  # the file tells exposure
    return measures(np.maximum(only, 1e-5))


def between_days(days: list[Array]) -> tuple[float, float]:
    """Return the standard deviation of a* and ITA between days of one person on one phone, pooled."""
    spread = np.var(np.array(days), axis=0, ddof=1)  # days x people x 2
    return float(np.sqrt(spread[..., 0].mean())), float(np.sqrt(spread[..., 1].mean()))


def main() -> int:
    """Print the table."""
    observer, checker, lights = tables()
    skin, rng = people(), np.random.default_rng(5)
    true_skin, true_card = (true_linear(part, observer, lights[5]) for part in (skin, checker))
    truth = measures(true_skin)
    gap = float(np.abs(true_card - REFERENCE).mean())
    phones = [Phone(sensor, checker, true_card, lights[0]) for sensor in cameras()]
    plain, carded, left_out = [], [], []
    for phone in phones:
        plain.append(between_days([measures(brightness_matched(phone.shown(skin, light, phone.settings(light, rng)), true_skin))
                                   for light in lights]))  # fmt: skip
        days, errors = zip(*(with_card(phone, skin, checker, light, rng) for light in lights), strict=True)
        carded.append(list(days))
        left_out.append(errors)
    card_days = np.sqrt(np.mean(np.square([between_days(days) for days in carded]), 0))
    card_off = np.sqrt(((np.array(carded) - truth) ** 2).mean((0, 1, 2)))
    stated, between = (stated_sd(true_skin, float(np.mean(left_out)), shares) for shares in (OF_TRUTH, OF_DAYS))
    print(f"{len(skin)} people x {len(phones)} cameras x {len(lights)} lights; card as published against as simulated: {gap:.3f}")
    print(f"{'':52}{'a*':>8}{'ITA, degrees':>14}")
    row("as it is, brightness right: SD between days", np.sqrt(np.mean(np.square(plain), 0)))
    row("with a card: SD between days", card_days)
    row("with a card: SD of the error against the truth", card_off)
    for (kind, steady), share in product(STEADY.items(), AMBIENT):
        spreads = [
            between_days([flash_pair(phone, skin, lights, room, share, steady, rng) for room in range(5)]) for phone in phones
        ]
        row(f"flash pair, {kind}, room at {share:.0%}: SD between days", np.sqrt(np.mean(np.square(spreads), 0)))
    row(f"stated of one photo with such a card (error {np.mean(left_out):.2f})", stated)
    row("stated of each of two days", between)
    good = bool((card_off <= stated).all() and (card_days <= between).all())
    print(f"must: with a card, the SD of the error and between days <= what is stated  {'ok' if good else 'MISSED'}")
    return 0 if good else 1


def stated_sd(linear: Array, left_out: float, shares: tuple[float, float]) -> Array:
    """Return the standard deviations that `absolute` states, pooled over people."""
    each = [absolute_of(lab, left_out, shares) for lab in lab_from_linear(linear)]
    return np.sqrt(np.mean([(one.a_sd**2, one.ita_sd**2) for one in each], 0))


def row(name: str, values: Array) -> None:
    """Print one line."""
    print(f"{name:52}{values[0]:8.2f}{values[1]:14.2f}")


if __name__ == "__main__":
    if not SPECTRA.is_dir():
        sys.exit(f"the shared spectra are not at {SPECTRA}")
    sys.exit(main())
