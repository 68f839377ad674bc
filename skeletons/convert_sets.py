"""Converting poses from one keypoint set to another, by the names of the joints.

A joint in both sets is copied. The few that have another name, or lie between two joints of the
source, are listed in ``keypoint_sets/sources.csv``. A row for one source set takes precedence over
a copy (the neck of Goliath is an anatomical point, the neck of OpenPose the middle of the
shoulders); a row for every set is used only where there is nothing to copy. The face of Goliath
follows the positions of the iBUG-68 landmarks; it has no outline of the jaw but the chin, so that
``jaw`` synthesises it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .jaw import LEFT, RIGHT, WEIGHTS, jaw_between
from .keypoint_sets import KEYPOINT_SETS, KeypointSet, read_sources
from .pose import Array, Pose

MISSING = -1
"""Source index of a joint that the source set does not have."""


def convert_pose(pose: Pose, keypoint_set: KeypointSet) -> Pose:
    """The same person in another keypoint set: 308 to 133 to 17, or to OpenPose's joints.

    A keypoint between two others gets the lower of their scores. Joints that the source set does
    not have are at 0, 0 with score 0; a synthesised jaw has coordinates but score 0, because no
    network has seen it. No threshold is applied.
    """
    if pose.keypoint_set is keypoint_set:
        return pose
    keypoints, scores = gather(pose, keypoint_set)
    scores[synthesised_indices(pose.keypoint_set, keypoint_set)] = 0.0
    return replace(pose, keypoints_image=keypoints, scores=scores, keypoint_set=keypoint_set)


def gather(pose: Pose, keypoint_set: KeypointSet) -> tuple[Array, Array]:
    """(K, 2) keypoints and (K,) scores of ``pose`` in ``keypoint_set``.

    A synthesised jaw keypoint gets the lowest score of the keypoints that it is made of.
    """
    pairs = source_indices(pose.keypoint_set, keypoint_set)
    missing = pairs[:, 0] == MISSING
    keypoints = pose.keypoints_image[pairs].mean(axis=1)
    scores = pose.scores[pairs].min(axis=1)
    keypoints[missing], scores[missing] = 0.0, 0.0
    if len(synthesised_indices(pose.keypoint_set, keypoint_set)):
        jaw = keypoint_set.part_indices("face_jaw")
        keypoints[jaw], scores[jaw] = _make_jaw(pose)
    return keypoints, scores


def source_indices(source: KeypointSet, target: KeypointSet) -> NDArray[np.intp]:
    """(K, 2) indices in ``source`` whose mean is each joint of ``target``, or MISSING twice."""
    return _source_indices(source.name, target.name)


def synthesised_indices(source: KeypointSet, target: KeypointSet) -> NDArray[np.intp]:
    """Indices in ``target`` that a conversion from ``source`` synthesises: the jaw without chin."""
    return _synthesised_indices(source.name, target.name)


@cache
def _synthesised_indices(source_name: str, target_name: str) -> NDArray[np.intp]:
    jaw = KEYPOINT_SETS[target_name].part_indices("face_jaw")
    has_source = _source_indices(source_name, target_name)[jaw, 0] != MISSING
    none = has_source.all() or not has_source.any()
    synthesised = jaw[:0] if none else np.delete(jaw, len(jaw) // 2)
    synthesised.setflags(write=False)
    return synthesised


@cache
def _source_indices(source_name: str, target_name: str) -> NDArray[np.intp]:
    source, target = KEYPOINT_SETS[source_name], KEYPOINT_SETS[target_name]
    special, general = read_sources(source_name), read_sources("")
    known = set(source.names)
    pairs = np.full((len(target), 2), MISSING, dtype=np.intp)
    for row, name in enumerate(target.names):
        ends = special.get(name) or ((name, name) if name in known else general.get(name))
        if ends and known.issuperset(ends):
            pairs[row] = source.indices(ends)
    pairs.setflags(write=False)
    return pairs


@cache
def _sides_of_jaw(set_name: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the joints that the right and the left half of a jaw are made of."""
    return KEYPOINT_SETS[set_name].indices(RIGHT), KEYPOINT_SETS[set_name].indices(LEFT)


def _make_jaw(pose: Pose) -> tuple[Array, Array]:
    """(17, 2) keypoints and (17,) scores of the jaw of a pose whose set has the joints for it."""
    right, left = _sides_of_jaw(pose.keypoint_set.name)
    lowest = [pose.scores[side].min() for side in (right, left)]
    keypoints = jaw_between(pose.keypoints_image[right], pose.keypoints_image[left])
    halves = [np.full(len(WEIGHTS), score) for score in lowest]
    return keypoints, np.concatenate([halves[0], [pose.scores[right[-1]]], halves[1]])
