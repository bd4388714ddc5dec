"""Bring two photos of the same skin into register, and say how well that went.

The steps, each at a reduced size of about `WORK_SIDE` pixels across the region looked at:

1. landmarks (robust affine of the face mesh), or, without a face, ORB features alone;
2. ORB features on locally normalised images, kept only if they agree with step 1;
3. ECC (enhanced correlation coefficient), kept only if the correlation rises;
4. dense inverse search optical flow, both ways, weighted by forward-backward agreement and smoothed.

Local normalisation (each pixel's log brightness less the local mean, over the local standard deviation) takes side light out
before anything is matched: a light that comes round adds a smooth term to log brightness, and the local mean removes it.

Sources: ORB, Rublee 2011; ECC, Evangelidis & Psarakis 2008 (doi 10.1109/TPAMI.2008.113); DIS flow, Kroeger 2016
(doi 10.1007/978-3-319-46493-0_29).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError

if TYPE_CHECKING:
    from needlewise.measure.face import Face
    from needlewise.measure.photo import Photo

__all__ = ["Alignment", "align", "align_by", "locally_normalised", "unmoved", "warp"]

Image = NDArray[np.float32]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]
Pixel = TypeVar("Pixel", np.uint8, np.float32)

WORK_SIDE = 640  # longest side of the region looked at, in working pixels
MARGIN = 0.12  # of the face's own extent, kept around it
LOCAL = 0.018  # radius of the local mean, as a share of the working side: wider than a pore, narrower than a shadow
SMOOTH = 0.012  # radius over which the dense motion is averaged, likewise: soft tissue does not tear
AGREE = 0.03  # a feature may lie this share of the working side from where the landmarks put it
FLOOR = 0.004  # linear, added before the logarithm
NOISE_LOG = 0.03  # local contrast below this is noise, not skin
MIN_FEATURES = 12
COARSE = 4  # working pixels to one of the dense motion's grid
DIS = cv2.DISOPTICAL_FLOW_PRESET_FAST
STRIP = 512  # rows warped at a time, so that full-size maps never exist
# p95 of the true error over the median forward-backward disagreement, about, on known warps (benchmarks/measure_warps.py)
ERROR_PER_DISAGREEMENT = 4.0


@dataclass(frozen=True)
class Alignment:
    """Where each pixel of the before photo lies in the after photo.

    Attributes
    ----------
    affine : float64 (2, 3)
        Before pixels to after pixels, the rigid part.
    residual : float32 (h, w, 2)
        Soft motion added to it, after pixels (x, y), on a coarse grid.
    grid : float64 (2, 3)
        Coarse grid pixels to before pixels.
    shape : (int, int)
        Height and width of the before photo.
    error_px : float
        Estimated 95th percentile of the error, before pixels.
    inliers : int
        Features that agree with the motion; few means that little of the skin was recognised.
    method : str
        The steps that were kept, joined by " + ".
    """

    affine: Matrix
    residual: Image
    grid: Matrix
    shape: tuple[int, int]
    error_px: float
    inliers: int
    method: str

    def rows(self, top: int, bottom: int) -> tuple[Image, Image]:
        """Return after-photo x and y (float32, rows x width) for rows `top` to `bottom` of the before photo."""
        width = self.shape[1]
        shift = self.grid.copy()
        shift[1, 2] -= top
        flags = cv2.INTER_LINEAR
        soft = cv2.warpAffine(self.residual, shift, (width, bottom - top), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        x, y = np.arange(width), np.arange(top, bottom)[:, None]
        maps = []
        for axis, (along, down, start) in enumerate(self.affine):  # 32 bits hold a thousandth of a pixel, at half the time
            rigid = (along * x).astype(np.float32) + (down * y + start).astype(np.float32)
            rigid += soft[..., axis]
            maps.append(rigid)
        return maps[0], maps[1]

    def within(self, rows: slice, columns: slice) -> Alignment:
        """Return the same alignment for a part cut out of the before photo."""
        out, back = np.eye(3), np.eye(3)
        out[:2, 2] = columns.start, rows.start
        back[:2, 2] = -columns.start, -rows.start
        shape = rows.stop - rows.start, columns.stop - columns.start
        return replace(self, affine=self.affine @ out, grid=(back @ _square(self.grid))[:2], shape=shape)

    @property
    def map_x(self) -> Image:
        """After-photo x of every before pixel, float32 (H, W)."""
        return self.rows(0, self.shape[0])[0]

    @property
    def map_y(self) -> Image:
        """After-photo y of every before pixel, float32 (H, W)."""
        return self.rows(0, self.shape[0])[1]


def unmoved(shape: tuple[int, int]) -> Alignment:
    """Return the alignment of pictures that were cut out alike: nothing moves, and nothing was checked."""
    straight = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    return Alignment(straight, np.zeros((2, 2, 2), np.float32), straight.copy(), shape, 0.0, 0, "cut out alike")


def warp(image: NDArray[Pixel], alignment: Alignment) -> NDArray[Pixel]:
    """Resample the after photo (or a mask of it, uint8 or float) onto the before photo's pixels, bilinearly, strip by strip.

    Pixels that lie outside the after photo become 0.
    """
    height, width = alignment.shape
    out = np.empty((height, width, *image.shape[2:]), image.dtype)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        x, y = alignment.rows(top, bottom)
        out[top:bottom] = cv2.remap(image, x, y, cv2.INTER_LINEAR)
    return out


def align(
    before: Photo,
    after: Photo,
    face_before: Face | None = None,
    face_after: Face | None = None,
    mask: Mask | None = None,
) -> Alignment:
    """Find where each pixel of `before` lies in `after`.

    Parameters
    ----------
    before, after : Photo
        Linear pictures, of any sizes.
    face_before, face_after : Face, optional
        Their landmarks; with both, features that disagree with them are dropped.
    mask : bool (H, W) of before, optional
        Skin to align on; pixels outside take the motion of the nearest skin.

    Raises
    ------
    InputError
        When no common skin can be found.
    """
    points = (face_before.points, face_after.points) if face_before is not None and face_after is not None else None
    return align_by(before, after, points, mask)


def align_by(before: Photo, after: Photo, points: tuple[Image, Image] | None, mask: Mask | None = None) -> Alignment:
    """Do as `align`, from places (float32 Nx2, px) that are known to lie on each other in place of landmarks."""
    first = _Frame.around(before.pixels, points[0] if points else None, mask)
    second = _Frame.around(after.pixels, points[1] if points else None, None)
    region = first.mask(mask)
    one = _normalised(first.grey)
    if points is not None:
        start, steps = _from_landmarks(first, second, *points), ["landmarks"]
    else:
        start, steps = _from_features(one, _normalised(second.grey)), ["features"]
    start, inliers = _features(one, _moved(second.grey, start, one.shape), start, region, steps)
    start = _correlate(one, second.grey, start, region, steps)
    two = _moved(second.grey, start, one.shape)
    soft, disagreement = _dense(one, two, region)
    steps.append("dense flow")
    residual = soft @ start[:, :2].T.astype(np.float32) * np.float32(second.scale)
    rows, columns = soft.shape[:2]
    sx, sy = one.shape[1] / columns, one.shape[0] / rows
    grid = first.to_photo @ np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
    affine = np.asarray(second.to_photo @ _square(start) @ np.linalg.inv(_square(first.to_photo)), np.float64)
    error = ERROR_PER_DISAGREEMENT * disagreement * first.scale
    return Alignment(affine, residual, grid, before.pixels.shape[:2], error, inliers, " + ".join(steps))


def locally_normalised(pixels: Image) -> NDArray[np.uint8]:
    """Return linear colour (H, W, 3) as locally normalised log brightness, 8 bits (H, W)."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return _normalised(np.log(np.maximum(grey, 0) + np.float32(FLOOR)))


