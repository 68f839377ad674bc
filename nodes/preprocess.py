"""Pose Keypoints OpenPose: an image in, its skeleton out, in one node."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from comfy_api.latest import ComfyAPI, io
from torch import Tensor

from ..skeletons.draw import DrawOptions, render_image
from ..skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from ..skeletons.foundation.arrays import Image
from ..skeletons.foundation.checks import TEXT, check
from ..skeletons.foundation.limits import check_batch
from ..skeletons.options.estimating import PREPROCESSING
from ..skeletons.options.option import Widget
from ..skeletons.pose import Frame
from .estimate import find_frames
from .host import model_menu
from .host.managed_model import get_model
from .host.node_errors import explain_errors
from .host.page_text import as_told
from .host.preview import preview
from .host.progress import progress_of
from .sockets.frame_blocks import image_to_comfy
from .sockets.image_sockets import PoseKeypoint, SapiensPoses, images_from_comfy, poses_from_frames
from .sockets.pose_settings import PoseSettings, detector_widget
from .sockets.widgets import option_values, widget, widgets

PARTS = ("body", "hands", "face", "feet", "resolution")


class SapiensPosePreprocessor(io.ComfyNode):
    """Draws the skeletons of everybody in an image."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        model = replace(
            PREPROCESSING["model"],
            choices=dict.fromkeys(model_menu.choices(), ""),
            default=model_menu.DEFAULT,
            widget=Widget(note=f"Licences: {model_menu.LICENSES}."),
        )
        return io.Schema(
            node_id="SapiensPosePreprocessor",
            # The page's search weighs id and name: names that begin with the word come first, then
            # those with the word in them, and aliases last. So this order finds it for "pose" among
            # ComfyUI's own "Pose to Video (LTX 2.0)": of the first, the shorter name wins.
            display_name="Pose Keypoints OpenPose",
            category="Sapiens Pose",
            description="Draws the OpenPose skeletons of everybody in an image or a video, in one "
            "node that can replace DWPose.",
            search_aliases=[
                *("openpose", "dwpose", "pose", "preprocessor", "controlnet", "skeleton"),
                *("pose estimation", "keypoints"),
                *("姿势", "姿态", "骨架", "骨骼", "关键点", "预处理"),
            ],
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="One image, or the frames of a video."),
                widget(model, extra_dict=model_menu.extra_dict()),
                detector_widget(),
                *widgets(PREPROCESSING, *PARTS),
            ],
            outputs=[
                io.Image.Output("image", tooltip="The skeletons, for a ControlNet."),
                PoseKeypoint.Output(
                    "pose_keypoint",
                    display_name="POSE_KEYPOINT",
                    tooltip="OpenPose JSON, as other packs' nodes and editors read it.",
                ),
                SapiensPoses.Output("poses", tooltip="All keypoints with their scores."),
            ],
        )

    @classmethod
    @explain_errors("finding poses")
    def execute(cls, image: Tensor, model: str, detector: str, **drawing: Any) -> io.NodeOutput:
        """Finds everybody, then draws every frame."""
        settings = PoseSettings.with_detector(detector)
        options = DrawOptions(
            openpose=settings.shown, **option_values(map(PREPROCESSING.__getitem__, PARTS), drawing)
        )
        check("model", model, TEXT)
        images_rgb = images_from_comfy(image)
        _check_size(images_rgb.sizes_wh, options.detect_resolution)
        loaded = get_model(model_menu.find_file(model))
        frames, told = find_frames(loaded, images_rgb, settings)
        drawn = image_to_comfy(_draw(frames, options), len(frames))
        return io.NodeOutput(
            drawn,
            encode(frames, EncodeOptions(openpose=settings.shown)),
            poses_from_frames(frames, loaded.keypoint_set),
            ui=preview(cls, drawn) | as_told(told),
        )


def _check_size(sizes_wh: Sequence[tuple[int, int]], resolution: int) -> None:
    """Says before the model runs that the drawings would be too many, or too large."""
    width, height = sizes_wh[0]
    scale = resolution / min(width, height) if resolution else 1
    check_batch(len(sizes_wh), (math.ceil(width * scale), math.ceil(height * scale)))


def _draw(frames: Sequence[Frame], options: DrawOptions) -> Iterator[Image]:
    """The drawing of each frame, with progress."""
    report = progress_of(len(frames))
    for number, frame in enumerate(frames, 1):
        yield render_image(frame, options)
        report(number, len(frames))


DWPOSE_WIDGETS = ("detect_hand", "detect_body", "detect_face", "resolution")
REPLACED = ("DWPreprocessor", "OpenposePreprocessor")
"""Nodes of the pack controlnet_aux whose image, POSE_KEYPOINT and widgets ours has as well."""


async def offer_replacement() -> None:
    """Tells ComfyUI that our node can stand where a graph has one of ``REPLACED`` and lacks it.

    ComfyUI fails at a graph without one of the named inputs; these nodes have had all of them from
    their first version on.
    """
    names = {
        "image": "image",
        "hands": "detect_hand",
        "body": "detect_body",
        "face": "detect_face",
        "resolution": "resolution",
    }
    defaults = {
        socket.id: socket.default
        for socket in SapiensPosePreprocessor.define_schema().inputs
        if socket.id in ("model", "detector", "feet")
    }
    for old in REPLACED:
        await ComfyAPI().node_replacement.register(
            io.NodeReplace(
                new_node_id="SapiensPosePreprocessor",
                old_node_id=old,
                old_widget_ids=list(DWPOSE_WIDGETS),
                input_mapping=[
                    *({"new_id": new, "old_id": name} for new, name in names.items()),
                    *({"new_id": new, "set_value": value} for new, value in defaults.items()),
                ],
                output_mapping=[{"new_idx": index, "old_idx": index} for index in range(2)],
            )
        )
