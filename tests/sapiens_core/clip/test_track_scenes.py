"""Ids in scenes: people who cross, who are seen in part, and crowds."""

import itertools
from dataclasses import replace
from functools import cache

import pytest
from comfyui_sapiens_pose.sapiens_core.clip.tracker import Tracker, track
from comfyui_sapiens_pose.skeletons.pose import visible_box
from helpers import scenes
from helpers.poses import mirrored
from helpers.samples import each_once, sample
from helpers.scene_measures import count_switches, identity_f1, track_by_boxes

SPEEDS = [(4, -4), (8, -8), (3, -10), (9, 3), (12, 4), (16, -16), (6, 0)]


def ids(frames) -> list[list[int]]:
    return [[pose.person_id for pose in frame.poses] for frame in frames]


@pytest.mark.parametrize("speeds", sample(SPEEDS, [(4, -4)]), ids=str)
def test_no_switch_at_a_crossing(speeds):
    """The easy set: up to five frames missed of either or both, while they cross."""
    cases = [(0, "first", 0), *itertools.product((1, 5), ("first", "second", "both"), [1])]
    for missed, who, seed in cases:
        scene = scenes.crossing(speeds, missed, who, seed)
        assert count_switches(scene, track(scene.frames)) == 0, (missed, who, seed)


HEAD = ["nose", "left_eye", "right_eye", "left_ear", "right_ear"]
ONE_ARM = ["left_shoulder", "left_elbow", "left_wrist"]


@pytest.mark.parametrize("num_frames", sample([1, 3, 10], [10]))
@pytest.mark.parametrize("speed", sample([0, 3], [3]))
@pytest.mark.parametrize(
    ("names", "box_of"),
    each_once(
        [HEAD, ["nose"], HEAD[1:3], ["left_ankle", "right_ankle"], ONE_ARM],
        [lambda pose: pose.box_xyxy, visible_box, lambda _: [0] * 4],
    ),
)
def test_somebody_of_whom_little_is_seen_stays_who_they_are(names, speed, num_frames, box_of):
    scene = scenes.partly_seen_walk(names, num_frames, speed)
    tracked = track(scenes.with_boxes(scene, box_of).frames)
    assert ids(tracked) == [[0]] * len(scene.frames)
    assert [replace(frame.poses[0], person_id=None) for frame in tracked] == [
        frame.poses[0] for frame in scenes.with_boxes(scene, box_of).frames
    ]


@pytest.fixture(scope="module")
def covered_crossings():
    """Scenes in which people cross, and the one behind is seen in part."""
    return [scenes.covered_crossing(speeds, seed=2) for speeds in SPEEDS]


@pytest.mark.parametrize("box_of", sample([lambda pose: pose.box_xyxy, visible_box], [visible_box]))
@pytest.mark.exhaustive
def test_somebody_behind_another_is_known_again_by_what_is_seen(covered_crossings, box_of):
    """Boxes of whole bodies, then of what is seen: no worse than by the boxes alone."""
    found = [scenes.with_boxes(scene, box_of) for scene in covered_crossings]
    ours = sum(count_switches(scene, track(scene.frames)) > 0 for scene in found)
    plain = sum(count_switches(scene, track_by_boxes(scene.frames)) > 0 for scene in found)
    assert ours <= plain
    assert ours <= len(found) / 7


@pytest.fixture(scope="module")
def partly_seen_crowds():
    """Scenes of 6 and 8 people of 80 frames, see ``scenes.partly_seen_crowd``."""
    return [scenes.partly_seen_crowd(*crowd, length=80) for crowd in ((6, 2), (8, 3))]


@pytest.mark.exhaustive
@pytest.mark.parametrize("box_of", [lambda pose: pose.box_xyxy, visible_box])
def test_identity_in_crowds_of_which_parts_are_seen(partly_seen_crowds, box_of):
    found = [scenes.with_boxes(scene, box_of) for scene in partly_seen_crowds]
    ours = identity_f1([(scene, track(scene.frames)) for scene in found])
    assert ours >= identity_f1([(scene, track_by_boxes(scene.frames)) for scene in found])
    assert ours >= 0.95


CROWDS = ((2, 0), (4, 1), (6, 2), (8, 3))
"""The hard set: number of people and seed, see ``scenes.crowd``."""


@cache
def tracked_crowd(num_people, seed):
    """A scene of 100 frames, and its people by our tracker."""
    scene = scenes.crowd(num_people, seed, length=100)
    return scene, track(scene.frames)


@pytest.mark.exhaustive
def test_identity_in_crowds():
    crowds = [tracked_crowd(*crowd) for crowd in CROWDS]
    plain = [(scene, track_by_boxes(scene.frames)) for scene, _ in crowds]
    assert identity_f1(crowds) >= 0.97
    assert identity_f1(plain) < 0.8


@pytest.mark.parametrize("crowd", sample(CROWDS, CROWDS[1:2]))
def test_zero_ghosts_in_crowds(crowd):
    scene, tracked = tracked_crowd(*crowd)
    for frame, out in zip(scene.frames, tracked, strict=True):
        assert len({pose.person_id for pose in out.poses}) == len(out.poses)
        for pose in out.poses:
            assert replace(pose, person_id=None) in frame.poses


def test_the_mirrored_clip_gives_the_mirrored_people():
    scene, tracked = tracked_crowd(*CROWDS[1])
    flipped = [replace(f, poses=[mirrored(pose) for pose in f.poses]) for f in scene.frames]
    for out, other in zip(tracked, track(flipped), strict=True):
        assert ids([out]) == ids([other])
        for pose, image in zip(out.poses, other.poses, strict=True):
            assert mirrored(pose) == image


@pytest.mark.parametrize("batch", sample([1, 7, 64], [7]))
def test_a_clip_in_batches_is_the_clip_as_a_whole(batch):
    frames, whole = tracked_crowd(*CROWDS[1])[0].frames[:70], Tracker()
    state, in_batches = Tracker().state, []
    for start in range(0, len(frames), batch):
        tracker = Tracker(state=state)
        in_batches += [tracker.update(frame) for frame in frames[start : start + batch]]
        state = tracker.state
    assert in_batches == [whole.update(frame) for frame in frames]
