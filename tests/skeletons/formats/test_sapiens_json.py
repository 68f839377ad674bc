"""The Sapiens JSON: nothing is lost, and the reference's own files are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats import sapiens_clip_json, sapiens_json
from comfyui_sapiens_pose.skeletons.foundation.limits import MAX_FRAMES, MAX_PEOPLE
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose


def through_json(document: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    return result


@pytest.mark.parametrize("name", sorted(KEYPOINT_SETS))
@pytest.mark.parametrize("people", [0, 1, 3])
def test_a_frame_comes_back_number_for_number(name: str, people: int) -> None:
    keypoint_set = KEYPOINT_SETS[name]
    poses = (make_pose(keypoint_set, seed, seed or None) for seed in range(people))
    frame = Frame(canvas_wh=(640, 480), poses=tuple(poses))
    document = through_json(sapiens_json.encode(frame, "photo.jpg"))
    assert document["image"] == "photo.jpg"
    assert sapiens_json.decode(document) == frame


def test_a_nested_box_and_an_unnamed_set_are_read() -> None:
    """demo_vis.py writes its box as a list of one list, and neither canvas nor set."""
    instance = {
        "keypoints": [[10.0 * i, 5.0] for i in range(17)],
        "keypoint_scores": [1.5] * 17,
        "bbox": [[1.0, 2.0, 300.5, 40.0]],
        "bbox_score": 1.0,
    }
    frame = sapiens_json.decode({"meta_info": {}, "instance_info": [instance]})
    assert frame.canvas_wh == (301, 40)
    assert frame.poses[0].keypoint_set.name == "coco_17"
    assert frame.poses[0].box_xyxy.tolist() == [1.0, 2.0, 300.5, 40.0]


def test_the_lite_demo_gives_no_box() -> None:
    instance = {"keypoints": [[3.0, 4.0]] * 16 + [[9.0, 8.0]], "keypoint_scores": [0.5] * 17}
    frame = sapiens_json.decode({"instance_info": [instance]}, canvas_wh=(20, 10))
    assert frame.canvas_wh == (20, 10)
    assert frame.poses[0].box_xyxy.tolist() == [3.0, 4.0, 9.0, 8.0]


def test_nan_of_an_empty_heatmap_means_not_found() -> None:
    keypoints = [[1.0, 2.0]] * 16 + [[float("nan")] * 2]
    instance = {"keypoints": keypoints, "keypoint_scores": [0.5] * 17}
    pose = sapiens_json.decode({"instance_info": [instance]}, canvas_wh=(9, 9)).poses[0]
    assert (*pose.keypoints_image[-1], pose.scores[-1]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        ({}, "Person 0 has no list of 'keypoints'"),
        ({"keypoints": [[1, 2]] * 18, "keypoint_scores": [1] * 18}, "18 keypoints"),
        ({"keypoints": [[1, 2]] * 17}, "Person 0 cannot be read: 'keypoint_scores'"),
        ({"keypoints": [[1, 2]] * 17, "keypoint_scores": [1] * 16}, "Person 0 cannot be read"),
        ({"keypoints": [1, 2], "keypoint_scores": [1]}, r"shape \(2,\), expected \(K, 2\)"),
    ],
)
def test_what_cannot_be_read_is_named(instance: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sapiens_json.decode({"instance_info": [instance]})


def test_people_of_different_sets_do_not_fit_in_one_file() -> None:
    poses = tuple(make_pose(KEYPOINT_SETS[name]) for name in ("coco_17", "body_25"))
    with pytest.raises(ValueError, match="body_25, coco_17"):
        sapiens_json.encode(Frame(canvas_wh=(640, 480), poses=poses), "photo.jpg")


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([{}] * (MAX_FRAMES + 1), "1,048,577 frames; at most 1,048,576"),
        ([{"instance_info": [{}] * (MAX_PEOPLE // 2 + 1)}] * 2, "262,146 people; at most 262,144"),
    ],
    ids=["frames", "people"],
)
def test_a_clip_with_too_many_is_refused(frames: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sapiens_clip_json.decode({"clip": "a.mp4", "frames": frames})
