"""Edits of the poses of a clip: differences from a detection, by person and key frame.

An edit is never a pose but a difference, so that it can be applied to a detection that changed a
little, and so that what was not touched stays as it is to the last bit.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..keypoint_sets import KeypointSet
from ..keypoint_sets.tree import PART_NAMES, part_of_joints
from ..pose import Array, Frame

UNCHANGED_PART = (0.0, 0.0, 0.0, 1.0)
"""Move right and down, turn, scale of a part that stays as it is."""


@dataclass(frozen=True, eq=False)
class Change:
    """What happens to one person in one frame.

    Attributes:
        offsets: (K, 2) how far each joint moves to the right and down, in pixels of the canvas of
            the edits.
        parts: (P, 4) for each of ``PART_NAMES``: move to the right and down in the same pixels,
            turn in degrees, clockwise as seen, and scale; both about where the part hangs.
        scores: (K,) scores that joints take, NaN for those that keep theirs.
        of: the parts that it is a key frame of; ``body`` also stands for the joints of no other
            part. Numbers of other parts do not count.
    """

    offsets: Array
    parts: Array
    scores: Array
    of: tuple[str, ...] = PART_NAMES


def no_change(keypoint_set: KeypointSet) -> Change:
    """A change of nothing; its arrays can be filled in."""
    count = len(keypoint_set)
    parts = np.tile(UNCHANGED_PART, (len(PART_NAMES), 1))
    return Change(np.zeros((count, 2)), parts, np.full(count, np.nan))


@dataclass(frozen=True, eq=False)
class Who:
    """Whom an edit is about.

    Attributes:
        person_id: of the person, if the clip was tracked.
        order: position of the person in each frame, from 0, if it was not.
        frame: in which the person looked as ``box_xyxy`` and ``body`` say.
        box_xyxy: (4,) in pixels of the canvas of the edits, or None.
        body: (J, 3) index of a joint, x, y in the same pixels, or None.
    """

    person_id: int | None = None
    order: int | None = None
    frame: int = 0
    box_xyxy: Array | None = None
    body: Array | None = None

    @property
    def text(self) -> str:
        """As a sentence names them, counted from 1."""
        if self.person_id is not None:
            return f"the person with id {self.person_id}"
        return f"person {(self.order or 0) + 1}"


@dataclass(frozen=True, eq=False)
class PersonEdits:
    """The edits of one person.

    Attributes:
        who: the person.
        hidden: the person is left out.
        new: (J, 4) index of a joint, x, y in pixels of the canvas of the edits, and score, of a
            person who was added; None for somebody who was detected.
        place: position among the people of each frame, from 0, who are drawn in this order; None:
            as it comes.
        keys: changes by frame, in order.
    """

    who: Who
    hidden: bool = False
    new: Array | None = None
    place: int | None = None
    keys: tuple[tuple[int, Change], ...] = ()


@dataclass(frozen=True, eq=False)
class Edits:
    """The edits of a clip.

    Attributes:
        keypoint_set: whose joints the indices mean.
        canvas_wh: width and height in pixels of the image that coordinates refer to.
        base: ``detection_digest`` of the poses that were edited; empty if nobody knows.
        people: those who are edited.
    """

    keypoint_set: KeypointSet
    canvas_wh: tuple[int, int]
    base: str = ""
    people: tuple[PersonEdits, ...] = ()


Keys = tuple[tuple[int, Change], ...]
"""Changes by frame, in order."""


def change_at(keys: Keys, frame: int, scores: Array, keypoint_set: KeypointSet) -> Change | None:
    """The change in a frame: held before the first key and after the last, linear between two.

    Each part has the keys that are of it.

    Args:
        keys: changes by frame, in order.
        frame: any frame.
        scores: (K,) as detected in this frame, which a joint without a score has in between.
        keypoint_set: names the K joints.

    Returns:
        The change, or None if there are no keys.
    """
    if not keys:
        return None
    if all(change.of == PART_NAMES for _, change in keys):
        return _between(keys, frame, scores)
    result = no_change(keypoint_set)
    part_of = part_of_joints(keypoint_set)
    for part, name in enumerate(PART_NAMES):
        own = tuple(key for key in keys if name in key[1].of)
        if own:
            change, joints = _between(own, frame, scores), part_of == part
            result.offsets[joints] = change.offsets[joints]
            result.scores[joints] = change.scores[joints]
            result.parts[part] = change.parts[part]
    return result


def _between(keys: Keys, frame: int, scores: Array) -> Change:
    after = min(bisect_left(keys, frame, key=lambda key: key[0]), len(keys) - 1)
    number, change = keys[after]
    if number <= frame or after == 0:
        return change
    start, before = keys[after - 1]
    share = (frame - start) / (number - start)
    either = ~(np.isnan(before.scores) & np.isnan(change.scores))
    first, second = (
        np.where(np.isnan(each.scores), scores, each.scores) for each in (before, change)
    )
    return Change(
        before.offsets + (change.offsets - before.offsets) * share,
        before.parts + (change.parts - before.parts) * share,
        np.where(either, first + (second - first) * share, np.nan),
    )


def detection_digest(frames: Iterable[Frame]) -> str:
    """What tells whether edits were made on these poses: 32 hexadecimal digits.

    Canvas, keypoint sets, ids, coordinates and scores count; boxes do not.
    """
    state = hashlib.sha256()
    for frame in frames:
        state.update(f"frame {frame.canvas_wh}".encode())
        for pose in frame.poses:
            state.update(f"person {pose.person_id} {pose.keypoint_set.name}".encode())
            state.update(pose.keypoints_image.astype("<f8").tobytes())
            state.update(pose.scores.astype("<f8").tobytes())
    return state.hexdigest()[:32]
