"""Every file format in and out, and told from its content."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.choices import FORMAT_SUMMARIES
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.formats import coco, openpose_json
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.formats.table import (
    FORMATS,
    read_named_poses,
    read_poses,
    write_poses,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import to_openpose
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_frame, make_pose
from helpers.samples import each_once

SAPIENS_GOLDENS = Path(__file__).parents[2] / "golden" / "sapiens1"


def test_the_table_is_what_the_commands_name() -> None:
    assert list(FORMATS) == list(FORMAT_SUMMARIES)
    assert all(name == each.name and each.summary for name, each in FORMATS.items())


@pytest.mark.parametrize(
    ("name", "people", "set_name"),
    each_once(
        ["comfy", "openpose", "openpose-editor", "sapiens"], [0, 1, 3], sorted(KEYPOINT_SETS)
    ),
)
def test_nothing_is_lost(name: str, people: int, set_name: str, tmp_path: Path) -> None:
    path = tmp_path / "pose.json"
    frame = make_frame(KEYPOINT_SETS[set_name], people)
    write_poses(path, [("photo", frame)], FORMATS[name])
    assert read_poses(path) == (frame,)


@pytest.mark.parametrize(
    ("name", "keypoint_set"), [("coco", COCO_17), ("coco-wholebody", COCO_WHOLEBODY_133)]
)
def test_coco_keeps_people_and_numbers(
    name: str, keypoint_set: KeypointSet, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    named = [
        ("000000000785.jpg", make_frame(keypoint_set, 2)),
        ("7", make_frame(keypoint_set, 0)),
        ("12", make_frame(keypoint_set, 1)),
    ]
    write_poses(path, named, FORMATS[name])
    assert read_named_poses(path) == tuple(named)
    document = json.loads(path.read_text())
    assert [image["id"] for image in document["images"]] == [785, 7, 12]
    assert [item["image_id"] for item in document["annotations"]] == [785, 785, 12]
    assert [item["id"] for item in document["annotations"]] == [1, 2, 3]


def test_coco_numbers_pictures_without_a_number_by_their_place(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    frame = make_frame(COCO_17, 1)
    write_poses(path, [("7", frame), ("a", frame)], FORMATS["coco"])
    annotations = json.loads(path.read_text())["annotations"]
    assert [annotation["image_id"] for annotation in annotations] == [0, 1]
    assert [name for name, _ in read_named_poses(path)] == ["7", "a"]


@pytest.mark.parametrize("name", ["comfy", "openpose"])
def test_people_of_different_sets_share_a_frame(name: str, tmp_path: Path) -> None:
    frame = Frame((640, 480), (make_pose(GOLIATH_308), make_pose(COCO_17, 1)))
    write_poses(tmp_path / "pose.json", [("photo", frame)], FORMATS[name])
    assert read_poses(tmp_path / "pose.json") == (frame,)


def test_a_list_keeps_its_length(tmp_path: Path) -> None:
    path = tmp_path / "poses.json"
    frames = [make_frame(GOLIATH_308, people) for people in (0, 2, 0, 1)]
    write_poses(path, [(str(i), frame) for i, frame in enumerate(frames)], FORMATS["comfy"])
    assert read_poses(path) == tuple(frames)
    assert [name for name, _ in read_named_poses(path)] == [f"poses_{i:05}" for i in range(4)]


@pytest.mark.parametrize("name", ["openpose", "openpose-editor", "sapiens"])
@pytest.mark.parametrize("count", [0, 2])
def test_one_picture_a_file(name: str, count: int, tmp_path: Path) -> None:
    named = [("a", make_frame(COCO_17, 1))] * count
    with pytest.raises(ValueError, match=f"holds one image, but {count} were given"):
        write_poses(tmp_path / "pose.json", named, FORMATS[name])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("points", [17, 133, 308])
def test_predictions_of_the_reference(points: int) -> None:
    path = SAPIENS_GOLDENS / f"predictions_{points}.json.gz"
    ((name, frame),) = read_named_poses(path, ReadOptions(canvas_wh=(210, 150)))
    assert name == f"predictions_{points}"
    assert frame.canvas_wh == (210, 150)
    assert len(frame.poses) == (3 if points == 17 else 1)
    for pose in frame.poses:
        assert len(pose.keypoint_set) == points
        assert (pose.box_xyxy[2:] > pose.box_xyxy[:2]).all()
        assert pose.scores.max() > 1


def test_an_openpose_file_has_what_openpose_writes() -> None:
    frame = Frame((640, 480), (make_pose(COCO_WHOLEBODY_133), make_pose(COCO_17, 1, 4)))
    document = openpose_json.encode(frame)
    assert document["version"] == 1.3
    first, second = document["people"]
    assert list(first) == [
        "person_id",
        "pose_keypoints_2d",
        "face_keypoints_2d",
        "hand_left_keypoints_2d",
        "hand_right_keypoints_2d",
        "pose_keypoints_3d",
        "face_keypoints_3d",
        "hand_left_keypoints_3d",
        "hand_right_keypoints_3d",
    ]
    assert [first["person_id"], second["person_id"]] == [[-1], [4]]
    assert [len(first[key]) for key in list(first)[1:5]] == [75, 210, 63, 63]
    assert [len(second[key]) for key in list(second)[1:5]] == [75, 210, 63, 63]
    assert not any(any(second[key]) for key in list(second)[2:5])
    (alone,) = openpose_json.encode(replace(frame, poses=frame.poses[1:]))["people"]
    assert [len(alone[key]) for key in list(alone)[1:5]] == [75, 0, 0, 0]
    body = np.array(first["pose_keypoints_2d"]).reshape(-1, 3)
    expected = convert_pose(to_openpose(frame.poses[0]), BODY_25)
    assert np.array_equal(body[:, :2], expected.keypoints_image)
    assert np.array_equal(body[:, 2], expected.scores)
    assert not set(body[:, 2]) <= {0.0, 1.0}
    coco_body = openpose_json.encode(frame, EncodeOptions(body=18))["people"][0]
    assert len(coco_body["pose_keypoints_2d"]) == 54


def test_an_openpose_file_without_extras_keeps_what_is_shown() -> None:
    pose = to_openpose(make_pose(COCO_WHOLEBODY_133))
    document = openpose_json.encode(Frame((640, 480), (pose,)), EncodeOptions(lossless=False))
    assert "sapiens" not in document
    (frame,) = decode(document, ReadOptions(canvas_wh=(640, 480)))
    assert np.array_equal(frame.poses[0].keypoints_image, pose.keypoints_image)
    assert np.array_equal(frame.poses[0].scores, pose.scores)


def test_coco_results_of_others() -> None:
    """OpenPose writes -1, -1, 0 for a missing keypoint; nobody writes the size of the picture."""
    keypoints = [-1.0, -1.0, 0.0, *(float(i) for i in range(48))]
    results = [
        {"image_id": 9, "category_id": 1, "keypoints": keypoints, "score": 0.5},
        {"image_id": 2, "category_id": 1, "keypoints": keypoints, "score": 0.25},
    ]
    names, (first, second) = read_document(results)
    assert names == ("2", "9")
    assert (first.poses[0].box_score, second.poses[0].box_score) == (0.25, 0.5)
    assert first.poses[0].keypoints_image[:2].tolist() == [[0, 0], [0, 1]]
    assert first.poses[0].scores[:2].tolist() == [0, 2]
    assert first.canvas_wh == (45, 46)
    assert read_document(results, ReadOptions((640, 480)))[1][0].canvas_wh == (640, 480)


def test_coco_scores_rank_as_in_mmpose() -> None:
    (result,) = coco.encode([Frame((640, 480), (make_pose(COCO_17),))])["annotations"]
    pose = make_pose(COCO_17)
    assert result["score"] == 0.75 * pose.scores.mean()


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([{"image_id": [], "keypoints": []}], "Result 0 is not a dict with a number or name"),
        ([{"image_id": 1, "keypoints": [1, 2]}], "Result 0, keypoints: numbers of shape"),
        ([{"image_id": 1, "keypoints": ["a"] * 51}], "Result 0, keypoints: expected a list of"),
        ([{"image_id": 1, "keypoints": [50] * 84}], "Result 0, keypoints: 28 points, expected one"),
        ([{"image_id": 1, "foot_kpts": [1]}], "Result 0, foot_kpts: numbers of shape"),
        ([{"image_id": 1, "foot_kpts": [1] * 9}], "Result 0, foot_kpts: expected 18 numbers"),
    ],
)
def test_coco_results_that_cannot_be_read(results: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_document(results)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("3", "none of the known formats"),
        ("{}", "none of the known formats"),
        ('[{"image": 1}]', "none of the known formats"),
        ('{"instance_info": 3}', "Expected a JSON object with the list"),
        ('[{"people": [{"pose_keypoints_2d": [1]}]}]', "Frame 0, person 0, pose_keypoints_2d"),
    ],
)
def test_errors_name_the_file(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read_poses(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_poses(tmp_path / "none.json")


def test_the_keys_keep_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in paths:
        write_poses(path, [("x", make_frame(OPENPOSE_136, 2))], FORMATS["comfy"])
    assert paths[0].read_bytes() == paths[1].read_bytes()
