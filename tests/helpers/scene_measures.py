"""Measures of tracking and smoothing on the clips of ``scenes``, and a plain tracker to compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from comfyui_sapiens_pose.skeletons.pose import Array, Frame, box_overlaps
from helpers.scenes import Scene
from scipy.optimize import linear_sum_assignment


def pair_ids(scene: Scene, tracked: Sequence[Frame]) -> list[tuple[int, int]]:
    """(person, id) of every tracked pose, recognised by its keypoints; -1 for no id."""
    pairs = []
    for frame, persons, result in zip(scene.frames, scene.persons, tracked, strict=True):
        for pose in result.poses:
            index = next(
                index
                for index, original in enumerate(frame.poses)
                if np.array_equal(original.keypoints_image, pose.keypoints_image)
            )
            pairs.append((persons[index], -1 if pose.person_id is None else pose.person_id))
    return pairs


def count_switches(scene: Scene, tracked: Sequence[Frame]) -> int:
    """How often a person's id changes."""
    last: dict[int, int] = {}
    count = 0
    for person, person_id in pair_ids(scene, tracked):
        if person >= 0:
            count += last.get(person, person_id) != person_id
            last[person] = person_id
    return count


def identity_counts(scene: Scene, tracked: Sequence[Frame]) -> tuple[int, int, int]:
    """Numbers of identity matches, tracked poses and detected persons (Ristani et al. 2016).

    Persons and ids are matched one to one so that as many poses as possible have the right id. A
    person who is detected twice in a frame counts once.
    """
    counts = Counter(pair_ids(scene, tracked))
    persons = sorted({person for frame in scene.persons for person in frame if person >= 0})
    ids = sorted({person_id for _, person_id in counts})
    table = np.array([[counts[person, number] for number in ids] for person in persons])
    matched = table[linear_sum_assignment(table, maximize=True)].sum() if table.size else 0
    detected = sum(len({p for p in frame if p >= 0}) for frame in scene.persons)
    return int(matched), sum(counts.values()), detected


def identity_f1(pairs: Sequence[tuple[Scene, Sequence[Frame]]]) -> float:
    """2 x matches / (tracked poses + detected persons), over several scenes."""
    counts = np.sum([identity_counts(*pair) for pair in pairs], axis=0)
    return float(2 * counts[0] / (counts[1] + counts[2]))


def track_by_boxes(frames: Sequence[Frame], max_gap: int = 15) -> list[Frame]:
    """A plain tracker: boxes are assigned to the last ones by the best total overlap."""
    tracks: list[tuple[int, Array, int]] = []  # id, box, frames since it was seen
    next_id, tracked = 0, []
    for frame in frames:
        boxes = np.array([pose.box_xyxy for pose in frame.poses]).reshape(-1, 4)
        overlaps = box_overlaps(np.array([track[1] for track in tracks]).reshape(-1, 4), boxes)
        ids: list[int | None] = [None] * len(boxes)
        for row, column in zip(*linear_sum_assignment(overlaps, maximize=True), strict=True):
            if overlaps[row, column] >= 0.3:
                ids[column] = tracks[row][0]
        for index, number in enumerate(ids):
            if number is None:
                ids[index], next_id = next_id, next_id + 1
        missing = [track for track in tracks if track[0] not in ids and track[2] < max_gap]
        tracks = [(number, box, gap + 1) for number, box, gap in missing]
        tracks += [(int(number or 0), box, 0) for number, box in zip(ids, boxes, strict=True)]
        people = zip(frame.poses, ids, strict=True)
        poses = [replace(pose, person_id=number) for pose, number in people]
        tracked.append(replace(frame, poses=poses))
    return tracked


def keypoints_of(frames: Sequence[Frame]) -> Array:
    """(T, K, 2) keypoints of the only person."""
    return np.array([frame.poses[0].keypoints_image for frame in frames])


def measure_jitter(keypoints: Array) -> float:
    """Mean length of the acceleration from frame to frame, in pixels."""
    return float(np.linalg.norm(np.diff(keypoints, 2, axis=0), axis=-1).mean())


def measure_lag(truth: Array, keypoints: Array) -> float:
    """The delay of the truth, in frames, with which it fits the keypoints best."""
    times = np.arange(len(truth))
    delays = np.arange(-2, 5, 0.05)
    columns = truth.reshape(len(truth), -1).T
    errors = []
    for delay in delays:
        delayed = np.array([np.interp(times - delay, times, column) for column in columns]).T
        errors.append(((delayed - keypoints.reshape(len(keypoints), -1))[5:-5] ** 2).sum())
    return float(delays[np.argmin(errors)])
