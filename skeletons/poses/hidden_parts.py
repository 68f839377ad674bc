"""Hiding body parts that the network cannot have seen, by rules that can be checked.

A network answers for every joint, visible or not. A hidden keypoint keeps its coordinates and gets
score 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..keypoint_sets import KeypointSet
from ..pose import Array, Pose, is_visible

WHOLE_PARTS = ("left_hand", "right_hand", "face")
"""Body parts that are visible as a whole or not at all."""

FRONT = ("nose", "left_eye", "right_eye")
"""Joints of the body that are invisible from behind; the ears are visible from there too."""

HEAD_PAIRS = (("left_ear", "right_ear"), ("left_eye", "right_eye"))
"""Joints of the body whose order shows whether the back of a head is towards the camera."""

EARS = ("face_left_ear", "face_right_ear")


def hide_low_scoring_parts(pose: Pose, share: float, score_threshold: float) -> Pose:
    """Hide hands and faces of which less than ``share`` of the keypoints reach the threshold."""
    scores = pose.scores.copy()
    visible = is_visible(scores, score_threshold)
    for name in WHOLE_PARTS:
        part = pose.keypoint_set.part_indices(name)
        if len(part) and visible[part].mean() < share:
            scores[part] = np.minimum(scores[part], 0)
    return replace(pose, scores=scores)


def hide_face_from_behind(pose: Pose, score_threshold: float) -> Pose:
    """Hide the face of a person seen from behind: nose, eyes and all of the face but the ears.

    Seen from the front, with the direction from hips to shoulders up, a person's left shoulder is
    in the image to the right of the right one; seen from behind, to the left of it. A face is
    hidden if both shoulders and a hip are visible, the shoulders show the person from behind, and
    so do the ears and the eyes of which both are visible, because the head may be turned. Otherwise
    nothing is hidden, nor in poses of a set without shoulders or hips.
    """
    if not is_seen_from_behind(pose, score_threshold):
        return pose
    scores = pose.scores.copy()
    face = face_indices(pose.keypoint_set)
    scores[face] = np.minimum(scores[face], 0)
    return replace(pose, scores=scores)


def face_indices(keypoint_set: KeypointSet) -> NDArray[np.intp]:
    """Indices of the joints that are invisible from behind."""
    face = np.setdiff1d(keypoint_set.part_indices("face"), keypoint_set.part_indices(*EARS))
    return np.union1d(face, keypoint_set.known_indices(FRONT))


def is_seen_from_behind(pose: Pose, score_threshold: float) -> bool:
    """Whether the back of a person and of their head is towards the camera."""
    shoulders = _find_visible(pose, ("left_shoulder", "right_shoulder"), score_threshold)
    hips = _find_visible(pose, ("left_hip", "right_hip"), score_threshold)
    if len(shoulders) < 2 or not len(hips):
        return False
    up = shoulders.mean(axis=0) - hips.mean(axis=0)
    head = (_find_visible(pose, pair, score_threshold) for pair in HEAD_PAIRS)
    pairs = [shoulders, *(pair for pair in head if len(pair) == 2)]
    return all(_are_from_behind(pair, up) for pair in pairs)


def _are_from_behind(left_and_right: Array, up: Array) -> bool:
    """Whether the left of two joints is left of the right one in an image with ``up`` upwards."""
    (x, y), (up_x, up_y) = left_and_right[0] - left_and_right[1], up
    return bool(x * up_y - y * up_x > 0)


def _find_visible(pose: Pose, names: tuple[str, ...], score_threshold: float) -> Array:
    """(N, 2) keypoints of the visible ones of these joints."""
    indices = pose.keypoint_set.known_indices(names)
    visible = is_visible(pose.scores[indices], score_threshold)
    return pose.keypoints_image[indices[visible]]
