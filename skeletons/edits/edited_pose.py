"""One person with a change applied: first the parts, then single joints, then scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..convert_sets import convert_pose
from ..foundation.limits import MAX_NUMBER
from ..keypoint_sets import KeypointSet
from ..keypoint_sets.tree import PART_NAMES, anchor_indices, hanging_indices
from ..pose import Array, Pose, box_around
from .edits import UNCHANGED_PART, Change


def change_pose(pose: Pose, change: Change, scale_wh: tuple[float, float] = (1.0, 1.0)) -> Pose:
    """The person with a change applied; what it does not touch stays as it is to the last bit.

    Args:
        pose: of the keypoint set of the change.
        change: with offsets in pixels of the canvas of the edits.
        scale_wh: pixels of the pose's canvas for one of these, to the right and down.

    Returns:
        The person. A side of the box moves as far as the outermost keypoint found on that side.
    """
    before, detected = pose.keypoints_image, pose.scores
    keypoints = move_parts(before, detected, change.parts, scale_wh, pose.keypoint_set)
    keypoints = _add(keypoints, change.offsets * scale_wh)
    keypoints = np.clip(keypoints, -MAX_NUMBER, MAX_NUMBER)
    scores = np.where(np.isnan(change.scores), detected, change.scores)
    if np.array_equal(keypoints, before) and np.array_equal(scores, detected):
        return pose
    box = pose.box_xyxy
    if (detected > 0).any() and (scores > 0).any():
        box = _add(box, _extent(keypoints, scores) - _extent(before, detected))
    box = np.clip(box, -MAX_NUMBER, MAX_NUMBER)
    return replace(pose, keypoints_image=keypoints, scores=scores, box_xyxy=box)


def move_parts(
    keypoints: Array,
    scores: Array,
    parts: Array,
    scale_wh: tuple[float, float],
    keypoint_set: KeypointSet,
) -> Array:
    """(K, 2) keypoints with their parts moved, turned and scaled, one part after the other.

    A part turns about the middle of the joints on which it hangs, where the parts before it have
    put them, or about the middle of what is found of it if one of these is missing. What was not
    found and is at 0, 0 stays there.

    Args:
        keypoints, scores: (K, 2) and (K,) as detected.
        parts: (P, 4) as in ``Change``.
        scale_wh: as in ``change_pose``.
        keypoint_set: names the K joints.
    """
    nowhere = (scores <= 0) & (keypoints == 0).all(axis=1)
    for name, numbers in zip(PART_NAMES, parts, strict=True):
        if tuple(numbers) == UNCHANGED_PART:
            continue
        joints = hanging_indices(keypoint_set, name)
        pivot = _pivot(keypoints, scores, joints, anchor_indices(keypoint_set, name))
        joints = joints[~nowhere[joints]]
        if pivot is None or not len(joints):
            continue
        keypoints = keypoints.copy()
        keypoints[joints] = _turn(keypoints[joints], pivot, numbers, scale_wh)
    return keypoints


def _pivot(
    keypoints: Array, scores: Array, joints: NDArray[np.intp], anchors: NDArray[np.intp]
) -> Array | None:
    """(2,) where a part hangs; None if nothing of it is found."""
    if len(anchors) and (scores[anchors] > 0).all():
        pivot: Array = (keypoints[anchors[0]] + keypoints[anchors[-1]]) / 2
        return pivot
    found = joints[scores[joints] > 0]
    middle: Array | None = keypoints[found].sum(axis=0) / len(found) if len(found) else None
    return middle


def _turn(keypoints: Array, pivot: Array, numbers: Array, scale_wh: tuple[float, float]) -> Array:
    """(J, 2) keypoints turned and scaled about the pivot, and moved."""
    move_x, move_y, degrees, scale = numbers
    angle = degrees * np.pi / 180
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    x, y = (keypoints - pivot).T
    return np.stack(
        [
            x * cos - y * sin + pivot[0] + move_x * scale_wh[0],
            x * sin + y * cos + pivot[1] + move_y * scale_wh[1],
        ],
        axis=1,
    )


def _add(values: Array, differences: Array) -> Array:
    """The sum; where the difference is 0 the very value, also if it is -0."""
    return np.where(differences == 0, values, values + differences)


def _extent(keypoints: Array, scores: Array) -> Array:
    return box_around(keypoints, scores > 0, otherwise=(0, 0, 0, 0))


def in_set(change: Change, keypoint_set: KeypointSet, target: KeypointSet) -> Change:
    """A change for people of another keypoint set, by the names of joints; others are dropped."""
    if keypoint_set is target:
        return change
    common = tuple(name for name in target.names if name in set(keypoint_set.names))
    sources, targets = keypoint_set.indices(common), target.indices(common)
    offsets, scores = np.zeros((len(target), 2)), np.full(len(target), np.nan)
    offsets[targets], scores[targets] = change.offsets[sources], change.scores[sources]
    return Change(offsets, change.parts, scores, change.of)


def make_new_pose(
    rows: Array,
    keypoint_set: KeypointSet,
    edits_wh: tuple[int, int],
    canvas_wh: tuple[int, int],
    target: KeypointSet,
) -> Pose:
    """Somebody who was added.

    Args:
        rows: (J, 4) index of a joint of ``keypoint_set``, x, y and score.
        keypoint_set: of the edits.
        edits_wh: width and height of the canvas of the edits, in pixels, to which x, y refer.
        canvas_wh: of the frame.
        target: keypoint set of the frame's people.
    """
    keypoints, scores = np.zeros((len(keypoint_set), 2)), np.zeros(len(keypoint_set))
    joints = rows[:, 0].astype(int)
    keypoints[joints] = rows[:, 1:3] * canvas_wh / edits_wh
    scores[joints] = rows[:, 3]
    whole_canvas = np.array((0, 0, *canvas_wh))
    pose = Pose(keypoints, scores, keypoint_set, canvas_wh, whole_canvas)
    pose = convert_pose(pose, target)
    box = box_around(pose.keypoints_image, pose.scores > 0, otherwise=whole_canvas)
    return replace(pose, box_xyxy=box)
