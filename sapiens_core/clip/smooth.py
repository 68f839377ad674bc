"""Steadier poses: every joint of every person along time.

Spikes and short gaps first, then one of three filters, each keypoint weighted by its score.
People are told apart by their ids. Nobody is added to a frame in which they were not found, unless
``max_person_gap`` allows it, and then only between two frames in which the same id was found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...skeletons.foundation.limits import MAX_NUMBER
from ...skeletons.pose import (
    MAX_ID,
    Array,
    Frame,
    Pose,
    check_one_keypoint_set,
    is_visible,
    on_canvas,
)
from .filters import Flags
from .smooth_path import SmoothOptions, smooth_path
from .tracker import Tracker, TrackOptions, track

if TYPE_CHECKING:
    from ..batches import OnBatch

__all__ = ["SmoothOptions", "smooth", "with_ids"]

WELL_SEEN = 0.5
"""Minimum share of visible body joints with which they tell how large a person is."""
SIZE_KEPT = 0.98
"""Share of a size that is no longer seen that is left after one frame: half after 34 frames."""
WHOLE_IMAGE = 0.9
"""Share of the image's area from which on a box says nothing about the size of a person."""
MAX_ABSENCE = 30
"""Maximum number of frames that a person may be absent and still be smoothed as one path: more than
any filter reaches."""


def smooth(
    frames: Sequence[Frame],
    options: SmoothOptions | None = None,
    on_person: OnBatch | None = None,
) -> list[Frame]:
    """All frames of one clip, with steadier people.

    People keep their order, ids, keypoint sets and box scores; joints and boxes move, and joints
    that were missing for a short while are filled in. People without ids are tracked first, see
    ``track``; existing ids stay. Between frames of different sizes, keypoints keep their shares of
    width and height.

    Args:
        frames: the clip.
        options: the filter and its strength.
        on_person: called after each person with the number done and in total. What it raises ends
            the run.

    Raises:
        ValueError: an id appears twice in a frame, or in different keypoint sets.
    """
    options = options or SmoothOptions()
    frames = with_ids(frames)
    smoothed: list[dict[int, Pose]] = [{} for _ in frames]
    people = _group_by_person(frames)
    for done, (person_id, poses) in enumerate(people.items(), start=1):
        for visit in _split_at_absences(poses, options):
            for time, pose in _smooth_person(visit, frames, options).items():
                smoothed[time][person_id] = pose
        if on_person:
            on_person(done, len(people))
    return [_replace_poses(*pair) for pair in zip(frames, smoothed, strict=True)]


def with_ids(frames: Sequence[Frame]) -> Sequence[Frame]:
    """The frames of a clip with an id for everybody; new ones follow the highest existing id."""
    ids = {pose.person_id for frame in frames for pose in frame.found_poses}
    if None not in ids:
        return frames
    first = max((-1, *(number for number in ids if number is not None))) + 1
    if len(ids) == 1 or first + sum(len(frame.poses) for frame in frames) > MAX_ID:
        return track(frames, TrackOptions(min_frames=1))
    tracker = Tracker(TrackOptions(duplicate_similarity=2))
    return [_add_ids(frame, tracker, first) for frame in frames]


def _add_ids(frame: Frame, tracker: Tracker, first: int) -> Frame:
    """The next frame with ids from ``first`` on for people who are found and have none."""
    poses = list(frame.poses)
    # A tracker ignores the ids of its input and returns people in another order, so their
    # indices in this frame travel as ids.
    without_id = (
        replace(pose, person_id=index)
        for index, pose in enumerate(poses)
        if pose.person_id is None and pose.is_found
    )
    tracker.update(replace(frame, poses=tuple(without_id)))
    for person_track in tracker.state.tracks:
        index = person_track.pose.person_id
        if index is not None and not person_track.missed:
            poses[index] = replace(poses[index], person_id=first + person_track.person_id)
    return replace(frame, poses=tuple(poses))


def _group_by_person(frames: Sequence[Frame]) -> dict[int, dict[int, Pose]]:
    """The poses of each id, by index of the frame."""
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


def _split_at_absences(poses: dict[int, Pose], options: SmoothOptions) -> Iterator[dict[int, Pose]]:
    """A person's poses by frame, split where an absence is too long for the paths to go on."""
    max_absence = max(MAX_ABSENCE, options.max_gap, options.max_person_gap)
    visit: dict[int, Pose] = {}
    for time, pose in poses.items():
        if visit and time - next(reversed(visit)) > max_absence + 1:
            yield visit
            visit = {}
        visit[time] = pose
    yield visit


