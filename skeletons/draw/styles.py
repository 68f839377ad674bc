"""The table of drawing styles, and the function that draws a frame in any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..foundation.arrays import Image
from ..foundation.limits import check_pixels
from ..keypoint_sets import OPENPOSE_136
from ..openpose_points import frame_to_openpose, keypoint_thresholds, uniform_thresholds
from ..pose import Frame, Pose
from . import comfy_core, dense, openpose, sapiens, trained
from .canvas import Placement, blank_canvas, divide_by_coverage, lay_over, resize_short_side
from .options import Canvas, DrawOptions, Sizes, resolve_sizes


@dataclass(frozen=True)
class Style:
    """One way to draw.

    Attributes:
        draw: function that paints poses onto a canvas in place.
        sizes: default widths and radii in pixels.
        wants_openpose: whether poses are converted to ``openpose_136`` before they are drawn.
    """

    draw: Callable[[Canvas, Sequence[Pose], DrawOptions, Sizes], None]
    sizes: Sizes
    wants_openpose: bool


STYLES: dict[str, Style] = {
    "openpose": Style(openpose.draw, openpose.SIZES, wants_openpose=True),
    "core": Style(comfy_core.draw, comfy_core.SIZES, wants_openpose=True),
    "sapiens": Style(sapiens.draw_native, sapiens.SIZES, wants_openpose=False),
    "sapiens_openpose": Style(sapiens.draw_openpose, sapiens.SIZES, wants_openpose=False),
    "dense": Style(dense.draw, dense.SIZES, wants_openpose=False),
}
"""Every style by its name; ``choices.STYLE_SUMMARIES`` says what each is for."""


@dataclass(frozen=True, eq=False)
class Rendering:
    """A drawing.

    Attributes:
        image_rgb: (H, W, 3) uint8; on a transparent background, the skeleton's colours only.
        mask: (H, W) uint8 coverage, 255 where the skeleton covers the background fully.
    """

    image_rgb: Image
    mask: NDArray[np.uint8]

    @property
    def rgba(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8, the mask as the fourth channel."""
        return np.dstack((self.image_rgb, self.mask))


def render(
    frame: Frame,
    options: DrawOptions | None = None,
    image_rgb: Image | None = None,
) -> Rendering:
    """Draw the people of a frame.

    Args:
        frame: the people; any keypoint set.
        options: how to draw; the defaults are for a ControlNet: on black, at frame size.
        image_rgb: (H, W, 3) uint8 of any size, for the background ``image``.

    Raises:
        ValueError: the background image is missing or is no image, or the canvas is too large.
        MemoryError: the drawing is too large.
    """
    options = options or DrawOptions()
    with _memory_of(frame, options):
        canvas = _draw(frame, options, image_rgb, covers=True)
        mask = np.asarray(cv2.extractChannel(canvas, 3), np.uint8)
        return Rendering(_finish(_to_rgb(canvas, options), options), _finish(mask, options))


def render_image(
    frame: Frame,
    options: DrawOptions | None = None,
    image_rgb: Image | None = None,
) -> Image:
    """The image of ``render`` alone, which takes less time and memory where no mask is wanted."""
    options = options or DrawOptions()
    with _memory_of(frame, options):
        canvas = _draw(frame, options, image_rgb, covers=options.background == "transparent")
        return _finish(canvas if canvas.shape[2] == 3 else _to_rgb(canvas, options), options)


@contextmanager
def _memory_of(frame: Frame, options: DrawOptions) -> Iterator[None]:
    """Says of what size the drawing is for which memory runs out."""
    try:
        yield
    except (MemoryError, cv2.error) as error:
        if isinstance(error, cv2.error) and "Insufficient memory" not in str(error):
            raise
        width, height = options.canvas_wh or frame.canvas_wh
        raise MemoryError(
            f"Memory ran out while drawing {width} x {height} pixels; choose a smaller size."
        ) from error


def _draw(frame: Frame, options: DrawOptions, image_rgb: Image | None, *, covers: bool) -> Canvas:
    """(H, W, 4) with the coverage; perhaps (H, W, 3) where ``covers`` is False."""
    if options.for_model in trained.MODELS:
        return trained.draw(frame, trained.MODELS[options.for_model], options)
    style = STYLES[options.style]
    canvas_wh = options.canvas_wh or frame.canvas_wh
    placement = Placement.of(frame.canvas_wh, canvas_wh, options.layout)
    poses = [placement.place_pose(pose) for pose in _poses_to_draw(frame, style, options)]
    drawn_wh = trained.DRAWN_AT[options.draw_at](canvas_wh)
    is_direct = drawn_wh == canvas_wh and not options.exchange_red_blue
    canvas = blank_canvas(canvas_wh, options, image_rgb, covers=covers or not is_direct)
    if is_direct:
        style.draw(canvas, poses, options, resolve_sizes(style.sizes, options, canvas_wh))
        return canvas
    check_pixels(drawn_wh, "The drawing at the size draw_at")
    poses = [Placement.of(canvas_wh, drawn_wh, "stretch").place_pose(pose) for pose in poses]
    layer = np.zeros((drawn_wh[1], drawn_wh[0], 4), np.uint8)
    style.draw(layer, poses, options, resolve_sizes(style.sizes, options, drawn_wh))
    if drawn_wh != canvas_wh:
        layer = trained.RESIZES[options.resize_by](layer, canvas_wh)
    if options.exchange_red_blue:
        layer = np.asarray(cv2.cvtColor(layer, cv2.COLOR_RGBA2BGRA), np.uint8)
    return lay_over(canvas, layer)


def _poses_to_draw(frame: Frame, style: Style, options: DrawOptions) -> Iterable[Pose]:
    """The frame's people in a set that the style draws, with score 0 for hidden keypoints.

    A person who is converted to OpenPose needs a visible body keypoint; others are always drawn.
    """
    rules = options.openpose or uniform_thresholds(options.score_threshold)
    for pose in frame.poses:
        if not style.wants_openpose or pose.keypoint_set is OPENPOSE_136:
            is_shown = pose.scores >= keypoint_thresholds(pose.keypoint_set, rules)
            yield replace(pose, scores=np.where(is_shown, pose.scores, 0))
        else:
            yield from frame_to_openpose(replace(frame, poses=(pose,)), rules).poses


def _to_rgb(canvas: Canvas, options: DrawOptions) -> Image:
    if options.background == "transparent":
        return divide_by_coverage(canvas)
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_RGBA2RGB), np.uint8)


def _finish(image: Image, options: DrawOptions) -> Image:
    """(H, W) or (H, W, 3) at the size that was asked for."""
    if not options.detect_resolution:
        return image
    return resize_short_side(image, options.detect_resolution)
