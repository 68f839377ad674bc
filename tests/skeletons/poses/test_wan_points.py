"""Points for SAM, against those of the makers of Wan2.2 Animate."""

import json
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Pose
from comfyui_sapiens_pose.skeletons.poses.wan_points import (
    find_clip_points,
    find_key_frames,
    find_points,
)
from helpers.model_goldens import FOLDER

CLIPS = json.loads((FOLDER / "wan_points" / "points.json").read_text())["clips"]
RAW = json.loads((FOLDER / "wan_points" / "clip.raw133.json").read_text())
SIZE_WH = RAW["width"], RAW["height"]
POSES = [
    Pose(person["keypoints"], person["scores"], COCO_WHOLEBODY_133, SIZE_WH, np.array([0, 0, 1, 1]))
    for person in (frame["persons"][0] for frame in RAW["frames"])
]


def test_nobody():
    assert find_key_frames(0) == []
    assert find_clip_points([]) == find_clip_points([None]) == {}


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: str(clip["frames"]))
def test_points_are_those_of_the_makers(clip):
    expected = {
        key_frame["frame"]: [tuple(point) for point in key_frame["points"]]
        for key_frame in clip["key_frames"]
    }
    assert find_clip_points(POSES[: clip["frames"]]) == expected


def test_long_clips_are_cut_into_pieces():
    assert find_key_frames(403) == [0, 100, 200, 300, 400]
    assert find_key_frames(800) == [*range(0, 800, 100)]


def test_points_outside_the_image_and_unknown_ones_are_left_out():
    pose = POSES[0]
    whole = find_points(pose)
    keypoints, scores = pose.keypoints_image.copy(), pose.scores.copy()
    keypoints[0], keypoints[15] = (0, 0), (-5, 20)
    scores[0] = 0
    rest = find_points(replace(pose, keypoints_image=keypoints, scores=scores))
    assert rest == whole[1:7]


def test_a_person_who_is_in_no_key_frame():
    clip = [None, *POSES[:1], *[None] * 6]
    assert find_key_frames(len(clip)) == [0, 2, 4, 6]
    assert find_clip_points(clip) == {1: find_points(POSES[0])}
