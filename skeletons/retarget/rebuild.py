"""A person put together anew: every limb keeps its direction and takes another length.

Each keypoint hangs on an *anchor*, a joint nearer to the hips or a middle of joints, and keeps its
offset from it times a ratio. With all ratios 1 the person stays the same to the last bits. Where
an anchor is not seen, what hangs on it uses a likely position instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..keypoint_sets import COCO_17, KEYPOINT_SETS, KeypointSet
from ..pose import Array, is_visible
from .body_table import MEAN_LOGS, length_index, length_indices
from .person_points import PersonPoints

HIPS, NECK, HEAD = "hips", "neck", "head"
"""Middle of the hips, middle of the shoulders, middle of the ears."""

_PARENTS: dict[str, tuple[str, str]] = {
    NECK: (HIPS, "trunk"),
    HEAD: (NECK, "neck"),
    **{
        f"{side}_{joint}": (parent.format(side), length)
        for joint, parent, length in (
            ("shoulder", NECK, "shoulders"),
            ("hip", HIPS, "hips"),
            ("elbow", "{}_shoulder", "upper_arm"),
            ("wrist", "{}_elbow", "forearm"),
            ("knee", "{}_hip", "thigh"),
            ("ankle", "{}_knee", "shin"),
        )
        for side in ("left", "right")
    },
}
"""Each anchor's own anchor, and the length whose ratio the offset takes; parents come first."""

ANCHORS = (HIPS, *_PARENTS)

_OTHERS: dict[str, tuple[str, str]] = {
    "mid_hip": (HIPS, "hips"),
    NECK: (NECK, "shoulders"),
    "upper_neck": (NECK, "neck"),
    "chest": (HIPS, "trunk"),
    **dict.fromkeys((*COCO_17.names[:5], "head", "head_top"), (HEAD, "head")),
    **{
        f"{side}_{joint}": (HEAD, "head")
        for joint in ("eye_inner", "eye_outer", "mouth")
        for side in ("left", "right")
    },
    **{
        f"{side}_{joint}": (parent.format(side), length)
        for joint, parent, length in (
            ("acromion", NECK, "shoulders"),
            ("olecranon", "{}_elbow", "upper_arm"),
            ("cubital_fossa", "{}_elbow", "upper_arm"),
        )
        for side in ("left", "right")
    },
}
"""The same for joints that nothing hangs on."""

_PARTS: dict[str, tuple[str, str]] = {
    "face": (HEAD, "head"),
    "left_hand": ("left_wrist", "hand"),
    "right_hand": ("right_wrist", "hand"),
    "left_foot": ("left_ankle", "foot"),
    "right_foot": ("right_ankle", "foot"),
}
"""The same for all joints of a part."""


@dataclass(frozen=True, eq=False)
class AnchorPoints:
    """The anchors of one figure in T frames.

    Attributes:
        points: (T, A, 2) positions of ``ANCHORS`` in pixels, all finite.
        seen: (T, A) which of them are seen; the others are likely positions.
    """

    points: Array
    seen: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Track:
    """(T, 2) positions, and (T,) in which frames they are seen."""

    points: Array
    seen: NDArray[np.bool_]

    def or_else(self, points: Array) -> _Track:
        """The same with other positions where nothing is seen."""
        return _Track(np.where(self.seen[:, None], self.points, points), self.seen)


def anchor_index(name: str) -> int:
    """Position of an anchor in ``ANCHORS``."""
    return ANCHORS.index(name)


def find_anchors(
    body: PersonPoints, head_centers: Array, log_sizes: Array, score_threshold: float
) -> AnchorPoints:
    """Where ``ANCHORS`` are, also those that are not seen.

    An anchor that is not seen keeps the offset from its own anchor that it has in the frames
    before and after, on the line between them; or its usual one, if it is never seen.

    Args:
        body: T frames of a person in ``COCO_17``.
        head_centers: (T, 2) as in ``Heads``, NaN where no head is seen.
        log_sizes: (T,) log of the body's size in pixels.
        score_threshold: joints that score less count as not seen.
    """
    visible = is_visible(body.scores, score_threshold)
    found = {
        name: _Track(body.keypoints[:, index], visible[:, index])
        for index, name in enumerate(COCO_17.names)
    }
    neck, shoulder_half = _middle(found["left_shoulder"], found["right_shoulder"])
    hips, hip_half = _middle(found["left_hip"], found["right_hip"])
    head = _Track(head_centers, np.isfinite(head_centers[:, 0]))
    trunk, neck_length = np.exp(MEAN_LOGS[length_indices("trunk", "neck")])
    down_image = np.exp(log_sizes)[:, None] * (0.0, 1.0)
    down = _offset(neck, hips, otherwise=trunk * down_image)
    up = _offset(neck, head, otherwise=-neck_length * down_image)
    below_head = head.or_else(_middle_of_visible(body, visible) + up).points - up
    neck = neck.or_else(hips.or_else(below_head + down).points - down)
    found[NECK], found[HIPS] = neck, hips.or_else(neck.points + down)
    found[HEAD] = head.or_else(neck.points + up)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        shoulder, hip = f"{side}_shoulder", f"{side}_hip"
        found[shoulder] = found[shoulder].or_else(neck.points + sign * shoulder_half)
        found[hip] = found[hip].or_else(found[HIPS].points + sign * hip_half)
        for limb in (
            (shoulder, f"{side}_elbow", f"{side}_wrist"),
            (hip, f"{side}_knee", f"{side}_ankle"),
        ):
            found.update(zip(limb, _complete_limb(*(found[name] for name in limb)), strict=True))
    points = np.stack([found[name].points for name in ANCHORS], axis=1)
    return AnchorPoints(points, np.stack([found[name].seen for name in ANCHORS], axis=1))


