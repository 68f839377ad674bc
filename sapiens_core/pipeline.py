"""From images and boxes to finished poses: every stage, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..skeletons.foundation.arrays import Image
from ..skeletons.options.estimating import ESTIMATING
from ..skeletons.pose import Frame, Pose
from ..skeletons.poses.cleanup import CleanupOptions, hide_unseen_parts, remove_duplicates
from .batches import OnBatch
from .detection.owners import hide_outside_masks
from .detection.people import People
from .estimator import EstimateOptions, PoseEstimator, canvas_sizes
from .refine import Refine, find_second_looks, take_better_looks


@dataclass(frozen=True)
class PoseOptions:
    """Everything that a user can choose about finding poses.

    Attributes:
        estimate: how each person is estimated.
        clean: which keypoints and people are removed afterwards.
        refine: parts that get a second look: ``off``, ``face``, ``hands`` or ``both``.

    Raises:
        ValueError: ``refine`` is none of these.
    """

    estimate: EstimateOptions = field(default_factory=EstimateOptions)
    clean: CleanupOptions = field(default_factory=CleanupOptions)
    refine: Refine = ESTIMATING["refine"].default

    def __post_init__(self) -> None:
        ESTIMATING.check(self)


def find_poses(
    estimator: PoseEstimator,
    images_rgb: Sequence[Image],
    people: Sequence[People],
    options: PoseOptions | None = None,
    on_batch: OnBatch | None = None,
) -> list[Frame]:
    """The people of several images, each once, with keypoints that are mere guesses hidden.

    Args:
        estimator: the network.
        images_rgb: (H, W, 3) uint8 RGB images; sizes may differ.
        people: where people may be in each image; ``People.usable`` removes what shows nothing.
        options: of all stages.
        on_batch: called after each batch with the number of crops done and in total; the second
            look counts from 0 again.

    Returns:
        One frame per image, people in the order of their boxes, coordinates in image pixels.

    Raises:
        ValueError: an image or box has the wrong form, or their numbers differ.
    """
    options = options or PoseOptions()
    clean = options.clean
    if len(images_rgb) != len(people):
        raise ValueError(f"There are {len(images_rgb)} images, but boxes for {len(people)}.")
    canvases_wh = canvas_sizes(images_rgb)
    usable = [group.usable(canvas_wh) for canvas_wh, group in zip(canvases_wh, people, strict=True)]
    frames = estimator.estimate(images_rgb, usable, options.estimate, on_batch)
    if clean.outside_crop:
        frames = [hide_outside_crop(estimator, frame) for frame in frames]
    if clean.mask_reach is not None:
        frames = hide_outside_masks(frames, usable, clean.mask_reach)
    frames = [remove_duplicates(frame, clean) for frame in frames]
    if options.refine != "off":
        looks = find_second_looks(frames, usable, options.refine, clean.score_threshold)
        jobs = [look.job for look in looks]
        found = estimator.find_keypoints(images_rgb, jobs, options.estimate, on_batch)
        frames = take_better_looks(frames, looks, found, clean.mask_reach)
    return [hide_unseen_parts(frame, clean) for frame in frames]


def hide_outside_crop(estimator: PoseEstimator, frame: Frame) -> Frame:
    """A frame whose keypoints outside their person's crop have score 0."""

    def hide(pose: Pose) -> Pose:
        crop = estimator.crop_of(pose.box_xyxy)
        reach = np.array(crop.extent_wh) / 2
        outside = (np.abs(pose.keypoints_image - crop.center_xy) > reach).any(axis=1)
        return replace(pose, scores=np.where(outside, np.minimum(pose.scores, 0), pose.scores))

    return replace(frame, poses=tuple(hide(pose) for pose in frame.poses))
