"""Select Sapiens People: which people stay, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from ..skeletons.choices import SORT_SUMMARIES
from ..skeletons.foundation.limits import MAX_COUNT
from .sockets.pose_sockets import pose_outputs, pose_results, poses_input, threshold_input

if TYPE_CHECKING:
    from torch import Tensor

    from ..skeletons.pose import Frame
    from ..skeletons.poses.select import Region

SORT_TOOLTIP = "The order of the people in each frame.\n" + "\n".join(
    f"{name}: {summary}." for name, summary in SORT_SUMMARIES.items()
)


def _inputs() -> list[Any]:
    return [
        poses_input(),
        io.Combo.Input("sort", options=list(SORT_SUMMARIES), tooltip=SORT_TOOLTIP),
        io.Int.Input(
            "max_people",
            default=0,
            min=0,
            max=MAX_COUNT,
            tooltip="So many at most. 0: all of them.",
        ),
        io.String.Input(
            "places",
            default="",
            placeholder="0,2-3",
            tooltip="Which places of the sorted list, counted from 0: '0' the first, '0,2-3' the "
            "first, third and fourth. Empty: all.",
        ),
        io.String.Input(
            "track_ids",
            default="",
            placeholder="0,2-3",
            tooltip="Which people by the id that Track Sapiens People gave them; without it, "
            "nobody has one. Empty: all.",
        ),
        *_advanced_inputs(),
        io.BoundingBox.Input(
            "bboxes",
            optional=True,
            force_input=True,
            tooltip="Only people in one of these boxes: one list a frame, or one for all frames.",
        ),
        io.Mask.Input(
            "mask",
            optional=True,
            tooltip="Only people in the white of this mask: one for all frames, or one a frame. "
            "With bboxes: in either.",
        ),
    ]


def _advanced_inputs() -> list[Any]:
    return [
        io.Boolean.Input(
            "reverse", default=False, advanced=True, tooltip="Sort the other way round."
        ),
        io.Float.Input(
            "min_score",
            default=0.0,
            min=0.0,
            max=1.0,
            step=0.01,
            advanced=True,
            tooltip="Leave out people whose visible body points have a lower mean score.",
        ),
        io.Int.Input(
            "min_keypoints",
            default=0,
            min=0,
            max=17,
            advanced=True,
            tooltip="Leave out people with fewer visible body points.",
        ),
        io.Float.Input(
            "min_inside",
            default=0.5,
            min=0.0,
            max=1.0,
            step=0.05,
            advanced=True,
            tooltip="How much of a person must lie in the boxes or mask, as a share of the visible "
            "points.",
        ),
        threshold_input(),
    ]


class SapiensPoseSelect(io.ComfyNode):
    """Keeps some people."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseSelect",
            display_name="Select Sapiens People",
            category="Sapiens Pose",
            description="Keeps some of the people in each frame, in an order of your choice. Every "
            "frame stays, also with nobody left in it.",
            search_aliases=[
                *("select person", "pick person", "filter people", "sort people", "max people"),
                *("pose index", "openpose", "pose"),
            ],
            inputs=_inputs(),
            outputs=pose_outputs(),
        )

    @classmethod
    def execute(
        cls,
        poses: Any,
        score_threshold: float,
        bboxes: Any = None,
        mask: Tensor | None = None,
        **options: Any,
    ) -> io.NodeOutput:
        """Selects in every frame by itself."""
        from ..skeletons.poses.select import SelectOptions, select_all
        from .sockets.image_sockets import frames_from_poses

        frames = frames_from_poses(poses)
        chosen = select_all(
            frames,
            SelectOptions(score_threshold=score_threshold, **options),
            _regions(frames, bboxes, mask),
        )
        return io.NodeOutput(*pose_results(chosen, poses, score_threshold))


def _regions(frames: Sequence[Frame], bboxes: Any, mask: Tensor | None) -> list[Region]:
    """One region a frame, or none if neither boxes nor mask are given."""
    from ..skeletons.poses.select import Region
    from .sockets.people_sockets import people_from_bboxes
    from .sockets.tensors import mask_from_comfy

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
            "a frame."
        )
    last = len(masks) - 1
    return [Region(each, masks[min(frame, last)]) for frame, each in enumerate(boxes)]
