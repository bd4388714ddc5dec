"""The plane of an imprint from a bank card or a whole sheet of known size: its outline gives perspective and scale."""

from __future__ import annotations

import math
from itertools import pairwise, product

import cv2
import numpy as np
import numpy.typing as npt

from needlewise.errors import InputError
from needlewise.measure.imprint.page import FLAT_SHARE, Bytes, Floats, Picture, Plane, apply
from needlewise.said import say

# ISO/IEC 7810 ID-1, ISO 216, ANSI/ASME Y14.1
SIZES_MM = {"card": (85.60, 53.98), "paper-a4": (297.0, 210.0), "paper-letter": (279.4, 215.9)}
NAMES = {"card": say("a bank card"), "paper-a4": say("a whole A4 sheet"), "paper-letter": say("a whole Letter sheet")}
ROUGH = 3  # outlines are looked for in a picture so much smaller, and then fitted
SEARCH_SIDES = (1000, 1500)  # pixels of the long side in which the card or sheet is looked for, one after the other
APART_PX = 4.0  # outlines this near are one
FITS, FITS_WELL = 0.5, 0.95  # least share of a side seen, less four times the misfit; and what needs no further look
FOCAL_RANGE = np.geomspace(20.0, 90.0, 24)  # of phones and cameras, mm of a 36 mm wide frame
MAX_TILT_DEG = 35.0
MAX_SHAPE_ERROR = 0.06  # relative misfit of a quadrilateral to a rectangle of the known sides, seen by such a camera
STAYS_PX, HOPELESS = 0.4, 0.25  # a side seen so little, in the widest belt half of it, will not be found
BELTS = (0.035, 0.02, *(0.012,) * 6)  # half widths, in shares of a side, in which its edge is looked for
RIM_MM = 2.0
RIM_SHARE = 0.08  # of a card's short side: lines printed along its rim lie so near
MOST_BESIDE, NARROW_PX = 3, 2.0  # lines beside each side, and how far about each its edge is looked for
CLEAR, SEEN_BESIDE = 0.3, 0.6  # of the clearest edge beside a side; of the side, that shows
MAX_CARD_ERROR, AS_LIKE = 0.02, 0.004  # misfits, as above, of a card, and of two that are as good


def find_plane(picture: Picture, scale: str) -> Plane:
    """Find the card or sheet named by `scale` and return the plane it lies in.

    Raises
    ------
    InputError
        It is not seen whole and clearly.
    """
    sides = SIZES_MM[scale]
    for side in SEARCH_SIDES:
        small, share = picture.colour(side)
        found = _outline(small, sides, scale != "card")
        if found is not None:
            break
    else:
        raise InputError("scale", scale, say("{thing} seen whole, flat and apart from its background", thing=NAMES[scale]),
                         "no such outline was found; lay it on a surface of another colour, tilt less than 20°")  # fmt: skip
    quad, error = found
    full, error = (_long_side_first(quad) + 0.5) / share - 0.5, error / share
    corners = np.array([(0, 0), (sides[0], 0), sides, (0, sides[1])], np.float32)
    to_mm = cv2.getPerspectiveTransform(full.astype(np.float32), corners).astype(np.float64)
    rim = -RIM_MM if scale != "card" else RIM_MM  # an edge and its shadow are no marks
    belt = np.array([(-rim, -rim), (sides[0] + rim, -rim), (sides[0] + rim, sides[1] + rim), (-rim, sides[1] + rim)])
    polygon = apply(np.asarray(np.linalg.inv(to_mm), np.float64), belt)
    middle = full.mean(0) if scale != "card" else np.array([picture.width, picture.height]) / 2
    inside, outside = (None, polygon) if scale == "card" else (polygon, None)
    return Plane(to_mm, 1 / _mm_per_px(to_mm, middle), inside, outside, _doubts(full, corners, error, middle))


def _doubts(quad: Floats, corners: Floats, error: float, middle: Floats) -> tuple[float, float]:
    """Return relative standard errors of lengths at `middle`, along x and y, if each corner is out by `error` both ways."""

    def lengths(quad: Floats) -> npt.NDArray[np.float64]:
        to_mm = cv2.getPerspectiveTransform(quad.astype(np.float32), corners).astype(np.float64)
        at = apply(to_mm, np.array([middle, middle + steps[0], middle + steps[1]]))
        return np.asarray(np.linalg.norm(at[1:] - at[0], axis=1), np.float64)

    from_mm = cv2.getPerspectiveTransform(corners, quad.astype(np.float32)).astype(np.float64)
    to_mm = np.asarray(np.linalg.inv(from_mm), np.float64)
    at = apply(to_mm, middle[None])
    steps = apply(from_mm, at + np.eye(2)) - middle  # a millimetre along x and y
    true = lengths(quad)
    moves = error * np.eye(8).reshape(8, 4, 2)
    x, y = np.sqrt(sum(np.log(lengths(quad + move) / true) ** 2 for move in moves) + FLAT_SHARE**2)
    return float(x), float(y)


