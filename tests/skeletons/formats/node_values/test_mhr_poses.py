"""MHR_POSE_DATA: 70 keypoints and 238 of the face are the 308 of Goliath, in order."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.formats.node_values.mhr_poses import (
    is_mhr_pose_data,
    make_mhr_poses,
    read_mhr_poses,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose

SIZE_HW = 480, 640

BODY_OF_CORE = [0, 69, 6, 8, 41, 5, 7, 62, 10, 12, 14, 9, 11, 13, 2, 1, 4, 3]
"""Rows that ComfyUI's ``OPENPOSE18_TO_MHR70`` takes for OpenPose's 18 joints."""
RIGHT_HAND_OF_CORE = [41, *(row for tip in range(21, 41, 4) for row in range(tip + 3, tip - 1, -1))]
"""Rows of ``OPENPOSE_HAND21_TO_MHR70_R``: the wrist, then each finger from its root to its tip."""


def person(seed: int, **changes) -> dict:
    """As ``run_batched_single_chunk`` gives somebody, with what is read of it."""
    random = np.random.default_rng(seed)
    return {
        "bbox": np.array([1, 2, 3, 4], np.float32),
        "pred_keypoints_2d": random.uniform(0, 400, (70, 2)).astype(np.float32),
        "pred_face_keypoints_2d": random.uniform(0, 400, (238, 2)).astype(np.float32),
        "pred_vertices": np.zeros((5, 3)),
        "mask": None,
    } | changes


def data_of(*frames: list) -> dict:
    return {"frames": list(frames), "image_size": SIZE_HW, "faces": np.zeros((0, 3))}


@pytest.mark.parametrize("frames", [(), ([],), ([], [])])
def test_nobody(frames):
    read = read_mhr_poses(data_of(*frames))
    assert [(frame.canvas_wh, frame.poses) for frame in read] == [((640, 480), ())] * len(frames)


def test_people_are_308_keypoints_with_their_index_as_id():
    people = [person(0), person(1)]
    (frame,) = read_mhr_poses(data_of(people))
    assert [pose.person_id for pose in frame.poses] == [0, 1]
    for given, pose in zip(people, frame.poses, strict=True):
        assert pose.keypoint_set is GOLIATH_308
        np.testing.assert_array_equal(pose.keypoints_image[:70], given["pred_keypoints_2d"])
        np.testing.assert_array_equal(pose.keypoints_image[70:], given["pred_face_keypoints_2d"])
        assert (pose.scores == 1).all()
        assert pose.box_xyxy.tolist() == [1, 2, 3, 4]


def test_joints_are_those_that_comfyui_draws():
    (frame,) = read_mhr_poses(data_of([person(0)]))
    (pose,) = frame.poses
    shown = convert_pose(pose, OPENPOSE_136)
    rows = OPENPOSE_136.part_indices("body")
    theirs = person(0)["pred_keypoints_2d"]
    expected = theirs[BODY_OF_CORE]
    expected[1] = (expected[2] + expected[5]) / 2  # OpenPose's neck is between the shoulders
    np.testing.assert_allclose(shown.keypoints_image[rows], expected, rtol=1e-6)
    hand = shown.keypoints_image[OPENPOSE_136.part_indices("right_hand")]
    np.testing.assert_allclose(hand, theirs[RIGHT_HAND_OF_CORE], rtol=1e-6)


def test_absent_people_keep_their_index():
    """SAM 3 does not see them: the mask is black, and the keypoints are somebody else's."""
    seen, unseen = np.ones((4, 4, 1), np.uint8), np.zeros((4, 4, 1), np.uint8)
    frames = [[person(0, mask=unseen), person(1, mask=seen)], [person(0, mask=seen)]]
    read = read_mhr_poses(data_of(*frames))
    assert [[pose.person_id for pose in frame.poses] for frame in read] == [[1], [0]]


def test_without_a_face_and_with_what_is_no_number():
    body = person(0)["pred_keypoints_2d"]
    body[3] = np.nan, 5
    body[4] = np.inf, 5
    changes = {"pred_keypoints_2d": body, "pred_face_keypoints_2d": None, "bbox": None}
    (frame,) = read_mhr_poses(data_of([person(0, **changes)]))
    (pose,) = frame.poses
    assert np.flatnonzero(pose.scores == 0).tolist() == [3, 4, *range(70, 308)]
    assert pose.box_xyxy.tolist() == [
        *pose.keypoints_image[:70][pose.scores[:70] > 0].min(0),
        *pose.keypoints_image[:70][pose.scores[:70] > 0].max(0),
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (data_of() | {"image_size": None}, "image_size None"),
        (data_of() | {"frames": 5}, "frames 5"),
        (data_of([5]), "frame 0, person 0"),
        (data_of([], [{}]), "frame 1, person 0"),
        (data_of([person(0, pred_keypoints_2d=np.zeros((18, 2)))]), "of 70 keypoints"),
        (data_of([person(0, pred_face_keypoints_2d=np.zeros((70, 2)))]), "frame 0, person 0"),
    ],
    ids=["no size", "no frames", "no person", "no keypoints", "18 keypoints", "another face"],
)
def test_what_cannot_be_read_says_where(value, told):
    with pytest.raises(ValueError, match="Connect mhr_pose_data") as error:
        read_mhr_poses(value)
    assert told in str(error.value)


def test_what_is_written_is_read_again():
    """Places at float32, ids as indices, and absent people; scores are 1 or 0."""
    people = [make_pose(GOLIATH_308, seed) for seed in range(3)]
    frames = [Frame((640, 480), people[:2]), Frame((640, 480)), Frame((640, 480), people[2:])]
    data = make_mhr_poses(frames, [(0, 2), (), (1,)])
    assert is_mhr_pose_data(data)
    assert [len(frame) for frame in data["frames"]] == [3, 0, 2]
    read = read_mhr_poses(data)
    assert [[pose.person_id for pose in frame.poses] for frame in read] == [[0, 2], [], [1]]
    for given, back in zip(people, [*read[0].poses, *read[2].poses], strict=True):
        np.testing.assert_array_equal(back.keypoints_image, given.keypoints_image.astype("f4"))
        np.testing.assert_array_equal(back.box_xyxy, given.box_xyxy.astype("f4"))
        assert (back.scores == 1).all()
    again = make_mhr_poses(read, [(0, 2), (), (1,)])
    for ours, theirs in zip(again["frames"], data["frames"], strict=True):
        for one, other in zip(ours, theirs, strict=True):
            for key in ("pred_keypoints_2d", "pred_face_keypoints_2d", "bbox"):
                np.testing.assert_equal(one[key], other[key])


def test_only_what_is_known_is_written():
    """17 keypoints have no face, no hands and no feet, and those of low score are not known."""
    pose = make_pose(COCO_17)
    (people,) = make_mhr_poses([Frame((640, 480), [pose])], [(0,)], 0.6)["frames"]
    known = np.isfinite(people[0]["pred_keypoints_2d"]).all(axis=1)
    native = convert_pose(pose, GOLIATH_308)
    np.testing.assert_array_equal(known, native.scores[:70] >= 0.6)
    assert people[0]["pred_face_keypoints_2d"] is None


def test_no_frame_is_told():
    with pytest.raises(ValueError, match="have no frames"):
        make_mhr_poses([], [])
