"""The planes of a HEIC picture as libheif decodes them, shrunk before they become colour.

pi-heif hands out whole pictures in red, green and blue only: with the decoder's own planes beside them that is 300 MB for 48
megapixels. Its libheif is asked here for the planes of brightness and colour instead, half as large, and they are averaged first.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_size_t, c_uint8, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from needlewise.measure.profile import Pixels

# heif_image.h and heif_color.h: as it comes; YCbCr; and the three planes
UNDEFINED, YCBCR, MONOCHROME, PLANES = 99, 0, 2, (0, 1, 2)
# weights of red and blue in brightness, by ITU-T H.273's code of the matrix; without one BT.601, as libheif takes it
WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
UNSAID = 2


class _Error(ctypes.Structure):
    _fields_ = (("code", c_int), ("subcode", c_int), ("message", c_char_p))


class _Nclx(ctypes.Structure):
    _fields_ = (("version", c_uint8), ("primaries", c_int), ("transfer", c_int), ("matrix", c_int), ("full", c_uint8),
                ("chromaticities", c_float * 8))  # fmt: skip


@cache
def _library() -> ctypes.CDLL | None:
    """Return the libheif that pi-heif brought, or None where it lies elsewhere."""
    import pi_heif  # type: ignore[import-untyped]

    home = Path(pi_heif.__file__).parent
    found = [path for folder in (home.with_name("pi_heif.libs"), home / ".dylibs", home) for path in folder.glob("*heif*")]
    path = next((path for path in found if path.name.startswith("libheif") and path.is_file()), None)
    if path is None:
        return None
    library = ctypes.CDLL(str(path))
    for name, result, arguments in (
        ("heif_context_alloc", c_void_p, []),
        ("heif_context_free", None, [c_void_p]),
        ("heif_context_set_max_decoding_threads", None, [c_void_p, c_int]),
        ("heif_context_read_from_memory_without_copy", _Error, [c_void_p, c_char_p, c_size_t, c_void_p]),
        ("heif_context_get_primary_image_handle", _Error, [c_void_p, POINTER(c_void_p)]),
        ("heif_image_handle_release", None, [c_void_p]),
        ("heif_decode_image", _Error, [c_void_p, POINTER(c_void_p), c_int, c_int, c_void_p]),
        ("heif_image_release", None, [c_void_p]),
        ("heif_image_get_colorspace", c_int, [c_void_p]),
        ("heif_image_get_width", c_int, [c_void_p, c_int]),
        ("heif_image_get_height", c_int, [c_void_p, c_int]),
        ("heif_image_get_bits_per_pixel_range", c_int, [c_void_p, c_int]),
        ("heif_image_get_plane_readonly", POINTER(c_uint8), [c_void_p, c_int, POINTER(c_int)]),
        ("heif_image_get_nclx_color_profile", _Error, [c_void_p, POINTER(POINTER(_Nclx))]),
        ("heif_nclx_color_profile_free", None, [POINTER(_Nclx)]),
    ):
        call = getattr(library, name)
        call.restype, call.argtypes = result, arguments
    return library


def shrunk_heic(data: bytes, max_side: int) -> Pixels | None:
    """Decode the primary picture, upright, averaged to at least `max_side` where it is larger.

    Returns
    -------
    uint8 (H, W) or (H, W, 3); uint16 where the file has more than 8 bits; None where this cannot be done, for pi-heif to do.

    Raises
    ------
    ValueError
        The file is damaged.
    """
    library = _library()
    if library is None:
        return None
    with _decoded(library, data) as image:
        space = library.heif_image_get_colorspace(image)
        if space not in (YCBCR, MONOCHROME):
            return None
        bits = library.heif_image_get_bits_per_pixel_range(image, PLANES[0])
        planes = [_plane(library, image, channel) for channel in (PLANES if space == YCBCR else PLANES[:1])]
        factor = max(1, max(planes[0].shape) // max_side)
        size = planes[0].shape[1] // factor, planes[0].shape[0] // factor
        small = [_averaged(plane, factor, size, planes[0]) for plane in planes]
        matrix, full = _nclx(library, image)
    return _colour(small, bits, matrix, full)


@contextmanager
def _decoded(library: ctypes.CDLL, data: bytes) -> Iterator[c_void_p]:
    context = c_void_p(library.heif_context_alloc())
    handle, image = c_void_p(), c_void_p()
    try:
        library.heif_context_set_max_decoding_threads(context, 1)
        _check(library.heif_context_read_from_memory_without_copy(context, data, len(data), None))
        _check(library.heif_context_get_primary_image_handle(context, byref(handle)))
        _check(library.heif_decode_image(handle, byref(image), UNDEFINED, UNDEFINED, None))
        yield image
    finally:
        if image:
            library.heif_image_release(image)
        if handle:
            library.heif_image_handle_release(handle)
        library.heif_context_free(context)


def _check(error: Any) -> None:
    if error.code:
        raise ValueError((error.message or b"").decode("ascii", "replace"))


def _plane(library: ctypes.CDLL, image: c_void_p, channel: int) -> Pixels:
    """Return a view of one plane; it lives as long as the image."""
    stride = c_int()
    width, height = (getattr(library, f"heif_image_get_{side}")(image, channel) for side in ("width", "height"))
    start = library.heif_image_get_plane_readonly(image, channel, byref(stride))
    if not start or width < 1 or height < 1:
        raise ValueError("a plane is missing")
    deep = library.heif_image_get_bits_per_pixel_range(image, channel) > 8
    rows = np.ctypeslib.as_array(start, (height, stride.value))
    return rows.view(np.uint16)[:, :width] if deep else rows[:, :width]


def _averaged(plane: Pixels, factor: int, size: tuple[int, int], first: Pixels) -> Pixels:
    """Average squares of `factor` pixels of the first plane; a coarser plane is brought to the same size."""
    shares = [factor * mine / whole for mine, whole in zip(plane.shape, first.shape, strict=True)]
    if all(share >= 1 and share == int(share) for share in shares):
        plane = plane[: int(shares[0]) * size[1], : int(shares[1]) * size[0]]
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if factor > 1 else cv2.INTER_LINEAR))


def _nclx(library: ctypes.CDLL, image: c_void_p) -> tuple[int, bool]:
    """Return the code of the matrix and whether values use the full range."""
    said = POINTER(_Nclx)()
    error = library.heif_image_get_nclx_color_profile(image, byref(said))
    if error.code or not said:
        return UNSAID, True
    try:
        return said.contents.matrix, bool(said.contents.full)
    finally:
        library.heif_nclx_color_profile_free(said)


def _colour(planes: list[Pixels], bits: int, matrix: int, full: bool) -> Pixels | None:
    """Turn brightness and colour differences into red, green and blue (ITU-T H.273, 8.3)."""
    top = float(2**bits - 1)
    black, span, swing = (0.0, top, top) if full else (16 * 2.0 ** (bits - 8), 219 * 2.0 ** (bits - 8), 224 * 2.0 ** (bits - 8))
    light = (planes[0].astype(np.float32) - black) / span
    kind, most = (np.uint8, 255.0) if bits <= 8 else (np.uint16, 65535.0)
    if len(planes) == 1:
        return np.asarray(np.rint(np.clip(light, 0, 1) * most), kind)
    if matrix not in WEIGHTS and matrix != UNSAID:
        return None
    red, blue = WEIGHTS.get(matrix, WEIGHTS[6])
    blueish, reddish = ((plane.astype(np.float32) - 2.0 ** (bits - 1)) / swing for plane in planes[1:])
    out = np.empty((*light.shape, 3), np.float32)
    out[..., 0] = light + 2 * (1 - red) * reddish
    out[..., 2] = light + 2 * (1 - blue) * blueish
    out[..., 1] = (light - red * out[..., 0] - blue * out[..., 2]) / (1 - red - blue)
    return np.asarray(np.rint(np.clip(out, 0, 1) * most), kind)
