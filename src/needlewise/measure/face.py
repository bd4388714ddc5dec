"""Where a face is: 478 points, its pose and expression, and the iris as a ruler.

The chain is the one the networks were made for (MediaPipe face_landmarker: detect, cut out along the eye line, mesh, cut out
again around the mesh). A third cut moved the points no closer together between two pictures of one face.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure import networks
from needlewise.measure.networks import DETECTOR_SIDE, MESH_SIDE, Detection
from needlewise.measure.photo import Photo, to_srgb8

RIGHT_EYE, LEFT_EYE = 33, 263  # the outer corners, the person's own right and left
RIGHT_IRIS, LEFT_IRIS = (469, 471), (474, 476)  # the two ends of each iris, across
IRIS_MM, IRIS_MM_SD = 11.71, 0.42  # horizontal white-to-white, healthy adults: Rüfer 2005, Cornea 24:259
IRIS_READING = (
    0.03  # share, SD between two pictures of one face: measured on 38 FFHQ faces moved, turned, scaled and recompressed
)
DEPTH_SHARE = 0.6  # of the mesh's depth: with it the distance between the eyes hangs least on yaw (75 FFHQ faces, |yaw| to 35°)
MIN_PRESENCE = 0.5  # of the mesh network
THUMBNAIL = 512  # px, longer side of what the detector's views are cut from
FROM_DETECTION, FROM_MESH = 2.0, 1.5  # side of the cut-out, in detected boxes and in mesh boxes
SEVERAL = 0.5  # another face at least this large beside the largest: which one is meant?
SURE = 0.8  # a detection this good in the plain frame needs no second look; a false one in a tight crop reached 0.75
UNLIKELY = 0.7  # asked of a face lying on its side or small: most photos that get so far have none
# What the detector looks at: the frame in a margin, which a tightly cut face needs; then the frame lying on each side.
MARGINS, LYING = (1.0, 1.6, 2.4), ((1.3, 1), (1.3, 3), (1.3, 2))  # view's side in longer sides of the frame, quarter turns
# Where the canonical face lies in a tightly cut frame: px per cm in shares of the height, its origin (at the nose root) in shares
# of the frame. Mean of the frontal pictures of the 18 people of the cropped Extended Yale B (Lee 2005), measured with this mesh.
FRAME_SCALE, FRAME_CENTRE = 0.079, (0.5, 0.45)
TILE = 0.35  # then overlapping squares of this share of the longer side, for a small face


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a photo.

    Parameters
    ----------
    points : float32, 478x2
        Mesh points x, y in px of the photo (canonical order; 468-477 are the irises).
    z : float32, 478
        Depth in px, smaller is nearer.
    blendshapes : dict
        Expression, 0..1 each, by ARKit's names with the person's own left and right; empty when `source` is "frame".
    pose : (yaw, pitch, roll)
        Degrees: turned to the person's own left, looking up, tilted to the person's own left shoulder are positive.
    iris_px : float
        Width of the wider iris in px (a turned eye shows its iris narrower), NaN when `source` is "frame".
    score : float
        The mesh network's probability that this is a face.
    source : str
        "mesh", or "frame" where the average face was laid into a tightly cropped picture.
    """

    points: NDArray[np.float32]
    z: NDArray[np.float32]
    blendshapes: dict[str, float]
    pose: tuple[float, float, float]
    iris_px: float
    score: float
    source: str = "mesh"

    @property
    def eyes_px(self) -> float:
        """Distance between the outer eye corners in px, with part of the depth, so that turning the head changes it little."""
        across = self.points[LEFT_EYE] - self.points[RIGHT_EYE]
        return float(math.hypot(*across, DEPTH_SHARE * (self.z[LEFT_EYE] - self.z[RIGHT_EYE])))

    @property
    def mm_per_px(self) -> tuple[float, float]:
        """Millimetres of one pixel at the eyes, and its standard deviation.

        The deviation joins how much people's irises differ (3.6 %) with how well one is read again (3 %); between two photos of
        one person only the second counts. Skin nearer to the lens than the eyes is a few per cent larger in a close selfie.
        """
        scale = IRIS_MM / self.iris_px
        return scale, scale * math.hypot(IRIS_MM_SD / IRIS_MM, IRIS_READING)


def iris_widths(points: NDArray[Any]) -> tuple[float, float]:
    """Width of the right and the left iris in px."""
    right, left = (float(np.linalg.norm(points[b] - points[a])) for a, b in (RIGHT_IRIS, LEFT_IRIS))
    return right, left


