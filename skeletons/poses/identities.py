"""Who is who in a clip, as consecutive numbers, and which of another program's masks shows whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..options.option import SCORE_THRESHOLD
from ..pose import Frame, is_visible

MIN_INSIDE = 0.5
"""Minimum share of a pose's visible keypoints inside a mask that is another person's by its number.
Of two people who hug, a third of one's keypoints may lie in the other's mask."""

Masks = NDArray[np.bool_]
"""(N, h, w) one mask per person; N may be 0, and the size may differ from the frame's."""


def number_identities(frames: Sequence[Frame]) -> list[tuple[int, ...]]:
    """The number of each pose of each frame: 0 for the lowest id of the clip, 1 for the next, ...

    People without an id are numbered by their index in the frame, after those with one.
    """
    ids = {pose.person_id for frame in frames for pose in frame.poses if pose.person_id is not None}
    rank = {person_id: index for index, person_id in enumerate(sorted(ids))}
    return [
        tuple(
            len(rank) + index if pose.person_id is None else rank[pose.person_id]
            for index, pose in enumerate(frame.poses)
        )
        for frame in frames
    ]


def match_masks(
    frames: Sequence[Frame],
    numbers: Sequence[Sequence[int]],
    masks_of: Callable[[int], Masks],
    score_threshold: float = SCORE_THRESHOLD.default,
) -> list[dict[int, int]]:
    """By the number of a person, the index of the mask that shows them, for each frame.

    A mask is whose visible keypoints it holds; the index that is the person's own id counts most
    where a person is nearly hidden. Between frames in which it is the same person's, it stays
    theirs where no pose is in it, so that nobody's mask flickers.

    Args:
        frames: the people.
        numbers: of ``number_identities``.
        masks_of: the masks of the frame with an index; the order is the same in all frames.
        score_threshold: minimum score of a visible keypoint.
    """
    found = [
        _match(frame, some, masks_of(index), score_threshold)
        for index, (frame, some) in enumerate(zip(frames, numbers, strict=True))
    ]
    for mask in range(len(masks_of(0)) if found else 0):
        _fill_gaps(found, mask, masks_of)
    return found


def _fill_gaps(
    found: Sequence[dict[int, int]], mask: int, masks_of: Callable[[int], Masks]
) -> None:
    """Gives a mask to whose it is before and after frames in which it is nobody's, in place."""
    last: int | None = None
    gap: list[int] = []
    for index, matches in enumerate(found):
        number = next((number for number, other in matches.items() if other == mask), None)
        if number is None:
            gap.append(index)
            continue
        for between in gap:
            if number == last and masks_of(between)[mask].any():
                found[between].setdefault(number, mask)
        last, gap = number, []


def _match(
    frame: Frame, numbers: Sequence[int], masks: Masks, score_threshold: float
) -> dict[int, int]:
    """By the number of a person in one frame, the index of their mask; the best pairs first."""
    pairs = []
    for number, pose in zip(numbers, frame.poses, strict=True):
        visible = is_visible(pose.scores, score_threshold)
        inside = _shares_inside(masks, pose.keypoints_image[visible], frame.canvas_wh)
        for mask, share in enumerate(inside):
            if share >= MIN_INSIDE or (mask == pose.person_id and share > 0):
                pairs.append((-share, mask != pose.person_id, number, mask))
    matches: dict[int, int] = {}
    for _, _, number, mask in sorted(pairs):
        if number not in matches and mask not in matches.values():
            matches[number] = mask
    return matches


def _shares_inside(
    masks: Masks, keypoints_image: NDArray[np.float64], canvas_wh: tuple[int, int]
) -> list[float]:
    """The share of (K, 2) keypoints in pixels of the frame that lies in each mask."""
    height, width = masks.shape[1:]
    pixels = np.floor(keypoints_image * (width, height) / canvas_wh)
    on_mask = ((pixels >= 0) & (pixels < (width, height))).all(axis=1)
    if not on_mask.any():
        return [0.0] * len(masks)
    columns, rows = pixels[on_mask].astype(int).T
    shares: list[float] = (masks[:, rows, columns].sum(axis=1) / len(pixels)).tolist()
    return shares
