"""One person of a clip as arrays, and in the one layout in which bodies are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..convert_sets import MISSING, source_indices
from ..keypoint_sets import COCO_WHOLEBODY_133, KeypointSet
from ..pose import Array, Pose

LAYOUT = COCO_WHOLEBODY_133
"""Bodies are measured by these joints, so that people of any two keypoint sets compare."""


@dataclass(frozen=True, eq=False)
class PersonPoints:
    """One person in T frames.

    Attributes:
        keypoints: (T, K, 2) x, y in pixels of one canvas.
        scores: (T, K) confidence; 0 or less means that the keypoint was not found.
        keypoint_set: names the K joints.
    """

    keypoints: Array
    scores: Array
    keypoint_set: KeypointSet

    def __len__(self) -> int:
        return len(self.keypoints)


def stack_poses(poses: Sequence[Pose]) -> PersonPoints:
    """One person's poses, at least one, all of one keypoint set, as arrays."""
    return PersonPoints(
        np.array([pose.keypoints_image for pose in poses]),
        np.array([pose.scores for pose in poses]),
        poses[0].keypoint_set,
    )


def convert_points(person: PersonPoints, keypoint_set: KeypointSet = LAYOUT) -> PersonPoints:
    """The person in another keypoint set; joints that are not known score 0."""
    if person.keypoint_set is keypoint_set:
        return person
    pairs = source_indices(person.keypoint_set, keypoint_set)
    keypoints = person.keypoints[:, pairs].mean(axis=2)
    scores = person.scores[:, pairs].min(axis=2)
    missing = pairs[:, 0] == MISSING
    keypoints[:, missing], scores[:, missing] = 0.0, 0.0
    return PersonPoints(keypoints, scores, keypoint_set)
