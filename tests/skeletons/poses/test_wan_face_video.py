"""The face video of Wan2.2 Animate against the boxes and crops of its makers."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.wan_face_video import (
    choose_person,
    cut_face,
    find_face_boxes,
)
from helpers.model_goldens import FOLDER, golden_frame

BOXES = json.loads((FOLDER / "wan_face" / "boxes.json").read_text())["boxes"]
CROPS = json.loads((FOLDER / "wan_face" / "crops.json").read_text())
ONE = golden_frame("inputs/m01_whole_480x832.raw133.json")


def moved(pose, by_xy):
    return replace(pose, keypoints_image=pose.keypoints_image + by_xy)


def photograph(canvas_wh):
    x, y = np.meshgrid(range(canvas_wh[0]), range(canvas_wh[1]))
    blue = (x // 8 + y // 8) % 2 * 180 + 40
    return np.dstack((x // 4 * 5 % 256, y // 4 * 3 % 256, blue)).astype(np.uint8)


def test_nobody():
    assert choose_person(Frame((16, 16)), None) is None
    assert find_face_boxes([]) == []
    assert find_face_boxes([None, None], steady=True) == [None, None]
    assert not cut_face(photograph((16, 16)), None).any()


@pytest.mark.parametrize("row", BOXES, ids=str)
def test_boxes_are_those_of_the_makers(row):
    pose = moved(golden_frame(row["input"]).poses[row["person"]], row.get("moved_by", (0, 0)))
    expected = (row["x1"], row["y1"], row["x2"], row["y2"]) if row["usable"] else None
    assert find_face_boxes([pose]) == [expected]


@pytest.mark.parametrize("row", CROPS, ids=lambda row: row["file"])
def test_crops_are_those_of_the_makers(row):
    frame = golden_frame(row["input"])
    (box,) = find_face_boxes([frame.poses[0]])
    crop = cut_face(photograph(frame.canvas_wh), box)
    expected = cv2.cvtColor(cv2.imread(str(FOLDER / row["file"])), cv2.COLOR_BGR2RGB)
    assert cv2.absdiff(crop, expected).max() <= row["tolerance"]


def test_a_frame_without_a_face_has_the_box_of_the_last_one():
    pose = ONE.poses[0]
    body = convert_pose(pose, COCO_17)
    outside, right = moved(pose, (4000, 0)), moved(pose, (10, 0))
    first, second = (find_face_boxes([each])[0] for each in (pose, right))
    clip = [None, body, pose, outside, right, None]
    assert find_face_boxes(clip) == [first, first, first, first, second, second]


def test_steady_boxes_keep_their_size_and_move_smoothly():
    rng = np.random.default_rng(0)
    clip = []
    for index, (x, y) in enumerate(rng.normal(0, 3, (60, 2))):
        pose = moved(ONE.poses[0], (index + x, y))
        keypoints = pose.keypoints_image * rng.normal(1, 0.01)
        clip.append(replace(pose, keypoints_image=keypoints))
    clip[30] = None
    own, steady = (np.array(find_face_boxes(clip, steady=s)) for s in (False, True))
    assert len({(right - left, bottom - top) for left, top, right, bottom in steady.tolist()}) == 1
    jumps = [np.abs(np.diff(boxes[:, 0], 2)).mean() for boxes in (own, steady)]
    assert jumps[1] < jumps[0] / 3
    assert np.abs((own - steady)[:, :2]).mean() < 5


def test_steady_boxes_stay_on_the_canvas():
    width, height = ONE.canvas_wh
    clip = [moved(ONE.poses[0], (x, 0)) for x in range(-220, 300, 20)]
    for left, top, right, bottom in find_face_boxes(clip, steady=True):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


def test_a_person_is_chosen_by_id_or_by_the_largest_box():
    small, large = (
        replace(ONE.poses[0], person_id=number, box_xyxy=np.array([0, 0, side, side]))
        for number, side in ((1, 10), (2, 20))
    )
    frame = Frame(ONE.canvas_wh, [small, large])
    assert [choose_person(frame, number) for number in (None, 1, 2, 3)] == [
        large,
        small,
        large,
        None,
    ]
