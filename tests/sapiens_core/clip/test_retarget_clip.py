"""Clips of people with and without ids, retargeted to the people of a reference image."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.retarget_clip import retarget_clip
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions, retarget
from helpers.puppets import ADULT, BODIES, CANVAS, film, frames_of, make_motion, portrait

WIDE = (1440, 1280)


def moved(pose: Pose, by: float) -> Pose:
    keypoints, box = pose.keypoints_image + np.array((by, 0)), pose.box_xyxy + np.array((by, 0) * 2)
    return replace(pose, keypoints_image=keypoints, box_xyxy=box, canvas_wh=WIDE)


def person(kind: str, by: float) -> list[Pose]:
    return [moved(frame.poses[0], by) for frame in frames_of(film(ADULT, make_motion(kind)))]


CHILD, BROAD = moved(portrait(BODIES["child"]), 0), moved(portrait(BODIES["broad"]), 700)
REFERENCES = [Frame(WIDE, (CHILD, BROAD))]


def test_one_person_without_id_gets_none():
    clip = [Frame(WIDE, (pose,)) for pose in person("wave", 100)]
    result = retarget_clip(clip, REFERENCES)
    assert result == retarget(clip, {None: [CHILD]})
    assert {pose.person_id for frame in result for pose in frame.poses} == {None}


def test_several_people_without_ids_are_tracked():
    left, right = person("wave", 0), person("squat", 700)
    clip = [
        Frame(WIDE, (a, b) if time % 2 else (b, a))
        for time, (a, b) in enumerate(zip(left, right, strict=True))
    ]
    result = retarget_clip(clip, REFERENCES)
    assert [len(frame.poses) for frame in result] == [2] * len(clip)
    for person_id in (0, 1):
        path = [p for frame in result for p in frame.poses if p.person_id == person_id]
        assert len(path) == len(clip)
        x = [float(np.median(pose.keypoints_image[:, 0])) for pose in path]
        assert np.ptp(x) < 100


@pytest.mark.parametrize("reference", [[], [Frame(CANVAS)]], ids=["no image", "nobody"])
def test_a_reference_without_anybody_is_refused(reference):
    with pytest.raises(ValueError, match=r"Nobody is found in the reference.*Use a reference"):
        retarget_clip([], reference)


def test_matching_by_id():
    clip = [Frame(WIDE, (replace(pose, person_id=5),)) for pose in person("wave", 0)]
    assert retarget_clip(clip, REFERENCES, match="id") == clip
    broad = replace(BROAD, person_id=5)
    result = retarget_clip(clip, [Frame(WIDE, (CHILD, broad))], match="id")
    assert result == retarget(clip, {5: [broad]})


@pytest.mark.parametrize(
    ("steps", "options", "warning"),
    [
        ([], RetargetOptions(), ""),
        ([0, 0, 0, 0], RetargetOptions(), ""),
        ([0, 200, 800, 1000], RetargetOptions(), "in 2 of 4 frames"),
        ([0, 200, 800, 1000], RetargetOptions(placement="as the driver"), ""),
        ([0, -800, -900, 300], RetargetOptions(), ""),
    ],
    ids=["nobody", "stands", "walks out", "as the driver", "the driver walks out too"],
)
def test_people_who_walk_out_of_the_image_are_told_of(caplog, steps, options, warning):
    reference = portrait(BODIES["child"])
    clip = [Frame(WIDE, (moved(portrait(ADULT), step),)) for step in steps]
    retarget_clip(clip, [Frame(CANVAS, (reference,))], options)
    assert warning in caplog.text
    assert bool(caplog.records) == bool(warning)
