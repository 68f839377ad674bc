"""People made of random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import KeypointSet
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose


def make_pose(
    keypoint_set: KeypointSet,
    seed: int = 0,
    person_id: int | None = None,
    canvas_wh: tuple[int, int] = (640, 480),
) -> Pose:
    """Everything is found, a few points off the canvas."""
    random = np.random.default_rng(seed)
    return Pose(
        keypoints_image=random.uniform(-50, 900, (len(keypoint_set), 2)),
        scores=random.uniform(0.31, 1.1, len(keypoint_set)),
        keypoint_set=keypoint_set,
        canvas_wh=canvas_wh,
        box_xyxy=random.uniform(0, 400, 4),
        box_score=0.75,
        person_id=person_id,
    )


def make_frame(keypoint_set: KeypointSet, people: int) -> Frame:
    """``people`` of them, each of another seed and id, on 640 x 480."""
    poses = (make_pose(keypoint_set, seed, seed or None) for seed in range(people))
    return Frame(canvas_wh=(640, 480), poses=tuple(poses))


def mirrored(pose: Pose) -> Pose:
    """What is seen in the mirrored picture: x counted from the other side, names exchanged."""
    width = pose.canvas_wh[0]
    flip = pose.keypoint_set.flip_indices
    left, top, right, bottom = pose.box_xyxy
    return replace(
        pose,
        keypoints_image=(pose.keypoints_image * (-1, 1) + (width, 0))[flip],
        scores=pose.scores[flip],
        box_xyxy=(width - right, top, width - left, bottom),
    )
