"""Body parts as boxes, masks and crops, for face detailers, inpainting and animation.

A part consists of its visible keypoints, those at or above a score. Boxes are in whole pixels, so
that a crop can be pasted back exactly where it was cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..choices import PARTS
from ..foundation.arrays import Image
from ..foundation.limits import check_pixels
from ..keypoint_sets import HEAD
from ..keypoint_sets.tree import HANGING_PARTS
from ..options.cutting import CUTTING
from ..pose import Array, Pose, is_visible

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are exclusive."""

NEIGHBOURS = {
    part.name: part.anchors for part in HANGING_PARTS if part.name not in ("body", "face")
}
"""Joints of the body that the box of a part includes if any of the part's own is visible."""

SHOULDERS = ("left_shoulder", "right_shoulder")

FACE_BELOW = 0.2
"""How far the middle of a face lies below that of eyes, nose and ears, in sides of their square.

Measured with the 68 landmarks of true faces, 0.17 to 0.21 from the front to a turn of 45 degrees,
see *The jaw* in ``benchmarks/README.md``; where one ear is visible 0.25 to 0.33.
"""

THICKEST_LINE = 32_767
"""Maximum thickness of a line in OpenCV, in pixels."""

FARTHEST = 2
"""Distance outside the canvas, in canvas sides, to which farther keypoints are moved."""


@dataclass(frozen=True)
class PartOptions:
    """Which part, and how much around it, see the rows of ``skeletons/options/cutting.py``.

    Raises:
        ValueError: there is no such part, or a number is out of range.
    """

    part: str = CUTTING["part"].default
    padding: float = CUTTING["padding"].default
    square: bool = CUTTING["square"].default
    score_threshold: float = CUTTING["score_threshold"].default
    min_keypoints: int = CUTTING["min_keypoints"].default
    dilation: float = CUTTING["dilation"].default

    def __post_init__(self) -> None:
        CUTTING.check(self)


@dataclass(frozen=True, eq=False)
class BodyPart:
    """One body part of one person.

    Attributes:
        name: as in a keypoint set, such as ``left_hand``; ``person`` is the whole person.
        keypoints_image: (N, 2) x, y of the visible keypoints, in pixels of the image.
        box: padded; a square one may reach beyond the image.
        score: mean score of the visible keypoints.
    """

    name: str
    keypoints_image: Array
    box: Box
    score: float


def find_parts(pose: Pose, options: PartOptions) -> list[BodyPart | None]:
    """The parts of a person that the option stands for, None for those not seen."""
    return [_find(pose, name, options) for name in PARTS[options.part]]


def clip_to_canvas(box: Box, canvas_wh: tuple[int, int]) -> Box:
    """The part of a box inside the image; it may be empty."""
    (left, right), (top, bottom) = (
        np.clip(box[axis::2], 0, side).tolist() for axis, side in enumerate(canvas_wh)
    )
    return left, top, right, bottom


def draw_mask(parts: Sequence[BodyPart], canvas_wh: tuple[int, int], dilation: float) -> Image:
    """(H, W) uint8 mask, 255 in the convex hulls of the parts, dilated by ``dilation``.

    Args:
        parts: any number of parts.
        canvas_wh: width and height in pixels of the image that the keypoints refer to.
        dilation: as in ``PartOptions``.

    Raises:
        ValueError: the image has more pixels than ``limits.MAX_CANVAS_PIXELS``.
    """
    check_pixels(canvas_wh, "The mask")
    mask = np.zeros(canvas_wh[::-1], np.uint8)
    for part in parts:
        keypoints = np.clip(part.keypoints_image, *_bounds(canvas_wh))
        hull = cv2.convexHull(np.round(keypoints).astype(np.int32))
        radius = dilation * float(np.ptp(keypoints, axis=0).max())
        cv2.fillConvexPoly(mask, hull, 255)
        # A line of twice the radius with round ends covers the same as a disk moved along it.
        cv2.polylines(mask, [hull], True, 255, min(max(1, round(2 * radius)), THICKEST_LINE))
    return mask


