"""What a network says of parts that it cannot see, hidden by rules that can be checked.

A network answers for every joint, seen or not. Hidden here means score 0; the place stays.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..keypoint_sets import KeypointSet
from ..pose import Array, Pose, is_visible

WHOLE_PARTS = ("left_hand", "right_hand", "face")
"""Parts that are seen as a whole or not at all."""

FRONT = ("nose", "left_eye", "right_eye")
"""Joints of the body that only a face has; the ears can be seen from behind too."""

EARS = ("face_left_ear", "face_right_ear")


def hide_low_scoring_parts(pose: Pose, share: float, score_threshold: float) -> Pose:
    """Hides each hand and face of which less than ``share`` scores ``score_threshold`` or more."""
    scores = pose.scores.copy()
    is_seen = is_visible(scores, score_threshold)
    for name in WHOLE_PARTS:
        part = pose.keypoint_set.part_indices(name)
        if len(part) and is_seen[part].mean() < share:
            scores[part] = np.minimum(scores[part], 0)
    return replace(pose, scores=scores)


def hide_face_from_behind(pose: Pose, score_threshold: float) -> Pose:
    """Hides the face of somebody who turns their back: nose, eyes and every point but the ears'.

    Somebody who looks at us has their left shoulder to the right of the right one, as seen by
    somebody whose up is the person's own, which is from hips to shoulders. From behind it is the
    other way round. So the back is turned if both shoulders and a hip are seen and the shoulders
    are exchanged, and the head has not been turned round: the ears, if both are seen, are
    exchanged too. Anything less certain hides nothing. A pose of a set without shoulders or hips
    is left alone.
    """
    if not is_seen_from_behind(pose, score_threshold):
        return pose
    scores = pose.scores.copy()
    face = face_indices(pose.keypoint_set)
    scores[face] = np.minimum(scores[face], 0)
    return replace(pose, scores=scores)


def face_indices(keypoint_set: KeypointSet) -> NDArray[np.intp]:
    """Positions of the joints that cannot be seen from behind."""
    face = np.setdiff1d(keypoint_set.part_indices("face"), keypoint_set.part_indices(*EARS))
    return np.union1d(face, keypoint_set.known_indices(FRONT))


def is_seen_from_behind(pose: Pose, score_threshold: float) -> bool:
    """Whether somebody turns their back, and does not look over their shoulder."""
    shoulders = _seen(pose, ("left_shoulder", "right_shoulder"), score_threshold)
    hips = _seen(pose, ("left_hip", "right_hip"), score_threshold)
    if len(shoulders) < 2 or not len(hips):
        return False
    up = shoulders.mean(axis=0) - hips.mean(axis=0)
    ears = _seen(pose, ("left_ear", "right_ear"), score_threshold)
    return _exchanged(shoulders, up) and (len(ears) < 2 or _exchanged(ears, up))


def _exchanged(left_and_right: Array, up: Array) -> bool:
    """Whether the left one of two joints is on the left of the right one, seen with ``up`` up."""
    (x, y), (up_x, up_y) = left_and_right[0] - left_and_right[1], up
    return bool(x * up_y - y * up_x > 0)


def _seen(pose: Pose, names: tuple[str, ...], score_threshold: float) -> Array:
    """(N, 2) points of the joints of these names that score high enough."""
    rows = pose.keypoint_set.known_indices(names)
    scores = pose.scores[rows]
    return pose.keypoints_image[rows[is_visible(scores, score_threshold)]]
