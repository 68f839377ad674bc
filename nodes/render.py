"""Render Sapiens Pose: poses in, skeleton pictures out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

from comfy_api.latest import io, ui

from ..sapiens_core.out_of_memory import explain_out_of_memory
from ..skeletons.choices import STYLE_SUMMARIES, Background, Layout, Xinsir
from ..skeletons.foundation.checks import check, whole, within
from ..skeletons.foundation.limits import MAX_WIDTH_PX
from .sockets.image_sockets import PoseKeypoint, SapiensPoses

if TYPE_CHECKING:
    from torch import Tensor

MAX_SIDE = 16384
STYLE_TOOLTIP = "\n".join(f"{name}: {summary}." for name, summary in STYLE_SUMMARIES.items())


def _inputs() -> list[Any]:
    return [
        io.MultiType.Input(
            "poses",
            types=[SapiensPoses, PoseKeypoint],
            tooltip="From Sapiens Pose, or POSE_KEYPOINT from any pack.",
        ),
        io.Combo.Input(
            "style", options=list(STYLE_SUMMARIES), default="openpose", tooltip=STYLE_TOOLTIP
        ),
        io.Boolean.Input("body", default=True, tooltip="Draw trunk, arms, legs and head."),
        io.Boolean.Input("hands", default=True, tooltip="Draw the fingers."),
        io.Boolean.Input("face", default=True, tooltip="Draw brows, eyes, nose and mouth."),
        io.Boolean.Input(
            "feet", default=False, tooltip="Most OpenPose ControlNets were trained without feet."
        ),
        io.Float.Input(
            "score_threshold",
            default=0.3,
            min=0.0,
            max=1.0,
            step=0.01,
            tooltip="Points with a lower score are not drawn.",
        ),
        io.Int.Input("width", default=0, min=0, max=MAX_SIDE, tooltip="0: as the pictures were."),
        io.Int.Input("height", default=0, min=0, max=MAX_SIDE, tooltip="0: as the pictures were."),
        *_advanced_inputs(),
        io.Image.Input(
            "image",
            optional=True,
            tooltip="Draw at the size of this picture, and over it if the background is 'image'.",
        ),
    ]


def _advanced_inputs() -> list[Any]:
    return [
        io.Combo.Input(
            "layout",
            options=list(get_args(Layout)),
            advanced=True,
            tooltip="When the size has another shape than the pictures: show all (fit), cut the "
            "edges (fill), or stretch.",
        ),
        io.Combo.Input(
            "background",
            options=list(get_args(Background)),
            advanced=True,
            tooltip="'transparent' gives the skeleton's colours, with its shape in the mask.",
        ),
        io.Float.Input(
            "image_opacity",
            default=1.0,
            min=0,
            max=1,
            step=0.05,
            advanced=True,
            tooltip="How much of the picture shows when it is the background.",
        ),
        io.Float.Input(
            "line_width",
            default=0,
            min=0,
            max=200,
            step=0.5,
            advanced=True,
            tooltip="0: the style's.",
        ),
        io.Float.Input(
            "point_radius",
            default=-1,
            min=-1,
            max=200,
            step=0.5,
            advanced=True,
            tooltip="-1: the style's. 0: no points.",
        ),
        io.Boolean.Input(
            "relative_size",
            default=False,
            advanced=True,
            tooltip="Lines and points grow with the picture, from 512 pixels on.",
        ),
        io.Combo.Input(
            "xinsir",
            options=list(get_args(Xinsir)),
            advanced=True,
            tooltip="Thicker sticks, as xinsir's SDXL OpenPose ControlNets expect.",
        ),
        io.Boolean.Input(
            "color_by_person",
            default=False,
            advanced=True,
            tooltip="One colour a person instead of one a limb. Not for ControlNets.",
        ),
        io.Boolean.Input(
            "hands_swapped",
            default=False,
            advanced=True,
            tooltip="For POSE_KEYPOINT of ComfyUI's own SDPose node, which exchanges the hands.",
        ),
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
            description="Draws poses as skeletons: for ControlNets, or to look at.",
            search_aliases=["openpose", "dwpose", "skeleton", "draw pose", "render pose", "pose"],
            is_output_node=True,
            inputs=_inputs(),
            outputs=[
                io.Image.Output("image"),
                io.Mask.Output("mask", tooltip="Where the skeleton is."),
            ],
        )

    @classmethod
    @explain_out_of_memory("drawing")
    def execute(
        cls,
        poses: Any,
        width: int,
        height: int,
        hands_swapped: bool,
        image: Tensor | None = None,
        **drawing: Any,
    ) -> io.NodeOutput:
        """Draws every frame."""
        from ..skeletons.draw import render
        from ..skeletons.foundation.limits import check_batch
        from .host.progress import progress_of
        from .sockets.image_sockets import (
            frames_from_poses,
            image_to_comfy,
            images_from_comfy,
            mask_to_comfy,
        )

        check("width", width, whole(0, MAX_SIDE))
        check("height", height, whole(0, MAX_SIDE))
        frames = frames_from_poses(poses, hands_swapped=hands_swapped)
        if not frames:
            raise ValueError("The poses hold no frame at all, so there is nothing to draw.")
        backgrounds = [None] if image is None else images_from_comfy(image)
        canvas_wh = _canvas_wh(frames[0].canvas_wh, width, height, backgrounds[0])
        check_batch(len(frames), canvas_wh)
        options = _draw_options(canvas_wh, **drawing)
        report, drawn = progress_of(len(frames)), []
        for index, frame in enumerate(frames):
            drawn.append(render(frame, options, backgrounds[min(index, len(backgrounds) - 1)]))
            report(index + 1, len(frames))
        pictures = image_to_comfy([rendering.image_rgb for rendering in drawn])
        masks = mask_to_comfy([rendering.mask for rendering in drawn])
        return io.NodeOutput(pictures, masks, ui=ui.PreviewImage(pictures, cls=cls))


def _canvas_wh(source_wh: tuple[int, int], width: int, height: int, like: Any) -> tuple[int, int]:
    """Size of the drawing: as asked, a missing side in proportion, else like a picture."""
    if width and height:
        return width, height
    if width or height:
        scale = width / source_wh[0] if width else height / source_wh[1]
        sides = (width or source_wh[0] * scale, height or source_wh[1] * scale)
        return max(1, math.floor(sides[0] + 0.5)), max(1, math.floor(sides[1] + 0.5))
    return source_wh if like is None else (like.shape[1], like.shape[0])


def _draw_options(
    canvas_wh: tuple[int, int], line_width: float, point_radius: float, **drawing: Any
) -> Any:
    from ..skeletons.draw import DrawOptions

    check("line_width", line_width, within(0, MAX_WIDTH_PX))
    check("point_radius", point_radius, within(-1, MAX_WIDTH_PX))
    parts = {f"draw_{part}": drawing.pop(part) for part in ("body", "hands", "face", "feet")}
    return DrawOptions(
        canvas_wh=canvas_wh,
        line_width=line_width or None,
        point_radius=None if point_radius < 0 else point_radius,
        **parts,
        **drawing,
    )
