"""Which people stay and in which order, against results worked out by hand."""

import logging
import time
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.choices import Sort
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses.select import (
    Region,
    SelectOptions,
    parse_numbers,
    select,
    select_all,
)
from helpers.poses import make_pose, mirrored

CANVAS = (400, 300)


def at(box, score=0.9, person_id=None, hidden=0) -> Pose:
    """Joints spread over a box's diagonal, the last ``hidden`` of them not found."""
    points = np.linspace(box[:2], box[2:], 17)
    scores = np.full(17, score)
    scores[17 - hidden :] = 0
    return Pose(points, scores, COCO_17, CANVAS, box, person_id=person_id)


#        left  top right bottom
SMALL = at((300, 10, 340, 90), score=0.95, person_id=7)
LARGE = at((20, 40, 140, 290), score=0.5, person_id=2)
MIDDLE = at((180, 100, 240, 200), score=0.8)
CROWD = Frame(CANVAS, (SMALL, LARGE, MIDDLE))


def test_nobody():
    empty = Frame(CANVAS)
    options = SelectOptions(sort="area", places="0", max_people=1, min_score=0.5)
    assert select(empty, options) == empty
    assert select_all([], options) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [SMALL, LARGE, MIDDLE]),
        ({"reverse": True}, [MIDDLE, LARGE, SMALL]),
        ({"sort": "left to right"}, [LARGE, MIDDLE, SMALL]),
        ({"sort": "left to right", "reverse": True}, [SMALL, MIDDLE, LARGE]),
        ({"sort": "top to bottom"}, [SMALL, MIDDLE, LARGE]),
        ({"sort": "area"}, [LARGE, MIDDLE, SMALL]),
        ({"sort": "score"}, [SMALL, MIDDLE, LARGE]),
        ({"sort": "distance to centre"}, [MIDDLE, LARGE, SMALL]),
        ({"sort": "track id"}, [LARGE, SMALL, MIDDLE]),
        ({"max_people": 2}, [SMALL, LARGE]),
        ({"places": "2,0"}, [MIDDLE, SMALL]),
        ({"places": "1-9"}, [LARGE, MIDDLE]),
        ({"places": "5"}, []),
        ({"sort": "area", "places": "1-2", "max_people": 1}, [MIDDLE]),
        ({"track_ids": "7"}, [SMALL]),
        ({"track_ids": "0-6"}, [LARGE]),
        ({"min_score": 0.8}, [SMALL, MIDDLE]),
        ({"min_score": 0.6, "places": "1"}, [MIDDLE]),
    ],
    ids=str,
)
def test_sorts_and_limits(options, expected):
    assert list(select(CROWD, SelectOptions(**options)).poses) == expected


def test_the_area_of_somebody_who_is_hardly_seen_is_that_of_their_box():
    """Nine of 17 joints are half of a body, eight are not."""
    box = (0, 0, 180, 180)
    half, less = at(box, hidden=8), at(box, hidden=9)
    assert select(Frame(CANVAS, (half, LARGE)), SelectOptions(sort="area")).poses == (LARGE, half)
    near = Frame(CANVAS, (LARGE, less, replace(less, box_xyxy=(180, 180, 0, 0))))
    assert select(near, SelectOptions(sort="area", max_people=2)).poses == near.poses[1:]


def test_equal_people_stay_in_order():
    twins = Frame(CANVAS, (replace(MIDDLE, person_id=1), replace(MIDDLE, person_id=0)))
    assert select(twins, SelectOptions(sort="area", reverse=True)) == twins


def test_few_visible_body_joints():
    half, quarter = at((0, 0, 50, 90), hidden=9), at((0, 0, 50, 90), hidden=13)
    frame = Frame(CANVAS, (half, quarter))
    assert select(frame, SelectOptions(min_keypoints=8)).poses == (half,)
    assert select(frame, SelectOptions(min_keypoints=4)).poses == (half, quarter)
    assert select(frame, SelectOptions(min_keypoints=1, score_threshold=0.91)).poses == ()


