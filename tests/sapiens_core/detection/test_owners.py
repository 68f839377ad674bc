"""Whose mask a pose belongs to, and what of it lies outside."""

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.detection.masks import people_from_masks
from comfyui_sapiens_pose.sapiens_core.detection.owners import (
    hide_outside_masks,
    owner_by_keypoints,
)
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.masks import INNER, LEFT, OVERLAPPING, RIGHT, SECOND, WH, mask_of


def person(points: dict[str, tuple[float, float]], box=LEFT) -> Pose:
    """Everything at the box's middle with score 0.8, but for the given joints."""
    keypoints = np.tile([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], (17, 1))
    for name, point in points.items():
        keypoints[COCO_17.index(name)] = point
    return Pose(keypoints, np.full(17, 0.8), COCO_17, WH, box)


def test_keypoints_on_shared_pixels_are_not_outside():
    (group,) = people_from_masks(OVERLAPPING, [WH])
    second = person({"nose": (30, 20), "left_eye": (10, 20)}, SECOND)
    inner = person({"nose": (50, 20)}, INNER)
    (frame,) = hide_outside_masks([Frame(WH, (second, inner))], [group], reach=0.0)
    assert [np.flatnonzero(pose.scores <= 0).tolist() for pose in frame.poses] == [
        [COCO_17.index("left_eye")],
        [COCO_17.index("nose")],
    ]


def test_keypoints_far_outside_the_own_mask_are_hidden():
    """The box is 50 pixels high: a tenth is 5."""
    (group,) = people_from_masks([mask_of(LEFT), mask_of(RIGHT)], [WH])
    left = person({"left_wrist": (29, 30), "right_wrist": (30, 30), "nose": (60, 40)})
    right = person({"left_ankle": (65, -400)}, RIGHT)
    (frame,) = hide_outside_masks([Frame(WH, (left, right))], [group], reach=0.1)
    hidden = [
        {COCO_17.names[row] for row in np.flatnonzero(pose.scores <= 0)} for pose in frame.poses
    ]
    assert hidden == [{"right_wrist", "nose"}, {"left_ankle"}]
    assert np.array_equal(frame.poses[0].keypoints_image, left.keypoints_image)


def test_people_are_known_by_their_boxes_when_others_are_gone():
    """The second of three was left out, and the last two are one by now."""
    boxes = [LEFT, (30, 10, 45, 60), RIGHT, (82, 20, 95, 70)]
    (group,) = people_from_masks([mask_of(box) for box in boxes], [WH])
    right, joined = person({"nose": (10, 30)}, RIGHT), person({"nose": (10, 30)}, (50, 20, 95, 70))
    frame, other = hide_outside_masks(
        [Frame(WH, (right,)), Frame(WH, (joined,))], [group, group], reach=0.1
    )
    assert np.flatnonzero(frame.poses[0].scores <= 0).tolist() == [COCO_17.index("nose")]
    assert other.poses == (joined,)


def test_without_masks_nothing_is_hidden():
    frame = Frame(WH, (person({"nose": (90, 70)}),))
    assert hide_outside_masks([frame, Frame(WH)], [People([LEFT]), People([])], 0.0) == [
        frame,
        Frame(WH),
    ]


def everywhere(points: np.ndarray, box=LEFT) -> Pose:
    """A pose with these keypoints, all found."""
    return Pose(points, np.ones(len(points)), COCO_17, WH, box)


@pytest.mark.parametrize(("left_is", "number"), [(None, 0), (0, 0), (1, 1), (7, 7)])
def test_most_keypoints_on_the_image_tell_whose_pose_it_is(left_is, number):
    points = np.tile([WH[0] + 9.0, 5.0], (17, 1))  # most lie outside the image
    points[:5] = 4, 5
    labels = np.full(WH[::-1], 3, np.uint16)
    if left_is is not None:
        labels[:, : WH[0] // 2] = left_is
    people = People(np.tile(LEFT, (7, 1)), labels=None if left_is is None else labels)
    assert owner_by_keypoints(everywhere(points), people) == number
    assert (people.own_pixels(number) is None) == (number == 0)


def test_the_box_tells_whose_pose_it_is_on_pixels_that_several_claim():
    labels = np.full(WH[::-1], 4, np.uint16)
    labels[0, 0] = 5
    people = People([[0, 0, 9, 9], LEFT, [1, 1, 9, 9]], None, labels, {4: (1, 2, 3), 5: (1, 3)})
    points = np.full((17, 2), 5.0)
    assert owner_by_keypoints(everywhere(points), people) == 2
    assert people.own_pixels(2).own_labels == (2, 4)
    points[0] = 0  # one keypoint more for the two others
    assert owner_by_keypoints(everywhere(points), people) == 1
    assert people.own_pixels(1).own_labels == (1, 4, 5)
