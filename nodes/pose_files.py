"""Poses as JSON: to text, to files, and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from comfy_api.latest import io

from ..skeletons.formats.pose_keypoint_writer import encode
from ..skeletons.formats.read_options import ReadOptions
from ..skeletons.formats.table import FORMATS, encode_text, read_pose_text, read_poses
from ..skeletons.foundation.checks import TEXT, check
from ..skeletons.keypoint_sets import OPENPOSE_136
from ..skeletons.options.files import OUTPUTS, READING
from ..skeletons.pose import Frame
from .host.node_errors import explain_errors
from .host.output_names import Pieces, check_prefix, save_new
from .host.pose_folders import NO_FILE, find_pose_file, fingerprint_file, list_pose_files
from .sockets.image_sockets import (
    PoseKeypoint,
    SapiensPoses,
    frames_from_poses,
    poses_from_frames,
)
from .sockets.pose_sockets import poses_input
from .sockets.widgets import MenuInput, check_inputs, option_values, widget, widgets


def _texts(frames: Sequence[Frame], format_name: str) -> dict[str, Pieces]:
    """The text of each file by a name: one file where the format can, which has no name."""
    check_inputs(OUTPUTS, format=format_name)
    file_format = FORMATS[format_name]
    names = [f"{index:05}" for index in range(len(frames))]
    if not file_format.one_image_per_file:
        return {"": partial(encode_text, names, frames, file_format)}
    pairs = zip(frames, names, strict=True)
    return {name: partial(encode_text, [name], [frame], file_format) for frame, name in pairs}


class SapiensPoseToJSON(io.ComfyNode):
    """Poses as text."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseToJSON",
            display_name="Sapiens Pose to JSON",
            category="Sapiens Pose",
            description="Poses as JSON text. 'comfy', 'openpose' and 'sapiens' keep all keypoints "
            "with their scores.",
            search_aliases=["json", "pose as text", "308 keypoints"],
            inputs=[poses_input(), widget(OUTPUTS["format"])],
            outputs=[io.String.Output("json")],
        )

    @classmethod
    @explain_errors("writing poses")
    def execute(cls, poses: Any, format: str) -> io.NodeOutput:
        """Encodes every frame; formats with one image per file become a list."""
        texts = ["".join(text()) for text in _texts(frames_from_poses(poses), format).values()]
        single = not FORMATS[format].one_image_per_file
        return io.NodeOutput(texts[0] if single else f"[{', '.join(texts)}]")


class SapiensPoseSave(io.ComfyNode):
    """Poses into the output folder."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseSave",
            display_name="Save Sapiens Pose",
            category="Sapiens Pose",
            description="Saves poses as JSON into the output folder.",
            search_aliases=["save json", "save keypoints", "write pose"],
            is_output_node=True,
            inputs=[
                poses_input(),
                *widgets(OUTPUTS, "filename_prefix", "format"),
            ],
            outputs=[io.String.Output("path", tooltip="The file, or the first of them.")],
        )

    @classmethod
    def validate_inputs(cls, filename_prefix: str) -> bool | str:
        """Says before the run what cannot be a name; None comes through a link, later."""
        try:
            if filename_prefix is not None:
                check_inputs(OUTPUTS, filename_prefix=filename_prefix)
                check_prefix(filename_prefix)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    @explain_errors("writing poses")
    def execute(cls, poses: Any, filename_prefix: str, format: str) -> io.NodeOutput:
        """Writes each file whole or not at all."""
        check_inputs(OUTPUTS, filename_prefix=filename_prefix)
        texts = _texts(frames_from_poses(poses), format)
        suffix = FORMATS[format].suffix
        endings = {f"_{name}{suffix}" if name else suffix: text for name, text in texts.items()}
        files, subfolder = save_new(filename_prefix, endings)
        saved = [{"filename": f.name, "subfolder": subfolder, "type": "output"} for f in files]
        paths = [str(file) for file in files]
        return io.NodeOutput(paths[0] if paths else "", ui={"poses": saved, "text": paths})


class SapiensPoseLoad(io.ComfyNode):
    """Poses from a file of the input or output folder."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseLoad",
            display_name="Load Sapiens Pose",
            category="Sapiens Pose",
            description="Loads poses from a JSON file, or from JSON text: "
            "POSE_KEYPOINT of any pack, pose editors and their libraries, OpenPose, COCO, "
            "AlphaPose, mmpose, ultralytics, MediaPipe, or Sapiens.",
            search_aliases=["load json", "load keypoints", "read pose"],
            inputs=[
                MenuInput(
                    "file",
                    options=list_pose_files() or [NO_FILE],
                    tooltip="A file in ComfyUI's input folder, or one of the newest in its output "
                    "folder. "
                    "Upload one with the button, or drop a JSON file onto the node.",
                ),
                *widgets(READING),
                widget(READING["json"], optional=True, force_input=True),
            ],
            outputs=[
                SapiensPoses.Output("poses"),
                PoseKeypoint.Output("pose_keypoint", display_name="POSE_KEYPOINT"),
            ],
        )

    @classmethod
    def validate_inputs(cls, file: str | None, json: str | None = "") -> bool | str:
        """Says before the run which file is missing; None comes through a link, later."""
        try:
            if file is not None and json == "":
                find_pose_file(file)
        except (ValueError, OSError) as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, file: str | None, json: str | None = "", **_: Any) -> Any:
        """A file that was replaced is loaded again; one that comes through a link, every time."""
        if json != "":
            return ""
        return fingerprint_file(None if file is None else find_pose_file(file))

    @classmethod
    @explain_errors("reading poses")
    def execute(cls, file: str, json: str | None = None, **inputs: Any) -> io.NodeOutput:
        """Reads the text, or the file if there is none."""
        values = option_values([row for row in READING if row.widget], inputs)
        options = ReadOptions(
            _canvas_wh(values["width"], values["height"]),
            hands_swapped=values["hands_swapped"],
            units=values["units"],
        )
        if json is not None:
            check("json", json, TEXT)
            frames = read_pose_text(json, options)
        else:
            frames = read_poses(find_pose_file(file), options)
        return io.NodeOutput(poses_from_frames(frames, OPENPOSE_136), encode(frames))


def _canvas_wh(width: int, height: int) -> tuple[int, int] | None:
    """The canvas that was typed in, or None; ValueError if one side of it is missing."""
    if bool(width) != bool(height):
        raise ValueError(f"width is {width} and height {height}: give both, or 0 for both.")
    return (width, height) if width else None
