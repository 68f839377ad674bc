"""A person of a clip with all that retargeting needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..keypoint_sets import COCO_17
from ..pose import Array, Pose
from .limb_lengths import Body, measure_body
from .person_points import PersonPoints, convert_points, stack_poses
from .rebuild import AnchorPoints, find_anchors
from .rigid_parts import Heads, measure_heads

FIRST_FRAMES, SPREAD_FRAMES = 16, 80
"""Frames by which a body is measured: so many from the anchor frame on, and others spread evenly
over the clip. All of them, if there are not more. A body does not change, and the frames of a clip
are much alike."""
BLOCK = 256
"""Frames that are held as arrays at a time."""


@dataclass(frozen=True, eq=False)
class MeasuredPerson:
    """A person in T frames.

    Attributes:
        anchors: in all frames.
        body: what the clip shows of it.
        log_size: log of the body's size in pixels, in the anchor frame.
    """

    anchors: AnchorPoints
    body: Body
    log_size: float


def measure_person(
    poses: list[Pose], numbers: NDArray[np.intp], anchor: int, score_threshold: float
) -> MeasuredPerson | None:
    """Anchors, body and size of one person.

    Args:
        poses: T, of one keypoint set and on one canvas, each with anything found.
        numbers: (T,) their frames in the clip, rising.
        anchor: which of the poses gives size and place.
        score_threshold: keypoints that score less do not count.

    Returns:
        None if no length can be measured.
    """
    joints, heads = _joints_and_heads(poses, score_threshold)
    sample = _frames_to_measure(len(poses), anchor)
    person = convert_points(stack_poses([poses[row] for row in sample]))
    steps = np.diff(numbers[sample]).astype(np.float64)
    body = measure_body(person, heads.at_frames(sample), steps, score_threshold)
    if body is None:
        return None
    log_sizes = np.interp(np.arange(len(poses)), sample, body.log_sizes)
    anchors = find_anchors(joints, heads.centers, log_sizes, score_threshold)
    return MeasuredPerson(anchors, body, float(log_sizes[anchor]))


def _frames_to_measure(count: int, anchor: int) -> NDArray[np.intp]:
    if count <= FIRST_FRAMES + SPREAD_FRAMES:
        return np.arange(count)
    first = np.arange(anchor, min(anchor + FIRST_FRAMES, count))
    spread = np.linspace(0, count - 1, SPREAD_FRAMES).round().astype(np.intp)
    return np.union1d(first, spread)


def _joints_and_heads(poses: list[Pose], score_threshold: float) -> tuple[PersonPoints, Heads]:
    """The joints of the body in COCO_17, and the head, of all frames, a block at a time."""
    joints, heads = [], []
    for start in range(0, len(poses), BLOCK):
        block = stack_poses(poses[start : start + BLOCK])
        joints.append(convert_points(block, COCO_17))
        heads.append(measure_heads(convert_points(block), score_threshold))
    return (
        PersonPoints(
            np.concatenate([block.keypoints for block in joints]),
            np.concatenate([block.scores for block in joints]),
            COCO_17,
        ),
        Heads(*(np.concatenate(column) for column in _columns(heads))),
    )


def _columns(heads: list[Heads]) -> tuple[list[Array], list[Array], list[Array]]:
    return (
        [head.log_sizes for head in heads],
        [head.centers for head in heads],
        [head.widths for head in heads],
    )