def _square(matrix: Matrix) -> Matrix:
    """Add the row 0 0 1 to a 2 x 3 affine."""
    return np.vstack([matrix, [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class _Frame:
    """A region of a photo at working size: its log brightness, and the affine from working to photo pixels."""

    grey: Image
    to_photo: Matrix
    box: tuple[int, int, int, int]  # left, top, right, bottom in the photo
    scale: float  # photo pixels a working pixel

    @classmethod
    def around(cls, pixels: Image, points: Image | None, mask: Mask | None) -> _Frame:
        """Cut out the face, else the mask, else take all; reduce to the working side."""
        height, width = pixels.shape[:2]
        box = _box(points, mask, height, width)
        left, top, right, bottom = box
        scale = max(1.0, max(right - left, bottom - top) / WORK_SIDE)
        size = (max(8, round((right - left) / scale)), max(8, round((bottom - top) / scale)))
        small = cv2.resize(pixels[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
        grey = np.log(np.maximum(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 0) + np.float32(FLOOR))
        sx, sy = (right - left) / size[0], (bottom - top) / size[1]
        # a working pixel's centre is the centre of the block of photo pixels it was made from
        to_photo = np.array([[sx, 0, left + (sx - 1) / 2], [0, sy, top + (sy - 1) / 2]], np.float64)
        return cls(grey, to_photo, box, scale)

    def mask(self, mask: Mask | None) -> NDArray[np.uint8]:
        """The given mask at working size; 255 everywhere without one."""
        if mask is None:
            return np.full(self.grey.shape, 255, np.uint8)
        left, top, right, bottom = self.box
        part = mask[top:bottom, left:right].view(np.uint8) * np.uint8(255)
        size = (self.grey.shape[1], self.grey.shape[0])
        return ((cv2.resize(part, size, interpolation=cv2.INTER_AREA) > 127) * np.uint8(255)).astype(np.uint8)


def _box(points: Image | None, mask: Mask | None, height: int, width: int) -> tuple[int, int, int, int]:
    if points is not None:
        low, high = points[:, :2].min(0), points[:, :2].max(0)
    elif mask is not None and mask.any():
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        low, high = np.array([columns[0], rows[0]]), np.array([columns[-1] + 1, rows[-1] + 1])
    else:
        return 0, 0, width, height
    pad = MARGIN * float((high - low).max())
    left, top = np.maximum(np.floor(low - pad), 0).astype(int)
    right, bottom = np.minimum(np.ceil(high + pad), [width, height]).astype(int)
    if right - left < 16 or bottom - top < 16:
        raise InputError("region", f"{right - left} x {bottom - top} pixels", "at least 16 x 16 pixels inside the photo")
    return int(left), int(top), int(right), int(bottom)


def _normalised(grey: Image) -> NDArray[np.uint8]:
    """Local mean 0 and standard deviation 1 of log brightness, as 128 + 40 z in 8 bits."""
    sigma = LOCAL * max(grey.shape)
    mean = _blur(grey, sigma)
    centred = grey - mean
    spread = _blur(centred * centred, sigma)
    z = centred / np.sqrt(spread + np.float32(NOISE_LOG**2))
    return np.asarray(cv2.convertScaleAbs(np.clip(z, -3, 3), alpha=40, beta=128), np.uint8)


def _moved(grey: Image, start: Matrix, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The after region resampled onto the before region by `start` (before working to after working), then normalised."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(grey, start, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return _normalised(np.asarray(moved, np.float32))


def _from_landmarks(first: _Frame, second: _Frame, one: Image, two: Image) -> Matrix:
    """Least-median affine of the face meshes, working pixels to working pixels."""
    source = cv2.transform(one[None, :, :2].astype(np.float64), cv2.invertAffineTransform(first.to_photo))[0]
    target = cv2.transform(two[None, :, :2].astype(np.float64), cv2.invertAffineTransform(second.to_photo))[0]
    matrix, _ = cv2.estimateAffine2D(source, target, method=cv2.LMEDS)
    if matrix is None:
        raise InputError("landmarks", "two faces", "landmarks that span a face", "the two meshes cannot be laid on each other")
    return np.asarray(matrix, np.float64)


def _match(one: NDArray[np.uint8], two: NDArray[np.uint8], region: NDArray[np.uint8] | None) -> tuple[Image, Image]:
    """Mutual nearest ORB features of two normalised images; positions as float32 (n, 2) each."""
    orb = cv2.ORB.create(600, nlevels=3, fastThreshold=12, edgeThreshold=16)
    keys_one, what_one = orb.detectAndCompute(one, region)
    keys_two, what_two = orb.detectAndCompute(two, None)
    if not keys_one or not keys_two:  # then there are no descriptors either
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(what_one, what_two)
    source = np.array([keys_one[pair.queryIdx].pt for pair in pairs], np.float32).reshape(-1, 2)
    target = np.array([keys_two[pair.trainIdx].pt for pair in pairs], np.float32).reshape(-1, 2)
    return source, target


def _from_features(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> Matrix:
    """Similarity from features alone, for skin without a face."""
    source, target = _match(one, two, None)
    if len(source) >= MIN_FEATURES:
        matrix, kept = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=4, maxIters=4000)
        if matrix is not None and int(kept.sum()) >= MIN_FEATURES:
            return np.asarray(matrix, np.float64)
    raise InputError("photos", "two pictures", "the same skin in both", "too little of it is recognised to lay one on the other")


def _features(
    one: NDArray[np.uint8], two: NDArray[np.uint8], start: Matrix, region: NDArray[np.uint8], steps: list[str]
) -> tuple[Matrix, int]:
    """Refine `start` by features that agree with it; returns the better affine and how many agreed."""
    source, target = _match(one, two, region)
    near = np.linalg.norm(target - source, axis=1) < AGREE * max(one.shape)
    source, target = source[near], target[near]
    if len(source) < MIN_FEATURES:
        return start, len(source)
    more, kept = cv2.estimateAffine2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=2.5, maxIters=2000)
    inliers = 0 if more is None else int(kept.sum())
    if inliers < MIN_FEATURES or not _gentle(more, one.shape):
        return start, inliers
    steps.append("ORB")
    return (start @ _square(more)), inliers


def _gentle(matrix: Matrix, shape: tuple[int, ...]) -> bool:
    """Whether an affine moves no corner further than features may stray."""
    height, width = shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    return bool(np.linalg.norm(corners @ matrix.T - corners[:, :2], axis=1).max() < 2 * AGREE * max(shape))


def _correlate(one: NDArray[np.uint8], grey: Image, start: Matrix, region: NDArray[np.uint8], steps: list[str]) -> Matrix:
    """Refine by ECC at half size, kept only where it raises the correlation."""
    two = _moved(grey, start, one.shape)
    size = (one.shape[1] // 2, one.shape[0] // 2)
    small_one, small_two, small_region = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (one, two, region))
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 6, 1e-4)  # the dense motion does the rest
    try:
        was = cv2.computeECC(small_one, small_two, small_region)
        now, more = cv2.findTransformECC(
            small_one, small_two, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, stop, small_region, 3
        )
    except cv2.error:  # ECC reports that it did not converge by raising
        return start
    full = np.asarray(more, np.float64)
    half = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1.0]])
    full = (np.linalg.inv(half) @ _square(full) @ half)[:2]
    if now <= was or not _gentle(full, one.shape):
        return start
    steps.append("ECC")
    return start @ _square(full)


def _dense(one: NDArray[np.uint8], two: NDArray[np.uint8], region: NDArray[np.uint8]) -> tuple[Image, float]:
    """Soft motion before -> after on a grid `COARSE` times coarser (float32 h x w x 2, working pixels), and its misfit.

    The misfit is the median distance by which going there and back misses the start, in working pixels.
    """
    flow = cv2.DISOpticalFlow.create(DIS)
    flow.setFinestScale(1)
    flow.setVariationalRefinementIterations(0)  # averaged afterwards: the same error in half the time
    size = (max(2, one.shape[1] // COARSE), max(2, one.shape[0] // COARSE))
    rest = np.zeros((*one.shape, 2), np.float32)
    there = np.asarray(cv2.resize(flow.calc(one, two, rest.copy()), size, interpolation=cv2.INTER_AREA), np.float32)
    back = np.asarray(cv2.resize(flow.calc(two, one, rest), size, interpolation=cv2.INTER_AREA), np.float32)
    inside = cv2.resize(region, size, interpolation=cv2.INTER_AREA) > 127
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    across, down = np.float32(size[0] / one.shape[1]), np.float32(size[1] / one.shape[0])
    home = there + cv2.remap(
        back, x + there[..., 0] * across, y + there[..., 1] * down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    miss = np.sqrt((home * home).sum(-1))
    typical = float(np.median(miss[inside] if inside.any() else miss))
    sigma = SMOOTH * max(size)
    weight = (inside / (1 + (miss / max(0.3, typical)) ** 2)).astype(np.float32)
    stray = np.sqrt(((there - _average(there, weight, sigma)) ** 2).sum(-1))
    weight /= 1 + (stray / max(0.3, float(np.median(stray)))) ** 2
    return _average(there, weight, sigma), typical


def _average(field: Image, weight: Image, sigma: float) -> Image:
    """Gaussian average of a vector field, weighted; where nothing is near, a wider average, so that it never tears."""
    out = np.zeros_like(field)
    for radius, floor in ((8 * sigma, 1e-6), (sigma, 1e-3)):
        base = cv2.GaussianBlur(weight, (0, 0), radius, borderType=cv2.BORDER_REPLICATE)
        mean = cv2.GaussianBlur(field * weight[..., None], (0, 0), radius, borderType=cv2.BORDER_REPLICATE)
        out = (mean + np.float32(floor) * out) / (base + np.float32(floor))[..., None]
    return out


def _blur(image: Image, sigma: float) -> Image:
    """Gaussian blur at quarter size: the result is smooth, so little is lost, and it costs a sixteenth."""
    size = (max(2, image.shape[1] // 4), max(2, image.shape[0] // 4))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / 4, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
