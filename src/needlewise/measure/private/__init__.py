"""Take out of a photo's file where it was taken, by which device and for whom, without touching a pixel.

What is not known to be needed goes: only the parts of a file that make up its picture stay, its colours, and the few fields that
say how it was taken (time, exposure, lens, way up). So a maker's note, a hidden video or a name in a caption needs no rule of its
own. What was written is read again, by a second reader, before it is handed out.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image

from needlewise.errors import InputError
from needlewise.measure.exif import Shooting, shooting_of
from needlewise.measure.kinds import DAMAGED, OPENS, kind_of
from needlewise.measure.private.block import only_allowed
from needlewise.measure.private.chunks import clean_png, clean_webp
from needlewise.measure.private.heic import clean_heic
from needlewise.measure.private.jpeg import clean_jpeg
from needlewise.measure.private.tiff import STRUCTURE, clean_tiff

__all__ = ["Discreet", "discreet"]

CLEAN: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {"JPEG": clean_jpeg, "HEIC": clean_heic, "PNG": clean_png, "WebP": clean_webp, "TIFF": clean_tiff}
)
PACKETS = (b"http://ns.adobe.com/", b"<x:xmpmeta", b"<?xpacket", b"Photoshop 3.0")  # how XMP and IPTC begin


@dataclass(frozen=True)
class Discreet:
    """A photo's file with nothing private in it; its kind is one of `kinds.KINDS`; `shooting` is what it still says."""

    data: bytes
    kind: str
    shooting: Shooting


def discreet(data: bytes, name: str) -> Discreet:
    """Return the same picture without position, serial numbers, maker's notes, names and captions.

    Parameters
    ----------
    data : bytes
        A whole file.
    name : str
        What the person calls it, for messages.

    Returns
    -------
    Discreet
        The new file, its pixels stored by the very same bytes.

    Raises
    ------
    InputError
        It is no picture that can be opened, it is damaged, or it cannot be made sure that nothing private is left.
    """
    kind = kind_of(data)
    if kind is None:
        hint = "share or export it as JPEG" if any(data[:64]) else "the file is empty: copy it again from the phone"
        raise InputError("photo", name, OPENS, hint)
    try:
        out = CLEAN[kind](data)
        shooting = _read_again(out, kind) if CLEAN[kind](out) == out else None
    except (ValueError, IndexError, struct.error, OverflowError) as error:
        raise InputError("photo", name, "a whole picture", DAMAGED) from error
    if shooting is None:
        hint = "its position and names could not be taken out with certainty: save a copy as JPEG and add that"
        raise InputError("photo", name, OPENS, hint)
    return Discreet(out, kind, shooting)


def _read_again(data: bytes, kind: str) -> Shooting | None:
    """Read the file with another reader than the one that wrote it; None if more is in it than may stay."""
    if kind == "HEIC":
        import pi_heif  # type: ignore[import-untyped]  # only here: few files need it

        try:
            info = pi_heif.open_heif(data).info
        except Exception as error:  # libheif raises several unrelated kinds on damaged files
            raise ValueError("not readable") from error
        block = info.get("exif") or b""
        if not block.strip(b"\0"):
            return None if any(packet in data for packet in PACKETS) else Shooting()
        return shooting_of(block) if only_allowed(block) and not any(packet in data for packet in PACKETS) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "TIFF"))
            block = image.getexif()
            texts = {"xmp", "comment", "photoshop", "XML:com.adobe.xmp"} & set(image.info)
        except Exception as error:  # Pillow too
            raise ValueError("not readable") from error
    return shooting_of(block) if not texts and only_allowed(block, STRUCTURE if kind == "TIFF" else frozenset()) else None
