"""Who is who from frame to frame: one id per person, through crossings and short absences.

Every track predicts where its person will be from the velocity so far (``track``). All people of
the next frame are assigned to tracks at once, so that the sum of similarities is greatest
(Hungarian assignment). Where images show how the camera moves, tracks move along with it
(``images/camera.py``), and velocities are those of the people alone; where they do not, the people
show it (``common_motion``). A similarity counts less if the track's prediction is uncertain:
somebody who was away, or was seen once, may be nearly anywhere, and must not take the detection of
a person who is known to be there.

Libraries that were tried on the clips of ``benchmarks/track.py`` (``benchmarks/clip_peers.py``):
``trackers`` 2.6.1 (SORT, OC-SORT, ByteTrack, BoT-SORT). They compare boxes, not keypoints, and
keep somebody who was detected twice as two. Identity F1 of 30 crowds: ours 0.987; the best of
theirs 0.802 (OC-SORT), or 0.952 when our code removes the doubles first. Of 18 crowds of partly
covered people: ours 0.984, the best of theirs 0.800 (BoT-SORT).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat

import numpy as np

from ...skeletons.options.tracking import TRACKING
from ...skeletons.pose import Array, Frame, Pose, check_one_keypoint_set
from ...skeletons.poses.duplicates import merge_duplicates
from .common_motion import (
    MAX_UNFORESEEN,
    MIN_VOTERS,
    TURN_KEPT,
    WELL_FORESEEN,
    agreed_motion,
    vote_for_shift,
)
from .lasting_ids import LastingIds
from .track import Sightings, Track

log = logging.getLogger(__name__)

MAX_PEOPLE = 4096
"""Maximum number of people in a frame: time and memory grow with its square."""
MAX_SLOTS = 1000
"""Number of slots; higher ids have no fixed position, or every frame would hold as many empty
people."""


@dataclass(frozen=True)
class TrackOptions:
    """How people are tracked, see the rows of ``skeletons/options/tracking.py``.

    Raises:
        ValueError: a number is out of range.
    """

    max_gap: int = TRACKING["max_gap"].default
    min_similarity: float = TRACKING["min_similarity"].default
    duplicate_similarity: float = TRACKING["duplicate_similarity"].default
    score_threshold: float = TRACKING["score_threshold"].default
    min_frames: int = TRACKING["min_frames"].default

    def __post_init__(self) -> None:
        TRACKING.check(self)


@dataclass(frozen=True)
class TrackState:
    """Everything remembered between frames: a value, so that a clip can go on from any frame.

    Attributes:
        tracks: of the people who are known.
        next_id: the next free id.
        motion: how the camera moved before the last frame, see ``find_motion``; None if that is not
            known, and then the velocities of tracks hold the camera's, too.
    """

    tracks: tuple[Track, ...] = ()
    next_id: int = 0
    motion: Array | None = None


@dataclass
class Tracker:
    """Tracks people through the frames of one clip, one frame after the other.

    Args:
        options: how people are tracked.
        state: where to go on; without tracks at first.
    """

    options: TrackOptions = field(default_factory=TrackOptions)
    state: TrackState = field(default_factory=TrackState)

    def update(self, frame: Frame, is_cut: bool = False, motion: Array | None = None) -> Frame:
        """The frame with ids, people in the order of their ids and without duplicates.

        Ids count from 0 in the order in which people appear, and are never used twice. Ids that
        the frame had before do not matter. Nobody is added, no joint is changed; poses without
        any found joint, such as empty slots, are removed. At a cut all tracks end.

        Args:
            frame: the next one.
            is_cut: whether another shot begins with it.
            motion: how the camera moved before it, see ``find_motion``; None: nobody knows.

        Raises:
            ValueError: the poses have different keypoint sets, or there are more than
                ``MAX_PEOPLE``.
        """
        if is_cut:
            self.state = TrackState(next_id=self.state.next_id)
        self.state = replace(self.state, tracks=self._move_with_camera(motion))
        people = frame.found_poses
        if len(people) > MAX_PEOPLE:
            raise ValueError(
                f"A frame holds {len(people):,} people; at most {MAX_PEOPLE:,} can be tracked. "
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
        )
        found, lost, next_id = self._follow(poses)
        away = (replace(track, missed=track.missed + 1) for track in lost)
        kept = (track for track in away if track.missed <= self.options.max_gap)
        self.state = TrackState((*found, *kept), next_id, motion)
        return Frame(frame.canvas_wh, tuple(replace(t.pose, person_id=t.person_id) for t in found))

    def _move_with_camera(self, motion: Array | None) -> tuple[Track, ...]:
        """The tracks as the next image sees them; a camera that is lost goes on as before."""
        tracks, last = self.state.tracks, self.state.motion
        if motion is None:
            return tracks if last is None else tuple(t.with_camera(last) for t in tracks)
        if last is None:
            tracks = tuple(track.without_camera(motion) for track in tracks)
        return tuple(track.seen_by(motion) for track in tracks)

    def _follow(self, poses: Sequence[Pose]) -> tuple[list[Track], list[Track], int]:
        """The tracks of a frame's people by their ids, the other tracks, and the next free id."""
        if not poses:
            return [], list(self.state.tracks), self.state.next_id
        sightings = Sightings.of(poses, self.options.score_threshold)
        tracks, rows, voted = self._match_despite_turns(sightings)
        moved = {index: tracks[row].displacement(sightings, index) for index, row in rows.items()}
        size_px = sightings.median_size_px
        common = agreed_motion(
            [
                moved[index] - tracks[row].shift
                for index, row in rows.items()
                if not tracks[row].missed
            ],
            size_px,
        )
        if common.any():
            tracks = [track.shifted(common) for track in tracks]
        turn = voted + TURN_KEPT * common
        found = [
            tracks[row].update(poses[index], sightings, index, moved[index] - common)
            for index, row in rows.items()
        ]
        lost = [track for row, track in enumerate(tracks) if row not in rows.values()]
        if turn.any():
            found, lost = ([track.turned(turn) for track in some] for some in (found, lost))
        velocity = agreed_motion([track.velocity for track in found], size_px)
        next_id = self.state.next_id
        for index, pose in enumerate(poses):
            if index not in rows:
                found.append(Track.start(next_id, pose, sightings, index, velocity))
                next_id += 1
        return sorted(found, key=lambda track: track.person_id), lost, next_id

    def _match_despite_turns(
        self, sightings: Sightings
    ) -> tuple[list[Track], dict[int, int], Array]:
        """The tracks, moved along if the camera turned by surprise, their people, and that turn.

        People are the rows of their tracks by their indices; the turn is (2,) pixels, see
        ``vote_for_shift``.
        """
        tracks, voted = list(self.state.tracks), np.zeros(2)
        rows, similarities = self._match(tracks, sightings)
        seen = [track for track in tracks if not track.missed]
        count = min(len(seen), len(sightings.seen))
        if count >= MIN_VOTERS and (similarities >= WELL_FORESEEN).sum() < count * (
            1 - MAX_UNFORESEEN
        ):
            shift = vote_for_shift(seen, sightings)
            shifted = [track.shifted(shift) for track in tracks]
            other_rows, other_similarities = self._match(shifted, sightings)
            if other_similarities.sum() > similarities.sum():
                tracks, rows, voted = shifted, other_rows, shift
        return tracks, rows, voted

    def _match(self, tracks: Sequence[Track], sightings: Sightings) -> tuple[dict[int, int], Array]:
        """The rows of the tracks of known people by the people's indices; their similarities."""
        from scipy.optimize import linear_sum_assignment  # late, as it takes most of a second

        if not tracks:
            return {}, np.zeros(0)
        similarities = np.array([track.similarities(sightings) for track in tracks])
        # Pairs below the limit count as 0, or a bad pair could cost a good one.
        similarities[similarities < self.options.min_similarity] = 0
        weighed = similarities / np.sqrt([[track.tolerance] for track in tracks])
        rows, columns = linear_sum_assignment(weighed, maximize=True)
        good = weighed[rows, columns] > 0
        rows, columns = rows[good], columns[good]
        return dict(zip(columns.tolist(), rows.tolist(), strict=True)), similarities[rows, columns]


