"""Lines and furrows of the skin: an index of a zone, and where the lines are.

Method. The logarithm of luminance is brought to one face scale (`SCALE` px between the outer eye corners) and freed of slow
shading (Gaussian, `SLOW` px); what remains is divided by its own local standard deviation (`NEAR` px), so that neither exposure
nor the strength of the light changes it. A line is where the mean along a short stretch, in the best of eight directions, is
darker than the stretches on *both* sides: the smaller of the two differences counts, so a slope of light gives nothing. The hard
edge of a shadow still leaves a trace, and weighs on the local contrast some way round it; `steady_light` leaves out the skin
where such an edge moved between two photos, and how much it left out sets the width of the interval. The index
is the power mean (exponent `POWER`) of that response over the zone, in units of the local standard deviation; a change is given
as 100 ln(after / before) per cent. Lines are drawn from a finer stroke, weighted by where faces have lines (`places`).

Limits. Dividing by the local contrast is what makes the index bear other light, and it has a price: the index understates a
change in relief about threefold (measured on imprinted relief), so it tells better from worse, not by how much the skin's relief
changed. It cannot tell a line from a hair or a hard shadow's edge, and expression makes lines. Compare only behind
`comparable.texture_gate`, near to frontal, with the same expression, and take the mean of three shots.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.zones import box_around
from needlewise.said import say

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

UNDERSTATES = say(
    "The texture index understates a change in relief about threefold (measured on imprinted relief): "
    "it tells better from worse, not by how much."
)
SCALE = 180.0  # px between the outer eye corners at which lines are looked for: about 2 px/mm
SLOW, NEAR = 6.0, 12.0  # px, Gaussian standard deviations
LEAST_CONTRAST = 0.066  # of the natural logarithm of luminance, added to the local deviation: below it is noise
DARK = 0.01  # of the zone's median luminance, added before the logarithm
DIRECTIONS = 8
POWER = 1.25
MARGIN = 40  # px round the mask that filters look at
LOOKS = MARGIN / SCALE  # the same, in distances between the outer eye corners
LEAST_PIXELS = 100  # at SCALE; about 25 mm² of skin
STEADY = 0.044  # per px: gradient of the log ratio of two lights above which a shadow's edge moved
STEADY_BLUR = 3.0  # px
RIM = 6 / SCALE  # round a dark spot, where its rim still reads as a line: in distances between the outer eye corners
CLEAR = 0.5  # of a zone that must be free of spots and their rims
STEADY_MARGIN = 8  # px round such an edge where it still weighs on the local contrast


@dataclass(frozen=True)
class Stroke:
    """A stretch of a line: half width and half length (Gaussian standard deviations), distance to the stretches beside it; px."""

    width: float
    length: float
    beside: float


FURROW = Stroke(1.5, 6.0, 4.0)  # for the index: bears other light best
FINE = Stroke(1.0, 6.0, 3.0)  # for drawing lines: finds the places people mark best
LINE, LINE_LONG = 0.5, 12  # least response along a line, and least height or width of a line in px


def ridge_index(luminance: Image, mask: Mask, face_scale_px: float) -> float:
    """Return how lined a zone is, in units of the local standard deviation of log luminance (typically 0.05 to 0.3).

    Parameters
    ----------
    luminance : float32, HxW
        Linear luminance.
    mask : bool, HxW
        The zone's bare skin. For a change, the same skin in both photos, less `~steady_light`.
    face_scale_px : float
        Distance between the outer eye corners, px (`Face.eyes_px`).

    Raises
    ------
    InputError
        Too little skin.
    """
    scaled, zone = _to_scale(luminance, mask, face_scale_px)
    response = _response(scaled, zone, FURROW)[zone]
    return float(np.mean(response.astype(np.float64) ** POWER) ** (1 / POWER))


def ridge_change(before: float, after: float) -> float:
    """Change of the index in per cent, 100 ln(after / before): the same size up and down."""
    return 100 * math.log(after / before)


def ridge_lines(luminance: Image, mask: Mask, face_scale_px: float, expected: Image | None = None) -> Mask:
    """Return True on the middle of each line in the mask, HxW, one pixel wide.

    Parameters
    ----------
    luminance, mask, face_scale_px
        As in `ridge_index`.
    expected : float32, HxW, or None
        On a face, `places.line_places`: multiplies the response. None: a line is as likely anywhere.

    Notes
    -----
    A line is where the response is above `LINE`, if it is long enough. Against one person's marks about half of such pixels are
    right, which is nearly as far as two people agree; so the lines are for looking at, not for counting.
    """
    scaled, zone = _to_scale(luminance, mask, face_scale_px)
    response = _response(scaled, zone, FINE)
    left, top, right, bottom = _box(mask, face_scale_px)
    if expected is not None:
        response = response * cv2.resize(expected[top:bottom, left:right], response.shape[::-1], interpolation=cv2.INTER_LINEAR)
    strong = ((response > LINE) & zone).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strong, connectivity=8)
    keep = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= LINE_LONG
    keep[0] = False
    lines = np.zeros(mask.shape, np.uint8)
    lines[top:bottom, left:right] = _enlarged(thin(keep[labels]), (bottom - top, right - left))
    return lines.astype(bool) & mask


def steady_light(before: Image, after: Image, mask: Mask, face_scale_px: float) -> Mask:
    """Return True in the mask where the light changed smoothly: no edge of a shadow came, went or moved.

    Parameters
    ----------
    before, after : float32, HxW
        Linear luminance of the same skin, aligned.
    mask, face_scale_px
        As in `ridge_index`.
    """
    first, zone = _to_scale(before, mask, face_scale_px)
    second, _ = _to_scale(after, mask, face_scale_px)
    ratio = _blur(_log(second, zone) - _log(first, zone), STEADY_BLUR)
    across, down = (cv2.Sobel(ratio, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1)))
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * STEADY_MARGIN + 1,) * 2)
    smooth = cv2.erode((cv2.magnitude(across, down) < STEADY).astype(np.uint8), near)
    left, top, right, bottom = _box(mask, face_scale_px)
    steady = np.zeros(mask.shape, bool)
    size = (right - left, bottom - top)
    steady[top:bottom, left:right] = np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_NEAREST)) > 0
    return steady & mask


def thin(mask: Mask) -> Mask:
    """Thin strokes to one pixel (Zhang and Suen 1984, Communications of the ACM 27:236)."""
    alive = np.pad(mask.astype(np.uint8), 1)
    while True:
        before = int(alive.sum())
        for odd in (False, True):
            alive[1:-1, 1:-1][_peel(alive, odd)] = 0
        if int(alive.sum()) == before:
            return alive[1:-1, 1:-1].astype(bool)


def _peel(alive: NDArray[np.uint8], odd: bool) -> Mask:
    """Return the pixels that one half of a thinning round takes away."""
    ring = [alive[1 + y : alive.shape[0] - 1 + y, 1 + x : alive.shape[1] - 1 + x] for y, x in
            ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))]  # fmt: skip
    north, east, south, west = ring[0], ring[2], ring[4], ring[6]
    around = np.add.reduce(ring)
    turns = np.add.reduce([(1 - one) & after for one, after in zip(ring, ring[1:] + ring[:1], strict=True)])
    corner = (north & east & west | north & south & west) if odd else (north & east & south | east & south & west)
    return np.asarray((alive[1:-1, 1:-1] == 1) & (around >= 2) & (around <= 6) & (turns == 1) & (corner == 0))


def _enlarged(lines: Mask, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw thin lines at another size, still one pixel wide: neighbours are joined by strokes."""
    grow = np.array([shape[1] / lines.shape[1], shape[0] / lines.shape[0]])
    padded = np.pad(lines, 1)
    strokes = []
    for down, across in ((0, 0), (0, 1), (1, 1), (1, 0), (1, -1)):
        joined = lines & padded[1 + down : padded.shape[0] - 1 + down, 1 + across : padded.shape[1] - 1 + across]
        start = np.argwhere(joined)[:, ::-1]
        ends = np.stack([start, start + [across, down]], axis=1)
        strokes.append(np.floor((ends + 0.5) * grow).astype(np.int32))
    canvas = np.zeros(shape, np.uint8)
    cv2.polylines(canvas, list(np.concatenate(strokes)), False, [1])
    return canvas


