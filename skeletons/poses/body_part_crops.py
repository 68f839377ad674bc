"""One body part of all people of a clip: parts and masks per frame, and crops in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..choices import PARTS, Missing
from ..foundation.arrays import Image
from ..pose import Frame, on_canvas
from .body_parts import BodyPart, PartOptions, cut_crop, draw_mask, find_parts

PartsOfPeople = list[list[BodyPart | None]]
"""Per person, in order, the parts that an option stands for; None for those not seen."""


def find_all_parts(frames: Sequence[Frame], options: PartOptions) -> list[PartsOfPeople]:
    """The parts of all people per frame, None for those not seen.

    Empty slots, people of whom nothing was found, are left out.
    """
    return [[find_parts(pose, options) for pose in frame.found_poses] for frame in frames]


def fit_to_canvas(frame: Frame, canvas_wh: tuple[int, int]) -> Frame:
    """The frame scaled to an image of another size, both axes independently."""
    if frame.canvas_wh == canvas_wh:
        return frame
    return Frame(canvas_wh, tuple(on_canvas(pose, canvas_wh) for pose in frame.poses))


def draw_masks(
    frames: Sequence[Frame], parts: Sequence[PartsOfPeople], options: PartOptions
) -> list[Image]:
    """A (H, W) uint8 mask per frame, see ``draw_mask``.

    Raises:
        ValueError: the frames differ in size, so that their masks do not fit into one batch.
    """
    sizes = sorted({frame.canvas_wh for frame in frames})
    if len(sizes) > 1:
        raise ValueError(
            f"The frames have different sizes, {sizes[0]} and {sizes[1]} pixels (width, height), "
            "so they have no common mask. Give frames of one size, or connect their image."
        )
    return [
        draw_mask(
            [part for person in people for part in person if part],
            frame.canvas_wh,
            options.dilation,
        )
        for frame, people in zip(frames, parts, strict=True)
    ]


def cut_crops(
    images_rgb: Sequence[Image],
    frames: Sequence[Frame],
    parts: Sequence[PartsOfPeople],
    options: PartOptions,
    size: int,
    missing: Missing = "black",
) -> list[Image]:
    """(size, size, 3) crops, ordered by frame, then person, then part; at least one crop.

    Unless missing parts are skipped, every person has the same number of crops in every frame, and
    a frame without people has those of one person, so that crops can be assigned to frames.

    Args:
        images_rgb: (H, W, 3) one image per frame, or one for all.
        frames: the people that the parts belong to.
        parts: what ``find_all_parts`` returned for the frames.
        options: the options that the parts were found with.
        size: side of a crop, in pixels.
        missing: what replaces a part that is not seen.
    """
    black = np.zeros((size, size, 3), np.uint8)
    names = PARTS[options.part]
    nobody: list[BodyPart | None] = [None] * len(names)
    previous: dict[tuple[int | None, str], Image] = {}
    crops: list[Image] = []
    for index, (frame, people) in enumerate(zip(frames, parts, strict=True)):
        image_rgb = images_rgb[min(index, len(images_rgb) - 1)]
        ids = [pose.person_id for pose in frame.found_poses]
        keys: list[int | None] = [
            index if person_id is None else person_id for index, person_id in enumerate(ids)
        ]
        for key, person in zip(keys or [None], people or [nobody], strict=True):
            for name, part in zip(names, person, strict=True):
                if part:
                    crop = cut_crop(image_rgb, part.box, size)
                    previous[key, name] = previous[None, name] = crop
                elif missing == "skip":
                    continue
                else:
                    crop = previous.get((key, name), black) if missing == "previous" else black
                crops.append(crop)
    return crops or [black]
