"""docs/keypoints.md is what the tables say."""

from __future__ import annotations

from pathlib import Path

from comfyui_sapiens_pose.skeletons.keypoint_page import page
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS

PAGE = Path(__file__).parent.parent / "docs" / "keypoints.md"


def test_the_page_is_up_to_date() -> None:
    command = "python -m comfyui_sapiens_pose.skeletons.keypoint_page docs/keypoints.md"
    assert PAGE.read_text(encoding="utf-8") == page(), f"Run {command}"


def test_the_page_lists_every_joint_of_every_set() -> None:
    text = page()
    for keypoint_set in KEYPOINT_SETS.values():
        for index, name in enumerate(keypoint_set.names):
            assert f"| {index} | `{name}` |" in text
