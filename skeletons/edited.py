"""Files that another program has changed: whose people are whose, and clips changed in part.

What rides along (see ``lossless``) no longer belongs to a frame whose people were edited. It still
tells their ids. A clip in which it belongs to some frames and not to others would come in two
keypoint sets, which nothing that looks at whole clips can use.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import lossless
from .convert import convert_pose
from .keypoint_sets import OPENPOSE_136
from .oks import oks_matrix
from .pose import Frame, Pose

log = logging.getLogger(__name__)

SAME_PERSON = 0.5
"""Similarity from which on somebody may be who rides along; see ``oks``."""

MAX_COMPARED = 256
"""People of a frame; among more, nobody is looked for, or it would take long and much memory."""


def with_known_ids(frame: Frame, document: dict[str, Any]) -> Frame:
    """A frame, read from ``people``, whose people have the ids that ride along in its document.

    Each id goes to the person most like the one who had it, if there is one, and once only. Who
    comes with an id of their own keeps it.
    """
    known = [pose for pose in _riding(document) if pose.person_id is not None]
    poses, given = list(frame.poses), {pose.person_id for pose in frame.poses}
    if not known or max(len(known), len(poses)) > MAX_COMPARED:
        return frame
    seen = [convert_pose(pose, OPENPOSE_136) for pose in (*poses, *known)]
    likeness = oks_matrix(seen[: len(poses)], seen[len(poses) :], 0.0)
    for index in np.argsort(-likeness, axis=None, kind="stable").tolist():
        place, other = divmod(index, len(known))
        person_id = known[other].person_id
        if likeness[place, other] < SAME_PERSON:
            break
        if poses[place].person_id is None and person_id not in given:
            poses[place] = replace(poses[place], person_id=person_id)
            given.add(person_id)
    return replace(frame, poses=tuple(poses))


def edited_in_part(documents: Sequence[dict[str, Any]], frames: Sequence[Frame]) -> bool:
    """Whether people of some frames are in their native set and those of others no longer are.

    This is logged.

    Args:
        documents: as read.
        frames: what was made of them, with what rides along where it belongs to the people.
    """
    if len({pose.keypoint_set.name for frame in frames for pose in frame.poses}) < 2:
        return False
    native: set[str] = set()
    edited: set[str] = set()
    num_edited = 0
    for document, frame in zip(documents, frames, strict=True):
        names = {pose.keypoint_set.name for pose in frame.poses}
        if lossless.matching(document) is not None:
            native |= names
        else:
            edited |= names
            num_edited += bool(names)
    if not num_edited or native <= edited:
        return False
    log.warning(
        "%d of %d frames were changed in another program, such as a pose editor, and have no more "
        "than OpenPose's points. For a clip in one set of points, the other frames are read so "
        "too: without scores, and without the points of %s that OpenPose does not have.",
        *(num_edited, len(frames), ", ".join(sorted(native))),
    )
    return True


def _riding(document: dict[str, Any]) -> tuple[Pose, ...]:
    """The people that ride along, whether or not they belong to the frame; empty if none can be
    read."""
    extra = document.get(lossless.KEY)
    if not isinstance(extra, dict) or extra.get("version") != lossless.VERSION:
        return ()
    try:
        return lossless.decode(extra).poses
    except ValueError as error:
        log.debug("What rides along with an edited frame cannot be read: %s", error)
        return ()
