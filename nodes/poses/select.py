"""Select Sapiens People: which people stay, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ...skeletons.options.selecting import SELECTING
from ...skeletons.pose import Frame
from ...skeletons.poses.select import Region, SelectOptions, select_all
from ..host.node_errors import explain_errors
from ..host.page_text import tell
from ..sockets.image_sockets import frames_from_poses
from ..sockets.people_sockets import people_from_bboxes
from ..sockets.pose_sockets import bboxes_input, pose_outputs, pose_results, poses_input
from ..sockets.tensors import mask_from_comfy
from ..sockets.widgets import option_values, widgets


def _places_inputs() -> list[Any]:
    return [
        bboxes_input(
            "Keep only people in one of these boxes: one list per frame, or one list for all "
            "frames."
        ),
        io.Mask.Input(
            "mask",
            optional=True,
            tooltip="Keep only people in the white area of this mask: one mask per frame, or one "
            "for all frames. With bboxes: in either.",
        ),
    ]


NOBODY_CAME = "The input poses have no people."
NO_IDS = "track_ids need Track: connect Track Sapiens People before this node."
NOBODY_LEFT = "The selection left none of the {people} people: use less strict settings."


class SapiensPoseSelect(io.ComfyNode):
    """Keeps some people."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseSelect",
            display_name="Select Sapiens People",
            category="Sapiens Pose",
            description="Keeps some of the people in each frame, in the order you choose. Every "
            "frame stays, even if nobody is left in it.",
            search_aliases=[
                *("select person", "pick person", "filter people", "sort people", "max people"),
                *("pose index",),
            ],
            inputs=[poses_input(), *widgets(SELECTING), *_places_inputs()],
            outputs=pose_outputs(),
        )

    @classmethod
    @explain_errors("selecting people")
    def execute(
        cls,
        poses: Any,
        score_threshold: float,
        bboxes: Any = None,
        mask: Tensor | None = None,
        **options: Any,
    ) -> io.NodeOutput:
        """Selects in every frame by itself."""
        frames = frames_from_poses(poses)
        values = option_values(SELECTING, options | {"score_threshold": score_threshold})
        selecting = SelectOptions(**values)
        chosen = select_all(frames, selecting, _regions(frames, bboxes, mask))
        _tell_if_nobody_is_left(frames, chosen, selecting)
        return io.NodeOutput(*pose_results(chosen, poses, score_threshold))


def _tell_if_nobody_is_left(
    frames: Sequence[Frame], chosen: Sequence[Frame], options: SelectOptions
) -> None:
    people = [pose for frame in frames for pose in frame.found_poses]
    if any(frame.found_poses for frame in chosen):
        return
    if not people:
        tell(NOBODY_CAME)
    elif options.track_ids and all(pose.person_id is None for pose in people):
        tell(NO_IDS)
    else:
        tell(NOBODY_LEFT, people=len(people))


def _regions(frames: Sequence[Frame], bboxes: Any, mask: Tensor | None) -> list[Region]:
    """One region a frame, or none if neither boxes nor mask are given."""
    if not frames or (bboxes is None and mask is None):
        return []
    boxes: list[Any] = [()] * len(frames)
    if bboxes is not None:
        boxes = [people.boxes_xyxy for people in people_from_bboxes(bboxes, len(frames))]
    if mask is None:
        return [Region(each) for each in boxes]
    masks = mask_from_comfy(mask)
    if len(masks) not in (1, len(frames)):
        raise ValueError(
            f"There are {len(masks)} masks for {len(frames)} frames; expected one for all, or one "
            "per frame."
        )
    last = len(masks) - 1
    return [Region(each, masks[min(frame, last)]) for frame, each in enumerate(boxes)]
