"""One skeleton per person: duplicates are removed, and two halves of a person are merged.

Two boxes around one person give two skeletons that agree. The object keypoint similarity (``oks``)
over the body keypoints visible in both measures how well, and leaves out the worst of them
(``oks.FORGIVEN``): a wrong wrist makes nobody a second person. Where fewer than
``MIN_SHARED_OF_DUPLICATES`` of the body are visible in both, as in images of hands, all keypoints
count. Otherwise they do not: two people whose faces the network put on one spot have 243 of 308 in
common. The extent of the visible keypoints is the size, because boxes may be as loose as the whole
image.

* *Halves* agree, have at least ``MIN_SHARED`` visible body keypoints in common, and each has at
  least ``MIN_OWN`` that the other has not: the upper and the lower body of a lying person, for
  example. Each keypoint is then taken from the skeleton where it scores higher.
* Otherwise two skeletons are *the same* if they agree and have in common at least
  ``MIN_SHARED_OF_DUPLICATES`` visible keypoints, and ``COVERED`` of those of the lower-ranking one;
  the higher-ranking one stays unchanged.

Two different people are neither, because their heads, for example, are at different positions. A
skeleton ranks by the sum of its scores times the score of its box, so that a whole body ranks
higher than a part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..oks import FORGIVEN, similarity
from ..pose import Array, Pose, box_around, is_visible

MIN_SHARED = 2
"""Minimum number of body keypoints that are visible in both halves."""

MIN_SHARED_OF_DUPLICATES = 3
"""Minimum number of keypoints that are visible in both of two skeletons that are the same. With
fewer, 0.17 % of people vanish in the table of doubles in ``benchmarks/README.md`` though nobody is
doubled; with three nobody does."""

MIN_FORGIVEN_SIMILARITY = 0.85
"""Minimum similarity of two skeletons whose worst keypoints do not count.

Where a lower one is asked for, as in tracking, all keypoints must reach it: with 0.8 for the best
ones, people who cross become one for a moment (identity F1 of streets 0.92 instead of 0.96 in
``benchmarks/README.md``).
"""

MIN_OWN = 2
"""Minimum number of body keypoints that are visible in one half only, for each half."""

COVERED = 0.5
"""Minimum fraction of a duplicate's visible keypoints that are visible in the other, too."""

NARROWEST = 0.1
"""Minimum ratio of the shorter to the longer side of an extent, so that no area is too small."""

BLOCK = 1024
"""Number of people that one is compared with at a time, to bound memory."""

Flags = NDArray[np.bool_]


def merge_duplicates(
    poses: tuple[Pose, ...],
    *,
    same_person: float,
    join_halves: bool,
    score_threshold: float,
) -> tuple[Pose, ...]:
    """The people of one frame, each once, in the same order.

    Args:
        poses: people of one keypoint set; there may be none.
        same_person: minimum similarity, 0 to 1, of two skeletons that agree.
        join_halves: merge halves; otherwise both stay.
        score_threshold: minimum score of a visible keypoint.
    """
    if len(poses) < 2:
        return poses
    ranks = [pose.box_score * np.clip(pose.scores, 0, None).sum() for pose in poses]
    crowd = _Crowd.of(poses, score_threshold)
    result = list(poses)
    kept: list[int] = []
    for index in np.argsort(-np.array(ranks), kind="stable").tolist():
        match, is_half = crowd.find_match(index, kept, same_person, join_halves)
        if match is None:
            kept.append(index)
        elif is_half:
            result[match] = _join(result[match], poses[index])
            crowd.replace_person(match, result[match], score_threshold)
    return tuple(result[index] for index in sorted(kept))


