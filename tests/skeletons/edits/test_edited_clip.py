"""Edits applied to whole clips."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.edits.edited_clip import apply_edits
from comfyui_sapiens_pose.skeletons.edits.edits import Edits, PersonEdits, Who, no_change
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
)
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_frame, make_pose

SIZE = (640, 480)


def moved(x, keypoint_set=COCO_17, joint="left_wrist"):
    change = no_change(keypoint_set)
    change.offsets[keypoint_set.index(joint), 0] = x
    return change


def edits_of(*people, keypoint_set=COCO_17, canvas_wh=SIZE, base=""):
    return Edits(keypoint_set, canvas_wh, base, people)


def shifts(before, after):
    """How far each person's left wrist went to the right."""
    return [
        (new.keypoints_image - old.keypoints_image)[old.keypoint_set.index("left_wrist"), 0]
        for old, new in zip(before.poses, after.poses, strict=True)
    ]


def test_no_edits_give_the_very_frames():
    frames = [make_frame(COCO_17, 2), make_frame(COCO_17, 0)]
    for edits in (None, edits_of(), edits_of(PersonEdits(Who(order=0)))):
        result = apply_edits(frames, edits)
        assert all(map(lambda one, other: one is other, result.frames, frames))
        assert (result.unplaced, result.sentences) == ((), ())
    assert apply_edits([], edits_of()).frames == ()


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS)
def test_one_person_of_a_clip_is_edited(keypoint_set):
    frames = [make_frame(keypoint_set, 3)] * 3
    keys = (0, moved(0, keypoint_set)), (2, moved(8, keypoint_set))
    edits = edits_of(PersonEdits(Who(person_id=2), keys=keys), keypoint_set=keypoint_set)
    result = apply_edits(frames, edits)
    assert result.frames[0] is frames[0]
    for share, before, after in zip((0, 4, 8), frames, result.frames, strict=True):
        assert shifts(before, after) == pytest.approx([0, 0, share])
        assert after.poses[:2] == before.poses[:2]


def test_people_who_are_absent_in_a_frame():
    frames = [make_frame(COCO_17, 1), make_frame(COCO_17, 2)]
    edits = edits_of(PersonEdits(Who(person_id=1), keys=((0, moved(8)),)))
    result = apply_edits(frames, edits)
    assert result.frames[0] is frames[0]
    assert shifts(frames[1], result.frames[1]) == pytest.approx([0, 8])


def test_frames_of_other_sizes():
    frames = [
        make_frame(COCO_17, 1),
        Frame((320, 480), (make_pose(COCO_17, canvas_wh=(320, 480)),)),
    ]
    result = apply_edits(frames, edits_of(PersonEdits(Who(order=0), keys=((0, moved(8)),))))
    pairs = zip(frames, result.frames, strict=True)
    assert [shifts(*pair) for pair in pairs] == [pytest.approx([8]), pytest.approx([4])]


def test_hidden_people_are_left_out():
    frame = make_frame(COCO_17, 3)
    edits = edits_of(PersonEdits(Who(person_id=1), hidden=True, keys=((0, moved(8)),)))
    (after,) = apply_edits([frame], edits).frames
    assert after.poses == (frame.poses[0], frame.poses[2])


NEW = np.array([[0, 100.0, 50, 1], [9, 10, 20, 0.5]])


@pytest.mark.parametrize(
    ("ids", "wanted", "expected"),
    [
        ([], None, 0),
        ([4, 7], None, 8),
        ([4, 7], 5, 5),
        ([4, 7], 7, 8),
        ([4, None], None, None),
        ([-3], None, -2),
    ],
)
def test_added_people_come_last_with_an_id_of_their_own(ids, wanted, expected):
    frame = Frame(SIZE, tuple(make_pose(COCO_17, person_id=each) for each in ids))
    who = Who(order=0) if wanted is None else Who(person_id=wanted)
    edits = edits_of(PersonEdits(who, new=NEW, keys=((0, moved(8)),)))
    for after in apply_edits([frame, frame], edits).frames:
        assert after.poses[:-1] == frame.poses
        assert after.poses[-1].person_id == expected
        assert after.poses[-1].keypoints_image[[0, 9]].tolist() == [[100, 50], [18, 20]]


