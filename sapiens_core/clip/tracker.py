"""Who is who from frame to frame: one id a person, through crossings and short absences.

Every track foresees where its person will be, from the velocity so far (``track_body``). The people
of the next frame are given to the tracks all at once, so that the sum of their similarities is
greatest (Hungarian assignment). Each counts less the less sure its prediction is: somebody who has
been away, or was seen once, may be nearly everywhere, and must not take a place from whoever is
known to be there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from ...skeletons.foundation.checks import SCORE, between, check_options, whole
from ...skeletons.foundation.limits import MAX_COUNT
from ...skeletons.pose import Frame, Pose, check_one_keypoint_set
from ...skeletons.poses.duplicates import merge_duplicates
from .track import Sightings, Track

log = logging.getLogger(__name__)

FEWEST_SHARED_JOINTS = 3
"""Two poses with fewer visible joints in common are no duplicates, however near these are."""
MAX_PEOPLE = 4096
"""Of a frame: who is who takes time and memory by the square of their number."""
MAX_SLOTS = 1000
"""Ids from here on have no fixed place: every frame would hold as many empty people."""


@dataclass(frozen=True)
class TrackOptions:
    """How people are followed.

    Attributes:
        max_gap: frames that somebody may be missing and still be known again.
        min_similarity: above 0, below 1; somebody less like every foreseen person is new.
        duplicate_similarity: of two poses of one frame at least so much alike the less sure one
            is left out, because both show the same person; above 1 keeps all. See
            ``skeletons/poses/duplicates.py``.
        score_threshold: joints with a lower score are not compared.

    Raises:
        ValueError: a number is out of range.
    """

    max_gap: int = 20
    min_similarity: float = 0.2
    duplicate_similarity: float = 0.8
    score_threshold: float = 0.3

    def __post_init__(self) -> None:
        check_options(
            self,
            max_gap=whole(0, MAX_COUNT),
            min_similarity=between(0, 1),
            duplicate_similarity=between(0, MAX_COUNT),
            score_threshold=SCORE,
        )


@dataclass(frozen=True)
class TrackState:
    """All that is remembered between frames: a value that may be kept and gone back to."""

    tracks: tuple[Track, ...] = ()
    next_id: int = 0


@dataclass
class Tracker:
    """Follows people through the frames of one clip, one after the other.

    Args:
        options: how.
        state: where to go on; nobody is known at first.
    """

    options: TrackOptions = field(default_factory=TrackOptions)
    state: TrackState = field(default_factory=TrackState)

    def update(self, frame: Frame) -> Frame:
        """The frame with ids, people in the order of their ids and without duplicates.

        Ids count from 0 in the order in which people appear, and are never given twice. What
        ids came with the frame does not matter. Nobody is added, no joint is changed; entries of
        which nothing was found, such as empty slots, are left out.

        Raises:
            ValueError: people are given in different keypoint sets, or more than ``MAX_PEOPLE``.
        """
        people = frame.found_poses
        if len(people) > MAX_PEOPLE:
            raise ValueError(
                f"A frame holds {len(people):,} people; at most {MAX_PEOPLE:,} can be followed. "
                "Select some of them first."
            )
        check_one_keypoint_set(
            [*(track.pose for track in self.state.tracks), *people], "The people of a clip"
        )
        poses = merge_duplicates(
            people,
            same_person=self.options.duplicate_similarity,
            join_halves=False,
            score_threshold=self.options.score_threshold,
            min_shared=FEWEST_SHARED_JOINTS,
        )
        tracks, next_id = self._found(poses) if poses else ([], self.state.next_id)
        found = {track.person_id for track in tracks}
        lost = (replace(t, missed=t.missed + 1) for t in self.state.tracks)
        kept = (t for t in lost if t.person_id not in found and t.missed <= self.options.max_gap)
        self.state = TrackState((*tracks, *kept), next_id)
        return Frame(frame.canvas_wh, tuple(replace(t.pose, person_id=t.person_id) for t in tracks))

    def _found(self, poses: Sequence[Pose]) -> tuple[list[Track], int]:
        """The tracks of the people of a frame in the order of their ids, and the next free id."""
        sightings = Sightings.of(poses, self.options.score_threshold)
        known = dict(self._matches(sightings))
        tracks, next_id = [], self.state.next_id
        for place, pose in enumerate(poses):
            if place in known:
                tracks.append(known[place].found_at(pose, sightings, place))
            else:
                tracks.append(Track.begun(next_id, pose, sightings, place))
                next_id += 1
        return sorted(tracks, key=lambda track: track.person_id), next_id

    def _matches(self, sightings: Sightings) -> Iterable[tuple[int, Track]]:
        """Places of people who are known, each with the person's track."""
        tracks = self.state.tracks
        if not tracks:
            return
        likeness = np.array([track.likeness(sightings) for track in tracks])
        # Pairs that are too unlike count as nothing, or a bad pair could cost a good one.
        likeness[likeness < self.options.min_similarity] = 0
        likeness /= np.sqrt([[track.tolerance] for track in tracks])
        for row, column in zip(*linear_sum_assignment(likeness, maximize=True), strict=True):
            if likeness[row, column] > 0:
                yield int(column), tracks[row]


def track(frames: Iterable[Frame], options: TrackOptions | None = None) -> list[Frame]:
    """``Tracker.update`` on every frame of one whole clip.

    Raises:
        ValueError: the people are given in different keypoint sets, or a frame holds more than
            ``MAX_PEOPLE`` of them.
    """
    tracker = Tracker(options or TrackOptions())
    return [tracker.update(frame) for frame in frames]


def in_slots(frame: Frame) -> Frame:
    """The frame with each person in the place of its id, and empty poses for those not there.

    For readers that pick people by their place in the list, which ends with the last one who is
    there. An empty pose has no joint found, and a box without extent. People without an id come
    last, and before them those whose id is ``MAX_SLOTS`` or more; see ``warn_of_ids_without_slot``.
    """
    named = {pose.person_id: pose for pose in frame.poses if pose.person_id is not None}
    others = [named.pop(each) for each in sorted(named) if each >= MAX_SLOTS]
    others += [pose for pose in frame.poses if pose.person_id is None]
    slots = [named.get(slot) or _empty(frame, slot) for slot in range(max(named, default=-1) + 1)]
    return replace(frame, poses=(*slots, *others))


def warn_of_ids_without_slot(last_id: int) -> None:
    """Logs, of a clip whose ids end with ``last_id``, if some people have no fixed place."""
    if last_id >= MAX_SLOTS:
        log.warning(
            "Ids go up to %d. People whose id is %d or more have no fixed place in the list. "
            "A larger gap or a lower similarity in tracking gives fewer ids.",
            *(last_id, MAX_SLOTS),
        )


def _empty(frame: Frame, person_id: int) -> Pose:
    keypoint_set = frame.poses[0].keypoint_set
    return Pose(
        keypoints_image=np.zeros((len(keypoint_set), 2)),
        scores=np.zeros(len(keypoint_set)),
        keypoint_set=keypoint_set,
        canvas_wh=frame.canvas_wh,
        box_xyxy=np.zeros(4),
        box_score=0.0,
        person_id=person_id,
    )
