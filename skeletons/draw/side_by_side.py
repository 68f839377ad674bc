"""Frames beside each other in one image, for people to compare."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from ..foundation.arrays import Image
from ..pose import Frame
from .options import DrawOptions
from .styles import render_image

GAP_PX = 4
"""Width of the grey line between two frames, at any height."""
CAPTION_SHARE = 1 / 24
"""Height of a caption, as a share of the image's."""
MAX_ASPECT = 4
"""A frame wider than this many times its height is shown smaller."""
GREY = (128, 128, 128)


def draw_side_by_side(
    frames: Mapping[str, Frame], canvases_wh: Mapping[str, tuple[int, int]], height: int
) -> Image:
    """(height, W, 3) uint8: the people of each frame on black, with a caption in the corner.

    Args:
        frames: one or more, by caption.
        canvases_wh: width and height, by caption, of which each cell has the proportions, so that
            all frames of a clip give images of one size. A frame of others is fitted into it.
        height: of the image in pixels.
    """
    cells = [
        _draw_cell(caption, frame, canvases_wh[caption], height)
        for caption, frame in frames.items()
    ]
    line = np.full((height, GAP_PX, 3), GREY, np.uint8)
    pieces = [piece for cell in cells for piece in (line, cell)][1:]
    return np.concatenate(pieces, axis=1)


def _draw_cell(caption: str, frame: Frame, canvas_wh: tuple[int, int], height: int) -> Image:
    width = max(1, round(height * min(canvas_wh[0] / canvas_wh[1], MAX_ASPECT)))
    options = DrawOptions(canvas_wh=(width, height), draw_feet=True, relative_size=True)
    image_rgb = render_image(frame, options)
    scale = height * CAPTION_SHARE / 30  # a letter of OpenCV's font is 22 pixels high at 1
    baseline_xy = (round(10 * scale), round(30 * scale))
    cv2.putText(
        image_rgb, caption, baseline_xy, cv2.FONT_HERSHEY_SIMPLEX, scale, GREY, 1, cv2.LINE_AA
    )
    return image_rgb
