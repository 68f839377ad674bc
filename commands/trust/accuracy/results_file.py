"""People who were found as COCO's and COCO-WholeBody's servers read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308, KeypointSet
from .scoring import Detected, group_indices
from .truth import KEYS

_GROUP_OF_KEY = {
    **{"keypoints": "body", "foot_kpts": "feet", "face_kpts": "face"},
    **{"lefthand_kpts": "left hand", "righthand_kpts": "right hand"},
    "goliath_wholebody_kpts": "whole",
}
"""The group of keypoints that a key of a result holds."""

_KEYS = {
    COCO_17.name: KEYS[COCO_17.name],
    COCO_WHOLEBODY_133.name: KEYS[COCO_WHOLEBODY_133.name],
    GOLIATH_308.name: (*KEYS[GOLIATH_308.name], *KEYS[COCO_WHOLEBODY_133.name]),
}
"""The keys of a result of each keypoint set, as the reference writes them."""


def encode_results(keypoint_set: KeypointSet, people: Sequence[Detected]) -> list[dict[str, Any]]:
    """One entry for each person: ``image_id``, ``category_id``, keypoints by key, and ``score``."""
    groups = group_indices(keypoint_set)
    rows = {key: groups[_GROUP_OF_KEY[key]] for key in _KEYS[keypoint_set.name]}
    return [
        {
            "image_id": person.image_id,
            "category_id": 1,
            **{key: person.triples[indices].ravel().tolist() for key, indices in rows.items()},
            "score": person.score,
        }
        for person in people
    ]