def test_hidden_people_have_no_score():
    nobody = at((0, 0, 50, 90), hidden=17)
    frame = Frame(CANVAS, (nobody, SMALL))
    assert select(frame, SelectOptions(sort="score")).poses == (SMALL, nobody)
    assert select(frame, SelectOptions(min_score=0.01)).poses == (SMALL,)


@pytest.mark.parametrize(
    ("boxes", "share", "expected"),
    [
        ([], 0.5, []),
        ([[0, 0, 400, 300]], 1.0, [SMALL, LARGE, MIDDLE]),
        ([[0, 0, 150, 300]], 0.5, [LARGE]),
        ([[0, 0, 150, 300], [290, 0, 400, 100]], 0.5, [SMALL, LARGE]),
        ([[0, 0, 400, 165]], 0.5, [SMALL, LARGE, MIDDLE]),
        ([[0, 0, 400, 160]], 0.5, [SMALL, MIDDLE]),
        ([[0, 0, 400, 160]], 0.9, [SMALL]),
    ],
    ids=str,
)
def test_inside_boxes(boxes, share, expected):
    assert list(select(CROWD, SelectOptions(min_inside=share), Region(boxes)).poses) == expected


@pytest.mark.parametrize("shape", [(300, 400), (30, 40), (75, 100)])
def test_inside_a_mask_of_any_size(shape):
    mask = np.zeros(shape)
    mask[:, : shape[1] // 2] = 1  # x < 200 of 400
    region = Region(mask=mask)
    assert select(CROWD, SelectOptions(), region).poses == (LARGE,)
    assert select(CROWD, SelectOptions(min_inside=0.3), region).poses == (LARGE, MIDDLE)


def test_points_outside_the_canvas_are_outside_the_mask():
    away = at((-500, -500, -400, -400))
    frame = Frame(CANVAS, (away,))
    assert select(frame, SelectOptions(), Region(mask=np.ones((3, 4)))).poses == ()


def test_regions_go_with_frames():
    frames = [CROWD, CROWD]
    left, right = Region([[0, 0, 150, 300]]), Region([[290, 0, 400, 300]])
    chosen = select_all(frames, SelectOptions(), [left, right])
    assert [frame.poses for frame in chosen] == [(LARGE,), (SMALL,)]
    with pytest.raises(ValueError, match="1 regions for 2 frames"):
        select_all(frames, SelectOptions(), [left])


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS)
def test_a_mirrored_picture_gives_the_mirrored_people(keypoint_set):
    frame = Frame((640, 480), [make_pose(keypoint_set, seed) for seed in range(5)])
    flipped = Frame((640, 480), [mirrored(pose) for pose in frame.poses])
    forward = SelectOptions(sort="left to right", places="0,2-3")
    backward = replace(forward, reverse=True)
    chosen = select(frame, forward).poses
    assert len(chosen) == 3
    for pose, other in zip(chosen, select(flipped, backward).poses, strict=True):
        assert mirrored(pose) == other


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        (" , ", []),
        ("3", [3]),
        ("0,2-3", [0, 2, 3]),
        (" 5 , 1 - 2 , 5", [5, 1, 2]),
        ("4-4", [4]),
    ],
)
def test_lists_of_numbers(text, numbers):
    assert parse_numbers(text, "places") == tuple(numbers)


@pytest.mark.parametrize("text", ["a", "-1", "1-", "3-1", "1.5", "1 2", "²", "9" * 17])
def test_lists_that_are_none(text):
    with pytest.raises(ValueError, match=r"places is .*, expected a list like '0,2-3'"):
        SelectOptions(places=text)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("text", ["0-99999999999", "0-100000", "0-99999," * 300])
def test_lists_of_too_many_numbers(text):
    """The last had been read again for every person, for 16 seconds a picture."""
    with pytest.raises(ValueError, match=r"track_ids is .*, expected a list of at most 100000 num"):
        SelectOptions(track_ids=text)


