"""Everything that is known of a frame's people, riding along in files that hold less.

POSE_KEYPOINT and OpenPose files keep 18 to 25 body points and drop what falls below a threshold.
The key ``sapiens`` beside ``people`` keeps the rest: native keypoints, real scores, boxes and
numbers of the people. It stands at the level of the frame because readers go through the keys of
a person and stumble over what they do not know, while no known reader minds a key of the frame.

Editors change ``people`` and pass the rest on. The key therefore carries a digest of the numbers
it stands beside, and is left alone if they are no longer the same.
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
    """The value of ``KEY`` for ``frame`` whose people are written as ``people``."""
    return {
        "version": VERSION,
        "digest": digest(people),
        "canvas": {"width": frame.canvas_wh[0], "height": frame.canvas_wh[1]},
        "people": [
            {"keypoint_set": pose.keypoint_set.name, **encode_instance(pose)}
            for pose in frame.poses
        ],
    }


def matching(document: dict[str, Any]) -> dict[str, Any] | None:
    """What ``encode`` wrote into ``document``, or None if there is none or people were edited."""
    extra = document.get(KEY)
    if not isinstance(extra, dict) or extra.get("version") != VERSION:
        return None
    try:
        unchanged = extra.get("digest") == digest(document.get("people") or [])
    except (TypeError, ValueError, AttributeError):
        return None
    return extra if unchanged else None


def decode(extra: dict[str, Any]) -> Frame:
    """The frame that ``encode`` was given.

    Raises:
        ValueError: a person cannot be read.
    """
    try:
        canvas_wh = decode_canvas(extra["canvas"])
        people = enumerate(extra["people"])
        poses = [decode_instance(each, i, canvas_wh, each["keypoint_set"]) for i, each in people]
    except (KeyError, TypeError) as error:
        raise ValueError(f"The key {KEY!r} cannot be read: {error!s}") from error
    return Frame(canvas_wh=canvas_wh, poses=tuple(poses))


def digest(people: Iterable[dict[str, Any]]) -> str:
    """A digest of all numbers of ``people``, whether they are written as 1 or 1.0.

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
