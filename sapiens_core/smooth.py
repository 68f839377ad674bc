"""Steadier poses: every joint of every person along time.

Spikes and short gaps first, then one of three filters, each point weighted by its score. People
are told apart by their ids. Nobody is in a frame who was not found there, unless that is asked
for, and then only between two frames in which the same id was found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from ..skeletons.clip_names import Method
from ..skeletons.parts import visible_box
from ..skeletons.pose import Array, Frame, Pose
from .filters import fill_gaps, gaussian_kernel, local_fit, one_euro, spikes
from .track import track

if TYPE_CHECKING:
    from .batches import OnBatch

SMALLEST_SPREAD = 0.01
"""In person sizes: neighbours of a spike count as spread out so far at least."""
SPEED_GAIN = 2.0
"""One-Euro: cycles a frame that the cutoff rises with each person size a frame."""


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
            three frames before and after, and is then put between its neighbours; 0 keeps spikes.
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
        if self.method not in get_args(Method):
            raise ValueError(
                f"There is no method {self.method!r}; choose one of {', '.join(get_args(Method))}."
            )
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength is {self.strength}, expected 0 to 1.")
        for name in ("max_gap", "max_person_gap", "spike_threshold"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 0 or more.")


def smooth(
    frames: Sequence[Frame],
    options: SmoothOptions | None = None,
    on_person: OnBatch | None = None,
) -> list[Frame]:
    """All frames of one clip, with steadier people.

    People keep their order, ids, sets and boxes' scores; joints and boxes move, and joints that
    were missing for a short while are there. If anybody has no id, all are tracked first, see
    ``track``.

    Args:
        frames: the clip.
        options: how much, and how.
        on_person: called after each person with the number done and in all. What it raises ends
            the run.

    Raises:
        ValueError: an id appears twice in a frame, or in different keypoint sets.
    """
    options = options or SmoothOptions()
    if any(pose.person_id is None for frame in frames for pose in _people(frame)):
        frames = track(frames)
    steady: list[dict[int, Pose]] = [{} for _ in frames]
    people = _by_person(frames)
    for done, (person_id, poses) in enumerate(people.items(), start=1):
        for time, pose in _smooth_person(poses, options).items():
            steady[time][person_id] = pose
        if on_person:
            on_person(done, len(people))
    return [_assembled(frame, people) for frame, people in zip(frames, steady, strict=True)]


def _people(frame: Frame) -> list[Pose]:
    """Everybody of whom anything was found; empty slots are not touched."""
    return [pose for pose in frame.poses if (pose.scores > 0).any()]


def _by_person(frames: Sequence[Frame]) -> dict[int, dict[int, Pose]]:
    """Id to the person's poses by their frame."""
    people: dict[int, dict[int, Pose]] = {}
    for time, frame in enumerate(frames):
        for pose in _people(frame):
            poses = people.setdefault(int(pose.person_id or 0), {})
            if time in poses:
                raise ValueError(f"Frame {time} holds two people with the id {pose.person_id}.")
            poses[time] = pose
    for person_id, poses in people.items():
        names = {pose.keypoint_set.name for pose in poses.values()}
        if len(names) > 1:
            raise ValueError(
                f"Person {person_id} is given in different keypoint sets: "
                f"{', '.join(sorted(names))}. Convert all frames to one set first."
            )
    return people


def _smooth_person(poses: dict[int, Pose], options: SmoothOptions) -> dict[int, Pose]:
    """One person's poses by their frame, and back."""
    first, last = min(poses), max(poses)
    present = np.array([time in poses for time in range(first, last + 1)])
    nearest = np.maximum.accumulate(np.where(present, np.arange(len(present)), 0))
    line = [poses[first + place] for place in nearest.tolist()]
    # The corners of the box go along as two more points, always as sure as can be.
    points = np.array(
        [np.vstack([pose.keypoints_image, pose.box_xyxy.reshape(2, 2)]) for pose in line]
    )
    scores = np.array([np.append(pose.scores, (1.0, 1.0)) for pose in line])
    scores[~present] = 0.0
    sizes = np.array([_size(pose, options.score_threshold) for pose in line])
    points, scores, present = _mended(points, scores, present, sizes, options)
    if options.strength > 0:
        points = _filtered(points, np.clip(scores, 0, 1), sizes, options)
    return {
        first + place: replace(
            line[place],
            keypoints_image=points[place, :-2],
            scores=scores[place, :-2],
            box_xyxy=points[place, -2:].ravel(),
        )
        for place in np.flatnonzero(present).tolist()
    }


def _mended(
    points: Array,
    scores: Array,
    present: NDArray[np.bool_],
    sizes: Array,
    options: SmoothOptions,
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Points and scores without spikes and short gaps, and when the person is there now."""
    found = (scores >= options.score_threshold) & (scores > 0)
    trusted = found.copy()
    if options.spike_threshold:
        spread = SMALLEST_SPREAD * float(np.median(sizes))
        trusted &= ~spikes(points, found, options.spike_threshold, spread)
    longest = np.where(present, options.max_gap, options.max_person_gap)
    moved, new_scores, now_found = fill_gaps(points, scores, trusted, longest)
    # A spike at the end of a path has nothing to be put between, and stays.
    scores = np.where(found | ~now_found, scores, new_scores)
    return np.where(now_found[..., None], moved, points), scores, np.any(scores > 0, axis=1)


def _filtered(points: Array, weights: Array, sizes: Array, options: SmoothOptions) -> Array:
    if options.method == "one-euro":
        slow_cutoff = 0.25 * (1 - options.strength) ** 3 + 0.002
        return one_euro(points, weights, sizes, slow_cutoff, SPEED_GAIN)
    if options.method == "savitzky-golay":
        return local_fit(points, weights, np.ones(2 * round(1 + 10 * options.strength) + 1), 2)
    if options.method == "gaussian":
        return local_fit(points, weights, gaussian_kernel(3 * options.strength), 1)
    return points


def _size(pose: Pose, score_threshold: float) -> float:
    """Square root of the area of what is visible, in pixels, at least 1."""
    box = visible_box(pose, score_threshold)
    return max(1.0, float(abs(np.prod(box[2:] - box[:2]))) ** 0.5)


def _assembled(frame: Frame, people: dict[int, Pose]) -> Frame:
    """The frame with its people exchanged; who was not in it is added by the order of ids."""
    added = dict(people)
    # By id alone, so that an empty slot takes the person it was kept for.
    poses = [
        pose if pose.person_id is None else added.pop(pose.person_id, pose) for pose in frame.poses
    ]
    if added:
        poses = [*poses, *added.values()]
        poses.sort(key=lambda pose: math.inf if pose.person_id is None else pose.person_id)
    return replace(frame, poses=tuple(poses))
