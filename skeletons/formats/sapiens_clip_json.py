"""The Sapiens JSON of a whole clip: its frames one after the other, what they share once.

Each entry of ``frames`` is what ``sapiens_json.encode`` makes of a frame, with the frame's number
and time, but without the names of the keypoints, which stand beside the frames.
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
    """All but ``frames``."""
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
    """The frames of a clip, or the frame of a single picture, see ``sapiens_json.decode``.

    Raises:
        ValueError: the frames are no list of objects, they are too many, or one cannot be read.
    """
    return tuple(sapiens_json.decode(each, canvas_wh) for each in _frame_documents(document))


def image_names(document: dict[str, Any]) -> tuple[str, ...]:
    """What the document calls the pictures of its frames, as far as it does."""
    documents = _frame_documents(document)
    return tuple(name for each in documents for name in sapiens_json.image_names(each))


def _frame_documents(document: dict[str, Any]) -> list[dict[str, Any]]:
    if not is_clip(document):
        return [document]
    frames = document["frames"]
    if not isinstance(frames, list) or not all(isinstance(each, dict) for each in frames):
        raise ValueError("'frames' is no list of frames.")
    check_count(len(frames), MAX_FRAMES, "frames")
    people = (each.get("instance_info") for each in frames)
    check_count(sum(len(each) for each in people if isinstance(each, list)), MAX_PEOPLE, "people")
    version = document.get("version", sapiens_json.VERSION)
    return [{"version": version, **each} for each in frames]
