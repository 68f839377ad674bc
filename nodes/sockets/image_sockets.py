"""What travels between nodes: the socket types, and their translation to and from our values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from comfy_api.latest import io
from torch import Tensor

from ...sapiens_core.out_of_memory import is_out_of_memory
from ...skeletons.formats import pose_keypoint_reader
from ...skeletons.formats.node_values.mhr_poses import is_mhr_pose_data, read_mhr_poses
from ...skeletons.formats.node_values.wan_pose_data import is_pose_data, read_pose_data
from ...skeletons.formats.read_options import ReadOptions
from ...skeletons.foundation.arrays import Image
from ...skeletons.keypoint_sets import KEYPOINT_SETS, KeypointSet
from ...skeletons.pose import Frame, Pose
from ..caches.lazy_images import LazyImages
from .tensors import check_numbers, check_tensor

SapiensModel = io.Custom("SAPIENS_MODEL")
SapiensPoses = io.Custom("SAPIENS_POSES")
PoseKeypoint = io.Custom("POSE_KEYPOINT")
Bbox = io.Custom("BBOX")
MhrPoseData = io.Custom("MHR_POSE_DATA")
PoseData = io.Custom("POSEDATA")

PosesValue = list[dict[str, Any]]
"""A SAPIENS_POSES value: one dict a frame, in plain types and tensors that any pack can read.

``keypoint_set`` (name), ``canvas_width`` and ``canvas_height`` (pixels), ``keypoints`` (people, K,
3) float64 tensor of x, y in pixels and score, ``boxes_xyxy`` (people, 4) float64 tensor in pixels,
``box_scores`` (people,) float64 tensor, ``person_ids`` list of int or None, ``refined`` (may be
missing) list of the names of each person's parts that come from a second look.
"""


def poses_from_frames(frames: Sequence[Frame], keypoint_set: KeypointSet) -> PosesValue:
    """Frames as a SAPIENS_POSES value; ``keypoint_set`` is that of frames with nobody in them."""
    return [_from_frame(frame, keypoint_set) for frame in frames]


def _from_frame(frame: Frame, keypoint_set: KeypointSet) -> dict[str, Any]:
    poses = frame.poses
    keypoint_set = poses[0].keypoint_set if poses else keypoint_set
    keypoints = np.zeros((len(poses), len(keypoint_set), 3))
    for row, pose in zip(keypoints, poses, strict=True):
        row[:, :2], row[:, 2] = pose.keypoints_image, pose.scores
    boxes = np.array([pose.box_xyxy for pose in poses]).reshape(-1, 4)
    return {
        "keypoint_set": keypoint_set.name,
        "canvas_width": frame.canvas_wh[0],
        "canvas_height": frame.canvas_wh[1],
        "keypoints": torch.from_numpy(keypoints),
        "boxes_xyxy": torch.from_numpy(boxes),
        "box_scores": torch.tensor([pose.box_score for pose in poses], dtype=torch.float64),
        "person_ids": [pose.person_id for pose in poses],
        "refined": [list(pose.refined) for pose in poses],
    }


def _to_frame(value: dict[str, Any], index: int) -> Frame:
    try:
        return _frame(value)
    except Exception as error:  # whatever a stranger's objects raise
        if is_out_of_memory(error):
            raise
        raise ValueError(
            f"SAPIENS_POSES, frame {index} cannot be read: {error!r}. Connect poses as Sapiens "
            "Pose gives them."
        ) from error


def _frame(value: dict[str, Any]) -> Frame:
    keypoint_set = KEYPOINT_SETS[value["keypoint_set"]]
    canvas_wh = (int(value["canvas_width"]), int(value["canvas_height"]))
    people = zip(
        value["keypoints"].numpy(force=True),
        value["boxes_xyxy"].numpy(force=True),
        value["box_scores"].tolist(),
        value["person_ids"],
        value.get("refined") or [()] * len(value["person_ids"]),
        strict=True,
    )
    return Frame(
        canvas_wh,
        tuple(
            Pose(
                keypoints_image=keypoints[:, :2],
                scores=keypoints[:, 2],
                keypoint_set=keypoint_set,
                canvas_wh=canvas_wh,
                box_xyxy=box,
                box_score=score,
                person_id=person_id,
                refined=refined,
            )
            for keypoints, box, score, person_id, refined in people
        ),
    )


def frames_from_poses(value: Any, *, hands_swapped: bool = False) -> tuple[Frame, ...]:
    """The frames of a SAPIENS_POSES, POSE_KEYPOINT, MHR_POSE_DATA or POSEDATA value.

    Raises:
        ValueError: it is none of them, or a part of it cannot be read; the message says where.
    """
    if is_mhr_pose_data(value):
        return read_mhr_poses(value)
    if is_pose_data(value):
        return read_pose_data(value)
    frames = [value] if isinstance(value, dict) else value
    if isinstance(frames, (list, tuple)) and any(map(_is_ours, frames)):
        return tuple(_to_frame(frame, index) for index, frame in enumerate(frames))
    options = ReadOptions(hands_swapped=hands_swapped)
    return pose_keypoint_reader.decode(value, options)


def _is_ours(frame: Any) -> bool:
    return isinstance(frame, dict) and "keypoint_set" in frame


def images_from_comfy(image: Tensor) -> LazyImages:
    """IMAGE, (B, H, W, C) float 0 to 1 -> B images (H, W, 3) uint8 RGB.

    Raises:
        ValueError: it is no tensor, has another shape, no pixels, or no values.
    """
    check_tensor(image, "IMAGE", "a tensor (frames, height, width, channels)")
    if image.ndim != 4 or image.shape[-1] not in (1, 3, 4):
        raise ValueError(
            f"IMAGE has shape {tuple(image.shape)}, expected (frames, height, width, channels) "
            "with 1, 3 or 4 channels."
        )
    if not image.numel():
        raise ValueError(
            f"IMAGE has shape {tuple(image.shape)}: it has no images. Check the node that makes it."
        )
    check_numbers(image, "IMAGE")
    if not image.is_floating_point():
        raise ValueError(f"IMAGE holds {image.dtype}, expected floating point numbers, 0 to 1.")
    return LazyImages(image)


def check_one_image_per_frame(images_rgb: Sequence[Image], frames: Sequence[Frame]) -> None:
    """Raises ValueError if there is neither one image per frame nor one for all frames."""
    if len(images_rgb) not in (1, len(frames)):
        raise ValueError(
            f"There are {len(images_rgb)} images for {len(frames)} frames of poses; expected "
            "one for all, or one per frame."
        )
