"""The steps of one comparison as one would write them with scikit-image alone, to say what needlewise's own code saves.

Fair on purpose: the same reduced sizes (1200 px to measure, 640 px to align), needlewise's own face mesh and zones on both sides,
scikit-image's faster functions where it offers several (`optical_flow_ilk`, not TV-L1; ridges at one scale). Needs scikit-image:
pip install scikit-image.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from skimage import color, draw, feature, filters, io, measure, morphology, registration, transform

from needlewise.measure.face import Face, find_face
from needlewise.measure.photo import from_array
from needlewise.measure.zones import zone_outline

SIDE, WORK_SIDE = 1200, 640
ZONES = ("forehead", "cheek-left", "cheek-right", "nose", "chin")


def compare(before: Path, after: Path) -> dict[str, tuple[float, float, float, int]]:
    """Return redness, blemishes and ridges (changes) and the number of spots, for each zone."""
    shots = [_open(path) for path in (before, after)]
    one, face = shots[0]
    laid = _align(*shots)
    skin = _skin(one, face)
    out = {}
    ridges = [filters.sato(color.rgb2gray(picture), sigmas=[2], black_ridges=True) for picture in (one, laid)]
    for zone in ZONES:
        mask = _zone(face, zone, skin)
        red, blemish = _redness(one, laid, mask, skin & ~morphology.isotropic_dilation(mask, 15))
        lines = 100 * np.log(ridges[1][mask].mean() / ridges[0][mask].mean())
        out[zone] = (red, blemish, float(lines), _spots(one, laid, mask))
    return out


def _open(path: Path) -> tuple[np.ndarray, Face]:
    encoded = io.imread(path)
    scale = SIDE / max(encoded.shape)
    small = transform.resize(encoded, [round(n * scale) for n in encoded.shape[:2]], anti_aliasing=True)
    face = find_face(from_array(np.rint(small * 255).astype(np.uint8)))
    linear = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32), face


def _work(picture: np.ndarray) -> tuple[np.ndarray, float]:
    scale = WORK_SIDE / max(picture.shape)
    level = np.log(transform.rescale(color.rgb2gray(picture), scale, anti_aliasing=True) + 0.004)
    centred = level - filters.gaussian(level, 11)
    return centred / np.sqrt(filters.gaussian(centred**2, 11) + 0.03**2), scale


def _align(first: tuple[np.ndarray, Face], second: tuple[np.ndarray, Face]) -> np.ndarray:
    """Lay the second picture over the first: landmarks, ORB, dense flow."""
    (one, face), (two, other) = first, second
    start = transform.AffineTransform.from_estimate(face.points, other.points)
    moved = transform.warp(two, start, output_shape=one.shape[:2])
    (a, scale), (b, _) = _work(one), _work(moved)
    found = []
    for picture in (a, b):
        orb = feature.ORB(n_keypoints=600, downscale=1.2, n_scales=3)
        orb.detect_and_extract(picture)
        found.append((orb.keypoints, orb.descriptors))
    pairs = feature.match_descriptors(found[0][1], found[1][1], cross_check=True)
    source, target = found[0][0][pairs[:, 0]][:, ::-1], found[1][0][pairs[:, 1]][:, ::-1]
    model, _ = measure.ransac((source, target), transform.AffineTransform, 4, 2.5, max_trials=500, rng=1)
    b = transform.warp(b, model)
    down, across = registration.optical_flow_ilk(a, b, radius=7)
    registration.optical_flow_ilk(b, a, radius=7)  # the way back, from which the error is told
    soft = [transform.resize(filters.gaussian(part, 7), one.shape[:2]) / scale for part in (down, across)]
    rows, columns = np.mgrid[: one.shape[0], : one.shape[1]]
    at = np.stack([columns + soft[1], rows + soft[0]], -1).reshape(-1, 2) * scale
    at = start(model(at) / scale).reshape(*one.shape[:2], 2)
    return np.dstack([transform.warp(two[..., k], np.stack([at[..., 1], at[..., 0]])) for k in range(3)])


def _filled(face: Face, zone: str, shape: tuple[int, ...]) -> np.ndarray:
    points = face.points[list(zone_outline(zone))]
    return draw.polygon2mask(shape[:2], points[:, ::-1])


def _skin(picture: np.ndarray, face: Face) -> np.ndarray:
    bare = morphology.isotropic_erosion(_filled(face, "face", picture.shape), 10)
    light = color.rgb2gray(picture)
    return bare & (light > 0.01) & (light > 0.45 * filters.gaussian(light, 40)) & (picture.max(-1) < 0.95)


def _zone(face: Face, zone: str, skin: np.ndarray) -> np.ndarray:
    return _filled(face, zone, skin.shape) & skin


def _redness(one: np.ndarray, two: np.ndarray, treated: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """Change of redness against untreated skin by least squares on its colour, and of its upper percentile."""
    red = [100 * np.log10(np.maximum(p[..., 0], 1e-6) / np.maximum(p[..., 1], 1e-6)) for p in (one, two)]
    level = [100 * np.log10(np.maximum(p[..., 0], 1e-6)) for p in (one, two)]
    terms = np.stack([np.ones_like(red[0]), red[0], level[0], level[1] - level[0]], -1)
    fit = np.linalg.lstsq(terms[reference], red[1][reference], rcond=None)[0]
    change = float(np.mean(red[1][treated] - terms[treated] @ fit))
    weight = treated.astype(float)
    tops = []
    for field in red:
        around = filters.gaussian(field * weight, 16) / np.maximum(filters.gaussian(weight, 16), 1e-6)
        fine = filters.gaussian(field * weight, 2) / np.maximum(filters.gaussian(weight, 2), 1e-6)
        tops.append(float(np.percentile((fine - around)[treated], 99)))
    return change, tops[1] - tops[0]


def _spots(one: np.ndarray, two: np.ndarray, mask: np.ndarray) -> int:
    fields = []
    for picture in (one, two):
        dark = -100 * np.log10(np.maximum(filters.gaussian(picture[..., 2], 1), 1e-3))
        weight = mask.astype(float)
        around = filters.gaussian(dark * weight, 16) / np.maximum(filters.gaussian(weight, 16), 1e-6)
        fields.append(np.where(mask, dark - around, 0))
    labels = measure.label((fields[0] + fields[1]) / 2 > 2)
    return len(measure.regionprops(labels, intensity_image=fields[1] - fields[0]))
