"""Sapiens Pose: images in, poses out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ..sapiens_core.broken_tracks import find_broken_tracks
from ..sapiens_core.detection.people import People
from ..skeletons.draw import DrawOptions, render_image
from ..skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from ..skeletons.foundation.checks import short_repr
from ..skeletons.openpose_points import OpenPoseOptions
from ..skeletons.pose import Frame
from .caches.lazy_images import LazyImages
from .host.found_people import tell_found
from .host.managed_detector import detect_people
from .host.managed_model import ManagedModel
from .host.node_errors import explain_errors
from .host.page_text import as_told
from .host.preview import preview, shown_frames
from .host.progress import progress_of
from .sockets.frame_blocks import image_to_comfy
from .sockets.image_sockets import SapiensModel, images_from_comfy, poses_from_frames
from .sockets.people_sockets import bboxes_from_frames, people_from_bboxes, people_from_mask
from .sockets.pose_settings import (
    WHOLE,
    PoseOptionsSocket,
    PoseSettings,
    first_widgets,
    later_widgets,
    own_node_widgets,
    with_options,
)
from .sockets.pose_sockets import bboxes_input, pose_outputs
from .sockets.track_sockets import Sam3TrackData, people_from_track_data, tracks_from_comfy

MAX_JSON_BYTES = 250_000
"""Maximum size of ``openpose_json``, which the page keeps for every run: ten people with 308
keypoints. The first frame is told whatever its size."""


class SapiensPose(io.ComfyNode):
    """Finds the pose of every person."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPose",
            display_name="Sapiens Pose",
            category="Sapiens Pose",
            description="Finds body, feet, hands and face of every person in every frame.",
            search_aliases=["pose estimation", "boxes to pose", "mask to pose", "find people"],
            is_output_node=True,
            inputs=[
                SapiensModel.Input("model", tooltip="From Load Sapiens Pose Model."),
                io.Image.Input("image", tooltip="One image, or the frames of a video."),
                *first_widgets(),
                bboxes_input(
                    "Boxes of the people, from any detector: one list per frame, or one list for "
                    "all frames. Used instead of the mask."
                ),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="The people: one mask for all frames, one per frame, or one per "
                    "person, in each frame or (if mask_meaning is 'each mask is a person') for all "
                    "frames. The boxes around them are used.",
                ),
                *later_widgets(),
                PoseOptionsSocket.Input(
                    "options",
                    optional=True,
                    tooltip="From Sapiens Pose Options: detection, masks and cleaning.",
                ),
                Sam3TrackData.Input(
                    "track_data",
                    optional=True,
                    tooltip="From Run SAM3 Video Track, a node of newer ComfyUI: each object is a "
                    "person and keeps its number as the id. Used instead of boxes and mask.",
                ),
            ],
            outputs=pose_outputs(),
        )

    @classmethod
    @explain_errors("finding poses")
    def execute(
        cls,
        model: ManagedModel,
        image: Tensor,
        bboxes: Any = None,
        mask: Tensor | None = None,
        options: Any = None,
        track_data: Any = None,
        **inputs: Any,
    ) -> io.NodeOutput:
        """Runs the model on every person; ``inputs`` are those of ``PoseSettings``."""
        settings = PoseSettings.of(with_options(inputs, options))
        _check_model(model)
        images_rgb = images_from_comfy(image)
        frames, told = find_frames(model, images_rgb, settings, bboxes, mask, track_data)
        keypoints = encode(frames, EncodeOptions(openpose=settings.shown))
        return io.NodeOutput(
            poses_from_frames(frames, model.keypoint_set),
            keypoints,
            bboxes_from_frames(frames),
            ui=_preview(cls, images_rgb, frames, settings.shown)
            | {"openpose_json": [_first_frames(keypoints)]}
            | as_told(told),
        )


