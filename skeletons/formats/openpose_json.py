"""Writing the files of OpenPose's own program, one image per file: ``<name>_keypoints.json``.

Facts of the format: ``doc/02_output.md`` and ``src/openpose/filestream/fileStream.cpp`` of
CMU-Perceptual-Computing-Lab/openpose. Pixels, real confidences, zeros for a missing keypoint, and
no size of the image; that, and all keypoints below the threshold, are under the key ``sapiens`` as
in POSE_KEYPOINT. Each part has one length for all people of a file, as in OpenPose's own arrays:
zeros where somebody lacks it, and an empty list where everybody does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..openpose_points import frame_to_openpose
from ..pose import Frame
from . import sapiens_key
from .pose_keypoint_writer import DEFAULT_OPTIONS, EncodeOptions, encode_frame

VERSION = 1.3
"""Version of OpenPose's format, the first with ``person_id``."""


def encode(frame: Frame, options: EncodeOptions = DEFAULT_OPTIONS) -> dict[str, Any]:
    """``frame`` as OpenPose 1.3 would write it, in plain JSON types.

    The body has the 25 keypoints of its BODY_25 model, or with ``options.body`` the 18 of its COCO
    model, which has no feet. Confidences are real and coordinates are pixels whatever the options
    say.
    """
    as_openpose = replace(
        options, confidence="raw", missing="null", coords="pixels", body=options.body or 25
    )
    document = encode_frame(frame, as_openpose)
    poses = frame_to_openpose(frame, options.openpose).poses
    lengths = {
        part: max(len(person[part] or ()) for person in document["people"])
        for person in document["people"][:1]
        for part in person
    }
    people = [
        {
            "person_id": [-1 if pose.person_id is None else pose.person_id],
            **{part: numbers or [0.0] * lengths[part] for part, numbers in person.items()},
            "pose_keypoints_3d": [],
            "face_keypoints_3d": [],
            "hand_left_keypoints_3d": [],
            "hand_right_keypoints_3d": [],
        }
        for pose, person in zip(poses, document["people"], strict=True)
    ]
    written: dict[str, Any] = {"version": VERSION, "people": people}
    if options.lossless:
        written[sapiens_key.KEY] = {
            **document[sapiens_key.KEY],
            "digest": sapiens_key.digest(people),
        }
    return written
