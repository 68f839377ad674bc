"""What the nodes that take poses and give poses have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from comfy_api.latest import io

from ...skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from ...skeletons.keypoint_sets import KEYPOINT_SETS
from ...skeletons.openpose_points import uniform_thresholds
from ...skeletons.pose import Frame
from .image_sockets import (
    Bbox,
    MhrPoseData,
    PoseData,
    PoseKeypoint,
    SapiensPoses,
    poses_from_frames,
)
from .people_sockets import bboxes_from_frames


def poses_input() -> Any:
    """Poses of any kind."""
    return io.MultiType.Input(
        "poses",
        types=[SapiensPoses, PoseKeypoint, MhrPoseData, PoseData],
        tooltip="From Sapiens Pose, or POSE_KEYPOINT from any pack; also MHR_POSE_DATA of SAM 3D "
        "Body, and POSEDATA of WanAnimatePreprocess.",
    )


def bboxes_input(tooltip: str) -> Any:
    """Boxes of ComfyUI's own kind, or of the kind that came before it."""
    return io.MultiType.Input(
        "bboxes",
        types=[io.BoundingBox, Bbox],
        optional=True,
        tooltip=f"{tooltip} BBOX of other packs: corners left, top, right, bottom.",
    )


def pose_outputs() -> list[Any]:
    """The outputs that ``pose_results`` fills."""
    return [
        SapiensPoses.Output("poses", tooltip="All keypoints with their scores."),
        PoseKeypoint.Output(
            "pose_keypoint",
            display_name="POSE_KEYPOINT",
            tooltip="OpenPose JSON, as other packs' nodes and editors read it.",
        ),
        io.BoundingBox.Output("bboxes", tooltip="The people's boxes, one list per frame."),
    ]


def pose_results(
    frames: Sequence[Frame], value: Any, score_threshold: float
) -> tuple[Any, Any, Any]:
    """SAPIENS_POSES, POSE_KEYPOINT and BOUNDING_BOX of ``frames``.

    If there are empty slots, see ``in_slots``, everybody keeps their place in POSE_KEYPOINT, also
    with nothing to see. An empty slot has no box.

    Args:
        frames: the people.
        value: the poses that came in; frames with nobody in them have its keypoint set.
        score_threshold: points with a lower score are hidden in POSE_KEYPOINT.
    """
    people = [replace(f, poses=f.found_poses) for f in frames]
    has_slots = any(len(some.poses) < len(f.poses) for some, f in zip(people, frames, strict=True))
    shown = uniform_thresholds(score_threshold)
    if has_slots:
        shown = replace(shown, min_person_keypoints=0)
    return (
        poses_from_frames(frames, KEYPOINT_SETS[_set_name(frames, value)]),
        encode(frames, EncodeOptions(openpose=shown)),
        bboxes_from_frames(people),
    )


def _set_name(frames: Sequence[Frame], value: Any) -> str:
    for frame in frames:
        if frame.poses:
            return frame.poses[0].keypoint_set.name
    rows = value if isinstance(value, list) else []
    names = (str(row.get("keypoint_set")) for row in rows)
    return next((name for name in names if name in KEYPOINT_SETS), "openpose_136")
