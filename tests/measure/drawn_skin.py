"""Drawn skin without a face: pores, moles, creases and a tint that varies, for a hand or a back that belongs to nobody."""

import cv2
import numpy as np
from numpy.typing import NDArray

Linear = NDArray[np.float32]
SIZE = (900, 1200)
COLOUR = np.array([0.42, 0.26, 0.19], np.float32)  # linear, of light skin


def skin(seed: int = 1, size: tuple[int, int] = SIZE) -> Linear:
    """Draw a piece of skin in linear RGB: shading, blotches, creases, pores and moles."""
    rng = np.random.default_rng(seed)
    log = sum(share * _noise(rng, size, scale) for share, scale in ((0.10, 200), (0.05, 60), (0.05, 12), (0.04, 3)))
    tint = 0.02 * _noise(rng, size, 80)
    canvas = np.zeros(size, np.float32)
    for _ in range(60):  # creases
        start = rng.uniform(0, 1, 2) * size[::-1]
        ends = np.cumsum(np.vstack([start, rng.normal(0, 30, (4, 2))]), 0).astype(np.int32)
        cv2.polylines(canvas, [ends], False, 1.0, 2)
    log -= 0.12 * cv2.GaussianBlur(canvas, (0, 0), 1.2)
    moles = np.zeros(size, np.float32)
    places = [(0.5, 0.5), *rng.uniform(0.05, 0.95, (14, 2))]
    for place in places:
        at = (np.array(place) * size[::-1]).astype(int)
        cv2.circle(moles, (int(at[0]), int(at[1])), int(rng.integers(6, 16)), 1.0, -1)
    moles = cv2.GaussianBlur(moles, (0, 0), 2)
    absorbed = np.stack([0.15 * moles - tint, 0.30 * moles, 0.45 * moles], 2)
    return np.asarray(COLOUR * np.exp(log[..., None] - absorbed), np.float32)


def _noise(rng: np.random.Generator, size: tuple[int, int], scale: float) -> Linear:
    small = rng.normal(0, 1, (round(size[0] / scale) + 2, round(size[1] / scale) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def again(
    linear: Linear,
    turn: float = 0.0,
    zoom: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
    light: float = 0.0,
    seed: int = 9,
) -> tuple[Linear, NDArray[np.float64]]:
    """Photograph it again: turned (degrees), nearer, shifted (px), lit `light` more from one side; also the affine to there."""
    height, width = linear.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    move[:, 2] += shift
    moved = cv2.warpAffine(linear, move, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    ramp = 1 + light * np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(seed).normal(0, 0.003, moved.shape).astype(np.float32)
    return np.clip(moved * ramp + noise, 0, 1), move
