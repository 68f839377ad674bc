"""Smooth Sapiens Poses: less jitter in videos."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ..sapiens_core.out_of_memory import explain_out_of_memory
from ..skeletons.choices import METHOD_SUMMARIES
from ..skeletons.foundation.limits import MAX_COUNT
from .sockets.pose_sockets import pose_outputs, pose_results, poses_input, threshold_input

METHOD_TOOLTIP = "\n".join(f"{name}: {summary}." for name, summary in METHOD_SUMMARIES.items())


def _inputs() -> list[Any]:
    return [
        poses_input(),
        io.Combo.Input("method", options=list(METHOD_SUMMARIES), tooltip=METHOD_TOOLTIP),
        io.Float.Input(
            "strength",
            default=0.5,
            min=0.0,
            max=1.0,
            step=0.05,
            tooltip="0 leaves every point where it is. More is steadier, and softens quick moves.",
        ),
        io.Int.Input(
            "max_gap",
            default=5,
            min=0,
            max=MAX_COUNT,
            advanced=True,
            tooltip="A point that is missing for so many frames or fewer is filled in. 0: never.",
        ),
        io.Int.Input(
            "max_person_gap",
            default=0,
            min=0,
            max=MAX_COUNT,
            advanced=True,
            tooltip="The same for a person who is missing as a whole, between two frames in which "
            "they were found. 0: nobody is ever added to a frame.",
        ),
        io.Float.Input(
            "spike_threshold",
            default=5.0,
            min=0.0,
            max=100.0,
            step=0.5,
            advanced=True,
            tooltip="A point that jumps so many times farther than its neighbours in time spread, "
            "and back within three frames, is put between them, whatever max_gap is. 0: never.",
        ),
        threshold_input(),
    ]


class SapiensPoseSmooth(io.ComfyNode):
    """Steadies people."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseSmooth",
            display_name="Smooth Sapiens Poses",
            category="Sapiens Pose",
            description="Takes the jitter out of the poses of a video, person by person and point "
            "by point, and fills in points that are missing for a moment.",
            search_aliases=[
                *("smooth", "jitter", "flicker", "stabilize pose", "one euro", "savgol", "filter"),
                *("temporal", "interpolate pose"),
            ],
            inputs=_inputs(),
            outputs=pose_outputs(),
        )

    @classmethod
    @explain_out_of_memory("smoothing")
    def execute(cls, poses: Any, score_threshold: float, **options: Any) -> io.NodeOutput:
        """Smooths all frames as one clip."""
        from ..sapiens_core.clip.smooth import SmoothOptions, smooth
        from .host.progress import progress_of
        from .sockets.image_sockets import frames_from_poses

        frames = frames_from_poses(poses)
        smooth_options = SmoothOptions(score_threshold=score_threshold, **options)
        smoothed = smooth(frames, smooth_options, progress_of(1))
        return io.NodeOutput(*pose_results(smoothed, poses, score_threshold))
