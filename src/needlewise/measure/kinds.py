"""The kinds of picture that can be opened, told by their first bytes. Kept apart, because it needs no decoder."""

from __future__ import annotations

from needlewise.said import say

KINDS: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "HEIC": (".heic", ".heif", ".hif"),
    "PNG": (".png",),
    "WebP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
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
