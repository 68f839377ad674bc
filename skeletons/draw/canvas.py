"""What lies under a skeleton and where the skeleton lies on it.

Coordinates are moved to the canvas that is drawn on, so that lines are as wide as a ControlNet
expects; a finished drawing is never resized, unless ``resize_short_side`` is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..choices import Background, Layout
from ..foundation.arrays import Image
from ..foundation.limits import check_pixels
from ..pose import Pose
from .options import Canvas


@dataclass(frozen=True)
class Placement:
    """Where a source picture lies on a canvas; one rule for its pixels and for its keypoints.

    Attributes:
        source_wh, canvas_wh: width and height in pixels.
        placed_wh: size of the source on the canvas.
        offset_xy: its top left corner on the canvas; negative where the canvas cuts it off.
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
        """Whether the canvas is the source."""
        return self.source_wh == self.canvas_wh

    def place_pose(self, pose: Pose) -> Pose:
        """``pose`` with keypoints and box in pixels of the canvas; itself where nothing moves."""
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
        """The source's pixels (H, W, 3) on a black canvas (H', W', 3).

        Raises:
            ValueError: a long and narrow source that fills a canvas of another shape would have
                more than ``MAX_CANVAS_PIXELS``, most of them outside it.
        """
        if self.is_identity:
            return image_rgb
        shrinks = self.placed_wh[0] < self.source_wh[0] or self.placed_wh[1] < self.source_wh[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        check_pixels(
            self.placed_wh,
            "The source picture, laid over the whole canvas,",
            'Choose the layout "fit", or a smaller canvas.',
        )
        placed = cv2.resize(image_rgb, self.placed_wh, interpolation=how)
        (width, height), (left, top) = self.canvas_wh, self.offset_xy
        canvas = np.zeros((height, width, 3), np.uint8)
        seen = placed[max(-top, 0) : height - top, max(-left, 0) : width - left]
        rows = slice(max(top, 0), max(top, 0) + seen.shape[0])
        canvas[rows, max(left, 0) : max(left, 0) + seen.shape[1]] = seen
        return canvas


def blank_canvas(
    placement: Placement, background: Background, image_rgb: Image | None, image_opacity: float
) -> Canvas:
    """(H, W, 4) canvas to draw on: the background's colours, and nothing covered yet.

    Raises:
        ValueError: the background is the image, and there is none or it has another size; or
            the canvas, or the image on it, has more pixels than ``MAX_CANVAS_PIXELS``.
    """
    check_pixels(placement.canvas_wh, "The canvas")
    width, height = placement.canvas_wh
    canvas = np.zeros((height, width, 4), np.uint8)
    if background == "white":
        canvas[..., :3] = 255
    elif background == "image":
        source = placement.place_image(_checked_image(image_rgb, placement.source_wh))
        canvas[..., :3] = np.rint(source * image_opacity) if image_opacity < 1 else source
    return canvas


def _checked_image(image_rgb: Image | None, source_wh: tuple[int, int]) -> Image:
    if image_rgb is None:
        raise ValueError("The background is the source image, but no image was given.")
    expected = (source_wh[1], source_wh[0], 3)
    if image_rgb.shape != expected or image_rgb.dtype != np.uint8:
        raise ValueError(
            f"The background image has shape {image_rgb.shape} and type {image_rgb.dtype}, "
            f"expected {expected} uint8: the picture that the poses refer to."
        )
    return image_rgb


def straight_colors(canvas: Canvas) -> Image:
    """(H, W, 3) colours of a skeleton drawn on black, as if it covered fully where it covers."""
    coverage = canvas[..., 3:].astype(np.float32)
    colors = canvas[..., :3] * (255 / np.maximum(coverage, 1))
    straight: Image = np.rint(np.minimum(colors, 255)).astype(np.uint8)
    return straight


def resize_short_side(picture: Image, short_side: int) -> Image:
    """``picture`` (H, W) or (H, W, C) resized until its shorter side is ``short_side`` pixels.

    What DWPose does to its finished drawings (``detect_resolution``): bicubic up, area down.
    """
    height, width = picture.shape[:2]
    scale = short_side / min(height, width)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    check_pixels(size_wh, "The drawing at the detect_resolution that was asked for")
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, size_wh, interpolation=how), np.uint8)
