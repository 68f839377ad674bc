"""The canvas that a skeleton is drawn on: its size, its background, and the skeleton's position.

Keypoints are moved to the canvas before they are drawn, so that lines are as wide as a ControlNet
expects; a finished drawing is never resized, except by ``resize_short_side``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..choices import Layout
from ..foundation.arrays import Image
from ..foundation.limits import check_pixels
from ..pose import Pose
from .options import Canvas, DrawOptions


@dataclass(frozen=True)
class Placement:
    """Where a source image lies on a canvas; one rule for its pixels and for its keypoints.

    Attributes:
        source_wh, canvas_wh: width and height in pixels.
        placed_wh: size of the source on the canvas.
        offset_xy: top left corner of the source on the canvas; negative if the canvas crops it.
    """

    source_wh: tuple[int, int]
    canvas_wh: tuple[int, int]
    placed_wh: tuple[int, int]
    offset_xy: tuple[int, int]

    @classmethod
    def of(
        cls, source_wh: tuple[int, int], canvas_wh: tuple[int, int], layout: Layout
    ) -> Placement:
        """Centre the source on the canvas: inside it (``fit``), over all of it (``fill``), or
        stretched onto it."""
        scales = [canvas / source for canvas, source in zip(canvas_wh, source_wh, strict=True)]
        if layout != "stretch":
            scales = [min(scales) if layout == "fit" else max(scales)] * 2
        placed = [max(1, round(side * k)) for side, k in zip(source_wh, scales, strict=True)]
        left, top = ((canvas - side) // 2 for canvas, side in zip(canvas_wh, placed, strict=True))
        return cls(source_wh, canvas_wh, (placed[0], placed[1]), (left, top))

    @property
    def is_identity(self) -> bool:
        """Whether source and canvas have the same size."""
        return self.source_wh == self.canvas_wh

    def place_pose(self, pose: Pose) -> Pose:
        """``pose`` with keypoints and box in pixels of the canvas; unchanged if nothing moves."""
        if self.is_identity:
            return pose
        scale = np.divide(self.placed_wh, self.source_wh)
        return replace(
            pose,
            keypoints_image=pose.keypoints_image * scale + self.offset_xy,
            box_xyxy=pose.box_xyxy * np.tile(scale, 2) + np.tile(self.offset_xy, 2),
            canvas_wh=self.canvas_wh,
        )

    def place_image(self, image_rgb: Image) -> Image:
        """The source's pixels (H, W, 3) on a black canvas (H', W', 3), both uint8 RGB.

        Raises:
            ValueError: a long and narrow source, enlarged to fill a canvas of another shape, would
                have more than ``MAX_CANVAS_PIXELS``, most of them outside the canvas.
        """
        if self.is_identity:
            return image_rgb
        shrinks = self.placed_wh[0] < self.source_wh[0] or self.placed_wh[1] < self.source_wh[1]
        method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        check_pixels(
            self.placed_wh,
            "The source image, laid over the whole canvas,",
            'Choose the layout "fit", or a smaller canvas.',
        )
        placed = cv2.resize(image_rgb, self.placed_wh, interpolation=method)
        (width, height), (left, top) = self.canvas_wh, self.offset_xy
        canvas = np.zeros((height, width, 3), np.uint8)
        visible = placed[max(-top, 0) : height - top, max(-left, 0) : width - left]
        rows = slice(max(top, 0), max(top, 0) + visible.shape[0])
        canvas[rows, max(left, 0) : max(left, 0) + visible.shape[1]] = visible
        return canvas


def blank_canvas(
    canvas_wh: tuple[int, int],
    options: DrawOptions,
    image_rgb: Image | None,
    *,
    covers: bool = True,
) -> Canvas:
    """(H, W, 4) uint8 canvas to draw on: the background's RGB, and a coverage of 0.

    Args:
        canvas_wh: width and height in pixels.
        options: the background, its layout and its opacity.
        image_rgb: (H', W', 3) uint8 of any size. The option ``layout`` lays it onto the canvas just
            as it lays the poses, so that an enlarged or reduced copy of their image fits them.
        covers: False: (H, W, 3), without the coverage.

    Raises:
        ValueError: the background is the image, but none is given or it is none; or the canvas, or
            the image on it, has more pixels than ``MAX_CANVAS_PIXELS``.
    """
    check_pixels(canvas_wh, "The canvas")
    if options.background == "image":
        return _image_canvas(canvas_wh, options, _check_image(image_rgb), covers=covers)
    size_hw = canvas_wh[::-1]
    if options.background != "white":
        return np.zeros((*size_hw, 4 if covers else 3), np.uint8)
    if not covers:
        return np.full((*size_hw, 3), 255, np.uint8)
    # As whole pixels: three channels of four take 20 times as long.
    white: Canvas = np.full(size_hw, np.array([255, 255, 255, 0], np.uint8).view(np.uint32)[0])
    return white.view(np.uint8).reshape(*size_hw, 4)


def _image_canvas(
    canvas_wh: tuple[int, int], options: DrawOptions, image_rgb: Image, *, covers: bool
) -> Canvas:
    image_wh = (image_rgb.shape[1], image_rgb.shape[0])
    placed = Placement.of(image_wh, canvas_wh, options.layout).place_image(image_rgb)
    if options.image_opacity < 1:
        levels = np.rint(np.arange(256) * options.image_opacity).astype(np.uint8)
        placed = np.asarray(cv2.LUT(placed, levels), np.uint8)
    if not covers:
        return placed.copy() if placed is image_rgb else placed
    # A third of the time of assigning three channels of four.
    canvas = np.asarray(cv2.cvtColor(placed, cv2.COLOR_RGB2RGBA), np.uint8)
    pixels = canvas.view(np.uint32)
    pixels &= np.array([255, 255, 255, 0], np.uint8).view(np.uint32)
    return canvas


def _check_image(image_rgb: Image | None) -> Image:
    if image_rgb is None:
        raise ValueError("The background is the source image, but no image was given.")
    is_rgb = image_rgb.ndim == 3 and image_rgb.shape[2] == 3 and image_rgb.size
    if not is_rgb or image_rgb.dtype != np.uint8:
        raise ValueError(
            f"The background image has shape {image_rgb.shape} and type {image_rgb.dtype}, "
            "expected (height, width, 3) uint8."
        )
    return image_rgb


def lay_over(canvas: Canvas, layer: Canvas) -> Canvas:
    """(H, W, 4) uint8: a skeleton on black, as ``layer`` has it, over a background.

    Where lines and dots are opaque, and were not resized, they are as if painted on it.
    """
    if not canvas.any():
        return layer
    uncovered = (255 - layer[..., 3:].astype(np.float32)) / 255
    laid: Canvas = np.rint((canvas * uncovered + layer).clip(0, 255)).astype(np.uint8)
    return laid


def divide_by_coverage(canvas: Canvas) -> Image:
    """(H, W, 3) uint8 RGB of a skeleton on black, at full strength wherever it covers anything."""
    coverage = canvas[..., 3:].astype(np.float32)
    colors = canvas[..., :3] * (255 / np.maximum(coverage, 1))
    rounded: Image = np.rint(np.minimum(colors, 255)).astype(np.uint8)
    return rounded


def resize_short_side(image: Image, short_side: int) -> Image:
    """``image`` (H, W) or (H, W, C) resized so that its shorter side is ``short_side`` pixels.

    As DWPose resizes its finished drawings (``detect_resolution``): bicubic up, area down.
    """
    height, width = image.shape[:2]
    scale = short_side / min(height, width)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    check_pixels(size_wh, "The drawing at this detect_resolution")
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(image, size_wh, interpolation=method), np.uint8)
