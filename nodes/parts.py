"""Sapiens Body Parts: faces, hands, feet and people as boxes, masks and crops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from ..sapiens_core.out_of_memory import explain_out_of_memory
from ..skeletons.choices import MISSING_SUMMARIES, PARTS
from ..skeletons.foundation.checks import check, one_of, whole
from .sockets.pose_sockets import poses_input, threshold_input

if TYPE_CHECKING:
    from torch import Tensor

    from ..skeletons.pose import Frame
    from ..skeletons.poses.body_part_crops import PartsOfPeople

MIN_CROP, MAX_CROP = 16, 4096
"""In pixels."""
MISSING_TOOLTIP = "What stands in the crops for a part that is not seen.\n" + "\n".join(
    f"{name}: {summary}." for name, summary in MISSING_SUMMARIES.items()
)


def _inputs() -> list[Any]:
    return [
        poses_input(),
        io.Combo.Input(
            "part",
            options=list(PARTS),
            default="face",
            tooltip="'hands' and 'feet' give the left one and then the right one of each person.",
        ),
        io.Float.Input(
            "padding",
            default=0.25,
            min=0.0,
            max=4.0,
            step=0.05,
            tooltip="Room on each side of the points, as a share of the longer side of their box.",
        ),
        io.Boolean.Input(
            "square", default=True, tooltip="Square boxes, moved into the picture where they fit."
        ),
        io.Int.Input(
            "crop_size",
            default=512,
            min=MIN_CROP,
            max=MAX_CROP,
            step=8,
            tooltip="Side of a crop in pixels. A box that is no square gets black bars.",
        ),
        *_advanced_inputs(),
        io.Image.Input(
            "image",
            optional=True,
            tooltip="The pictures that crops are cut from. Boxes and masks are then in their "
            "pixels, also if the poses were found at another size.",
        ),
    ]


def _advanced_inputs() -> list[Any]:
    return [
        io.Combo.Input(
            "missing", options=list(MISSING_SUMMARIES), advanced=True, tooltip=MISSING_TOOLTIP
        ),
        io.Float.Input(
            "dilation",
            default=0.15,
            min=0.0,
            max=2.0,
            step=0.01,
            advanced=True,
            tooltip="How far the mask reaches beyond the points, as a share of the longer side of "
            "their box.",
        ),
        io.Int.Input(
            "min_keypoints",
            default=2,
            min=1,
            max=308,
            advanced=True,
            tooltip="A part with fewer visible points is not there.",
        ),
        threshold_input(),
    ]


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
            inputs=_inputs(),
            outputs=[
                io.BoundingBox.Output("bboxes", tooltip="Boxes of the part, one list a frame."),
                io.Mask.Output("mask", tooltip="All of them in one mask a frame."),
                io.Image.Output(
                    "crops", tooltip="Frame by frame, person by person. Needs the image."
                ),
            ],
        )

    @classmethod
    @explain_out_of_memory("cutting out body parts")
    def execute(
        cls, poses: Any, crop_size: int, missing: Any, image: Tensor | None = None, **options: Any
    ) -> io.NodeOutput:
        """Finds the part in every frame."""
        from ..skeletons.poses.body_part_crops import (
            cut_crops,
            draw_masks,
            find_all_parts,
            fit_to_canvas,
        )
        from ..skeletons.poses.body_parts import PartOptions
        from .sockets.image_sockets import (
            frames_from_poses,
            image_to_comfy,
            images_from_comfy,
            mask_to_comfy,
        )

        check("crop_size", crop_size, whole(MIN_CROP, MAX_CROP))
        check("missing", missing, one_of(MISSING_SUMMARIES))
        part_options = PartOptions(**options)
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


def _check(frames: Sequence[Frame], images_rgb: Sequence[Any] | None) -> None:
    if not frames:
        raise ValueError("The poses hold no frame at all, so there are no parts to find.")
    if images_rgb is not None and len(images_rgb) not in (1, len(frames)):
        raise ValueError(
            f"There are {len(images_rgb)} pictures for {len(frames)} frames of poses; expected "
            "one for all, or one a frame."
        )


def _no_crops() -> Any:
    """Ends the run of what is connected to the crops, and of nothing else."""
    from comfy_execution.graph_utils import ExecutionBlocker

    return ExecutionBlocker("Sapiens Body Parts needs the image to give crops.")


def _bboxes(frames: Sequence[Frame], parts: Sequence[PartsOfPeople]) -> list[list[dict[str, Any]]]:
    """BOUNDING_BOX: what of the boxes lies in the picture."""
    from ..skeletons.poses.body_parts import clip_to_canvas

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
