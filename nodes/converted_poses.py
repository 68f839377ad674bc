"""Convert Sapiens Poses: what some nodes of others need, and few graphs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from comfy_api.latest import io

from ..skeletons.formats.node_values.mhr_poses import make_mhr_poses
from ..skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from ..skeletons.openpose_points import uniform_thresholds
from ..skeletons.options.files import WRITING
from ..skeletons.options.option import SCORE_THRESHOLD, OptionTable, Widget
from ..skeletons.poses.identities import number_identities
from .host.node_errors import explain_errors
from .sockets.image_sockets import MhrPoseData, PoseKeypoint, frames_from_poses
from .sockets.pose_sockets import poses_input
from .sockets.widgets import option_values, widgets

LABELS = {18: "18", 20: "20 (two toes)", 25: "25 (BODY_25)"}

CONVERTING = OptionTable(
    (
        replace(
            WRITING["body"],
            default=20,
            choices={count: WRITING["body"].choices[count] for count in LABELS},
            none="",
            widget=Widget(labels=LABELS),
        ),
        SCORE_THRESHOLD,
        replace(WRITING["coords"], widget=Widget(optional=True)),
        replace(
            WRITING["confidence"],
            widget=Widget(
                optional=True,
                note="With raw, keypoints below the threshold keep their places, with 0, for nodes "
                "that draw all of them.",
            ),
        ),
    )
)


class SapiensPoseConvert(io.ComfyNode):
    """Poses in other forms."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseConvert",
            display_name="Convert Sapiens Poses",
            category="Sapiens Pose",
            description="Converts poses for nodes that need another form: POSE_KEYPOINT with toes "
            "in the body, normalised, or with scores, and MHR_POSE_DATA for ComfyUI's SAM 3D Body "
            "nodes.",
            search_aliases=["mhr", "sam 3d body", "body 25", "toes", "normalised", "0 to 1"],
            inputs=[poses_input(), *widgets(CONVERTING)],
            outputs=[
                PoseKeypoint.Output(
                    "pose_keypoint",
                    display_name="POSE_KEYPOINT",
                    tooltip="OpenPose JSON with the body keypoints, unit and confidence that you "
                    "choose.",
                ),
                MhrPoseData.Output(
                    "mhr_pose_data",
                    display_name="MHR_POSE_DATA",
                    tooltip="70 body and hand keypoints and 238 of the face, without a 3-D body: "
                    "for render_style openpose_2d of Render 3D Body Pose.",
                ),
            ],
        )

    @classmethod
    @explain_errors("converting poses")
    def execute(cls, poses: Any, **options: Any) -> io.NodeOutput:
        """Converts every frame."""
        values = option_values(CONVERTING, options)
        threshold = values["score_threshold"]
        frames = [replace(f, poses=f.found_poses) for f in frames_from_poses(poses)]
        form = {name: values[name] for name in ("body", "coords", "confidence")}
        return io.NodeOutput(
            encode(frames, EncodeOptions(uniform_thresholds(threshold), **form)),
            make_mhr_poses(frames, number_identities(frames), threshold),
        )
