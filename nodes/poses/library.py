"""Sapiens Pose Library: poses without an image to find them in."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ...skeletons.formats.pose_keypoint_writer import encode
from ...skeletons.keypoint_sets import GOLIATH_308
from ...skeletons.options.files import LIBRARY
from ...skeletons.poses.place_people import place_people
from ..host.node_errors import explain_errors
from ..host.pose_folders import fingerprint_file
from ..host.preview import preview
from ..sockets.image_sockets import PoseKeypoint, SapiensPoses, poses_from_frames
from ..sockets.widgets import CHOICE_TITLES, check_inputs, widget, widgets
from .as_render import draw_as_render
from .library_files import find_library_pose, list_library, read_library_pose, titles


class SapiensPoseLibrary(io.ComfyNode):
    """Starts from a packaged pose, or one of the user's own."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseLibrary",
            display_name="Sapiens Pose Library",
            category="Sapiens Pose",
            description="A pose without an image: standing, sitting, walking, running, dancing, "
            "hands, two people, or one of your own. To change it, use Edit Sapiens Pose.",
            search_aliases=[
                *("pose library", "preset pose", "pose preset", "openpose preset", "t-pose"),
                *("a-pose", "pose without image", "default pose"),
            ],
            inputs=[
                widget(
                    LIBRARY["pose"], options=list_library(), extra_dict={CHOICE_TITLES: titles()}
                ),
                *widgets(LIBRARY, "width", "height"),
            ],
            outputs=[
                SapiensPoses.Output("poses", tooltip="All 308 keypoints."),
                PoseKeypoint.Output(
                    "pose_keypoint",
                    display_name="POSE_KEYPOINT",
                    tooltip="OpenPose JSON, as other packs' nodes and editors read it.",
                ),
            ],
        )

    @classmethod
    def validate_inputs(cls, pose: str | None) -> bool | str:
        """Says before the run which pose is missing; None comes through a link, later."""
        try:
            if pose is not None:
                find_library_pose(pose)
        except (ValueError, OSError) as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, pose: str | None, **_: Any) -> Any:
        """An own pose that was replaced is loaded again; one from a link, every time."""
        return fingerprint_file(None if pose is None else find_library_pose(pose))

    @classmethod
    @explain_errors("reading poses")
    def execute(cls, pose: str, width: int, height: int) -> io.NodeOutput:
        """Reads the pose, and places it on the canvas."""
        check_inputs(LIBRARY, width=width, height=height)
        frame = read_library_pose(pose)
        frame = place_people(frame, (width or frame.canvas_wh[0], height or frame.canvas_wh[1]))
        poses = poses_from_frames([frame], GOLIATH_308)
        return io.NodeOutput(poses, encode([frame]), ui=preview(cls, draw_as_render([frame])))
