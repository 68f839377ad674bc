"""Who is who, and whose mask of another program is whose."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses.identities import match_masks, number_identities

SIZE_WH = 100, 50
LEFT, RIGHT = slice(0, 50), slice(50, 100)


def person(x: float, person_id: int | None = None, spread: float = 5) -> Pose:
    """Somebody whose keypoints are at most ``spread`` pixels from x, 25."""
    way = np.linspace(-spread, spread, 17)
    keypoints = np.column_stack([x + way, np.full(17, 25.0)])
    return Pose(keypoints, np.ones(17), COCO_17, SIZE_WH, np.zeros(4), person_id=person_id)


def masks(*columns: slice) -> np.ndarray:
    """(N, 25, 50) half the size of the frame; nothing for an empty slice."""
    stack = np.zeros((len(columns), 25, 100), bool)
    for mask, some in zip(stack, columns, strict=True):
        mask[:, some] = True
    return stack[:, :, ::2]


NOTHING = slice(0, 0)


def match(frames, stacks):
    return match_masks(frames, number_identities(frames), stacks.__getitem__)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], []),
        ([[], []], [(), ()]),
        ([[7, 3], [3], [9, 7]], [(1, 0), (0,), (2, 1)]),
        ([[None, None], [None]], [(0, 1), (0,)]),
        ([[None, 5], [2]], [(2, 1), (0,)]),
        ([[-1, 0]], [(0, 1)]),
    ],
    ids=["no frame", "nobody", "ids", "no ids", "some have ids", "below 0"],
)
def test_numbers_follow_the_ids_of_the_clip(ids, expected):
    frames = [Frame(SIZE_WH, [person(0, person_id) for person_id in some]) for some in ids]
    assert number_identities(frames) == expected


def test_nobody_and_no_mask():
    nobody = Frame(SIZE_WH)
    assert match([nobody], [masks(LEFT)]) == [{}]
    assert match([Frame(SIZE_WH, [person(20)])], [masks()]) == [{}]
    assert match([Frame(SIZE_WH, [person(20)])], [masks(NOTHING)]) == [{}]
    assert match([Frame(SIZE_WH, [person(-300)])], [masks(LEFT)]) == [{}]


def test_a_mask_is_whose_keypoints_it_holds():
    """Also where ids and indices differ, as after tracking by poses."""
    frames = [Frame(SIZE_WH, [person(75, 0), person(25, 1)])]
    assert match(frames, [masks(LEFT, RIGHT)]) == [{0: 1, 1: 0}]


def test_ids_are_mended_by_masks_that_are_not():
    """Masks exchange their order in frame 1; people do not."""
    frames = [Frame(SIZE_WH, [person(25, 0), person(75, 1)])] * 2
    assert match(frames, [masks(LEFT, RIGHT), masks(RIGHT, LEFT)]) == [{0: 0, 1: 1}, {0: 1, 1: 0}]


def test_who_is_nearly_hidden_has_the_mask_of_their_id():
    """Most keypoints of person 1 lie in the mask of person 0, who stands in front."""
    frames = [Frame(SIZE_WH, [person(25, 0), person(45, 1, spread=10)])]
    assert match(frames, [masks(LEFT, slice(50, 56))]) == [{0: 0, 1: 1}]


def test_a_mask_of_somebody_who_was_left_out_is_nobodys():
    frames = [Frame(SIZE_WH, [person(25, 0)])] * 2
    assert match(frames, [masks(LEFT, RIGHT), masks(NOTHING, RIGHT)]) == [{0: 0}, {}]


def test_a_frame_without_a_pose_keeps_the_mask():
    there = Frame(SIZE_WH, [person(25, 4), person(75, 6)])
    frames = [there, Frame(SIZE_WH, [person(25, 4)]), there]
    assert match(frames, [masks(LEFT, RIGHT)] * 3) == [{0: 0, 1: 1}] * 3
