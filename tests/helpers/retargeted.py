"""Clips of puppets, and how far what became of them is from the truth."""

from dataclasses import replace

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions
from helpers.puppets import ADULT, film, frames_of, make_motion

BODY = COCO_WHOLEBODY_133.indices(("nose", *COCO_17.names[5:]))
AS_DRIVER = RetargetOptions(placement="as the driver")


def keypoints_of(frames: list[Frame], index: int = 0) -> np.ndarray:
    """(T, K, 2) of one person."""
    return np.array([frame.poses[index].keypoints_image for frame in frames])


def height_of(pose: Pose) -> float:
    return float(np.ptp(pose.keypoints_image[pose.scores > 0][:, 1]))


def error(frames: list[Frame], truth: np.ndarray, joints=BODY) -> float:
    """Mean distance of the joints from where they belong, in % of the height in the first frame."""
    distances = np.linalg.norm(keypoints_of(frames)[:, joints] - truth[:, joints], axis=-1)
    return 100 * float(distances.mean()) / float(np.ptp(truth[0, :, 1]))


def largest_change(frames: list[Frame], others: list[Frame]) -> float:
    """Pixels."""
    return float(np.abs(keypoints_of(frames) - keypoints_of(others)).max())


def driver_of(kind: str, angle: float = 0.2) -> list[Frame]:
    return frames_of(film(ADULT, make_motion(kind).turned(angle)))


def shifted(frames: list[Frame], by: float, person_id: int) -> list[Pose]:
    return [
        replace(
            frame.poses[0],
            keypoints_image=frame.poses[0].keypoints_image + np.array((by, 0)),
            person_id=person_id,
        )
        for frame in frames
    ]