def _smooth_person(
    poses: dict[int, Pose], frames: Sequence[Frame], options: SmoothOptions
) -> dict[int, Pose]:
    """One person's poses by index of the frame, smoothed."""
    first, last = min(poses), max(poses)
    present = np.array([time in poses for time in range(first, last + 1)])
    nearest = np.maximum.accumulate(np.where(present, np.arange(len(present)), 0))
    canvas_wh = poses[first].canvas_wh
    known = {time: on_canvas(pose, canvas_wh) for time, pose in poses.items()}
    path = [known[first + offset] for offset in nearest.tolist()]
    keypoints, scores = _stack(path)
    sizes = _person_sizes(path, options.score_threshold)
    scores[~present] = 0.0
    smooth_path(keypoints, scores, present, sizes, path[0].keypoint_set, options)
    # A box without any joint is not a person.
    present |= (scores[:, :-2] > 0).any(axis=1)
    np.clip(keypoints, -MAX_NUMBER, MAX_NUMBER, out=keypoints)
    smoothed = {}
    for offset in np.flatnonzero(present).tolist():
        pose = replace(
            path[offset],
            keypoints_image=keypoints[offset, :-2],
            scores=scores[offset, :-2],
            box_xyxy=keypoints[offset, -2:].ravel(),
        )
        smoothed[first + offset] = on_canvas(pose, frames[first + offset].canvas_wh)
    return smoothed


def _stack(path: Sequence[Pose]) -> tuple[Array, Array]:
    """Keypoints (T, K + 2, 2) and scores (T, K + 2) of a person along time.

    The corners of the box are two more keypoints, with score 1.
    """
    shape = len(path), len(path[0].scores) + 2
    keypoints, scores = np.empty((*shape, 2)), np.ones(shape)
    for offset, pose in enumerate(path):
        keypoints[offset, :-2] = pose.keypoints_image
        keypoints[offset, -2:] = pose.box_xyxy.reshape(2, 2)
        scores[offset, :-2] = pose.scores
    return keypoints, scores


def _person_sizes(path: Sequence[Pose], score_threshold: float) -> Array:
    """(T,) how large a person is, in pixels, at least 1; looks back only.

    It is the square root of the area of what is visible, where that is half of the body: the
    largest so far, which fades. Where less is visible, the last size goes on; before there is any,
    the person's box counts too, unless it is the whole image.
    """
    keypoints, scores = _stack(path)
    visible = is_visible(scores, score_threshold)
    body = path[0].keypoint_set.part_indices("body")
    is_well_seen = np.count_nonzero(visible[:, body], axis=1) >= WELL_SEEN * len(body)
    boxes = _sides(keypoints[:, -2:], np.ones((len(path), 2), dtype=bool))
    shown = np.where(visible[:, :-2].any(axis=1), _sides(keypoints[:, :-2], visible[:, :-2]), 0.0)
    canvas_areas = np.array([math.prod(pose.canvas_wh) for pose in path])
    guesses = np.maximum(shown, np.where(boxes**2 >= WHOLE_IMAGE * canvas_areas, 0.0, boxes))
    known = guess = 0.0
    sizes = []
    for is_known, size, possible in zip(
        is_well_seen.tolist(), shown.tolist(), guesses.tolist(), strict=True
    ):
        if is_known:
            known = max(size, SIZE_KEPT * known)
        else:
            guess = max(possible, SIZE_KEPT * guess)
        sizes.append(max(1.0, known or guess))
    return np.array(sizes)


def _sides(keypoints: Array, visible: Flags) -> Array:
    """(T,) square roots of the areas of the boxes around visible keypoints, in pixels."""
    axes = np.moveaxis(keypoints, -1, 0)
    low = np.where(visible, axes, np.inf).min(axis=-1)
    width, height = np.where(visible, axes, -np.inf).max(axis=-1) - low
    sides: Array = np.sqrt(np.abs(width * height))
    return sides


def _replace_poses(frame: Frame, smoothed: dict[int, Pose]) -> Frame:
    """The frame with each id's new pose; an added person goes before the next higher id."""
    remaining = dict(smoothed)
    found_ids = {pose.person_id for pose in frame.found_poses}
    poses = []
    for pose in frame.poses:
        # By id alone, so that an empty slot takes the person it was kept for.
        if pose.person_id is not None and (pose.is_found or pose.person_id not in found_ids):
            pose = remaining.pop(pose.person_id, pose)
        poses.append(pose)
    for person_id in sorted(remaining):
        ids = [math.inf if pose.person_id is None else pose.person_id for pose in poses]
        index = next((i for i, other in enumerate(ids) if other > person_id), len(ids))
        poses.insert(index, remaining[person_id])
    return replace(frame, poses=tuple(poses))
