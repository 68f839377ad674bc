"""The packaged poses are those that their script makes, and small."""

import json

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from helpers.samples import sample
from library_poses import GROUPS, POSES
from make_pose_library import LIBRARY, THUMBNAIL_PX, frame_of, index_text
from posed_figure import Arm, Figure, pose_figure

NAMES = [row.name for row in POSES]
ROUNDED_PX = 0.11
"""Files have one decimal, and sines may differ in their last digit."""


def test_the_list_is_up_to_date():
    text = (LIBRARY / "poses.json").read_text(encoding="utf-8")
    assert text == index_text(), "Run docs/make_pose_library.py"
    assert {row["group"] for row in json.loads(text)["poses"]} == set(GROUPS)


def test_every_file_is_of_a_pose():
    files = {path.name for path in LIBRARY.iterdir()} - {"poses.json"}
    assert files == {f"{name}{end}" for name in NAMES for end in (".json", ".webp")}
    assert len(NAMES) >= 30


@pytest.mark.parametrize("row", sample(POSES, POSES[::6]), ids=NAMES)
def test_the_files_are_up_to_date(row):
    (frame,) = read_poses(LIBRARY / f"{row.name}.json")
    made = frame_of(row)
    assert frame.canvas_wh == made.canvas_wh
    for pose, expected in zip(frame.poses, made.poses, strict=True):
        assert pose.keypoints_image == pytest.approx(expected.keypoints_image, abs=ROUNDED_PX)
        assert (pose.scores == expected.scores).all()
        assert pose.scores.sum() > 60
    thumbnail = cv2.imread(str(LIBRARY / f"{row.name}.webp"))
    assert max(thumbnail.shape) == THUMBNAIL_PX
    assert thumbnail.max() > 200


def test_the_library_is_small():
    sizes = {
        end: sum(path.stat().st_size for path in LIBRARY.glob(end)) for end in ("*.json", "*.webp")
    }
    assert sizes["*.json"] < 300_000
    assert sizes["*.webp"] < 150_000


def test_limbs_have_their_lengths_however_they_are_posed():
    straight, posed = Figure(), Figure(30, (20, 5, 3), left_arm=Arm((80, 20), (160, -10)))
    for start, end in (
        ("shoulder", "elbow"),
        ("elbow", "wrist"),
        ("hip", "knee"),
        ("knee", "ankle"),
    ):
        lengths = [
            np.linalg.norm(joints[f"{side}_{end}"] - joints[f"{side}_{start}"])
            for joints in (pose_figure(straight).joints, pose_figure(posed).joints)
            for side in ("left", "right")
        ]
        assert lengths == pytest.approx([lengths[0]] * 4)


def test_a_wrist_is_where_the_arm_reaches():
    reach = (0.5, -1.2, 1.1)
    joints = pose_figure(Figure(left_arm=Arm(reach=reach), right_arm=Arm(reach=reach))).joints
    middle = (joints["left_shoulder"] + joints["right_shoulder"]) / 2
    assert joints["left_wrist"] - middle == pytest.approx(np.array(reach))
    assert joints["right_wrist"] - middle == pytest.approx(np.array(reach) * (-1, 1, 1))