def track(frames: Iterable[Frame], options: TrackOptions | None = None) -> list[Frame]:
    """The frames of one whole clip with ids, see ``follow``."""
    return list(follow(frames, options or TrackOptions()))


def follow(
    frames: Iterable[Frame],
    options: TrackOptions,
    cuts: Iterable[bool] = (),
    motions: Iterable[Array | None] = (),
) -> Iterator[Frame]:
    """``Tracker.update`` on every frame of one whole clip, without those who are hardly seen.

    Frames come as soon as it is known whether those in them stay, see ``LastingIds``.

    Args:
        frames: of the clip.
        options: how people are tracked.
        cuts: whether there is a cut before each frame, see ``find_cuts``; none after its end.
        motions: how the camera moved before each frame, see ``find_motions``; not known after its
            end.

    Raises:
        ValueError: the poses have different keypoint sets, or a frame holds more than
            ``MAX_PEOPLE`` of them.
    """
    tracker = Tracker(options)
    lasting = LastingIds(options.min_frames, options.max_gap)
    cuts, motions = chain(cuts, repeat(False)), chain(motions, repeat(None))
    for frame, is_cut, motion in zip(frames, cuts, motions, strict=False):
        yield from lasting.add(tracker.update(frame, is_cut, motion))
    yield from lasting.end()


def in_slots(frame: Frame) -> Frame:
    """The frame with each person at the index of its id, and empty poses for absent people.

    For readers that pick people by their index in the list, which ends with the last person who
    is there. An empty pose has no found joint, and a box without extent. People without an id come
    last, and before them those whose id is ``MAX_SLOTS`` or more; see ``warn_of_ids_without_slot``.
    """
    by_id = {pose.person_id: pose for pose in frame.poses if pose.person_id is not None}
    others = [by_id.pop(person_id) for person_id in sorted(by_id) if person_id >= MAX_SLOTS]
    others += [pose for pose in frame.poses if pose.person_id is None]
    slots = [by_id.get(slot) or _empty(frame, slot) for slot in range(max(by_id, default=-1) + 1)]
    return replace(frame, poses=(*slots, *others))


def warn_of_ids_without_slot(last_id: int) -> None:
    """Logs a warning if the highest id of a clip leaves some people without a fixed position."""
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
