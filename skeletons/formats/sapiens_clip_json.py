"""The Sapiens JSON of a whole clip: a list of its frames, beside what they have in common.

Each entry of ``frames`` is what ``sapiens_json.encode`` makes of a frame, with the frame's number
and time, but without the names of the keypoints, which are stored once beside the frames.
"""

from __future__ import annotations

from typing import Any

from ..foundation.limits import MAX_FRAMES, MAX_PEOPLE, check_count
from ..keypoint_sets import KEYPOINT_SETS
from ..pose import Frame
from . import sapiens_json


def encode_frame(frame: Frame, name: str, index: int, time_s: float) -> dict[str, Any]:
    """One entry of ``frames``; ValueError as ``sapiens_json.encode``."""
    document = sapiens_json.encode(frame, name)
    del document["version"], document["meta_info"]
    return {"frame": index, "time_s": time_s, **document}


def encode_header(clip_name: str, set_name: str | None) -> dict[str, Any]:
    """Everything in the document except ``frames``."""
    keypoint_set = KEYPOINT_SETS[set_name] if set_name else None
    return {
        "version": sapiens_json.VERSION,
        "clip": clip_name,
        "keypoint_set": set_name,
        "meta_info": sapiens_json.meta_info(keypoint_set) if keypoint_set else {},
    }


def is_clip(document: Any) -> bool:
    """Whether parsed JSON is of a whole clip."""
    return isinstance(document, dict) and "clip" in document and "frames" in document


def decode(document: dict[str, Any], canvas_wh: tuple[int, int] | None = None) -> tuple[Frame, ...]:
    """The frames of a clip, or the frame of a single image, see ``sapiens_json.decode``.

    Raises:
        ValueError: the frames are not a list of objects, are too many, or one cannot be read.
    """
    return tuple(sapiens_json.decode(frame, canvas_wh) for frame in _frame_documents(document))


def image_names(document: dict[str, Any]) -> tuple[str, ...]:
    """The names of the images of the frames, where the document has them."""
    frames = _frame_documents(document)
    return tuple(name for frame in frames for name in sapiens_json.image_names(frame))


def _frame_documents(document: dict[str, Any]) -> list[dict[str, Any]]:
    if not is_clip(document):
        return [document]
    frames = document["frames"]
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
        raise ValueError("'frames' is not a list of frames.")
    check_count(len(frames), MAX_FRAMES, "frames")
    lists = (frame.get("instance_info") for frame in frames)
    num_people = sum(len(people) for people in lists if isinstance(people, list))
    check_count(num_people, MAX_PEOPLE, "people")
    version = document.get("version", sapiens_json.VERSION)
    return [{"version": version, **frame} for frame in frames]
