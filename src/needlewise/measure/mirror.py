"""Is one of two photos a mirror image? Some phones save selfies as a mirror shows them, and no file says so.

A mirrored photo still shows a face, and its left would be compared with the other's right. Only when few details of the skin are
found again (true pairs had 42 or more) is the photo turned over and looked at once more.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from needlewise.measure.align import align
from needlewise.measure.face import Face
from needlewise.measure.gates import Shot
from needlewise.measure.networks import canonical
from needlewise.measure.photo import Photo

FEW = 30  # details found again, below which it is worth looking: mirror images gave at most 14, true pairs 42 and more
MORE = 3  # times as many must be found in the photo turned over


def is_mirrored(before: Shot, after: Shot, inliers: int) -> bool:
    """Tell whether one of two photos, in which `inliers` details agree as they are, is a mirror image of the other."""
    if inliers >= FEW or before.cropped or after.cropped:
        return False
    face = _turned_face(after.face, after.photo.shape[1])
    turned = align(before.photo, _turned_photo(after.photo), before.face, face, before.skin)
    return turned.inliers >= max(FEW, MORE * inliers)


def _turned_photo(photo: Photo) -> Photo:
    return Photo(np.ascontiguousarray(photo.pixels[:, ::-1]), np.ascontiguousarray(photo.clipped[:, ::-1]), photo.meta)


def _turned_face(face: Face, width: int) -> Face:
    order = canonical().mirror
    points = face.points[order].copy()
    points[:, 0] = width - 1 - points[:, 0]
    return replace(face, points=points, z=face.z[order])
