"""``MHR_POSE_DATA``: the people of a clip as ComfyUI's nodes of SAM 3D Body hand them on.

Facts of ComfyUI's ``comfy_extras/sam3d_body/utils.py`` and ``nodes_sam3d_body.py``: a dict with
``frames``, a list of people per frame, in which the index of a person is the same in all frames;
and ``image_size``, height and width. Of each person ``pred_keypoints_2d`` are 70 keypoints and
``pred_face_keypoints_2d`` 238, in pixels: together ``goliath_308``, in its order. There are no
scores. Somebody whom SAM 3 does not see in a frame is there with a black ``mask``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...convert_sets import convert_pose
from ...foundation.checks import short_repr
from ...keypoint_sets import GOLIATH_308
from ...options.option import SCORE_THRESHOLD
from ...pose import Array, Frame, Pose, box_around, is_visible, is_within_limits

BODY, FACE = slice(0, 70), slice(70, 308)
"""Rows of ``goliath_308`` that are MHR's own 70 keypoints, and those of the face."""

NEEDED = "Connect mhr_pose_data of Run SAM3D Body Prediction."


def is_mhr_pose_data(value: Any) -> bool:
    """Whether a value is meant to be MHR_POSE_DATA."""
    return isinstance(value, Mapping) and "frames" in value and "image_size" in value


def read_mhr_poses(value: Mapping[str, Any]) -> tuple[Frame, ...]:
    """Poses of 308 keypoints, with the index of each person as the id.

    Keypoints that are numbers have score 1, others 0: the model places all of them, seen or not.

    Raises:
        ValueError: a part of it cannot be read; the message says which.
    """
    try:
        height, width = (int(side) for side in value["image_size"])
        people = [list(frame) for frame in value["frames"]]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"MHR_POSE_DATA has image_size {short_repr(value['image_size'])} and frames "
            f"{short_repr(value['frames'])}, expected height and width, and a list of people per "
            f"frame. {NEEDED}"
        ) from error
    return tuple(
        Frame(
            (width, height),
            tuple(
                pose
                for index, person in enumerate(frame)
                if (pose := _read_person(person, (width, height), number, index))
            ),
        )
        for number, frame in enumerate(people)
    )


def _read_person(person: Any, canvas_wh: tuple[int, int], frame: int, index: int) -> Pose | None:
    """One person, or None who is not in the frame."""
    try:
        mask = person.get("mask")
        if mask is not None and not np.asarray(mask).any():
            return None
        keypoints = np.full((len(GOLIATH_308), 2), np.nan)
        keypoints[BODY] = _rows(person["pred_keypoints_2d"], BODY)
        face = person.get("pred_face_keypoints_2d")
        if face is not None:
            keypoints[FACE] = _rows(face, FACE)
        found: NDArray[np.bool_] = np.all(is_within_limits(keypoints), axis=1)
        if not found.any():
            return None
        box = person.get("bbox")
        box = np.reshape(np.asarray([] if box is None else box, dtype=np.float64), -1)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"MHR_POSE_DATA, frame {frame}, person {index} cannot be read ({error!r}); expected "
            f"pred_keypoints_2d of 70 keypoints. {NEEDED}"
        ) from error
    keypoints[~found] = 0.0
    if box.shape != (4,) or not is_within_limits(box).all():
        box = box_around(keypoints, found, otherwise=(0, 0, *canvas_wh))
    return Pose(keypoints, found.astype(np.float64), GOLIATH_308, canvas_wh, box, person_id=index)


def _rows(values: Any, rows: slice) -> Array:
    """(K, 2) of as many keypoints as ``rows`` are; ValueError for any other shape."""
    return np.asarray(values, dtype=np.float64).reshape(rows.stop - rows.start, 2)


def make_mhr_poses(
    frames: Sequence[Frame],
    numbers: Sequence[Sequence[int]],
    score_threshold: float = SCORE_THRESHOLD.default,
) -> dict[str, Any]:
    """MHR_POSE_DATA of a clip, with what poses know: keypoints and boxes, no body in three
    dimensions. Its readers leave out keypoints that are not finite.

    Args:
        frames: the people; the canvas is that of the first.
        numbers: for each pose of each frame, the index of the person in all frames.
        score_threshold: keypoints with a lower score are NaN.

    Raises:
        ValueError: there is no frame.
    """
    if not frames:
        raise ValueError("The poses have no frames, so there is no MHR_POSE_DATA to make.")
    width, height = frames[0].canvas_wh
    rows = []
    for frame, some in zip(frames, numbers, strict=True):
        people = dict(zip(some, frame.poses, strict=True))
        count = max(people, default=-1) + 1
        rows.append([_make_person(people.get(index), score_threshold) for index in range(count)])
    return {
        "frames": rows,
        "faces": np.zeros((0, 3), np.int64),
        "image_size": (height, width),
        "canonical_colors": None,
        "hand_vert_mask": None,
    }


def _make_person(pose: Pose | None, score_threshold: float) -> dict[str, Any]:
    keypoints = np.full((len(GOLIATH_308), 2), np.nan, np.float32)
    box = np.zeros(4, np.float32)
    if pose is not None:
        native = convert_pose(pose, GOLIATH_308)
        visible = is_visible(native.scores, score_threshold)
        keypoints[visible] = native.keypoints_image[visible]
        box = pose.box_xyxy.astype(np.float32)
    has_face = np.isfinite(keypoints[FACE]).any()
    return {
        "pred_keypoints_2d": keypoints[BODY],
        "pred_face_keypoints_2d": keypoints[FACE] if has_face else None,
        "bbox": box,
        "mask": None,
    }
