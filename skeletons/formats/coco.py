"""COCO keypoint results and COCO-WholeBody results: one list of people for many images.

``pycocotools`` and the COCO-WholeBody evaluation read these files; the score of each keypoint
replaces COCO's visibility, as mmpose writes it. The format identifies images by a number and
cannot hold the size of an image, nor an image without people. The key ``sapiens`` holds what the
format lacks; readers of such files ignore it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..convert_sets import convert_pose
from ..foundation.limits import MAX_NUMBER, MAX_PEOPLE, check_count
from ..keypoint_sets import COCO_17, COCO_WHOLEBODY_133, KeypointSet
from ..pose import Array, Frame, Pose, box_around, canvas_around, is_within_limits, number_array
from .sapiens_json import decode_canvas

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
"""For each set, the keys of a result and the indices of their keypoints."""


def encode(
    frames: Sequence[Frame],
    keypoint_set: KeypointSet = COCO_17,
    image_ids: Sequence[int] | None = None,
) -> list[dict[str, Any]]:
    """The people in ``frames`` as results of ``keypoint_set``, COCO_17 or COCO_WHOLEBODY_133.

    ``image_ids`` number the images, by default from 0. ``score`` is the confidence of the box
    times the mean score of the keypoints that were found, as mmpose ranks people.

    Raises:
        ValueError: there are more or fewer ``image_ids`` than frames.
    """
    ids = range(len(frames)) if image_ids is None else image_ids
    if len(ids) != len(frames):
        raise ValueError(f"{len(ids)} image numbers were given for {len(frames)} frames.")
    return [
        _encode_person(pose, keypoint_set, image_id)
        for frame, image_id in zip(frames, ids, strict=True)
        for pose in frame.poses
    ]


def _encode_person(pose: Pose, keypoint_set: KeypointSet, image_id: int) -> dict[str, Any]:
    converted = convert_pose(pose, keypoint_set)
    triples = np.column_stack([converted.keypoints_image, converted.scores])
    found = converted.scores[converted.scores > 0]
    extra: dict[str, Any] = {
        "version": VERSION,
        "canvas": {"width": pose.canvas_wh[0], "height": pose.canvas_wh[1]},
        "bbox_xyxy": pose.box_xyxy.tolist(),
        "bbox_score": pose.box_score,
    }
    if pose.person_id is not None:
        extra["person_id"] = pose.person_id
    return {
        "image_id": int(image_id),
        "category_id": 1,
        **{key: triples[rows].ravel().tolist() for key, rows in _PARTS[keypoint_set.name].items()},
        "score": pose.box_score * float(found.mean()) if len(found) else 0.0,
        "sapiens": extra,
    }


def decode(
    results: Sequence[dict[str, Any]], canvas_wh: tuple[int, int] | None = None
) -> tuple[Frame, ...]:
    """The frames that have people, by ascending image number.

    A result without ``sapiens`` gets ``canvas_wh``, or else the smallest canvas that holds its
    people, and the box around its keypoints.

    Raises:
        ValueError: a result cannot be read; the message names its index and key.
    """
    check_count(len(results), MAX_PEOPLE, "people")
    by_image: dict[int, list[tuple[int, dict[str, Any], KeypointSet, Array]]] = {}
    for index, result in enumerate(results):
        if not isinstance(result, dict) or not isinstance(result.get("image_id"), int):
            raise ValueError(f"Result {index} is no dict with a whole number 'image_id'.")
        row = (index, result, *_read_keypoints(result, index))
        by_image.setdefault(result["image_id"], []).append(row)
    return tuple(_decode_frame(by_image[image_id], canvas_wh) for image_id in sorted(by_image))


def image_ids(results: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """The numbers of the images, in the order in which ``decode`` returns their frames."""
    return tuple(sorted({result["image_id"] for result in results}))


def is_wholebody(result: dict[str, Any]) -> bool:
    """Whether a result has any body part beyond the 17 joints of COCO."""
    return not _PARTS[COCO_WHOLEBODY_133.name].keys().isdisjoint(result.keys() - {"keypoints"})


def _read_keypoints(result: dict[str, Any], index: int) -> tuple[KeypointSet, Array]:
    """The set and (K, 3) x, y, score; zeros for parts left out and for keypoints at -1, -1."""
    keypoint_set = COCO_WHOLEBODY_133 if is_wholebody(result) else COCO_17
    triples = np.zeros((len(keypoint_set), 3))
    for key, rows in _PARTS[keypoint_set.name].items():
        try:
            numbers = number_array(result.get(key) or np.zeros((len(rows), 3)))
            triples[rows] = numbers.reshape(len(rows), 3)
        except ValueError as error:
            raise ValueError(f"Result {index}, {key}: expected {3 * len(rows)} numbers.") from error
    if not is_within_limits(triples).all():
        raise ValueError(
            f"Result {index} holds NaN, infinite or huge values; expected {MAX_NUMBER:g} at most."
        )
    # OpenPose's CocoJsonSaver writes -1, -1, 0 for a keypoint that it did not find.
    triples[(triples == (-1.0, -1.0, 0.0)).all(axis=1)] = 0.0
    return keypoint_set, triples


def _extra(result: dict[str, Any]) -> dict[str, Any]:
    """The value of the key ``sapiens``; empty if another program wrote something else there."""
    extra = result.get("sapiens")
    return extra if isinstance(extra, dict) else {}


def _decode_frame(
    rows: list[tuple[int, dict[str, Any], KeypointSet, Array]], canvas_wh: tuple[int, int] | None
) -> Frame:
    extras = [_extra(result) for _, result, _, _ in rows]
    if "canvas" in extras[0]:
        canvas_wh = decode_canvas(extras[0]["canvas"])
    if canvas_wh is None:
        canvas_wh = canvas_around(*(triples[triples[:, 2] > 0, :2] for *_, triples in rows))
    poses = []
    for (index, result, keypoint_set, triples), extra in zip(rows, extras, strict=True):
        keypoints, scores = triples[:, :2], triples[:, 2]
        around = box_around(keypoints, scores > 0, otherwise=(0, 0, *canvas_wh))
        try:
            pose = Pose(
                keypoints_image=keypoints,
                scores=scores,
                keypoint_set=keypoint_set,
                canvas_wh=canvas_wh,
                box_xyxy=extra.get("bbox_xyxy", around),
                box_score=extra.get("bbox_score", result.get("score", 1.0)),
                person_id=extra.get("person_id"),
            )
        except ValueError as error:
            raise ValueError(f"Result {index} cannot be read: {error!s}") from error
        poses.append(pose)
    return Frame(canvas_wh=canvas_wh, poses=tuple(poses))
