"""The values that cross every boundary of this package: a pose, and a frame of poses."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .foundation.checks import short_repr
from .foundation.limits import MAX_CANVAS_SIDE, MAX_NUMBER
from .keypoint_sets import KeypointSet
from .options.option import SCORE_THRESHOLD

Array = NDArray[np.float64]

MAX_ID = 2**53
"""Maximum absolute value of a person's id: larger whole numbers are not exact in JavaScript."""

MAX_REFINED = 32
"""Maximum number of refined parts, and of characters per name; this package uses 3 and 10."""


def number_array(value: Any) -> Array:
    """A float64 copy of numbers in lists of any shape; ValueError if it is anything else."""
    if isinstance(value, (np.ndarray, np.generic)) and np.iscomplexobj(value):
        raise ValueError(f"expected real numbers, not {value.dtype}")
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"expected numbers, in lists of equal length ({error})") from error


def is_within_limits(values: Array) -> NDArray[np.bool_]:
    """Whether each value is a number with an absolute value of at most ``MAX_NUMBER``."""
    within: NDArray[np.bool_] = np.abs(values) <= MAX_NUMBER  # False for NaN
    return within


def is_visible(scores: Array, score_threshold: float | Array) -> NDArray[np.bool_]:
    """Whether each keypoint was found and reaches the threshold, which may be negative."""
    visible: NDArray[np.bool_] = (scores >= score_threshold) & (scores > 0)
    return visible


def _frozen_array(value: ArrayLike, shape: tuple[int, ...], what: str) -> Array:
    """A read-only float64 copy of ``value``; ValueError if its shape is not ``shape``."""
    array = number_array(value)
    if array.shape != shape:
        raise ValueError(f"Pose {what} has shape {array.shape}, expected {shape}.")
    if not is_within_limits(array).all():
        raise ValueError(
            f"Pose {what} holds NaN, infinite or huge values; each must be finite, and "
            f"{MAX_NUMBER:g} at most."
        )
    array.setflags(write=False)
    return array


def _check_canvas(canvas_wh: tuple[int, int]) -> tuple[int, int]:
    try:
        width, height = (int(side) for side in canvas_wh)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"Canvas is {canvas_wh!r}, expected a width and a height.") from error
    if not (1 <= width <= MAX_CANVAS_SIDE and 1 <= height <= MAX_CANVAS_SIDE):
        raise ValueError(
            f"Canvas is {width} x {height} pixels, expected at least 1 x 1 and sides of at most "
            f"{MAX_CANVAS_SIDE:,}."
        )
    return width, height


def _check_id(person_id: Any) -> int | None:
    if person_id is None:
        return None
    try:
        number = operator.index(person_id)
    except TypeError as error:
        raise ValueError(f"Pose person_id is {person_id!r}, expected a whole number.") from error
    if abs(number) > MAX_ID:
        raise ValueError(f"Pose person_id is {number}, expected {MAX_ID} at most.")
    return number


def _check_refined(names: Any) -> tuple[str, ...]:
    few = isinstance(names, (list, tuple)) and len(names) <= MAX_REFINED
    if not few or not all(isinstance(name, str) and len(name) <= MAX_REFINED for name in names):
        raise ValueError(f"Pose refined is {short_repr(names)}, expected the names of a few parts.")
    return tuple(names)


@dataclass(frozen=True, eq=False)
class Pose:
    """One person in one image.

    Attributes:
        keypoints_image: (K, 2) x, y in pixels of the source image; may lie outside it.
        scores: (K,) confidence, the network's heatmap maximum: about 0 to 1, but neither bound
            is a promise. A score of 0 or less means that the keypoint was not found.
        keypoint_set: the names of the K joints, in order.
        canvas_wh: width and height in pixels of the image that the coordinates refer to.
        box_xyxy: (4,) left, top, right, bottom of the person in image pixels.
        box_score: confidence of the box, 1.0 for a box that a person drew.
        person_id: the number of the person in all frames of a clip, or None.
        refined: the body parts that a second, closer estimate found, such as ``left_hand``.

    Arrays are copied, converted to float64 and made read-only.

    Raises:
        ValueError: a shape does not fit the keypoint set; a value is not finite, exceeds
            ``MAX_NUMBER``, or is not whole where it must be; or ``refined`` is not a short list
            of short texts.
    """

    keypoints_image: Array
    scores: Array
    keypoint_set: KeypointSet
    canvas_wh: tuple[int, int]
    box_xyxy: Array
    box_score: float = 1.0
    person_id: int | None = None
    refined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.keypoint_set)
        for name, shape in (
            ("keypoints_image", (count, 2)),
            ("scores", (count,)),
            ("box_xyxy", (4,)),
        ):
            object.__setattr__(self, name, _frozen_array(getattr(self, name), shape, name))
        object.__setattr__(self, "canvas_wh", _check_canvas(self.canvas_wh))
        object.__setattr__(self, "person_id", _check_id(self.person_id))
        object.__setattr__(self, "refined", _check_refined(self.refined))
        object.__setattr__(self, "box_score", float(_frozen_array(self.box_score, (), "box_score")))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pose):
            return NotImplemented
        return (
            self.keypoint_set.name == other.keypoint_set.name
            and self.canvas_wh == other.canvas_wh
            and self.box_score == other.box_score
            and self.person_id == other.person_id
            and self.refined == other.refined
            and np.array_equal(self.keypoints_image, other.keypoints_image)
            and np.array_equal(self.scores, other.scores)
            and np.array_equal(self.box_xyxy, other.box_xyxy)
        )

    __hash__ = None  # type: ignore[assignment]  # compares by value, and arrays have no hash

    @property
    def is_found(self) -> bool:
        """Whether any keypoint was found; an empty slot, kept for an absent person, has none."""
        return bool((self.scores > 0).any())


