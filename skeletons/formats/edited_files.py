"""Files that another program has changed: whose people are whose, and clips changed in part.

What rides along (see ``lossless``) no longer belongs to a frame whose people were edited. It still
tells their ids. A clip in which it belongs to some frames and not to others would come in two
keypoint sets, which nothing that looks at whole clips can use.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..convert_sets import convert_pose
from ..keypoint_sets import OPENPOSE_136
from ..oks import oks_matrix
from ..pose import Array, Frame, Pose, on_canvas
from . import sapiens_key

log = logging.getLogger(__name__)

SAME_PERSON = 0.5
"""Similarity from which on somebody may be who rides along; see ``oks``."""

MAX_COMPARED = 256
"""People of a frame; among more, nobody is looked for, or it would take long and much memory."""


def restore_ids(frame: Frame, document: dict[str, Any]) -> Frame:
    """A frame, read from ``people``, whose people have the ids that ride along in its document.

    Each id goes to the person most like the one who had it, if there is one, and once only. If
    then one person is left, and one of those who ride along, they are the same. Somebody of whom
    nothing was found has the id of whoever was in their place, if that one is nowhere else. Who
    comes with an id of their own keeps it.
    """
    riding, poses = _riding(document), list(frame.poses)
    known = any(rider.person_id is not None for rider in riding)
    if not known or max(len(riding), len(poses)) > MAX_COMPARED:
        return frame
    given: set[int | None] = {pose.person_id for pose in poses} - {None}
    places = {place for place, pose in enumerate(poses) if pose.person_id is None}
    riders = {number for number, rider in enumerate(riding) if rider.person_id not in given}
    for place, number in _pairs(frame, riding, places, riders):
        person_id = riding[number].person_id
        if person_id not in given:
            poses[place] = replace(poses[place], person_id=person_id)
            given.add(person_id)
    return replace(frame, poses=tuple(poses))


def _pairs(
    frame: Frame, riding: Sequence[Pose], places: set[int], riders: set[int]
) -> Iterator[tuple[int, int]]:
    """Places of people who ride along, each with the number of who it is there.

    Args:
        frame: as read.
        riding: who rides along.
        places, riders: positions in both that may be paired; those that were are taken out.
    """
    likeness = _likeness(frame, riding)
    for index in np.argsort(-likeness, axis=None, kind="stable").tolist():
        place, number = divmod(index, len(riding))
        if likeness[place, number] < SAME_PERSON:
            break
        if place in places and number in riders:
            places.remove(place)
            riders.remove(number)
            yield place, number
    found = [place for place in places if frame.poses[place].is_found]
    missing = [number for number in riders if riding[number].is_found]
    if len(found) == len(missing) == 1:
        riders.remove(missing[0])
        yield found[0], missing[0]
    for place in riders & places - set(found):
        yield place, place


def _likeness(frame: Frame, riding: Sequence[Pose]) -> Array:
    """(N, M) similarity of people to those who ride along.

    Where an editor changed the canvas, people were resized with it or not: what fits better.
    """
    people = [convert_pose(pose, OPENPOSE_136) for pose in frame.poses]
    others = [convert_pose(pose, OPENPOSE_136) for pose in riding]
    resized = [on_canvas(pose, frame.canvas_wh) for pose in others]
    both = (oks_matrix(people, each, 0.0) for each in (resized, others))
    return max(both, key=lambda likeness: float(likeness.max(axis=1).sum()))


def is_partly_edited(documents: Sequence[dict[str, Any]], frames: Sequence[Frame]) -> bool:
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
        if sapiens_key.matching(document) is not None:
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
    extra = document.get(sapiens_key.KEY)
    if not isinstance(extra, dict) or extra.get("version") != sapiens_key.VERSION:
        return ()
    try:
        return sapiens_key.decode(extra).poses
    except ValueError as error:
        log.debug("What rides along with an edited frame cannot be read: %s", error)
        return ()
