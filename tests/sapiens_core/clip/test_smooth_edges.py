"""What clips are like at their edges: hardly anybody seen, frames of all sizes, long ones."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip import smooth as module
from comfyui_sapiens_pose.sapiens_core.clip import smooth_path
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.skeletons.foundation.limits import MAX_NUMBER
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose as random_pose
from helpers.samples import each_once, every_nth, sample
from helpers.scene_measures import keypoints_of, measure_jitter, measure_lag
from helpers.scenes import CANVAS, clip

METHODS = ("one-euro", "savitzky-golay", "gaussian", "none")
PLAIN = SmoothOptions(method="none", spike_threshold=0, max_gap=0)
NOSE = COCO_17.index("nose")
HEAD = [COCO_17.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("eye", "ear")]
PICTURE_BOX = (0, 0, *CANVAS)
LOOSE_BOX = (0, 0, 1000, 720)
ZERO_BOX = (0, 0, 0, 0)


def changed(frame, **values):
    """The frame with its only person changed."""
    return replace(frame, poses=[replace(frame.poses[0], **values)])


def showing(frames, times, rows, box=None):
    """The frames with only these joints seen at these times, in a box of another size."""
    scores = np.full(17, 0.1)
    scores[rows] = 0.9
    frames = list(frames)
    for time in times:
        frames[time] = changed(frames[time], scores=scores)
    return [f if box is None else changed(f, box_xyxy=np.array(box)) for f in frames]


@pytest.mark.parametrize(
    ("times", "rows", "box"),
    [
        ((), [], None),
        (range(10, 120, 20), [NOSE], None),
        (range(0, 120, 20), [NOSE], None),
        (range(10, 120), [NOSE], None),
        (range(120), [NOSE], None),
        (range(120), [NOSE, *HEAD], None),
        ((), [], PICTURE_BOX),
        ((), [], ZERO_BOX),
        (range(10, 120, 20), [NOSE], PICTURE_BOX),
        (range(10, 120, 20), [NOSE], ZERO_BOX),
        (range(10, 120, 20), [], ZERO_BOX),
    ],
)
def test_a_still_nose_jitters_five_times_less_whatever_else_is_seen(times, rows, box):
    _, frames = clip(np.full(120, 640), noise=0.01)
    frames = showing(frames, times, rows, box)
    steady = smooth(frames, SmoothOptions("one-euro"))
    before, after = (measure_jitter(keypoints_of(each)[:, [NOSE]]) for each in (frames, steady))
    assert after * 5 < before


@pytest.mark.parametrize(
    ("every", "rows", "box"),
    every_nth(
        3,
        [
            (1, range(17), PICTURE_BOX),
            (1, range(17), (-2000, -2000, 3000, 3000)),
            (1, range(17), ZERO_BOX),
            (20, [NOSE], None),
            (20, [NOSE], PICTURE_BOX),
            (20, [NOSE], LOOSE_BOX),
            (1, [NOSE, *HEAD], None),
            (1, [NOSE], PICTURE_BOX),
        ],
    ),
)
def test_a_fast_nose_lags_at_most_a_frame_whatever_else_is_seen(every, rows, box):
    """Boxes that say nothing of how large somebody is make nobody slower."""
    path = np.concatenate([np.full(40, 300), 300 + np.arange(0, 400, 8), np.full(40, 700)])
    truth, frames = clip(path, noise=0.01, pace=0.4)
    frames = showing(frames, range(0, len(frames), every), rows, box)
    found = keypoints_of(smooth(frames, SmoothOptions("one-euro")))
    assert abs(measure_lag(truth[:, [NOSE]], found[:, [NOSE]])) <= 1


def test_a_person_who_grows_small_is_followed_as_well():
    """To a fifth in 150 frames, who then goes as fast for their size as the others."""
    truth, frames = clip(np.r_[np.zeros(150), 8 * np.arange(40), np.full(20, 320)])
    truth = (truth - (0, 400)) * np.r_[np.geomspace(1, 0.2, 150), np.full(60, 0.2)][:, None, None]
    frames = [changed(f, keypoints_image=p) for f, p in zip(frames, truth, strict=True)]
    found = keypoints_of(smooth(frames, SmoothOptions("one-euro")))
    assert abs(measure_lag(truth[140:], found[140:])) <= 1


@pytest.mark.parametrize(("lasting", "max_gap"), each_once((1, 2, 3), (0, 1, 5)))
def test_spikes_are_mended_whatever_the_gaps_may_be(lasting, max_gap):
    _, frames = clip(np.full(20, 640))
    spiked = list(frames)
    for time in range(7, 7 + lasting):
        points = frames[time].poses[0].keypoints_image + np.eye(17)[:, [3]] * (120, -60)
        spiked[time] = changed(frames[time], keypoints_image=points)
    mended = smooth(spiked, replace(PLAIN, spike_threshold=5, max_gap=max_gap))
    assert keypoints_of(mended) == pytest.approx(keypoints_of(frames))
    assert [f.poses[0].scores.tolist() for f in mended] == [[0.9] * 17] * 20
    assert smooth(spiked, replace(PLAIN, max_gap=max_gap)) == spiked


@pytest.mark.parametrize(("max_gap", "filled"), [(0, False), (2, False), (3, True)])
def test_a_spike_is_no_missing_point(max_gap, filled):
    """It is mended beside a gap of three frames, makes it no longer, and fills it for nobody."""
    _, frames = clip(np.full(24, 640))
    scores = np.full((24, 17), 0.9)
    scores[4:7, 3] = 0
    frames = [changed(f, scores=s) for f, s in zip(frames, scores, strict=True)]
    spike = frames[7].poses[0].keypoints_image + np.eye(17)[:, [3]] * 120
    spiked = [*frames[:7], changed(frames[7], keypoints_image=spike), *frames[8:]]
    mended = smooth(spiked, replace(PLAIN, spike_threshold=5, max_gap=max_gap))
    assert keypoints_of(mended) == pytest.approx(keypoints_of(frames))
    assert [frame.poses[0].scores[3] > 0 for frame in mended] == [
        filled or not 4 <= time < 7 for time in range(24)
    ]


@pytest.mark.parametrize("last", [5, 6, 7])
def test_a_spike_amid_missing_points_is_mended(last):
    _, frames = clip(np.full(24, 640))
    scores = np.full((24, 17), 0.9)
    scores[[3, *range(5, last + 1)], 3] = 0
    spiked = [changed(f, scores=s) for f, s in zip(frames, scores, strict=True)]
    spike = frames[4].poses[0].keypoints_image + np.eye(17)[:, [3]] * 120
    spiked[4] = changed(spiked[4], keypoints_image=spike)
    out = smooth(spiked, replace(PLAIN, spike_threshold=5))
    assert out == [*spiked[:4], changed(frames[4], scores=scores[4]), *spiked[5:]]


SMALL = (640, 180)


@pytest.mark.parametrize("method", METHODS)
def test_frames_of_different_sizes_are_smoothed_as_if_of_one(method):
    """Every other frame has half the width and a quarter of the height."""
    _, frames = clip(np.full(30, 640), noise=0.01)
    frames[11] = replace(frames[11], poses=())
    mixed = [halved(frame) if time % 2 else frame for time, frame in enumerate(frames)]
    options = SmoothOptions(method, max_person_gap=1)
    expected = [halved(f) if t % 2 else f for t, f in enumerate(smooth(frames, options))]
    for frame, other in zip(smooth(mixed, options), expected, strict=True):
        pose, wanted = frame.poses[0], other.poses[0]
        assert pose.canvas_wh == frame.canvas_wh == other.canvas_wh
        assert pose.keypoints_image == pytest.approx(wanted.keypoints_image)
        assert pose.box_xyxy == pytest.approx(wanted.box_xyxy)
        assert np.array_equal(pose.scores, wanted.scores)


def halved(frame):
    scale = np.array(SMALL) / CANVAS
    poses = [
        replace(
            pose,
            keypoints_image=pose.keypoints_image * scale,
            box_xyxy=pose.box_xyxy * np.tile(scale, 2),
            canvas_wh=SMALL,
        )
        for pose in frame.poses
    ]
    return Frame(SMALL, poses)


def test_nobody_is_added_of_whom_no_joint_is_known():
    _, frames = clip(np.full(3, 640))
    upper, lower = (changed(frames[0], scores=np.arange(17) // 9 == half) for half in (0, 1))
    with_gap = [upper, Frame(CANVAS), lower]
    assert smooth(with_gap, replace(PLAIN, max_gap=9, max_person_gap=9)) == with_gap


def test_people_keep_their_order_when_somebody_is_added():
    """As if sorted by something else than ids before."""
    _, frames = clip(np.full(3, 640))
    three = [replace(frames[0].poses[0], person_id=each) for each in (7, 2, 4)]
    clip_frames = [Frame(CANVAS, three), Frame(CANVAS, [three[0], three[1]]), Frame(CANVAS, three)]
    filled = smooth(clip_frames, replace(PLAIN, max_person_gap=1))
    assert [pose.person_id for pose in filled[1].poses] == [4, 7, 2]


def test_an_empty_entry_takes_nobody_who_is_in_the_frame():
    _, frames = clip(np.full(9, 640), noise=0.01)
    empty = replace(frames[0].poses[0], scores=np.zeros(17))
    both = [replace(frame, poses=[empty, frame.poses[0]]) for frame in frames]
    assert smooth(both) == [
        replace(frame, poses=[empty, frame.poses[0]]) for frame in smooth(frames)
    ]


@pytest.mark.parametrize("strength", sample([0.01, 1], [1]))
@pytest.mark.parametrize(
    ("times", "method"),
    each_once([(0,), (3, 4), (0, 2), (0, 1, 5), range(8), (0, 90)], METHODS),
)
def test_whoever_is_seen_for_a_moment_stays_where_they_are_found(times, method, strength):
    """Shorter than any window: nobody comes or goes, scores stay, points stay among their own."""
    _, frames = clip(np.full(91, 640), noise=0.01)
    frames = [f if t in times else replace(f, poses=()) for t, f in enumerate(frames)]
    frames = [changed(f, scores=np.arange(17) / 17) if f.poses else f for f in frames]
    out = smooth(frames, SmoothOptions(method, strength))
    assert [len(frame.poses) for frame in out] == [len(frame.poses) for frame in frames]
    for before, after in zip(frames, out, strict=True):
        for old, new in zip(before.poses, after.poses, strict=True):
            assert np.array_equal(old.scores, new.scores)
            assert np.abs(old.keypoints_image - new.keypoints_image).max() < 20


@pytest.mark.parametrize("method", METHODS)
def test_who_was_away_for_long_begins_anew(method):
    _, frames = clip(np.r_[np.full(40, 300), np.full(40, 640)], noise=0.01)
    away = [f if not 10 <= t < 41 else replace(f, poses=()) for t, f in enumerate(frames)]
    options = SmoothOptions(method, strength=1)
    assert smooth(away, options) == smooth(away[:30], options) + smooth(away[30:], options)


@pytest.mark.parametrize("method", METHODS[:-1])
def test_who_was_away_for_a_moment_does_not(method):
    _, frames = clip(np.full(40, 640), noise=0.01)
    away = [f if not 18 <= t < 26 else replace(f, poses=()) for t, f in enumerate(frames)]
    options = SmoothOptions(method, strength=1)
    assert smooth(away, options)[26] != smooth(away[20:], options)[6]


def test_the_longest_absence_is_filled_in_when_asked_for():
    _, frames = clip(np.arange(300, 400))
    away = [frames[0], *[Frame(CANVAS)] * 98, frames[99]]
    assert keypoints_of(smooth(away, replace(PLAIN, max_person_gap=98))) == pytest.approx(
        keypoints_of(frames)
    )
    assert smooth(away, replace(PLAIN, max_person_gap=97)) == away


@pytest.mark.parametrize("method", METHODS)
def test_numbers_as_large_as_may_be(method):
    _, frames = clip(np.full(9, 640))
    signs = np.random.default_rng(0).choice((-1, 1), (9, 17, 2))
    frames = [
        changed(f, keypoints_image=s * MAX_NUMBER, scores=np.full(17, MAX_NUMBER))
        for f, s in zip(frames, signs, strict=True)
    ]
    for time in (2, 3):
        pose = replace(frames[time].poses[0], canvas_wh=(1, 1))
        frames[time] = Frame((1, 1), [pose])
    for frame in smooth(frames, SmoothOptions(method, spike_threshold=0)):
        assert np.abs(frame.poses[0].keypoints_image).max() <= MAX_NUMBER


@pytest.mark.parametrize("method", METHODS)
def test_as_many_joints_at_once_as_one_likes(method, monkeypatch):
    frames = [Frame((640, 480), [random_pose(COCO_17, seed, 3)]) for seed in range(30)]
    outs = []
    for count in (1, 7, 1000):
        monkeypatch.setattr(smooth_path, "JOINTS_AT_A_TIME", count)
        outs.append(smooth(frames, SmoothOptions(method)))
    assert outs[0] != frames
    for out in outs[1:]:  # sums of windows are rounded by how many joints there are
        np.testing.assert_allclose(keypoints_of(out), keypoints_of(outs[0]), atol=1e-9)
        assert [f.poses[0].scores.tolist() for f in out] == [
            f.poses[0].scores.tolist() for f in outs[0]
        ]


@pytest.mark.parametrize("method", sample(METHODS, ["savitzky-golay"]))
@pytest.mark.exhaustive
def test_a_long_clip_takes_little_more_memory_than_itself(method):
    """Of 308 points, of which 8 KB a frame are what comes out."""
    frames = [Frame((640, 480), [random_pose(GOLIATH_308, seed, 3)]) for seed in range(9)] * 20
    tracemalloc.start()
    smooth(frames, SmoothOptions(method))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000 * len(frames)


def test_a_person_of_two_frames_far_apart_takes_no_memory_between():
    _, frames = clip([640, 640])
    frames = [frames[0], *[Frame(CANVAS)] * 5_000, frames[1]]
    tracemalloc.start()
    smoothed = smooth(frames, SmoothOptions())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert smoothed == frames
    assert peak < 400 * len(frames)


def test_an_empty_slot_takes_the_person_it_was_kept_for():
    _, frames = clip(np.full(3, 640))
    two, one = (replace(frames[0].poses[0], person_id=number) for number in (2, 1))
    empty = replace(one, scores=np.zeros(17))
    slots = [Frame(CANVAS, [two, one]), Frame(CANVAS, [two, empty]), Frame(CANVAS, [two, one])]
    for max_person_gap, filled in ((0, empty), (1, one)):
        smoothed = smooth(slots, replace(PLAIN, max_person_gap=max_person_gap))
        assert [pose.person_id for pose in smoothed[1].poses] == [2, 1]
        assert (smoothed[1].poses[1].scores > 0).all() == (filled is one)
        np.testing.assert_allclose(
            smoothed[1].poses[1].keypoints_image, filled.keypoints_image, atol=1e-9
        )


def test_an_empty_entry_without_an_id_stays_where_it_is():
    _, frames = clip(np.full(3, 640))
    one = replace(frames[0].poses[0], person_id=1)
    empty = replace(one, scores=np.zeros(17), person_id=None)
    slots = [Frame(CANVAS, [empty, one]), Frame(CANVAS, [empty]), Frame(CANVAS, [empty, one])]
    smoothed = smooth(slots, replace(PLAIN, max_person_gap=1))
    assert [[pose.person_id for pose in frame.poses] for frame in smoothed] == [
        [1, None] if index == 1 else [None, 1] for index in range(3)
    ]


def seen(num_joints, box_xyxy=(0, 0, 600, 600)):
    """A person of whom the first joints of a diagonal of 160 x 160 pixels are seen."""
    scores = np.where(np.arange(17) < num_joints, 0.9, 0.1)
    points = np.repeat(np.linspace(100, 260, 17)[:, None], 2, axis=1)
    pose = clip(np.full(1, 640))[1][0].poses[0]
    return replace(pose, keypoints_image=points, scores=scores, box_xyxy=np.array(box_xyxy))


@pytest.mark.parametrize(
    ("path", "sizes"),
    [
        ([seen(17)], [160]),
        ([seen(17), seen(17)], [160, 160]),
        ([seen(17), seen(9)], [160, 0.98 * 160]),
        ([seen(17), seen(8)], [160, 160]),
        ([seen(17), seen(0)], [160, 160]),
        ([seen(9), seen(17)], [80, 160]),
        ([seen(8)], [600]),
        ([seen(8), seen(8)], [600, 600]),
        ([seen(8, PICTURE_BOX)], [70]),
        ([seen(0, PICTURE_BOX)], [1]),
        ([seen(8), seen(17)], [600, 160]),
        ([seen(8), seen(8, PICTURE_BOX)], [600, 0.98 * 600]),
        ([seen(1, ZERO_BOX)], [1]),
    ],
)
def test_a_person_is_as_large_as_what_is_seen_if_it_is_half_of_the_body(path, sizes):
    """9 of 17 joints are half; less says nothing once a size is known, and before it the box."""
    np.testing.assert_allclose(module._person_sizes(path, 0.3), sizes)
