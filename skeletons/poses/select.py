"""Selecting people of a frame: which stay, and in which order."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..choices import Sort
from ..foundation.checks import short_repr
from ..options.option import SCORE_THRESHOLD
from ..options.selecting import SELECTING
from ..pose import Array, Frame, Pose, is_visible, visible_box

log = logging.getLogger(__name__)

MAX_LISTED = 100_000
"""Maximum number of indices or ids in a list, repeated ones included."""

_ITEM = re.compile(r"(\d{1,16})(?:\s*-\s*(\d{1,16}))?")


@dataclass(frozen=True)
class SelectOptions:
    """Which people stay, see the rows of ``skeletons/options/selecting.py``.

    The tests come first, then the order, then places, then the number. People who are alike in
    the order stay as they were. People of whom nothing was found, as in an empty slot, lie
    nowhere: they come last, but where their index or their id is what counts. Places and ids are
    written as ``0,2-3``; the people of places are given in the order of the list, and a list of
    ids leaves out those without an id.

    Raises:
        ValueError: the sort or a list cannot be read, or a number is out of range.
    """

    sort: Sort = SELECTING["sort"].default
    reverse: bool = SELECTING["reverse"].default
    places: str = SELECTING["places"].default
    track_ids: str = SELECTING["track_ids"].default
    max_people: int = SELECTING["max_people"].default
    min_score: float = SELECTING["min_score"].default
    min_keypoints: int = SELECTING["min_keypoints"].default
    score_threshold: float = SELECTING["score_threshold"].default
    min_inside: float = SELECTING["min_inside"].default

    def __post_init__(self) -> None:
        SELECTING.check(self)
        _ = self.chosen_places, self.chosen_ids

    @cached_property
    def chosen_places(self) -> tuple[int, ...]:
        """What ``places`` says, in its order."""
        return parse_numbers(self.places, "places")

    @cached_property
    def chosen_ids(self) -> frozenset[int]:
        """What ``track_ids`` says."""
        return frozenset(parse_numbers(self.track_ids, "track_ids"))


@dataclass(frozen=True, eq=False)
class Region:
    """A region of an image: the union of boxes and of the white area of a mask.

    Attributes:
        boxes_xyxy: (N, 4) left, top, right, bottom in pixels of the image; corners in the wrong
            order are swapped.
        mask: (H, W) 0 to 1, of any size, stretched over the whole image; pixels of 0.5 or more
            are inside.
    """

    boxes_xyxy: ArrayLike = ()
    mask: NDArray[np.floating] | None = None

    def contains(self, keypoints_image: Array, canvas_wh: tuple[int, int]) -> NDArray[np.bool_]:
        """(N,) whether each of the (N, 2) keypoints, in pixels of the image, is inside."""
        boxes = np.asarray(self.boxes_xyxy, dtype=np.float64)
        corners = np.sort(boxes.reshape(-1, 1, 2, 2), axis=2)
        in_box = (keypoints_image >= corners[:, :, 0]) & (keypoints_image <= corners[:, :, 1])
        inside: NDArray[np.bool_] = np.any(in_box.all(axis=-1), axis=0)
        if self.mask is not None:
            sides = np.array(self.mask.shape[::-1])
            pixels = np.floor(keypoints_image * sides / canvas_wh)
            on_mask = ((pixels >= 0) & (pixels < sides)).all(axis=1)
            columns, rows = np.where(on_mask[:, None], pixels, 0).astype(int).T
            inside |= on_mask & (self.mask[rows, columns] >= 0.5)
        return inside


def parse_numbers(text: str, name: str) -> tuple[int, ...]:
    """``0,2-3`` -> 0, 2, 3: whole numbers and ranges, both ends included, without repetitions.

    Raises:
        ValueError: the text has anything else, or more than ``MAX_LISTED`` numbers; the message
            calls the list ``name``.
    """
    numbers: list[int] = []
    for item in filter(None, (item.strip() for item in text.split(","))):
        match = _ITEM.fullmatch(item)
        start, end = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if end < start:
            raise ValueError(
                f"{name} is {short_repr(text)}, expected a list like '0,2-3': {short_repr(item)} "
                "is neither a number nor a range from low to high."
            )
        if len(numbers) + end - start >= MAX_LISTED:
            raise ValueError(
                f"{name} is {short_repr(text)}, expected a list of at most {MAX_LISTED} numbers."
            )
        numbers += range(start, end + 1)
    return tuple(dict.fromkeys(numbers))


def select(frame: Frame, options: SelectOptions, region: Region | None = None) -> Frame:
    """The selected people of a frame, in order and unchanged."""
    poses = [pose for pose in frame.poses if _passes(pose, options, region)]
    poses = _sort(poses, options)
    if options.places:
        poses = [poses[place] for place in options.chosen_places if place < len(poses)]
    if options.max_people:
        poses = poses[: options.max_people]
    return replace(frame, poses=tuple(poses))


def select_all(
    frames: Sequence[Frame], options: SelectOptions, regions: Sequence[Region | None] = ()
) -> list[Frame]:
    """``select`` on every frame, with one region per frame, or without regions.

    If no frame has anybody left, it is logged.

    Raises:
        ValueError: there are regions, but not one per frame.
    """
    regions = regions or [None] * len(frames)
    if len(regions) != len(frames):
        raise ValueError(f"There are {len(regions)} regions for {len(frames)} frames.")
    chosen = [select(frame, options, region) for frame, region in zip(frames, regions, strict=True)]
    if not any(frame.poses for frame in chosen):
        _log_nobody_is_left([pose for frame in frames for pose in frame.poses], options)
    return chosen


def person_score(pose: Pose, score_threshold: float = SCORE_THRESHOLD.default) -> float:
    """The mean score of the visible body keypoints, 0 if none is visible."""
    scores = pose.scores[pose.keypoint_set.part_indices("body")]
    visible = scores[is_visible(scores, score_threshold)]
    return float(visible.mean()) if len(visible) else 0.0


def _passes(pose: Pose, options: SelectOptions, region: Region | None) -> bool:
    if options.track_ids and pose.person_id not in options.chosen_ids:
        return False
    body = pose.keypoint_set.part_indices("body")
    visible = is_visible(pose.scores, options.score_threshold)
    if visible[body].sum() < options.min_keypoints:
        return False
    if options.min_score and person_score(pose, options.score_threshold) < options.min_score:
        return False
    if region is None:
        return True
    inside = region.contains(pose.keypoints_image[visible], pose.canvas_wh)
    return len(inside) > 0 and bool(inside.mean() >= options.min_inside)


def _log_nobody_is_left(people: Sequence[Pose], options: SelectOptions) -> None:
    if people and options.track_ids and all(pose.person_id is None for pose in people):
        log.warning(
            "Nobody has an id, so track_ids %r leaves nobody. Track the people first, for example "
            "with Track Sapiens People.",
            options.track_ids,
        )
    elif people:
        log.info("The selection left none of the %d people.", len(people))


def _sort(poses: list[Pose], options: SelectOptions) -> list[Pose]:
    if options.sort == "as they come":
        return poses[::-1] if options.reverse else poses
    sign = -1 if options.reverse else 1
    needs_position = options.sort != "track id"

    def rank(pose: Pose) -> tuple[bool, float]:
        if needs_position and not pose.is_found:
            return True, 0.0
        return False, sign * _KEYS[options.sort](pose, options.score_threshold)

    return sorted(poses, key=rank)


def _center(pose: Pose, score_threshold: float) -> Array:
    box = visible_box(pose, score_threshold)
    return (box[:2] + box[2:]) / 2


def _negative_area(pose: Pose, score_threshold: float) -> float:
    """By the visible keypoints, or by the detected box where less than half of a body is visible.

    What is visible of somebody behind a table says little of how large they are.
    """
    body = pose.keypoint_set.part_indices("body")
    is_seen = is_visible(pose.scores[body], score_threshold).mean() >= 0.5
    box = visible_box(pose, score_threshold) if is_seen else pose.box_xyxy
    return -float(np.abs(np.prod(box[2:] - box[:2])))


def _distance_to_center(pose: Pose, score_threshold: float) -> float:
    return float(np.hypot(*(_center(pose, score_threshold) - np.array(pose.canvas_wh) / 2)))


def _track_id(pose: Pose, score_threshold: float) -> float:
    return math.inf if pose.person_id is None else pose.person_id


_KEYS: dict[str, Callable[[Pose, float], float]] = {
    "left to right": lambda pose, threshold: float(_center(pose, threshold)[0]),
    "top to bottom": lambda pose, threshold: float(_center(pose, threshold)[1]),
    "area": _negative_area,
    "score": lambda pose, threshold: -person_score(pose, threshold),
    "distance to centre": _distance_to_center,
    "track id": _track_id,
}
"""The key of each sort, lowest first, from a person and the score threshold."""