@pytest.mark.promise("Files cost what they weigh")
def test_long_lists_are_read_once():
    options = SelectOptions(track_ids="0-99998", places="0-99998")
    crowd = Frame(CANVAS, tuple(replace(LARGE, person_id=number) for number in range(300)))
    start = time.process_time()
    assert select(crowd, options) == crowd
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "wrong",
    [
        *({"sort": "size"}, {"max_people": -1}, {"min_inside": -0.1}, {"min_inside": 1.1}),
        *({"min_score": 1.1}, {"min_score": float("nan")}, {"min_keypoints": 18}),
    ],
)
def test_wrong_options(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SelectOptions(**wrong)


def unseen(box, person_id=None) -> Pose:
    """Somebody of whom no joint was found: an empty slot, or an empty person of another pack."""
    return replace(at(box, hidden=17, person_id=person_id), keypoints_image=np.zeros((17, 2)))


CORNER, WHOLE = unseen((0, 0, 0, 0), person_id=1), unseen((0, 0, 400, 300))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sort", get_args(Sort))
def test_people_who_are_not_there_come_last_in_every_order(sort, reverse):
    frame = Frame(CANVAS, (CORNER, LARGE, WHOLE, SMALL))
    found = select(frame, SelectOptions(sort=sort, reverse=reverse)).poses
    if sort == "as they come":
        expected = frame.poses[::-1] if reverse else frame.poses
    elif sort == "track id":  # a slot keeps its place by its number
        expected = (WHOLE, SMALL, LARGE, CORNER) if reverse else (CORNER, LARGE, SMALL, WHOLE)
    else:
        there = Frame(CANVAS, (LARGE, SMALL))
        seen = select(there, SelectOptions(sort=sort, reverse=reverse)).poses
        expected = (*seen, CORNER, WHOLE)
        for choice in ({"max_people": 2}, {"places": "0-1"}):
            options = SelectOptions(sort=sort, reverse=reverse, **choice)
            assert select(frame, options).poses == seen
    assert found == expected


def test_the_largest_of_a_file_with_an_empty_person_is_the_real_one():
    real = np.column_stack([np.linspace(100, 300, 18), np.linspace(90, 200, 18), np.ones(18)])
    bodies = [[0.0] * 54, [-1.0, -1.0, 1.0] * 18, real.ravel().tolist()]
    people = [{"pose_keypoints_2d": body} for body in bodies]
    (frame,) = decode({"people": people, "canvas_width": 640, "canvas_height": 480})
    assert len(frame.poses) == 3
    for sort in ("area", "distance to centre", "left to right", "top to bottom", "score"):
        chosen = select(frame, SelectOptions(sort=sort, max_people=1))
        assert chosen.poses == frame.poses[2:]


def test_a_box_with_its_corners_in_the_wrong_order():
    for box in ([150, 300, 0, 0], [150, 0, 0, 300], [0, 300, 150, 0]):
        assert select(CROWD, SelectOptions(), Region([box])).poses == (LARGE,)
    nan = float("nan")
    assert select(CROWD, SelectOptions(), Region([[nan, 0, 150, 300]])).poses == ()


@pytest.mark.parametrize(
    ("people", "choice", "region", "told"),
    [
        ([], {"track_ids": "0"}, None, None),
        ([MIDDLE], {}, None, None),
        ([MIDDLE, SMALL], {"places": "1"}, None, None),
        ([MIDDLE], {"track_ids": "0"}, None, "Nobody has an id, so track_ids '0' leaves"),
        ([MIDDLE, SMALL], {"track_ids": "0"}, None, "The selection left none of the 2 people"),
        ([MIDDLE], {}, Region(mask=np.zeros((64, 64))), "The selection left none of the 1 people"),
    ],
)
def test_it_is_told_when_nobody_is_left(people, choice, region, told, caplog):
    caplog.set_level(logging.INFO)
    frames = [Frame(CANVAS), Frame(CANVAS, people)]
    found = select_all(frames, SelectOptions(**choice), [region, region])
    assert any(frame.poses for frame in found) == bool(people and not told)
    assert len(caplog.messages) == bool(told)
    assert (told or "") in caplog.text
