"""Writing COCO keypoints and COCO-WholeBody keypoints: the people of many images in one file.

A data set as ``pycocotools`` reads it: ``images`` with their sizes and names, also those without
people, ``annotations``, and ``categories`` with the names of the joints. Each annotation is also a
result, with ``score``; the score of each keypoint replaces COCO's visibility, as mmpose writes it.
The key ``sapiens`` holds what the format lacks; readers of such files ignore it.
``readers/image_lists.py`` reads these files and those of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..convert_sets import convert_pose
from ..keypoint_sets import COCO_17, COCO_WHOLEBODY_133, KeypointSet
from ..pose import Frame, Pose

VERSION = 1
"""Version of what the key ``sapiens`` holds."""

_PARTS = {
    COCO_17.name: {"keypoints": COCO_17.part_indices("body")},
    COCO_WHOLEBODY_133.name: {
        "keypoints": COCO_WHOLEBODY_133.part_indices("body"),
        "foot_kpts": COCO_WHOLEBODY_133.part_indices("left_foot", "right_foot"),
        "face_kpts": COCO_WHOLEBODY_133.part_indices("face"),
        "lefthand_kpts": COCO_WHOLEBODY_133.part_indices("left_hand"),
        "righthand_kpts": COCO_WHOLEBODY_133.part_indices("right_hand"),
    },
}
"""For each set, the keys of an annotation and the indices of their keypoints."""


def encode(
    frames: Sequence[Frame],
    keypoint_set: KeypointSet = COCO_17,
    names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The data set of ``frames`` in ``keypoint_set``, COCO_17 or COCO_WHOLEBODY_133.

    ``names`` are those of the images, by default their indices. Images whose names are numbers have
    these as ids, others their indices.

    Raises:
        ValueError: there are more or fewer names than frames.
    """
    names = [str(index) for index in range(len(frames))] if names is None else names
    if len(names) != len(frames):
        raise ValueError(
            f"There are {len(names)} image names for {len(frames)} frames; expected one per frame."
        )
    annotations: list[dict[str, Any]] = []
    images = []
    for image_id, name, frame in zip(image_ids(names), names, frames, strict=True):
        images.append(encode_image(frame, image_id, name))
        annotations += encode_people(frame, keypoint_set, image_id, len(annotations) + 1)
    return {
        "images": images,
        "annotations": annotations,
        "categories": encode_categories(keypoint_set),
    }


def encode_image(frame: Frame, image_id: int, name: str) -> dict[str, Any]:
    """One entry of ``images``."""
    width, height = frame.canvas_wh
    return {"id": int(image_id), "file_name": name, "width": width, "height": height}


def encode_people(
    frame: Frame, keypoint_set: KeypointSet, image_id: int, first_id: int
) -> list[dict[str, Any]]:
    """The entries of ``annotations`` of one frame; ids count up from ``first_id``."""
    return [
        _encode_person(pose, keypoint_set, image_id, first_id + index)
        for index, pose in enumerate(frame.poses)
    ]


def encode_categories(keypoint_set: KeypointSet) -> list[dict[str, Any]]:
    """The value of ``categories``: person, with the body's joints and links, counted from 1."""
    body = _PARTS[keypoint_set.name]["keypoints"]
    return [
        {
            "id": 1,
            "name": "person",
            "supercategory": "person",
            "keypoints": [keypoint_set.names[row] for row in body],
            "skeleton": [
                [int(start) + 1, int(end) + 1]
                for start, end in keypoint_set.link_indices
                if start in body and end in body
            ],
        }
    ]


def _encode_person(
    pose: Pose, keypoint_set: KeypointSet, image_id: int, annotation_id: int
) -> dict[str, Any]:
    """One annotation; ``score`` is the confidence of the box times the mean score of the keypoints
    that were found, as mmpose ranks people."""
    converted = convert_pose(pose, keypoint_set)
    triples = np.column_stack([converted.keypoints_image, converted.scores])
    found = converted.scores > 0
    left, top, right, bottom = pose.box_xyxy.tolist()
    extra: dict[str, Any] = {
        "version": VERSION,
        "canvas": {"width": pose.canvas_wh[0], "height": pose.canvas_wh[1]},
        "bbox_xyxy": pose.box_xyxy.tolist(),
        "bbox_score": pose.box_score,
    }
    if pose.person_id is not None:
        extra["person_id"] = pose.person_id
    parts = _PARTS[keypoint_set.name]
    return {
        "id": annotation_id,
        "image_id": int(image_id),
        "category_id": 1,
        **{key: triples[rows].ravel().tolist() for key, rows in parts.items()},
        "num_keypoints": int(found[parts["keypoints"]].sum()),
        "bbox": [left, top, right - left, bottom - top],
        "area": max(right - left, 0.0) * max(bottom - top, 0.0),
        "iscrowd": 0,
        "score": pose.box_score * float(converted.scores[found].mean()) if found.any() else 0.0,
        "sapiens": extra,
    }


def image_ids(names: Sequence[str]) -> Sequence[int]:
    """The ids of images: the numbers that are their names, or their indices if a name is none."""
    stems = [Path(name).stem for name in names]
    numbers = [int(stem) for stem in stems if stem.isascii() and stem.isdigit() and len(stem) < 16]
    return numbers if len(set(numbers)) == len(names) else range(len(names))
