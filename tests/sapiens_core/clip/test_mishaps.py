"""Quick moves survive, hands at rest are steadied, swapped sides and spikes are mended."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.adaptive_fit import adaptive_fit
from comfyui_sapiens_pose.sapiens_core.clip.mend import anchor_indices, find_spikes, find_swaps
from comfyui_sapiens_pose.sapiens_core.clip.noise import limit_noise, measure_noise
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, KEYPOINT_SETS
from helpers.samples import each_once, sample
from helpers.scene_measures import keypoints_of
from helpers.scenes import clip

ANKLE, WRIST = COCO_17.index("right_ankle"), COCO_17.index("left_wrist")
LEFT_ARM, RIGHT_ARM = [5, 7, 9], [6, 8, 10]
RATES = (8, 16, 30, 60)


def with_keypoints(frames, keypoints):
    return [
        replace(frame, poses=[replace(frame.poses[0], keypoints_image=body)])
        for frame, body in zip(frames, keypoints, strict=True)
    ]


def kick(fps):
    """(T, 17, 2) two seconds of somebody who kicks once, 0.6 of the height and back in 0.5 s."""
    times = np.arange(2 * fps) / fps
    truth, frames = clip(np.full(len(times), 640))
    way = np.where(abs(times - 1) < 0.25, np.cos((times - 1) * 2 * np.pi) ** 2, 0)
    for joint, share in ((ANKLE, 1.0), (ANKLE - 2, 0.5)):
        truth[:, joint] += way[:, None] * np.array([180.0, -120.0]) * share
    return truth, frames


@pytest.mark.parametrize("fps", sample(RATES, (8, 30)))
def test_a_kick_survives(fps):
    """Of a person 300 tall: within 1 % of the height, and with noise nearer than before."""
    truth, frames = kick(fps)
    out = keypoints_of(smooth(with_keypoints(frames, truth), SmoothOptions(fps=fps)))
    assert np.linalg.norm(out - truth, axis=-1).max() < 3
    noisy = truth + np.random.default_rng(1).normal(size=truth.shape) * 2
    out = keypoints_of(smooth(with_keypoints(frames, noisy), SmoothOptions(fps=fps)))
    off = [np.linalg.norm(each - truth, axis=-1)[:, ANKLE].mean() for each in (out, noisy)]
    assert off[0] < off[1]


@pytest.mark.parametrize("fps", sample(RATES, (16, 30)))
def test_a_still_hand_is_steadied(fps):
    truth, frames = clip(np.full(3 * fps, 640))
    noisy = truth + np.random.default_rng(2).normal(size=truth.shape) * 2
    out = keypoints_of(smooth(with_keypoints(frames, noisy), SmoothOptions(fps=fps)))
    off = [np.linalg.norm(each - truth, axis=-1)[:, WRIST].mean() for each in (out, noisy)]
    assert off[0] < 0.85 * off[1]


@pytest.mark.parametrize(
    ("lasting", "side"), each_once((1, 2), (LEFT_ARM, LEFT_ARM[1:], LEFT_ARM[2:]))
)
def test_swapped_arms_are_put_back(side, lasting):
    """Whole arms, forearms or hands alone, with their scores."""
    truth, frames = clip(np.arange(300, 700, 10), noise=0.0)
    mixed = truth.copy()
    for left in side:
        mixed[20 : 20 + lasting, [left, left + 1]] = truth[20 : 20 + lasting, [left + 1, left]]
    options = SmoothOptions("none", fps=16)
    assert keypoints_of(smooth(with_keypoints(frames, mixed), options)) == pytest.approx(truth)
    assert not np.allclose(mixed, truth)
    scores = np.full((40, 17), 0.9)
    scores[:, side], scores[20, side] = 0.8, 0.9
    scores[20, np.add(side, 1)] = 0.8
    mixed = [
        replace(f, poses=[replace(f.poses[0], scores=s)])
        for f, s in zip(with_keypoints(frames, mixed), scores, strict=True)
    ]
    assert smooth(mixed, options)[20].poses[0].scores[side].tolist() == [0.8] * len(side)


def test_hands_and_feet_are_swapped_with_wrists_and_ankles():
    for keypoint_set in KEYPOINT_SETS.values():
        keypoints = np.zeros((20, len(keypoint_set), 2))
        flip = keypoint_set.flip_indices
        keypoints[..., 0] = np.where(flip > np.arange(len(flip)), 100, -100) * (
            flip != np.arange(len(flip))
        )
        keypoints[9] = keypoints[9, flip]
        swaps = find_swaps(keypoints, np.ones(keypoints.shape[:2], bool), keypoint_set, 200, 30)
        moved = keypoint_set.part_indices("body", "left_hand", "right_hand", "left_foot")
        assert swaps[9, moved].tolist() == (flip != np.arange(len(flip)))[moved].tolist()
        assert not np.delete(swaps, 9, axis=0).any()


@pytest.mark.parametrize(("fps", "seconds"), each_once(RATES, (0.3, 0.5, 1)))
def test_a_turn_of_the_whole_body_is_no_swap(fps, seconds):
    """Half a turn, after which left is where right was."""
    times = np.arange(3 * fps) / fps
    truth, frames = clip(np.full(len(times), 640))
    angle = np.pi * np.clip((times - 1) / seconds, 0, 1)
    truth[..., 0] = 640 + (truth[..., 0] - 640) * np.cos(angle)[:, None]
    turning = with_keypoints(frames, truth)
    assert keypoints_of(smooth(turning, SmoothOptions("none", fps=fps))) == pytest.approx(truth)


@pytest.mark.parametrize("fps", sample([16, 30, 60], [30]))
def test_a_spike_goes(fps):
    truth, frames = kick(fps)
    spiked = truth.copy()
    spiked[fps // 2, WRIST] += (60, 60)
    out = keypoints_of(smooth(with_keypoints(frames, spiked), SmoothOptions(fps=fps)))
    assert np.linalg.norm(out - truth, axis=-1).max() < 4


def test_a_spike_is_found_among_calm_keypoints_as_alone():
    random = np.random.default_rng(3)
    keypoints = random.normal(size=(40, 9, 2))
    keypoints[(12, 12, 25, 26), (2, 7, 7, 7)] += 60
    found, anchors = random.random((40, 9)) < 0.95, np.zeros((40, 9, 2))

    def spikes_of(joints):
        of = keypoints[:, joints], found[:, joints], anchors[:, joints], ~found[:, joints]
        return find_spikes(*of, np.full(len(joints), 2.0), 5, 16)

    together = spikes_of(np.arange(9))
    assert together.sum() >= 3
    assert np.array_equal(together, np.hstack([spikes_of(np.array([j])) for j in range(9)]))


def test_nothing_is_found_in_hardly_any_frames():
    for count in range(6):
        keypoints = np.random.default_rng(count).normal(size=(count, 17, 2)) * 100
        found = np.ones((count, 17), bool)
        anchors = anchor_indices(COCO_17)
        spikes = find_spikes(
            keypoints, found, keypoints[:, anchors], found[:, anchors], np.ones(17), 5, 30
        )
        assert not spikes.any()
        assert find_swaps(keypoints, found, COCO_17, 1e4, 30).shape == (count, 17)
        assert np.isnan(measure_noise(keypoints, found)).all()
        assert limit_noise(keypoints, found, COCO_17) == np.inf
        fitted = adaptive_fit(keypoints, np.ones((count, 17)), np.zeros(17), 30)
        assert fitted == pytest.approx(keypoints)


def test_noise_is_measured_where_the_body_dances():
    """By the difference of two joints, which dance together."""
    random = np.random.default_rng(0)
    dance = np.sin(np.arange(60) * 1.5)[:, None, None] * [200.0, 100.0]
    keypoints = random.normal(size=(60, 17, 2)) * 2 + dance
    found = np.ones((60, 17), bool)
    assert measure_noise(keypoints, found).min() > 20
    assert 2 < limit_noise(keypoints, found, COCO_17) < 5


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda each: each.name)
def test_what_keypoints_are_compared_with(keypoint_set):
    """A hand with what its wrist is compared with; shoulder and hip with each other; no face."""
    anchors = anchor_indices(keypoint_set)
    known = dict(zip(keypoint_set.names, anchors.tolist(), strict=True))
    for side in ("left", "right"):
        joints = {
            f"{side}_{joint}": f"{side}_{anchor}"
            for joint, anchor in {
                **{"elbow": "shoulder", "wrist": "elbow", "knee": "hip", "ankle": "knee"},
                **{"shoulder": "hip", "hip": "shoulder", "acromion": "hip"},
                **{"olecranon": "shoulder", "cubital_fossa": "shoulder"},
            }.items()
        }
        for part, anchor in (("hand", "elbow"), ("foot", "knee")):
            indices = keypoint_set.part_indices(f"{side}_{part}")
            joints |= {keypoint_set.names[index]: f"{side}_{anchor}" for index in indices}
        for joint in joints.keys() & known.keys():
            assert known.pop(joint) == keypoint_set.index(joints[joint]), joint
    assert set(known.values()) <= {-1}
