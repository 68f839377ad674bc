"""Wan Animate Inputs: the face video, and the points that tell SAM whom to replace."""

from __future__ import annotations

import json
import logging
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ..skeletons.formats.node_values.wan_pose_data import make_pose_data
from ..skeletons.foundation.limits import check_batch
from ..skeletons.options.cutting import WAN_ANIMATE
from ..skeletons.poses.body_part_crops import fit_to_canvas
from ..skeletons.poses.wan_face_video import SIDE, choose_person, cut_face, find_face_boxes
from ..skeletons.poses.wan_points import Points, find_clip_points
from .host.node_errors import explain_errors
from .host.page_text import as_told, tell_all
from .host.preview import preview
from .sockets.frame_blocks import image_to_comfy
from .sockets.image_sockets import (
    PoseData,
    check_one_image_per_frame,
    frames_from_poses,
    images_from_comfy,
)
from .sockets.pose_sockets import poses_input
from .sockets.widgets import option_values, widgets

NO_FACE = "The poses show no face in any frame, so the face video is black."
NO_FACE_OF_ID = (
    "The person with the id {person} has no face in any frame, so the face video is black."
)


class SapiensWanAnimateInputs(io.ComfyNode):
    """Cuts the face video, and points at the person."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensWanAnimateInputs",
            display_name="Wan Animate Inputs",
            category="Sapiens Pose",
            description="Gives what Wan2.2 Animate needs besides the skeleton: the face video, "
            "and points "
            "with which SAM finds the person to replace.",
            search_aliases=["wan animate", "face video", "face images", "sam points"],
            is_output_node=True,
            inputs=[
                poses_input(),
                io.Image.Input("image", tooltip="The frames in which the poses were found."),
                *widgets(WAN_ANIMATE),
            ],
            outputs=[
                io.Image.Output(
                    "face_video", tooltip="For face_video of WanAnimateToVideo: 512 x 512 pixels."
                ),
                io.String.Output(
                    "points",
                    tooltip="Points on the person in the first key frame, as JSON: for "
                    "positive_coords of SAM 3, or coordinates_positive of SAM 2.",
                ),
                io.Int.Output("frame", tooltip="The index of the frame with the points."),
                io.String.Output(
                    "key_frames", tooltip="Points of all key frames, as JSON, by their frame."
                ),
                PoseData.Output(
                    "pose_data",
                    tooltip="The person's keypoints for nodes of WanAnimatePreprocess, such as "
                    "Draw ViT Pose.",
                ),
            ],
        )

    @classmethod
    @explain_errors("cutting faces")
    def execute(cls, poses: Any, image: Tensor, **options: Any) -> io.NodeOutput:
        """Cuts the face of one person in every frame."""
        values = option_values(WAN_ANIMATE, options)
        frames = frames_from_poses(poses)
        if not frames:
            raise ValueError("The poses have no frames, so there is no face to cut.")
        images_rgb = images_from_comfy(image)
        check_one_image_per_frame(images_rgb, frames)
        check_batch(len(frames), (SIDE, SIDE))
        canvas_wh = images_rgb[0].shape[1], images_rgb[0].shape[0]
        person_id = values["person_id"]
        people = [choose_person(fit_to_canvas(frame, canvas_wh), person_id) for frame in frames]
        boxes = find_face_boxes(people, steady=values["steady"])
        told = "" if any(boxes) else _tell_of_no_face(person_id)
        last = len(images_rgb) - 1
        faces = [cut_face(images_rgb[min(index, last)], box) for index, box in enumerate(boxes)]
        video, points = image_to_comfy(faces), find_clip_points(people)
        first = next(iter(points), 0)
        key_frames = [{"frame": index, "points": _as_dicts(points[index])} for index in points]
        texts = json.dumps(_as_dicts(points.get(first, []))), json.dumps(key_frames)
        data = make_pose_data(people, canvas_wh)
        shown = preview(cls, video) | as_told(told)
        return io.NodeOutput(video, texts[0], first, texts[1], data, ui=shown)


def _as_dicts(points: Points) -> list[dict[str, int]]:
    return [{"x": x, "y": y} for x, y in points]


def _tell_of_no_face(person_id: int | None) -> str:
    text = NO_FACE if person_id is None else NO_FACE_OF_ID
    return tell_all([(text, {"person": person_id})], logging.WARNING)
