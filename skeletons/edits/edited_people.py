"""Whom of a detection each edit is about, also after the detection has changed.

If the poses are those that were edited, ids and orders decide. Otherwise a person keeps their edits
if they have the same id, or look in the edited frame as the edited person did: by their joints
(``oks``), or by their box if the edits have no more. Who fits nobody is not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..keypoint_sets import KeypointSet
from ..oks import SAME_PERSON, similarity
from ..options.option import SCORE_THRESHOLD
from ..pose import Array, Frame, Pose, box_overlaps, is_visible
from .edits import Edits, Who, detection_digest

MIN_JOINTS = 3
"""Joints that two poses must have in common to be compared, rather than their boxes."""


@dataclass(frozen=True)
class PersonKey:
    """What a person is known by in every frame: the id, or the order in a frame without ids."""

    person_id: int | None = None
    order: int | None = None

    def index_in(self, frame: Frame) -> int | None:
        """Position of the person in a frame; None if they are not there."""
        if self.person_id is not None:
            ids = [pose.person_id for pose in frame.poses]
            return ids.index(self.person_id) if self.person_id in ids else None
        if self.order is None or self.order >= len(frame.poses):
            return None
        return self.order if frame.poses[self.order].person_id is None else None


def find_people(frames: Sequence[Frame], edits: Edits) -> list[PersonKey | None]:
    """For each edited person who they are now; None for added people and for those not found."""
    is_same = not edits.base or edits.base == detection_digest(frames)
    pairs = [
        (certainty, index, key)
        for index, person in enumerate(edits.people)
        if person.new is None
        for key, certainty in _candidates(frames, person.who, edits, is_same=is_same).items()
    ]
    found: list[PersonKey | None] = [None] * len(edits.people)
    for _, index, key in sorted(pairs, key=lambda pair: -pair[0]):
        if found[index] is None and key not in found:
            found[index] = key
    return found


def _candidates(
    frames: Sequence[Frame], who: Who, edits: Edits, *, is_same: bool
) -> dict[PersonKey, float]:
    """Who a person may be, with how certain that is: 2 by name, 0.5 to 1 by looks."""
    named = _named(frames, who)
    if is_same:
        return {named: 2.0} if named else {}
    alike = {
        key: likeness
        for key, likeness in _likenesses(frames, who, edits).items()
        if likeness >= SAME_PERSON
    }
    # Ids are given anew with each detection: a namesake gives way to somebody who looks right.
    if named and who.person_id is not None and (named in alike or not alike):
        return {named: 2.0}
    return alike


def _named(frames: Sequence[Frame], who: Who) -> PersonKey | None:
    """The person of the id, or of the order in the edited frame; None if there is none."""
    if who.person_id is not None:
        named = PersonKey(who.person_id)
        return named if any(named.index_in(frame) is not None for frame in frames) else None
    poses = frames[who.frame].poses if who.frame < len(frames) else ()
    if who.order is None or who.order >= len(poses):
        return None
    return _key_of(poses[who.order], who.order)


def _key_of(pose: Pose, order: int) -> PersonKey:
    is_known = pose.person_id is not None
    return PersonKey(pose.person_id) if is_known else PersonKey(order=order)


def _likenesses(frames: Sequence[Frame], who: Who, edits: Edits) -> dict[PersonKey, float]:
    """How alike each person of the edited frame is to the edited one, 0 to 1."""
    if who.frame >= len(frames) or (who.box_xyxy is None and who.body is None):
        return {}
    frame = frames[who.frame]
    return {
        _key_of(pose, order): _likeness(
            pose, who, edits.keypoint_set, np.array(frame.canvas_wh) / edits.canvas_wh
        )
        for order, pose in enumerate(frame.poses)
        if pose.is_found
    }


def _likeness(pose: Pose, who: Who, keypoint_set: KeypointSet, scale: Array) -> float:
    """Similarity by joints if enough are shared, otherwise the overlap of boxes."""
    box = None if who.box_xyxy is None else who.box_xyxy * np.tile(scale, 2)
    by_joints = None if who.body is None else _similarity(pose, who.body, keypoint_set, scale, box)
    if by_joints is not None:
        return by_joints
    return 0.0 if box is None else float(box_overlaps(box[None], pose.box_xyxy[None])[0, 0])


def _similarity(
    pose: Pose, body: Array, keypoint_set: KeypointSet, scale: Array, box: Array | None
) -> float | None:
    """Similarity of a pose to the joints of the edited one; None if too few can be compared."""
    names = [keypoint_set.names[int(joint)] for joint in body[:, 0]]
    shared = [name in pose.keypoint_set.names for name in names]
    points = body[shared, 1:] * scale
    joints = pose.keypoint_set.known_indices(tuple(names))
    seen = is_visible(pose.scores[joints], SCORE_THRESHOLD.default)
    if seen.sum() < MIN_JOINTS:
        return None
    if box is None:
        box = np.concatenate([points.min(axis=0), points.max(axis=0)])
    similarities = similarity(
        points[None],
        pose.keypoints_image[joints][None],
        np.ones((1, len(joints)), dtype=bool),
        seen[None],
        (_area(box) + _area(pose.box_xyxy)) / 2,
        pose.keypoint_set.sigmas[joints],
    )
    return float(similarities[0, 0])


def _area(box: Array) -> float:
    return float(np.abs(np.prod(box[2:] - box[:2])))