def _outline(small: Bytes, sides: tuple[float, float], sheet: bool) -> tuple[Floats, float] | None:
    """Return the corners of the best outline of such a rectangle, or of the first that fits well, and their error in pixels."""
    channels = _channels(small)
    best: tuple[float, Floats, float] | None = None
    rough_size = (channels.shape[1] // ROUGH, channels.shape[0] // ROUGH)
    rough = np.asarray(cv2.resize(channels, rough_size, interpolation=cv2.INTER_AREA), np.float32)
    for k in range(3):
        quads = [ROUGH * (q + 0.5) - 0.5 for q in _quads(rough[..., k], sheet)]
        misfits = np.array([_shape_error(q, sides, small.shape) for q in quads])
        for i in np.argsort(misfits):
            if misfits[i] > 2.5 * MAX_SHAPE_ERROR:
                break
            fine, seen, error = _refine(channels, quads[i])
            misfit = _shape_error(fine, sides, small.shape)
            if seen - 4 * misfit < FITS or misfit > MAX_SHAPE_ERROR:
                continue
            if not sheet:
                fine, misfit = _framed(channels, fine, sides)
                if misfit > MAX_CARD_ERROR:
                    continue
            if best is None or seen - 4 * misfit > best[0]:
                best = seen - 4 * misfit, fine, error
            if best[0] > FITS_WELL:
                return best[1:]
    return None if best is None else best[1:]


def _framed(channels: npt.NDArray[np.float32], quad: Floats, sides: tuple[float, float]) -> tuple[Floats, float]:
    """Return a card's own outline, where lines printed along its rim may have been taken for a side, and its misfit.

    Of all lines that run beside a side, those are taken that together are most like such a rectangle; of such as are about as
    like it, the largest.
    """
    reach = RIM_SHARE * float(np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1).min())
    beside = [_beside(channels, a, b, reach) for a, b in pairwise([*quad, quad[0]])]
    framed = [(_shape_error(quad, sides, channels.shape), 0.0, quad)]
    for lines in product(*beside):
        corners = [np.cross(one, two) for one, two in zip([lines[-1], *lines[:-1]], lines, strict=True)]
        if min(abs(p[2]) for p in corners) > 1e-9:
            other = np.array([p[:2] / p[2] for p in corners])
            framed.append((_shape_error(other, sides, channels.shape), float(cv2.contourArea(other.astype(np.float32))), other))
    least = min(f[0] for f in framed)
    misfit, _, best = max((f for f in framed if f[0] <= least + AS_LIKE), key=lambda f: f[1])
    return best, misfit


def _beside(channels: npt.NDArray[np.float32], a: Floats, b: Floats, reach: float) -> list[Floats]:
    """Return the lines of clear edges beside the side a–b, itself among them, within `reach` pixels."""
    along = (b - a) / float(np.linalg.norm(b - a))
    normal = np.array([-along[1], along[0]])
    step = np.asarray(np.median(_steps(channels, a, b, reach)[1], axis=0), np.float64)
    across = np.arange(len(step)) * 0.5 - (len(step) - 1) * 0.25
    usual = float(np.percentile(step, 25))
    tops = np.flatnonzero((step == cv2.dilate(step[None].astype(np.float32), np.ones((1, 7), np.uint8))[0]) & (step > 2 * usual))
    lines: list[Floats] = []
    for k in tops[np.argsort(-step[tops])][:MOST_BESIDE]:
        if step[k] < CLEAR * step[tops].max():
            continue
        at = across[k] * normal
        line, share, _ = _fit_side(channels, a + at, b + at, NARROW_PX, 2 * usual)
        if line is not None and share > SEEN_BESIDE:
            lines.append(line)
    return lines or [np.asarray(np.cross([*a, 1.0], [*b, 1.0]))]


def _mm_per_px(to_mm: npt.NDArray[np.float64], at: Floats) -> float:
    a, b, c = apply(to_mm, np.array([at, at + (1, 0), at + (0, 1)]))
    return math.sqrt(abs(float(np.linalg.det(np.array([b - a, c - a])))))


