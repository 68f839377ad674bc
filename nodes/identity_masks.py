"""Sapiens Identity Masks: one mask per person, and all of them in one colour per person."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from comfy_api.latest import io

from ..skeletons.draw.person_masks import (
    SCAIL2_COLORS,
    Mask,
    color_people,
    draw_outlines,
    one_by_one,
    resize_masks,
)
from ..skeletons.foundation.limits import check_batch
from ..skeletons.options.cutting import IDENTITY_MASKS
from ..skeletons.pose import Frame
from ..skeletons.poses.body_part_crops import fit_to_canvas
from ..skeletons.poses.identities import match_masks, number_identities
from .host.node_errors import explain_errors
from .host.page_text import as_told, tell_all
from .host.preview import preview
from .sockets.frame_blocks import image_to_comfy, mask_to_comfy
from .sockets.image_sockets import frames_from_poses
from .sockets.pose_sockets import poses_input
from .sockets.track_sockets import Sam3TrackData, check_frames_of_tracks, tracks_from_comfy
from .sockets.widgets import option_values, widgets

NO_IDS = (
    "The people have no ids, so their colours follow the order in each frame. Connect Track "
    "Sapiens "
    "People before this node."
)
MANY = (
    "There are {people} people and {colors} colours: person {colors} has the colour of person 0. "
    "Select some of them first."
)
UNSEEN = "{missing} of {poses} poses have no mask in track_data, so they have none here."


class SapiensIdentityMasks(io.ComfyNode):
    """Masks of people by who they are."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensIdentityMasks",
            display_name="Sapiens Identity Masks",
            category="Sapiens Pose",
            description="One mask per person, and one colour per person in the order of ids, as "
            "SCAIL-2 takes them: outlines of the bodies, or the masks of SAM 3.",
            search_aliases=["scail", "scail 2", "colored mask", "person mask", "pose to mask"],
            is_output_node=True,
            inputs=[
                poses_input(),
                *widgets(IDENTITY_MASKS),
                Sam3TrackData.Input(
                    "track_data",
                    optional=True,
                    tooltip="From Run SAM3 Video Track: its masks are used, each for the person "
                    "whose keypoints lie in it. Without it: the outline of each body.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "image",
                    tooltip="One colour per person: for pose_video_mask or reference_image_mask of "
                    "WanSCAILToVideo.",
                ),
                io.Mask.Output(
                    "masks",
                    tooltip="One mask per person and frame: all frames of the first person, then "
                    "those of the second.",
                ),
            ],
        )

    @classmethod
    @explain_errors("drawing masks")
    def execute(cls, poses: Any, track_data: Any = None, **options: Any) -> io.NodeOutput:
        """Draws all frames at the size of the first."""
        values = option_values(IDENTITY_MASKS, options)
        frames = frames_from_poses(poses)
        if not frames:
            raise ValueError("The poses have no frames, so there is no mask to draw.")
        canvas_wh, threshold = frames[0].canvas_wh, values["score_threshold"]
        found = [fit_to_canvas(replace(f, poses=f.found_poses), canvas_wh) for f in frames]
        numbers = number_identities(found)
        people = 1 + max(max(some, default=-1) for some in numbers)
        check_batch(len(found) * (1 + people), canvas_wh)
        if track_data is None:
            masks = draw_outlines(found, numbers, threshold)
        else:
            tracks = tracks_from_comfy(track_data)
            check_frames_of_tracks(tracks, len(found), "frames of poses")
            matches = match_masks(found, numbers, tracks.masks, threshold)
            masks = resize_masks(matches, tracks.masks, canvas_wh)
        colored = (color_people(m, canvas_wh, values["background"]) for m in masks)
        image = image_to_comfy(colored, len(masks))
        separate = mask_to_comfy(one_by_one(masks, people, canvas_wh))
        told = _tell(found, numbers, masks)
        return io.NodeOutput(image, separate, ui=preview(cls, image) | as_told(told))


def _tell(
    frames: Sequence[Frame], numbers: Sequence[Sequence[int]], masks: Sequence[Mapping[int, Mask]]
) -> str:
    """Says what colours may not mean, and whom they do not show."""
    people = 1 + max(max(some, default=-1) for some in numbers)
    missing = sum(
        number not in of for some, of in zip(numbers, masks, strict=True) for number in some
    )
    ids = [[pose.person_id for pose in frame.poses] for frame in frames]
    sentences: list[tuple[str, dict[str, int]]] = []
    if len(frames) > 1 and any(len(some) > 1 and None in some for some in ids):
        sentences.append((NO_IDS, {}))
    if people > len(SCAIL2_COLORS):
        sentences.append((MANY, {"people": people, "colors": len(SCAIL2_COLORS)}))
    if missing:
        sentences.append((UNSEEN, {"missing": missing, "poses": sum(map(len, numbers))}))
    return tell_all(sentences, logging.WARNING) if sentences else ""
