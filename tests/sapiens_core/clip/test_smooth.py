"""Steadier poses: less jitter, no lag, nobody invented."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.filters import fill_gaps, local_fit
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import in_slots, track
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import MAX_ID, Frame
from helpers.poses import make_pose as random_pose
from helpers.poses import mirrored
from helpers.samples import each_once
from helpers.scene_measures import keypoints_of, measure_jitter, measure_lag
from helpers.scenes import CANVAS, clip, crowd

FILTERS = ("one-euro", "savitzky-golay", "gaussian")
PLAIN = SmoothOptions(method="none", spike_threshold=0, max_gap=0)


def with_scores(frames, joint, values):
    """The frames with the scores of one joint exchanged, one a frame."""
    changed = []
    for frame, value in zip(frames, values, strict=True):
        scores = frame.poses[0].scores.copy()
        scores[joint] = value
        changed.append(replace(frame, poses=[replace(frame.poses[0], scores=scores)]))
    return changed


def moved(frame, joint, by):
    points = frame.poses[0].keypoints_image.copy()
    points[joint] += by
    return replace(frame, poses=[replace(frame.poses[0], keypoints_image=points)])


def test_nobody():
    assert smooth([]) == []
    empty = [Frame(CANVAS)] * 3
    assert smooth(empty) == empty


@pytest.mark.parametrize("method", FILTERS)
def test_one_frame_is_left_alone(method):
    _, frames = clip([300], noise=0.02)
    assert keypoints_of(smooth(frames, SmoothOptions(method))) == pytest.approx(
        keypoints_of(frames)
    )


@pytest.mark.parametrize(("method", "noise"), each_once(FILTERS, (0.005, 0.01, 0.02)))
def test_a_still_person_jitters_five_times_less(method, noise):
    """Half as much by One-Euro, to which large noise looks like movement."""
    _, frames = clip(np.full(120, 640), noise)
    factor = 2.5 if (method, noise) == ("one-euro", 0.02) else 5
    smoothed = keypoints_of(smooth(frames, SmoothOptions(method)))
    assert measure_jitter(smoothed) * factor < measure_jitter(keypoints_of(frames))


@pytest.mark.parametrize(("method", "speed"), each_once(FILTERS, (8, 15, 30, 60)))
def test_a_fast_move_lags_at_most_a_frame(method, speed):
    """8 to 60 pixels a frame by somebody 300 tall, from rest and to rest."""
    path = np.concatenate([np.full(40, 300), 300 + np.arange(0, 400, speed), np.full(40, 700)])
    truth, frames = clip(path, noise=0.01)
    assert abs(measure_lag(truth, keypoints_of(smooth(frames, SmoothOptions(method))))) <= 1


@pytest.mark.parametrize("method", ["savitzky-golay", "gaussian"])
def test_walking_comes_nearer_to_the_truth(method):
    """One-Euro does not: what it lags is as much as what it steadies."""
    truth, frames = clip(np.arange(200, 1000, 5), noise=0.02, pace=0.25)
    before = np.abs(keypoints_of(frames) - truth).mean()
    assert np.abs(keypoints_of(smooth(frames, SmoothOptions(method))) - truth).mean() < 0.8 * before


@pytest.mark.parametrize("method", FILTERS)
def test_strength_0_and_none_leave_everything(method):
    _, frames = clip(np.full(30, 640), noise=0.01)
    nothing = replace(PLAIN, method=method, strength=0)
    assert smooth(frames, nothing) == frames
    assert smooth(frames, PLAIN) == frames


@pytest.mark.parametrize("method", FILTERS)
def test_more_strength_is_steadier(method):
    _, frames = clip(np.full(120, 640), noise=0.01)
    strengths = (0.1, 0.3, 0.6, 1)
    left = [
        measure_jitter(keypoints_of(smooth(frames, SmoothOptions(method, each))))
        for each in strengths
    ]
    assert left == sorted(left, reverse=True)


def test_one_euro_looks_back_only():
    _, frames = clip(np.arange(300, 700, 10), noise=0.02)
    options = replace(PLAIN, method="one-euro")
    assert smooth(frames[:25], options) == smooth(frames, options)[:25]


@pytest.mark.parametrize("method", FILTERS)
def test_unsure_points_count_less(method):
    _, frames = clip(np.full(40, 640), noise=0.01)
    nose = COCO_17.index("nose")
    options = replace(PLAIN, method=method)
    still = keypoints_of(smooth(frames, options))[20, nose, 0]
    frames[20] = moved(frames[20], nose, (30, 0))
    scores = np.full(40, 0.9)
    sure = keypoints_of(smooth(frames, options))[20, nose, 0] - still
    scores[20] = 0.1
    unsure = keypoints_of(smooth(with_scores(frames, nose, scores), options))[20, nose, 0] - still
    assert 0 < unsure < 0.6 * sure


def test_a_joint_is_filled_in_on_the_line_between():
    _, frames = clip(np.arange(300, 400, 5))
    wrist, scores = COCO_17.index("left_wrist"), np.full(20, 0.9)
    scores[5], scores[8:11] = 0.1, 0.0
    scores[11] = 0.5
    gaps = with_scores(frames, wrist, scores)
    gaps = [moved(f, wrist, (77, 0)) if scores[t] < 0.3 else f for t, f in enumerate(gaps)]
    filled = smooth(gaps, replace(PLAIN, max_gap=3))
    assert keypoints_of(filled) == pytest.approx(keypoints_of(frames))
    found = [frame.poses[0].scores[wrist] for frame in filled]
    assert found[4:13] == [0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.9]
    short = smooth(gaps, replace(PLAIN, max_gap=2))
    assert [frame.poses[0].scores[wrist] for frame in short][8:11] == [0, 0, 0]


def test_nothing_is_filled_in_at_the_ends():
    _, frames = clip(np.full(10, 300))
    scores = np.full(10, 0.9)
    scores[:2] = scores[-2:] = 0
    gaps = with_scores(frames, 0, scores)
    assert smooth(gaps, replace(PLAIN, max_gap=9)) == gaps


def test_a_spike_is_put_between_its_neighbours():
    _, frames = clip(np.arange(300, 500, 10))
    spiked = list(frames)
    spiked[7] = moved(frames[7], 3, (120, -60))
    mended = smooth(spiked, replace(PLAIN, spike_threshold=5, max_gap=1))
    assert keypoints_of(mended) == pytest.approx(keypoints_of(frames))
    assert mended[7].poses[0].scores.tolist() == frames[7].poses[0].scores.tolist()


@pytest.mark.parametrize(
    "path", [np.arange(0, 1200, 60), [300] * 8 + [900] * 8, 400 + 200 * np.sin(np.arange(40) / 2)]
)
def test_real_moves_are_no_spikes(path):
    _, frames = clip(path)
    assert smooth(frames, replace(PLAIN, spike_threshold=5, max_gap=5)) == frames


def test_nobody_is_invented():
    """Not between two frames of the same person, nor beyond the first and last."""
    scene = crowd(4, seed=5, length=40)
    tracked = track(scene.frames)
    for method in FILTERS:
        for before, after in zip(tracked, smooth(tracked, SmoothOptions(method)), strict=True):
            ids = [[pose.person_id for pose in frame.poses] for frame in (before, after)]
            assert ids[0] == ids[1]


def test_a_missing_person_is_filled_in_when_asked_for():
    _, frames = clip(np.arange(300, 400, 5))
    missing = [f if t not in (4, 9, 10, 11) else replace(f, poses=()) for t, f in enumerate(frames)]
    options = replace(PLAIN, max_person_gap=2)
    filled = smooth(missing[:-1], options)
    assert [len(frame.poses) for frame in filled] == [1] * 9 + [0] * 3 + [1] * 7
    assert filled[4].poses[0].keypoints_image == pytest.approx(keypoints_of(frames)[4])
    assert filled[4].poses[0].box_xyxy == pytest.approx(frames[4].poses[0].box_xyxy)
    everything = smooth(missing, replace(PLAIN, max_person_gap=3))
    assert keypoints_of(everything) == pytest.approx(keypoints_of(frames))


def test_added_people_come_in_the_order_of_ids():
    _, first = clip(np.full(3, 300))
    _, second = clip(np.full(3, 900))
    both = [
        Frame(CANVAS, [one.poses[0], replace(two.poses[0], person_id=1)])
        for one, two in zip(first, second, strict=True)
    ]
    both[1] = replace(both[1], poses=both[1].poses[1:])
    filled = smooth(both, replace(PLAIN, max_person_gap=1))
    assert [pose.person_id for pose in filled[1].poses] == [0, 1]
    slots = smooth([in_slots(frame) for frame in both], replace(PLAIN, max_person_gap=1))
    assert [pose.person_id for pose in slots[1].poses] == [0, 1]
    assert slots[1].poses[0].scores.min() == 0.9


def test_people_without_ids_are_tracked_first():
    _, frames = clip(np.full(20, 640), noise=0.01)
    bare = [replace(f, poses=[replace(f.poses[0], person_id=None)]) for f in frames]
    assert smooth(bare) == smooth(frames)


def test_known_ids_stay_when_others_have_none():
    """Also those of people in between, of people far apart, and of two who stand alike."""
    rows = [clip(np.full(4, x))[1] for x in (200, 500, 500, 900, 1100)]
    ids = [(7, None, None, 5, 3), (7, None, None, None, 3), (None,) * 5, (7, None, None, 5, 3)]
    frames = [
        Frame(CANVAS, [replace(p.poses[0], person_id=i) for p, i in zip(people, each, strict=True)])
        for people, each in zip(zip(*rows, strict=True), ids, strict=True)
    ]
    steady = smooth(frames, PLAIN)
    named = [[pose.person_id for pose in frame.poses] for frame in steady]
    assert named == [[7, 8, 9, 5, 3], [7, 8, 9, 10, 3], [11, 8, 9, 10, 12], [7, 8, 9, 5, 3]]
    points = [[pose.keypoints_image.tolist() for pose in f.poses] for f in frames]
    assert [[pose.keypoints_image.tolist() for pose in f.poses] for f in steady] == points


def test_above_the_highest_id_there_is_everybody_is_tracked():
    _, frames = clip(np.full(3, 640))
    frames[0] = replace(frames[0], poses=[replace(frames[0].poses[0], person_id=MAX_ID)])
    frames[1] = replace(frames[1], poses=[replace(frames[1].poses[0], person_id=None)])
    assert [frame.poses[0].person_id for frame in smooth(frames)] == [0, 0, 0]


def test_boxes_become_steadier_too():
    _, frames = clip(np.full(60, 640), noise=0.01)
    boxes = [np.array([f.poses[0].box_xyxy for f in each]) for each in (frames, smooth(frames))]
    before, after = (np.abs(np.diff(each, 2, axis=0)).mean() for each in boxes)
    assert after * 5 < before


@pytest.mark.parametrize(
    ("method", "keypoint_set"),
    each_once(FILTERS, (COCO_17, GOLIATH_308)),
    ids=lambda each: getattr(each, "name", each),
)
def test_the_mirrored_clip_gives_the_mirrored_people(method, keypoint_set):
    frames = [Frame((640, 480), [random_pose(keypoint_set, seed, 3)]) for seed in range(12)]
    flipped = [replace(frame, poses=[mirrored(frame.poses[0])]) for frame in frames]
    out, other = (smooth(each, SmoothOptions(method)) for each in (frames, flipped))
    for frame, image in zip(out, other, strict=True):
        pose, expected = image.poses[0], mirrored(frame.poses[0])
        assert pose.keypoints_image == pytest.approx(expected.keypoints_image, abs=1e-6)
        assert pose.scores == pytest.approx(expected.scores)


def test_two_people_of_one_id_are_refused():
    _, frames = clip([300])
    twice = [replace(frames[0], poses=frames[0].poses * 2)]
    with pytest.raises(ValueError, match="Frame 0 holds two people with the id 0"):
        smooth(twice)


@pytest.mark.parametrize("wrong", [{"method": "kalman"}, {"strength": 1.1}, {"max_gap": -1}])
def test_wrong_options(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SmoothOptions(**wrong)


def test_a_polynomial_is_reproduced_also_at_the_ends_and_across_holes():
    times = np.arange(30.0)
    points = np.stack([times**2, 5 - times], axis=1)[:, None]
    weights = np.ones((30, 1))
    weights[[4, 5, 17]] = 0
    assert local_fit(points, weights, np.ones(11), 2) == pytest.approx(points, abs=1e-3)


def test_savitzky_golay_as_in_the_textbook():
    points = np.zeros((11, 1, 2))
    points[5, 0] = 35.0
    smoothed = local_fit(points, np.ones((11, 1)), np.ones(5), 2)
    assert smoothed[3:8, 0, 0] == pytest.approx([-3, 12, 17, 12, -3])


def test_points_alone_have_nothing_to_compare_with():
    points, found = np.zeros((9, 1, 2)), np.zeros((9, 1), bool)
    found[4] = True
    _, _, filled = fill_gaps(points, np.ones((9, 1)), found, np.full(9, 9))
    assert np.array_equal(filled, found)
