"""Whose mask a pose belongs to, and which of its keypoints lie outside that mask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...skeletons.pose import Array, Frame, Pose
from .people import OwnPixels, People


def hide_outside_masks(
    frames: Sequence[Frame], people: Sequence[People], reach: float
) -> list[Frame]:
    """Gives score 0 to keypoints that lie far outside their own person's mask.

    Args:
        frames: the people as estimated, in the order of ``people`` and recognised by their boxes.
            Some may be missing; a pose merged from several is left as it is.
        people: where their masks are; those without are left as they are.
        reach: how far a keypoint may lie outside, as a share of the longer side of the box.
    """
    hidden = []
    for frame, group in zip(frames, people, strict=True):
        masks = map(group.own_pixels, owners_by_box(frame.poses, group))
        poses = [
            hide_outside_mask(pose, mask, reach) if mask else pose
            for pose, mask in zip(frame.poses, masks, strict=True)
        ]
        hidden.append(replace(frame, poses=tuple(poses)))
    return hidden


def hide_outside_mask(pose: Pose, mask: OwnPixels, reach: float) -> Pose:
    """A pose whose keypoints far outside its own mask have score 0, see ``hide_outside_masks``."""
    # Only the window around the person: in a crowd that costs as little per person as for one.
    corners = np.concatenate([pose.keypoints_image, pose.box_xyxy.reshape(2, 2)])
    limits = mask.labels.shape[::-1]
    left, top = np.clip(np.floor(corners.min(axis=0)) - 2, 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 3, 0, limits).astype(int)
    own = np.isin(mask.labels[top:bottom, left:right], mask.own_labels)
    if not own.any():
        return pose
    allowed_px = reach * np.abs(pose.box_xyxy[2:] - pose.box_xyxy[:2]).max()
    far = _distances(own, pose.keypoints_image - (left, top)) > allowed_px
    return replace(pose, scores=np.where(far, np.minimum(pose.scores, 0), pose.scores))


def owners_by_box(poses: Sequence[Pose], people: People) -> list[int]:
    """The number of each pose's person, counted from 1; 0 where nobody has its box or labels.

    Poses and people are in the same order, so that equal boxes are told apart.
    """
    if people.labels is None:
        return [0] * len(poses)
    boxes = np.reshape(people.boxes_xyxy, (-1, 4))
    numbers, first = [], 0
    for pose in poses:
        later = range(first, len(boxes))
        same = (index for index in later if np.array_equal(boxes[index], pose.box_xyxy))
        number = next(same, -1) + 1
        numbers.append(number)
        first = number or first
    return numbers


def owner_by_keypoints(pose: Pose, people: People) -> int:
    """The number of the person on whose pixels most found keypoints lie, 0 if on nobody's.

    By keypoints, because a pose that shows two detections merged has the box of neither; the box
    decides between people who claim equally many.
    """
    if people.labels is None:
        return 0
    height, width = people.labels.shape
    columns, rows = np.rint(pose.keypoints_image[pose.scores > 0]).astype(int).T
    inside = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
    claimed = filter(None, people.labels[rows[inside], columns[inside]].tolist())
    votes = Counter(owner for label in claimed for owner in people.shared.get(label, (label,)))
    boxes = np.reshape(people.boxes_xyxy, (-1, 4))

    def claim(number: int) -> tuple[int, bool, int]:
        return votes[number], np.array_equal(boxes[number - 1], pose.box_xyxy), -number

    return max(votes, key=claim, default=0)


def _distances(mask: NDArray[np.bool_], keypoints: Array) -> Array:
    """(K,) pixels from each (x, y) to the nearest pixel of a mask.

    For a keypoint outside the image, the way to the image's edge is added.
    """
    to_mask = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    limits = np.array(mask.shape[::-1]) - 1
    nearest = np.clip(keypoints, 0, limits)
    columns, rows = np.rint(nearest).astype(int).T
    beyond = np.linalg.norm(keypoints - nearest, axis=1)
    return np.asarray(to_mask[rows, columns] + beyond, dtype=np.float64)