def _channels(bgr: Bytes) -> npt.NDArray[np.float32]:
    """Return H×W×3: log of luminance, and two log ratios of colours, which a shadow leaves alone."""
    logs = cv2.LUT(bgr, np.log(np.arange(256, dtype=np.float32) + 8))
    mix = np.array([(0.25, 0.5, 0.25), (0, -1, 1), (1, -1, 0)], np.float32)
    return np.asarray(cv2.transform(cv2.GaussianBlur(logs, (7, 7), 1.0), mix), np.float32)


def _quads(channel: npt.NDArray[np.float32], sheet: bool) -> list[Floats]:
    """Return four-cornered outlines (4×2) from thresholds of a channel and from closed edges."""
    found: list[Floats] = []
    area = channel.shape[0] * channel.shape[1]
    low, high = np.percentile(channel[::4, ::4], (1, 99))
    grey = np.clip((channel - low) / max(high - low, 1e-3) * 255, 0, 255).astype(np.uint8)
    grey = cv2.medianBlur(grey, 5)
    for level in np.unique(np.percentile(grey[::4, ::4], np.linspace(6, 94, 10)).astype(int)):
        found += _outlines((grey > level).astype(np.uint8), area, sheet)
    for strong in (60, 120):
        edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.2), strong / 2.5, strong)
        found += _outlines((cv2.dilate(edges, np.ones((3, 3), np.uint8)) == 0).astype(np.uint8), area, sheet)
    return _distinct(found)


def _outlines(mask: Bytes, area: int, sheet: bool) -> list[Floats]:
    out: list[Floats] = []
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    least = (0.15 if sheet else 0.02) * area
    for contour in contours:
        _, _, wide, high = cv2.boundingRect(contour)
        if wide * high < least:
            continue
        hull = cv2.convexHull(contour)
        if cv2.contourArea(hull) < least:
            continue
        for slack in (0.02, 0.035, 0.05):
            corners = cv2.approxPolyDP(hull, slack * cv2.arcLength(hull, True), True)
            if len(corners) == 4:
                quad = corners[:, 0].astype(np.float64)
                size = np.array(mask.shape[::-1])
                rim = (quad < 2).any() or (quad > size - 3).any()  # an outline along the picture's rim is the rim's
                if not rim and cv2.contourArea(hull) / cv2.contourArea(corners) > 0.85:
                    out.append(quad)
                break
    return out


def _distinct(quads: list[Floats]) -> list[Floats]:
    kept: list[Floats] = []
    for quad in quads:
        quad = np.roll(quad, -int(np.argmin(quad.sum(1))), axis=0)
        if all(np.abs(quad - other).max() > APART_PX for other in kept):
            kept.append(quad)
    return kept


def _long_side_first(quad: Floats) -> Floats:
    """Return the corners so that the first side is a long one, turning as millimetres do (no mirror image)."""
    if cv2.contourArea(quad.astype(np.float32), True) < 0:
        quad = quad[::-1]
    lengths = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    return quad if lengths[0] + lengths[2] >= lengths[1] + lengths[3] else np.roll(quad, -1, axis=0)


def _shape_error(quad: Floats, sides: tuple[float, float], shape: tuple[int, ...]) -> float:
    """Return how far `quad` is from a rectangle of these sides seen by an ordinary camera (0 = fits, inf = cannot be).

    With the optical axis in the middle, K⁻¹H holds two orthogonal columns of equal length (Zhang 2000); the focal length
    is the one of the allowed range that fits best.
    """
    quad = _long_side_first(quad)
    corners = np.array([(0, 0), (sides[0], 0), sides, (0, sides[1])], np.float32)
    h = cv2.getPerspectiveTransform(corners, quad.astype(np.float32)).astype(np.float64)
    height, width = shape[:2]
    focal = FOCAL_RANGE * max(width, height) / 36
    a = np.array([(h[0] - width / 2 * h[2]) / focal[:, None], (h[1] - height / 2 * h[2]) / focal[:, None],
                  np.tile(h[2], (len(focal), 1))])  # fmt: skip
    one, two = a[..., 0], a[..., 1]  # 3×F
    long, high = np.linalg.norm(one, axis=0), np.linalg.norm(two, axis=0)
    upright = np.abs(one[0] * two[1] - one[1] * two[0]) / (long * high)
    errors = np.abs((one * two).sum(0)) / (long * high) + np.abs(np.log(long / high))
    return float(np.where(upright < math.cos(math.radians(MAX_TILT_DEG)), math.inf, errors).min())


