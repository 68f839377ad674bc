"""Steadier poses: every joint of every person along time.

Spikes and short gaps first, then one of three filters, each point weighted by its score. People
are told apart by their ids. Nobody is in a frame who was not found there, unless that is asked
for, and then only between two frames in which the same id was found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from ...skeletons.choices import Method
from ...skeletons.foundation.checks import SCORE, check_options, one_of, whole, within
from ...skeletons.foundation.limits import MAX_COUNT, MAX_NUMBER
from ...skeletons.pose import (
    MAX_ID,
    Array,
    Frame,
    Pose,
    check_one_keypoint_set,
    is_visible,
    on_canvas,
    visible_box,
)
from .filters import SPIKE_REACH, fill_gaps, gaussian_kernel, local_fit, one_euro, spikes
from .tracker import Tracker, TrackOptions, track

if TYPE_CHECKING:
    from ..batches import OnBatch

SMALLEST_SPREAD = 0.01
"""In person sizes: neighbours of a spike count as spread out so far at least."""
SPEED_GAIN = 2.0
"""One-Euro: cycles a frame that the cutoff rises with each person size a frame."""
SPIKE_GAP = 2 * SPIKE_REACH - 1
"""Frames that spikes may last in a row, missing ones between them included, to be mended."""
WELL_SEEN = 0.5
"""Share of the joints of a body that shows how large a person is."""
SIZE_KEPT = 0.98
"""What is left after a frame of a size that is seen no more: half of it after 34 frames."""
WHOLE_PICTURE = 0.9
"""Share of the picture from which on a box says nothing about the size of a person."""
FORGOTTEN = 30
"""Frames: after a longer absence a person is smoothed anew. More than any filter reaches."""
JOINTS_AT_ONCE = 16
"""Filters take many times the memory of what they are given."""


@dataclass(frozen=True)
class SmoothOptions:
    """How poses are made steadier.

    Attributes:
        method: the filter.
        strength: 0 leaves every point where it is, 1 is the most.
        max_gap: a joint missing for so many frames or fewer is filled in, between two frames in
            which it was found; 0 fills none.
        max_person_gap: the same for a person missing as a whole; 0 never adds anybody.
        spike_threshold: a point is a spike if it is so many spreads away from where it is in the
            three frames before and after, and is then put between its neighbours, whatever
            ``max_gap`` is; 0 keeps spikes.
        score_threshold: a joint with a lower score counts as missing.

    Raises:
        ValueError: a value is out of range.
    """

    method: Method = "savitzky-golay"
    strength: float = 0.5
    max_gap: int = 5
    max_person_gap: int = 0
    spike_threshold: float = 5.0
    score_threshold: float = 0.3

    def __post_init__(self) -> None:
        check_options(
            self,
            method=one_of(get_args(Method)),
            strength=within(0, 1),
            max_gap=whole(0, MAX_COUNT),
            max_person_gap=whole(0, MAX_COUNT),
            spike_threshold=within(0, MAX_COUNT),
            score_threshold=SCORE,
        )


def smooth(
    frames: Sequence[Frame],
    options: SmoothOptions | None = None,
    on_person: OnBatch | None = None,
) -> list[Frame]:
    """All frames of one clip, with steadier people.

    People keep their order, ids, sets and boxes' scores; joints and boxes move, and joints that
    were missing for a short while are there. People without ids are tracked first, see ``track``;
    known ids stay. Between frames of different sizes points keep their shares of width and height.

    Args:
        frames: the clip.
        options: how much, and how.
        on_person: called after each person with the number done and in all. What it raises ends
            the run.

    Raises:
        ValueError: an id appears twice in a frame, or in different keypoint sets.
    """
    options = options or SmoothOptions()
    frames = _with_ids(frames)
    steady: list[dict[int, Pose]] = [{} for _ in frames]
    people = _by_person(frames)
    for done, (person_id, poses) in enumerate(people.items(), start=1):
        for visit in _visits(poses, options):
            for time, pose in _smooth_person(visit, frames, options).items():
                steady[time][person_id] = pose
        if on_person:
            on_person(done, len(people))
    return [_assembled(frame, people) for frame, people in zip(frames, steady, strict=True)]


def _with_ids(frames: Sequence[Frame]) -> Sequence[Frame]:
    """Everybody with an id. If only some have none, they get those after the highest known one."""
    ids = {pose.person_id for frame in frames for pose in frame.found_poses}
    if None not in ids:
        return frames
    first = max((-1, *(number for number in ids if number is not None))) + 1
    if len(ids) == 1 or first + sum(len(frame.poses) for frame in frames) > MAX_ID:
        return track(frames)
    tracker = Tracker(TrackOptions(duplicate_similarity=2))
    return [_named(frame, tracker, first) for frame in frames]


def _named(frame: Frame, tracker: Tracker, first: int) -> Frame:
    """The next frame with ids from ``first`` on for those who are found and have none."""
    poses = list(frame.poses)
    # Ids that come with a frame do not matter to a tracker, which returns the people in another
    # order: theirs are their places here.
    nameless = (
        replace(pose, person_id=place)
        for place, pose in enumerate(poses)
        if pose.person_id is None and pose.is_found
    )
    tracker.update(replace(frame, poses=tuple(nameless)))
    for track_of in tracker.state.tracks:
        place = track_of.pose.person_id
        if place is not None and not track_of.missed:
            poses[place] = replace(poses[place], person_id=first + track_of.person_id)
    return replace(frame, poses=tuple(poses))


def _by_person(frames: Sequence[Frame]) -> dict[int, dict[int, Pose]]:
    """Id to the person's poses by their frame."""
    people: dict[int, dict[int, Pose]] = {}
    for time, frame in enumerate(frames):
        for pose in frame.found_poses:
            poses = people.setdefault(int(pose.person_id or 0), {})
            if time in poses:
                raise ValueError(f"Frame {time} holds two people with the id {pose.person_id}.")
            poses[time] = pose
    for person_id, poses in people.items():
        check_one_keypoint_set(poses.values(), f"The poses of person {person_id}")
    return people


