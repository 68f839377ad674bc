"""Retarget Sapiens Poses: a motion in the proportions of another person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io, ui

from ...sapiens_core.clip.retarget_clip import retarget_clip
from ...skeletons.draw.side_by_side import draw_side_by_side
from ...skeletons.foundation.arrays import Image
from ...skeletons.options.retargeting import RETARGETING
from ...skeletons.pose import Frame
from ...skeletons.retarget.retarget import RetargetOptions
from ..host.node_errors import explain_errors
from ..host.progress import progress_of
from ..sockets.frame_blocks import image_to_comfy
from ..sockets.image_sockets import (
    MhrPoseData,
    PoseData,
    PoseKeypoint,
    SapiensPoses,
    frames_from_poses,
)
from ..sockets.pose_sockets import pose_outputs, pose_results, poses_input
from ..sockets.widgets import check_inputs, option_values, widgets

MAX_PREVIEWS, PREVIEW_HEIGHT = 16, 512
"""Frames of a clip that are previewed, spread evenly over it, and their height in pixels."""


def _reference_input() -> Any:
    return io.MultiType.Input(
        "reference_poses",
        types=[SapiensPoses, PoseKeypoint, MhrPoseData, PoseData],
        tooltip="The person to become, standing and seen from the front if possible: poses of one "
        "image, or of several images of the same people.",
    )


class SapiensPoseRetarget(io.ComfyNode):
    """Gives people other bodies."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseRetarget",
            display_name="Retarget Sapiens Poses",
            category="Sapiens Pose",
            description="Gives the people of a clip the proportions and the place of the people "
            "in a reference image, and keeps their motion. For Wan Animate, SteadyDancer and "
            "ControlNets with another character.",
            search_aliases=[
                *("retarget", "proportions", "pose transfer", "align pose", "wan animate"),
                *("motion transfer", "body ratio"),
            ],
            is_output_node=True,
            inputs=[poses_input(), _reference_input(), *widgets(RETARGETING)],
            outputs=[
                *pose_outputs(),
                io.Image.Output(
                    "preview",
                    tooltip="Driver, reference and result side by side, of up to "
                    f"{MAX_PREVIEWS} frames of the clip.",
                ),
            ],
        )

    @classmethod
    @explain_errors("retargeting")
    def execute(
        cls, poses: Any, reference_poses: Any, match: Any, score_threshold: float, **options: Any
    ) -> io.NodeOutput:
        """Retargets all frames as one clip."""
        frames, references = frames_from_poses(poses), frames_from_poses(reference_poses)
        if not frames:
            raise ValueError("The poses have no frames, so there is nothing to retarget.")
        check_inputs(RETARGETING, match=match)
        values = option_values(RETARGETING, options | {"score_threshold": score_threshold})
        on_person = progress_of(1)
        result = retarget_clip(frames, references, RetargetOptions(**values), match, on_person)
        previews = image_to_comfy(_draw_previews(frames, references, result))
        return io.NodeOutput(
            *pose_results(result, poses, score_threshold),
            previews,
            ui=ui.PreviewImage(previews, cls=cls),
        )


def _draw_previews(
    driver: Sequence[Frame], references: Sequence[Frame], result: Sequence[Frame]
) -> list[Image]:
    """Some frames of the clip beside the reference and what became of them, all of one size."""
    reference = next(frame for frame in references if frame.found_poses)
    captions = ("driver", "reference", "result")
    firsts = zip(captions, (driver[0], reference, result[0]), strict=True)
    canvases_wh = {caption: frame.canvas_wh for caption, frame in firsts}
    count = min(len(driver), MAX_PREVIEWS)
    indices = [round(step * (len(driver) - 1) / max(1, count - 1)) for step in range(count)]
    return [
        draw_side_by_side(
            dict(zip(captions, (driver[index], reference, result[index]), strict=True)),
            canvases_wh,
            PREVIEW_HEIGHT,
        )
        for index in indices
    ]
