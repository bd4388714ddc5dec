"""Google's face detector, 478-point mesh and blendshape networks, run on LiteRT from the one file that holds them.

`data/face_landmarker.task` is a zip of three TFLite networks and the mesh's canonical geometry (Apache-2.0, see NOTICE). No call
leaves the machine. One thread each, so that a result does not depend on how many workers run.
"""

from __future__ import annotations

import threading
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from needlewise.errors import InputError
from needlewise.measure.quiet import quiet

DETECTOR_SIDE, MESH_SIDE = 128, 256  # px, the networks' inputs
MIN_SCORE = 0.5  # of a detection
SAME_FACE = 0.3  # overlap (intersection over union) above which two detections are one face
# The 146 mesh points the blendshape network takes, and its 52 answers' names, in order: MediaPipe face_blendshapes_graph.cc
BLENDSHAPE_POINTS = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80, 81, 82, 84,
    87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159,
    160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283,
    284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361,
    362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415,
    454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)  # fmt: skip
BLENDSHAPES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
)  # fmt: skip

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Detection:
    """A face as the detector sees it: centre and side of its box and the two eyes, in px; `score` 0..1."""

    centre: NDArray[np.float64]
    side: float
    eyes: NDArray[np.float64]  # 2x2, the person's right eye first
    score: float


@dataclass(frozen=True, eq=False)
class Canonical:
    """The mesh's own average face: 468x3 points in cm (x to the person's left, y up, z to the front), weights for a pose."""

    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    mirror: NDArray[np.intp]  # for each of the 478 points the one on the other side


class Network:
    """One TFLite network; safe to call from several threads."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

        self._lock = threading.Lock()
        with quiet():  # it announces its kernels
            self._run = Interpreter(model_content=content, num_threads=1)
            self._run.allocate_tensors()
        self._input = self._run.get_input_details()[0]["index"]
        self._outputs = [(one["index"], int(np.prod(one["shape"]))) for one in self._run.get_output_details()]

    def __call__(self, values: Floats) -> list[Floats]:
        """Return every output as a flat array, largest first and otherwise in the file's order."""
        with self._lock:
            self._run.set_tensor(self._input, values[None])
            self._run.invoke()
            ordered = sorted(self._outputs, key=lambda one: -one[1])
            return [np.array(self._run.get_tensor(index), np.float32).ravel() for index, _ in ordered]


def _part(name: str) -> bytes:
    path = resources.files("needlewise.measure").joinpath("data/face_landmarker.task")
    with path.open("rb") as file, zipfile.ZipFile(file) as parts:
        return parts.read(name)


@cache
def network(name: str) -> Network:
    """Load a network once: face_detector, face_landmarks_detector or face_blendshapes.

    Raises
    ------
    InputError
        LiteRT is not there for this kind of machine.
    """
    try:
        return Network(_part(f"{name}.tflite"))
    except ImportError as error:
        hint = "draw the region by hand (--region), or use Linux on x86-64 or arm64, macOS on an Apple chip, or Windows"
        raise InputError("face", "finding it", "a machine with ai-edge-litert", hint) from error


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> list[tuple[int, Any]]:
    """Split one protocol-buffer message into (field number, value): numbers, 4-byte floats and nested bytes."""
    found: list[tuple[int, Any]] = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            found.append((key >> 3, value))
        elif key & 7 == 2:
            size, at = _varint(data, at)
            found.append((key >> 3, data[at : at + size]))
            at += size
        else:
            found.append((key >> 3, data[at : at + 4]))
            at += 4
    return found


