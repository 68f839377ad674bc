"""One person with a change applied."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.edits.edited_pose import change_pose, in_set, make_new_pose
from comfyui_sapiens_pose.skeletons.edits.edits import no_change
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import PART_NAMES, hanging_indices
from helpers.poses import make_pose
from helpers.random_edits import COUNT, changed_rows, read_cases

SETS = list(KEYPOINT_SETS.values())
WRIST = COCO_17.index("left_wrist")


def change_of(keypoint_set, part=None, numbers=(0, 0, 0, 1)):
    change = no_change(keypoint_set)
    if part:
        change.parts[PART_NAMES.index(part)] = numbers
    return change


def bits(pose):
    return [array.tobytes() for array in (pose.keypoints_image, pose.scores, pose.box_xyxy)]


@pytest.mark.parametrize("keypoint_set", SETS, ids=lambda each: each.name)
def test_no_change_gives_the_very_pose(keypoint_set):
    pose = make_pose(keypoint_set)
    assert change_pose(pose, no_change(keypoint_set)) is pose


@pytest.mark.parametrize("keypoint_set", SETS, ids=lambda each: each.name)
def test_untouched_joints_stay_to_the_last_bit(keypoint_set):
    pose = make_pose(keypoint_set)
    points = pose.keypoints_image.copy()
    points[:2] = -0.0
    pose = replace(pose, keypoints_image=points)
    change = change_of(keypoint_set, "left_hand", (3, 4, 30, 1.5))
    joint = keypoint_set.index("right_knee")
    change.offsets[joint], change.scores[joint] = (0.1, 0.2), 0.125
    after = change_pose(pose, change)
    moved = {joint, *hanging_indices(keypoint_set, "left_hand").tolist()}
    rest = np.array([index for index in range(len(keypoint_set)) if index not in moved])
    assert after.keypoints_image[rest].tobytes() == pose.keypoints_image[rest].tobytes()
    assert np.delete(after.scores, joint).tobytes() == np.delete(pose.scores, joint).tobytes()
    assert after.keypoints_image[joint].tolist() == (points[joint] + (0.1, 0.2)).tolist()
    assert after.scores[joint] == 0.125
    assert (after.person_id, after.canvas_wh) == (pose.person_id, pose.canvas_wh)


def test_offsets_grow_with_the_canvas():
    pose, change = make_pose(COCO_17), change_of(COCO_17)
    change.offsets[WRIST] = 8, 8
    after = change_pose(pose, change, (0.5, 2.0))
    assert (after.keypoints_image - pose.keypoints_image)[WRIST].tolist() == pytest.approx([4, 16])


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((5, -3, 0, 1), (115, 197)),
        ((0, 0, 90, 1), (100, 210)),
        ((0, 0, 0, 2), (120, 200)),
        ((5, 0, -90, 3), (105, 170)),
    ],
)
def test_a_hand_turns_clockwise_about_its_wrist(numbers, expected):
    pose = make_pose(GOLIATH_308)
    points = pose.keypoints_image.copy()
    wrist, finger = GOLIATH_308.index("left_wrist"), GOLIATH_308.index("left_thumb4")
    points[wrist], points[finger] = (100, 200), (110, 200)
    pose = replace(pose, keypoints_image=points)
    after = change_pose(pose, change_of(GOLIATH_308, "left_hand", numbers))
    assert after.keypoints_image[finger] == pytest.approx(expected)
    assert after.keypoints_image[wrist].tolist() == [100, 200]


def test_a_hand_without_a_wrist_turns_about_its_middle():
    pose = make_pose(COCO_WHOLEBODY_133)
    hand = hanging_indices(COCO_WHOLEBODY_133, "left_hand")
    scores = pose.scores.copy()
    scores[COCO_WHOLEBODY_133.index("left_wrist")] = 0
    after = change_pose(
        replace(pose, scores=scores), change_of(COCO_WHOLEBODY_133, "left_hand", (0, 0, 40, 2))
    )
    middles = (each.keypoints_image[hand].mean(axis=0) for each in (pose, after))
    assert next(middles) == pytest.approx(next(middles))


def test_the_body_takes_the_hands_along_before_they_move():
    pose = make_pose(COCO_WHOLEBODY_133)
    both = change_of(COCO_WHOLEBODY_133, "body", (10, 20, 30, 1.5))
    both.parts[PART_NAMES.index("left_hand")] = 1, 2, 3, 0.5
    one = change_pose(pose, change_of(COCO_WHOLEBODY_133, "body", (10, 20, 30, 1.5)))
    two = change_pose(one, change_of(COCO_WHOLEBODY_133, "left_hand", (1, 2, 3, 0.5)))
    assert change_pose(pose, both).keypoints_image == pytest.approx(two.keypoints_image)
    hips = COCO_WHOLEBODY_133.indices(("left_hip", "right_hip"))
    shift = (one.keypoints_image - pose.keypoints_image)[hips].mean(axis=0)
    assert shift == pytest.approx((10, 20))


def test_what_is_nowhere_stays_there_and_hidden_places_move():
    pose = make_pose(COCO_WHOLEBODY_133)
    points, scores = pose.keypoints_image.copy(), pose.scores.copy()
    points[100], scores[100:102] = 0, 0
    pose = replace(pose, keypoints_image=points, scores=scores)
    after = change_pose(pose, change_of(COCO_WHOLEBODY_133, "left_hand", (5, 5, 0, 1)))
    assert after.keypoints_image[100].tolist() == [0, 0]
    assert after.keypoints_image[101].tolist() == pytest.approx((points[101] + 5).tolist())
    change = change_of(COCO_WHOLEBODY_133)
    change.offsets[100], change.scores[100] = (33, 44), 1
    placed = change_pose(pose, change)
    assert (*placed.keypoints_image[100], placed.scores[100]) == (33, 44, 1)


def test_nobody_cannot_be_turned():
    pose = replace(make_pose(COCO_17), scores=np.zeros(17), keypoints_image=np.zeros((17, 2)))
    assert change_pose(pose, change_of(COCO_17, "body", (1, 2, 3, 4))) is pose


def test_the_box_follows_the_outermost_joints():
    pose = make_pose(COCO_17)
    points = np.full((17, 2), 50.0)
    points[0], points[1] = (10, 20), (90, 80)
    pose = replace(pose, keypoints_image=points, box_xyxy=np.array([5.0, 15, 100, 100]))
    change = change_of(COCO_17)
    change.offsets[1], change.offsets[5] = (7, -3), (2, 2)
    assert change_pose(pose, change).box_xyxy.tolist() == [5, 15, 107, 97]
    change.scores[1] = 0
    assert change_pose(pose, change).box_xyxy.tolist() == [5, 15, 62, 72]


def test_a_change_in_another_set_goes_by_names():
    change = change_of(GOLIATH_308, "face", (1, 2, 3, 4))
    for name, x in (("left_wrist", 5), ("tip_of_nose", 7)):
        change.offsets[GOLIATH_308.index(name), 0] = x
    change.scores[GOLIATH_308.index("nose")] = 0
    other = in_set(change, GOLIATH_308, OPENPOSE_136)
    assert np.argwhere(other.offsets).tolist() == [[OPENPOSE_136.index("left_wrist"), 0]]
    assert np.flatnonzero(other.scores == 0).tolist() == [OPENPOSE_136.index("nose")]
    assert other.parts is change.parts
    assert in_set(change, GOLIATH_308, GOLIATH_308) is change


def test_an_added_person_fits_canvas_and_set():
    rows = np.array([[0, 320, 240, 1], [WRIST, 64, 48, 0.5]])
    pose = make_new_pose(rows, COCO_17, (640, 480), (1280, 480), OPENPOSE_136)
    assert pose.keypoint_set is OPENPOSE_136
    nose, wrist = OPENPOSE_136.indices(("nose", "left_wrist"))
    assert pose.keypoints_image[[nose, wrist]].tolist() == [[640, 240], [128, 48]]
    assert pose.scores[[nose, wrist]].tolist() == [1, 0.5]
    assert (pose.scores > 0).sum() == 2
    assert pose.box_xyxy.tolist() == [128, 48, 640, 240]
    nobody = make_new_pose(np.zeros((0, 4)), COCO_17, (640, 480), (100, 50), COCO_17)
    assert nobody.box_xyxy.tolist() == [0, 0, 100, 50]


def test_a_thousand_random_edits():
    cases = read_cases()
    assert len(cases) == COUNT
    for case in cases:
        assert np.allclose(changed_rows(case, 12), case["rows"], rtol=0, atol=1e-9)