def cut_out(photo: Photo, face: Face, rows: slice, columns: slice) -> tuple[Photo, Face]:
    """Return a part of a photo with its face: what is left to do costs less than on the whole."""
    moved = replace(face, points=face.points - np.array([columns.start, rows.start], np.float32))
    return Photo(photo.pixels[rows, columns], photo.clipped[rows, columns], photo.meta), moved


def find_face(photo: Photo) -> Face:
    """Find the one face in a photo.

    Raises
    ------
    InputError
        There is no face, or more than one of similar size.
    """
    size = f"{photo.meta.width} × {photo.meta.height} picture"
    for detections in _looks(photo.pixels):
        largest = max((one.side for one in detections), default=0.0)
        large = [one for one in detections if one.side >= SEVERAL * largest]
        faces = [face for one in large if (face := _mesh(photo.pixels, one)) is not None]
        if len(faces) > 1 and not _same(faces):
            raise InputError("photo", size, "one face", "crop the picture to the person who is meant")
        if faces:
            return max(faces, key=lambda face: face.score)
    raise InputError("photo", size, "a face", "take it from the front in even light, or draw the region by hand (--region)")


def frame_face(photo: Photo) -> Face:
    """Return the face of a picture that is known to be one face cut out tightly.

    The mesh network is tried on the whole frame; where it sees no face (deep shadow, coarse pixels) the average face is laid into
    the frame with no expression and no ruler, as faces lie in the cropped Extended Yale B. Zones are then places in the frame,
    good only between pictures cut out alike.
    """
    height, width = photo.shape
    centre = np.array([width / 2, height / 2])
    eyes = np.array([[0.3 * width, 0.4 * height], [0.7 * width, 0.4 * height]])
    face = _mesh(photo.pixels, Detection(centre, 0.8 * max(width, height), eyes, 0.0))
    return face if face is not None else _average(width, height)


def _same(faces: list[Face]) -> bool:
    first = faces[0]
    return all(float(np.linalg.norm(face.points.mean(0) - first.points.mean(0))) < 0.5 * first.eyes_px for face in faces[1:])


def _shrunk(pixels: NDArray[np.float32], side: float) -> tuple[NDArray[np.float32], int]:
    """Shrink by a whole number so that the longer side stays at least `side`; return the picture and that number.

    Beyond 4 most pixels are skipped rather than averaged: the networks see no finer detail, and 12 megapixels take long.
    """
    factor = int(max(pixels.shape[:2]) / side)
    if factor < 2:
        return pixels, 1
    step = max(1, factor // 2)
    half = factor // step
    height, width = (length // (step * half) for length in pixels.shape[:2])
    if min(height, width) < 1:
        return pixels, 1
    few = pixels[: height * half * step, : width * half * step]
    if step > 1:  # the middle one of every `step` pixels; numpy would copy such a view far more slowly
        few = np.asarray(cv2.resize(few, (width * half, height * half), interpolation=cv2.INTER_NEAREST_EXACT))
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_AREA)), step * half


def _looks(pixels: NDArray[np.float32]) -> Iterator[list[Detection]]:
    """Yield detections, in px of the photo, from one way of looking after another."""
    small, factor = _shrunk(pixels, THUMBNAIL)
    height, width = small.shape[:2]
    middle, side = np.array([width / 2, height / 2]), float(max(height, width))

    def look(centre: NDArray[np.float64], size: float, turn: int = 0) -> list[Detection]:
        matrix = _cut(centre, size, turn * math.pi / 2, DETECTOR_SIDE)
        source, again = _shrunk(small, side * DETECTOR_SIDE / size)
        found = networks.detect(to_srgb8(networks.square_crop(source, _scaled(matrix, again), DETECTOR_SIDE)))
        back, share = cv2.invertAffineTransform(matrix), size / DETECTOR_SIDE * factor
        return [Detection(_move(d.centre, back) * factor, d.side * share, _move(d.eyes, back) * factor, d.score) for d in found]

    plain = look(middle, side * MARGINS[0])
    if max((one.score for one in plain), default=0.0) >= SURE:
        yield plain
    yield plain + [one for margin in MARGINS[1:] for one in look(middle, side * margin)]
    for margin, turn in LYING:
        yield [one for one in look(middle, side * margin, turn) if one.score >= UNLIKELY]
    tile = TILE * side
    if tile * factor < DETECTOR_SIDE:  # a face in a tile this small would be too coarse to measure, and is mostly a false one
        return
    for y in np.arange(tile / 2, height + tile / 2 - 1, tile / 2):
        for x in np.arange(tile / 2, width + tile / 2 - 1, tile / 2):
            yield [one for one in look(np.array([x, y]), tile) if one.score >= UNLIKELY]


