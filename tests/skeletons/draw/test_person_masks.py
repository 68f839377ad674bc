"""Masks of people by their poses, and in the colours of SCAIL-2."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.draw.person_masks import (
    SCAIL2_COLORS,
    color_people,
    draw_person_mask,
    one_by_one,
    resize_masks,
)
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Pose, on_canvas
from helpers.samples import sample

SIZE_WH = 256, 256


@pytest.fixture(scope="module")
def standing(root) -> Pose:
    """Somebody of 308 keypoints on a canvas of 256 x 256, all of them in it."""
    (frame,) = read_poses(root / "web" / "library" / "stand_relaxed.json")
    return on_canvas(frame.poses[0], SIZE_WH)


def hidden(pose: Pose, *parts: str) -> Pose:
    scores = pose.scores.copy()
    scores[pose.keypoint_set.part_indices(*parts)] = 0
    return replace(pose, scores=scores)


def test_somebody_unseen_has_a_black_mask(standing):
    unseen = replace(standing, scores=np.zeros(len(standing.scores)))
    assert not draw_person_mask(unseen, SIZE_WH).any()


@pytest.mark.parametrize(
    "keypoint_set",
    sample([GOLIATH_308, COCO_WHOLEBODY_133, COCO_17], [GOLIATH_308, COCO_17]),
    ids=lambda each: each.name,
)
def test_the_outline_holds_every_keypoint_and_little_else(standing, keypoint_set):
    pose = convert_pose(standing, keypoint_set)
    mask = draw_person_mask(pose, SIZE_WH)
    columns, rows = np.rint(pose.keypoints_image[pose.scores > 0.3]).astype(int).T
    assert (mask[rows, columns] == 255).all()
    left, top, right, bottom = pose.box_xyxy
    assert 0.2 < (mask > 0).sum() / ((right - left) * (bottom - top)) < 0.7
    assert set(np.unique(mask)) == {0, 255}


@pytest.mark.parametrize(
    "part", ["face", "left_hand", "right_foot", "body"], ids=lambda name: f"without {name}"
)
def test_a_hidden_part_is_not_painted(standing, part):
    whole = draw_person_mask(standing, SIZE_WH)
    less = draw_person_mask(hidden(standing, part), SIZE_WH)
    assert (less <= whole).all()
    assert 0 < (less > 0).sum() <= (whole > 0).sum() - (part != "face")


def test_scores_below_the_threshold_are_hidden(standing):
    low = replace(standing, scores=np.full(len(standing.scores), 0.5))
    assert draw_person_mask(low, SIZE_WH, 0.5).any()
    assert not draw_person_mask(low, SIZE_WH, 0.6).any()


@pytest.mark.parametrize("factor", [0, 1e-3, 100, 1e25])
def test_odd_sizes_stay_inside_the_canvas(standing, factor):
    keypoints = standing.keypoints_image * factor
    mask = draw_person_mask(replace(standing, keypoints_image=keypoints), SIZE_WH)
    assert mask.shape == SIZE_WH[::-1]


def box(left: int, right: int) -> np.ndarray:
    mask = np.zeros((4, 8), np.uint8)
    mask[:, left:right] = 255
    return mask


@pytest.mark.parametrize(("background", "grey"), [("black", 0), ("white", 255)])
def test_colours_go_by_the_number_and_the_first_is_in_front(background, grey):
    assert (color_people({}, (8, 4), background) == grey).all()
    image = color_people({1: box(2, 6), 0: box(4, 7)}, (8, 4), background)
    row = [tuple(color) for color in image[0].tolist()]
    nobody, blue, red = (grey,) * 3, (0, 0, 255), (255, 0, 0)
    assert row == [*[nobody] * 2, red, red, blue, blue, blue, nobody]


def test_the_seventh_person_is_blue_again():
    assert len(set(SCAIL2_COLORS)) == 6
    image = color_people({6: box(0, 1), 5: box(1, 2)}, (8, 4))
    assert image[0, :2].tolist() == [[0, 0, 255], [255, 255, 0]]


def test_masks_of_others_are_stretched_by_the_nearest_pixel():
    given = np.zeros((2, 2, 4), bool)
    given[1, 0, 1] = True
    (some,) = resize_masks([{5: 1}], lambda _: given, (8, 4))
    assert some.keys() == {5}
    np.testing.assert_array_equal(some[5] > 0, given[1].repeat(2, axis=0).repeat(2, axis=1))


def test_one_mask_per_person_and_frame_person_by_person():
    first, second = box(0, 2), box(2, 4)
    stack = one_by_one([{0: first}, {1: second, 0: second}, {}], 2, (8, 4))
    assert [mask[0, ::2].tolist() for mask in stack] == [
        *([255, 0, 0, 0], [0, 255, 0, 0], [0] * 4),
        *([0] * 4, [0, 255, 0, 0], [0] * 4),
    ]
    assert [mask.any() for mask in one_by_one([{}, {}], 0, (8, 4))] == [False, False]
