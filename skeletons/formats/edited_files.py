"""Files that another program edited: the ids of their people, and clips edited in part.

The complete poses under the key ``sapiens`` (see ``sapiens_key``) no longer match a frame whose
people were edited, but they still have the ids. A clip in which they match some frames and not
others would have two keypoint sets, which nothing that processes whole clips can use.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..convert_sets import convert_pose
from ..keypoint_sets import OPENPOSE_136
from ..oks import SAME_PERSON, oks_matrix
from ..pose import Array, Frame, Pose, on_canvas
from . import sapiens_key

log = logging.getLogger(__name__)

MAX_COMPARED = 256
"""Maximum number of people of a frame; with more, no ids are restored, to bound time and memory."""


def restore_ids(frame: Frame, stored: Sequence[Pose]) -> Frame:
    """A frame, read from ``people``, with the ids of its ``stored_poses``.

    Each id goes to the person most similar to the one who had it, if any is similar enough, and
    only once. If then one person and one id are left, they belong together. A person of whom
    nothing was found gets the id of the stored person at the same index, if that id is still free.
    A person who has an id keeps it.
    """
    poses = list(frame.poses)
    if not stored or len(poses) > MAX_COMPARED:
        return frame
    used: set[int | None] = {pose.person_id for pose in poses} - {None}
    indices = {index for index, pose in enumerate(poses) if pose.person_id is None}
    stored_indices = {index for index, pose in enumerate(stored) if pose.person_id not in used}
    for index, stored_index in _pairs(frame, stored, indices, stored_indices):
        person_id = stored[stored_index].person_id
        if person_id not in used:
            poses[index] = replace(poses[index], person_id=person_id)
            used.add(person_id)
    return replace(frame, poses=tuple(poses))


def _pairs(
    frame: Frame, stored: Sequence[Pose], indices: set[int], stored_indices: set[int]
) -> Iterator[tuple[int, int]]:
    """Indices of a person of the frame and of a stored pose that are the same person.

    Args:
        frame: the frame as read from ``people``.
        stored: the complete poses of its document.
        indices, stored_indices: which of both may be paired; paired ones are removed.
    """
    similarities = _similarities(frame, stored)
    for flat_index in np.argsort(-similarities, axis=None, kind="stable").tolist():
        index, stored_index = divmod(flat_index, len(stored))
        if similarities[index, stored_index] < SAME_PERSON:
            break
        if index in indices and stored_index in stored_indices:
            indices.remove(index)
            stored_indices.remove(stored_index)
            yield index, stored_index
    unpaired = [index for index in indices if frame.poses[index].is_found]
    missing = [index for index in stored_indices if stored[index].is_found]
    if len(unpaired) == len(missing) == 1:
        stored_indices.remove(missing[0])
        yield unpaired[0], missing[0]
    for index in stored_indices & indices - set(unpaired):
        yield index, index


def _similarities(frame: Frame, stored: Sequence[Pose]) -> Array:
    """(N, M) similarity of the people of a frame to the stored ones.

    An editor that changed the canvas may have resized the people with it or not: the better fit.
    """
    people = [convert_pose(pose, OPENPOSE_136) for pose in frame.poses]
    unscaled = [convert_pose(pose, OPENPOSE_136) for pose in stored]
    scaled = [on_canvas(pose, frame.canvas_wh) for pose in unscaled]
    both = (oks_matrix(people, others, 0.0) for others in (scaled, unscaled))
    return max(both, key=lambda similarities: float(similarities.max(axis=1).sum()))


def is_partly_edited(matching: Sequence[bool], frames: Sequence[Frame]) -> bool:
    """Whether people of some frames are in their native set and those of others no longer are.

    If so, it is logged.

    Args:
        matching: whether the complete poses of each frame match its people.
        frames: the frames, with complete poses where these match.
    """
    if len({pose.keypoint_set.name for frame in frames for pose in frame.poses}) < 2:
        return False
    native: set[str] = set()
    edited: set[str] = set()
    num_edited = 0
    for is_matching, frame in zip(matching, frames, strict=True):
        names = {pose.keypoint_set.name for pose in frame.poses}
        if is_matching:
            native |= names
        else:
            edited |= names
            num_edited += bool(names)
    if not num_edited or native <= edited:
        return False
    log.warning(
        "%d of %d frames were changed in another program, such as a pose editor, and have only "
        "OpenPose's keypoints. So that the clip has one keypoint set, the other frames are read "
        "the same way: without scores, and without the keypoints of %s that OpenPose lacks.",
        *(num_edited, len(frames), ", ".join(sorted(native))),
    )
    return True


def stored_poses(document: dict[str, Any]) -> tuple[Pose, ...]:
    """The complete poses of a frame's document, matching or not.

    Empty if they have no ids, are too many to be compared, or one cannot be read.
    """
    extra = document.get(sapiens_key.KEY)
    if not isinstance(extra, dict) or extra.get("version") != sapiens_key.VERSION:
        return ()
    try:
        poses = sapiens_key.decode(extra).poses
    except ValueError as error:
        log.debug("The complete poses of an edited frame cannot be read: %s", error)
        return ()
    has_ids = any(pose.person_id is not None for pose in poses)
    return poses if has_ids and len(poses) <= MAX_COMPARED else ()
