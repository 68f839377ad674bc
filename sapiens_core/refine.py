"""A second look at faces and hands, in crops of their own.

A face or hand takes up little of a person's crop; in its own crop it fills the network's input.
The demo of the reference's 308-keypoint models takes face crops for that reason.

A part is taken from the second look only where that is better. Only the keypoints that the first
look shows are compared: a hidden one, such as one on somebody else's pixels, says nothing about
how good a look was, and one that the second look puts there has lost its score. Their mean score
must be higher, and they must lie near where the first look had them (``MAX_MOVE``), so that a hand
does not jump to the other one. ``Pose.refined`` names the parts that were taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..skeletons.keypoint_sets import HEAD, KeypointSet
from ..skeletons.pose import Frame, Pose
from ..skeletons.poses.body_parts import BodyPart, PartOptions, find_parts
from .detection.owners import hide_outside_mask, owner_by_keypoints, owners_by_box
from .detection.people import OwnPixels, People
from .estimator import CropJob, Keypoints

Refine = Literal["off", "face", "hands", "both"]

REFINED: dict[Refine, tuple[str, ...]] = {
    "off": (),
    "face": ("face",),
    "hands": ("hands",),
    "both": ("face", "hands"),
}
"""The parts that each choice looks at again, by their names in ``skeletons.choices.PARTS``."""

BODY_JOINTS = {
    "face": HEAD,
    "left_hand": ("left_wrist",),
    "right_hand": ("right_wrist",),
}
"""Joints of the body that are taken together with a part, so that the two fit."""

MARGINS = {"face": 0.3, "hands": 0.5}
"""Padding around the visible keypoints, as a share of their box's longer side: for hair, and for
some of the forearm."""

MIN_VISIBLE = 4
"""Minimum number of visible keypoints of a part: with fewer, its position is unknown."""

MAX_SEEN_FROM = 0.3
"""Highest score from which on a keypoint counts as visible here. The user's threshold counts where
it is lower, but not where it is higher: a second look is meant to lift weak keypoints above it."""

MAX_MOVE = 0.5
"""Maximum median distance between the keypoints of the two looks, as a share of the longer side of
the second look's crop."""


@dataclass(frozen=True, eq=False)
class SecondLook:
    """A face or hand to look at again.

    Attributes:
        person_index: index of its person in the frame that the job names.
        part: as the first look shows it.
        job: the crop around it.
        mask: its person's pixels, where these are known.
    """

    person_index: int
    part: BodyPart
    job: CropJob
    mask: OwnPixels | None = None


def find_second_looks(
    frames: Sequence[Frame], people: Sequence[People], parts: Refine, score_threshold: float
) -> list[SecondLook]:
    """Every face or hand that is visible enough to be looked at again.

    Keypoint sets without the part (COCO's 17) have none.

    Args:
        frames: poses from the first look.
        people: what the first look was given; where labels tell whose pixel is whose, other
            people are dimmed in the second look too.
        parts: ``off``, ``face``, ``hands`` or ``both``.
        score_threshold: the user's; counts where it is lower than ``MAX_SEEN_FROM``.
    """
    seen_from = min(MAX_SEEN_FROM, score_threshold)
    looks = []
    for frame_index, (frame, group) in enumerate(zip(frames, people, strict=True)):
        owners = owners_by_box(frame.poses, group)
        for person_index, (pose, owner) in enumerate(zip(frame.poses, owners, strict=True)):
            mask = group.own_pixels(owner)
            pixels = group.own_pixels(owner_by_keypoints(pose, group))
            for part in _visible_parts(pose, parts, seen_from):
                job = CropJob(frame_index, part.box, pixels)
                looks.append(SecondLook(person_index, part, job, mask))
    return looks


def take_better_looks(
    frames: Sequence[Frame],
    looks: Sequence[SecondLook],
    found: Sequence[Keypoints],
    mask_reach: float | None,
) -> list[Frame]:
    """Frames in which each part comes from its second look where that is better.

    Args:
        frames: poses from the first look.
        looks: of ``find_second_looks``.
        found: what the network found in each look's crop.
        mask_reach: keypoints farther outside their person's mask do not count, see
            ``hide_outside_masks``; None counts all.
    """
    poses = [list(frame.poses) for frame in frames]
    for look, (keypoints_image, scores) in zip(looks, found, strict=True):
        group = poses[look.job.frame_index]
        pose = group[look.person_index]
        second = replace(pose, keypoints_image=keypoints_image, scores=scores)
        if look.mask and mask_reach is not None:
            second = hide_outside_mask(second, look.mask, mask_reach)
        group[look.person_index] = take_if_better(pose, second, look.part)
    return [replace(f, poses=tuple(group)) for f, group in zip(frames, poses, strict=True)]


def take_if_better(pose: Pose, second: Pose, part: BodyPart) -> Pose:
    """A pose with one part from the second look if that is better, else as it is.

    Args:
        pose: from the first look.
        second: the same person by the second look.
        part: which, with the box that the second look was at.
    """
    taken = taken_indices(pose.keypoint_set, part.name)
    shown = taken[pose.scores[taken] > 0]
    if not len(shown):
        return pose
    moves = np.linalg.norm((second.keypoints_image - pose.keypoints_image)[shown], axis=1)
    left, top, right, bottom = part.box
    too_far = np.median(moves) > MAX_MOVE * max(right - left, bottom - top)
    if too_far or second.scores[shown].mean() <= pose.scores[shown].mean():
        return pose
    keypoints_image, scores = pose.keypoints_image.copy(), pose.scores.copy()
    keypoints_image[taken], scores[taken] = second.keypoints_image[taken], second.scores[taken]
    return replace(
        pose,
        keypoints_image=keypoints_image,
        scores=scores,
        refined=(*pose.refined, part.name),
    )


def taken_indices(keypoint_set: KeypointSet, name: str) -> NDArray[np.intp]:
    """Indices of all joints that are taken together with a part."""
    near = keypoint_set.known_indices(BODY_JOINTS[name])
    return np.union1d(keypoint_set.part_indices(name), near)


def _visible_parts(pose: Pose, parts: Refine, seen_from: float) -> Iterator[BodyPart]:
    for name in REFINED[parts]:
        options = PartOptions(
            part=name,
            padding=MARGINS[name],
            square=False,
            score_threshold=seen_from,
            min_keypoints=MIN_VISIBLE,
        )
        for part in find_parts(pose, options):
            if part and len(pose.keypoint_set.part_indices(part.name)):
                yield part
