"""Keypoints that are hidden, missing or too few to measure a body."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133, KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions, retarget
from helpers.puppets import ADULT, BODIES, CANVAS, portrait
from helpers.retargeted import AS_DRIVER, driver_of, keypoints_of


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda each: each.name)
def test_no_keypoint_is_lost_and_scores_stay(keypoint_set):
    random = np.random.default_rng(3)
    poses = [convert_pose(frame.poses[0], keypoint_set) for frame in driver_of("turn")]
    shape = len(poses), len(keypoint_set)
    scores = np.where(random.random(shape) < 0.3, 0.0, random.uniform(0.05, 1, shape))
    clip = [
        Frame(CANVAS, (replace(pose, scores=np.where(pose.scores > 0, row, 0), person_id=5),))
        for pose, row in zip(poses, scores, strict=True)
    ]
    result = retarget(clip, {5: [portrait(BODIES["cartoon"])]})
    for before, after in zip(clip, result, strict=True):
        assert np.array_equal(before.poses[0].scores, after.poses[0].scores)
        assert after.poses[0].person_id == 5
        moved = (before.poses[0].keypoints_image != after.poses[0].keypoints_image).any(axis=1)
        assert moved[before.poses[0].scores > 0].all()


def test_a_missing_keypoint_at_the_origin_stays_there():
    pose = driver_of("stand")[0].poses[0]
    keypoints, scores = pose.keypoints_image.copy(), pose.scores.copy()
    keypoints[100], scores[[100, 101]] = 0, 0
    clip = [Frame(CANVAS, (replace(pose, keypoints_image=keypoints, scores=scores),))]
    after = retarget(clip, {None: [portrait(BODIES["child"])]})[0].poses[0]
    assert (after.keypoints_image[100] == 0).all()
    assert (after.keypoints_image[101] != keypoints[101]).all()  # hidden ones move along


@pytest.mark.parametrize(
    "names",
    [
        ("nose",),
        ("left_wrist",),
        ("left_shoulder", "right_shoulder"),
        ("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
        ("left_wrist", "right_ankle", "left_knee"),
        (),
    ],
)
@pytest.mark.parametrize("of_reference", [False, True])
def test_next_to_nothing_seen_gives_finite_people(names, of_reference):
    scores = np.zeros(len(COCO_WHOLEBODY_133))
    scores[COCO_WHOLEBODY_133.indices(names)] = 1
    little = [
        Frame(CANVAS, (replace(frame.poses[0], scores=scores),)) for frame in driver_of("wave")
    ]
    whole = driver_of("turn")
    clip, look = (whole, little) if of_reference else (little, whole)
    for options in (RetargetOptions(), AS_DRIVER):
        result = retarget(clip, {None: [look[0].poses[0]]}, options)
        assert [len(frame.poses) for frame in result] == [len(frame.poses) for frame in clip]
        assert np.abs(keypoints_of(result)).max() < 1e5


def test_points_that_lie_on_each_other_are_no_body():
    pose = portrait(ADULT)
    heap = replace(pose, keypoints_image=np.full_like(pose.keypoints_image, 7.0))
    for clip, look in ((heap, pose), (pose, heap), (heap, heap)):
        result = retarget([Frame(CANVAS, (clip,))], {None: [look]})
        assert np.isfinite(keypoints_of(result)).all()