@dataclass(frozen=True)
class Frame:
    """All people of one image; a frame without people is normal.

    Attributes:
        canvas_wh: width and height of the image in pixels.
        poses: the people, in the order in which they are drawn and written.

    Raises:
        ValueError: a pose refers to a canvas of another size.
    """

    canvas_wh: tuple[int, int]
    poses: tuple[Pose, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "canvas_wh", _check_canvas(self.canvas_wh))
        object.__setattr__(self, "poses", tuple(self.poses))
        for index, pose in enumerate(self.poses):
            if pose.canvas_wh != self.canvas_wh:
                raise ValueError(
                    f"Person {index} refers to a canvas of {pose.canvas_wh} pixels (width, "
                    f"height), but the frame is {self.canvas_wh}."
                )

    @property
    def found_poses(self) -> tuple[Pose, ...]:
        """The poses with any keypoint found, in order; empty slots are left out."""
        return tuple(pose for pose in self.poses if pose.is_found)


def on_canvas(pose: Pose, canvas_wh: tuple[int, int]) -> Pose:
    """The pose scaled to a canvas of another size, both axes independently.

    Coordinates are clipped to ``MAX_NUMBER``.
    """
    if pose.canvas_wh == canvas_wh:
        return pose
    scale = np.array(canvas_wh) / pose.canvas_wh
    keypoints, corners = (
        np.clip(coordinates * scale, -MAX_NUMBER, MAX_NUMBER)
        for coordinates in (pose.keypoints_image, pose.box_xyxy.reshape(2, 2))
    )
    return replace(pose, keypoints_image=keypoints, box_xyxy=corners.ravel(), canvas_wh=canvas_wh)


def box_around(keypoints: Array, visible: NDArray[np.bool_], otherwise: ArrayLike) -> Array:
    """(4,) left, top, right, bottom of the visible keypoints.

    Args:
        keypoints: (K, 2) x, y in any space; the box is in the same one.
        visible: (K,) which of them count.
        otherwise: (4,) the answer if none is visible.
    """
    corners = keypoints[visible]
    if not len(corners):
        return np.array(otherwise, dtype=np.float64)
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def visible_box(pose: Pose, score_threshold: float = SCORE_THRESHOLD.default) -> Array:
    """(4,) the box around a person's visible keypoints, or the person's own box if none is."""
    visible = is_visible(pose.scores, score_threshold)
    return box_around(pose.keypoints_image, visible, otherwise=pose.box_xyxy)


def box_overlaps(boxes: Array, others: Array) -> Array:
    """(N, M) intersection over union of (N, 4) and (M, 4) boxes; without area it is 0."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.maximum(high - low, 0)
    shared = sides[..., 0] * sides[..., 1]  # ``np.prod`` takes three times as long for two
    areas, other_areas = (
        (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1]) for xyxy in (boxes, others)
    )
    union = areas[:, None] + other_areas - shared
    overlaps: Array = shared / np.maximum(union, np.finfo(float).tiny)
    return overlaps


def check_one_keypoint_set(poses: Iterable[Pose], whose: str) -> None:
    """Raises ValueError, which begins with ``whose``, if poses have different keypoint sets."""
    names = sorted({pose.keypoint_set.name for pose in poses})
    if len(names) > 1:
        raise ValueError(
            f"{whose} are given in different keypoint sets: {', '.join(names)}. Convert them to "
            "one set first."
        )


def canvas_around(*points_xy: Array) -> tuple[int, int]:
    """Width and height of the smallest canvas that holds every (N, 2) point, at least 1 x 1.

    For people from files that do not give the size of their image. Points beyond
    ``MAX_CANVAS_SIDE`` do not count.
    """
    points = np.concatenate([np.zeros((1, 2)), *points_xy])
    points = points[(np.abs(points) <= MAX_CANVAS_SIDE).all(axis=1)]
    width, height = np.maximum(np.ceil(points.max(axis=0)), 1).astype(int).tolist()
    return width, height
