"""The key ``sapiens``: complete poses, stored in files of formats that hold less.

POSE_KEYPOINT and OpenPose files keep 18 to 25 body keypoints and drop those below a threshold. The
key ``sapiens`` beside ``people`` keeps everything: native keypoints, real scores, boxes and ids of
the people. It belongs to the frame because readers go through the keys of a person and fail at
unknown ones, while all known readers ignore an unknown key of the frame.

Editors change ``people`` and keep the rest. The key therefore has a digest of the numbers in
``people``, and is ignored if they have changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from ..pose import Frame, number_array
from .sapiens_json import decode_canvas, decode_instance, encode_instance

KEY = "sapiens"
VERSION = 1


def encode(frame: Frame, people: list[dict[str, Any]]) -> dict[str, Any]:
    """The value of ``KEY`` for ``frame``, whose people the file has as ``people``."""
    return {
        "version": VERSION,
        "digest": digest(people),
        "canvas": {"width": frame.canvas_wh[0], "height": frame.canvas_wh[1]},
        "people": [
            {"keypoint_set": pose.keypoint_set.name, **encode_instance(pose)}
            for pose in frame.poses
        ],
    }


def find_matching(document: dict[str, Any]) -> dict[str, Any] | None:
    """What ``encode`` wrote into ``document``; None without it, or if people were edited."""
    extra = document.get(KEY)
    if not isinstance(extra, dict) or extra.get("version") != VERSION:
        return None
    try:
        unchanged = extra.get("digest") == digest(document.get("people") or [])
    except (TypeError, ValueError, AttributeError):
        return None
    return extra if unchanged else None


def decode(extra: dict[str, Any]) -> Frame:
    """The frame that ``encode`` wrote.

    Raises:
        ValueError: a person cannot be read.
    """
    try:
        canvas_wh = decode_canvas(extra["canvas"])
        people = enumerate(extra["people"])
        poses = [decode_instance(item, i, canvas_wh, item["keypoint_set"]) for i, item in people]
    except (KeyError, TypeError) as error:
        raise ValueError(f"The key {KEY!r} cannot be read: {error!s}") from error
    return Frame(canvas_wh=canvas_wh, poses=tuple(poses))


def digest(people: Iterable[dict[str, Any]]) -> str:
    """A digest of all numbers of ``people``; 1 and 1.0 are the same.

    Raises:
        TypeError, AttributeError or ValueError: a value is not a list of numbers.
    """
    state = hashlib.sha256()
    for person in people:
        state.update(b"person")
        for name in sorted(person):
            state.update(name.encode())
            state.update(number_array(person[name] or ()).astype("<f8").tobytes())
    return state.hexdigest()
