"""docs/keypoints.md is what the tables say."""

from __future__ import annotations

from pathlib import Path

from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS
from make_keypoint_page import page

PAGE = Path(__file__).parents[2] / "docs" / "keypoints.md"


def test_the_page_is_up_to_date() -> None:
    command = "python docs/make_keypoint_page.py docs/keypoints.md"
    assert PAGE.read_text(encoding="utf-8") == page(), f"Run {command}"


def test_the_page_lists_every_joint_of_every_set() -> None:
    text = page()
    for keypoint_set in KEYPOINT_SETS.values():
        for index, name in enumerate(keypoint_set.names):
            assert f"| {index} | `{name}` |" in text
