import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import BODY_25, COCO_17
from comfyui_sapiens_pose.skeletons.pose import (
    Frame,
    Pose,
    check_one_keypoint_set,
    number_array,
    visible_box,
)


def make_pose(**changes) -> Pose:
    values = {
        "keypoints_image": np.zeros((17, 2), np.float32),
        "scores": np.ones(17, np.float32),
        "keypoint_set": COCO_17,
        "canvas_wh": (64, 48),
        "box_xyxy": [0, 0, 64, 48],
    }
    return Pose(**(values | changes))


def test_arrays_become_read_only_float64_copies():
    scores = np.ones(17, np.float32)
    pose = make_pose(scores=scores)
    scores[:] = 0
    assert pose.scores.dtype == np.float64
    assert pose.scores.min() == 1
    with pytest.raises(ValueError, match="read-only"):
        pose.keypoints_image[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints_image": np.zeros((16, 2))}, r"keypoints_image has shape \(16, 2\).*\(17, 2\)"),
        ({"scores": np.zeros((17, 1))}, r"scores has shape \(17, 1\), expected \(17,\)"),
        ({"box_xyxy": [0, 0, 1]}, "box_xyxy has shape"),
        ({"keypoints_image": np.full((17, 2), np.nan)}, "keypoints_image holds NaN"),
        ({"scores": np.full(17, np.inf)}, "scores holds NaN, infinite or huge"),
        ({"box_score": float("nan")}, "box_score holds NaN"),
        ({"box_xyxy": [0, 0, 1e300, 1]}, "box_xyxy holds NaN, infinite or huge values"),
        ({"scores": [10**400] * 17}, "expected numbers"),
        ({"canvas_wh": (10**12, 48)}, "1000000000000 x 48 .* at most 1,000,000,000"),
        ({"canvas_wh": (float("inf"), 48)}, "expected a width and a height"),
        ({"person_id": "a"}, "person_id is 'a', expected a whole number"),
        ({"person_id": 10**20}, "person_id is 10"),
        ({"canvas_wh": (0, 48)}, "0 x 48"),
    ],
)
def test_wrong_values_are_refused_with_what_was_expected(changes, message):
    with pytest.raises(ValueError, match=message):
        make_pose(**changes)


def test_poses_compare_by_value():
    assert make_pose() == make_pose()
    assert make_pose() != make_pose(scores=np.zeros(17))
    assert make_pose() != make_pose(person_id=1)
    assert make_pose() != "pose"


def test_a_frame_with_nobody_is_normal():
    assert Frame((1, 1)).poses == ()


def test_a_frame_refuses_a_pose_of_another_canvas():
    with pytest.raises(ValueError, match="Person 1 refers to a canvas"):
        Frame((64, 48), (make_pose(), make_pose(canvas_wh=(48, 64))))


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("value", [np.ones(2, complex), np.complex64(1), [1j]], ids=repr)
def test_complex_numbers_are_refused(value):
    with pytest.raises(ValueError, match=r"expected (real )?numbers"):
        number_array(value)


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("names", ["face", None, [3], ["x" * 33], ["face"] * 33, {"face": 1}])
def test_names_of_parts_are_a_few_short_texts(names):
    with pytest.raises(ValueError, match=r"refined is .*, expected the names of a few parts"):
        make_pose(refined=names)


@pytest.mark.parametrize(
    ("score_threshold", "box"),
    [(0.95, [0, 0, 64, 48]), (0.5, [3, 4, 5, 6]), (0.1, [3, -1, 7, 6])],
    ids=["nothing visible", "two keypoints", "three"],
)
def test_the_box_around_what_is_visible(score_threshold, box):
    keypoints, scores = np.full((17, 2), 100.0), np.zeros(17)
    keypoints[:3], scores[:3] = [(3, 6), (5, 4), (7, -1)], (0.9, 0.5, 0.4)
    pose = make_pose(keypoints_image=keypoints, scores=scores)
    assert visible_box(pose, score_threshold).tolist() == box


def test_poses_in_two_keypoint_sets_are_refused():
    other = make_pose(keypoints_image=np.zeros((25, 2)), scores=np.zeros(25), keypoint_set=BODY_25)
    for poses in ([], [make_pose()], [make_pose(), make_pose()]):
        check_one_keypoint_set(poses, "They")
    with pytest.raises(ValueError, match=r"They are given .* sets: body_25, coco_17"):
        check_one_keypoint_set([make_pose(), other], "They")
