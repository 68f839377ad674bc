"""Who becomes whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..choices import Match
from ..pose import Frame, Pose

PersonId = int | None


def match_people(
    frames: Sequence[Frame], reference_frames: Sequence[Frame], match: Match
) -> dict[PersonId, list[Pose]]:
    """For the id of each person of a clip the poses of the one whom they become.

    Args:
        frames: the clip; ``None`` is the id of people without one.
        reference_frames: looks at the references, one image or more. People of different images
            are the same if their id is, or, without ids, their position in the list.
        match: see ``MATCH_SUMMARIES``.

    Returns:
        Only those people who become somebody.
    """
    references = _looks_by_person(reference_frames)
    people = _ids_in_order(frames)
    if match == "id":
        return {key: references[key] for key in people if key in references}
    looks = list(references.values())
    if match == "first":
        return {key: looks[0] for key in people if looks}
    return dict(zip(people, looks, strict=False))


def _ids_in_order(frames: Iterable[Frame]) -> list[PersonId]:
    return list(dict.fromkeys(pose.person_id for frame in frames for pose in frame.found_poses))


def _looks_by_person(frames: Iterable[Frame]) -> dict[PersonId | tuple[int], list[Pose]]:
    """The poses of each person by id, or by position for people without id; in order."""
    looks: dict[PersonId | tuple[int], list[Pose]] = {}
    for frame in frames:
        for index, pose in enumerate(frame.found_poses):
            key = (index,) if pose.person_id is None else pose.person_id
            looks.setdefault(key, []).append(pose)
    return looks
