"""How much of the reference is taken, and of which parts."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions, retarget
from helpers.puppets import BODIES, portrait
from helpers.retargeted import AS_DRIVER, driver_of, keypoints_of, largest_change
from helpers.samples import each_once


@pytest.mark.parametrize(
    "options",
    [
        {"placement": "elsewhere"},
        {"strength": 1.5},
        {"hands": 2},
        {"anchor_frame": -1},
        {"score_threshold": float("nan")},
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        RetargetOptions(**options)


def test_strength_0_scales_everything_alike():
    clip = driver_of("wave")
    options = RetargetOptions(strength=0)
    result = retarget(clip, {None: [portrait(BODIES["cartoon"])]}, options)
    before, after = keypoints_of(clip), keypoints_of(result)
    scale = np.ptp(after[0, :, 1]) / np.ptp(before[0, :, 1])
    rest = after - scale * before
    assert np.ptp(rest, axis=1).max() < 1e-6
    unchanged = retarget(
        clip, {None: [portrait(BODIES["cartoon"])]}, replace(AS_DRIVER, strength=0)
    )
    assert largest_change(unchanged, clip) < 1e-6


def test_strength_goes_all_the_way_in_even_steps():
    clip = driver_of("wave")
    look = {None: [portrait(BODIES["cartoon"])]}
    clips = [retarget(clip, look, replace(AS_DRIVER, strength=s)) for s in (0, 0.25, 0.5, 1)]
    changes = [np.abs(keypoints_of(each) - keypoints_of(clip)).mean() for each in clips]
    assert changes == sorted(changes)
    assert changes[0] < 1e-6 < changes[1]


@pytest.mark.parametrize(
    ("part", "kind"), each_once(["hands", "face", "feet"], ["wave", "turn", "stand", "closer"])
)
def test_parts_that_are_off_keep_their_own_size(part, kind):
    names = {"hands": ("left_hand", "right_hand"), "feet": ("left_foot", "right_foot")}
    rows = COCO_WHOLEBODY_133.part_indices(*names.get(part, ("face",)))
    clip = driver_of(kind)
    look = {None: [portrait(BODIES["cartoon"])]}
    on = keypoints_of(retarget(clip, look, AS_DRIVER))
    off = keypoints_of(retarget(clip, look, replace(AS_DRIVER, **{part: False})))
    before, with_it, without = (
        np.linalg.norm(keypoints[:, rows[1]] - keypoints[:, rows[2]], axis=-1)
        for keypoints in (keypoints_of(clip), on, off)
    )
    assert np.allclose(without, before)
    assert np.abs(np.log(with_it / before)).min() > 0.05
