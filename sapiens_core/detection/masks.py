"""People as masks say where they are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...skeletons.foundation.checks import check_options, one_of, within
from ...skeletons.pose import Array, Frame, Pose
from .people import Labels, People

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]
"""(h, w) True where somebody is; need not be of the picture's size."""

Meaning = Literal["auto", "parts", "people"]

DEFAULT_REACH = 0.1
"""Of the box's longer side: how far a point may lie outside its person's mask."""

MAX_PEOPLE = 2**15 - 1
"""With masks in one picture. Labels beyond stand for several people."""

MAX_OWNERS = 2**20
"""Of all labels that stand for several people, together."""

PIXELS_AT_A_TIME = 2**24
"""Of a mask, when the pixels of its parts are counted."""


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The people of one picture, as ``People`` has them, but in a mask's own pixels."""

    boxes: Array
    labels: Labels
    shared: dict[int, tuple[int, ...]] = field(default_factory=dict)


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
        ValueError: the number of masks does not fit the number of pictures, or there are more than
            ``MAX_PEOPLE`` in one.
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
            return _in_all(_by_parts(masks[0], options), canvases_wh)
        each = zip(masks, canvases_wh, strict=True)
        return [_scaled(_by_parts(mask, options), canvas_wh) for mask, canvas_wh in each]
    if options.meaning == "people" and 0 < num_masks < count:
        log.info(
            "There are %d masks for %d pictures: each mask is taken as one person, in every "
            "picture.",
            *(num_masks, count),
        )
        check_people_count(num_masks)
        return _in_all(_a_person_each(masks, options), canvases_wh)
    if not num_masks or num_masks % max(count, 1):
        raise ValueError(
            f"There are {num_masks} masks for {count} pictures; with a person a mask, expected "
            f"as many masks as pictures, or 2, 3, ... times as many.{_advice(num_masks, count)}"
        )
    check_people_count(num_masks // max(count, 1))
    return [
        people_from_separate_masks(masks[frame::count], canvas_wh, options)
        for frame, canvas_wh in enumerate(canvases_wh)
    ]


def people_from_separate_masks(
    masks: Iterable[Mask], canvas_wh: tuple[int, int], options: MaskOptions | None = None
) -> People:
    """The people of one picture, each with a mask; no two of these are needed at a time.

    Args:
        masks: (h, w) each, all of one size.
        canvas_wh: width and height of the picture in pixels.
        options: what counts as a speck.
    """
    return _scaled(_a_person_each(masks, options or MaskOptions()), canvas_wh)


def check_people_count(count: int) -> None:
    """Raises ValueError if more people have masks in one picture than can be told apart."""
    if count > MAX_PEOPLE:
        raise ValueError(
            f"{count:,} people have masks in one picture; at most {MAX_PEOPLE:,} can be told apart."
        )


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
                _inside(pose, labels, group.own_labels(number), reach) if number else pose
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


def _large_parts(mask: Mask, options: MaskOptions) -> Labels:
    """(h, w) the connected parts of a mask that are large enough, counted from 1."""
    count, parts = cv2.connectedComponents(mask.astype(np.uint8))
    # Not by OpenCV's own statistics: those of millions of specks take gigabytes.
    areas = np.zeros(count, np.int64)
    for rows in np.array_split(parts, -(-parts.size // PIXELS_AT_A_TIME)):
        areas += np.bincount(rows.ravel(), minlength=count)
    areas[0] = 0  # the background
    large = np.flatnonzero(areas >= max(1, options.min_part * mask.size))
    check_people_count(len(large))
    numbers = np.zeros(count, np.uint16)
    numbers[large] = np.arange(1, len(large) + 1)
    return np.asarray(numbers[parts], dtype=np.uint16)


def _by_parts(mask: Mask, options: MaskOptions) -> _Sheet:
    """Each large part of a mask as a person, from left to right."""
    labels = _large_parts(mask, options)
    boxes = _boxes_around(labels)
    order = np.argsort(boxes[:, 0], kind="stable")
    numbers = np.zeros(len(boxes) + 1, np.uint16)
    numbers[1 + order] = np.arange(1, len(boxes) + 1)
    return _Sheet(boxes[order], numbers[labels])


def _a_person_each(masks: Iterable[Mask], options: MaskOptions) -> _Sheet:
    """The large parts of each mask as a person; masks without any are left out."""
    boxes: list[Array] = []
    labels = np.zeros((1, 1), np.uint16)
    shared: dict[int, tuple[int, ...]] = {}
    for mask in masks:
        own = _large_parts(mask, options) > 0
        if not boxes:
            labels = np.zeros(own.shape, np.uint16)
        for box in _boxes_around(own.view(np.uint8)):
            boxes.append(box)
            left, top, right, bottom = box.astype(int)
            window = slice(top, bottom), slice(left, right)
            _claim(labels[window], own[window], len(boxes), shared)
    return _Sheet(np.reshape(boxes, (-1, 4)), labels, shared)


def _claim(labels: Labels, own: Mask, number: int, shared: dict[int, tuple[int, ...]]) -> None:
    """Writes into labels, and which of them stand for several, that pixels are a person's too."""
    claimed = labels[own]
    new_labels = np.arange(2**16, dtype=np.uint16)
    new_labels[0] = number
    num_owners = sum(map(len, shared.values()))
    for label in np.unique(claimed[claimed > 0]).tolist():
        owners = (*shared.get(label, (label,)), number)
        num_owners += len(owners)
        next_label = 2**16 - 1 - len(shared)
        if next_label > MAX_PEOPLE and num_owners <= MAX_OWNERS:
            shared[next_label] = owners
            new_labels[label] = next_label
        # Else those before have the pixels.
    labels[own] = new_labels[claimed]


def _in_all(sheet: _Sheet, canvases_wh: Sequence[tuple[int, int]]) -> list[People]:
    """The same people in every picture."""
    # Shared by the frames: a clip's worth of equal labels would fill the memory.
    people = {canvas_wh: _scaled(sheet, canvas_wh) for canvas_wh in set(canvases_wh)}
    return [people[canvas_wh] for canvas_wh in canvases_wh]


def _scaled(sheet: _Sheet, canvas_wh: tuple[int, int]) -> People:
    if not len(sheet.boxes):
        return People([])
    height, width = sheet.labels.shape
    scale = np.array(canvas_wh) / (width, height)
    resized = cv2.resize(sheet.labels, canvas_wh, interpolation=cv2.INTER_NEAREST)
    labels = np.asarray(resized, dtype=np.uint16)
    return People(sheet.boxes * np.tile(scale, 2), labels=labels, shared=sheet.shared)


def _boxes_around(labels: NDArray[np.uint8] | Labels) -> Array:
    """(N, 4) left, top, right, bottom of the pixels of each label from 1 to N."""
    places = ndimage.find_objects(labels)
    boxes = [[columns.start, rows.start, columns.stop, rows.stop] for rows, columns in places]
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _inside(pose: Pose, labels: Labels, own_labels: tuple[int, ...], reach: float) -> Pose:
    # Only where the person is: that costs as little for each of a crowd as for one.
    points = np.concatenate([pose.keypoints_image, pose.box_xyxy.reshape(2, 2)])
    limits = labels.shape[::-1]
    left, top = np.clip(np.floor(points.min(axis=0)) - 2, 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(points.max(axis=0)) + 3, 0, limits).astype(int)
    own = np.isin(labels[top:bottom, left:right], own_labels)
    if not own.any():
        return pose
    allowed = reach * np.abs(pose.box_xyxy[2:] - pose.box_xyxy[:2]).max()
    far = _distances(own, pose.keypoints_image - (left, top)) > allowed
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
