"""Object keypoint similarity: how alike two poses are, from 0 (strangers) to 1 (the same).

COCO's measure (``cocodataset/cocoapi``, ``PythonAPI/pycocotools/cocoeval.py``, ``computeOks``):
the mean over joints of ``exp(-d^2 / (2 * area * (2 * sigma)^2))``, where ``d`` is the distance in
pixels, ``area`` the size of the person in square pixels, and ``sigma`` how far human annotators
disagree about the joint.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .options.option import SCORE_THRESHOLD
from .pose import Array, Pose, check_one_keypoint_set, is_visible

SAME_PERSON = 0.5
"""Minimum similarity of an edited person to the one before to be the same person."""

SMALLEST_AREA = 1.0
"""Minimum area of a person, in square pixels, for those whose box has none."""

FORGIVEN = 0.25
"""Share of the shared joints that may be wrong where two poses of one person are looked for.

A wrist on the wrong side is no second person. Fewer than this share are left out: none of four
joints, one of five, four of 17. Chosen by the table of doubles in ``benchmarks/README.md``: of
whole bodies that a network sees twice, 3 % stay two instead of 23 %. If one of four joints may be
wrong, 0.40 % instead of 0.32 % of people vanish some of whose joints were put on a neighbour.
"""


def oks_matrix(
    poses: Sequence[Pose],
    others: Sequence[Pose],
    score_threshold: float = SCORE_THRESHOLD.default,
    joints: NDArray[np.intp] | None = None,
) -> Array:
    """(N, M) similarity of each of ``poses`` to each of ``others``, 0 to 1.

    The measure is symmetric: the area is the mean of both boxes, and only keypoints count that
    both people have at ``score_threshold`` or above. Two people without such a keypoint in common
    have a similarity of 0.

    Args:
        poses, others: people of one keypoint set; either may be empty.
        score_threshold: keypoints with a lower score, or a score of 0, do not count.
        joints: indices of the joints to compare, such as ``keypoint_set.part_indices("body")``;
            None compares all of them.

    Raises:
        ValueError: the people have different keypoint sets.
    """
    if not poses or not others:
        return np.zeros((len(poses), len(others)))
    check_one_keypoint_set((*poses, *others), "The poses to compare")
    keypoint_set = poses[0].keypoint_set
    rows = np.arange(len(keypoint_set)) if joints is None else joints
    return similarity(
        np.array([pose.keypoints_image[rows] for pose in poses]),
        np.array([pose.keypoints_image[rows] for pose in others]),
        np.array([is_visible(pose.scores[rows], score_threshold) for pose in poses]),
        np.array([is_visible(pose.scores[rows], score_threshold) for pose in others]),
        (_box_areas(poses)[:, None] + _box_areas(others)) / 2,
        keypoint_set.sigmas[rows],
    )


def similarity(
    keypoints: Array,
    others: Array,
    counted: NDArray[np.bool_],
    others_counted: NDArray[np.bool_],
    areas: ArrayLike,
    sigmas: Array,
    forgiven: float = 0.0,
) -> Array:
    """(N, M) similarities from numbers alone.

    Args:
        keypoints, others: (N, K, 2) and (M, K, 2) x, y in pixels.
        counted, others_counted: (N, K) and (M, K) which of them count.
        areas: (N, M), or anything that broadcasts to it, in square pixels.
        sigmas: (K,) of the joints.
        forgiven: share of the joints, 0 to 1; the worst of those that both people have are left
            out, fewer than this share of them.
    """
    squared_distances = ((keypoints[:, None] - others[None]) ** 2).sum(axis=-1)
    squared_scales = np.maximum(areas, SMALLEST_AREA)[..., None] * (2 * sigmas) ** 2
    shared = counted[:, None] & others_counted[None]
    closeness = np.where(shared, np.exp(-squared_distances / (2 * squared_scales)), 0.0)
    num_shared = shared.sum(axis=-1)
    if forgiven:
        num_shared = num_shared - np.maximum(np.ceil(forgiven * num_shared) - 1, 0).astype(int)
        closeness = -np.sort(-closeness, axis=-1)
        closeness[np.arange(closeness.shape[-1]) >= num_shared[..., None]] = 0
    similarities: Array = closeness.sum(axis=-1) / np.maximum(num_shared, 1)
    return similarities


def _box_areas(poses: Sequence[Pose]) -> Array:
    boxes = np.array([pose.box_xyxy for pose in poses])
    return np.abs(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
