"""A look at the bundled photos: what a network finds, and what it would find if it were changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from ....sapiens_core.crop import PIXEL_MEAN_RGB, PIXEL_STD_RGB
from ....sapiens_core.detection.people import People
from ....sapiens_core.estimator import EstimateOptions, PoseEstimator
from ....skeletons.convert_sets import source_indices
from ....skeletons.keypoint_sets import COCO_17
from ....skeletons.pose import Array
from .photos import AnnotatedPhoto, TruePeople


@dataclass(frozen=True, eq=False)
class Look:
    """What a network found.

    Attributes:
        keypoints: (N, K, 2) x, y of each person in pixels of the photo.
        scores: (N, K) of the keypoints.
        body: (17,) indices of COCO's joints among the K.
    """

    keypoints: Array
    scores: Array
    body: NDArray[np.intp]

    @property
    def body_keypoints(self) -> Array:
        """(N, 17, 2) of COCO's joints."""
        return np.asarray(self.keypoints[:, self.body])

    @property
    def mean_score(self) -> float:
        """Of COCO's joints, at least 0."""
        return max(0.0, float(self.scores[:, self.body].mean()))


def look(
    estimator: PoseEstimator,
    photos: Sequence[AnnotatedPhoto],
    *,
    flip: bool = False,
    mirror: bool = False,
) -> Look:
    """What an estimator finds in the true boxes.

    Args:
        estimator: the network.
        photos: one or more.
        flip: with the flip test.
        mirror: look at the mirrored photos; keypoints are mirrored back, with left and right
            exchanged by name.
    """
    keypoints, scores = [], []
    exchange = estimator.keypoint_set.flip_indices
    for photo in photos:
        image, boxes = photo.image_rgb, photo.boxes_xyxy
        last = image.shape[1] - 1
        if mirror:
            image = np.ascontiguousarray(image[:, ::-1])
            boxes = np.stack((last - boxes[:, 2], boxes[:, 1], last - boxes[:, 0], boxes[:, 3]), 1)
        options = EstimateOptions(flip=flip, batch_size=1)
        (frame,) = estimator.estimate([image], [People(boxes)], options)
        for pose in frame.poses:
            found = pose.keypoints_image
            if mirror:
                found = (found * (-1, 1) + (last, 0))[exchange]
            keypoints.append(found)
            scores.append(pose.scores[exchange] if mirror else pose.scores)
    body = source_indices(estimator.keypoint_set, COCO_17)[:, 0]
    return Look(np.array(keypoints), np.array(scores), body)


def fit(people: TruePeople, found: Look) -> float:
    """How well a network finds people: similarity to the truth times the mean score."""
    return people.mean_similarity(found.body_keypoints) * found.mean_score


def best_naming(people: TruePeople, found: Look) -> float:
    """Mean similarity if each true joint were given the keypoint that lies nearest to it.

    One keypoint for each joint, the same for all people (the assignment with the least sum).
    """
    distances = np.linalg.norm(
        found.keypoints[:, None] - people.keypoints_image[:, :, None], axis=-1
    )
    scales = 2 * people.areas[:, None] * (2 * COCO_17.sigmas) ** 2
    closeness = np.exp(-(distances**2) / scales[..., None]).mean(axis=0)
    rows, columns = linear_sum_assignment(-closeness)
    return float(closeness[rows, columns].mean())


def _pixels(inputs: Tensor) -> Tensor:
    """Normalised inputs -> values of 0 to 255."""
    mean, std = (
        torch.tensor(row, device=inputs.device, dtype=inputs.dtype).view(3, 1, 1)
        for row in (PIXEL_MEAN_RGB, PIXEL_STD_RGB)
    )
    return inputs * std + mean


INPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "colours in the order blue, green, red": lambda inputs: inputs.flip(1),
    "pixel values from 0 to 1": lambda inputs: _pixels(inputs) / 255,
    "pixel values from -1 to 1": lambda inputs: _pixels(inputs) / 127.5 - 1,
    "pixel values from 0 to 255": _pixels,
}
"""What networks of other programs are given instead of normalised red, green, blue."""


@contextmanager
def other_inputs(estimator: PoseEstimator, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """The network is given changed inputs meanwhile."""
    hook = estimator.model.backbone.register_forward_pre_hook(
        lambda _, inputs: (change(inputs[0]), *inputs[1:])
    )
    try:
        yield
    finally:
        hook.remove()


def find_exchanged_layers(
    estimator: PoseEstimator, photos: Sequence[AnnotatedPhoto], limit_s: float
) -> tuple[tuple[int, int] | None, float, bool]:
    """The two layers that, if exchanged, make the network find people best.

    The network is as before afterwards.

    Args:
        estimator: the network.
        photos: the first person of the first one is looked at.
        limit_s: maximum time in seconds.

    Returns:
        The layers, counted from 0, and the fit with them exchanged; and whether all pairs were
        tried.
    """
    first = photos[0]
    photo = AnnotatedPhoto(
        first.name, first.image_rgb, first.boxes_xyxy[:1], first.keypoints_image[:1]
    )
    people = TruePeople.of([photo])
    backbone: Any = estimator.model.backbone
    layers = getattr(backbone, "layers", None) or backbone.blocks
    began = time.monotonic()
    best: tuple[tuple[int, int] | None, float] = (None, 0.0)
    for a in range(len(layers)):
        for b in range(a + 1, len(layers)):
            if time.monotonic() - began > limit_s:
                return *best, False
            layers[a], layers[b] = layers[b], layers[a]
            value = fit(people, look(estimator, [photo]))
            layers[a], layers[b] = layers[b], layers[a]
            if value > best[1]:
                best = (a, b), value
    return *best, True