def _cut(centre: NDArray[np.float64], size: float, angle: float, side: int) -> NDArray[np.float64]:
    """Return the 2x3 matrix from photo px to the cut-out's px: a square of `size` px turned so that `angle` becomes level."""
    scale = side / size
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turn, side / 2 - turn @ centre])


def _scaled(matrix: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Return the same cut-out for a picture shrunk by `factor`, whose pixel 0 is centred at (factor - 1)/2."""
    moved = matrix * (factor, factor, 1)
    moved[:, 2] += matrix[:, :2].sum(axis=1) * (factor - 1) / 2
    return np.asarray(moved)


def _move(points: NDArray[np.float64], matrix: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def _mesh(pixels: NDArray[np.float32], start: Detection) -> Face | None:
    across = start.eyes[1] - start.eyes[0]
    centre, size, angle = start.centre, FROM_DETECTION * start.side, math.atan2(across[1], across[0])
    for _ in range(2):
        points, depth, presence = _mesh_once(pixels, centre, size, angle)
        if presence < MIN_PRESENCE:
            return None
        across = points[LEFT_EYE] - points[RIGHT_EYE]
        angle = math.atan2(across[1], across[0])
        level = _cut(np.zeros(2), 1.0, angle, 1)[:, :2]
        turned = points @ level.T
        low, high = turned.min(0), turned.max(0)
        centre, size = level.T @ ((low + high) / 2), FROM_MESH * float((high - low).max())
    return _face(points, depth, presence)


def _mesh_once(
    pixels: NDArray[np.float32], centre: NDArray[np.float64], size: float, angle: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    matrix = _cut(centre, size, angle, MESH_SIDE)
    height, width = pixels.shape[:2]
    reach = size * 0.75  # half the diagonal of the cut-out and a margin
    left, top = (max(0, math.floor(value - reach)) for value in centre)
    right, bottom = min(width, math.ceil(centre[0] + reach)), min(height, math.ceil(centre[1] + reach))
    if right - left < 2 or bottom - top < 2:
        return np.zeros((478, 2)), np.zeros(478), 0.0
    part = pixels[top:bottom, left:right]
    small, factor = _shrunk(part, max(part.shape[:2]) * MESH_SIDE / size)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ (left, top)
    found, presence = networks.mesh(to_srgb8(networks.square_crop(small, _scaled(moved, factor), MESH_SIDE)))
    back = cv2.invertAffineTransform(matrix)
    return _move(found[:, :2].astype(np.float64), back), found[:, 2] * size / MESH_SIDE, presence


def _face(points: NDArray[np.float64], depth: NDArray[np.float64], presence: float) -> Face:
    return Face(
        points=points.astype(np.float32),
        z=depth.astype(np.float32),
        blendshapes=networks.blendshapes(points),
        pose=fit_pose(points, depth),
        iris_px=max(iris_widths(points)),
        score=presence,
    )


def fit_pose(points: NDArray[np.float64], depth: NDArray[np.float64]) -> tuple[float, float, float]:
    """Fit the canonical face by weighted orthogonal Procrustes (Schönemann 1966), without perspective; return its angles."""
    model = networks.canonical()
    seen = np.column_stack([points[:468, 0], -points[:468, 1], -depth[:468]])
    weights = model.weights / model.weights.sum()
    a, b = (value - weights @ value for value in (model.points, seen))
    u, _, vt = np.linalg.svd((b * weights[:, None]).T @ a)
    rotation = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
    nose = rotation[:, 2]
    yaw, pitch = math.atan2(nose[0], nose[2]), math.asin(np.clip(nose[1], -1, 1))
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    ahead = np.array([[cy, -sy * sp, sy * cp], [0, cp, sp], [-sy, -cy * sp, cy * cp]])  # turned and looking up, not tilted
    rest = ahead.T @ rotation
    return math.degrees(yaw), math.degrees(pitch), -math.degrees(math.atan2(rest[1, 0], rest[0, 0]))


def _average(width: int, height: int) -> Face:
    """Lay the canonical face into the frame."""
    model = networks.canonical().points * (1, -1, -1) * FRAME_SCALE * height
    points = model + np.array([width * FRAME_CENTRE[0], height * FRAME_CENTRE[1], 0])
    irises = np.array([points[[33, 133]].mean(0)] * 5 + [points[[263, 362]].mean(0)] * 5)
    full = np.concatenate([points, irises]).astype(np.float32)
    return Face(full[:, :2], full[:, 2], {}, (0.0, 0.0, 0.0), math.nan, 0.0, "frame")
