"""Poses as the nodes for Wan Animate by other authors take them: ``POSEDATA``.

Facts of ``kijai/ComfyUI-WanAnimatePreprocess`` (``AAPoseMeta``, ``split_kp2ds_for_aa`` and
``load_pose_metas_from_kp2ds_seq`` of ``pose_utils/pose2d_utils.py``), which are those of Wan2.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...convert_sets import gather
from ...foundation.checks import short_repr
from ...keypoint_sets import COCO_WHOLEBODY_133
from ...pose import Array, Frame, Pose, box_around, is_within_limits

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


def is_pose_data(value: Any) -> bool:
    """Whether a value is meant to be POSEDATA."""
    return isinstance(value, Mapping) and "pose_metas" in value


def read_pose_data(value: Mapping[str, Any]) -> tuple[Frame, ...]:
    """The person of each frame, as 133 keypoints; nobody where nothing has a score above 0.

    ``pose_metas`` are read, which are those that are drawn. Big and small toe both lie where the
    middle of the toes is, and the left heel is missing; the neck is that of the shoulders.

    Raises:
        ValueError: a frame cannot be read; the message says which.
    """
    metas = value["pose_metas"]
    if not isinstance(metas, Sequence):
        raise ValueError(
            f"POSEDATA has pose_metas {short_repr(metas)}, expected a list. Connect pose_data of "
            "Pose and Face Detection."
        )
    return tuple(_read_meta(meta, index) for index, meta in enumerate(metas))


def _read_meta(meta: Any, index: int) -> Frame:
    try:
        values = meta if isinstance(meta, Mapping) else vars(meta)
        canvas_wh = int(values["width"]), int(values["height"])
        points = np.zeros((len(COCO_WHOLEBODY_133), 3))
        for part in ("body", *PARTS):
            rows = _part_of(values, part, canvas_wh)
            if rows is None:
                continue
            if part == "body":
                points[BODY.T] = rows[: len(BODY)]
                # Rows of two joints, the neck and the toes, must not change the joints themselves.
                single = BODY[:, 0] == BODY[:, 1]
                points[BODY[single, 0]] = rows[: len(BODY)][single]
            else:
                points[PARTS[part]] = rows
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"POSEDATA, frame {index} cannot be read ({error!r}). Connect pose_data of Pose and "
            "Face Detection."
        ) from error
    found = is_within_limits(points).all(axis=1) & (points[:, 2] > 0)
    points[~is_within_limits(points).all(axis=1)] = 0.0
    if not found.any():
        return Frame(canvas_wh)
    box = box_around(points[:, :2], found, otherwise=(0, 0, *canvas_wh))
    pose = Pose(points[:, :2], points[:, 2], COCO_WHOLEBODY_133, canvas_wh, box)
    return Frame(canvas_wh, (pose,))


def _part_of(values: Mapping[str, Any], part: str, canvas_wh: tuple[int, int]) -> Array | None:
    """(K, 3) x, y in pixels and score of a part, in either of the two forms; None without it."""
    if f"kps_{part}" in values:
        keypoints, scores = values[f"kps_{part}"], values.get(f"kps_{part}_p")
        if keypoints is None:
            return None
        keypoints = np.asarray(keypoints, dtype=np.float64)
        scores = np.ones(len(keypoints)) if scores is None else np.asarray(scores, np.float64)
        return np.column_stack([keypoints[:, :2], scores])
    rows = values.get(_LONG_NAMES[part])
    if rows is None:
        return None
    return np.asarray(rows, dtype=np.float64) * (*canvas_wh, 1)