@dataclass(frozen=True)
class _Crowd:
    """The people of a frame as arrays, so that one is compared with many at a time.

    Attributes:
        keypoints: (N, K, 2) x, y in pixels.
        visible: (N, K) which keypoints count.
        extents: (N, 2, 2) top left and bottom right of the visible keypoints.
        body: indices of the body's joints.
        sigmas: (K,) COCO's constants of the joints.
    """

    keypoints: Array
    visible: Flags
    extents: Array
    body: NDArray[np.intp]
    sigmas: Array

    @classmethod
    def of(cls, poses: Sequence[Pose], score_threshold: float) -> _Crowd:
        keypoints = np.array([pose.keypoints_image for pose in poses])
        visible = is_visible(np.array([pose.scores for pose in poses]), score_threshold)
        extents = np.array([_extent(*person) for person in zip(keypoints, visible, strict=True)])
        keypoint_set = poses[0].keypoint_set
        return cls(
            keypoints, visible, extents, keypoint_set.part_indices("body"), keypoint_set.sigmas
        )

    def replace_person(self, index: int, pose: Pose, score_threshold: float) -> None:
        """Replace the person at ``index`` by ``pose``."""
        self.keypoints[index] = pose.keypoints_image
        self.visible[index] = is_visible(pose.scores, score_threshold)
        self.extents[index] = _extent(self.keypoints[index], self.visible[index])

    def find_match(
        self,
        index: int,
        kept: Sequence[int],
        same_person: float,
        join_halves: bool,
    ) -> tuple[int | None, bool]:
        """The first of ``kept`` that is the same person, and whether the two are halves to merge.

        See ``merge_duplicates`` for the arguments; ``index`` and ``kept`` are people of the frame.
        """
        near = self._find_touching(kept, index)
        for start in range(0, len(near), BLOCK):
            others = near[start : start + BLOCK]
            num_shared = (self.visible[others] & self.visible[index]).sum(axis=1)
            others, num_shared = (each[num_shared >= MIN_SHARED] for each in (others, num_shared))
            if not len(others):
                continue
            similarities = self._similarities(index, others, FORGIVEN)
            agree = similarities >= max(same_person, MIN_FORGIVEN_SIMILARITY)
            if ((similarities >= same_person) & ~agree).any():  # of all keypoints it is lower
                agree |= self._similarities(index, others, 0.0) >= same_person
            is_half = self._are_halves(index, others)
            least = max(MIN_SHARED_OF_DUPLICATES, COVERED * self.visible[index].sum())
            (matches,) = np.nonzero(agree & np.where(is_half, join_halves, num_shared >= least))
            if len(matches):
                return int(others[matches[0]]), bool(is_half[matches[0]])
        return None, False

    def _find_touching(self, kept: Sequence[int], index: int) -> NDArray[np.intp]:
        """Those of ``kept`` whose extent touches that of ``index``, in their order."""
        candidates = np.array(kept, dtype=np.intp)
        low, high = self.extents[index]
        lows, highs = self.extents[candidates, 0], self.extents[candidates, 1]
        return candidates[((lows <= high) & (low <= highs)).all(axis=1)]

    def _similarities(self, index: int, others: NDArray[np.intp], forgiven: float) -> Array:
        """(M,) of the bodies, or of all keypoints where too little of both bodies is visible."""
        by_body = self._similarities_of(self.body, index, others, forgiven)
        if len(self.body) == len(self.sigmas):
            return by_body
        shared = (self.visible[np.ix_(others, self.body)] & self.visible[index, self.body]).sum(
            axis=1
        )
        of_parts = shared < MIN_SHARED_OF_DUPLICATES
        if of_parts.any():
            everything = np.arange(len(self.sigmas))
            by_body[of_parts] = self._similarities_of(everything, index, others[of_parts], forgiven)
        return by_body

    def _similarities_of(
        self, joints: NDArray[np.intp], index: int, others: NDArray[np.intp], forgiven: float
    ) -> Array:
        joints = joints[self.visible[index, joints]]  # no other keypoints can be in common
        cells = np.ix_(others, joints)
        areas = np.maximum(_areas(self.extents[others]), _areas(self.extents[index, None]))
        return similarity(
            self.keypoints[None, index, joints],
            self.keypoints[cells],
            self.visible[None, index, joints],
            self.visible[cells],
            areas,
            self.sigmas[joints],
            forgiven=forgiven,
        )[0]

    def _are_halves(self, index: int, others: NDArray[np.intp]) -> Flags:
        theirs, its = self.visible[np.ix_(others, self.body)], self.visible[index, self.body]
        fewest = np.minimum((theirs & ~its).sum(axis=1), (its & ~theirs).sum(axis=1))
        halves: Flags = (fewest >= MIN_OWN) & ((theirs & its).sum(axis=1) >= MIN_SHARED)
        return halves


def _join(pose: Pose, other: Pose) -> Pose:
    """``pose`` with those keypoints of ``other`` that score higher, and a box around both boxes."""
    is_higher = other.scores > pose.scores
    low, high = (side(pose.box_xyxy, other.box_xyxy) for side in (np.minimum, np.maximum))
    return replace(
        pose,
        keypoints_image=np.where(is_higher[:, None], other.keypoints_image, pose.keypoints_image),
        scores=np.where(is_higher, other.scores, pose.scores),
        box_xyxy=np.concatenate([low[:2], high[2:]]),
        box_score=max(pose.box_score, other.box_score),
    )


def _extent(keypoints: Array, visible: Flags) -> Array:
    """(2, 2) top left and bottom right of the visible keypoints; touches nothing if none is."""
    return box_around(keypoints, visible, (np.inf, np.inf, -np.inf, -np.inf)).reshape(2, 2)


def _areas(extents: Array) -> Array:
    """(N,) areas of (N, 2, 2) corners in square pixels, of narrow ones as if they were wider."""
    sides = extents[:, 1] - extents[:, 0]
    areas = np.maximum(sides.prod(axis=1), NARROWEST * sides.max(axis=1) ** 2)
    return np.where((sides >= 0).all(axis=1), areas, 0.0)
