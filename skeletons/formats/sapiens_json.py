"""The JSON of the Sapiens demos, one image per file, with everything known about each person.

The reference's two demos (``facebookresearch/sapiens``, ``pose/demo/demo_vis.py`` and
``lite/demo/vis_pose.py``) write the key ``instance_info``; beside it we write what they leave out:
the canvas, the names of the image and of the keypoint set, and each person's id. Nothing is
rounded, so that reading a written file gives the same numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..foundation.limits import MAX_PEOPLE, check_count
from ..keypoint_sets import KEYPOINT_SETS, NETWORK_SETS, KeypointSet
from ..pose import (
    Frame,
    Pose,
    box_around,
    canvas_around,
    check_one_keypoint_set,
    is_within_limits,
    number_array,
)

VERSION = 1
"""Version of the layout that ``encode`` writes."""


def encode(frame: Frame, image_name: str) -> dict[str, Any]:
    """``frame`` in plain JSON types, in pixels of the image ``image_name``.

    Raises:
        ValueError: the people have different keypoint sets.
    """
    check_one_keypoint_set(frame.poses, f"The people of {image_name!r}")
    keypoint_set = frame.poses[0].keypoint_set if frame.poses else None
    return {
        "version": VERSION,
        "image": image_name,
        "canvas": {"width": frame.canvas_wh[0], "height": frame.canvas_wh[1]},
        "keypoint_set": keypoint_set.name if keypoint_set else None,
        "meta_info": meta_info(keypoint_set) if keypoint_set else {},
        "instance_info": [encode_instance(pose) for pose in frame.poses],
    }


def meta_info(keypoint_set: KeypointSet) -> dict[str, Any]:
    """What the reference's files say about a keypoint set, under the same keys, in plain types."""
    return {
        "dataset_name": keypoint_set.name,
        "num_keypoints": len(keypoint_set),
        "keypoint_id2name": {str(i): name for i, name in enumerate(keypoint_set.names)},
        "flip_indices": keypoint_set.flip_indices.tolist(),
        "skeleton_links": keypoint_set.link_indices.tolist(),
        "keypoint_colors": [list(joint.color) for joint in keypoint_set.joints],
        "skeleton_link_colors": [list(link.color) for link in keypoint_set.links],
        "sigmas": keypoint_set.sigmas.tolist(),
    }


def encode_instance(pose: Pose) -> dict[str, Any]:
    """One entry of ``instance_info``."""
    instance: dict[str, Any] = {
        "keypoints": pose.keypoints_image.tolist(),
        "keypoint_scores": pose.scores.tolist(),
        "bbox": pose.box_xyxy.tolist(),
        "bbox_score": pose.box_score,
    }
    if pose.person_id is not None:
        instance["person_id"] = int(pose.person_id)
    if pose.refined:
        instance["refined"] = list(pose.refined)
    return instance


def decode(document: dict[str, Any], canvas_wh: tuple[int, int] | None = None) -> Frame:
    """The frame in ``document``, written by ``encode`` or by either of the reference's demos.

    The demos do not write the canvas; then it is ``canvas_wh``, or else the smallest canvas that
    holds every keypoint and box.

    Raises:
        ValueError: the document is not of this format, or a person in it cannot be read.
    """
    instances = document.get("instance_info")
    if not isinstance(instances, list):
        raise ValueError("Expected a JSON object with the list 'instance_info'.")
    check_count(len(instances), MAX_PEOPLE, "people")
    if document.get("version", VERSION) != VERSION:
        raise ValueError(
            f"This is version {document['version']!r} of the Sapiens JSON; expected version "
            f"{VERSION}. Update the pack."
        )
    canvas = document.get("canvas")
    if canvas is not None:
        canvas_wh = decode_canvas(canvas)
    keypoints = [_keypoints(instance, i) for i, instance in enumerate(instances)]
    if canvas_wh is None:
        corners = [_box_corners(instance, i) for i, instance in enumerate(instances)]
        canvas_wh = canvas_around(*keypoints, *corners)
    name = document.get("keypoint_set")
    poses = (decode_instance(item, i, canvas_wh, name) for i, item in enumerate(instances))
    return Frame(canvas_wh=canvas_wh, poses=tuple(poses))


def image_names(document: dict[str, Any]) -> tuple[str, ...]:
    """The name of the image, if the document has it."""
    name = document.get("image")
    return (name,) if name and isinstance(name, str) else ()


def decode_instance(
    instance: dict[str, Any], person: int, canvas_wh: tuple[int, int], set_name: str | None
) -> Pose:
    """One entry of ``instance_info``; without a name, the set is that with as many keypoints.

    Raises:
        ValueError: a field is missing or malformed; the message names ``person``, an index.
    """
    keypoints = _keypoints(instance, person)
    keypoint_set = NETWORK_SETS.get(len(keypoints))
    if set_name:
        keypoint_set = KEYPOINT_SETS.get(set_name) if isinstance(set_name, str) else None
    if keypoint_set is None:
        raise ValueError(
            f"Person {person} has {len(keypoints)} keypoints of the set {set_name!r}, expected "
            f"one of {', '.join(KEYPOINT_SETS)}."
        )
    try:
        scores = number_array(instance["keypoint_scores"])
        if scores.shape != keypoints.shape[:1]:
            raise ValueError(f"{len(keypoints)} keypoints, but scores of shape {scores.shape}.")
        # The demo's decoder returns NaN for a keypoint whose heatmap is empty.
        missing = ~is_within_limits(keypoints).all(axis=1)
        keypoints[missing], scores[missing] = 0.0, 0.0
        corners = _box_corners(instance, person)
        around = box_around(keypoints, scores > 0, otherwise=(0, 0, *canvas_wh))
        return Pose(
            keypoints_image=keypoints,
            scores=scores,
            keypoint_set=keypoint_set,
            canvas_wh=canvas_wh,
            box_xyxy=corners.ravel() if len(corners) else around,
            box_score=instance.get("bbox_score", 1.0),
            person_id=instance.get("person_id"),
            refined=instance.get("refined", ()),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Person {person} cannot be read: {error!s}") from error


def decode_canvas(canvas: Any) -> tuple[int, int]:
    """Width and height of ``{"width": w, "height": h}``; ValueError if it is anything else."""
    try:
        return int(canvas["width"]), int(canvas["height"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"'canvas' is {canvas!r}, expected a width and a height.") from error


def _keypoints(instance: Any, person: int) -> np.ndarray:
    try:
        keypoints = number_array(instance["keypoints"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Person {person} has no list of 'keypoints' that can be read.") from error
    if keypoints.ndim != 2 or keypoints.shape[1] != 2:
        raise ValueError(
            f"The 'keypoints' of person {person} have shape {keypoints.shape}, expected (K, 2)."
        )
    return keypoints


def _box_corners(instance: dict[str, Any], person: int) -> np.ndarray:
    """(2, 2) top left and bottom right, or (0, 2); the demo nests its box in a second list."""
    corners = number_array(instance.get("bbox", ()))
    if corners.size not in (0, 4):
        raise ValueError(f"The 'bbox' of person {person} has {corners.size} numbers, expected 4.")
    return corners.reshape(-1, 2)
