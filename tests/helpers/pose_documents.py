"""Pose documents of other programs, all of the same standing person."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from comfyui_sapiens_pose.skeletons.formats.read_options import DEFAULT_OPTIONS, ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, MEDIAPIPE_33, MPI_15, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.openpose_points import to_openpose
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.poses import STANDING

WH = (512, 768)
CANVAS = {"canvas_width": 512, "canvas_height": 768}
BODY_18 = OPENPOSE_136.part_names("body")


def triples(names: tuple[str, ...], score: float = 1.0) -> list[list[float]]:
    return [[*STANDING[name], score] for name in names]


def flat(names: tuple[str, ...], score: float = 1.0) -> list[float]:
    return [number for triple in triples(names, score) for number in triple]


def pairs(names: tuple[str, ...]) -> list[list[float]]:
    return [list(STANDING[name]) for name in names]


def fractions(
    names: tuple[str, ...], scale: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> list[float]:
    """The person in fractions of the canvas, larger and shifted."""
    return [
        number
        for x, y, score in triples(names)
        for number in (x / 512 * scale + shift[0], y / 768 * scale + shift[1], score)
    ]


def read(
    document: Any, options: ReadOptions = DEFAULT_OPTIONS
) -> tuple[tuple[str, ...], tuple[Frame, ...]]:
    return read_document(json.loads(json.dumps(document)), options)


def assert_stands(pose: Pose, shift: tuple[float, float] = (0, 0), tolerance: float = 1e-6) -> None:
    """The person of ``STANDING`` in OpenPose's joints, at least the limbs and the head."""
    shown = to_openpose(pose)
    for name in BODY_18:
        row = shown.keypoint_set.index(name)
        if name in ("nose", "left_eye", "right_eye", "left_ear", "right_ear") and (
            pose.keypoint_set is MPI_15
        ):
            continue
        expected = np.add(STANDING[name], shift)
        assert shown.scores[row] > 0, name
        np.testing.assert_allclose(
            shown.keypoints_image[row], expected, atol=tolerance, err_msg=name
        )


def openpose_file(people: list[list[float]]) -> dict[str, Any]:
    return {"version": 1.3, "people": [{"pose_keypoints_2d": body} for body in people]}


def instance(names: tuple[str, ...] = COCO_17.names) -> dict[str, Any]:
    return {
        "keypoints": pairs(names),
        "keypoint_scores": [0.9] * len(names),
        "bbox": [[180, 80, 340, 590]],
        "bbox_score": 0.8,
    }


def ultralytics_person(scale: tuple[float, float] = (1, 1)) -> dict[str, Any]:
    columns = np.array(pairs(COCO_17.names)) / scale
    return {
        "name": "person",
        "class": 0,
        "confidence": 0.9,
        "box": {
            "x1": 180 / scale[0],
            "y1": 80 / scale[1],
            "x2": 340 / scale[0],
            "y2": 590 / scale[1],
        },
        "keypoints": {
            "x": columns[:, 0].tolist(),
            "y": columns[:, 1].tolist(),
            "visible": [0.9] * 17,
        },
    }


def landmarks(names: tuple[str, ...] = MEDIAPIPE_33.names) -> list[dict[str, float]]:
    points = [STANDING[name] for name in names]
    return [{"x": x / 512, "y": y / 768, "z": -0.1, "visibility": 0.99} for x, y in points]


def result(image_id: Any, names: tuple[str, ...] = COCO_17.names, **others: Any) -> dict[str, Any]:
    keypoints = flat(names, 0.8)
    return {"image_id": image_id, "category_id": 1, "keypoints": keypoints, "score": 2.5, **others}


PERSON = {"pose_keypoints_2d": flat(BODY_18)}
FRAME = {"people": [PERSON], **CANVAS}
COCO_IMAGES = [
    {"id": 3, "file_name": "x/b.jpg", "width": 512, "height": 768},
    {"id": 1, "file_name": "a.jpg", "width": 512, "height": 768},
]
