"""One skeleton a person: the second of two is dropped, and halves are put together.

Two boxes around one person give two skeletons that agree. How well is told by the object keypoint
similarity (``oks``) over the joints that both have seen. The extent of the seen joints counts as
size, since boxes may be as loose as the whole picture.

* *Halves* agree, share at least ``MIN_SHARED`` joints of the body, and each has seen ``MIN_OWN``
  or more joints of the body that the other has not: upper and lower body of somebody who lies,
  say. Each joint is then taken from whoever has seen it better.
* Otherwise they are *the same* if they agree and share at least ``COVERED`` of what the lesser
  has seen: the better one stays as it is.

Two people are neither: where one has a head and the other has one elsewhere, they do not agree.
The better skeleton is the one with the higher sum of scores times the score of its box, so that a
whole body comes before a part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..oks import similarity
from ..pose import Array, Pose, box_around, is_visible

MIN_SHARED = 2
MIN_OWN = 2
COVERED = 0.5

NARROWEST = 0.1
"""Least ratio of width to height that counts in a size: people are no lines."""

BLOCK = 1024
"""People that one is compared with at a time, which bounds the memory."""

Seen = NDArray[np.bool_]


def merge_duplicates(
    poses: tuple[Pose, ...],
    *,
    same_person: float,
    join_halves: bool,
    score_threshold: float,
    min_shared: int = 1,
) -> tuple[Pose, ...]:
    """The people of one frame, each once, in the order they came in.

    Args:
        poses: people of one keypoint set; there may be none.
        same_person: similarity, 0 to 1, from which on two skeletons agree.
        join_halves: put halves together; otherwise both stay.
        score_threshold: score from which on a joint counts as seen.
        min_shared: joints seen by both without which two skeletons are not compared.
    """
    if len(poses) < 2:
        return poses
    ranks = [pose.box_score * np.clip(pose.scores, 0, None).sum() for pose in poses]
    crowd = _Crowd.of(poses, score_threshold)
    result = list(poses)
    kept: list[int] = []
    for place in np.argsort(-np.array(ranks), kind="stable").tolist():
        better, is_half = crowd.same_as(place, kept, same_person, join_halves, min_shared)
        if better is None:
            kept.append(place)
        elif is_half:
            result[better] = _join(result[better], poses[place])
            crowd.put(better, result[better], score_threshold)
    return tuple(result[place] for place in sorted(kept))


@dataclass(frozen=True)
class _Crowd:
    """The people of a frame as arrays, so that one is compared with many at a time.

    Attributes:
        points: (N, K, 2) in pixels.
        seen: (N, K) which joints count.
        extents: (N, 2, 2) top left and bottom right of the seen joints.
        body: positions of the body's joints.
        sigmas: (K,) of the joints.
    """

    points: Array
    seen: Seen
    extents: Array
    body: NDArray[np.intp]
    sigmas: Array

    @classmethod
    def of(cls, poses: Sequence[Pose], score_threshold: float) -> _Crowd:
        points = np.array([pose.keypoints_image for pose in poses])
        seen = is_visible(np.array([pose.scores for pose in poses]), score_threshold)
        extents = np.array([_extent(*each) for each in zip(points, seen, strict=True)])
        keypoint_set = poses[0].keypoint_set
        return cls(points, seen, extents, keypoint_set.part_indices("body"), keypoint_set.sigmas)

    def put(self, place: int, pose: Pose, score_threshold: float) -> None:
        """Somebody has become ``pose``."""
        self.points[place] = pose.keypoints_image
        self.seen[place] = is_visible(pose.scores, score_threshold)
        self.extents[place] = _extent(self.points[place], self.seen[place])

    def same_as(
        self, place: int, kept: Sequence[int], same_person: float, join_halves: bool, least: int
    ) -> tuple[int | None, bool]:
        """Who of ``kept`` somebody is too, if anyone, and whether the two are halves to be joined.

        The first one; ``least`` joints at least must be shared.
        """
        near = self._touching(kept, place)
        for start in range(0, len(near), BLOCK):
            others = near[start : start + BLOCK]
            num_shared = (self.seen[others] & self.seen[place]).sum(axis=1)
            agree = (num_shared >= least) & (self._likeness(place, others) >= same_person)
            is_half = self._are_halves(place, others)
            covered = num_shared >= COVERED * self.seen[place].sum()
            (found,) = np.nonzero(agree & np.where(is_half, join_halves, covered))
            if len(found):
                return int(others[found[0]]), bool(is_half[found[0]])
        return None, False

    def _touching(self, kept: Sequence[int], place: int) -> NDArray[np.intp]:
        """Those of ``kept`` whose extent touches that of ``place``, in their order."""
        candidates = np.array(kept, dtype=np.intp)
        low, high = self.extents[place]
        lows, highs = self.extents[candidates, 0], self.extents[candidates, 1]
        return candidates[((lows <= high) & (low <= highs)).all(axis=1)]

    def _likeness(self, place: int, others: NDArray[np.intp]) -> Array:
        (rows,) = np.nonzero(self.seen[place])  # of the others no more can be shared
        cells = np.ix_(others, rows)
        areas = np.maximum(_areas(self.extents[others]), _areas(self.extents[place, None]))
        return similarity(
            self.points[None, place, rows],
            self.points[cells],
            self.seen[None, place, rows],
            self.seen[cells],
            areas,
            self.sigmas[rows],
        )[0]

    def _are_halves(self, place: int, others: NDArray[np.intp]) -> Seen:
        theirs, its = self.seen[np.ix_(others, self.body)], self.seen[place, self.body]
        fewest = np.minimum((theirs & ~its).sum(axis=1), (its & ~theirs).sum(axis=1))
        halves: Seen = (fewest >= MIN_OWN) & ((theirs & its).sum(axis=1) >= MIN_SHARED)
        return halves


def _join(better: Pose, pose: Pose) -> Pose:
    takes = pose.scores > better.scores
    low, high = (side(better.box_xyxy, pose.box_xyxy) for side in (np.minimum, np.maximum))
    return replace(
        better,
        keypoints_image=np.where(takes[:, None], pose.keypoints_image, better.keypoints_image),
        scores=np.where(takes, pose.scores, better.scores),
        box_xyxy=np.concatenate([low[:2], high[2:]]),
        box_score=max(better.box_score, pose.box_score),
    )


def _extent(points: Array, seen: Seen) -> Array:
    """(2, 2) top left and bottom right of the seen joints; nobody's touches nothing."""
    return box_around(points, seen, (np.inf, np.inf, -np.inf, -np.inf)).reshape(2, 2)


def _areas(extents: Array) -> Array:
    """(N,) square pixels of (N, 2, 2) corners, of narrow ones as if they were wider."""
    sides = extents[:, 1] - extents[:, 0]
    areas = np.maximum(sides.prod(axis=1), NARROWEST * sides.max(axis=1) ** 2)
    return np.where((sides >= 0).all(axis=1), areas, 0.0)
