"""Whom edits are about after a new detection."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.edits.edited_people import PersonKey, find_people
from comfyui_sapiens_pose.skeletons.edits.edits import Edits, PersonEdits, Who, detection_digest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame, on_canvas
from helpers.poses import STANDING, make_pose

CANVAS = (512, 768)


def person(shift=0.0, person_id=None, keypoint_set=COCO_17):
    """Somebody who stands ``shift`` pixels to the right."""
    points = np.array([STANDING.get(name, (0, 0)) for name in keypoint_set.names])
    points = np.add(points, (shift, 0))
    known = np.array([name in STANDING for name in keypoint_set.names], dtype=float)
    box = np.array([180 + shift, 50, 332 + shift, 590])
    pose = make_pose(keypoint_set, person_id=person_id, canvas_wh=CANVAS)
    return replace(pose, keypoints_image=points, scores=known, box_xyxy=box)


def clip(*poses, frames=1):
    return [Frame(CANVAS, poses)] * frames


def looks(pose, *, body=True, **who):
    rows = np.column_stack([np.arange(17), pose.keypoints_image[:17]])
    return Who(box_xyxy=pose.box_xyxy, body=rows if body else None, **who)


def edits_of(*people, base="another", **changes):
    rows = tuple(each if isinstance(each, PersonEdits) else PersonEdits(each) for each in people)
    return Edits(COCO_17, CANVAS, base, rows, **changes)


def find(frames, *people, **changes):
    return [
        key and (f"id {key.person_id}" if key.person_id is not None else f"order {key.order}")
        for key in find_people(frames, edits_of(*people, **changes))
    ]


def test_nobody_is_found_among_nobody():
    assert find([]) == []
    assert find([], Who(person_id=3), Who(order=0)) == [None, None]
    assert find(clip(), Who(person_id=3), Who(order=0)) == [None, None]


def test_ids_and_orders_of_the_same_detection():
    frames = clip(person(0, 3), person(100, 5), person(200))
    for base in ("", detection_digest(frames)):
        people = Who(person_id=5), Who(order=2), Who(order=0), Who(order=3), Who(person_id=4)
        assert find(frames, *people, base=base) == ["id 5", "order 2", "id 3", None, None]


def test_two_edits_never_share_a_person():
    frames = clip(person(0, 3))
    assert find(frames, Who(person_id=3), Who(order=0), base="") == ["id 3", None]


def test_added_people_are_not_looked_for():
    new = PersonEdits(Who(order=0), new=np.zeros((0, 4)))
    assert find(clip(person()), new, base="") == [None]


@pytest.mark.parametrize("body", [True, False])
def test_people_are_known_by_their_looks(body):
    first, second = (looks(person(shift), body=body, order=0) for shift in (0, 250))
    assert find(clip(person(252), person(3)), first, second) == ["order 1", "order 0"]
    assert find(clip(person(252)), first, second) == [None, "order 0"]
    assert find(clip(person(120)), first) == [None]


@pytest.mark.parametrize(("shift", "found"), [(50, ["order 0"]), (52, [None])])
def test_boxes_overlap_by_half(shift, found):
    assert find(clip(person(shift)), looks(person(), body=False, order=0)) == found


def test_an_order_alone_says_nothing_of_another_detection():
    assert find(clip(person()), Who(order=0)) == [None]


def test_the_same_id_is_enough():
    assert find(clip(person(300, 3)), Who(person_id=3)) == ["id 3"]
    assert find(clip(person(300, 3)), looks(person(), person_id=3)) == ["id 3"]
    assert find(clip(person(300, 4)), looks(person(), person_id=3)) == [None]


def test_a_namesake_gives_way_to_who_looks_right():
    frames = clip(person(300, 3), person(2, 4))
    assert find(frames, looks(person(), person_id=3)) == ["id 4"]
    both = looks(person(), person_id=3), looks(person(300), person_id=4)
    assert find(frames, *both) == ["id 4", "id 3"]


def test_looks_are_compared_in_the_edited_frame():
    frames = [Frame(CANVAS, (person(300),)), Frame(CANVAS, (person(300), person()))]
    assert find(frames, looks(person(), order=0, frame=1)) == ["order 1"]
    assert find(frames, looks(person(), order=0, frame=0)) == [None]
    assert find(frames, looks(person(), order=0, frame=2)) == [None]


@pytest.mark.parametrize("keypoint_set", [GOLIATH_308, OPENPOSE_136], ids=lambda each: each.name)
def test_another_set_and_another_canvas(keypoint_set):
    pose = on_canvas(person(2, keypoint_set=keypoint_set), (1024, 768))
    frames = [Frame((1024, 768), (pose,))]
    assert find(frames, looks(person(), order=0)) == ["order 0"]


def test_the_box_serves_where_too_few_joints_are_seen():
    hidden = replace(person(), scores=np.eye(17)[0])
    assert find(clip(hidden), looks(person(), order=0)) == ["order 0"]
    assert find(clip(hidden), replace(looks(person(), order=0), box_xyxy=None)) == [None]


def test_an_empty_slot_is_nobody():
    slot = replace(person(), scores=np.zeros(17))
    assert find(clip(slot), looks(person(), order=0)) == [None]


def test_a_key_finds_a_person_in_other_frames():
    frame = Frame(CANVAS, (person(0, 3), person(1)))
    indices = [
        PersonKey(3),
        PersonKey(order=1),
        PersonKey(order=0),
        PersonKey(4),
        PersonKey(order=9),
    ]
    assert [key.index_in(frame) for key in indices] == [0, 1, None, None, None]
