"""A second look at faces and hands, in crops of their own.

A face or hand takes up little of a person's crop; on its own it fills one. The demo of the
reference's 308-point models takes face crops for that reason. The crops of all people of all
pictures share batches.

A part is taken from the second look only where that is better. What counts are the points that
the first look shows: a point that was hidden, as one on somebody else's pixels, says nothing of
how good a look was, and one that the second look puts there has lost its score. The mean score of
these points must be higher, and they must lie where the first look had them, half of the crop's
longer side at most (the median of their distances), so that a hand does not jump to the other
one. What was taken stands in ``Pose.refined``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..skeletons.foundation.arrays import Image
from ..skeletons.foundation.checks import check, one_of
from ..skeletons.keypoint_sets import HEAD, KeypointSet
from ..skeletons.pose import Frame, Pose
from ..skeletons.poses.body_parts import BodyPart, PartOptions, find_parts
from ..skeletons.poses.cleanup import CleanupOptions
from .batches import OnBatch
from .detection.masks import hide_outside_masks
from .detection.people import Labels, People
from .estimator import CropJob, EstimateOptions, Keypoints, PoseEstimator

Refine = Literal["off", "face", "hands", "both"]

REFINED: dict[Refine, tuple[str, ...]] = {
    "off": (),
    "face": ("face",),
    "hands": ("hands",),
    "both": ("face", "hands"),
}
"""What each choice looks at again, by the names of ``skeletons.parts``."""

BODY_JOINTS = {
    "face": HEAD,
    "left_hand": ("left_wrist",),
    "right_hand": ("right_wrist",),
}
"""Joints of the body that go with a part, so that the two stay together."""

MARGINS = {"face": 0.3, "hands": 0.5}
"""Added around the seen points, as a share of their longer side: hair, or some of the forearm."""

MIN_SEEN = 4
"""A part with fewer points seen is not looked for: nobody knows where it is."""

SEEN_FROM = 0.3
"""Score from which on a point is seen here, unless the user has a lower one. Not with a higher
one: a second look is to lift weak points above it."""

FARTHEST = 0.5


def refine(
    estimator: PoseEstimator,
    images_rgb: Sequence[Image],
    frames: Sequence[Frame],
    parts: Refine,
    options: EstimateOptions | None = None,
    on_batch: OnBatch | None = None,
    people: Sequence[People] | None = None,
    clean: CleanupOptions | None = None,
) -> list[Frame]:
    """Frames whose faces or hands are taken from a second look where it is better.

    Keypoint sets without the part (COCO's 17) come back as they are.

    Args:
        estimator: made ``frames``.
        images_rgb: (H, W, 3) uint8 RGB pictures.
        frames: the people of each picture.
        parts: ``off``, ``face``, ``hands`` or ``both``.
        options: flip test, batch size and dimming of the second look.
        on_batch: called after each batch with the number of crops done and in all.
        people: of each picture, as ``frames`` were made; where these know whose pixel is whose,
            other people are dimmed in the second look too.
        clean: of the first look. Points of the second are hidden outside of masks in the same
            way; a lower ``score_threshold`` than ``SEEN_FROM`` finds more parts to look at.

    Raises:
        ValueError: ``parts`` is none of these.
    """
    check("refine", parts, one_of(REFINED))
    clean = clean or CleanupOptions()
    seen_from = min(SEEN_FROM, clean.score_threshold)
    places = [
        (index, person, part)
        for index, frame in enumerate(frames)
        for person, pose in enumerate(frame.poses)
        for part in _parts_of(pose, parts, seen_from)
    ]
    poses = [list(frame.poses) for frame in frames]
    groups: Sequence[People | None] = people or [None] * len(frames)
    jobs = [
        crop_job(estimator, index, poses[index][person], part, groups[index])
        for index, person, part in places
    ]
    found = estimator.look(images_rgb, jobs, options, on_batch)
    second = [list(frame.poses) for frame in frames]
    for (index, person, part), keypoints in zip(places, found, strict=True):
        second[index][person] = with_part(second[index][person], part.name, keypoints)
    seconds = _with_poses(frames, second)
    if people and clean.mask_reach is not None:
        seconds = hide_outside_masks(seconds, people, clean.mask_reach)
    for index, person, part in places:
        other = seconds[index].poses[person]
        looked = other.keypoints_image, other.scores
        poses[index][person] = take_if_better(poses[index][person], part, looked)
    return _with_poses(frames, poses)


def crop_job(
    estimator: PoseEstimator, frame_index: int, pose: Pose, part: BodyPart, people: People | None
) -> CropJob:
    """The crop around a part of a person, other people known where ``people`` has labels."""
    crop = estimator.crop_of(part.box)
    if people is None or people.labels is None:
        return CropJob(frame_index, crop)
    number = _number_of(pose, people, people.labels)
    if not number:
        return CropJob(frame_index, crop)
    return CropJob(frame_index, crop, people.labels, people.own_labels(number))


def take_if_better(pose: Pose, part: BodyPart, second: Keypoints) -> Pose:
    """A person with one part from the second look if that is better, else as before."""
    rows = part_rows(pose.keypoint_set, part.name)
    shown = rows[pose.scores[rows] > 0]
    if not len(shown):
        return pose
    points, scores = second[0][shown], np.asarray(second[1])[shown]
    moved = np.linalg.norm(points - pose.keypoints_image[shown], axis=1)
    left, top, right, bottom = part.box
    too_far = np.median(moved) > FARTHEST * max(right - left, bottom - top)
    if too_far or scores.mean() <= pose.scores[shown].mean():
        return pose
    return replace(with_part(pose, part.name, second), refined=(*pose.refined, part.name))


def with_part(pose: Pose, name: str, second: Keypoints) -> Pose:
    """A person with all joints of one part from the second look, better or not."""
    rows = part_rows(pose.keypoint_set, name)
    keypoints, scores = pose.keypoints_image.copy(), pose.scores.copy()
    keypoints[rows], scores[rows] = second[0][rows], second[1][rows]
    return replace(pose, keypoints_image=keypoints, scores=scores)


def part_rows(keypoint_set: KeypointSet, name: str) -> NDArray[np.intp]:
    """Positions of all joints that are taken together."""
    near = keypoint_set.known_indices(BODY_JOINTS[name])
    return np.union1d(keypoint_set.part_indices(name), near)


def _number_of(pose: Pose, people: People, labels: Labels) -> int:
    """Whose pixels most of a person's points lie on, 0 if on nobody's.

    By the points, because people found twice were joined since the boxes were numbered; the box
    decides between those who claim equally many.
    """
    height, width = labels.shape
    columns, rows = np.rint(pose.keypoints_image[pose.scores > 0]).astype(int).T
    inside = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
    found = filter(None, labels[rows[inside], columns[inside]].tolist())
    votes = Counter(owner for label in found for owner in people.shared.get(label, (label,)))
    boxes = [box for box, _ in people.pairs()]

    def claim(number: int) -> tuple[int, bool, int]:
        return votes[number], np.array_equal(boxes[number - 1], pose.box_xyxy), -number

    return max(votes, key=claim, default=0)


def _with_poses(frames: Sequence[Frame], poses: Sequence[Sequence[Pose]]) -> list[Frame]:
    return [replace(f, poses=tuple(group)) for f, group in zip(frames, poses, strict=True)]


def _parts_of(pose: Pose, parts: Refine, seen_from: float) -> list[BodyPart]:
    found: list[BodyPart] = []
    for name in REFINED[parts]:
        options = PartOptions(
            part=name,
            padding=MARGINS[name],
            score_threshold=seen_from,
            min_keypoints=MIN_SEEN,
        )
        for part in find_parts(pose, options):
            if part and len(pose.keypoint_set.part_indices(part.name)):
                found.append(part)
    return found
