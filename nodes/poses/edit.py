"""Edit Sapiens Pose: poses in, poses as somebody dragged them out."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker
from torch import Tensor

from ...skeletons.edits.edited_clip import EditedClip, apply_edits
from ...skeletons.edits.edits_text import parse_edits
from ...skeletons.options.files import EDITING
from ...skeletons.options.option import SCORE_THRESHOLD
from ..host.node_errors import explain_errors
from ..host.page_text import announce, as_told, tell
from ..host.preview import preview
from ..sockets.editor_record import SUBFOLDER, write_detection
from ..sockets.image_sockets import frames_from_poses, images_from_comfy
from ..sockets.pose_sockets import pose_outputs, pose_results, poses_input
from ..sockets.widgets import check_inputs, widget
from .as_render import draw_as_render

HELD = (
    "Held: nodes after this one wait until you edit the poses here and press Run again, or turn "
    "'hold' off."
)


class SapiensPoseEdit(io.ComfyNode):
    """Applies what its editor on the page wrote down."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseEdit",
            display_name="Edit Sapiens Pose",
            category="Sapiens Pose",
            description="Drag the joints of detected people over their image. Run once to show "
            "them in the editor. Whatever you do not touch stays as it was found, and edits "
            "stay "
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
                widget(EDITING["hold"]),
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
    def execute(
        cls, poses: Any, edits: str, image: Tensor | None = None, hold: bool = False
    ) -> io.NodeOutput:
        """Applies the edits to all frames as one clip."""
        check_inputs(EDITING, edits=edits, hold=hold)
        frames = frames_from_poses(poses)
        edited = apply_edits(frames, parse_edits(edits))
        is_held = hold and len(edited.people) == len(edited.unplaced)
        told = _tell(edited, is_held)
        images = [] if image is None else images_from_comfy(image)
        record = {
            "filename": write_detection(frames, images),
            "subfolder": SUBFOLDER,
            "type": "temp",
            "unplaced": list(edited.unplaced),
            "people": [key and vars(key) for key in edited.people],
        }
        shown = preview(cls, draw_as_render(edited.frames)) if frames else {}
        results = pose_results(edited.frames, poses, SCORE_THRESHOLD.default)
        return io.NodeOutput(
            # Without a message of its own: that would be an error on each node that does not run.
            *([ExecutionBlocker(None)] * len(results) if is_held else results),
            ui={**shown, "sapiens_edit": [record], **as_told(told)},
        )


def _tell(edited: EditedClip, is_held: bool) -> str:
    """Says on the node what became of the edits; the text that is shown."""
    about = " ".join(edited.sentences)
    if is_held:
        return tell(HELD, "{about}", about=about).strip()
    return announce(about) if about else ""
