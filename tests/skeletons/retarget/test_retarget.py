"""Retargeted clips against their truth: puppets of other proportions that do the same motion."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    OPENPOSE_136,
)
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions, retarget
from helpers.poses import mirrored
from helpers.puppets import (
    ADULT,
    BODIES,
    CANVAS,
    MOTIONS,
    film,
    frames_of,
    make_motion,
    noisy,
    portrait,
    true_result,
)
from helpers.retargeted import AS_DRIVER, BODY, driver_of, error, keypoints_of, largest_change
from helpers.samples import each_once, sample


@pytest.mark.parametrize("frames", [[], [Frame(CANVAS)] * 3], ids=["no frame", "nobody"])
def test_nobody_stays_nobody(frames):
    assert retarget(frames, {None: [portrait(ADULT)]}) == frames


@pytest.mark.parametrize(
    ("body", "kind", "angle", "most"),
    [
        ("child", "wave", 0.0, 1.0),
        ("child", "turn", 0.3, 1.5),
        ("long legs", "squat", 0.4, 1.5),
        ("long legs", "march", 1.4, 1.5),
        ("broad", "reach", 0.2, 1.5),
        ("broad", "wave", -0.8, 1.5),
        ("cartoon", "turn", 0.0, 1.5),
        ("cartoon", "closer", 0.2, 1.5),
        ("long arms", "march", 0.5, 1.5),
        ("long arms", "closer", 0.0, 1.5),
    ],
)
def test_a_motion_becomes_that_of_the_other_body(body, kind, angle, most):
    motion = make_motion(kind).turned(angle)
    reference = portrait(BODIES[body])
    result = retarget(frames_of(film(ADULT, motion)), {None: [reference]})
    truth = true_result(ADULT, BODIES[body], motion, reference.keypoints_image)
    assert error(result, truth) < most


@pytest.mark.parametrize(
    ("start", "angle"), [("squat", 0.2), ("sit", 0.2), ("stand", 1.45), ("reach", -1.2)]
)
@pytest.mark.parametrize("body", ["child", "broad"])
def test_the_first_frame_alone_decides_nothing_but_the_place(start, angle, body):
    first = film(ADULT, make_motion(start, 49).turned(angle))[24:25]
    motion = make_motion("wave").turned(0.2)
    reference = portrait(BODIES[body])
    clip = frames_of(np.concatenate([first, film(ADULT, motion)]))
    result = retarget(clip, {None: [reference]})[1:]
    truth = true_result(ADULT, BODIES[body], motion, reference.keypoints_image)
    place = (keypoints_of(result) - truth)[:, BODY].mean(axis=(0, 1))
    assert error(result, truth + place) < 1.5


def test_noise_does_not_change_proportions():
    motion = make_motion("wave").turned(0.3)
    reference = portrait(BODIES["long legs"])
    clip = frames_of(noisy(film(ADULT, motion), 0.01))
    truth = true_result(ADULT, BODIES["long legs"], motion, reference.keypoints_image)
    own_error = error(clip, film(ADULT, motion))  # what the noise alone makes
    assert error(retarget(clip, {None: [reference]}), truth) < own_error + 1.6


@pytest.mark.parametrize("kind", sample([*MOTIONS, "stand", "sit"], ["wave", "closer"]))
@pytest.mark.parametrize("options", [RetargetOptions(), AS_DRIVER], ids=["reference", "driver"])
@pytest.mark.parametrize("frames", sample([1, 5, 48, 200], [1, 5, 48]))
def test_the_driver_as_reference_changes_nothing(kind, options, frames):
    clip = frames_of(noisy(film(ADULT, make_motion(kind, frames).turned(0.3)), 0.01))
    result = retarget(clip, {None: [frame.poses[0] for frame in clip]}, options)
    assert largest_change(result, clip) < 0.01


SHOULDERS = COCO_WHOLEBODY_133.indices(("left_shoulder", "right_shoulder"))


def proportion_error(frames: list[Frame], truth: np.ndarray) -> float:
    """The same as ``error`` about the shoulders, after the best single scale of the clip."""
    found, wanted = (
        keypoints[:, BODY] - keypoints[:, SHOULDERS].mean(axis=1)[:, None]
        for keypoints in (keypoints_of(frames), truth)
    )
    scale = (found * wanted).sum() / (found**2).sum()
    distances = np.linalg.norm(scale * found - wanted, axis=-1)
    return 100 * float(distances.mean()) / float(np.ptp(truth[0, :, 1]))


@pytest.mark.parametrize(("body", "kind"), each_once(list(BODIES), list(MOTIONS)))
def test_there_and_back_again(body, kind):
    """The bounds that ``docs/retarget.md`` states: two measurements err, most of it in the size."""
    clip = driver_of(kind)
    there = retarget(clip, {None: [portrait(BODIES[body])]})
    back = retarget(there, {None: [frame.poses[0] for frame in clip]})
    assert error(back, keypoints_of(clip)) < 4.5
    assert proportion_error(back, keypoints_of(clip)) < 0.8


SETS = (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308, OPENPOSE_136, BODY_25)


@pytest.mark.parametrize(
    ("own", "other"),
    [
        pytest.param(
            own,
            other,
            id=f"{own.name}-{other.name}",
            marks=[]
            if SETS.index(other) == (SETS.index(own) + 1) % len(SETS)
            else [pytest.mark.exhaustive],
        )
        for own in SETS
        for other in SETS
    ],
)
def test_any_keypoint_set_takes_a_reference_of_any_other(own, other):
    motion = make_motion("wave").turned(0.2)
    full = driver_of("wave")
    reference = portrait(BODIES["child"])
    clip = [Frame(CANVAS, (convert_pose(frame.poses[0], own),)) for frame in full]
    result = retarget(clip, {None: [convert_pose(reference, other)]})
    truth = true_result(ADULT, BODIES["child"], motion, reference.keypoints_image)
    assert {pose.keypoint_set for frame in result for pose in frame.poses} == {own}
    shared = [name for name in COCO_17.names if name in own.names]
    found = keypoints_of(result)[:, own.indices(tuple(shared))]
    distances = np.linalg.norm(found - truth[:, COCO_WHOLEBODY_133.indices(tuple(shared))], axis=-1)
    assert 100 * distances.mean() / np.ptp(truth[0, :, 1]) < 1.6


@pytest.mark.parametrize("options", [RetargetOptions(), AS_DRIVER], ids=["reference", "driver"])
def test_mirrored_in_mirrored_out(options):
    clip, reference = driver_of("wave"), portrait(BODIES["child"], "wave", 0.3)
    result = retarget(clip, {None: [reference]}, options)
    flipped = [Frame(CANVAS, (mirrored(frame.poses[0]),)) for frame in clip]
    other = retarget(flipped, {None: [mirrored(reference)]}, options)
    back = [Frame(CANVAS, (mirrored(frame.poses[0]),)) for frame in other]
    assert largest_change(result, back) < 1e-6


def test_the_box_is_around_the_new_body():
    pose = retarget(driver_of("wave"), {None: [portrait(BODIES["child"])]})[20].poses[0]
    low, high = pose.keypoints_image.min(axis=0), pose.keypoints_image.max(axis=0)
    assert np.array_equal(pose.box_xyxy, [*low, *high])
