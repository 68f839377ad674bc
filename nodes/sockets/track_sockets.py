"""Who is who, as ComfyUI's own nodes of SAM 3 say it: SAM3_TRACK_DATA values.

Core has them from the version on that has Run SAM3 Video Track. Nothing of core is imported, so
that the socket is there in older ones, too; whatever comes through it is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ...sapiens_core.detection.masks import MaskOptions, people_from_tracked_masks
from ...sapiens_core.detection.people import People
from ...skeletons.formats.node_values.sam3_tracks import Sam3Tracks, read_sam3_tracks
from .tensors import check_numbers

Sam3TrackData = io.Custom("SAM3_TRACK_DATA")


def tracks_from_comfy(value: Any) -> Sam3Tracks:
    """The tracks of a SAM3_TRACK_DATA value.

    Raises:
        ValueError: it is something else, or cannot be read; the message says what to connect.
    """
    packed = value.get("packed_masks") if isinstance(value, dict) else None
    if not isinstance(packed, Tensor):
        return read_sam3_tracks(value)
    check_numbers(packed, "SAM3_TRACK_DATA")
    return read_sam3_tracks(value | {"packed_masks": packed.numpy(force=True)})


def people_from_track_data(
    tracks: Sam3Tracks, canvases_wh: Sequence[tuple[int, int]], options: MaskOptions
) -> list[People]:
    """The people of each frame, with their numbers in the tracks as ids.

    Args:
        tracks: of a clip.
        canvases_wh: width and height of each image in pixels; masks of another size are stretched.
        options: how small a connected component is ignored.

    Raises:
        ValueError: there is not one image per frame.
    """
    check_frames_of_tracks(tracks, len(canvases_wh), "images")
    return [
        people_from_tracked_masks(tracks.masks(frame), tracks.scores, canvas_wh, options)
        for frame, canvas_wh in enumerate(canvases_wh)
    ]


def check_frames_of_tracks(tracks: Sam3Tracks, count: int, what: str) -> None:
    """Raises ValueError if the tracks are not of so many images or frames of poses."""
    if len(tracks) != count:
        raise ValueError(
            f"SAM3_TRACK_DATA has {len(tracks)} frames for {count} {what}; expected as many. "
            "Connect the frames that were tracked, all of them and no others."
        )
