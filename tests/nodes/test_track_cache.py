"""A clip tracked in batches: the same ids as in one go, however often a batch is repeated."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from comfyui_sapiens_pose.nodes.caches.track_cache import MAX_CLIPS, NEXT, TrackCache
from comfyui_sapiens_pose.sapiens_core.clip.images.small_image import SmallImage
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions, track
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers import scenes

OPTIONS = TrackOptions()


@pytest.fixture(scope="module")
def frames():
    return scenes.crowd(5, seed=11, length=48).frames


@pytest.fixture(scope="module")
def whole(frames):
    return track(frames)


def test_nobody():
    cache = TrackCache()
    assert cache.track("clip", 0, [], OPTIONS) == []
    assert cache.track("clip", NEXT, [Frame((4, 4))], OPTIONS) == [Frame((4, 4))]


@pytest.mark.parametrize("first_frames", [(0, 16, 32), (0, NEXT, NEXT), (NEXT, NEXT, NEXT)])
def test_batches_in_order(frames, whole, first_frames):
    cache = TrackCache()
    tracked = []
    for start, first in zip((0, 16, 32), first_frames, strict=True):
        tracked += cache.track("clip", first, frames[start : start + 16], OPTIONS)
    assert tracked == whole


@pytest.mark.parametrize(("first_frame", "then"), [(0, 32), (NEXT, NEXT)])
def test_a_batch_again_gives_the_same_and_forgets_nothing(frames, whole, first_frame, then):
    cache = TrackCache()
    cache.track("clip", 0, frames[:16], OPTIONS)
    cache.track("clip", 16, frames[16:32], OPTIONS)
    assert cache.track("clip", first_frame, frames[:16], OPTIONS) == whole[:16]
    assert cache.track("clip", then, frames[32:], OPTIONS) == whole[32:]


@pytest.mark.parametrize("first_frame", [0, NEXT])
def test_all_batches_again_give_the_same_also_those_with_nobody(frames, whole, first_frame):
    nobody = [Frame(frame.canvas_wh) for frame in frames[16:32]]
    expected = track([*frames[:16], *nobody, *frames[32:]])
    cache = TrackCache()
    versions = []
    for _ in range(2):
        tracked = cache.track("clip", first_frame, frames[:16], OPTIONS)
        tracked += cache.track("clip", NEXT, nobody, OPTIONS)
        tracked += cache.track("clip", NEXT, frames[32:], OPTIONS)
        assert tracked == expected
        versions.append([cache.version("clip", at) for at in (0, 16, 32, 48, 64)])
    assert versions[0] == versions[1]
    assert versions[0][-1] == "unknown"


def test_batches_of_empty_slots_are_batches_with_nobody(frames):
    """They are all alike, too, and follow the last one."""
    pose = frames[0].poses[0]
    slot = replace(pose, scores=np.zeros_like(pose.scores))
    nobody = [replace(frame, poses=(slot,)) for frame in frames[:2]]
    batches = [frames[:2], nobody, frames[4:6], nobody, frames[8:10]]
    cache = TrackCache()
    tracked = [cache.track("clip", NEXT, batch, OPTIONS) for batch in batches]
    assert [*chain(*tracked)] == track(chain(*batches))
    assert cache.version("clip", 10) != "unknown"


def test_empty_slots_do_not_make_another_clip(frames):
    pose = frames[0].poses[0]
    slot = replace(pose, scores=np.zeros_like(pose.scores))
    cache = TrackCache()
    cache.track("clip", 0, frames[:2], OPTIONS)
    version = cache.version("clip", 2)
    slots = [replace(frame, poses=(slot, *frame.poses)) for frame in frames[:2]]
    cache.track("clip", 0, slots, OPTIONS)
    assert cache.version("clip", 2) == version


def test_another_video_that_begins_like_the_last_begins_anew(frames):
    """Nobody is in view at the beginning of both."""
    nobody = [Frame(frame.canvas_wh) for frame in frames[:2]]
    cache = TrackCache()
    for first_frame, batch in ((0, nobody), (NEXT, frames[2:4]), (NEXT, frames[4:6])):
        cache.track("clip", first_frame, batch, OPTIONS)
    cache.track("clip", 0, nobody, OPTIONS)
    assert cache.version("clip", 6) != "unknown"
    other = frames[20:22]
    assert cache.track("clip", NEXT, other, OPTIONS) == track([*nobody, *other])[2:]
    assert cache.version("clip", 4) != "unknown"
    assert cache.version("clip", 6) == "unknown"


def test_what_is_not_decided_yet_changes_with_anything(frames):
    cache = TrackCache()
    undecided = [(None, None), (None, 16), ("clip", None)]
    nothing = [cache.version(*each) for each in undecided]
    cache.track("clip", 0, frames[:16], OPTIONS)
    first = [cache.version(*each) for each in undecided]
    assert not set(nothing) & set(first)
    cache.track("clip", 0, frames[:16], OPTIONS)
    assert [cache.version(*each) for each in undecided] == first


def test_another_beginning_makes_all_after_it_unknown(frames):
    cache = TrackCache()
    cache.track("clip", 0, frames[:16], OPTIONS)
    cache.track("clip", 16, frames[16:32], OPTIONS)
    versions = [cache.version("clip", at) for at in (0, 16, 32)]
    assert len(set(versions)) == 3
    cache.track("clip", 0, frames[1:17], OPTIONS)
    assert cache.version("clip", 0) == versions[0]
    assert cache.version("clip", 16) not in versions
    with pytest.raises(ValueError, match=r"ended at frame 32; batches ended at \[0, 16\]"):
        cache.track("clip", 32, frames[32:], OPTIONS)


def test_other_options_are_another_version(frames):
    cache = TrackCache()
    versions = set()
    for options in (OPTIONS, TrackOptions(max_gap=3)):
        cache.track("clip", 0, frames[:16], options)
        versions.add(cache.version("clip", 16))
    assert len(versions) == 2


def test_a_cut_is_found_where_a_batch_begins_and_changes_the_version(frames):
    dark, light = (SmallImage.of(np.full((48, 48, 3), level, np.uint8)) for level in (40, 200))
    cache, cuts, everybody = TrackCache(), [], TrackOptions(min_frames=1)
    first = cache.track("clip", 0, frames[:4], everybody, None, [dark] * 4, cuts.append)
    version = cache.version("clip", 4)
    second = cache.track("clip", 4, frames[4:8], everybody, None, [light] * 4, cuts.append)
    assert cuts == [4]
    numbers = [
        {pose.person_id for frame in part for pose in frame.poses} for part in (first, second)
    ]
    assert all(numbers)
    assert not numbers[0] & numbers[1]
    cache.track("clip", 0, frames[:4], everybody, None, [light] * 4, cuts.append)
    assert cache.version("clip", 4) != version


def test_clips_do_not_mix_and_no_name_is_no_memory(frames, whole):
    cache = TrackCache()
    cache.track("one", 0, frames[:16], OPTIONS)
    assert cache.track("two", NEXT, frames[:16], OPTIONS) == whole[:16]
    for _ in range(2):
        assert cache.track("", NEXT, frames[:16], OPTIONS) == whole[:16]
    with pytest.raises(ValueError, match="frame 16"):
        cache.track("", 16, frames[16:], OPTIONS)


def test_the_oldest_clips_are_forgotten(frames):
    cache = TrackCache()
    for number in range(MAX_CLIPS + 1):
        cache.track(f"{number}", 0, frames[:1], OPTIONS)
    assert cache.version("0", 1) == "unknown"
    assert cache.version("1", 1) != "unknown"


def test_a_clip_in_use_is_not_the_oldest(frames):
    cache = TrackCache()
    for number in range(MAX_CLIPS):
        cache.track(str(number), 0, frames[:1], OPTIONS)
    cache.track("0", 1, frames[1:2], OPTIONS)
    cache.track("new", 0, frames[:1], OPTIONS)
    assert cache.version("0", 2) != "unknown"
    assert cache.version("1", 1) == "unknown"


def test_progress_is_told(frames):
    told = []
    TrackCache().track("", 0, frames[:3], OPTIONS, lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]