def _visits(poses: dict[int, Pose], options: SmoothOptions) -> Iterator[dict[int, Pose]]:
    """The poses by their frame, apart where the person is away for so long that nothing joins."""
    longest = max(FORGOTTEN, options.max_gap, options.max_person_gap)
    visit: dict[int, Pose] = {}
    for time, pose in poses.items():
        if visit and time - next(reversed(visit)) > longest + 1:
            yield visit
            visit = {}
        visit[time] = pose
    yield visit


def _smooth_person(
    poses: dict[int, Pose], frames: Sequence[Frame], options: SmoothOptions
) -> dict[int, Pose]:
    """One person's poses by their frame, and back."""
    first, last = min(poses), max(poses)
    present = np.array([time in poses for time in range(first, last + 1)])
    nearest = np.maximum.accumulate(np.where(present, np.arange(len(present)), 0))
    canvas_wh = poses[first].canvas_wh
    known = {time: on_canvas(pose, canvas_wh) for time, pose in poses.items()}
    line = [known[first + place] for place in nearest.tolist()]
    sizes = _sizes(line, options.score_threshold)
    points, scores = _paths(line)
    scores[~present] = 0.0
    spread = SMALLEST_SPREAD * float(np.median(sizes))
    for joints in _blocks(points.shape[1]):
        block = points[:, joints], scores[:, joints]
        points[:, joints], scores[:, joints] = _mended(*block, present, spread, options)
    if options.strength > 0:
        _filter(points, scores, sizes, options)
    # A box alone is nobody.
    present |= (scores[:, :-2] > 0).any(axis=1)
    np.clip(points, -MAX_NUMBER, MAX_NUMBER, out=points)
    steady = {}
    for place in np.flatnonzero(present).tolist():
        pose = replace(
            line[place],
            keypoints_image=points[place, :-2],
            scores=scores[place, :-2],
            box_xyxy=points[place, -2:].ravel(),
        )
        steady[first + place] = on_canvas(pose, frames[first + place].canvas_wh)
    return steady


def _paths(line: Sequence[Pose]) -> tuple[Array, Array]:
    """Points (T, K + 2, 2) and scores (T, K + 2) of a person along time.

    The corners of the box go along as two more points, always as sure as can be.
    """
    shape = len(line), len(line[0].scores) + 2
    points, scores = np.empty((*shape, 2)), np.ones(shape)
    for place, pose in enumerate(line):
        points[place, :-2] = pose.keypoints_image
        points[place, -2:] = pose.box_xyxy.reshape(2, 2)
        scores[place, :-2] = pose.scores
    return points, scores


