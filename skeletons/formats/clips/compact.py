"""Frames with fewer decimals, whose files are smaller."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...pose import Array, Frame, Pose

MORE_FOR_SCORES = 2
"""How many more decimals scores have than coordinates: they are 0 to 1, not hundreds of pixels."""


def round_frame(frame: Frame, decimals: int) -> Frame:
    """The frame with rounded numbers: coordinates to ``decimals``, scores to two more.

    A keypoint that was found stays found: its score is at least the smallest that is not 0.
    """
    return replace(frame, poses=tuple(_round_pose(pose, decimals) for pose in frame.poses))


def _round_pose(pose: Pose, decimals: int) -> Pose:
    return replace(
        pose,
        keypoints_image=_round(pose.keypoints_image, decimals),
        scores=_round_scores(pose.scores, decimals),
        box_xyxy=_round(pose.box_xyxy, decimals),
        box_score=float(_round_scores(np.array([pose.box_score]), decimals)[0]),
    )


def _round_scores(scores: Array, decimals: int) -> Array:
    rounded = _round(scores, decimals + MORE_FOR_SCORES)
    step = 10.0 ** -(decimals + MORE_FOR_SCORES)
    return np.where(scores > 0, np.maximum(rounded, step), rounded)


def _round(values: Array, decimals: int) -> Array:
    """Rounded values, without -0.0."""
    rounded: Array = np.round(values, decimals) + 0.0
    return rounded
