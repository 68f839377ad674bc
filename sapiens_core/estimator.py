"""From images and boxes to poses: the only module that joins crop, network and decode."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ..skeletons.foundation.arrays import Image
from ..skeletons.foundation.limits import check_image_size
from ..skeletons.keypoint_sets import NETWORK_SETS
from ..skeletons.options.estimating import ESTIMATING
from ..skeletons.pose import Frame, Pose
from .batches import OnBatch, prepare_ahead, run_in_batches
from .crop import Crop, normalise
from .decode import decode
from .detection.people import OwnPixels, People
from .network.pose_net import SapiensPoseNet
from .out_of_memory import is_out_of_memory

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EstimateOptions:
    """How people are estimated, see the rows of ``skeletons/options/estimating.py``.

    ``dim_others`` has an effect on people whose pixels are known, from masks. With ``flip``, a crop
    still counts once in ``batch_size``.

    Raises:
        ValueError: a value is out of range.
    """

    flip: bool = ESTIMATING["flip_test"].default
    batch_size: int = ESTIMATING["batch_size"].default
    dim_others: float = ESTIMATING["dim_others"].default

    def __post_init__(self) -> None:
        ESTIMATING.check(self)


@dataclass(frozen=True, eq=False)
class CropJob:
    """One crop in which the network looks for a person's keypoints.

    Attributes:
        frame_index: index of the image.
        box_xyxy: (4,) left, top, right, bottom in image pixels, without padding.
        pixels: those of the person; None if unknown.
    """

    frame_index: int
    box_xyxy: ArrayLike
    pixels: OwnPixels | None = None


Keypoints = tuple[NDArray[np.float64], NDArray[np.float64]]
"""(K, 2) x, y in image pixels, and (K,) scores."""


class PoseEstimator:
    """Runs a Sapiens network on the people of images.

    After a pass that did not fit into memory, later calls start with the smaller batch size.

    Args:
        model: the network; the caller has put it on ``device``.
        device: where crops are sent.
        dtype: floating point type of the crops, None for the type of the model's parameters.
            Heatmaps are averaged and decoded in float32 whatever it is.

    Raises:
        ValueError: no keypoint set of this package has the network's number of keypoints.
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
        self._fitting: dict[bool, int] = {}  # batch size without and with the flip test
        self._shared_pass = True  # crops and mirrored crops of the flip test in one pass

    def estimate(
        self,
        images_rgb: Sequence[Image],
        people: Sequence[People],
        options: EstimateOptions | None = None,
        on_batch: OnBatch | None = None,
    ) -> list[Frame]:
        """Poses of all people of several images.

        Crops of all images share batches. An image without boxes gives a frame without poses.
        When a batch does not fit into memory, the run goes on with half as many.

        Args:
            images_rgb: (H, W, 3) uint8 RGB images; sizes may differ.
            people: the people of each image, in the same order.
            options: flip test and batch size.
            on_batch: called after each batch with the number of people done and in total. What
                it raises ends the run.

        Returns:
            One frame per image, poses in the order of the boxes, coordinates in image pixels, ids
            where ``people`` know them.

        Raises:
            ValueError: an image or box has the wrong form, or their numbers differ.
            RuntimeError, MemoryError: not even one person fits; see ``out_of_memory``.
        """
        if len(images_rgb) != len(people):
            raise ValueError(f"There are {len(images_rgb)} images, but boxes for {len(people)}.")
        canvases_wh = canvas_sizes(images_rgb)
        boxes_and_scores = [group.pairs() for group in people]
        jobs = [
            CropJob(index, box, people[index].own_pixels(number))
            for index, pairs in enumerate(boxes_and_scores)
            for number, (box, _) in enumerate(pairs, start=1)
        ]
        found = iter(self.find_keypoints(images_rgb, jobs, options, on_batch))
        frames = []
        for canvas_wh, group, pairs in zip(canvases_wh, people, boxes_and_scores, strict=True):
            ids = group.ids or (None,) * len(pairs)
            poses = [
                Pose(keypoints, scores, self.keypoint_set, canvas_wh, box, box_score, person_id)
                for (box, box_score), person_id, (keypoints, scores) in zip(
                    pairs, ids, found, strict=False
                )
            ]
            frames.append(Frame(canvas_wh, tuple(poses)))
        return frames

    def crop_of(self, box_xyxy: ArrayLike) -> Crop:
        """The region of an image that the network sees for a box."""
        return Crop.from_box(box_xyxy, self.model.config.input_size_hw)

    def find_keypoints(
        self,
        images_rgb: Sequence[Image],
        jobs: Sequence[CropJob],
        options: EstimateOptions | None = None,
        on_batch: OnBatch | None = None,
    ) -> list[Keypoints]:
        """All keypoints by what each crop shows; ``estimate`` is for people, this for any box.

        Args and errors as for ``estimate``.
        """
        return list(self.find_each(images_rgb, jobs, options, on_batch))

    def find_each(
        self,
        images_rgb: Sequence[Image],
        jobs: Sequence[CropJob],
        options: EstimateOptions | None = None,
        on_batch: OnBatch | None = None,
    ) -> Iterator[Keypoints]:
        """As ``find_keypoints``, each as soon as its batch is done."""
        options = options or EstimateOptions()
        crops = [self.crop_of(job.box_xyxy) for job in jobs]

        def prepare(index: int) -> tuple[Crop, Image]:
            job, crop = jobs[index], crops[index]
            image_rgb = images_rgb[job.frame_index]
            return crop, self._pixels(image_rgb, crop, job.pixels, options.dim_others)

        def run(batch: Sequence[tuple[Crop, Image]]) -> list[Keypoints]:
            pixels = normalise([pixels for _, pixels in batch], self.device)
            heatmaps = self.heatmaps(pixels, flip=options.flip)
            if self.dtype == torch.float16 and not heatmaps.isfinite().all():
                log.warning(
                    "Some values are too large for fp16, so keypoints are lost. Use bf16 or fp32."
                )
            return _decode(heatmaps, [crop for crop, _ in batch])

        def remember(smaller: int) -> None:
            self._fitting[options.flip] = smaller

        size = min(options.batch_size, self._fitting.get(options.flip, options.batch_size))
        with closing(prepare_ahead(prepare, range(len(jobs)), ahead=size)) as prepared:
            yield from run_in_batches(run, prepared, len(jobs), size, on_batch, remember)

    @torch.inference_mode()
    def heatmaps(self, crops: Tensor, *, flip: bool) -> Tensor:
        """(B, 3, h, w) normalised crops -> (B, K, h / 4, w / 4) float32 heatmaps.

        With ``flip``, the mean of the crop's heatmaps and of the mirrored crop's, mirrored back
        and with left and right exchanged by name (reference: ``pose_estimators/topdown.py``).
        """
        crops = crops.to(self.device, self.dtype)
        if not flip:
            return self.model(crops).float()
        heatmaps, mirrored = self._both_ways(crops)
        exchange = torch.as_tensor(self.keypoint_set.flip_indices, device=self.device)
        return (heatmaps + mirrored.flip(-1)[:, exchange]) * 0.5

    def _both_ways(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Heatmaps of crops and of the mirrored crops, in float32, in one pass if that fits."""
        if self._shared_pass:
            try:
                # In one pass, because a small batch leaves much of a GPU idle.
                plain, mirrored = self.model(torch.cat((crops, crops.flip(-1)))).float().chunk(2)
                return plain, mirrored
            except Exception as error:
                # With several people, the caller tries fewer of them first.
                if len(crops) > 1 or not is_out_of_memory(error):
                    raise
                self._shared_pass = False
        # Not in the handler: while the error lives, it keeps the failed pass in memory.
        return self.model(crops).float(), self.model(crops.flip(-1)).float()

    def _pixels(
        self, image_rgb: Image, crop: Crop, own: OwnPixels | None, dim_others: float
    ) -> Image:
        """(h, w, 3) what the network sees of a crop, other people dimmed where they are known."""
        cubic = self.model.config.generation.cubic_enlargement
        crop_rgb = crop.pixels(image_rgb, cubic_enlargement=cubic)
        if own is None or not dim_others:
            return crop_rgb
        labels = crop.labels(own.labels)
        others = (labels != 0) & ~np.isin(labels, own.own_labels)
        crop_rgb[others] = np.rint(crop_rgb[others] * (1 - dim_others)).astype(np.uint8)
        return crop_rgb


def canvas_sizes(images_rgb: Sequence[Image]) -> list[tuple[int, int]]:
    """Width and height of each image in pixels.

    No image is looked at if the sequence, such as one that reads images when they are asked for,
    knows them: as its attribute ``sizes_wh``.

    Raises:
        ValueError: one of them is none that can be used.
    """
    known: list[tuple[int, int]] | None = getattr(images_rgb, "sizes_wh", None)
    if known is None:
        return [_canvas_wh(image) for image in images_rgb]
    for width, height in set(known):
        check_image_size(width, height, "An image")
    return known


def _canvas_wh(image_rgb: Image) -> tuple[int, int]:
    """Width and height of an image; ValueError if it is none that can be used."""
    if image_rgb.ndim != 3 or image_rgb.shape[2] != 3 or image_rgb.dtype != np.uint8:
        raise ValueError(
            f"An image has shape {image_rgb.shape} and type {image_rgb.dtype}, expected "
            "(height, width, 3) uint8 RGB."
        )
    check_image_size(image_rgb.shape[1], image_rgb.shape[0], "An image")
    if not image_rgb.size:
        raise ValueError(f"An image has shape {image_rgb.shape}: it has no pixels.")
    return image_rgb.shape[1], image_rgb.shape[0]


def _decode(heatmaps: Tensor, crops: Sequence[Crop]) -> list[Keypoints]:
    """Keypoints of each crop in image pixels, and their scores."""
    keypoints_heatmap, scores = decode(heatmaps)
    height, width = heatmaps.shape[-2:]
    keypoints_unit = keypoints_heatmap.cpu().double().numpy() / (width - 1, height - 1)
    found = []
    for crop, unit, crop_scores in zip(
        crops, keypoints_unit, scores.cpu().double().numpy(), strict=True
    ):
        # UDP: first and last heatmap cell lie on the first and last crop pixel.
        crop_height, crop_width = crop.size_hw
        keypoints_image = crop.to_image(unit * (crop_width - 1, crop_height - 1))
        found.append((keypoints_image, crop_scores))
    return found