def _blocks(count: int) -> list[slice]:
    """Of ``JOINTS_AT_ONCE`` joints, all in all ``count``."""
    return [slice(start, start + JOINTS_AT_ONCE) for start in range(0, count, JOINTS_AT_ONCE)]


def _mended(
    points: Array,
    scores: Array,
    present: NDArray[np.bool_],
    spread: float,
    options: SmoothOptions,
) -> tuple[Array, Array]:
    """Points and scores without spikes and short gaps."""
    found = is_visible(scores, options.score_threshold)
    trusted = found
    if options.spike_threshold:
        steady = found & ~spikes(points, found, options.spike_threshold, spread)
        # A spike at the end of a path has nothing to be put between, and stays.
        moved, _, trusted = fill_gaps(points, scores, steady, np.full(len(points), SPIKE_GAP))
        trusted &= found
        points = np.where((trusted & ~steady)[..., None], moved, points)
    longest = np.where(present, options.max_gap, options.max_person_gap)
    moved, new_scores, now_found = fill_gaps(points, scores, trusted, longest)
    scores = np.where(now_found & ~found, new_scores, scores)
    return np.where(now_found[..., None], moved, points), scores


def _filter(points: Array, scores: Array, sizes: Array, options: SmoothOptions) -> None:
    """Moves the points, in place."""
    weights = np.clip(scores, 0, 1)
    if options.method == "one-euro":
        slow_cutoff = 0.25 * (1 - options.strength) ** 3 + 0.002
        points[:] = one_euro(points, weights, sizes, slow_cutoff, SPEED_GAIN)
    elif options.method == "savitzky-golay":
        _fit(points, weights, np.ones(2 * round(1 + 10 * options.strength) + 1), 2)
    elif options.method == "gaussian":
        _fit(points, weights, gaussian_kernel(3 * options.strength), 1)


def _fit(points: Array, weights: Array, kernel: Array, degree: int) -> None:
    for joints in _blocks(points.shape[1]):
        points[:, joints] = local_fit(points[:, joints], weights[:, joints], kernel, degree)


def _sizes(line: Sequence[Pose], score_threshold: float) -> Array:
    """(T,) how large a person is, in pixels, at least 1; looks back only.

    It is the square root of the area of what is visible, where that is half of the body: the
    largest so far, which fades. Where less is visible the last size goes on; before there is any,
    the person's box counts too, unless that is the whole picture.
    """
    body = line[0].keypoint_set.part_indices("body")
    known = guess = 0.0
    sizes = []
    for pose in line:
        seen = is_visible(pose.scores, score_threshold)
        visible = _side(visible_box(pose, score_threshold)) if seen.any() else 0.0
        if np.count_nonzero(seen[body]) >= WELL_SEEN * len(body):
            known = max(visible, SIZE_KEPT * known)
        else:
            box = _side(pose.box_xyxy)
            is_picture = box**2 >= WHOLE_PICTURE * math.prod(pose.canvas_wh)
            guess = max(visible, 0.0 if is_picture else box, SIZE_KEPT * guess)
        sizes.append(max(1.0, known or guess))
    return np.array(sizes)


def _side(box_xyxy: Array) -> float:
    """Square root of the area of a box, in pixels."""
    left, top, right, bottom = box_xyxy.tolist()
    return float(abs((right - left) * (bottom - top)) ** 0.5)


def _assembled(frame: Frame, people: dict[int, Pose]) -> Frame:
    """The frame with its people exchanged; who was not in it stands before the next higher id."""
    added = dict(people)
    found = {pose.person_id for pose in frame.found_poses}
    poses = []
    for pose in frame.poses:
        # By id alone, so that an empty slot takes the person it was kept for.
        if pose.person_id is not None and (pose.is_found or pose.person_id not in found):
            pose = added.pop(pose.person_id, pose)
        poses.append(pose)
    for person_id in sorted(added):
        ids = [math.inf if pose.person_id is None else pose.person_id for pose in poses]
        place = next((place for place, other in enumerate(ids) if other > person_id), len(ids))
        poses.insert(place, added[person_id])
    return replace(frame, poses=tuple(poses))
