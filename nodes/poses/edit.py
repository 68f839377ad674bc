"""Edit Sapiens Pose: poses in, poses as somebody dragged them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ...skeletons.draw import DrawOptions, render
from ...skeletons.edits.edited_clip import apply_edits
from ...skeletons.edits.edits_text import parse_edits
from ...skeletons.options.drawing import DRAWING
from ...skeletons.options.files import EDITING
from ...skeletons.options.option import SCORE_THRESHOLD
from ...skeletons.pose import Frame
from ..host.node_errors import explain_errors
from ..host.page_text import announce, as_told
from ..host.preview import preview, shown_frames
from ..sockets.editor_record import SUBFOLDER, write_detection
from ..sockets.image_sockets import frames_from_poses, image_to_comfy, images_from_comfy
from ..sockets.pose_sockets import pose_outputs, pose_results, poses_input
from ..sockets.widgets import check_inputs, default_input, option_values, widget

_NOT_DRAWN_BY = ("width", "height", "hands_swapped")
"""Rows that Render looks at by itself."""


class SapiensPoseEdit(io.ComfyNode):
    """Applies what its editor on the page wrote down."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseEdit",
            display_name="Edit Sapiens Pose",
            category="Sapiens Pose",
            description="Drag the joints of detected people over their image. Run once, so that "
            "the editor shows them. What you do not touch stays as it was found, and edits stay "
            "with their person after a new detection.",
            search_aliases=[
                *("edit pose", "pose editor", "openpose editor", "move keypoints", "drag joints"),
                *("fix hands", "correct pose", "pose studio"),
            ],
            is_output_node=True,
            inputs=[
                poses_input(),
                io.Image.Input(
                    "image",
                    optional=True,
                    tooltip="What the poses were found in; the editor shows it behind them.",
                ),
                widget(EDITING["edits"], socketless=True),
            ],
            outputs=pose_outputs(),
        )

    @classmethod
    def validate_inputs(cls, edits: str) -> bool | str:
        """Says before the run what cannot be read; None comes through a link, later."""
        if edits is None:
            return True
        try:
            check_inputs(EDITING, edits=edits)
            parse_edits(edits)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    @explain_errors("editing")
    def execute(cls, poses: Any, edits: str, image: Tensor | None = None) -> io.NodeOutput:
        """Applies the edits to all frames as one clip."""
        check_inputs(EDITING, edits=edits)
        frames = frames_from_poses(poses)
        edited = apply_edits(frames, parse_edits(edits))
        told = announce(" ".join(edited.sentences)) if edited.sentences else ""
        images = [] if image is None else images_from_comfy(image)
        record = {
            "filename": write_detection(frames, images),
            "subfolder": SUBFOLDER,
            "type": "temp",
            "unplaced": list(edited.unplaced),
            "people": [key and vars(key) for key in edited.people],
        }
        shown = preview(cls, _draw(edited.frames)) if frames else {}
        return io.NodeOutput(
            *pose_results(edited.frames, poses, SCORE_THRESHOLD.default),
            ui={**shown, "sapiens_edit": [record], **as_told(told)},
        )


def _draw(frames: Sequence[Frame]) -> Tensor:
    """What Render Sapiens Pose draws of some frames, as it is set at first."""
    rows = [row for row in DRAWING if row.widget and row.name not in _NOT_DRAWN_BY]
    values = option_values(rows, {row.name: default_input(row) for row in rows})
    options = DrawOptions(canvas_wh=frames[0].canvas_wh, **values)
    some = frames[shown_frames(len(frames))]
    return image_to_comfy([render(frame, options).image_rgb for frame in some])