def move_anchors(anchors: Array, log_ratios: Array) -> Array:
    """(T, A, 2) the anchors of a person with other lengths, the middle of the hips at 0, 0.

    Args:
        anchors: (T, A, 2) as found.
        log_ratios: (N,) log of new over old pixels for each of ``LENGTHS``.
    """
    moved = np.zeros_like(anchors)
    for name, (parent, length) in _PARENTS.items():
        index, base = anchor_index(name), anchor_index(parent)
        offset = anchors[:, index] - anchors[:, base]
        moved[:, index] = moved[:, base] + offset * np.exp(log_ratios[length_index(length)])
    return moved


def hang_keypoints(
    keypoints: Array, keypoint_set: KeypointSet, anchors: Array, moved: Array, log_ratios: Array
) -> Array:
    """(K, 2) one frame's keypoints, where the anchors have moved.

    Args:
        keypoints: (K, 2) of ``keypoint_set``.
        anchors, moved: (A, 2) of the frame, before and after.
        log_ratios: (N,) as for ``move_anchors``.
    """
    bases, lengths = _bases(keypoint_set.name)
    placed: Array = moved[bases]
    return placed + (keypoints - anchors[bases]) * np.exp(log_ratios[lengths])[:, None]


@cache
def _bases(set_name: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(K,) position in ``ANCHORS`` and (K,) position in ``LENGTHS`` for each joint of a set."""
    rows = []
    for joint in KEYPOINT_SETS[set_name].joints:
        part = "face" if joint.part.startswith("face") else joint.part
        row = _PARTS.get(part) or _OTHERS.get(joint.name) or _PARENTS[joint.name]
        rows.append((anchor_index(row[0]), length_index(row[1])))
    bases, lengths = np.array(rows, dtype=np.intp).T
    return bases, lengths


def _complete_limb(start: _Track, middle: _Track, end: _Track) -> tuple[_Track, _Track, _Track]:
    """A limb with all joints; ``start`` has likely positions where it is not seen."""
    still = np.zeros_like(start.points)
    if (start.seen & middle.seen).any():
        likely = start.points + _offset(start, middle, otherwise=still)
    else:  # a limb whose middle is never seen is straight
        likely = np.where(end.seen[:, None], (start.points + end.points) / 2, start.points)
    whole = middle.or_else(likely)
    return start, whole, end.or_else(whole.points + _offset(middle, end, otherwise=still))


def _middle(left: _Track, right: _Track) -> tuple[_Track, Array]:
    """The middle of two joints, also where one is seen; (T, 2) from there to the right one."""
    half = _offset(left, right, otherwise=np.zeros_like(left.points)) / 2
    both = left.seen & right.seen
    by_one = np.where(left.seen[:, None], left.points + half, right.points - half)
    points = np.where(both[:, None], (left.points + right.points) / 2, by_one)
    return _Track(points, left.seen | right.seen), half


def _offset(start: _Track, end: _Track, otherwise: Array) -> Array:
    """(T, 2) from start to end, on the line between the nearest frames in which both are seen."""
    frames = np.flatnonzero(start.seen & end.seen)
    if not len(frames):
        return otherwise
    offsets = (end.points - start.points)[frames]
    times = np.arange(len(start.points))
    return np.stack([np.interp(times, frames, column) for column in offsets.T], axis=1)


def _middle_of_visible(body: PersonPoints, visible: NDArray[np.bool_]) -> Array:
    """(T, 2) middle of what is seen of a person, or else of all joints."""
    weights = np.where(visible.any(axis=1, keepdims=True), visible, 1.0)[..., None]
    middle: Array = (body.keypoints * weights).sum(axis=1) / weights.sum(axis=1)
    return middle
