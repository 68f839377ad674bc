"""What is remembered of a person between frames, and how well people seen later fit it.

A track remembers a whole body and not the last glimpse of it: joints that are not seen now move
along with the body, and the longer a joint has not been seen the farther off it may be. Place and
size come from that body, so that somebody of whom one frame shows a nose stays who they are.

How well somebody fits is the mean of two overlaps, of the boxes around the bodies and of the poses
(object keypoint similarity, see ``skeletons/oks.py``), with as much tolerance as the
prediction is unsure. The less of a body two frames share, the more the detector's boxes tell
instead of the boxes around the joints. The velocity is a one-dimensional Kalman filter of measured
displacements, the same on both axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...skeletons.oks import similarity
from ...skeletons.pose import Array, Pose, box_around, is_visible

PLACE_VARIANCE = 0.02**2
"""Of a measured place, in squared person sizes; a size is the square root of a body's box."""
FIRST_VELOCITY_VARIANCE = 0.15**2
"""Of the velocity of somebody seen once, in squared sizes a frame."""
VELOCITY_DRIFT = 0.01**2
"""By how much the variance of a velocity grows with each frame, in the same unit."""
MEAN_SIGMA = 0.07
"""Of the joints of a body; turns the variance of a place into a tolerance of similarity."""
SWING_PER_FRAME, MOST_SWING = 0.3, 2.0
"""By how much of itself a joint's sigma grows with each frame unseen, and to how many times it."""
ENOUGH_JOINTS = 3
"""With fewer joints in common, like two swinging ankles, the boxes tell better who moved where."""
SAME_SIDES = 0.7
"""Of two boxes of the same part of a body no side is less than so much of the other's."""
REACH = 3.0
"""In standard deviations of the least sure joint: whoever is farther off is not alike at all."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sightings:
    """The M people of one frame, by the K joints of their bodies.

    Attributes:
        keypoints_image: (M, K, 2) in pixels.
        seen: (M, K) which of them count.
        extents_xyxy: (M, 4) around the joints seen, the detector's box where there are none.
        boxes_xyxy: (M, 4) of the detector, corners in order.
        boxes_tell: (M,) whether the box is the person's own: it has an area, it is not the whole
            picture, and nobody else has the same.
        sigmas: (K,) of the joints, see ``similarity``.
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
        rows = keypoint_set.part_indices("body")
        points = np.array([pose.keypoints_image[rows] for pose in poses])
        scores = np.array([pose.scores[rows] for pose in poses])
        seen = is_visible(scores, score_threshold)
        corners = np.sort(np.array([pose.box_xyxy.reshape(2, 2) for pose in poses]), axis=1)
        boxes = corners.reshape(-1, 4)
        extents = [box_around(*person) for person in zip(points, seen, boxes, strict=True)]
        low, high = corners[:, 0], corners[:, 1]
        whole_picture = ((low <= 0) & (high >= poses[0].canvas_wh)).all(axis=1)
        _, inverse, counts = np.unique(boxes, axis=0, return_inverse=True, return_counts=True)
        alone = counts[inverse.ravel()] == 1
        tell = (high > low).all(axis=1) & ~whole_picture & alone
        return cls(points, seen, np.array(extents), boxes, tell, keypoint_set.sigmas[rows])


