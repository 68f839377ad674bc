"""From pictures and boxes to poses: the only place that joins crop, network and decode."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ..skeletons.keypoint_sets import NETWORK_SETS
from ..skeletons.pose import Frame, Pose
from .crop import Crop, normalise
from .decode import decode
from .model import SapiensPoseNet

log = logging.getLogger(__name__)

Image = NDArray[np.uint8]
"""(H, W, 3) RGB picture, 0 to 255."""


@dataclass(frozen=True)
class EstimateOptions:
    """How people are estimated.

    Attributes:
        flip: also run the mirrored crop and average, as the reference's full demo does. Twice
            the time, slightly better points.
        batch_size: crops in one pass through the network.
    """

    flip: bool = True
    batch_size: int = 4

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(f"Batch size is {self.batch_size}, expected 1 or more.")


@dataclass(frozen=True)
class People:
    """The boxes of one picture.

    Attributes:
        boxes_xyxy: (N, 4) left, top, right, bottom in image pixels; N may be 0.
        scores: (N,) confidence of each box; None counts every box as certain.
    """

    boxes_xyxy: ArrayLike
    scores: ArrayLike | None = None

    @classmethod
    def whole_image(cls, image_rgb: Image) -> People:
        """One person that fills the picture."""
        height, width = image_rgb.shape[:2]
        return cls([[0, 0, width, height]])

    def pairs(self) -> list[tuple[NDArray[np.float64], float]]:
        """Each box with its score.

        Raises:
            ValueError: the boxes are not (N, 4), or there is not one score a box.
        """
        boxes = np.asarray(self.boxes_xyxy, dtype=np.float64)
        if boxes.size == 0:
            return []
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(
                f"Boxes have shape {boxes.shape}, expected (people, 4): left, top, right, bottom."
            )
        scores = np.ones(len(boxes)) if self.scores is None else np.asarray(self.scores)
        if scores.shape != (len(boxes),):
            raise ValueError(f"There are {len(boxes)} boxes but {scores.size} box scores.")
        return [(box, float(score)) for box, score in zip(boxes, scores, strict=True)]


@dataclass(frozen=True)
class _Job:
    """One person to estimate."""

    frame_index: int
    crop: Crop
    box_xyxy: NDArray[np.float64]
    box_score: float


class PoseEstimator:
    """Runs a Sapiens network on the people of pictures.

    Args:
        model: the network; the caller has put it on ``device``.
        device: where crops are sent.
        dtype: floating point type of the crops, None for the type of the model's parameters.
            Heatmaps are averaged and decoded in float32 whatever it is.

    Raises:
        ValueError: the network's number of keypoints is none that this package knows.
    """

    def __init__(
        self,
        model: SapiensPoseNet,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
    ) -> None:
        count = model.config.num_keypoints
        if count not in NETWORK_SETS:
            raise ValueError(
                f"The model finds {count} keypoints, expected one of {sorted(NETWORK_SETS)}."
            )
        self.model = model
        self.device = torch.device(device)
        self.dtype = dtype or next(model.parameters()).dtype
        self.keypoint_set = NETWORK_SETS[count]

    def estimate(
        self,
        images_rgb: Sequence[Image],
        people: Sequence[People],
        options: EstimateOptions | None = None,
        on_batch: Callable[[int, int], None] | None = None,
    ) -> list[Frame]:
        """Poses of all people of several pictures.

        Crops of all pictures share batches. A picture without boxes gives a frame without poses.
        When a batch does not fit into memory, the run goes on with half as many.

        Args:
            images_rgb: (H, W, 3) uint8 RGB pictures; sizes may differ.
            people: the boxes of each picture, in the same order.
            options: flip test and batch size.
            on_batch: called after each batch with the number of people done and in all. What it
                raises ends the run.

        Returns:
            One frame a picture, poses in the order of the boxes, coordinates in image pixels.

        Raises:
            ValueError: a picture or box has the wrong form, or their numbers differ.
            torch.cuda.OutOfMemoryError: not even one person fits.
        """
        options = options or EstimateOptions()
        if len(images_rgb) != len(people):
            raise ValueError(f"{len(images_rgb)} pictures but boxes for {len(people)}.")
        canvases_wh = [_canvas_wh(image) for image in images_rgb]
        jobs = self._jobs(people)
        poses: list[list[Pose]] = [[] for _ in images_rgb]
        done = 0
        batch_size = options.batch_size
        while done < len(jobs):
            batch = jobs[done : done + batch_size]
            crops = normalise([self._pixels(job, images_rgb[job.frame_index]) for job in batch])
            try:
                heatmaps = self.heatmaps(crops, flip=options.flip)
            except torch.cuda.OutOfMemoryError:
                if len(batch) == 1:
                    raise
                batch_size = len(batch) // 2
                log.warning("Out of memory: going on with %d people at a time.", batch_size)
                continue
            for job, keypoints_image, scores in zip(batch, *_decode(heatmaps, batch), strict=True):
                pose = Pose(
                    keypoints_image=keypoints_image,
                    scores=scores,
                    keypoint_set=self.keypoint_set,
                    canvas_wh=canvases_wh[job.frame_index],
                    box_xyxy=job.box_xyxy,
                    box_score=job.box_score,
                )
                poses[job.frame_index].append(pose)
            done += len(batch)
            if on_batch:
                on_batch(done, len(jobs))
        pairs = zip(canvases_wh, poses, strict=True)
        return [Frame(canvas_wh, tuple(found)) for canvas_wh, found in pairs]

    @torch.inference_mode()
    def heatmaps(self, crops: Tensor, *, flip: bool) -> Tensor:
        """(B, 3, h, w) normalised crops -> (B, K, h / 4, w / 4) float32 heatmaps.

        With ``flip``, the mean of the crop's heatmaps and of the mirrored crop's, mirrored back
        and with left and right exchanged by name (reference: ``pose_estimators/topdown.py``).
        """
        crops = crops.to(self.device, self.dtype)
        heatmaps = self.model(crops).float()
        if not flip:
            return heatmaps
        mirrored = self.model(crops.flip(-1)).float().flip(-1)
        exchange = torch.as_tensor(self.keypoint_set.flip_indices, device=self.device)
        return (heatmaps + mirrored[:, exchange]) * 0.5

    def _pixels(self, job: _Job, image_rgb: Image) -> Image:
        cubic = self.model.config.generation.cubic_enlargement
        return job.crop.pixels(image_rgb, cubic_enlargement=cubic)

    def _jobs(self, people: Sequence[People]) -> list[_Job]:
        size_hw = self.model.config.input_size_hw
        return [
            _Job(index, Crop.from_box(box, size_hw), box, score)
            for index, group in enumerate(people)
            for box, score in group.pairs()
        ]


def _canvas_wh(image_rgb: Image) -> tuple[int, int]:
    if image_rgb.ndim != 3 or image_rgb.shape[2] != 3 or image_rgb.dtype != np.uint8:
        raise ValueError(
            f"A picture has shape {image_rgb.shape} and type {image_rgb.dtype}, expected "
            "(height, width, 3) uint8 RGB."
        )
    return image_rgb.shape[1], image_rgb.shape[0]


def _decode(
    heatmaps: Tensor, batch: Sequence[_Job]
) -> tuple[list[NDArray[np.float64]], NDArray[np.float32]]:
    """Keypoints of each person in image pixels, and (B, K) scores."""
    keypoints_heatmap, scores = decode(heatmaps)
    height, width = heatmaps.shape[-2:]
    unit = keypoints_heatmap.double().cpu().numpy() / (width - 1, height - 1)
    keypoints_image = []
    for job, points in zip(batch, unit, strict=True):
        # UDP: first and last heatmap cell lie on the first and last crop pixel.
        crop_height, crop_width = job.crop.size_hw
        keypoints_image.append(job.crop.to_image(points * (crop_width - 1, crop_height - 1)))
    return keypoints_image, scores.cpu().numpy()
