"""Who is who from frame to frame: one id a person, through crossings and short absences.

Every track foresees where its person will be, from the velocity so far. The people of the next
frame are given to the tracks all at once, so that the sum of their similarities is greatest
(Hungarian assignment). A similarity is the mean of the boxes' overlap and of the poses' object
keypoint similarity (see ``skeletons/oks.py``), with as much tolerance as the prediction is unsure.
The velocity is a one-dimensional Kalman filter of measured displacements, the same on both axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..skeletons.keypoint_sets import KeypointSet
from ..skeletons.oks import oks_matrix, similarity
from ..skeletons.parts import visible_box
from ..skeletons.pose import Array, Frame, Pose
from ..skeletons.select import person_score

PLACE_VARIANCE = 0.02**2
"""Of a measured place, in squared person sizes; a size is the square root of a box's area."""
FIRST_VELOCITY_VARIANCE = 0.15**2
"""Of the velocity of somebody seen once, in squared sizes a frame."""
VELOCITY_DRIFT = 0.01**2
"""By how much the variance of a velocity grows with each frame, in the same unit."""
MEAN_SIGMA = 0.07
"""Of the joints of a body; turns the variance of a place into a tolerance of similarity."""
PATIENCE = 2
"""Somebody seen in n frames is waited for in at most so many times n."""
FEWEST_SHARED_JOINTS = 3
"""Two poses with fewer visible joints in common are no duplicates, however near these are."""
MAX_SLOTS = 1000
"""Ids from here on have no fixed place: every frame would hold as many empty people."""


@dataclass(frozen=True)
class TrackOptions:
    """How people are followed.

    Attributes:
        max_gap: frames that somebody may be missing and still be known again.
        min_similarity: 0 to 1; somebody less like every foreseen person is new.
        duplicate_similarity: of two poses of one frame at least so much alike the less sure one
            is left out, because both show the same person; above 1 keeps all.
        score_threshold: joints with a lower score are not compared.

    Raises:
        ValueError: a number is out of range.
    """

    max_gap: int = 20
    min_similarity: float = 0.2
    duplicate_similarity: float = 0.8
    score_threshold: float = 0.3

    def __post_init__(self) -> None:
        if self.max_gap < 0:
            raise ValueError(f"max_gap is {self.max_gap} frames, expected 0 or more.")
        if not 0 < self.min_similarity < 1:
            raise ValueError(f"min_similarity is {self.min_similarity}, expected 0 to 1.")
        if self.duplicate_similarity <= 0:
            raise ValueError(
                f"duplicate_similarity is {self.duplicate_similarity}, expected more than 0."
            )


