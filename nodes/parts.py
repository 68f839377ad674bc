"""Sapiens Body Parts: faces, hands, feet and people as boxes, masks and crops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker
from torch import Tensor

from ..skeletons.foundation.arrays import Image
from ..skeletons.options.cutting import CUTTING
from ..skeletons.pose import Frame
from ..skeletons.poses.body_part_crops import (
    PartsOfPeople,
    cut_crops,
    draw_masks,
    find_all_parts,
    fit_to_canvas,
)
from ..skeletons.poses.body_parts import PartOptions, clip_to_canvas
from .host.node_errors import explain_errors
from .sockets.frame_blocks import image_to_comfy, mask_to_comfy
from .sockets.image_sockets import check_one_image_per_frame, frames_from_poses, images_from_comfy
from .sockets.pose_sockets import poses_input
from .sockets.widgets import check_inputs, option_values, widgets


def _image_input() -> Any:
    return io.Image.Input(
        "image",
        optional=True,
        tooltip="The images that crops are cut from. Boxes and masks are then in their pixels, "
        "also if the poses were found at another size.",
    )


class SapiensPoseParts(io.ComfyNode):
    """Cuts people into parts."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseParts",
            display_name="Sapiens Body Parts",
            category="Sapiens Pose",
            description="Faces, hands, feet or whole people as boxes, masks and crops: for face "
            "detailers, inpainting, WanAnimate.",
            search_aliases=[
                *("face crop", "hand crop", "face bbox", "hand mask", "face mask", "detailer"),
                *("bounding box", "wananimate", "face images"),
            ],
            inputs=[poses_input(), *widgets(CUTTING), _image_input()],
            outputs=[
                io.BoundingBox.Output("bboxes", tooltip="Boxes of the part, one list per frame."),
                io.Mask.Output("mask", tooltip="All of them, one mask per frame."),
                io.Image.Output(
                    "crops", tooltip="Frame by frame, person by person. Needs the image."
                ),
            ],
        )

    @classmethod
    @explain_errors("cutting out body parts")
    def execute(
        cls, poses: Any, crop_size: int, missing: Any, image: Tensor | None = None, **options: Any
    ) -> io.NodeOutput:
        """Finds the part in every frame."""
        check_inputs(CUTTING, crop_size=crop_size, missing=missing)
        part_options = PartOptions(**option_values(CUTTING, options))
        frames = frames_from_poses(poses)
        images_rgb = None if image is None else images_from_comfy(image)
        _check(frames, images_rgb)
        if images_rgb is not None:
            size_hw = images_rgb[0].shape[:2]
            frames = tuple(fit_to_canvas(frame, (size_hw[1], size_hw[0])) for frame in frames)
        parts = find_all_parts(frames, part_options)
        cut: Any = _no_crops()
        if images_rgb is not None:
            cut = image_to_comfy(
                cut_crops(images_rgb, frames, parts, part_options, crop_size, missing)
            )
        found = mask_to_comfy(draw_masks(frames, parts, part_options))
        return io.NodeOutput(_bboxes(frames, parts), found, cut)


def _check(frames: Sequence[Frame], images_rgb: Sequence[Image] | None) -> None:
    if not frames:
        raise ValueError("The poses have no frames, so there are no parts to find.")
    if images_rgb is not None:
        check_one_image_per_frame(images_rgb, frames)


def _no_crops() -> Any:
    """Ends the run of what is connected to the crops, and of nothing else."""
    return ExecutionBlocker("Sapiens Body Parts needs the image to give crops.")


def _bboxes(frames: Sequence[Frame], parts: Sequence[PartsOfPeople]) -> list[list[dict[str, Any]]]:
    """BOUNDING_BOX: what of the boxes lies in the image."""
    rows: list[list[dict[str, Any]]] = []
    for frame, of_frame in zip(frames, parts, strict=True):
        rows.append([])
        for part in (part for person in of_frame for part in person if part):
            left, top, right, bottom = clip_to_canvas(part.box, frame.canvas_wh)
            rows[-1].append(
                {
                    "x": left,
                    "y": top,
                    "width": right - left,
                    "height": bottom - top,
                    "label": part.name,
                    "score": part.score,
                }
            )
    return rows