def test_added_people_have_the_keypoints_of_the_others():
    frames = [make_frame(COCO_WHOLEBODY_133, 2), make_frame(COCO_17, 1)]
    edits = edits_of(PersonEdits(Who(order=0), new=NEW, hidden=False))
    poses = [frame.poses[-1] for frame in apply_edits(frames, edits).frames]
    assert {pose.keypoint_set for pose in poses} == {COCO_WHOLEBODY_133}
    hidden = edits_of(PersonEdits(Who(order=0), new=NEW, hidden=True))
    assert apply_edits(frames, hidden).frames == tuple(frames)


def test_two_added_people_have_two_ids():
    frame = make_frame(COCO_17, 0)
    edits = edits_of(*(PersonEdits(Who(order=0), new=NEW) for _ in range(2)))
    assert [pose.person_id for pose in apply_edits([frame], edits).frames[0].poses] == [0, 1]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((None, None, None, None), [0, 1, 2, 3]),
        ((2, None, None, None), [1, 2, 0, 3]),
        ((None, None, None, 0), [3, 0, 1, 2]),
        ((None, 99, None, 1), [0, 3, 2, 1]),
        ((1, None, 1, 0), [3, 2, 0, 1]),
    ],
)
def test_people_are_drawn_in_the_order_of_their_places(places, expected):
    poses = [replace(pose, person_id=i) for i, pose in enumerate(make_frame(COCO_17, 3).poses)]
    (frame,) = frames = [replace(make_frame(COCO_17, 3), poses=tuple(poses))]
    *detected, added = places
    people = [PersonEdits(Who(person_id=i), place=place) for i, place in enumerate(detected)]
    edits = edits_of(*people, PersonEdits(Who(order=9), new=NEW, place=added))
    (result,) = apply_edits(frames, edits).frames
    assert [pose.person_id for pose in result.poses] == expected
    assert all(pose is frame.poses[pose.person_id] for pose in result.poses if pose.person_id < 3)


def test_edits_that_fit_nobody_are_told_and_not_applied():
    frame = make_frame(COCO_17, 2)
    edits = edits_of(
        PersonEdits(Who(person_id=9), keys=((0, moved(8)),)),
        PersonEdits(Who(person_id=1), keys=((0, moved(8)),)),
        PersonEdits(Who(order=4), hidden=True),
    )
    result = apply_edits([frame], edits)
    assert result.unplaced == (0, 2)
    assert shifts(frame, result.frames[0]) == pytest.approx([0, 8])
    (sentence,) = result.sentences
    assert sentence.startswith("The edits of the person with id 9, person 5 fit nobody in these")


def test_joints_that_the_poses_lack_are_told():
    frame = make_frame(COCO_17, 1)
    change = moved(8, GOLIATH_308)
    change.scores[GOLIATH_308.index("tip_of_chin")] = 0
    edits = edits_of(PersonEdits(Who(order=0), keys=((0, change),)), keypoint_set=GOLIATH_308)
    result = apply_edits([frame], edits)
    assert shifts(frame, result.frames[0]) == pytest.approx([8])
    assert result.sentences == (
        "1 edited joints, such as tip_of_chin, are not among the keypoints of these poses "
        "(coco_17; the edits are of goliath_308).",
    )


def test_a_score_of_two_kinds_of_poses():
    frames = [make_frame(COCO_17, 1), make_frame(COCO_WHOLEBODY_133, 1)]
    change = replace(moved(8), scores=np.where(np.arange(17) == 3, 0.0, np.nan))
    result = apply_edits(frames, edits_of(PersonEdits(Who(order=0), keys=((0, change),))))
    assert [frame.poses[0].scores[3] for frame in result.frames] == [0, 0]
    assert [shifts(*pair) for pair in zip(frames, result.frames, strict=True)] == [
        pytest.approx([8]),
        pytest.approx([8]),
    ]
