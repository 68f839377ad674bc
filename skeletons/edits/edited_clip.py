"""Edits applied to the poses of a clip, of any keypoint set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..keypoint_sets import KEYPOINT_SETS, KeypointSet
from ..pose import Frame, Pose
from .edited_people import PersonKey, find_people
from .edited_pose import change_pose, in_set, make_new_pose
from .edits import Change, Edits, PersonEdits, change_at

_T = TypeVar("_T")


@dataclass(frozen=True)
class EditedClip:
    """What became of a clip.

    Attributes:
        frames: the edited poses; a frame in which nothing changed is the very frame.
        unplaced: indices in ``Edits.people`` of those who fit nobody; their edits are not applied.
        people: for each of ``Edits.people`` who they are now; None for added and unplaced ones.
        sentences: what to tell about them, and about joints that the poses do not have.
    """

    frames: tuple[Frame, ...]
    unplaced: tuple[int, ...] = ()
    people: tuple[PersonKey | None, ...] = ()
    sentences: tuple[str, ...] = ()


class _EditedPerson:
    """One edited person of a clip: who they are now, and their keys in the sets of its poses."""

    def __init__(self, person: PersonEdits, key: PersonKey | None, edits: Edits) -> None:
        self.person, self.key, self._edits = person, key, edits
        self._keys = {edits.keypoint_set.name: person.keys}

    @property
    def is_unplaced(self) -> bool:
        return self.key is None and self.person.new is None

    def edit(self, pose: Pose, number: int) -> Pose | None:
        """The person in frame ``number`` after the edits; None if they are hidden."""
        if self.person.hidden:
            return None
        change = change_at(self._keys_in(pose.keypoint_set), number, pose.scores, pose.keypoint_set)
        if change is None:
            return pose
        (width, height), (edits_width, edits_height) = pose.canvas_wh, self._edits.canvas_wh
        return change_pose(pose, change, (width / edits_width, height / edits_height))

    def make_new_pose(self, canvas_wh: tuple[int, int], target: KeypointSet) -> Pose | None:
        """The person as added, on the canvas of a frame; None for somebody who was detected."""
        if self.person.new is None:
            return None
        edits = self._edits
        return make_new_pose(
            self.person.new, edits.keypoint_set, edits.canvas_wh, canvas_wh, target
        )

    def _keys_in(self, target: KeypointSet) -> tuple[tuple[int, Change], ...]:
        if target.name not in self._keys:
            source = self._edits.keypoint_set
            self._keys[target.name] = tuple(
                (frame, in_set(change, source, target)) for frame, change in self.person.keys
            )
        return self._keys[target.name]


def apply_edits(frames: Sequence[Frame], edits: Edits | None) -> EditedClip:
    """A clip with its edits; ``None`` changes nothing.

    Joints that were not edited stay as they are to the last bit. People who were added come last
    unless they have a place, with ids of their own if everybody has one.
    """
    if edits is None:
        return EditedClip(tuple(frames))
    target = _most_frequent_set(frames) or edits.keypoint_set
    people = [
        _EditedPerson(person, key, edits)
        for person, key in zip(edits.people, find_people(frames, edits), strict=True)
    ]
    new_ids = _new_ids(frames, edits)
    result = []
    for number, frame in enumerate(frames):
        detected = _edit_detected(frame, number, people)
        added = _add_people(frame, number, people, new_ids, target)
        places = _places(frame, people)
        placed = in_places((*detected, *added), places)
        kept = tuple(pose for pose in placed if pose is not None)
        is_same = len(kept) == len(frame.poses) and all(map(_is, kept, frame.poses))
        result.append(frame if is_same else replace(frame, poses=kept))
    unplaced = tuple(index for index, person in enumerate(people) if person.is_unplaced)
    keys = tuple(person.key for person in people)
    return EditedClip(tuple(result), unplaced, keys, _sentences(edits, unplaced, target))


def _edit_detected(frame: Frame, number: int, people: Sequence[_EditedPerson]) -> list[Pose | None]:
    poses: list[Pose | None] = list(frame.poses)
    for person in people:
        index = person.key.index_in(frame) if person.key else None
        if index is not None:
            poses[index] = person.edit(frame.poses[index], number)
    return poses


def _add_people(
    frame: Frame,
    number: int,
    people: Sequence[_EditedPerson],
    new_ids: Sequence[int | None],
    target: KeypointSet,
) -> list[Pose | None]:
    added = []
    for person, new_id in zip(people, new_ids, strict=True):
        pose = person.make_new_pose(frame.canvas_wh, target)
        if pose is not None:
            added.append(person.edit(replace(pose, person_id=new_id), number))
    return added


def _places(frame: Frame, people: Sequence[_EditedPerson]) -> list[int | None]:
    """The place that is wanted for each detected and each added person of a frame."""
    places: list[int | None] = [None] * len(frame.poses)
    for person in people:
        index = person.key.index_in(frame) if person.key else None
        if index is not None:
            places[index] = person.person.place
    added = [person.person.place for person in people if person.person.new is not None]
    return [*places, *added]


def in_places(items: Sequence[_T], places: Sequence[int | None]) -> list[_T]:
    """Items in their order, but those with a place there: the lowest place is filled first."""
    result = [item for item, place in zip(items, places, strict=True) if place is None]
    wanted = [
        (place, index, item)
        for index, (item, place) in enumerate(zip(items, places, strict=True))
        if place is not None
    ]
    for place, _, item in sorted(wanted, key=lambda row: row[:2]):
        result.insert(place, item)
    return result


def _is(pose: Pose, other: Pose) -> bool:
    return pose is other


def _most_frequent_set(frames: Sequence[Frame]) -> KeypointSet | None:
    names = Counter(pose.keypoint_set.name for frame in frames for pose in frame.poses)
    return KEYPOINT_SETS[names.most_common(1)[0][0]] if names else None


def _new_ids(frames: Sequence[Frame], edits: Edits) -> list[int | None]:
    """For each edited person the id of who was added: their own, or the next that is free."""
    used = {pose.person_id for frame in frames for pose in frame.poses}
    ids: list[int | None] = []
    for person in edits.people:
        new_id = None
        if person.new is not None and None not in used:
            wanted = person.who.person_id
            taken = {each for each in used if each is not None}
            new_id = max(taken, default=-1) + 1 if wanted is None or wanted in used else wanted
            used.add(new_id)
        ids.append(new_id)
    return ids


def _sentences(edits: Edits, unplaced: Sequence[int], target: KeypointSet) -> tuple[str, ...]:
    """What to tell: who fits nobody, and how many joints the poses do not have."""
    sentences = []
    if unplaced:
        names = ", ".join(edits.people[index].who.text for index in unplaced)
        sentences.append(
            f"The edits of {names} fit nobody in these poses and are not applied. They are kept, "
            "and apply again when the person is found as before."
        )
    lost = set(_edited_joints(edits)) - set(target.names)
    if lost:
        sentences.append(
            f"{len(lost)} edited joints, such as {min(lost)}, are not among the keypoints of these "
            f"poses ({target.name}; the edits are of {edits.keypoint_set.name})."
        )
    return tuple(sentences)


def _edited_joints(edits: Edits) -> list[str]:
    """Names of the joints that are moved or scored one by one in any key."""
    names = edits.keypoint_set.names
    changes = [change for person in edits.people for _, change in person.keys]
    touched = [(change.offsets != 0).any(axis=1) | (change.scores >= 0) for change in changes]
    return [names[index] for rows in touched for index in rows.nonzero()[0]]
