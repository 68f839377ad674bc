"""Where the ids that somebody else has given, such as SAM 3, go over to another person.

The people are tracked once more, by their poses (``clip.tracker``). Whoever keeps a track but not
the id has a broken one: two people who crossed have exchanged theirs, or somebody who was away came
back with a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..skeletons.pose import Frame
from .clip.tracker import Tracker

LASTING_FRAMES = 2
"""Number of frames for which a person must keep the new id, so that a single wrong pose, or the
tracker's own mistake of a moment, is not told. At the end of a clip one frame is enough."""


@dataclass(frozen=True)
class BrokenTrack:
    """One person who has another id from a frame on.

    Attributes:
        frame: index of the first frame with the new id.
        old_id, new_id: of the same person, by the poses.
    """

    frame: int
    old_id: int
    new_id: int


def find_broken_tracks(frames: Sequence[Frame]) -> list[BrokenTrack]:
    """The changes of ids in a clip, in order; people without an id are not looked at.

    Raises:
        ValueError: as ``Tracker.update``.
    """
    broken = [each for known in _ids_by_track(frames).values() for each in _changes(known)]
    return sorted(broken, key=lambda each: (each.frame, each.old_id))


def _changes(known: Sequence[tuple[int, int]]) -> Iterator[BrokenTrack]:
    """Where one person gets another id that lasts; ``known`` are frames and ids in order."""
    current = known[0][1]
    for index, (frame, person_id) in enumerate(known):
        lasts = all(other == person_id for _, other in known[index : index + LASTING_FRAMES])
        if person_id != current and lasts:
            yield BrokenTrack(frame, current, person_id)
            current = person_id


def _ids_by_track(frames: Sequence[Frame]) -> dict[int, list[tuple[int, int]]]:
    """By the tracker's number of a person, the frames in which they are and their ids there."""
    tracker = Tracker()
    seen: dict[int, list[tuple[int, int]]] = {}
    for index, frame in enumerate(frames):
        # The tracker gives poses back as they were but for the id.
        ids = {pose.keypoints_image.tobytes(): pose.person_id for pose in frame.poses}
        for pose in tracker.update(frame).poses:
            person_id = ids[pose.keypoints_image.tobytes()]
            if person_id is not None and pose.person_id is not None:
                seen.setdefault(pose.person_id, []).append((index, person_id))
    return seen
