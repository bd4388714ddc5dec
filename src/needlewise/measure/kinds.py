"""The kinds of picture that can be opened, told by their first bytes. Kept apart, because it needs no decoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from needlewise.errors import InputError
from needlewise.said import say

KINDS: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "HEIC": (".heic", ".heif", ".hif"),
    "PNG": (".png",),
    "WebP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
MAX_BYTES = 250_000_000
MIN_SIDE = 32  # px; nothing smaller shows skin
HEAD = 64  # bytes read to tell the kind
ACCEPTED = ",".join(["image/*", *(ending for endings in KINDS.values() for ending in endings)])  # by a browser's file picker
SNIFFED = 16  # as many first bytes as tell the kind
OPENS = say("a JPEG, HEIC, PNG, WebP or TIFF picture")
DAMAGED = say("the file is damaged or cut short: copy it again from the phone or camera")


def kind_of(data: bytes) -> str | None:
    """Name the kind of picture by its first bytes, whatever the file is called."""
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "TIFF"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"mif1", b"MiHE", b"hevc", b"msf1"):
        return "HEIC"
    return None


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    """Open a picture, at its beginning, and name its kind.

    Raises
    ------
    InputError
        The file is missing, empty, too large, no picture, or not what its name says.
    """
    name = str(path)
    try:
        if not path.is_file():
            raise InputError("photo", name, OPENS, "there is no such file" if not path.exists() else "this is not a file")
        if path.stat().st_size > MAX_BYTES:
            raise InputError("photo", name, say("at most {most} MB", most=MAX_BYTES // 1_000_000), "save a smaller copy")
        with path.open("rb") as file:
            head = file.read(HEAD)
            kind = kind_of(head)
            if kind is None:
                hint = "share or export it as JPEG" if any(head) else "the file is empty: copy it again from the phone"
                raise InputError("photo", name, OPENS, hint)
            ending = path.suffix.lower()
            named = next((one for one, endings in KINDS.items() if ending in endings), None)
            if named not in (None, kind):
                allowed = say("a name that fits its content, which is {kind}", kind=kind)
                raise InputError("photo", name, allowed, say("rename it to end in {ending}", ending=KINDS[kind][0]))
            file.seek(0)
            yield file, kind
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise InputError("photo", name, OPENS, "the file cannot be read") from error


def check_size(name: str, width: int, height: int, limit: float) -> None:
    """Refuse a picture too small to show anything, or of more pixels than `limit`."""
    if min(width, height) < MIN_SIDE:
        hint = "choose the full-size photo"
    elif width * height > limit:
        hint = say("save a copy of at most {most:.0f} megapixels", most=limit / 1e6)
    else:
        return
    allowed = say("{least} pixels a side to {most:.0f} megapixels; this is {width} × {height}",
                  least=MIN_SIDE, most=limit / 1e6, width=width, height=height)  # fmt: skip
    raise InputError("photo", name, allowed, hint)
