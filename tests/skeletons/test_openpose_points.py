"""Which points of a person are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import (
    FACE,
    FEET,
    LEFT_HAND,
    RIGHT_HAND,
    FaceJaw,
    OpenPoseOptions,
    frame_to_openpose,
    synthesised_names,
    to_openpose,
)
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.poses import make_pose


def with_scores(pose: Pose, scores: dict[str, float]) -> Pose:
    changed = pose.scores.copy()
    for name, score in scores.items():
        changed[pose.keypoint_set.index(name)] = score
    return replace(pose, scores=changed)


def shown(pose: Pose, name: str) -> bool:
    return bool(pose.scores[pose.keypoint_set.index(name)] > 0)


@pytest.mark.parametrize("keypoint_set", [COCO_17, COCO_WHOLEBODY_133, GOLIATH_308])
@pytest.mark.parametrize(
    ("left", "right", "visible"),
    [(0.9, 0.8, True), (0.3, 0.8, False), (0.8, 0.3, False), (0.31, 0.31, True), (0, 0, False)],
)
def test_the_neck_needs_both_shoulders_above_the_threshold(
    keypoint_set: KeypointSet, left: float, right: float, visible: bool
) -> None:
    pose = with_scores(make_pose(keypoint_set), {"left_shoulder": left, "right_shoulder": right})
    converted = to_openpose(pose)
    assert shown(converted, "neck") == visible
    shoulders = pose.keypoints_image[keypoint_set.indices(("left_shoulder", "right_shoulder"))]
    neck = converted.keypoints_image[OPENPOSE_136.index("neck")]
    assert neck.tolist() == shoulders.mean(axis=0).tolist()


@pytest.mark.parametrize(("score", "visible"), [(0.3, True), (0.299, False), (0, False)])
@pytest.mark.parametrize("name", ["left_knee", "right_heel", "left_thumb2", "face-30"])
def test_a_point_is_shown_at_the_threshold(name: str, score: float, visible: bool) -> None:
    pose = with_scores(make_pose(COCO_WHOLEBODY_133), {name: score})
    assert shown(to_openpose(pose), name) == visible


def test_a_threshold_of_zero_shows_all_that_was_found() -> None:
    options = OpenPoseOptions(body_threshold=0)
    pose = with_scores(make_pose(COCO_17), {"nose": 0.0, "left_eye": 1e-9, "right_eye": -0.1})
    converted = to_openpose(pose, options)
    names = ("nose", "left_eye", "right_eye")
    assert [shown(converted, name) for name in names] == [False, True, False]


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (OpenPoseOptions(feet_threshold=2), FEET),
        (OpenPoseOptions(hands_threshold=2), np.concatenate([LEFT_HAND, RIGHT_HAND])),
        (OpenPoseOptions(face_threshold=2), FACE),
        (OpenPoseOptions(feet=False), FEET),
        (OpenPoseOptions(hands=False), np.concatenate([LEFT_HAND, RIGHT_HAND])),
        (OpenPoseOptions(face=False), FACE),
    ],
)
def test_each_part_has_its_own_threshold_and_switch(
    options: OpenPoseOptions, rows: np.ndarray
) -> None:
    converted = to_openpose(make_pose(COCO_WHOLEBODY_133), options)
    assert np.array_equal(np.flatnonzero(converted.scores <= 0), np.sort(rows))


@pytest.mark.parametrize(("found", "visible"), [(4, False), (5, True)])
@pytest.mark.parametrize("part", ["left_hand", "face"])
def test_a_part_with_too_few_points_is_hidden_whole(part: str, found: int, visible: bool) -> None:
    pose = make_pose(COCO_WHOLEBODY_133)
    missing = COCO_WHOLEBODY_133.part_names(part)[found:]
    pose = with_scores(pose, dict.fromkeys(missing, 0.1))
    options = OpenPoseOptions(min_hand_keypoints=5, min_face_keypoints=5)
    converted = to_openpose(pose, options)
    assert bool(converted.scores[OPENPOSE_136.part_indices(part)].any()) == visible


def test_the_eyes_of_the_face_are_shown_with_those_of_the_body() -> None:
    pose = with_scores(make_pose(COCO_WHOLEBODY_133), {"right_eye": 0.4, "left_eye": 0.6})
    converted = to_openpose(pose, OpenPoseOptions(body_threshold=0.5, face_threshold=0.3))
    eyes = ("right_eye", "left_eye", "face-68", "face-69")
    assert [shown(converted, name) for name in eyes] == [False, True, False, True]


def test_the_eyes_alone_are_no_face() -> None:
    assert not to_openpose(make_pose(COCO_17)).scores[FACE].any()


@pytest.mark.parametrize(("least", "kept"), [(0, 3), (1, 2), (2, 1), (99, 0)])
def test_people_with_too_few_body_points_are_left_out(least: int, kept: int) -> None:
    nobody = replace(make_pose(COCO_17), scores=np.zeros(17))
    people = (make_pose(COCO_17), with_scores(nobody, {"nose": 1.0}), nobody)
    frame = Frame(canvas_wh=(640, 480), poses=people)
    options = OpenPoseOptions(min_person_keypoints=least)
    assert len(frame_to_openpose(frame, options).poses) == kept


@pytest.mark.parametrize(
    ("jaw", "visible", "placed"),
    [("hidden", False, True), ("drawn", True, True), ("none", False, False)],
)
def test_the_jaw_of_308(jaw: FaceJaw, visible: bool, placed: bool) -> None:
    options = OpenPoseOptions(face_jaw=jaw)
    pose = make_pose(GOLIATH_308)
    converted = to_openpose(pose, options)
    sides = np.delete(OPENPOSE_136.part_indices("face_jaw"), 8)
    assert (converted.scores[sides] > 0).tolist() == [visible] * 16
    assert bool(converted.keypoints_image[sides].any()) == placed
    assert shown(converted, "face-8")
    names = tuple(OPENPOSE_136.names[row] for row in sides) if placed else ()
    assert synthesised_names(pose, options) == names


def test_a_drawn_jaw_ends_at_an_ear_that_was_not_found() -> None:
    pose = with_scores(make_pose(GOLIATH_308), {"r_top_connecting_point_of_helix": 0.1})
    converted = to_openpose(pose, OpenPoseOptions(face_jaw="drawn"))
    jaw = converted.scores[OPENPOSE_136.part_indices("face_jaw")] > 0
    assert jaw.tolist() == [False] * 8 + [True] * 9


def test_a_jaw_that_was_seen_is_never_called_synthesised() -> None:
    assert synthesised_names(make_pose(COCO_WHOLEBODY_133), OpenPoseOptions()) == ()


def test_an_openpose_person_keeps_its_own_neck_and_eyes() -> None:
    pose = make_pose(OPENPOSE_136)
    assert to_openpose(pose) == pose


@pytest.mark.parametrize("name", sorted(KEYPOINT_SETS))
def test_hiding_is_done_once(name: str) -> None:
    once = to_openpose(make_pose(KEYPOINT_SETS[name]))
    assert to_openpose(once) == once


def test_an_unknown_jaw_is_named() -> None:
    with pytest.raises(ValueError, match="'beard'"):
        OpenPoseOptions(face_jaw="beard")  # type: ignore[arg-type]
