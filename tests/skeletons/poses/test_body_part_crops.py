"""Parts of a clip: boxes frame by frame, masks, and crops that can be counted in frames."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.tracker import in_slots
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses.body_part_crops import (
    cut_crops,
    draw_masks,
    find_all_parts,
    fit_to_canvas,
)
from comfyui_sapiens_pose.skeletons.poses.body_parts import PartOptions

CANVAS = (80, 60)
OPTIONS = PartOptions("person", padding=0, square=False)


def person(corner, number=None) -> Pose:
    """Ten pixels wide and high from a corner on."""
    points = np.linspace(corner, np.add(corner, 10), 17)
    box = [*corner, *np.add(corner, 10)]
    return Pose(points, np.ones(17), COCO_17, CANVAS, box, person_id=number)


def clip(*rows) -> list[Frame]:
    return [Frame(CANVAS, row) for row in rows]


def shades(frames, missing="black", options=OPTIONS) -> list[int]:
    """Brightness of each crop; a frame's picture is as bright as its number times ten, plus 5."""
    images = [np.full((60, 80, 3), 10 * n + 5, np.uint8) for n in range(len(frames))]
    parts = find_all_parts(frames, options)
    found = cut_crops(images, frames, parts, options, 8, missing)
    assert all(each.shape == (8, 8, 3) for each in found)
    return [int(each.max()) for each in found]


def test_nobody():
    assert find_all_parts([], OPTIONS) == []
    assert shades(clip([])) == shades(clip([]), "skip") == [0]


ONE, TWO = person((10, 10), 0), person((40, 20), 1)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("black", [5, 5, 0, 25, 35]),
        ("previous", [5, 5, 5, 25, 35]),
        ("skip", [5, 5, 25, 35]),
    ],
)
def test_crops_frame_by_frame_and_person_by_person(missing, expected):
    assert shades(clip([ONE, TWO], [], [TWO], [ONE]), missing) == expected


def test_previous_is_of_the_same_person():
    faceless = [replace(each, scores=np.zeros(17)) for each in (ONE, TWO)]
    hidden = [replace(each, scores=np.where(np.arange(17) == 9, 1, 0)) for each in (ONE, TWO)]
    frames = clip([ONE], [TWO], hidden)
    assert shades(frames, "previous") == [5, 15, 5, 15]
    assert shades(frames, "black") == [5, 15, 0, 0]
    assert shades(clip([ONE, faceless[1]])) == [5]


def test_empty_slots_have_no_crops():
    assert shades([in_slots(frame) for frame in clip([TWO])]) == [5]


def test_hands_of_nobody_are_two_crops():
    assert shades(clip([]), options=PartOptions("hands", square=False)) == [0, 0]


def test_one_picture_serves_all_frames():
    frames = clip([ONE], [TWO])
    image = np.full((60, 80, 3), 9, np.uint8)
    found = cut_crops([image], frames, find_all_parts(frames, OPTIONS), OPTIONS, 8)
    assert [int(each.max()) for each in found] == [9, 9]


def test_masks_frame_by_frame():
    frames = clip([ONE, TWO], [], [TWO])
    first, middle, last = draw_masks(frames, find_all_parts(frames, OPTIONS), OPTIONS)
    assert first.shape == (60, 80)
    assert first[15, 15] == first[25, 45] == last[25, 45] == 255
    assert not middle.any()
    assert last[15, 15] == 0


def test_masks_of_different_sizes_do_not_go_together():
    frames = [Frame(CANVAS), Frame((40, 30))]
    with pytest.raises(ValueError, match="different sizes"):
        draw_masks(frames, find_all_parts(frames, OPTIONS), OPTIONS)


def test_poses_of_a_smaller_picture_fit_the_larger_one():
    (frame,) = clip([ONE])
    larger = fit_to_canvas(frame, (160, 180))
    assert larger.poses[0].keypoints_image == pytest.approx(ONE.keypoints_image * (2, 3))
    assert larger.poses[0].box_xyxy == pytest.approx(ONE.box_xyxy * (2, 3, 2, 3))
    assert fit_to_canvas(frame, CANVAS) is frame