def _refine(channels: npt.NDArray[np.float32], quad: Floats) -> tuple[Floats, float, float]:
    """Return the corners from lines fitted to the sides, the least share of a side that shows, and the error in pixels.

    Rounded corners lead a first outline astray, so lines are fitted in ever narrower belts, until they stay.
    """
    seen, error = 0.0, math.inf
    for belt in BELTS:
        before = quad
        fits = [_fit_side(channels, a, b, max(6.0, belt * float(np.linalg.norm(b - a)))) for a, b in pairwise([*quad, quad[0]])]
        lines = [line for line, _, _ in fits if line is not None]
        if len(lines) < 4:
            return quad, 0.0, math.inf
        corners = [np.cross(one, two) for one, two in zip([lines[-1], *lines[:-1]], lines, strict=True)]
        if min(abs(p[2]) for p in corners) < 1e-9:
            return quad, 0.0, math.inf
        quad = np.array([p[:2] / p[2] for p in corners])
        if not np.isfinite(quad).all() or np.abs(quad).max() > 4 * max(channels.shape):
            return quad, 0.0, math.inf
        seen, error = min(share for _, share, _ in fits), float(np.mean([e for _, _, e in fits]))
        stays = belt == BELTS[-1] and np.abs(quad - before).max() < STAYS_PX
        if stays or seen < HOPELESS * (0.5 if belt == BELTS[0] else 1.0):
            break
    return quad, seen, error


def _steps(channels: npt.NDArray[np.float32], a: Floats, b: Floats, reach: float) -> tuple[Floats, Floats, Floats]:
    """Return places along the side a–b, how far each changes (P×N, over 3 pixels) across it, and the N pixels across.

    Corners may be rounded, so the side's ends are left out.
    """
    along = (b - a) / float(np.linalg.norm(b - a))
    normal = np.array([-along[1], along[0]])
    across = np.arange(-reach - 1.5, reach + 2.0, 0.5)
    places = np.linspace(0.12, 0.88, 70)
    at = a + places[:, None] * (b - a)
    grid = (at[:, None] + across[None, :, None] * normal).astype(np.float32)
    values = cv2.remap(channels, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    values = cv2.blur(values, (1, 5))  # along the side
    return places, np.linalg.norm(values[:, 6:] - values[:, :-6], axis=2), across[3:-3]


def _fit_side(
    channels: npt.NDArray[np.float32], a: Floats, b: Floats, reach: float, least: float | None = None
) -> tuple[Floats | None, float, float]:
    """Fit a line through the strongest edge across the side a–b: the line, the share of the side that shows, and its error.

    An edge is clear where it is stronger than `least`, or twice what lies beside it.
    """
    normal = np.array([a[1] - b[1], b[0] - a[0]]) / float(np.linalg.norm(b - a))
    places, step, across = _steps(channels, a, b, reach)
    peak = step.argmax(1)
    inner = np.clip(peak, 1, step.shape[1] - 2)
    rows = np.arange(len(step))
    left, mid, right = step[rows, inner - 1], step[rows, inner], step[rows, inner + 1]
    bend = left - 2 * mid + right
    offset = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(np.abs(bend) > 1e-9, bend, 1), 0)
    t = across[inner] + np.clip(offset, -1, 1) * 0.5
    good = mid > (2.0 * float(np.percentile(step, 25)) if least is None else least)  # a cast shadow fills half of a narrow belt
    if good.sum() < 15:
        return None, 0.0, math.inf
    slope, level, fits = _robust_line(places, t, good)
    share = float(fits.mean())
    if fits.sum() < 10:
        return None, 0.0, math.inf
    p, q = a + normal * level, b + normal * (level + slope)
    spread = float(np.std(t[fits] - level - slope * places[fits]))
    return np.cross([*p, 1.0], [*q, 1.0]), share, spread / math.sqrt(fits.sum()) + 0.05


def _robust_line(x: Floats, y: Floats, good: npt.NDArray[np.bool_]) -> tuple[float, float, npt.NDArray[np.bool_]]:
    """Return slope, level and the points within 1 pixel of the line that most points agree on."""
    index = np.flatnonzero(good)
    i, j = np.triu_indices(len(index), k=max(4, len(index) // 4))
    i, j = index[i[::3]], index[j[::3]]  # every third pair is many
    slopes = (y[j] - y[i]) / (x[j] - x[i])
    levels = y[i] - slopes * x[i]
    agree = (np.abs(y[None, index] - levels[:, None] - slopes[:, None] * x[None, index]) < 1.0).sum(1)
    best = int(agree.argmax())
    slope, level = float(slopes[best]), float(levels[best])
    for _ in range(3):
        fits = good & (np.abs(y - level - slope * x) < 1.0)
        if fits.sum() < 3:
            break
        dx, dy = x[fits] - x[fits].mean(), y[fits] - y[fits].mean()
        slope = float(dx @ dy / (dx @ dx))
        level = float(y[fits].mean() - slope * x[fits].mean())
    return slope, level, fits
