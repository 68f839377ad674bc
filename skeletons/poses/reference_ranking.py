"""How the reference ranks and thins out people before it compares them with the truth.

The steps of ``CocoMetric`` with its default settings (``open-mmlab/mmpose`` 759b39c,
``mmpose/evaluation/metrics/coco_metric.py`` and ``functional/nms.py``; the copy in
``facebookresearch/sapiens`` does the same): the score of a person is that of the box times the mean
score of the keypoints above ``COUNTED_SCORE``; then, from the highest-scoring person on, whoever
resembles somebody kept by more than ``SAME_POSE`` is removed. Distances are those of all keypoints,
and the size of a person is the area of the crop that the network saw.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..oks import similarity
from ..pose import Array, Pose

COUNTED_SCORE = 0.2
"""Keypoints with this score or a lower one do not count for the score of a person."""

SAME_POSE = 0.9
"""People who resemble a higher-scoring person by more than this are removed."""


def person_score(pose: Pose) -> float:
    """Score of the box times the mean score of the keypoints above ``COUNTED_SCORE``; 0 if none."""
    counted = pose.scores[pose.scores > COUNTED_SCORE]
    return pose.box_score * float(counted.mean()) if len(counted) else 0.0


def rank_people(poses: Sequence[Pose], areas: ArrayLike) -> list[int]:
    """Indices of the people of one image who stay, the highest-scoring first.

    Of people with the same score, the last one comes first, as in the reference.

    Args:
        poses: people of one keypoint set; there may be none.
        areas: (N,) size of each person's crop, in square pixels of the image.
    """
    if not poses:
        return []
    sizes = np.asarray(areas, dtype=np.float64)
    scores = np.array([person_score(pose) for pose in poses])
    waiting = np.argsort(scores, kind="stable")[::-1]
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        waiting = waiting[_similarities(poses, sizes, int(best), waiting.tolist()) <= SAME_POSE]
    return kept


def _similarities(poses: Sequence[Pose], areas: Array, index: int, others: list[int]) -> Array:
    """(M,) similarity of a person to others."""
    if not others:
        return np.zeros(0)
    count = len(poses[index].keypoint_set)
    return similarity(
        poses[index].keypoints_image[None],
        np.array([poses[other].keypoints_image for other in others]),
        np.ones((1, count), bool),
        np.ones((len(others), count), bool),
        (areas[index] + areas[others]) / 2,
        poses[index].keypoint_set.sigmas,
    )[0]
