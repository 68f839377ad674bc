"""People as ``candidate`` and ``subset``, as the first OpenPose and DWPose nodes write them.

``candidate`` lists the keypoints of everybody, ``subset`` the indices in it of each person's 18,
with -1 for a keypoint that was not found (``lllyasviel/ControlNet``, ``annotator/openpose``).
DWPose puts both under ``bodies``, with fractions of the canvas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...keypoint_sets import OPENPOSE_136
from ...pose import is_within_limits, number_array
from .records import BODY, Count, FoundPerson

_NUM_JOINTS = len(OPENPOSE_136.part_names("body"))


def is_subsets(node: Mapping[str, Any]) -> bool:
    """Whether a frame has people in this way."""
    return {"candidate", "subset"} <= _holder(node).keys()


def read_subsets(node: Mapping[str, Any], where: str, count: Count) -> list[FoundPerson]:
    """The people of a frame.

    Raises:
        ValueError: it has no lists of numbers, or an index of no keypoint.
    """
    holder = _holder(node)
    count.add_people(len(holder["subset"]) if isinstance(holder["subset"], list) else 0)
    try:
        if not holder["subset"]:
            return []
        keypoints = number_array(holder["candidate"]).reshape(-1, len(holder["candidate"][0]))
        subset = np.clip(np.nan_to_num(number_array(holder["subset"]), nan=-1.0), -1, 2**40)
        indices = subset[:, :_NUM_JOINTS].astype(int)
        if indices.shape[1] != _NUM_JOINTS or (indices >= len(keypoints)).any():
            raise ValueError("an index has no keypoint")
    except (TypeError, ValueError, IndexError) as error:
        raise ValueError(f"{where}: 'candidate' and 'subset' do not fit each other.") from error
    people = []
    for index, rows in enumerate(indices):
        body = np.column_stack([keypoints[rows, :2], rows >= 0])
        body[(rows < 0) | ~is_within_limits(body).all(axis=1)] = 0.0
        at = f"{where}, person {index}"
        people.append(FoundPerson(at, {BODY: body}, {BODY: "subset"}, prefers_openpose=True))
    return people


def _holder(node: Mapping[str, Any]) -> Mapping[str, Any]:
    bodies = node.get("bodies")
    return bodies if isinstance(bodies, Mapping) else node