@cache
def canonical() -> Canonical:
    """Read the average face from the model file (face_geometry GeometryPipelineMetadata: mesh 1, landmark basis 2)."""
    message = _fields(_part("geometry_pipeline_metadata_landmarks.binarypb"))
    mesh = next(value for number, value in message if isinstance(value, bytes) and len(value) > 5000)
    floats = b"".join(value for number, value in _fields(mesh) if number == 3)
    points = np.frombuffer(floats, "<f4").reshape(-1, 5)[:, :3].astype(np.float64)  # x y z and two texture coordinates
    weights = np.zeros(len(points))
    for _, value in message:
        if isinstance(value, bytes) and len(value) < 100:
            parts = dict(_fields(value))
            weights[int(parts.get(1, 0))] = np.frombuffer(parts[2], "<f4")[0]
    flipped = points * (-1, 1, 1)
    other = np.linalg.norm(points[:, None] - flipped[None], axis=2).argmin(axis=0)
    irises = np.array([473, 476, 475, 474, 477, 468, 471, 470, 469, 472])
    return Canonical(points, weights, np.concatenate([other, irises]))


@cache
def _anchors() -> NDArray[np.float64]:
    """Centres of the detector's 896 boxes in shares of its input: 2 on a 16x16 grid, 6 on an 8x8 one."""
    parts = []
    for grid, each in ((16, 2), (8, 6)):
        y, x = np.mgrid[0:grid, 0:grid]
        parts.append(np.repeat(np.stack([(x + 0.5) / grid, (y + 0.5) / grid], -1).reshape(-1, 2), each, axis=0))
    return np.concatenate(parts)


def detect(square: NDArray[np.uint8]) -> list[Detection]:
    """Find faces in a 128x128 sRGB picture, best first, boxes of one face averaged by their scores (BlazeFace, 2019)."""
    boxes, scores = network("face_detector")(square.astype(np.float32) / np.float32(127.5) - np.float32(1))
    score = 1 / (1 + np.exp(-np.clip(scores, -80, 80)))
    keep = np.flatnonzero(score >= MIN_SCORE)
    values = boxes.reshape(-1, 16)[keep].astype(np.float64) / DETECTOR_SIDE
    score, anchors = score[keep], _anchors()[keep]
    shapes = np.concatenate(
        [values[:, :2] + anchors, values[:, 2:4], (values[:, 4:8].reshape(-1, 2, 2) + anchors[:, None]).reshape(-1, 4)], axis=1
    )
    found = []
    while score.size:
        best = int(score.argmax())
        same = _overlap(shapes, shapes[best]) > SAME_FACE
        same[best] = True
        x, y, w, h, *eyes = DETECTOR_SIDE * np.average(shapes[same], axis=0, weights=score[same])
        found.append(Detection(np.array([x, y]), float(max(w, h)), np.array(eyes).reshape(2, 2), float(score[best])))
        shapes, score = shapes[~same], score[~same]
    return found


def _overlap(boxes: NDArray[np.float64], one: NDArray[np.float64]) -> NDArray[np.float64]:
    low = np.maximum(boxes[:, :2] - boxes[:, 2:4] / 2, one[:2] - one[2:4] / 2)
    high = np.minimum(boxes[:, :2] + boxes[:, 2:4] / 2, one[:2] + one[2:4] / 2)
    inside = np.clip(high - low, 0, None).prod(axis=1)
    return np.asarray(inside / (boxes[:, 2:4].prod(axis=1) + one[2:4].prod() - inside + 1e-9))


def mesh(square: NDArray[np.uint8]) -> tuple[Floats, float]:
    """Return 478x3 points in px of a 256x256 sRGB picture, and the probability that it shows a face."""
    points, presence, *_ = network("face_landmarks_detector")(square.astype(np.float32) / np.float32(255))
    return points.reshape(478, 3), float(1 / (1 + np.exp(-presence[0])))


def blendshapes(points: NDArray[np.float64]) -> dict[str, float]:
    """Return 51 expressions in 0..1 from 478x2 points in px."""
    (values,) = network("face_blendshapes")(points[list(BLENDSHAPE_POINTS)].astype(np.float32))
    return {name: float(value) for name, value in zip(BLENDSHAPES, values, strict=True) if name != "_neutral"}


def square_crop(image: NDArray[np.float32], matrix: NDArray[np.float64], side: int) -> NDArray[np.float32]:
    """Warp `image` by the 2x3 `matrix` to side x side, black outside."""
    return np.asarray(cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0)))
