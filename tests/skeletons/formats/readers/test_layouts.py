"""The joints of bodies that do not name them, and keypoints that are missing."""

from __future__ import annotations

from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    BODY_25B,
    BODY_135,
    HALPE_26,
    MEDIAPIPE_33,
    MPI_15,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import to_openpose
from helpers.pose_documents import (
    BODY_18,
    CANVAS,
    WH,
    assert_stands,
    flat,
    pairs,
    read,
    triples,
)
from helpers.poses import STANDING


@pytest.mark.parametrize(
    "keypoint_set", [MPI_15, BODY_25, BODY_25B, HALPE_26, MEDIAPIPE_33], ids=lambda s: s.name
)
@pytest.mark.parametrize(
    "hidden", [(), ("left_wrist", "nose"), ("left_hip", "right_hip", "mid_hip")]
)
def test_bodies_are_told_by_where_their_joints_are(
    keypoint_set: KeypointSet, hidden: tuple[str, ...]
) -> None:
    body = [[0, 0, 0] if name in hidden else [*STANDING[name], 0.7] for name in keypoint_set.names]
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    pose = to_openpose(frame.poses[0])
    for name in set(keypoint_set.names) & set(BODY_18) - set(hidden):
        row = OPENPOSE_136.index(name)
        assert pose.keypoints_image[row].tolist() == list(STANDING[name])


def test_body_135_has_face_and_hands() -> None:
    body = [
        [*STANDING.get(name, (250.0 + index % 7, 90.0 + index % 5)), 0.7]
        for index, name in enumerate(BODY_135.names)
    ]
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    assert frame.poses[0].keypoint_set is BODY_135
    pose = to_openpose(frame.poses[0])
    assert (pose.scores[OPENPOSE_136.part_indices("face", "left_hand", "right_hand")] > 0).all()


@pytest.mark.parametrize("first", ["left", "right"])
@pytest.mark.parametrize("padding", [0, 5])
def test_two_toes_are_told_by_their_ankles(first: str, padding: int) -> None:
    second = "right" if first == "left" else "left"
    names = (*BODY_18, f"{first}_big_toe", f"{second}_big_toe")
    body = triples(names) + [[0.0, 0.0, 0.0]] * padding
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    for name in names:
        row = OPENPOSE_136.index(name)
        assert frame.poses[0].keypoints_image[row].tolist() == list(STANDING[name])


@pytest.mark.parametrize("row", [[None, None, None], None, [1.0, None, 1.0], [1.0, 2.0, None]])
def test_numbers_that_are_null_are_keypoints_not_found(row: Any) -> None:
    body: list[Any] = triples(BODY_18)
    body[4] = row
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    assert frame.poses[0].scores[OPENPOSE_136.index("right_wrist")] == 0
    assert (frame.poses[0].scores > 0).sum() == 17
    flat_body = [n for each in body for n in (each or [None] * 3)]
    _, (again,) = read({"people": [{"pose_keypoints_2d": flat_body}], **CANVAS})
    assert again == frame


@pytest.mark.parametrize("unit", [1.0, 100.0])
def test_world_landmarks_are_refused_in_words(unit: float) -> None:
    world = [
        {"x": (x - 256) / 300 * unit, "y": (y - 320) / 300 * unit, "z": 0.1, "visibility": 1}
        for x, y in pairs(MEDIAPIPE_33.names)
    ]
    with pytest.raises(ValueError, match="world landmarks"):
        read([world], ReadOptions(WH))


def test_a_neck_that_was_not_labelled_lies_between_the_shoulders() -> None:
    keypoints = flat(HALPE_26.names) + [0.0, 0.0, 0.0] * 110
    keypoints[3 * HALPE_26.index("neck") : 3 * HALPE_26.index("neck") + 3] = [0, 0, 0]
    _, (frame,) = read([{"image_id": "a.jpg", "keypoints": keypoints}], ReadOptions(WH))
    assert_stands(frame.poses[0])
