"""People as masks say where they are."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from ..skeletons.expected import check_options, one_of, within
from ..skeletons.pose import Array, Frame, Pose
from .people import Labels, People

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]
"""(h, w) True where somebody is; need not be of the picture's size."""

Meaning = Literal["auto", "parts", "people"]

DEFAULT_REACH = 0.1
"""Of the box's longer side: how far a point may lie outside its person's mask."""


@dataclass(frozen=True)
class MaskOptions:
    """How masks are read.

    Attributes:
        meaning: ``parts``: there is one mask a picture, and each connected part of it is a
            person. ``people``: each mask is one person, whole or in pieces. ``auto``: ``parts``
            if there is one mask, or one a picture; else ``people``, a mask for each person in
            each picture.
        min_part: connected parts smaller than this share of the mask are specks and do not count.

    Raises:
        ValueError: a value is out of range.
    """

    meaning: Meaning = "auto"
    min_part: float = 0.001

    def __post_init__(self) -> None:
        check_options(self, meaning=one_of(get_args(Meaning)), min_part=within(0, 1))


def people_from_masks(
    masks: Sequence[Mask],
    canvases_wh: Sequence[tuple[int, int]],
    options: MaskOptions | None = None,
) -> list[People]:
    """The people of each picture: a box around each, and whose pixel is whose.

    With one mask a person, there is a whole number of people to each picture, and the masks of
    the first person (one a picture) come before those of the second. Fewer masks than pictures
    are a person each, in all pictures; that is logged. Pixels that several people claim belong to
    each of them. People without pixels in a picture are not in it. Within a picture, people of
    connected parts go from left to right, others in the order of their masks.

    Args:
        masks: (h, w) each, all of one size.
        canvases_wh: width and height of each picture in pixels.
        options: what the masks mean.

    Raises:
        ValueError: the number of masks does not fit the number of pictures.
    """
    options = options or MaskOptions()
    count, num_masks = len(canvases_wh), len(masks)
    one_each = num_masks in (1, count)
    meaning = options.meaning
    if meaning == "auto":
        meaning = "parts" if one_each else "people"
    if meaning == "parts":
        if not one_each:
            raise ValueError(
                f"There are {num_masks} masks for {count} pictures; with a person a part, expected "
                f"one mask for all or one a picture.{_advice(num_masks, count)}"
            )
        if num_masks == 1:
            return _in_all(_large_parts(masks[0], options), canvases_wh)
        everybody = [_large_parts(sheet, options) for sheet in masks]
    elif options.meaning == "people" and 0 < num_masks < count:
        log.info(
            "There are %d masks for %d pictures: each mask is taken as one person, in every "
            "picture.",
            *(num_masks, count),
        )
        return _in_all(_without_specks(masks, options), canvases_wh)
    else:
        if not num_masks or num_masks % max(count, 1):
            raise ValueError(
                f"There are {num_masks} masks for {count} pictures; with a person a mask, expected "
                f"as many masks as pictures, or 2, 3, ... times as many.{_advice(num_masks, count)}"
            )
        everybody = [_without_specks(masks[frame::count], options) for frame in range(count)]
    pairs = zip(everybody, canvases_wh, strict=True)
    return [_people(each, canvas_wh) for each, canvas_wh in pairs]


def _advice(num_masks: int, count: int) -> str:
    """What to do about so many masks, if they would do with each of them a person."""
    if not num_masks or (num_masks > count and num_masks % max(count, 1)):
        return ""
    return (
        " If each mask is one person, set the meaning of masks (mask_meaning) to 'each mask is a "
        "person'."
    )


def hide_outside_masks(
    frames: Sequence[Frame], people: Sequence[People], reach: float
) -> list[Frame]:
    """Gives score 0 to keypoints that lie far outside their own person's mask.

    Args:
        frames: the people as estimated, in the order of ``people`` and known by their boxes. Some
            may be missing; those put together of several are left alone.
        people: where their masks are; those without are left alone.
        reach: how far a keypoint may lie outside, as a share of the longer side of the box.
    """
    hidden = []
    for frame, group in zip(frames, people, strict=True):
        labels = group.labels
        if labels is not None:
            numbers = _numbers(frame.poses, group)
            poses = [
                _inside(pose, np.isin(labels, group.own_labels(number)), reach) if number else pose
                for pose, number in zip(frame.poses, numbers, strict=True)
            ]
            frame = replace(frame, poses=tuple(poses))
        hidden.append(frame)
    return hidden


