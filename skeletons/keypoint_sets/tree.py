"""Which joint hangs on which: a person as a tree, with the pelvis as its root.

``joints.tree.csv`` names the parent of each joint of the body, over all keypoint sets; what a set
lacks is skipped, so that a shoulder hangs on the pelvis where there is no neck. ``parts.tree.csv``
names the joint on which each part hangs: a hand on its wrist, a foot on its ankle, the face on the
nose, and the whole body on the middle of the hips.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from . import KEYPOINT_SETS, KeypointSet, read_table

NO_PARENT = -1
"""The parent of a joint that hangs on the pelvis, if the set has no joint there."""


@dataclass(frozen=True)
class PartTree:
    """A part that is moved as a whole.

    Attributes:
        name: ``body`` for everything, or as the body parts of joints.
        anchors: one or two joints, whose middle the part hangs on.
    """

    name: str
    anchors: tuple[str, ...]


HANGING_PARTS = tuple(
    PartTree(row["part"], tuple(filter(None, (row["first"], row["second"]))))
    for row in read_table("parts.tree.csv")
)
"""The body first, because all others hang on it."""

PART_NAMES = tuple(part.name for part in HANGING_PARTS)


def parents(keypoint_set: KeypointSet) -> NDArray[np.intp]:
    """(K,) index of the joint that each joint hangs on, or ``NO_PARENT``; read-only."""
    return _parents(keypoint_set.name)


def hanging_indices(keypoint_set: KeypointSet, part: str) -> NDArray[np.intp]:
    """Indices of the joints that a part consists of: all for the body, otherwise what hangs on it.

    The joint of attachment itself is not among them: a hand turns about its wrist, which stays.
    """
    return _hanging_indices(keypoint_set.name, part)


def anchor_indices(keypoint_set: KeypointSet, part: str) -> NDArray[np.intp]:
    """Indices of those joints on which a part hangs that the set has: none, one or two."""
    return keypoint_set.known_indices(HANGING_PARTS[PART_NAMES.index(part)].anchors)


def part_of_joints(keypoint_set: KeypointSet) -> NDArray[np.intp]:
    """(K,) for each joint the index of the part in ``PART_NAMES`` that it is of; read-only.

    A joint of no hand, foot or face is of the body.
    """
    return _part_of_joints(keypoint_set.name)


@cache
def _part_of_joints(set_name: str) -> NDArray[np.intp]:
    keypoint_set = KEYPOINT_SETS[set_name]
    result = np.zeros(len(keypoint_set), dtype=np.intp)
    for index, name in enumerate(PART_NAMES[1:], 1):
        result[hanging_indices(keypoint_set, name)] = index
    result.setflags(write=False)
    return result


@cache
def _parents(set_name: str) -> NDArray[np.intp]:
    keypoint_set = KEYPOINT_SETS[set_name]
    by_name = {row["joint"]: row["parent"] for row in read_table("joints.tree.csv")}
    by_part = {part.name: part.anchors[0] for part in HANGING_PARTS if len(part.anchors) == 1}
    known = set(keypoint_set.names)
    result = np.full(len(keypoint_set), NO_PARENT, dtype=np.intp)
    for index, joint in enumerate(keypoint_set.joints):
        part = "face" if joint.part.startswith("face") else joint.part
        parent = by_part.get(part) or by_name[joint.name]
        while parent and parent not in known:
            parent = by_name[parent]
        if parent:
            result[index] = keypoint_set.index(parent)
    result.setflags(write=False)
    return result


@cache
def _hanging_indices(set_name: str, part: str) -> NDArray[np.intp]:
    keypoint_set = KEYPOINT_SETS[set_name]
    hanging = np.ones(len(keypoint_set), dtype=bool)
    if part != "body":
        above, anchors = parents(keypoint_set), anchor_indices(keypoint_set, part)
        hanging = np.isin(above, anchors)
        while (grown := hanging | (hanging[above] & (above != NO_PARENT))).sum() > hanging.sum():
            hanging = grown
    indices = np.flatnonzero(hanging)
    indices.setflags(write=False)
    return indices