def _box(mask: Mask, face_scale_px: float) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the mask with the margin that the filters need."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise InputError("mask", "0 px", "some skin", "choose a larger or better lit zone")
    margin = math.ceil(MARGIN * face_scale_px / SCALE)
    height, width = mask.shape
    return (
        max(0, int(columns[0]) - margin),
        max(0, int(rows[0]) - margin),
        min(width, int(columns[-1]) + 1 + margin),
        min(height, int(rows[-1]) + 1 + margin),
    )


def _to_scale(luminance: Image, mask: Mask, face_scale_px: float) -> tuple[Image, Mask]:
    """Cut the mask and its margin out, at the face scale."""
    if not (math.isfinite(face_scale_px) and face_scale_px > 0):
        raise InputError("face_scale_px", face_scale_px, "a positive number of pixels")
    left, top, right, bottom = _box(mask, face_scale_px)
    scale = SCALE / face_scale_px
    size = (max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = np.maximum(cv2.resize(luminance[top:bottom, left:right], size, interpolation=way), np.float32(0))
    zone = np.asarray(cv2.resize(mask[top:bottom, left:right].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)) > 0
    if zone.sum() < LEAST_PIXELS:
        raise InputError("mask", f"{int(mask.sum())} px", "more skin", "choose a larger or better lit zone")
    return np.asarray(part, np.float32), zone


def _log(scaled: Image, zone: Mask) -> Image:
    typical = max(float(np.median(scaled[zone])), 1e-9)
    return np.asarray(np.log(scaled / np.float32(typical) + np.float32(DARK)), np.float32)


def _response(scaled: Image, zone: Mask, stroke: Stroke) -> Image:
    """How much darker than both its sides each pixel's best stretch is, in local standard deviations."""
    level = _log(scaled, zone)
    whole = level - _blur(level, SLOW)
    here = box_around(zone, math.ceil(2.5 * stroke.length + stroke.beside) + 1)  # what the strokes of the zone reach
    detail = np.ascontiguousarray(whole[here])
    spread = np.sqrt(_blur(whole * whole, NEAR)[here]) + np.float32(LEAST_CONTRAST)
    best: Image = np.zeros(detail.shape, np.float32)
    for turn in range(DIRECTIONS):
        angle = math.pi * turn / DIRECTIONS
        stretch = _stretches(detail, _kernel(stroke, angle), level=turn * 2 % DIRECTIONS == 0)
        step = np.array([-math.sin(angle), math.cos(angle)]) * stroke.beside
        beside = np.minimum(_moved(stretch, step), _moved(stretch, -step))
        np.maximum(best, beside - stretch, out=best)
    response: Image = np.zeros(whole.shape, np.float32)
    response[here] = best / spread
    return response


def _kernel(stroke: Stroke, angle: float) -> Image:
    half = math.ceil(2.5 * stroke.length)
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    weight = np.exp(-0.5 * ((along / stroke.length) ** 2 + (across / stroke.width) ** 2))
    return np.asarray(weight / weight.sum(), np.float32)


def _stretches(image: Image, kernel: Image, level: bool) -> Image:
    """Average along a stroke; a level or upright one is a product of two rows of weights, which is far quicker."""
    if level:
        across, down = kernel.sum(axis=0), kernel.sum(axis=1)
        return np.asarray(cv2.sepFilter2D(image, cv2.CV_32F, across, down, borderType=cv2.BORDER_REPLICATE), np.float32)
    return np.asarray(cv2.filter2D(image, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)


def _moved(image: Image, step: NDArray[np.float64]) -> Image:
    """Shift by a fraction of pixels."""
    matrix = np.array([[1, 0, -step[0]], [0, 1, -step[1]]], np.float32)
    size = image.shape[::-1]
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _blur(image: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
