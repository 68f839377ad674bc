"""People made of random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import KeypointSet
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose


def _mirror(points: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The points of the left side, and those of the right side across x = 256."""
    return points | {
        name.replace("left", "right"): (512.0 - x, y)
        for name, (x, y) in points.items()
        if name.startswith("left")
    }


STANDING = _mirror(
    {
        **{"nose": (256.0, 100.0), "neck": (256.0, 160.0), "mid_hip": (256.0, 320.0)},
        **{"head_top": (256.0, 60.0), "head": (256.0, 60.0), "upper_neck": (256.0, 140.0)},
        **{"chest": (256.0, 240.0), "left_eye": (267.0, 88.0), "left_ear": (280.0, 98.0)},
        **{"left_shoulder": (302.0, 160.0), "left_elbow": (322.0, 238.0)},
        **{"left_wrist": (330.0, 312.0), "left_hip": (287.0, 320.0), "left_knee": (290.0, 440.0)},
        **{"left_ankle": (292.0, 560.0), "left_big_toe": (306.0, 584.0)},
        **{"left_small_toe": (314.0, 580.0), "left_heel": (288.0, 570.0)},
        **{"left_eye_inner": (262.0, 88.0), "left_eye_outer": (272.0, 89.0)},
        **{"left_mouth": (264.0, 116.0), "left_pinky_knuckle": (338.0, 334.0)},
        **{"left_index_knuckle": (330.0, 338.0), "left_thumb_knuckle": (322.0, 330.0)},
        "left_foot_index": (306.0, 584.0),
    }
)
"""Where the joints of a person are who stands on a canvas of 512 x 768, in pixels."""


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
