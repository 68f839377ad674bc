"""Detected poses as a file for the editor on ComfyUI's page: a JSON head, and numbers.

Four bytes give the length of the head, little endian; the head is JSON in UTF-8, filled up with
spaces so that the numbers start at a multiple of four; they are float32, x, y and score of each
joint of each person of each frame. 200 frames of three people with 308 keypoints are 2.2 MB.
``web/editor/data/detection.js`` reads it. Edits are differences, so that float32 is enough to see
them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from ..pose import Frame, Pose
from .edits import detection_digest

VERSION = 1


def encode_detection(frames: Sequence[Frame], images: Sequence[str] = ()) -> bytes:
    """The file of some frames.

    Args:
        frames: as detected.
        images: names of the files with the frames' images, if there are any.
    """
    poses = [pose for frame in frames for pose in frame.poses]
    head = {
        "version": VERSION,
        "base": detection_digest(frames),
        "frames": [
            {
                "canvas": frame.canvas_wh,
                "image": images[index] if index < len(images) else "",
                "people": [_person(pose) for pose in frame.poses],
            }
            for index, frame in enumerate(frames)
        ],
    }
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    numbers = [np.column_stack([pose.keypoints_image, pose.scores]).astype("<f4") for pose in poses]
    return len(text).to_bytes(4, "little") + text + b"".join(each.tobytes() for each in numbers)


def _person(pose: Pose) -> dict[str, object]:
    """Id, or None; name of the keypoint set; box, rounded as edits are."""
    box = [round(side, 1) for side in pose.box_xyxy.tolist()]
    return {"id": pose.person_id, "set": pose.keypoint_set.name, "box": box}