class SapiensPoseOptions(io.ComfyNode):
    """What few graphs need of Sapiens Pose."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseOptions",
            display_name="Sapiens Pose Options",
            category="Sapiens Pose",
            description="Options of Sapiens Pose for detection, masks, cleaning and memory. "
            "Changing them does not run the model again.",
            search_aliases=["person threshold", "detection options", "mask options"],
            inputs=own_node_widgets(),
            outputs=[PoseOptionsSocket.Output("options", tooltip="For the Sapiens Pose node.")],
        )

    @classmethod
    def execute(cls, **inputs: Any) -> io.NodeOutput:
        """Hands them on; Sapiens Pose checks them."""
        return io.NodeOutput(inputs)


def _check_model(model: Any) -> None:
    if not isinstance(model, ManagedModel):
        raise ValueError(
            f"SAPIENS_MODEL is {short_repr(model)}, expected a model. Connect Load Sapiens Pose "
            "Model."
        )


def find_frames(
    model: ManagedModel,
    images_rgb: LazyImages,
    settings: PoseSettings,
    bboxes: Any = None,
    mask: Tensor | None = None,
    track_data: Any = None,
) -> tuple[list[Frame], str]:
    """Everybody in each image, with progress; the node that runs tells how many, or why nobody.

    Where ids come with the tracks, it also tells at which frames the poses speak against them.

    Returns:
        The frames, and what was told.
    """
    if track_data is not None:
        source, tracks = "track_data", tracks_from_comfy(track_data)
        people = people_from_track_data(tracks, images_rgb.sizes_wh, settings.masks)
    else:
        source = _source(bboxes, mask, settings)
        people = _find_people(source, images_rgb, bboxes, mask, settings)
    frames = model.find_poses(
        images_rgb,
        people,
        settings.poses,
        settings.batch_size or 0,
        progress_of(sum(map(len, people))),
    )
    told = tell_found(
        frames,
        people,
        model,
        source,
        settings.detecting.score_threshold,
        settings.poses.clean.score_threshold,
        find_broken_tracks(frames) if source == "track_data" else (),
    )
    return frames, told


def _source(bboxes: Any, mask: Tensor | None, settings: PoseSettings) -> str:
    """What says where people are: boxes come before a mask, and both before the detector.

    ``track_data`` comes before all of them.
    """
    if bboxes is not None:
        return "bboxes"
    if mask is not None:
        return "mask"
    return "whole image" if settings.detector == WHOLE else "detector"


def _find_people(
    source: str,
    images_rgb: LazyImages,
    bboxes: Any,
    mask: Tensor | None,
    settings: PoseSettings,
) -> list[People]:
    """Where people may be, by what ``_source`` says."""
    if source == "bboxes":
        return people_from_bboxes(bboxes, len(images_rgb))
    if source == "mask" and mask is not None:
        return people_from_mask(mask, images_rgb.sizes_wh, settings.masks)
    if source == "detector":
        return detect_people(images_rgb, settings.detector, settings.detecting)
    return [People([[0, 0, *size_wh]]) for size_wh in images_rgb.sizes_wh]


def _first_frames(keypoints: Sequence[Any]) -> str:
    """POSE_KEYPOINT as JSON: the first frame, and those after it while all fit."""
    texts = [json.dumps(keypoints[0])]
    num_bytes = len(texts[0])
    for frame in keypoints[1:]:
        text = json.dumps(frame)
        num_bytes += len(text) + 2
        if num_bytes > MAX_JSON_BYTES:
            break
        texts.append(text)
    return f"[{', '.join(texts)}]"


def _preview(
    node: type[io.ComfyNode],
    images_rgb: LazyImages,
    frames: Sequence[Frame],
    shown: OpenPoseOptions,
) -> dict[str, Any]:
    """The skeletons over the images, for the node itself."""
    options = DrawOptions(background="image", openpose=shown, relative_size=True, draw_feet=True)
    some = shown_frames(len(frames))
    drawn = [
        render_image(frame, options, image_rgb)
        for frame, image_rgb in zip(frames[some], images_rgb[some], strict=True)
    ]
    return preview(node, image_to_comfy(drawn))
