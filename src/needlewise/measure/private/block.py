"""The EXIF block: written anew with the few fields that say how a photo was taken (CIPA DC-008)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping
from typing import Any

from PIL import Image

MAKE, MODEL, ORIENTATION, DETAIL, GPS, INTEROP = 0x010F, 0x0110, 0x0112, 0x8769, 0x8825, 0xA005
MAIN_TEXT, MAIN_NUMBER = (MAKE, MODEL), (ORIENTATION,)
TAKEN, OFFSET = 0x9003, 0x9011
DETAIL_TEXT = (TAKEN, OFFSET)
EXPOSURE, APERTURE, ISO, BIAS, METERING, FLASH, FOCAL = 0x829A, 0x829D, 0x8827, 0x9204, 0x9207, 0x9209, 0x920A
COLOURS, BALANCE, ZOOM, FOCAL35 = 0xA001, 0xA403, 0xA404, 0xA405
DETAIL_WHOLE = (ISO, METERING, FLASH, COLOURS, BALANCE, FOCAL35)
DETAIL_RATIO = (EXPOSURE, APERTURE, BIAS, FOCAL, ZOOM)
KEPT_MAIN = frozenset({*MAIN_TEXT, *MAIN_NUMBER, DETAIL})
KEPT_DETAIL = frozenset({*DETAIL_TEXT, *DETAIL_WHOLE, *DETAIL_RATIO})
LONGEST = 60  # characters of a text


def kept_fields(block: bytes) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return what may stay of an EXIF block, main and detail; nothing where it is damaged, as a reader would find nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = Image.Exif()
            found.load(block)
            main, detail = dict(found), dict(found.get_ifd(DETAIL))
    except Exception:  # fuzzed EXIF raises a dozen unrelated kinds from Pillow's parser
        return {}, {}
    return _chosen(main, MAIN_TEXT, MAIN_NUMBER, ()), _chosen(detail, DETAIL_TEXT, DETAIL_WHOLE, DETAIL_RATIO)


def _chosen(fields: Mapping[int, Any], texts: Collection[int], whole: Collection[int], ratios: Collection[int]) -> dict[int, Any]:
    out: dict[int, Any] = {}
    for tag, value in fields.items():
        first = value[0] if isinstance(value, tuple) and value else value
        if tag in texts and isinstance(value, str):
            text = "".join(c for c in value if c.isascii() and c.isprintable()).strip()[:LONGEST]
            if text:
                out[tag] = text
        elif tag in whole and isinstance(first, int) and 0 <= first < 2**16:
            out[tag] = first
        elif tag in ratios and (ratio := _number(first)) is not None:
            out[tag] = ratio
    return out


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e6 else None


def clean_block(block: bytes) -> bytes:
    """Return the block as it is written: a TIFF without pictures, or nothing where nothing may stay."""
    main, detail = kept_fields(block)
    if not main and not detail:
        return b""
    made = Image.Exif()
    made.update(main)
    if detail:
        made[DETAIL] = detail
    return made.tobytes().removeprefix(b"Exif\0\0")


def only_allowed(block: bytes | Image.Exif, more: frozenset[int] = frozenset()) -> bool:
    """Say whether a block holds nothing but what may stay; `more` are further tags allowed in its main part."""
    if isinstance(block, bytes):
        found = Image.Exif()
        found.load(block)
    else:
        found = block
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inner = set(found.get_ifd(DETAIL))
        return set(found) <= KEPT_MAIN | more and inner <= KEPT_DETAIL and not found.get_ifd(GPS) and not found.get_ifd(INTEROP)
