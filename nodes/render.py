"""Render Sapiens Pose: poses in, skeleton images out."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ..skeletons.draw import DrawOptions, advice, render
from ..skeletons.draw.trained import explain_size, sampler_size
from ..skeletons.foundation.arrays import Image
from ..skeletons.foundation.checks import short_repr
from ..skeletons.foundation.limits import check_batch
from ..skeletons.options.drawing import DRAWING
from ..skeletons.pose import Frame
from .host.node_errors import explain_errors
from .host.page_text import as_told, tell_all
from .host.preview import preview
from .host.progress import progress_of
from .sockets.frame_blocks import FrameBlock
from .sockets.image_sockets import frames_from_poses, images_from_comfy
from .sockets.pose_sockets import poses_input
from .sockets.widgets import check_inputs, option_values, widget, widgets

LATER = ("for_model", "detect_resolution")
"""Inputs that the first graphs lack, in order."""

OWN_NODE = (
    *("head", "toe_limbs", "face_points", "width_rule", "hand_line_width", "dim_by_score"),
    *("exchange_red_blue", "paint_order", "draw_at", "resize_by"),
)
"""The inputs of Sapiens Render Options."""

RenderOptionsSocket = io.Custom("SAPIENS_RENDER_OPTIONS")
"""A dict of values by the names of ``OWN_NODE``."""


def _drawing_inputs() -> list[Any]:
    """The image, and last what old graphs lack."""
    others = (*LATER, *OWN_NODE)
    names = [row.name for row in DRAWING if row.widget and row.name not in others]
    image = io.Image.Input(
        "image",
        optional=True,
        tooltip="Gives the size of the drawing, and is shown behind it if background is 'image'. "
        "layout fits an image of other proportions. If there are fewer images than frames, "
        "the last one is repeated.",
    )
    options = RenderOptionsSocket.Input(
        "options",
        optional=True,
        tooltip="From Sapiens Render Options: details of single models, such as limbs to the toes "
        "or exchanged colours.",
    )
    return [*widgets(DRAWING, *names), image, *widgets(DRAWING, *LATER), options]


def _size_outputs() -> list[Any]:
    """The size that the model is to generate at."""
    tooltip = "{} for the model's node: the drawing's, reduced to a multiple that for_model takes."
    return [
        io.Int.Output(side, tooltip=tooltip.format(side.capitalize()))
        for side in ("width", "height")
    ]


class SapiensPoseRender(io.ComfyNode):
    """Draws poses."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseRender",
            display_name="Render Sapiens Pose",
            category="Sapiens Pose",
            description="Draws poses as skeletons, for ControlNets or for viewing.",
            search_aliases=["draw pose", "render pose", "draw keypoints"],
            is_output_node=True,
            inputs=[poses_input(), *_drawing_inputs()],
            outputs=[
                io.Image.Output("image"),
                io.Mask.Output("mask", tooltip="Where the skeleton is."),
                *_size_outputs(),
            ],
        )

    @classmethod
    @explain_errors("drawing")
    def execute(
        cls,
        poses: Any,
        width: int,
        height: int,
        hands_swapped: bool,
        image: Tensor | None = None,
        options: Any = None,
        **drawing: Any,
    ) -> io.NodeOutput:
        """Draws every frame."""
        check_inputs(DRAWING, width=width, height=height)
        frames = frames_from_poses(poses, hands_swapped=hands_swapped)
        if not frames:
            raise ValueError("The poses have no frames, so there is nothing to draw.")
        backgrounds = [None] if image is None else images_from_comfy(image)
        canvas_wh = _canvas_wh(frames[0].canvas_wh, width, height, backgrounds[0])
        check_batch(len(frames), canvas_wh)
        values = option_values(DRAWING, drawing | _check_options(options))
        draw_options = DrawOptions(canvas_wh=canvas_wh, **values)
        told = _tell(frames, draw_options)
        images, masks = _draw(frames, draw_options, backgrounds)
        size_wh = sampler_size(draw_options.for_model, (images.shape[2], images.shape[1]))
        return io.NodeOutput(images, masks, *size_wh, ui=preview(cls, images) | as_told(told))


def _draw(
    frames: Sequence[Frame], options: DrawOptions, backgrounds: Sequence[Image | None]
) -> tuple[Tensor, Tensor]:
    """IMAGE and MASK of every frame, with progress."""
    report = progress_of(len(frames))
    images, masks = FrameBlock(len(frames)), FrameBlock(len(frames))
    for index, frame in enumerate(frames):
        drawn = render(frame, options, backgrounds[min(index, len(backgrounds) - 1)])
        images.add(drawn.image_rgb)
        masks.add(drawn.mask)
        report(index + 1, len(frames))
    return images.finish(), masks.finish()


class SapiensRenderOptions(io.ComfyNode):
    """What few graphs need of Render Sapiens Pose."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensRenderOptions",
            display_name="Sapiens Render Options",
            category="Sapiens Pose",
            description="Options of Render Sapiens Pose for details of single models: toes, parts "
            "of the face, widths by size, colours, drawing large.",
            search_aliases=["toe limbs", "swap red and blue", "hand line width"],
            inputs=[widget(DRAWING[name], optional=False) for name in OWN_NODE],
            outputs=[
                RenderOptionsSocket.Output("options", tooltip="For the Render Sapiens Pose node.")
            ],
        )

    @classmethod
    def execute(cls, **inputs: Any) -> io.NodeOutput:
        """Hands them on; Render Sapiens Pose checks them."""
        return io.NodeOutput(inputs)


def _check_options(options: Any) -> dict[str, Any]:
    """What came from the node of options, by name; nothing if it is not connected."""
    if options is None:
        return {}
    if not isinstance(options, dict) or not options or not set(options) <= set(OWN_NODE):
        raise ValueError(
            f"SAPIENS_RENDER_OPTIONS is {short_repr(options)}, expected options. Connect Sapiens "
            "Render Options."
        )
    return options


def _tell(frames: Sequence[Frame], options: DrawOptions) -> str:
    """Says once what the chosen model cannot take, and at which size the drawing is made."""
    warnings = list(dict.fromkeys(each for frame in frames for each in advice(frame, options)))
    explanation = explain_size(options.for_model, options.canvas_wh or frames[0].canvas_wh)
    sentences = [*warnings, explanation] if explanation else warnings
    if not sentences:
        return ""
    level = logging.WARNING if warnings else logging.INFO
    return tell_all([(each.text, dict(each.values)) for each in sentences], level)


def _canvas_wh(
    source_wh: tuple[int, int], width: int, height: int, like: Image | None
) -> tuple[int, int]:
    """Size of the drawing: as asked, a missing side in proportion, otherwise that of an image."""
    if width and height:
        return width, height
    if width or height:
        scale = width / source_wh[0] if width else height / source_wh[1]
        sides = (width or source_wh[0] * scale, height or source_wh[1] * scale)
        return max(1, math.floor(sides[0] + 0.5)), max(1, math.floor(sides[1] + 0.5))
    return source_wh if like is None else (like.shape[1], like.shape[0])
