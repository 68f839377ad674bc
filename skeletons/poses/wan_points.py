"""Points that tell SAM 2 or SAM 3 which person Wan2.2 Animate is to replace.

Facts of ``Wan-Video/Wan2.2`` (``get_mask`` of ``process_pipepline.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..convert_sets import gather
from ..keypoint_sets import OPENPOSE_136
from ..pose import Pose

PIECE_FRAMES = 400
"""Frames that are segmented at once; longer clips are cut into pieces."""

JOINTS = OPENPOSE_136.indices(
    (
        *("nose", "neck", "right_shoulder", "left_shoulder"),
        *("right_hip", "left_hip", "right_ankle", "left_ankle"),
    )
)
"""Joints that a person is pointed at with, in order."""

Points = list[tuple[int, int]]
"""x, y in whole pixels of the image."""


def find_key_frames(count: int) -> list[int]:
    """Indices of those frames of a clip that get points: about four per piece, or one."""
    indices: list[int] = []
    for start in range(0, count, PIECE_FRAMES):
        length = min(PIECE_FRAMES, count - start)
        indices += range(start, start + length, length // 4 if length > 4 else length)
    return indices


def find_points(pose: Pose | None) -> Points:
    """The joints, truncated, whatever their scores; without those that are unknown or outside.

    Wan2.2's program keeps the last two, which then mark what is not the person.
    """
    if pose is None:
        return []
    keypoints, scores = gather(pose, OPENPOSE_136)
    width, height = pose.canvas_wh
    points = []
    for (x, y), score in zip(keypoints[JOINTS].tolist(), scores[JOINTS], strict=True):
        if (score > 0 or x or y) and 0 <= x < width and 0 <= y < height:
            points.append((int(x), int(y)))
    return points


def find_clip_points(poses: Sequence[Pose | None]) -> dict[int, Points]:
    """Points by the index of their frame, of those key frames in which the person is seen.

    If no key frame shows the person, the first frame that does takes their place.
    """
    indices = find_key_frames(len(poses))
    found = {index: points for index in indices if (points := find_points(poses[index]))}
    if found:
        return found
    return next(({i: points} for i, pose in enumerate(poses) if (points := find_points(pose))), {})
