"""Smooth Sapiens Poses: less jitter in videos."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ...sapiens_core.clip.smooth import SmoothOptions, smooth
from ...skeletons.options.smoothing import SMOOTHING
from ..host.node_errors import explain_errors
from ..host.progress import progress_of
from ..sockets.image_sockets import frames_from_poses
from ..sockets.pose_sockets import pose_outputs, pose_results, poses_input
from ..sockets.widgets import option_values, widgets


class SapiensPoseSmooth(io.ComfyNode):
    """Steadies people."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseSmooth",
            display_name="Smooth Sapiens Poses",
            category="Sapiens Pose",
            description="Removes jitter from the poses of a video, for each person and keypoint, "
            "and fills in keypoints that are missing for a moment.",
            search_aliases=[
                *("smooth", "jitter", "flicker", "stabilize pose", "one euro", "savgol", "filter"),
                *("temporal", "interpolate pose"),
            ],
            inputs=[poses_input(), *widgets(SMOOTHING)],
            outputs=pose_outputs(),
        )

    @classmethod
    @explain_errors("smoothing")
    def execute(cls, poses: Any, score_threshold: float, **options: Any) -> io.NodeOutput:
        """Smooths all frames as one clip."""
        frames = frames_from_poses(poses)
        values = option_values(SMOOTHING, options | {"score_threshold": score_threshold})
        smoothed = smooth(frames, SmoothOptions(**values), progress_of(1))
        return io.NodeOutput(*pose_results(smoothed, poses, score_threshold))
