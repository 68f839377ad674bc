"""One person between frames: what a track remembers, and how similar people seen later are to it.

A track remembers a whole body, not only what the last frame showed: joints that are not visible
now move along with the body, and the longer a joint was not visible, the farther off it may be.
Position and size come from that body, so that a person of whom one frame shows only a nose keeps
the id.

Similarity is the mean of two overlaps, of the boxes around the bodies and of the poses (object
keypoint similarity, see ``skeletons/oks.py``), with more tolerance where the prediction is less
certain. The fewer joints two frames share, the more the detector's boxes count instead of the boxes
around the joints. The velocity is a one-dimensional Kalman filter of measured displacements, the
same on both axes.

``benchmarks/track.py`` measures what the constants below achieve together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...skeletons.oks import similarity
from ...skeletons.pose import Array, Pose, box_around, box_overlaps, is_visible
from .images.camera import local_motion

POSITION_VARIANCE = 0.02**2
"""Variance of a measured position, in squared person sizes; a person's size is the square root of
the area of the body's box."""
FIRST_VELOCITY_VARIANCE = 0.15**2
"""Variance of the velocity of a person seen once, in squared person sizes per frame."""
VELOCITY_DRIFT = 0.01**2
"""Growth of the variance of a velocity per frame, in the same unit."""
MEAN_SIGMA = 0.07
"""Mean OKS constant of a body's joints; converts the variance of a position into a tolerance of
similarity."""
SWING_PER_FRAME, MAX_SWING = 0.3, 2.0
"""Growth of a joint's sigma per frame in which it is not visible, as a share of the sigma, and its
maximum as a multiple of it."""
MIN_SHARED_JOINTS = 3
"""Minimum number of shared joints that show where a body moved; with fewer, such as two swinging
ankles, the boxes show it better."""
SAME_SIDES = 0.7
"""Minimum ratio of the sides of two boxes that show the same of a body."""
REACH = 3.0
"""Distance from which on people have similarity 0, in standard deviations of the least certain
joint."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sightings:
    """The M people of one frame, by the K joints of their bodies.

    Attributes:
        keypoints_image: (M, K, 2) in image pixels.
        seen: (M, K) which of them are visible.
        extents_xyxy: (M, 4) boxes around the visible joints, the detector's where there are none.
        boxes_xyxy: (M, 4) boxes of the detector, corners in order.
        boxes_tell: (M,) whether the box is the person's own: it has an area, it is not the whole
            image, and nobody else has the same.
        sigmas: (K,) OKS constants of the joints, see ``similarity``.
    """

    keypoints_image: Array
    seen: Flags
    extents_xyxy: Array
    boxes_xyxy: Array
    boxes_tell: Flags
    sigmas: Array

    @classmethod
    def of(cls, poses: Sequence[Pose], score_threshold: float) -> Sightings:
        """One or more people of one frame and keypoint set."""
        keypoint_set = poses[0].keypoint_set
        body = keypoint_set.part_indices("body")
        keypoints = np.array([pose.keypoints_image[body] for pose in poses])
        scores = np.array([pose.scores[body] for pose in poses])
        seen = is_visible(scores, score_threshold)
        corners = np.sort(np.array([pose.box_xyxy.reshape(2, 2) for pose in poses]), axis=1)
        boxes = corners.reshape(-1, 4)
        extents = [box_around(*person) for person in zip(keypoints, seen, boxes, strict=True)]
        low, high = corners[:, 0], corners[:, 1]
        is_whole_image = ((low <= 0) & (high >= poses[0].canvas_wh)).all(axis=1)
        _, inverse, counts = np.unique(boxes, axis=0, return_inverse=True, return_counts=True)
        is_unique = counts[inverse.ravel()] == 1
        tell = (high > low).all(axis=1) & ~is_whole_image & is_unique
        return cls(keypoints, seen, np.array(extents), boxes, tell, keypoint_set.sigmas[body])

    @property
    def median_size_px(self) -> float:
        """Median square root of the areas of the extents, in pixels."""
        sides = self.extents_xyxy[:, 2:] - self.extents_xyxy[:, :2]
        return float(np.median(np.sqrt(sides.prod(axis=1))))


@dataclass(frozen=True, eq=False)
class Track:
    """One person, as of the frame in which they were last found.

    Attributes:
        person_id: the id that stays.
        pose: the pose in that frame.
        keypoints_image: (K, 2) the joints of the body, in image pixels; those not visible in that
            frame have moved along.
        ages: (K,) number of frames for which each joint had not been visible, infinite if it
            never was.
        extent_xyxy: (4,) box around all joints ever visible.
        box_xyxy: (4,) box of the detector.
        box_tells: whether that is the person's own, see ``Sightings``.
        velocity: (2,) pixels per frame.
        velocity_variance: in squared person sizes per frame.
        missed: number of frames since that frame.
    """

    person_id: int
    pose: Pose
    keypoints_image: Array
    ages: Array
    extent_xyxy: Array
    box_xyxy: Array
    box_tells: bool
    velocity: Array
    velocity_variance: float = FIRST_VELOCITY_VARIANCE
    missed: int = 0

    @classmethod
    def start(
        cls, person_id: int, pose: Pose, sightings: Sightings, index: int, velocity: Array
    ) -> Track:
        """A new track of ``pose``, which has this index in the sightings.

        ``velocity`` is a guess, (2,) in pixels per frame.
        """
        return cls(
            person_id,
            pose,
            sightings.keypoints_image[index],
            np.where(sightings.seen[index], 0.0, np.inf),
            sightings.extents_xyxy[index],
            sightings.boxes_xyxy[index],
            bool(sightings.boxes_tell[index]),
            velocity,
        )

    @property
    def known(self) -> Flags:
        """(K,) which joints were ever visible."""
        known: Flags = np.isfinite(self.ages)
        return known

    @property
    def area(self) -> float:
        """Area of the body's box in square pixels, at least 1.

        The fewer joints are known, the more the detector's box counts.
        """
        area, box_area = (
            float(np.prod(box[2:] - box[:2])) for box in (self.extent_xyxy, self.box_xyxy)
        )
        if self.box_tells:
            area += max(box_area - area, 0) * (1 - self.known.mean())
        return max(1.0, area)

    @property
    def shift(self) -> Array:
        """(2,) pixels from the last found position to the predicted one in the next frame."""
        return self.velocity * (self.missed + 1)

    @property
    def tolerance(self) -> float:
        """Factor for the area in the similarity, at least 1: the less certain, the larger."""
        frames = self.missed + 1
        drift = VELOCITY_DRIFT * frames**3 / 3
        variance = POSITION_VARIANCE + self.velocity_variance * frames**2 + drift
        return float(1 + variance / (2 * MEAN_SIGMA) ** 2)

    def update(
        self, pose: Pose, sightings: Sightings, index: int, moved: Array | None = None
    ) -> Track:
        """The track after ``pose``, which has this index in the sightings of the next frame.

        ``moved`` is what ``displacement`` gives, if that is known.
        """
        frames = self.missed + 1
        variance = self.velocity_variance + VELOCITY_DRIFT * frames
        gain = variance / (variance + 2 * POSITION_VARIANCE / frames**2)
        moved = self.displacement(sightings, index) if moved is None else moved
        seen, box = sightings.seen[index], sightings.boxes_xyxy[index]
        keypoints = np.where(
            seen[:, None], sightings.keypoints_image[index], self.keypoints_image + moved
        )
        ages = np.where(seen, 0.0, self.ages + frames)
        return replace(
            self,
            pose=pose,
            keypoints_image=keypoints,
            ages=ages,
            extent_xyxy=box_around(keypoints, np.isfinite(ages), box),
            box_xyxy=box,
            box_tells=bool(sightings.boxes_tell[index]),
            velocity=self.velocity + gain * (moved - self.shift) / frames,
            velocity_variance=(1 - gain) * variance,
            missed=0,
        )

    def shifted(self, way: Array) -> Track:
        """The track after the camera has moved everything by ``way``, (2,) in pixels."""
        return replace(
            self,
            keypoints_image=self.keypoints_image + way,
            extent_xyxy=self.extent_xyxy + np.tile(way, 2),
            box_xyxy=self.box_xyxy + np.tile(way, 2),
        )

    def turned(self, turn: Array) -> Track:
        """The track of somebody who goes farther by ``turn`` per frame, (2,) in pixels."""
        return replace(self, velocity=self.velocity + turn)

    def seen_by(self, motion: Array) -> Track:
        """The track in the next image of a camera that has moved.

        Args:
            motion: (3, 3) homography of image points, see ``find_motion``; a person is taken for so
                small that it is an affine map there.
        """
        place = self._place_in_image
        moved, turn = local_motion(motion, place)
        zoom = float(np.sqrt(abs(np.linalg.det(turn))))

        def move(points: Array) -> Array:
            placed: Array = (points - place) @ turn.T + moved
            return placed

        def move_box(box_xyxy: Array) -> Array:
            corners = box_xyxy.reshape(2, 2)
            middle = corners.mean(axis=0)
            return ((corners - middle) * zoom + move(middle)).ravel()

        return replace(
            self,
            keypoints_image=move(self.keypoints_image),
            extent_xyxy=move_box(self.extent_xyxy),
            box_xyxy=move_box(self.box_xyxy),
            velocity=turn @ self.velocity,
        )

    @property
    def _place_in_image(self) -> Array:
        """(2,) where the body is; its nearest point in the image, which tells of the camera."""
        centre = self.extent_xyxy.reshape(2, 2).mean(axis=0)
        return np.clip(centre, 0, self.pose.canvas_wh)

    def with_camera(self, motion: Array) -> Track:
        """The track whose velocity holds that of a camera, too.

        What the camera did while the person was missing is in the position already.
        """
        way = self._way_of_camera(motion)
        return self.turned(way).shifted(-way * self.missed)

    def without_camera(self, motion: Array) -> Track:
        """The track whose velocity held that of a camera; who was seen once had none measured."""
        if self.velocity_variance >= FIRST_VELOCITY_VARIANCE:
            return replace(self, velocity=np.zeros(2))
        way = self._way_of_camera(motion)
        return self.turned(-way).shifted(way * self.missed)

    def _way_of_camera(self, motion: Array) -> Array:
        place = self._place_in_image
        way: Array = local_motion(motion, place)[0] - place
        return way

    def displacement(self, sightings: Sightings, index: int) -> Array:
        """(2,) pixels that the body moved, by the median of its joints or the centre of its box."""
        shared = sightings.seen[index] & self.known
        old, new = self.box_xyxy, sightings.boxes_xyxy[index]
        sides, others = old[2:] - old[:2], new[2:] - new[:2]
        same = (np.minimum(sides, others) >= SAME_SIDES * np.maximum(sides, others)).all()
        by_box = self.box_tells and sightings.boxes_tell[index] and same
        if shared.any() and (shared.sum() >= MIN_SHARED_JOINTS or not by_box):
            return _median((sightings.keypoints_image[index] - self.keypoints_image)[shared])
        if not by_box:
            old, new = self.extent_xyxy, sightings.extents_xyxy[index]
        moved: Array = (new - old).reshape(2, 2).mean(axis=0)
        return moved

    def similarities(self, sightings: Sightings) -> Array:
        """(M,) 0 to 1, how similar each person of the frame is to the prediction."""
        known, shift = self.known, np.tile(self.shift, 2)
        unseen_frames = np.where(known, self.ages, 0) + self.missed
        sigmas = sightings.sigmas * np.minimum(1 + SWING_PER_FRAME * unseen_frames, MAX_SWING)
        area = self.area * self.tolerance
        extent = self.extent_xyxy + shift
        reach = REACH * 2 * float(sigmas.max()) * area**0.5
        touching = _touch(extent, sightings.extents_xyxy, reach)
        touching |= _touch(self.box_xyxy + shift, sightings.boxes_xyxy, reach)
        near = np.flatnonzero(touching)
        seen = sightings.seen[near]
        pose_similarity = similarity(
            self.keypoints_image[None] + self.shift,
            sightings.keypoints_image[near],
            known[None],
            seen,
            area,
            sigmas,
        )[0]
        overlap = box_overlaps(extent[None], sightings.extents_xyxy[near])[0]
        if self.box_tells:
            boxes = box_overlaps((self.box_xyxy + shift)[None], sightings.boxes_xyxy[near])[0]
            shared = (known & seen).mean(axis=1)
            gained = np.maximum(boxes - overlap, 0) * (1 - shared)
            overlap = overlap + np.where(sightings.boxes_tell[near], gained, 0)
        similarities = np.zeros(len(sightings.seen))
        similarities[near] = (overlap + pose_similarity) / 2
        return similarities


def _median(rows: Array) -> Array:
    """(2,) of (N, 2); ``np.median`` takes four times as long for few rows."""
    rows = np.sort(rows, axis=0)
    middle: Array = (rows[(len(rows) - 1) // 2] + rows[len(rows) // 2]) / 2
    return middle


def _touch(box: Array, others: Array, reach: float) -> Flags:
    """(M,) which of the (M, 4) boxes are not farther than ``reach`` pixels from the (4,) box."""
    apart: Array = np.maximum(others[:, :2] - box[2:], box[:2] - others[:, 2:])
    return apart.max(axis=1) <= reach
