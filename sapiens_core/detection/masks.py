"""Finds people in masks: a box around each, and whose pixel is whose."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ...skeletons.options.detecting import DETECTING
from ...skeletons.pose import Array
from .people import Labels, People

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]
"""(h, w) True where a person is; need not have the image's size."""

Meaning = Literal["auto", "parts", "people"]

MAX_PEOPLE = 2**15 - 1
"""Maximum number of people with masks in one image; labels beyond stand for several people."""

MAX_OWNERS = 2**20
"""Maximum number of owners of all labels that stand for several people, together."""

BLOCK_PIXELS = 2**24
"""Pixels of a mask that are counted at a time."""


@dataclass(frozen=True, eq=False)
class _MaskPeople:
    """The people of one image, as ``People`` has them, but in a mask's own pixels.

    Attributes:
        mask_indices: of the people's masks among those that were given.
    """

    boxes: Array
    labels: Labels
    shared: dict[int, tuple[int, ...]] = field(default_factory=dict)
    mask_indices: tuple[int, ...] = ()


@dataclass(frozen=True)
class MaskOptions:
    """How masks are read, see the rows of ``skeletons/options/detecting.py``.

    With the meaning ``parts``, there is one mask per image, and each connected component of it is a
    person. With ``people``, each mask is one person, whole or in pieces. ``auto`` is ``parts`` if
    there is one mask, or one per image; otherwise ``people``, one mask per person in each image.

    Raises:
        ValueError: a value is out of range.
    """

    meaning: Meaning = DETECTING["mask_meaning"].default
    min_part: float = DETECTING["min_part"].default

    def __post_init__(self) -> None:
        DETECTING.check(self)


