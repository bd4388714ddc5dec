"""What a photo's EXIF block says about how it was taken. Position, serial numbers and names are never read."""

from __future__ import annotations

import datetime as dt
import math
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image

ORIENTATION, MAKE, MODEL, EXIF_IFD = 0x0112, 0x010F, 0x0110, 0x8769
EXPOSURE, ISO, TAKEN, FLASH, FOCAL, WHITE_BALANCE, FOCAL35 = 0x829A, 0x8827, 0x9003, 0x9209, 0x920A, 0xA403, 0xA405
NAME_LENGTH = 60  # characters kept of make and model


@dataclass(frozen=True)
class Shooting:
    """How a photo was taken; None where the camera did not say or said nonsense."""

    orientation: int = 1
    taken: dt.datetime | None = None
    exposure_s: float | None = None
    iso: float | None = None
    white_balance: str | None = None
    flash: bool | None = None
    focal_mm: float | None = None
    focal35_mm: float | None = None
    camera: str | None = None


def shooting_of(exif: Image.Exif | bytes) -> Shooting:
    """Read the few fields that say whether two photos can be compared.

    A damaged block costs only the fields that cannot be read: the pixels are whole without it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(exif, bytes):
                block = Image.Exif()
                block.load(exif)
            else:
                block = exif
            main: dict[int, Any] = dict(block)
            detail: dict[int, Any] = dict(block.get_ifd(EXIF_IFD))
    except Exception:  # fuzzed EXIF raises a dozen unrelated kinds from Pillow's parser
        return Shooting()
    turn, balance, flash = (_number(value) for value in (main.get(ORIENTATION), detail.get(WHITE_BALANCE), detail.get(FLASH)))
    return Shooting(
        orientation=int(turn) if turn in (2, 3, 4, 5, 6, 7, 8) else 1,
        taken=_time(detail.get(TAKEN)),
        exposure_s=_positive(detail.get(EXPOSURE)),
        iso=_positive(detail.get(ISO)),
        white_balance={0: "auto", 1: "manual"}.get(int(balance)) if balance is not None else None,
        flash=bool(int(flash) & 1) if flash is not None and 0 <= flash < 2**16 else None,
        focal_mm=_positive(detail.get(FOCAL)),
        focal35_mm=_positive(detail.get(FOCAL35)),
        camera=_camera(main.get(MAKE), main.get(MODEL)),
    )


def _number(value: Any) -> float | None:
    first = value[0] if isinstance(value, tuple) and value else value
    try:
        number = float(first)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _positive(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 < number < 1e7 else None


def _time(value: Any) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(str(value).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _camera(make: Any, model: Any) -> str | None:
    words = [" ".join("".join(c if c.isprintable() else " " for c in w).split()) for w in (make, model) if isinstance(w, str)]
    if len(words) == 2 and words[1].startswith(words[0]):
        words = words[1:]  # "Canon", "Canon EOS 5D"
    return " ".join(words).strip()[:NAME_LENGTH] or None
