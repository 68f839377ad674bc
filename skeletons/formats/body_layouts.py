"""The joints of a POSE_KEYPOINT body, whose length alone does not identify them."""

from __future__ import annotations

import numpy as np

from ..keypoint_sets import BODY_25, COCO_17, OPENPOSE_136
from ..pose import Array

_BODY = OPENPOSE_136.part_names("body")
_FEET = OPENPOSE_136.part_names("left_foot", "right_foot")
_TWO_TOES = (*_BODY, "right_big_toe", "left_big_toe")
"""ProportionChanger's body: the middle of the toes of each foot, then five rows it never fills."""

_BY_LENGTH = {17: COCO_17.names, 18: _BODY, 24: _BODY + _FEET, 25: BODY_25.names}


def body_names(body: Array, *, from_openpose: bool) -> tuple[str, ...]:
    """The joints of ``body``, (N, 3) x, y, confidence; rows beyond the answer are padding.

    Two layouts have 25 keypoints. A file of OpenPose's own program is always BODY_25.

    Raises:
        ValueError: no known program writes bodies of N keypoints.
    """
    names = _BY_LENGTH.get(len(body))
    if names is None:
        lengths = ", ".join(map(str, _BY_LENGTH))
        raise ValueError(f"{len(body)} points, expected one of {lengths}.")
    if len(body) == 25 and not from_openpose and not _is_body_25(body):
        return _TWO_TOES
    return names


def _is_body_25(body: Array) -> bool:
    """Whether the mid hip is between the hips; if one is hidden, whether the last rows are used."""
    right, middle, left = body[BODY_25.indices(("right_hip", "mid_hip", "left_hip"))]
    if min(right[2], middle[2], left[2]) > 0:
        width = np.linalg.norm(right[:2] - left[:2])
        return bool(np.linalg.norm((right + left)[:2] / 2 - middle[:2]) <= 0.25 * width)
    return bool((body[len(_TWO_TOES) :, 2] > 0).any())