def people_from_masks(
    masks: Sequence[Mask],
    canvases_wh: Sequence[tuple[int, int]],
    options: MaskOptions | None = None,
) -> list[People]:
    """The people of each image: a box around each, and whose pixel is whose.

    With one mask per person, every image has the same number of masks, and the masks of the
    first person (one per image) come before those of the second. If there are fewer masks than
    images, each mask is one person in all images, which is logged. Pixels that several people
    claim belong to each of them. People without pixels in an image are not in it. Within an
    image, people of connected components go from left to right, others in the order of masks.

    Args:
        masks: (h, w) each, all of one size.
        canvases_wh: width and height of each image in pixels.
        options: what the masks mean.

    Raises:
        ValueError: the number of masks does not fit the number of images, or there are more than
            ``MAX_PEOPLE`` in one.
    """
    options = options or MaskOptions()
    count, num_masks = len(canvases_wh), len(masks)
    fits_parts = num_masks in (1, count)
    meaning = options.meaning
    if meaning == "auto":
        meaning = "parts" if fits_parts else "people"
    if meaning == "parts":
        if not fits_parts:
            raise ValueError(
                f"There are {num_masks} masks for {count} images; if each connected part is one "
                f"person, expected one mask for all or one per image.{_advice(num_masks, count)}"
            )
        if num_masks == 1:
            return _repeat(_find_components(masks[0], options), canvases_wh)
        return [
            _scale(_find_components(mask, options), canvas_wh)
            for mask, canvas_wh in zip(masks, canvases_wh, strict=True)
        ]
    if options.meaning == "people" and 0 < num_masks < count:
        log.info(
            "There are %d masks for %d images: each mask is taken as one person, in every image.",
            *(num_masks, count),
        )
        check_people_count(num_masks)
        return _repeat(_join_masks(masks, options), canvases_wh)
    if not num_masks or num_masks % max(count, 1):
        raise ValueError(
            f"There are {num_masks} masks for {count} images; if each mask is one person, expected "
            f"as many masks as images, or 2, 3, ... times as many.{_advice(num_masks, count)}"
        )
    check_people_count(num_masks // max(count, 1))
    return [
        people_from_separate_masks(masks[frame::count], canvas_wh, options)
        for frame, canvas_wh in enumerate(canvases_wh)
    ]


def people_from_separate_masks(
    masks: Iterable[Mask], canvas_wh: tuple[int, int], options: MaskOptions | None = None
) -> People:
    """The people of one image, each with a mask of its own; one mask at a time is in memory.

    Args:
        masks: (h, w) each, all of one size.
        canvas_wh: width and height of the image in pixels.
        options: how small a connected component is ignored.
    """
    return _scale(_join_masks(masks, options or MaskOptions()), canvas_wh)


def people_from_tracked_masks(
    masks: Mask,
    scores: Sequence[float],
    canvas_wh: tuple[int, int],
    options: MaskOptions | None = None,
) -> People:
    """The people of one image of a clip, in all of whose images the same mask is the same person.

    The index of a person's mask is the id. People without pixels in an image are not in it.

    Args:
        masks: (N, h, w), one per person.
        scores: of the N people.
        canvas_wh: width and height of the image in pixels.
        options: how small a connected component is ignored.
    """
    check_people_count(len(masks))
    found = _join_masks(masks, options or MaskOptions())
    ids = found.mask_indices
    return replace(_scale(found, canvas_wh), scores=[scores[index] for index in ids], ids=ids)


def check_people_count(count: int) -> None:
    """Raises ValueError if more people have masks in one image than can be told apart."""
    if count > MAX_PEOPLE:
        raise ValueError(
            f"{count:,} people have masks in one image; at most {MAX_PEOPLE:,} can be told apart."
        )


def _advice(num_masks: int, count: int) -> str:
    """What to do about so many masks, if their number fits one person per mask."""
    if not num_masks or (num_masks > count and num_masks % max(count, 1)):
        return ""
    return (
        " If each mask is one person, set the meaning of masks (mask_meaning) to 'each mask is a "
        "person'."
    )


def _label_components(mask: Mask, options: MaskOptions) -> Labels:
    """(h, w) the connected components of a mask that are large enough, numbered from 1."""
    count, components = cv2.connectedComponents(mask.astype(np.uint8))
    # Not by OpenCV's own statistics: those of millions of specks take gigabytes.
    areas = np.zeros(count, np.int64)
    for rows in np.array_split(components, -(-components.size // BLOCK_PIXELS)):
        areas += np.bincount(rows.ravel(), minlength=count)
    areas[0] = 0  # the background
    large = np.flatnonzero(areas >= max(1, options.min_part * mask.size))
    check_people_count(len(large))
    numbers = np.zeros(count, np.uint16)
    numbers[large] = np.arange(1, len(large) + 1)
    return np.asarray(numbers[components], dtype=np.uint16)


def _find_components(mask: Mask, options: MaskOptions) -> _MaskPeople:
    """Each large component of a mask as a person, from left to right."""
    labels = _label_components(mask, options)
    boxes = _boxes_around(labels)
    order = np.argsort(boxes[:, 0], kind="stable")
    numbers = np.zeros(len(boxes) + 1, np.uint16)
    numbers[1 + order] = np.arange(1, len(boxes) + 1)
    return _MaskPeople(boxes[order], numbers[labels])


def _join_masks(masks: Iterable[Mask], options: MaskOptions) -> _MaskPeople:
    """The large components of each mask as one person; masks without any are ignored."""
    boxes: list[Array] = []
    labels = np.zeros((1, 1), np.uint16)
    shared: dict[int, tuple[int, ...]] = {}
    indices: list[int] = []
    for index, mask in enumerate(masks):
        own = _label_components(mask, options) > 0
        if not boxes:
            labels = np.zeros(own.shape, np.uint16)
        for box in _boxes_around(own.view(np.uint8)):
            boxes.append(box)
            indices.append(index)
            left, top, right, bottom = box.astype(int)
            window = slice(top, bottom), slice(left, right)
            _claim(labels[window], own[window], len(boxes), shared)
    return _MaskPeople(np.reshape(boxes, (-1, 4)), labels, shared, tuple(indices))


def _claim(labels: Labels, own: Mask, number: int, shared: dict[int, tuple[int, ...]]) -> None:
    """Adds a person to the owners of its pixels, in ``labels`` and ``shared``, in place."""
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
        # Otherwise the earlier people keep the pixels.
    labels[own] = new_labels[claimed]


def _repeat(found: _MaskPeople, canvases_wh: Sequence[tuple[int, int]]) -> list[People]:
    """The same people in every image."""
    # One object per image size: a clip's worth of equal labels would fill the memory.
    people = {canvas_wh: _scale(found, canvas_wh) for canvas_wh in set(canvases_wh)}
    return [people[canvas_wh] for canvas_wh in canvases_wh]


def _scale(found: _MaskPeople, canvas_wh: tuple[int, int]) -> People:
    """The people in the pixels of an image."""
    if not len(found.boxes):
        return People([])
    height, width = found.labels.shape
    scale = np.array(canvas_wh) / (width, height)
    resized = cv2.resize(found.labels, canvas_wh, interpolation=cv2.INTER_NEAREST)
    labels = np.asarray(resized, dtype=np.uint16)
    return People(found.boxes * np.tile(scale, 2), labels=labels, shared=found.shared)


def _boxes_around(labels: NDArray[np.uint8] | Labels) -> Array:
    """(N, 4) left, top, right, bottom of the pixels of each label from 1 to N."""
    from scipy import ndimage  # late, as it takes most of a second

    slices = ndimage.find_objects(labels)
    boxes = [[columns.start, rows.start, columns.stop, rows.stop] for rows, columns in slices]
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)
