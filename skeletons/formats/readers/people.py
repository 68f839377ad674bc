"""One person of a file: the keys under which programs write body, face, hands, feet, box and id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...pose import MAX_ID, Array, number_array
from .layouts import LENGTHS
from .points import looks_like_point, read_points, with_scores
from .records import BODY, FACE, FEET, LEFT_HAND, NATIVE, RIGHT_HAND, FoundPerson

OPENPOSE_KEYS = ("pose_keypoints_2d", "pose_keypoints")

PART_KEYS: dict[str, tuple[str, ...]] = {
    BODY: (
        *OPENPOSE_KEYS,
        *("keypoints", "joints", "body_keypoints_2d", "body_keypoints", "kpts", "keyPoints"),
        *("landmarks", "pose_landmarks", "poseLandmarks", "landmark", "body"),
    ),
    FACE: ("face_keypoints_2d", "face_keypoints"),
    LEFT_HAND: (
        *("hand_left_keypoints_2d", "hand_left_keypoints", "left_hand_keypoints_2d"),
        *("left_hand_landmarks", "leftHandLandmarks"),
    ),
    RIGHT_HAND: (
        *("hand_right_keypoints_2d", "hand_right_keypoints", "right_hand_keypoints_2d"),
        *("right_hand_landmarks", "rightHandLandmarks"),
    ),
    FEET: ("foot_keypoints_2d", "foot_keypoints"),
    # The Sapiens nodes by kijai.
    NATIVE: ("keypoints_2d", "keypoints_308_2d"),
}
"""The keys of each body part; the first that has numbers counts."""

COUNTS: dict[str, tuple[int, ...]] = {
    **{BODY: LENGTHS, FACE: (68, 70, 71), LEFT_HAND: (21,), RIGHT_HAND: (21,), FEET: (6,)},
}
"""The numbers of keypoints that parts have; only these are read as pairs without scores."""

KEYS = frozenset(key for keys in PART_KEYS.values() for key in keys)

SCORES_KEYS = ("keypoint_scores", "keypointScores", "keypoint_score", "kp_score")
ID_KEYS = ("person_id", "track_id", "idx")
SCORE_KEYS = ("bbox_score", "score", "confidence")


def is_person(item: Any) -> bool:
    """Whether an object has a body part, found or not."""
    return isinstance(item, Mapping) and any(
        item[key] is None or isinstance(item[key], (list, tuple, dict))
        for key in KEYS & item.keys()
    )


def read_person(item: Any, where: str) -> FoundPerson:
    """A person from an object, or from the list of the keypoints.

    Raises:
        ValueError: a part cannot be read; the message names it.
    """
    if isinstance(item, (list, tuple)) and item and _is_list_of_points(item):
        item = {"keypoints": item}
    if not isinstance(item, Mapping):
        raise ValueError(f"{where} is a {type(item).__name__}, expected a dict.")
    person = FoundPerson(where, box_score=_box_score(item), person_id=_person_id(item))
    for part, keys in PART_KEYS.items():
        key = next((key for key in keys if _has_numbers(item.get(key))), None)
        if key is None:
            continue
        at = f"{where}, {key}"
        triples, names = read_points(item[key], at, COUNTS.get(part))
        if part == BODY:
            triples = with_scores(triples, next(_values(item, SCORES_KEYS), None), at)
            triples, person.names = _named(triples, names)
            person.prefers_openpose = key in OPENPOSE_KEYS
        if len(triples):
            person.parts[part], person.keys[part] = triples, key
    person.box_xyxy = read_box(item)
    return person


def _is_list_of_points(item: Any) -> bool:
    return looks_like_point(item[0]) or isinstance(item[0], (int, float, list, tuple))


def _has_numbers(value: Any) -> bool:
    """Whether anything but null or an empty list stands there."""
    return value is not None and not (isinstance(value, (list, tuple, dict)) and not value)


def _values(item: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return (item[key] for key in keys if item.get(key) is not None)


def _named(
    triples: Array, names: tuple[str | None, ...] | None
) -> tuple[Array, tuple[str, ...] | None]:
    """The keypoints whose joints are known, if the file names most of them; else all, unnamed."""
    if names is None:
        return triples, None
    first = {name: row for row, name in reversed(list(enumerate(names))) if name}
    if 2 * len(first) < len(names):
        return triples, None
    rows = sorted(first.values())
    return triples[rows], tuple(name for row in rows if (name := names[row]))


def read_box(item: Mapping[str, Any]) -> Array | None:
    """(4,) left, top, right, bottom, or None where there is none or it cannot be read.

    ``bbox`` is left, top, width, height as in COCO, and corners as in mmpose, where scores of
    keypoints stand beside it. AlphaPose has ``box`` as COCO; ultralytics names the corners.
    """
    box = item.get("bbox", item.get("box"))
    if isinstance(box, Mapping):
        box = [box.get(key) for key in ("x1", "y1", "x2", "y2")]
        are_corners = True
    else:
        are_corners = any(True for _ in _values(item, SCORES_KEYS))
    try:
        numbers = number_array(box).reshape(-1)
    except ValueError:
        return None
    if len(numbers) != 4 or not (np.abs(numbers) < 1e9).all():
        return None
    return numbers if are_corners else np.concatenate([numbers[:2], numbers[:2] + numbers[2:]])


def _box_score(item: Mapping[str, Any]) -> Any:
    scores = (value for value in _values(item, SCORE_KEYS) if isinstance(value, (int, float)))
    return next((score for score in scores if abs(score) < 1e30), 1.0)


def _person_id(item: Mapping[str, Any]) -> int | None:
    """The person's id; OpenPose writes it in a list, and -1 for none."""
    for key in ID_KEYS:
        value = item.get(key)
        if key == "person_id" and isinstance(value, (list, tuple)) and value:
            value = value[0]
        if isinstance(value, (int, float)) and 0 <= value <= MAX_ID:
            return int(value)
    return None