@dataclass(frozen=True, eq=False)
class Track:
    """One person, as of the frame in which they were last found.

    Attributes:
        person_id: the number that stays.
        pose: as found then.
        keypoints_image: (K, 2) the joints of the body, in pixels; those not seen then have moved
            along.
        ages: (K,) frames for which each joint had not been seen, infinite if it never was.
        extent_xyxy: (4,) around the joints ever seen.
        box_xyxy: (4,) of the detector.
        box_tells: whether that is the person's own, see ``Sightings``.
        velocity: (2,) pixels a frame.
        velocity_variance: of it, in squared person sizes a frame.
        missed: frames since then.
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
    def begun(cls, person_id: int, pose: Pose, sightings: Sightings, place: int) -> Track:
        """Of ``pose``, which is number ``place`` of the sightings."""
        return cls(
            person_id,
            pose,
            sightings.keypoints_image[place],
            np.where(sightings.seen[place], 0.0, np.inf),
            sightings.extents_xyxy[place],
            sightings.boxes_xyxy[place],
            bool(sightings.boxes_tell[place]),
            np.zeros(2),
        )

    @property
    def known(self) -> Flags:
        """(K,) the joints ever seen."""
        known: Flags = np.isfinite(self.ages)
        return known

    @property
    def area(self) -> float:
        """Of the body's box in square pixels, at least 1.

        The fewer joints are known, the more the detector's box tells.
        """
        area, of_box = (
            float(np.prod(box[2:] - box[:2])) for box in (self.extent_xyxy, self.box_xyxy)
        )
        if self.box_tells:
            area += max(of_box - area, 0) * (1 - self.known.mean())
        return max(1.0, area)

    @property
    def shift(self) -> Array:
        """(2,) from where the person was last found to where it is foreseen in the next frame."""
        return self.velocity * (self.missed + 1)

    @property
    def tolerance(self) -> float:
        """How many times the area to compare with, for the foreseen place is unsure; at least 1."""
        frames = self.missed + 1
        drift = VELOCITY_DRIFT * frames**3 / 3
        variance = PLACE_VARIANCE + self.velocity_variance * frames**2 + drift
        return float(1 + variance / (2 * MEAN_SIGMA) ** 2)

    def found_at(self, pose: Pose, sightings: Sightings, place: int) -> Track:
        """The track with the person found at ``pose``, number ``place`` of the next frame."""
        frames = self.missed + 1
        variance = self.velocity_variance + VELOCITY_DRIFT * frames
        gain = variance / (variance + 2 * PLACE_VARIANCE / frames**2)
        moved = self._displacement(sightings, place)
        seen, box = sightings.seen[place], sightings.boxes_xyxy[place]
        points = np.where(
            seen[:, None], sightings.keypoints_image[place], self.keypoints_image + moved
        )
        ages = np.where(seen, 0.0, self.ages + frames)
        return replace(
            self,
            pose=pose,
            keypoints_image=points,
            ages=ages,
            extent_xyxy=box_around(points, np.isfinite(ages), box),
            box_xyxy=box,
            box_tells=bool(sightings.boxes_tell[place]),
            velocity=self.velocity + gain * (moved - self.shift) / frames,
            velocity_variance=(1 - gain) * variance,
            missed=0,
        )

    def _displacement(self, sightings: Sightings, place: int) -> Array:
        """(2,) by how much the body moved: the median of its joints, or the middle of its box."""
        shared = sightings.seen[place] & self.known
        old, new = self.box_xyxy, sightings.boxes_xyxy[place]
        sides, others = old[2:] - old[:2], new[2:] - new[:2]
        same = (np.minimum(sides, others) >= SAME_SIDES * np.maximum(sides, others)).all()
        by_box = self.box_tells and sightings.boxes_tell[place] and same
        moved: Array
        if shared.any() and (shared.sum() >= ENOUGH_JOINTS or not by_box):
            moved = np.median((sightings.keypoints_image[place] - self.keypoints_image)[shared], 0)
            return moved
        if not by_box:
            old, new = self.extent_xyxy, sightings.extents_xyxy[place]
        moved = (new - old).reshape(2, 2).mean(axis=0)
        return moved

    def likeness(self, sightings: Sightings) -> Array:
        """(M,) 0 to 1, how well each of the people fits where the person is foreseen."""
        known, shift = self.known, np.tile(self.shift, 2)
        unseen_frames = np.where(known, self.ages, 0) + self.missed
        sigmas = sightings.sigmas * np.minimum(1 + SWING_PER_FRAME * unseen_frames, MOST_SWING)
        area = self.area * self.tolerance
        extent = self.extent_xyxy + shift
        reach = REACH * 2 * float(sigmas.max()) * area**0.5
        touching = _touch(extent, sightings.extents_xyxy, reach)
        touching |= _touch(self.box_xyxy + shift, sightings.boxes_xyxy, reach)
        near = np.flatnonzero(touching)
        seen = sightings.seen[near]
        alike = similarity(
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
        likeness = np.zeros(len(sightings.seen))
        likeness[near] = (overlap + alike) / 2
        return likeness


def box_overlaps(boxes: Array, others: Array) -> Array:
    """(N, M) intersection over union of (N, 4) and (M, 4) boxes; without area it is 0."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    areas, other_areas = (np.prod(each[:, 2:] - each[:, :2], axis=1) for each in (boxes, others))
    union = areas[:, None] + other_areas - shared
    overlaps: Array = shared / np.maximum(union, np.finfo(float).tiny)
    return overlaps


def _touch(box: Array, others: Array, reach: float) -> Flags:
    """(M,) which of the (M, 4) boxes are not farther than ``reach`` pixels from the (4,) box."""
    apart: Array = np.maximum(others[:, :2] - box[2:], box[:2] - others[:, 2:])
    return apart.max(axis=1) <= reach
