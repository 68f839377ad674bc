"""One part of all people of a clip: boxes and masks frame by frame, and crops in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..choices import PARTS, Missing
from ..foundation.arrays import Image
from ..pose import Frame, on_canvas
from .body_parts import BodyPart, PartOptions, cut_crop, draw_mask, find_parts

PartsOfPeople = list[list[BodyPart | None]]
"""Of each person, in order, the parts that were asked for."""


def find_all_parts(frames: Sequence[Frame], options: PartOptions) -> list[PartsOfPeople]:
    """The parts of everybody in every frame, None for each that is not seen.

    Empty slots, people of whom nothing was found, have no parts at all.
    """
    return [[find_parts(pose, options) for pose in frame.found_poses] for frame in frames]


def fit_to_canvas(frame: Frame, canvas_wh: tuple[int, int]) -> Frame:
    """The frame in pixels of a picture of another size that shows the same."""
    if frame.canvas_wh == canvas_wh:
        return frame
    return Frame(canvas_wh, tuple(on_canvas(pose, canvas_wh) for pose in frame.poses))


def draw_masks(
    frames: Sequence[Frame], parts: Sequence[PartsOfPeople], options: PartOptions
) -> list[Image]:
    """(H, W) uint8 masks of each frame, see ``draw_mask``.

    Raises:
        ValueError: the frames differ in size, and could not go into one batch.
    """
    sizes = sorted({frame.canvas_wh for frame in frames})
    if len(sizes) > 1:
        raise ValueError(
            f"The frames have different sizes, {sizes[0]} and {sizes[1]} pixels (width, height), "
            "so that they have no common mask. Give frames of one size, or connect their image."
        )
    return [
        draw_mask(
            [part for person in of_frame for part in person if part], canvas, options.dilation
        )
        for canvas, of_frame in zip((f.canvas_wh for f in frames), parts, strict=True)
    ]


def cut_crops(
    images_rgb: Sequence[Image],
    frames: Sequence[Frame],
    parts: Sequence[PartsOfPeople],
    options: PartOptions,
    size: int,
    missing: Missing = "black",
) -> list[Image]:
    """(size, size, 3) crops: frame by frame, person by person, part by part; at least one.

    Unless what is missing is skipped, each person gives as many crops in every frame, and a frame
    with nobody as many as one person, so that frames can be counted in crops.

    Args:
        images_rgb: a picture for each frame, or one for all.
        frames: whose people the parts are of.
        parts: of ``find_all_parts``.
        options: with which they were found.
        size: of a crop, in pixels.
        missing: what stands for a part that is not seen.
    """
    black = np.zeros((size, size, 3), np.uint8)
    names = PARTS[options.part]
    nobody: list[BodyPart | None] = [None] * len(names)
    last: dict[tuple[int | None, str], Image] = {}
    cut: list[Image] = []
    for time, (frame, of_frame) in enumerate(zip(frames, parts, strict=True)):
        image_rgb = images_rgb[min(time, len(images_rgb) - 1)]
        ids = [pose.person_id for pose in frame.found_poses]
        keys: list[int | None] = [
            place if number is None else number for place, number in enumerate(ids)
        ]
        for key, person in zip(keys or [None], of_frame or [nobody], strict=True):
            for name, part in zip(names, person, strict=True):
                if part:
                    picture = cut_crop(image_rgb, part.box, size)
                    last[key, name] = last[None, name] = picture
                elif missing == "skip":
                    continue
                else:
                    picture = last.get((key, name), black) if missing == "previous" else black
                cut.append(picture)
    return cut or [black]
