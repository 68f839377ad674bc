"""Poses as the nodes for Wan Animate by other authors take them: ``POSEDATA``.

Facts of ``kijai/ComfyUI-WanAnimatePreprocess`` (``AAPoseMeta``, ``split_kp2ds_for_aa`` and
``load_pose_metas_from_kp2ds_seq`` of ``pose_utils/pose2d_utils.py``), which are those of Wan2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...convert_sets import gather
from ...keypoint_sets import COCO_WHOLEBODY_133
from ...pose import Array, Pose

BODY = np.array(
    [
        *((0, 0), (6, 5), (6, 6), (8, 8), (10, 10), (5, 5), (7, 7), (9, 9), (12, 12), (14, 14)),
        *((16, 16), (11, 11), (13, 13), (15, 15), (2, 2), (1, 1), (4, 4), (3, 3), (17, 18)),
        (20, 21),
    ]
)
"""The two of 133 keypoints whose mean, of place and score, each of the 20 body joints is."""

PARTS = {"lhand": slice(91, 112), "rhand": slice(112, 133), "face": slice(22, 91)}
"""Keypoints of the other parts; the face has the right heel in front, which its readers skip."""

_LONG_NAMES = {
    "body": "keypoints_body",
    "lhand": "keypoints_left_hand",
    "rhand": "keypoints_right_hand",
    "face": "keypoints_face",
}


class PoseMeta:
    """One person in one frame, with the attributes of ``AAPoseMeta``.

    Attributes:
        width, height: of the image, in pixels.
        kps_body, kps_lhand, kps_rhand, kps_face: (K, 2) places in pixels; 20, 21, 21 and 69.
        kps_body_p, kps_lhand_p, kps_rhand_p, kps_face_p: (K,) scores.
        image_id: empty.
    """

    def __init__(self, keypoints: dict[str, Array], size_wh: tuple[int, int]) -> None:
        self.image_id = ""
        self.width, self.height = size_wh
        for part, values in keypoints.items():
            setattr(self, f"kps_{part}", values[:, :2].copy())
            setattr(self, f"kps_{part}_p", values[:, 2].copy())


def make_pose_data(people: Sequence[Pose | None], size_wh: tuple[int, int]) -> dict[str, Any]:
    """``POSEDATA`` of a clip: a dict of lists, one item per frame.

    Args:
        people: the person in each frame, in pixels of the image; None where there is nobody, who
            becomes keypoints at 0, 0 with score 0.
        size_wh: width and height of the image.
    """
    found = [_parts(person) for person in people]
    relative = np.array([*size_wh, 1.0])
    width, height = size_wh
    return {
        "retarget_image": None,
        "pose_metas": [PoseMeta(parts, size_wh) for parts in found],
        "refer_pose_meta": None,
        "pose_metas_original": [
            {"width": width, "height": height}
            | {_LONG_NAMES[part]: values / relative for part, values in parts.items()}
            for parts in found
        ],
    }


def _parts(person: Pose | None) -> dict[str, Array]:
    """(K, 3) x, y in pixels and score of the keypoints of each part."""
    if person is None:
        points = np.zeros((len(COCO_WHOLEBODY_133), 3))
    else:
        keypoints, scores = gather(person, COCO_WHOLEBODY_133)
        points = np.column_stack([keypoints, scores])
    return {
        "body": points[BODY].mean(axis=1),
        **{part: points[rows] for part, rows in PARTS.items()},
    }
