"""People moved to another canvas, such as those of the pose library.

``placePeople`` in ``web/editor/library_files.js`` does the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..pose import Array, Frame, Pose

MARGIN = 0.06
"""Room on each side of the people, as a share of the canvas."""


def place_people(frame: Frame, canvas_wh: tuple[int, int]) -> Frame:
    """The people in the middle of another canvas, as large as they can be with ``MARGIN``.

    They keep their proportions and their distances. What counts is what can be seen of them in
    their own canvas: the legs of somebody who was cut off at the hips may leave the new one.
    """
    if frame.canvas_wh == canvas_wh:
        return frame
    low, high = _seen_corners(frame)
    size = np.array(canvas_wh, dtype=np.float64)
    scale = float(((1 - 2 * MARGIN) * size / np.maximum(high - low, 1)).min())
    shift = (size - scale * (low + high)) / 2
    return Frame(canvas_wh, tuple(_moved(pose, scale, shift, canvas_wh) for pose in frame.poses))


def _seen_corners(frame: Frame) -> tuple[Array, Array]:
    """The two corners of the box around what can be seen of everybody, or those of the canvas."""
    seen = [
        pose.keypoints_image[
            (pose.scores > 0)
            & (pose.keypoints_image >= 0).all(axis=1)
            & (pose.keypoints_image < frame.canvas_wh).all(axis=1)
        ]
        for pose in frame.poses
    ]
    points = np.concatenate([np.empty((0, 2)), *seen])
    if len(points) < 2:
        return np.zeros(2), np.array(frame.canvas_wh, dtype=np.float64)
    return points.min(axis=0), points.max(axis=0)


def _moved(pose: Pose, scale: float, shift: Array, canvas_wh: tuple[int, int]) -> Pose:
    return replace(
        pose,
        keypoints_image=scale * pose.keypoints_image + shift,
        box_xyxy=(scale * pose.box_xyxy.reshape(2, 2) + shift).ravel(),
        canvas_wh=canvas_wh,
    )