@dataclass(frozen=True, eq=False)
class Track:
    """One person as last seen.

    Attributes:
        person_id: the number that stays.
        pose: when last seen.
        box_xyxy: (4,) around the joints then seen, in pixels.
        velocity: (2,) pixels a frame.
        velocity_variance: of it, in squared person sizes a frame.
        seen: frames in which the person was found.
        missed: frames since the last of them.
    """

    person_id: int
    pose: Pose
    box_xyxy: Array
    velocity: Array
    velocity_variance: float = FIRST_VELOCITY_VARIANCE
    seen: int = 1
    missed: int = 0

    @property
    def size(self) -> float:
        """Square root of the box's area in pixels, at least 1."""
        width, height = self.box_xyxy[2:] - self.box_xyxy[:2]
        return max(1.0, float(width * height) ** 0.5)

    @property
    def shift(self) -> Array:
        """(2,) from where the person was last seen to where it is foreseen in the next frame."""
        return self.velocity * (self.missed + 1)

    @property
    def place_variance(self) -> float:
        """Of the foreseen place, in squared person sizes."""
        frames = self.missed + 1
        drift = VELOCITY_DRIFT * frames**3 / 3
        return PLACE_VARIANCE + self.velocity_variance * frames**2 + drift

    def found_at(self, pose: Pose, score_threshold: float) -> Track:
        """The track with the person found at ``pose`` in the next frame."""
        frames = self.missed + 1
        variance = self.velocity_variance + VELOCITY_DRIFT * frames
        gain = variance / (variance + 2 * PLACE_VARIANCE / frames**2)
        box = visible_box(pose, score_threshold)
        error = _displacement(self.pose, pose, score_threshold, box - self.box_xyxy) - self.shift
        return replace(
            self,
            pose=pose,
            box_xyxy=box,
            velocity=self.velocity + gain * error / frames,
            velocity_variance=(1 - gain) * variance,
            seen=self.seen + 1,
            missed=0,
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
        """
        people = [pose for pose in frame.poses if (pose.scores > 0).any()]
        poses = _without_duplicates(people, self.options)
        known = {place: track for track, place in self._matches(poses)}
        tracks, next_id = [], self.state.next_id
        for place, pose in enumerate(poses):
            track = known.get(place)
            if track is None:
                box = visible_box(pose, self.options.score_threshold)
                tracks.append(Track(next_id, pose, box, np.zeros(2)))
                next_id += 1
            else:
                tracks.append(track.found_at(pose, self.options.score_threshold))
        found = {track.person_id for track in tracks}
        lost = (replace(t, missed=t.missed + 1) for t in self.state.tracks)
        kept = (t for t in lost if t.person_id not in found and t.missed <= self._patience(t))
        tracks.sort(key=lambda track: track.person_id)
        self.state = TrackState((*tracks, *kept), next_id)
        return Frame(frame.canvas_wh, tuple(replace(t.pose, person_id=t.person_id) for t in tracks))

    def _patience(self, track: Track) -> int:
        """Frames that a person may be missing: somebody hardly seen may have been a mistake."""
        return min(self.options.max_gap, PATIENCE * track.seen)

    def _matches(self, poses: Sequence[Pose]) -> Iterable[tuple[Track, int]]:
        """Known tracks, each with the place of its person among ``poses``."""
        tracks = self.state.tracks
        if not tracks or not poses:
            return
        likeness = _likeness(tracks, poses, self.options.score_threshold)
        # Pairs that are too unlike count as nothing, or a bad pair could cost a good one.
        likeness = np.where(likeness < self.options.min_similarity, 0.0, likeness)
        for row, column in zip(*linear_sum_assignment(likeness, maximize=True), strict=True):
            if likeness[row, column] > 0:
                yield tracks[row], int(column)


def track(frames: Iterable[Frame], options: TrackOptions | None = None) -> list[Frame]:
    """``Tracker.update`` on every frame of one whole clip.

    Raises:
        ValueError: the people are given in different keypoint sets.
    """
    tracker = Tracker(options or TrackOptions())
    return [tracker.update(frame) for frame in frames]


def in_slots(frame: Frame) -> Frame:
    """The frame with each person in the place of its id, and empty poses for those not there.

    For readers that pick people by their place in the list. An empty pose has no joint found, and
    a box without extent. People without an id come last.

    Raises:
        ValueError: an id is ``MAX_SLOTS`` or more.
    """
    named = {pose.person_id: pose for pose in frame.poses if pose.person_id is not None}
    if max(named, default=0) >= MAX_SLOTS:
        raise ValueError(
            f"Somebody has the id {max(named)}; at most {MAX_SLOTS} people can have a fixed place."
        )
    others = [pose for pose in frame.poses if pose.person_id is None]
    slots = [named.get(slot) or _empty(frame, slot) for slot in range(max(named, default=-1) + 1)]
    return replace(frame, poses=(*slots, *others))


def box_overlaps(boxes: Array, others: Array) -> Array:
    """(N, M) intersection over union of (N, 4) and (M, 4) boxes; without area it is 0."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    areas, other_areas = (np.prod(each[:, 2:] - each[:, :2], axis=1) for each in (boxes, others))
    union = areas[:, None] + other_areas - shared
    overlaps: Array = shared / np.maximum(union, np.finfo(float).tiny)
    return overlaps


def _likeness(tracks: Sequence[Track], poses: Sequence[Pose], score_threshold: float) -> Array:
    """(N, M) 0 to 1, how well each pose fits where each track's person is foreseen."""
    last_poses = [track.pose for track in tracks]
    keypoint_set = _common_set([*last_poses, *poses])
    rows = keypoint_set.part("body")
    shifts = np.array([track.shift for track in tracks])
    boxes = np.array([track.box_xyxy for track in tracks]) + np.tile(shifts, 2)
    pose_boxes = np.array([visible_box(pose, score_threshold) for pose in poses])
    sizes = np.array([track.size for track in tracks])
    variances = np.array([track.place_variance for track in tracks])
    return 0.5 * box_overlaps(boxes, pose_boxes) + 0.5 * similarity(
        _points(last_poses, rows) + shifts[:, None],
        _points(poses, rows),
        _found(last_poses, rows, score_threshold),
        _found(poses, rows, score_threshold),
        (sizes**2 * (1 + variances / (2 * MEAN_SIGMA) ** 2))[:, None],
        keypoint_set.sigmas[rows],
    )


def _without_duplicates(poses: Sequence[Pose], options: TrackOptions) -> list[Pose]:
    """The poses in order, but of those that show the same person only the surest."""
    if len(poses) < 2:
        return list(poses)
    rows = _common_set(poses).part("body")
    found = _found(poses, rows, options.score_threshold).astype(int)
    alike = oks_matrix(poses, poses, options.score_threshold, rows) >= options.duplicate_similarity
    alike &= found @ found.T >= FEWEST_SHARED_JOINTS
    kept: list[int] = []
    scores = [person_score(pose, options.score_threshold) for pose in poses]
    for place in np.argsort(-np.array(scores), kind="stable").tolist():
        if not alike[place, kept].any():
            kept.append(place)
    return [poses[place] for place in sorted(kept)]


def _displacement(last: Pose, pose: Pose, score_threshold: float, box_shift: Array) -> Array:
    """(2,) by how much a body moved: the median of its joints, or the middle of its box."""
    rows = pose.keypoint_set.part("body")
    shared = _found([last, pose], rows, score_threshold).all(axis=0)
    if not shared.any():
        return (box_shift[:2] + box_shift[2:]) / 2
    moved: Array = np.median((pose.keypoints_image - last.keypoints_image)[rows[shared]], axis=0)
    return moved


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


def _points(poses: Sequence[Pose], rows: NDArray[np.intp]) -> Array:
    return np.array([pose.keypoints_image[rows] for pose in poses])


def _found(
    poses: Sequence[Pose], rows: NDArray[np.intp], score_threshold: float
) -> NDArray[np.bool_]:
    scores = np.array([pose.scores[rows] for pose in poses])
    return (scores >= score_threshold) & (scores > 0)


def _common_set(poses: Sequence[Pose]) -> KeypointSet:
    names = sorted({pose.keypoint_set.name for pose in poses})
    if len(names) > 1:
        raise ValueError(
            f"The people of a clip are given in different keypoint sets: {', '.join(names)}. "
            "Convert them to one set first."
        )
    return poses[0].keypoint_set
