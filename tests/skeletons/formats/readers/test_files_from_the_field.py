"""Files that failed in the field, one of each kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import BODY_25B
from comfyui_sapiens_pose.skeletons.openpose_points import to_openpose

FILES = Path(__file__).parents[3] / "golden" / "pose_files"


@pytest.mark.parametrize(
    ("name", "people", "canvas_wh"),
    [
        ("a1111_preprocessor", [1], (512, 768)),
        ("a1111_editor", [1], (768, 1152)),
        ("ultimate_editor_foot_outside", [1], (512, 768)),
        ("openpose_1_0_names", [1], (512, 768)),
        ("frames_in_one_object", [1, 1], (512, 768)),
        ("collection_of_named_poses", [1, 1], (512, 768)),
        ("editor_preset_keypoints", [1], (512, 768)),
        ("draw_things_width_height", [2], (800, 1024)),
        ("alphapose_results", [1, 1], (512, 768)),
        ("mmpose_video", [1, 0, 2], (512, 768)),
        ("coco_annotations", [1], (512, 768)),
        ("clip_with_an_empty_frame", [3, 0, 2, 1, 3], (832, 1216)),
    ],
)
def test_files_from_the_field(name: str, people: list[int], canvas_wh: tuple[int, int]) -> None:
    frames = [
        frame for _, frame in read_named_poses(FILES / f"{name}.json", ReadOptions((512, 768)))
    ]
    assert [len(frame.poses) for frame in frames] == people
    assert {frame.canvas_wh for frame in frames} == {canvas_wh}
    assert all(pose.is_found for frame in frames for pose in frame.poses)


def test_a_foot_below_the_canvas_is_no_pixel() -> None:
    ((_, frame),) = read_named_poses(FILES / "ultimate_editor_foot_outside.json")
    (pose,) = frame.poses
    row = pose.keypoint_set.index("right_ankle")
    np.testing.assert_allclose(pose.keypoints_image[row], (0.4297 * 512, 1.0677 * 768))


def test_body_25b_has_its_eyes_in_the_head() -> None:
    ((_, frame),) = read_named_poses(FILES / "body_25b.json")
    first = to_openpose(frame.poses[0])
    at = first.keypoints_image[first.keypoint_set.indices(("nose", "left_eye", "right_eye"))]
    assert np.abs(at - at[0]).max() < 30
    assert frame.poses[0].keypoint_set is BODY_25B


def test_names_of_a_collection_are_kept() -> None:
    named = read_named_poses(FILES / "collection_of_named_poses.json")
    assert [name for name, _ in named] == ["stand", "walk"]
