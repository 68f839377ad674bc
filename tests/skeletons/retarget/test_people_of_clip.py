"""Who of a clip is retargeted: several people, people without a reference, nobody."""

from dataclasses import replace

import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.retarget.retarget import retarget
from helpers.puppets import ADULT, BODIES, CANVAS, portrait
from helpers.retargeted import driver_of, shifted


def test_several_people_are_retargeted_as_each_would_be_alone():
    first, second = shifted(driver_of("wave"), -100, 7), shifted(driver_of("squat"), 150, 3)
    references = {7: [portrait(BODIES["child"])], 3: [portrait(BODIES["broad"])]}
    clip = [
        Frame(CANVAS, ((a, b) if time % 2 else (b, a)) if time > 9 else (a,))
        for time, (a, b) in enumerate(zip(first, second, strict=True))
    ]
    result = retarget(clip, references)
    assert [[pose.person_id for pose in frame.poses] for frame in result] == [
        [pose.person_id for pose in frame.poses] for frame in clip
    ]
    for person_id in references:
        alone = [
            Frame(CANVAS, tuple(pose for pose in frame.poses if pose.person_id == person_id))
            for frame in clip
        ]
        expected = retarget(alone, {person_id: references[person_id]})
        for together, by_itself in zip(result, expected, strict=True):
            assert by_itself.poses == tuple(
                pose for pose in together.poses if pose.person_id == person_id
            )


def test_people_without_a_reference_are_passed_on():
    first, second = shifted(driver_of("wave"), -100, 7), shifted(driver_of("squat"), 150, 3)
    clip = [Frame(CANVAS, pair) for pair in zip(first, second, strict=True)]
    result = retarget(clip, {3: [portrait(BODIES["child"])]})
    assert [frame.poses[0] for frame in result] == first
    assert all(frame.poses[1] != pose for frame, pose in zip(result, second, strict=True))


def test_progress_counts_people():
    first, second = shifted(driver_of("wave"), -100, 7), shifted(driver_of("squat"), 150, 3)
    clip = [Frame(CANVAS, pair) for pair in zip(first, second, strict=True)]
    seen = []
    look = [portrait(BODIES["child"])]
    retarget(clip, {7: look, 3: look}, on_person=lambda *numbers: seen.append(numbers))
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ((None, None), "Two people without id are in frame 0.*Track people"),
        ((4, 4), "Two people of one id are in frame 0"),
    ],
)
def test_people_who_cannot_be_told_apart_are_refused(ids, message):
    pose = portrait(ADULT)
    clip = [Frame(CANVAS, tuple(replace(pose, person_id=each) for each in ids))]
    with pytest.raises(ValueError, match=message):
        retarget(clip, {ids[0]: [pose]})


def test_one_person_of_two_keypoint_sets_is_refused():
    pose = portrait(ADULT)
    clip = [Frame(CANVAS, (pose,)), Frame(CANVAS, (convert_pose(pose, COCO_17),))]
    with pytest.raises(ValueError, match="different keypoint sets"):
        retarget(clip, {None: [pose]})


GONE = slice(10, 20)


def test_frames_without_anybody_stay_so():
    clip = driver_of("wave")
    clip[GONE] = [Frame(CANVAS)] * 10
    result = retarget(clip, {None: [portrait(BODIES["child"])]})
    assert [len(frame.poses) for frame in result] == [len(frame.poses) for frame in clip]
