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

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .oks import similarity
from .pose import Array, Pose, is_visible

MIN_SHARED = 2
MIN_OWN = 2
COVERED = 0.5

NARROWEST = 0.1
"""Least ratio of width to height that counts in a size: people are no lines."""

Seen = NDArray[np.bool_]


def without_duplicates(
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
    extents = np.array([_extent(pose, is_visible(pose.scores, score_threshold)) for pose in poses])
    result = list(poses)
    kept: list[int] = []
    for place in np.argsort(-np.array(ranks), kind="stable").tolist():
        for better in _touching(extents, kept, place):
            joined = _same(
                result[better], poses[place], same_person, join_halves, score_threshold, min_shared
            )
            if joined:
                result[better] = joined
                extents[better] = _extent(joined, is_visible(joined.scores, score_threshold))
                break
        else:
            kept.append(place)
    return tuple(result[place] for place in sorted(kept))


def _same(
    better: Pose,
    pose: Pose,
    same_person: float,
    join_halves: bool,
    score_threshold: float,
    min_shared: int,
) -> Pose | None:
    """What becomes of two skeletons if they are one person's, else None."""
    seen, others = (is_visible(each.scores, score_threshold) for each in (better, pose))
    shared = seen & others
    if shared.sum() < min_shared or _similarity(better, pose, seen, others) < same_person:
        return None
    body = pose.keypoint_set.part("body")
    own, new = (seen & ~others)[body].sum(), (others & ~seen)[body].sum()
    if min(own, new) >= MIN_OWN and shared[body].sum() >= MIN_SHARED:
        return _join(better, pose) if join_halves else None
    return better if shared.sum() >= COVERED * others.sum() else None


def _similarity(better: Pose, pose: Pose, seen: Seen, others: Seen) -> float:
    area = max(_area(_extent(better, seen)), _area(_extent(pose, others)))
    alike = similarity(
        better.keypoints_image[None],
        pose.keypoints_image[None],
        seen[None],
        others[None],
        area,
        pose.keypoint_set.sigmas,
    )
    return float(alike[0, 0])


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


def _touching(extents: Array, kept: list[int], place: int) -> list[int]:
    """Those of ``kept`` whose extent touches that of ``place``, in their order."""
    candidates = np.array(kept, dtype=np.intp)
    low, high = extents[place]
    lows, highs = extents[candidates, 0], extents[candidates, 1]
    touching = ((lows <= high) & (low <= highs)).all(axis=1)
    return [int(each) for each in candidates[touching]]


def _extent(pose: Pose, seen: Seen) -> Array:
    """(2, 2) top left and bottom right of the seen joints; nobody's touches nothing."""
    points = pose.keypoints_image[seen]
    if not len(points):
        return np.array([[np.inf, np.inf], [-np.inf, -np.inf]])
    return np.array([points.min(axis=0), points.max(axis=0)])


def _area(extent: Array) -> float:
    """Square pixels of the (2, 2) corners ``extent``, of a narrow one as if it were wider."""
    sides = extent[1] - extent[0]
    return float(max(sides.prod(), NARROWEST * sides.max() ** 2)) if (sides >= 0).all() else 0.0
