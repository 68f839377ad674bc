"""The face video of Wan2.2 Animate: one person's face in every frame, 512 x 512 pixels.

Facts of ``Wan-Video/Wan2.2`` (``wan/modules/animate/preprocess``: ``get_face_bboxes`` of
``utils.py``, ``process_pipepline.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..convert_sets import gather
from ..foundation.arrays import Image
from ..keypoint_sets import OPENPOSE_136
from ..pose import Array, Frame, Pose

SIDE = 512
"""Width and height of a frame of the video, in pixels."""

GROWTH = 1.3
"""By how much the area of the box around the landmarks grows."""

STEADY_FRAMES = 9
"""Frames of the moving average of a steady box's centre. Jitter from frame to frame falls to a
third, and at 30 frames per second the crop still follows a head within 0.15 s."""

FaceBox = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the image, within it; never empty."""

_LANDMARKS = OPENPOSE_136.part_indices("face")[:68]


def choose_person(frame: Frame, person_id: int | None) -> Pose | None:
    """The person with an id, or the one with the largest box; None if there is none."""
    poses = [pose for pose in frame.found_poses if person_id in (None, pose.person_id)]
    return max(poses, key=_box_area, default=None)


def find_face_boxes(poses: Sequence[Pose | None], *, steady: bool = False) -> list[FaceBox | None]:
    """A box per frame, around all landmarks of the face, whatever their scores.

    Args:
        poses: one person in the frames of a clip, of one canvas; None where there is nobody.
        steady: boxes of one size, the median, whose centre moves smoothly. Otherwise each frame
            has its own, as Wan2.2's program cuts it: the size follows mouth and brows.

    Returns:
        The boxes. A frame without a face has that of the last frame with one, or of the first;
        None everywhere if the clip shows no face at all.
    """
    exact = [None if pose is None else _grown_box(pose) for pose in poses]
    boxes = [
        None if box is None or pose is None else _cut_off(box, pose.canvas_wh)
        for box, pose in zip(exact, poses, strict=True)
    ]
    good = [index for index, box in enumerate(boxes) if box]
    if not good:
        return boxes
    if steady:
        canvas_wh = next(pose.canvas_wh for pose in poses if pose)
        known = np.array([exact[index] for index in good])
        return list(_steady_boxes(known, good, len(poses), canvas_wh))
    last = boxes[good[0]]
    for index, box in enumerate(boxes):
        boxes[index] = last = box or last
    return boxes


def cut_face(image_rgb: Image, box: FaceBox | None) -> Image:
    """(512, 512, 3) uint8: the box stretched to a square, or black if there is none."""
    if box is None:
        return np.zeros((SIDE, SIDE, 3), np.uint8)
    left, top, right, bottom = box
    face = image_rgb[top:bottom, left:right]
    return np.asarray(cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def _box_area(pose: Pose) -> float:
    left, top, right, bottom = pose.box_xyxy
    return float((right - left) * (bottom - top))


def _grown_box(pose: Pose) -> Array | None:
    """(4,) left, top, right, bottom; None if the pose has no landmarks.

    Both sides grow alike, to the sides equally; upwards three times as far as downwards.
    """
    keypoints, scores = (values[_LANDMARKS] for values in gather(pose, OPENPOSE_136))
    known = keypoints[(scores > 0) | keypoints.any(axis=1)]
    if not len(known):
        return None
    (left, top), (right, bottom) = known.min(axis=0), known.max(axis=0)
    wider = (right - left) * (GROWTH**0.5 - 1) / 2
    higher = (bottom - top) * (GROWTH**0.5 - 1) / 4
    return np.array([left - wider, top - 3 * higher, right + wider, bottom + higher])


def _cut_off(box: Array, canvas_wh: tuple[int, int]) -> FaceBox | None:
    """What of a box lies on the canvas, truncated to whole pixels; None if nothing does."""
    left, top = (int(max(edge, 0)) for edge in box[:2])
    right, bottom = (int(min(edge, side)) for edge, side in zip(box[2:], canvas_wh, strict=True))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _steady_boxes(
    known: Array, good: Sequence[int], count: int, canvas_wh: tuple[int, int]
) -> list[FaceBox]:
    """Boxes of the known ones' median size for all frames, moved onto the canvas."""
    width, height = (
        int(np.clip(round(float(np.median(known[:, axis + 2] - known[:, axis]))), 1, side))
        for axis, side in enumerate(canvas_wh)
    )
    edges = []
    for axis, length in enumerate((width, height)):
        centers = np.interp(range(count), good, (known[:, axis] + known[:, axis + 2]) / 2)
        padded = np.pad(centers, STEADY_FRAMES // 2, mode="edge")
        smooth = np.convolve(padded, np.full(STEADY_FRAMES, 1 / STEADY_FRAMES), mode="valid")
        first = np.rint(smooth - length / 2).clip(0, canvas_wh[axis] - length)
        edges.append(first.astype(int).tolist())
    return [(x, y, x + width, y + height) for x, y in zip(*edges, strict=True)]
