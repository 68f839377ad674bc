"""Sapiens Pose: pictures in, poses out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from ..sapiens_core.checkpoints import zoo
from ..sapiens_core.out_of_memory import explain_out_of_memory
from ..skeletons.foundation.checks import SCORE, check, one_of, whole
from .sockets import pose_settings
from .sockets.image_sockets import PoseKeypoint, SapiensModel, SapiensPoses

if TYPE_CHECKING:
    from torch import Tensor

    from ..sapiens_core.detection.people import People
    from ..skeletons.foundation.arrays import Image
    from ..skeletons.pose import Frame
    from .host.managed_model import ManagedModel

WHOLE_IMAGE = "whole image"
DETECTORS = {row.title: row for row in zoo.DETECTORS}
DEFAULT_DETECTOR = next(iter(DETECTORS))
"""A picture of several people taken as one gives a wrong skeleton without a warning."""

PREVIEW_FRAMES = 8
"""Of a longer batch, so many frames are previewed, evenly spread."""


def _sizes() -> str:
    return ", ".join(f"{row.file_bytes / 1e6:.0f} MB" for row in zoo.DETECTORS)


def _threshold(name: str, what: str, *, advanced: bool) -> Any:
    return io.Float.Input(
        name,
        default=0.3,
        min=0.0,
        max=1.0,
        step=0.01,
        advanced=advanced,
        tooltip=f"{what} with a lower score are hidden in POSE_KEYPOINT and the preview. "
        "'poses' keeps them, with their scores.",
    )


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
            search_aliases=[
                *("openpose", "dwpose", "pose", "keypoints", "preprocessor", "controlnet"),
                *("pose estimation", "skeleton"),
            ],
            is_output_node=True,
            inputs=[
                SapiensModel.Input("model", tooltip="From Load Sapiens Pose Model."),
                io.Image.Input("image", tooltip="One picture, or the frames of a video."),
                io.Combo.Input(
                    "detector",
                    options=[*DETECTORS, WHOLE_IMAGE],
                    default=DEFAULT_DETECTOR,
                    tooltip="How people are found when no bboxes and no mask are connected. r18 is "
                    "twice as quick as r50 and misses more. The first use downloads the detector "
                    f"({_sizes()}; {zoo.DETECTORS[0].license.name}) into models/sapiens. "
                    "'whole image' takes the picture as one person and needs no detector.",
                ),
                io.Boolean.Input(
                    "flip_test",
                    default=True,
                    tooltip="Also look at the mirrored person and average: slightly better, twice "
                    "the time.",
                ),
                _threshold("score_threshold", "Body points", advanced=False),
                _threshold("hands_threshold", "Hand points", advanced=True),
                _threshold("face_threshold", "Face points", advanced=True),
                _threshold("feet_threshold", "Toes and heels", advanced=True),
                io.Int.Input(
                    "batch_size",
                    default=0,
                    min=0,
                    max=64,
                    advanced=True,
                    tooltip="People in one pass through the model. 0: as many as fit into memory; "
                    "on a CPU one, or two without flip_test.",
                ),
                io.BoundingBox.Input(
                    "bboxes",
                    optional=True,
                    force_input=True,
                    tooltip="Boxes of the people, from any detector: one list a frame, or one for "
                    "all frames. Comes before the mask.",
                ),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="The people: one mask for all frames, one a frame, or one for each "
                    "person (in each frame, or with mask_meaning 'each mask is a person' for all "
                    "frames). Their boxes are used.",
                ),
                *pose_settings.inputs(),
            ],
            outputs=[
                SapiensPoses.Output("poses", tooltip="All points with their scores."),
                PoseKeypoint.Output(
                    "pose_keypoint",
                    display_name="POSE_KEYPOINT",
                    tooltip="OpenPose JSON, as other packs' nodes and editors read it.",
                ),
                io.BoundingBox.Output("bboxes", tooltip="The people's boxes, one list a frame."),
            ],
        )

    @classmethod
    @explain_out_of_memory("finding poses")
    def execute(
        cls,
        model: ManagedModel,
        image: Tensor,
        detector: str,
        flip_test: bool,
        score_threshold: float,
        hands_threshold: float,
        face_threshold: float,
        feet_threshold: float,
        batch_size: int,
        bboxes: Any = None,
        mask: Tensor | None = None,
        **settings: Any,
    ) -> io.NodeOutput:
        """Runs the model on every person; ``settings`` are those of ``pose_settings``."""
        from ..sapiens_core.batches import BATCH_SIZE_LIMIT
        from ..skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
        from ..skeletons.openpose_points import OpenPoseOptions
        from .host.progress import progress_of
        from .sockets.image_sockets import images_from_comfy, poses_from_frames
        from .sockets.people_sockets import bboxes_from_frames

        check("detector", detector, one_of([*DETECTORS, WHOLE_IMAGE]))
        check("score_threshold", score_threshold, SCORE)
        check("batch_size", batch_size, whole(0, BATCH_SIZE_LIMIT))
        settings = pose_settings.checked(settings)
        shown = OpenPoseOptions(
            body_threshold=score_threshold,
            hands_threshold=hands_threshold,
            face_threshold=face_threshold,
            feet_threshold=feet_threshold,
        )
        seen_from = min(score_threshold, hands_threshold, face_threshold)
        options = pose_settings.pose_options(flip=flip_test, threshold=seen_from, settings=settings)
        images_rgb = images_from_comfy(image)
        people = _find_people(images_rgb, detector, bboxes, mask, settings)
        progress = progress_of(sum(map(len, people)))
        frames = model.find_poses(images_rgb, people, options, batch_size, progress)
        keypoints = encode(frames, EncodeOptions(openpose=shown))
        return io.NodeOutput(
            poses_from_frames(frames, model.keypoint_set),
            keypoints,
            bboxes_from_frames(frames),
            ui=_preview(cls, images_rgb, frames, shown)
            | {"openpose_json": [json.dumps(keypoints)]},
        )


def _find_people(
    images_rgb: Sequence[Image],
    detector: str,
    bboxes: Any,
    mask: Tensor | None,
    settings: dict[str, Any],
) -> list[People]:
    """Where people may be: what is connected comes before the detector, bboxes before the mask."""
    from ..sapiens_core.detection.people import People
    from .host.progress import progress_of
    from .sockets.people_sockets import people_from_bboxes, people_from_mask

    if bboxes is not None:
        return people_from_bboxes(bboxes, len(images_rgb))
    if mask is not None:
        sizes_wh = [(picture.shape[1], picture.shape[0]) for picture in images_rgb]
        return people_from_mask(mask, sizes_wh, pose_settings.mask_options(settings))
    if detector == WHOLE_IMAGE:
        return [People.whole_image(picture) for picture in images_rgb]
    from .host.managed_detector import get_detector

    options = pose_settings.detect_options(settings)
    progress = progress_of(len(images_rgb))
    return get_detector(DETECTORS[detector]).detect(images_rgb, options, progress)


def _preview(
    node: type[io.ComfyNode], images_rgb: Sequence[Image], frames: Sequence[Frame], shown: Any
) -> dict[str, Any]:
    """The skeletons over the pictures, for the node itself."""
    from ..skeletons.draw import DrawOptions, render
    from .sockets.image_sockets import image_to_comfy

    options = DrawOptions(background="image", openpose=shown, relative_size=True, draw_feet=True)
    step = -(-len(frames) // PREVIEW_FRAMES)
    drawn = [
        render(frame, options, picture).image_rgb
        for frame, picture in zip(frames[::step], images_rgb[::step], strict=True)
    ]
    return dict(ui.PreviewImage(image_to_comfy(drawn), cls=node).as_dict())
