"""The joints of a body whose file names none: by their number, and by where they are.

Several bodies have the same number of keypoints in other orders, and programs of one name write
several: OpenPose alone has two of 25. In the right order, what is joined lies close together; in a
wrong one, the body is a knot. So each order is measured on all people of the file: the mean length
of its links (``_LINKS``), as a share of the size of the person. The smallest is the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...keypoint_sets import (
    BODY_25,
    BODY_25B,
    BODY_135,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    HALPE_26,
    MEDIAPIPE_33,
    MPI_15,
    OPENPOSE_136,
    KeypointSet,
)
from ...pose import Array

_BODY_18 = OPENPOSE_136.part_names("body")
_FEET = OPENPOSE_136.part_names("left_foot", "right_foot")
_LEFT_HAND = OPENPOSE_136.part_names("left_hand")
_RIGHT_HAND = OPENPOSE_136.part_names("right_hand")
_FACE_68 = COCO_WHOLEBODY_133.part_names("face")


@dataclass(frozen=True)
class Layout:
    """An order of joints.

    Attributes:
        length: how many keypoints a body of it has; those beyond ``joints`` are padding.
        joints: their names.
        keypoint_set: the set of the same joints, or None.
    """

    length: int
    joints: tuple[str, ...]
    keypoint_set: KeypointSet | None = None


def _of(keypoint_set: KeypointSet) -> Layout:
    return Layout(len(keypoint_set), keypoint_set.names, keypoint_set)


_MPII_16 = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("mid_hip", "neck", "upper_neck", "head_top", "right_wrist", "right_elbow"),
    *("right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
)
_BODY_23 = (
    *("neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow"),
    *("left_wrist", "mid_hip", "right_hip", "right_knee", "right_ankle", "right_big_toe"),
    *("right_small_toe", "left_hip", "left_knee", "left_ankle", "left_big_toe"),
    *("left_small_toe", "nose", "right_eye", "right_ear", "left_eye", "left_ear"),
)
_RIGHT_TOE_FIRST = (*_BODY_18, "right_big_toe", "left_big_toe")
_LEFT_TOE_FIRST = (*_BODY_18, "left_big_toe", "right_big_toe")

LAYOUTS = (
    _of(MPI_15),
    Layout(16, _MPII_16),
    _of(COCO_17),
    Layout(18, _BODY_18),
    Layout(19, BODY_25.names[:19]),
    # The middle of the toes of each foot; WanAnimate and ProportionChanger, which adds five rows.
    Layout(20, _RIGHT_TOE_FIRST),
    Layout(20, _LEFT_TOE_FIRST),
    Layout(23, COCO_17.names + _FEET),
    Layout(23, _BODY_23),
    Layout(24, _BODY_18 + _FEET),
    _of(BODY_25),
    _of(BODY_25B),
    Layout(25, _RIGHT_TOE_FIRST),
    Layout(25, _LEFT_TOE_FIRST),
    _of(HALPE_26),
    _of(MEDIAPIPE_33),
    Layout(65, BODY_25.names + _LEFT_HAND[1:] + _RIGHT_HAND[1:]),
    _of(COCO_WHOLEBODY_133),
    _of(BODY_135),
    Layout(136, HALPE_26.names + _FACE_68 + _LEFT_HAND + _RIGHT_HAND),
    _of(GOLIATH_308),
)
"""Every order of a body's joints that is known; of equally good ones, the first is taken."""

LENGTHS = tuple(dict.fromkeys(layout.length for layout in LAYOUTS))

_LINKS = (
    *(("nose", f"{side}_eye") for side in ("left", "right")),
    *(
        (f"{side}_{start}", f"{side}_{end}")
        for start, end in (
            *(("eye", "ear"), ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee")),
            *(("knee", "ankle"), ("ankle", "big_toe"), ("ankle", "heel")),
        )
        for side in ("left", "right")
    ),
    *(("neck", f"{side}_shoulder") for side in ("left", "right")),
    *(("mid_hip", f"{side}_hip") for side in ("left", "right")),
    *(("nose", "neck"), ("left_hip", "right_hip"), ("nose", "upper_neck"), ("nose", "head_top")),
)
"""Joints that lie close together in every person."""


def find_layout(bodies: Sequence[Array]) -> Layout:
    """The order of the joints of bodies, each (N, 3) x, y, score with the same N.

    Raises:
        ValueError: no known program writes bodies of N keypoints.
    """
    length = len(bodies[0])
    candidates = [layout for layout in LAYOUTS if layout.length == length]
    if not candidates:
        raise ValueError(f"{length} points, expected one of {', '.join(map(str, LENGTHS))}.")
    if len(candidates) == 1:
        return candidates[0]
    stacked = np.stack(bodies)
    return min(candidates, key=lambda layout: _tangle(stacked, layout))


def _tangle(bodies: Array, layout: Layout) -> float:
    """The mean length of the links in ``bodies``, (P, N, 3), as a share of the people's sizes.

    Padding must be empty; a body with numbers there is of another layout.
    """
    if (bodies[:, len(layout.joints) :, 2] > 0).any():
        return np.inf
    index = {name: row for row, name in enumerate(layout.joints)}
    pairs = [(index[a], index[b]) for a, b in _LINKS if a in index and b in index]
    start, end = np.array(pairs).T
    seen = (bodies[:, start, 2] > 0) & (bodies[:, end, 2] > 0)
    if not seen.any():
        return 0.0
    lengths = np.linalg.norm(bodies[:, start, :2] - bodies[:, end, :2], axis=2)
    shares = lengths / np.maximum(_sizes(bodies), 1e-9)[:, None]
    return float(shares[seen].mean())


def _sizes(bodies: Array) -> Array:
    """(P,) the diagonal around each person's keypoints."""
    found = bodies[..., 2:] > 0
    low = np.where(found, bodies[..., :2], np.inf).min(axis=1)
    high = np.where(found, bodies[..., :2], -np.inf).max(axis=1)
    with np.errstate(invalid="ignore"):
        sizes: Array = np.linalg.norm(high - low, axis=1)
    return np.where(np.isfinite(sizes), sizes, 1.0)