def _numbers(poses: Sequence[Pose], people: People) -> list[int]:
    """What the labels have for each pose, 0 for one whose box is none of those still waiting."""
    boxes = [box for box, _ in people.pairs()]
    numbers, first = [], 0
    for pose in poses:
        later = range(first, len(boxes))
        place = next((at for at in later if np.array_equal(boxes[at], pose.box_xyxy)), None)
        numbers.append(0 if place is None else place + 1)
        first = first if place is None else place + 1
    return numbers


def _large_parts(mask: Mask, options: MaskOptions) -> list[Mask]:
    """The connected parts of a mask that are large enough, from left to right."""
    _, parts, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    large = statistics[:, cv2.CC_STAT_AREA] >= max(1, options.min_part * mask.size)
    large[0] = False  # the background
    kept = np.flatnonzero(large)
    kept = kept[np.argsort(statistics[kept, cv2.CC_STAT_LEFT], kind="stable")]
    return [parts == number for number in kept]


def _without_specks(masks: Sequence[Mask], options: MaskOptions) -> list[Mask]:
    """Each mask's large parts together; masks without any are left out."""
    large = (_large_parts(mask, options) for mask in masks)
    return [np.logical_or.reduce(parts) for parts in large if parts]


def _in_all(masks: Sequence[Mask], canvases_wh: Sequence[tuple[int, int]]) -> list[People]:
    """The same people in every picture."""
    # Shared by the frames: a clip's worth of equal labels would fill the memory.
    people = {canvas_wh: _people(masks, canvas_wh) for canvas_wh in set(canvases_wh)}
    return [people[canvas_wh] for canvas_wh in canvases_wh]


def _people(masks: Sequence[Mask], canvas_wh: tuple[int, int]) -> People:
    if not masks:
        return People([])
    height, width = masks[0].shape
    labels, shared = _labels_of(masks)
    scale = np.array(canvas_wh) / (width, height)
    boxes = np.array([_box_around(mask) for mask in masks]) * np.tile(scale, 2)
    resized = cv2.resize(labels, canvas_wh, interpolation=cv2.INTER_NEAREST)
    return People(boxes, labels=np.asarray(resized, dtype=np.uint16), shared=shared)


def _labels_of(masks: Sequence[Mask]) -> tuple[Labels, dict[int, tuple[int, ...]]]:
    """Whose pixel each one is, and which labels stand for several people."""
    labels = np.zeros(masks[0].shape, np.uint16)
    shared: dict[int, tuple[int, ...]] = {}
    for number, mask in enumerate(masks, start=1):
        claimed = labels[mask]
        new_labels = np.arange(len(masks) + len(shared) + 1, dtype=np.uint16)
        new_labels[0] = number
        for label in np.unique(claimed[claimed > 0]).tolist():
            next_label = len(masks) + len(shared) + 1
            if next_label <= np.iinfo(labels.dtype).max:  # else those before have the pixels
                shared[next_label] = (*shared.get(label, (label,)), number)
                new_labels[label] = next_label
        labels[mask] = new_labels[claimed]
    return labels, shared


def _box_around(mask: Mask) -> list[int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def _inside(pose: Pose, own: Mask, reach: float) -> Pose:
    if not own.any():
        return pose
    allowed = reach * np.abs(pose.box_xyxy[2:] - pose.box_xyxy[:2]).max()
    far = _distances(own, pose.keypoints_image) > allowed
    return replace(pose, scores=np.where(far, np.minimum(pose.scores, 0), pose.scores))


def _distances(mask: Mask, points_image: Array) -> Array:
    """(K,) pixels from each (x, y) to the nearest one of a mask; the way outside the picture is
    added for points that lie there."""
    to_mask = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    limits = np.array(mask.shape[::-1]) - 1
    nearest = np.clip(points_image, 0, limits)
    columns, rows = np.rint(nearest).astype(int).T
    beyond = np.linalg.norm(points_image - nearest, axis=1)
    return np.asarray(to_mask[rows, columns] + beyond, dtype=np.float64)