def cut_crop(image_rgb: Image, box: Box, size: int) -> Image:
    """(size, size, 3) the box of an image; its longer side fills the crop, the rest is black."""
    left, top, right, bottom = box
    crop_rgb = np.zeros((size, size, 3), np.uint8)
    scale = size / max(right - left, bottom - top, 1)
    inside = clip_to_canvas(box, (image_rgb.shape[1], image_rgb.shape[0]))
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return crop_rgb
    bars = (size - scale * np.array([right - left, bottom - top])) / 2
    corners = np.array([inside[:2], inside[2:]]) - (left, top)
    (x0, y0), (x1, y1) = np.round(corners * scale + bars).astype(int).tolist()
    x0, y0 = min(x0, size - 1), min(y0, size - 1)
    target_wh = max(1, x1 - x0), max(1, y1 - y0)
    pixels = image_rgb[inside[1] : inside[3], inside[0] : inside[2]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    crop_rgb[y0 : y0 + target_wh[1], x0 : x0 + target_wh[0]] = cv2.resize(
        pixels, target_wh, interpolation=method
    )
    return crop_rgb


def _find(pose: Pose, name: str, options: PartOptions) -> BodyPart | None:
    indices = _visible_indices(pose, name, options)
    if len(indices) < max(1, options.min_keypoints):
        return None
    keypoints = np.clip(pose.keypoints_image[indices], *_bounds(pose.canvas_wh))
    low, high = keypoints.min(axis=0), keypoints.max(axis=0)
    if (high < 0).any() or (low >= pose.canvas_wh).any():
        return None  # the whole part is outside of the image
    corners = np.clip([*low, *high], 0, [*pose.canvas_wh, *pose.canvas_wh])
    if name == "face" and not np.isin(indices, pose.keypoint_set.part_indices("face")).any():
        corners = _make_face_square(pose, corners, options.score_threshold)
    box = _pad(corners, options.padding, options.square, pose.canvas_wh)
    return BodyPart(name, keypoints, box, float(pose.scores[indices].mean()))


def _visible_indices(pose: Pose, name: str, options: PartOptions) -> NDArray[np.intp]:
    """Indices of the visible keypoints of a part."""
    keypoint_set, visible = pose.keypoint_set, is_visible(pose.scores, options.score_threshold)
    if name == "person":
        return np.flatnonzero(visible)
    own = keypoint_set.part_indices(name)
    own = own[visible[own]]
    if name == "face" and len(own) < max(1, options.min_keypoints):
        own = keypoint_set.known_indices(HEAD)
    elif len(own):
        own = np.union1d(own, keypoint_set.known_indices(NEIGHBOURS.get(name, ())))
    return own[visible[own]]


def _bounds(canvas_wh: tuple[int, int]) -> tuple[Array, Array]:
    """The lowest and the highest x, y of keypoints that count as they are, see ``FARTHEST``."""
    sides = np.array(canvas_wh, dtype=np.float64)
    return -FARTHEST * sides, (1 + FARTHEST) * sides


def _make_square(corners: Array) -> Array:
    center, half = (corners[:2] + corners[2:]) / 2, (corners[2:] - corners[:2]).max() / 2
    return np.concatenate([center - half, center + half])


def _make_face_square(pose: Pose, head: Array, score_threshold: float) -> Array:
    """The square around a box of eyes, nose and ears, moved down to the face.

    Down is where the shoulders are if both are visible, because people lie down too.
    """
    square = _make_square(head)
    shoulders = pose.keypoint_set.known_indices(SHOULDERS)
    down = np.array([0.0, 1.0])
    if is_visible(pose.scores[shoulders], score_threshold).sum() == len(SHOULDERS):
        neck = pose.keypoints_image[shoulders].mean(axis=0)
        to_neck = neck - (square[:2] + square[2:]) / 2
        down = to_neck / max(float(np.hypot(*to_neck)), 1.0)
    return square + FACE_BELOW * (square[2] - square[0]) * np.tile(down, 2)


def _pad(corners: Array, padding: float, square: bool, canvas_wh: tuple[int, int]) -> Box:
    """The padded box in whole pixels, inside the canvas unless it is a square larger than it."""
    margin = padding * (corners[2:] - corners[:2]).max()
    low, high = np.floor(corners[:2] - margin), np.ceil(corners[2:] + margin)
    if not square:
        low = np.clip(low, 0, np.array(canvas_wh) - 1)
        high = np.clip(high, low + 1, canvas_wh)
        left, top, right, bottom = np.concatenate([low, high]).astype(int).tolist()
        return left, top, right, bottom
    side = min(max(1, int((high - low).max())), max(canvas_wh))
    x, y = (
        _slide(round(middle - side / 2), side, length)
        for middle, length in zip(((low + high) / 2).tolist(), canvas_wh, strict=True)
    )
    return x, y, x + side, y + side


def _slide(start: int, side: int, length: int) -> int:
    """The start of an interval moved into 0 to ``length``; centred if it is too long."""
    if side > length:
        return (length - side) // 2
    return min(max(start, 0), length - side)
