"""Where the figure stands and how large it is."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions, retarget
from helpers.puppets import ADULT, BODIES, CANVAS, make_motion, portrait, true_result
from helpers.retargeted import AS_DRIVER, driver_of, error, height_of, keypoints_of, largest_change


def test_as_the_reference_stands_where_the_reference_stands():
    reference = portrait(BODIES["child"])
    moved = replace(reference, keypoints_image=reference.keypoints_image * 0.7 + (150, 40))
    first = retarget(driver_of("squat"), {None: [moved]})[0].poses[0]
    hips = COCO_WHOLEBODY_133.indices(("left_hip", "right_hip"))
    ankles = COCO_WHOLEBODY_133.indices(("left_ankle", "right_ankle"))
    for joints, axis, combine in ((hips, 0, np.mean), (ankles, 1, np.max)):
        there, wanted = (combine(pose.keypoints_image[joints, axis]) for pose in (first, moved))
        assert np.isclose(there, wanted)
    assert abs(height_of(first) / height_of(moved) - 1) < 0.03


def test_the_place_is_given_by_the_anchor_frame():
    reference = portrait(BODIES["child"])
    clip = driver_of("closer")
    late = retarget(clip, {None: [reference]}, RetargetOptions(anchor_frame=47))
    early = retarget(clip, {None: [reference]})
    assert abs(height_of(late[47].poses[0]) / height_of(reference) - 1) < 0.06
    assert abs(height_of(early[0].poses[0]) / height_of(reference) - 1) < 0.06
    assert height_of(early[47].poses[0]) > 1.3 * height_of(reference)


@pytest.mark.parametrize("body", BODIES)
def test_as_the_driver_keeps_ground_point_and_height(body):
    clip = driver_of("march")
    result = retarget(clip, {None: [portrait(BODIES[body])]}, AS_DRIVER)
    hips = COCO_WHOLEBODY_133.indices(("left_hip", "right_hip"))
    ankles = COCO_WHOLEBODY_133.indices(("left_ankle", "right_ankle"))
    before, after = keypoints_of(clip), keypoints_of(result)
    assert np.allclose(before[:, hips, 0].mean(axis=1), after[:, hips, 0].mean(axis=1))
    assert np.allclose(before[:, ankles, 1].max(axis=1), after[:, ankles, 1].max(axis=1))
    top = [height_of(frame.poses[0]) for frame in (clip[0], result[0])]
    assert abs(top[1] / top[0] - 1) < 0.08  # keypoints end below the top of the head
    assert {frame.canvas_wh for frame in result} == {CANVAS}


def test_a_reference_of_another_canvas_gives_its_own():
    reference = portrait(BODIES["child"])
    other = replace(reference, canvas_wh=(900, 1400))
    result = retarget(driver_of("wave"), {None: [other]})
    assert {frame.canvas_wh for frame in result} == {(900, 1400)}
    same = retarget(driver_of("wave"), {None: [reference]})
    assert largest_change(result, same) == 0


def upper_body(pose: Pose) -> Pose:
    """What an image that ends below the hips shows."""
    scores = pose.scores.copy()
    low = [name for name in COCO_17.names if "knee" in name or "ankle" in name]
    scores[COCO_WHOLEBODY_133.indices(tuple(low))] = 0
    scores[COCO_WHOLEBODY_133.part_indices("left_foot", "right_foot")] = 0
    return replace(pose, scores=scores)


@pytest.mark.parametrize("of_clip", [False, True])
@pytest.mark.parametrize("of_reference", [False, True])
def test_half_bodies_keep_the_shoulders_in_place(of_clip, of_reference):
    reference = portrait(BODIES["broad"])
    clip = driver_of("wave")
    if of_clip:
        clip = [Frame(CANVAS, (upper_body(frame.poses[0]),)) for frame in clip]
    look = upper_body(reference) if of_reference else reference
    result = retarget(clip, {None: [look]})
    shoulders = COCO_WHOLEBODY_133.indices(("left_shoulder", "right_shoulder"))
    first = result[0].poses[0].keypoints_image
    if of_clip or of_reference:
        middle = first[shoulders].mean(axis=0)
        assert np.allclose(middle, reference.keypoints_image[shoulders].mean(axis=0), atol=1e-6)
    truth = true_result(
        ADULT, BODIES["broad"], make_motion("wave").turned(0.2), reference.keypoints_image
    )
    arms = COCO_WHOLEBODY_133.indices(COCO_17.names[5:11])
    neck = truth[:, shoulders].mean(axis=1) - keypoints_of(result)[:, shoulders].mean(axis=1)
    assert error(result, truth - neck[:, None], arms) < 1.5


def test_neither_place_nor_size_of_the_clip_matters():
    clip = driver_of("wave")
    look = {None: [portrait(BODIES["child"])]}
    other = [
        Frame(
            CANVAS,
            (replace(frame.poses[0], keypoints_image=frame.poses[0].keypoints_image * 2.5 + 31),),
        )
        for frame in clip
    ]
    assert largest_change(retarget(clip, look), retarget(other, look)) < 0.01
