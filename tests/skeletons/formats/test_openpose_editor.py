"""What A1111, Forge and their pose editors want of a file."""

from __future__ import annotations

from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats import openpose_editor
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_frame, make_pose

LENGTHS = {
    "pose_keypoints_2d": 54,
    "face_keypoints_2d": 210,
    "hand_left_keypoints_2d": 63,
    "hand_right_keypoints_2d": 63,
}


def test_nobody() -> None:
    document = openpose_editor.encode(Frame((640, 480)))
    assert (document["people"], document["animals"]) == ([], [])
    assert (document["canvas_width"], document["canvas_height"]) == (640, 480)


@pytest.mark.parametrize(
    "options",
    [
        EncodeOptions(),
        EncodeOptions(confidence="raw", missing="zeros", coords="normalised", body=25),
    ],
    ids=["default", "others"],
)
@pytest.mark.parametrize("keypoint_set", [COCO_17, COCO_WHOLEBODY_133, GOLIATH_308])
def test_parts_have_full_length_or_are_null(
    keypoint_set: KeypointSet, options: EncodeOptions
) -> None:
    """An empty list is an error there, and a confidence below 1 is hidden."""
    document = openpose_editor.encode(make_frame(keypoint_set, 2), options)
    assert len(document["people"]) == 2
    for person in document["people"]:
        assert person.keys() == LENGTHS.keys()
        for key, length in LENGTHS.items():
            part: Any = person[key]
            assert part is None or len(part) == length
            assert part is None or set(part[2::3]) <= {0.0, 1.0}
        assert (person["face_keypoints_2d"] is None) == (keypoint_set is COCO_17)
        assert max(person["pose_keypoints_2d"]) > 1


def test_a_person_without_hands_has_null() -> None:
    frame = Frame((640, 480), (make_pose(COCO_WHOLEBODY_133), make_pose(COCO_17, 1)))
    first, second = openpose_editor.encode(frame)["people"]
    assert first["hand_left_keypoints_2d"]
    assert second["hand_left_keypoints_2d"] is None
