"""Finds people in images: RT-DETR v2 from ``transformers``, which is imported here alone.

The network (Lv et al. 2024, https://arxiv.org/abs/2407.17140) and its reading of a weights file
are the library's. What goes in and comes out is ours, so that neither ``torchvision`` nor a
configuration file is needed: images are squeezed to 640 x 640, as in training, and the numbers
in which the two sizes differ are those of the library's conversion script
(``models/rt_detr_v2/convert_rt_detr_v2_weights_to_hf.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ...skeletons.foundation.arrays import Image
from ...skeletons.options.detecting import DETECTING
from ..batches import OnBatch, run_in_batches
from ..checkpoints.containers import read_safetensors
from ..out_of_memory import is_out_of_memory
from .people import People

INPUT_SIZE_HW = (640, 640)
NUM_CLASSES = 80
PERSON_CLASS = 0
"""Position of "person" among the 80 classes of COCO."""

BACKBONE_PREFIX = "model.backbone."
BOTTLENECK_KEY = "model.backbone.model.encoder.stages.0.layers.0.layer.2.convolution.weight"
"""Key of the third convolution of a block: ResNet-50 has it, ResNet-18 does not."""

BACKBONE = {
    "num_channels": 3,
    "embedding_size": 64,
    "hidden_act": "relu",
    "downsample_in_first_stage": False,
    "downsample_in_bottleneck": False,
    "out_indices": [2, 3, 4],
}
BACKBONE_R50 = {
    "hidden_sizes": [256, 512, 1024, 2048],
    "depths": [3, 4, 6, 3],
    "layer_type": "bottleneck",
}
BACKBONE_R18 = {
    "hidden_sizes": [64, 128, 256, 512],
    "depths": [2, 2, 2, 2],
    "layer_type": "basic",
}
NETWORK_R50: dict[str, Any] = {}
"""Differences from the library's defaults: none."""
NETWORK_R18: dict[str, Any] = {
    "encoder_in_channels": [128, 256, 512],
    "hidden_expansion": 0.5,
    "decoder_layers": 3,
}


SIZES = {"r50": (BACKBONE_R50, NETWORK_R50), "r18": (BACKBONE_R18, NETWORK_R18)}
"""Backbone and network by the size's name."""

BATCH_SIZE = 8
BATCH_SIZE_CPU = 1
"""Images per pass, on a GPU and on a CPU. On a CPU more images per pass take more memory, and with
one thread more time (``benchmarks/detector.py``: 1.64 times as much with eight)."""


@dataclass(frozen=True)
class DetectOptions:
    """Which detections count as people, see the rows of ``skeletons/options/detecting.py``.

    Raises:
        ValueError: a value is out of range.
    """

    score_threshold: float = DETECTING["person_threshold"].default
    max_overlap: float = DETECTING["person_overlap"].default
    min_side_px: float = DETECTING["person_min_size"].default
    batch_size: int | None = DETECTING["batch_size"].default

    def __post_init__(self) -> None:
        DETECTING.check(self)


Detections = tuple[NDArray[np.float32], NDArray[np.float32]]
"""(Q, 4) boxes as shares of width and height, and (Q,) scores, 0 to 1."""


class DetectorNet(nn.Module):
    """The library's network, of whose 80 classes only "person" is read.

    Args:
        network: an ``RTDetrV2ForObjectDetection``.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, 640, 640) RGB, 0 to 1 -> (B, Q, 4) boxes and (B, Q) scores, float32.

        Boxes are left, top, right, bottom as shares of width and height; a score is the
        probability that the box shows a person, 0 to 1. Q, the number of boxes, is 300.
        """
        output = self.network(pixel_values=pixels)
        center, extent = output.pred_boxes.float().split(2, dim=-1)
        boxes = torch.cat((center - extent / 2, center + extent / 2), dim=-1)
        return boxes, output.logits[..., PERSON_CLASS].float().sigmoid()


class PersonDetector:
    """Finds boxes around the people of images.

    After a pass that did not fit into memory, later calls start with the smaller batch size.

    Args:
        model: made by ``load_detector``; the caller has put it on ``device``.
        device: where images are sent.

    Attributes:
        batch_size: images per pass where the options name no other.
    """

    def __init__(self, model: DetectorNet, device: torch.device | str = "cpu") -> None:
        self.model = model
        self.device = torch.device(device)
        self.dtype = next(model.parameters()).dtype
        self.batch_size = BATCH_SIZE_CPU if self.device.type == "cpu" else BATCH_SIZE

    def detect(
        self,
        images_rgb: Sequence[Image],
        options: DetectOptions | None = None,
        on_batch: OnBatch | None = None,
    ) -> list[People]:
        """The people of each image, the highest-scoring first; an image may have none.

        Args:
            images_rgb: (H, W, 3) uint8 RGB images; sizes may differ.
            options: which detections count.
            on_batch: called after each batch with the number of images done and in total.

        Returns:
            Boxes in image pixels, not cut at the image's edge, and their scores.
        """
        options = options or DetectOptions()
        detections = self.find_boxes(images_rgb, options.batch_size, on_batch)
        return [
            choose_people(boxes, scores, (image.shape[1], image.shape[0]), options)
            for image, (boxes, scores) in zip(images_rgb, detections, strict=True)
        ]

    def find_boxes(
        self,
        images_rgb: Sequence[Image],
        batch_size: int | None = None,
        on_batch: OnBatch | None = None,
    ) -> Iterator[Detections]:
        """All that the network sees in each image, before ``choose_people``, batch by batch.

        Args:
            images_rgb: (H, W, 3) uint8 RGB images; sizes may differ.
            batch_size: images per pass; None for what suits the device.
            on_batch: called after each batch with the number of images done and in total.
        """

        def run(images: Sequence[Image]) -> list[Detections]:
            return list(zip(*self._boxes(images), strict=True))

        def remember(batch_size: int) -> None:
            self.batch_size = batch_size

        batch_size = batch_size or self.batch_size
        return run_in_batches(run, images_rgb, len(images_rgb), batch_size, on_batch, remember)

    @torch.inference_mode()
    def _boxes(self, images_rgb: Sequence[Image]) -> tuple[np.ndarray, np.ndarray]:
        """(B, Q, 4) boxes as shares of width and height, and their (B, Q) scores, 0 to 1."""
        pixels = network_input(images_rgb).to(self.device, self.dtype)
        boxes, scores = self.model(pixels)
        return boxes.cpu().numpy(), scores.cpu().numpy()


def network_input(images_rgb: Sequence[Image]) -> Tensor:
    """(H, W, 3) uint8 images -> (B, 3, 640, 640) float32, 0 to 1; the aspect is not kept."""
    resized = []
    for image in images_rgb:
        pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]  # HWC -> BCHW
        # In whole grey levels, as the library's processor does it.
        resized.append(F.interpolate(pixels, INPUT_SIZE_HW, mode="bilinear", antialias=True))
    return torch.cat(resized).float() / 255


def choose_people(
    boxes_unit: np.ndarray, scores: np.ndarray, canvas_wh: tuple[int, int], options: DetectOptions
) -> People:
    """The detections of one image that count, the highest-scoring first.

    Args:
        boxes_unit: (Q, 4) left, top, right, bottom as shares of width and height.
        scores: (Q,) probability that each shows a person, 0 to 1.
        canvas_wh: width and height of the image in pixels.
        options: which detections count.
    """
    boxes = boxes_unit.astype(np.float64) * (canvas_wh * 2)
    sides = boxes[:, 2:] - boxes[:, :2]
    counts = (scores >= options.score_threshold) & (sides >= options.min_side_px).all(axis=1)
    best_left_out = float(scores[scores < options.score_threshold].max(initial=0.0))
    boxes, scores = boxes[counts], scores[counts]
    kept = suppress_boxes(boxes, scores, options.max_overlap)
    return People(boxes[kept], scores[kept], best_left_out=best_left_out)


def suppress_boxes(
    boxes_xyxy: ArrayLike, scores: ArrayLike, max_overlap: float
) -> NDArray[np.intp]:
    """Keeps the best of boxes that show the same person (greedy non-maximum suppression).

    Boxes count their last pixel, as in the demos of both references (``pose/mmpose/evaluation/
    functional/nms.py``): a box from 10 to 10 is one pixel wide.

    Args:
        boxes_xyxy: (N, 4) left, top, right, bottom in pixels; N may be 0.
        scores: (N,) confidence; OpenCV drops boxes whose score is 0.
        max_overlap: a box is removed if its intersection over union with a higher-scoring one is
            above this, which OpenCV rounds to float32.

    Returns:
        (M,) positions of the boxes that stay, the highest-scoring first; of equals the earlier one.
    """
    corners = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
    boxes_xywh = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2] + 1]).tolist()
    kept = cv2.dnn.NMSBoxes(boxes_xywh, np.asarray(scores).tolist(), 0.0, max_overlap)
    return np.array(kept, dtype=np.intp)


def load_detector(path: Path) -> DetectorNet:
    """The network of a weights file, on the CPU, in float32 and evaluation mode.

    Nothing is downloaded: the file holds everything.

    Args:
        path: ``model.safetensors`` of ``PekingU/rtdetr_v2_r50vd`` or ``rtdetr_v2_r18vd``, under
            any name.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no RT-DETR v2 of these two sizes.
        ImportError: transformers is missing or too old.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no detector {path}.")
    tensors, _ = read_safetensors(path)
    if not any(key.startswith(BACKBONE_PREFIX) for key in tensors):
        raise ValueError(
            f"{path} is not an RT-DETR v2 r50 or r18: none of its tensors begins with "
            f"{BACKBONE_PREFIX!r}."
        )
    library = require_library()  # after the file, because importing it takes seconds
    large = BOTTLENECK_KEY in tensors
    config = network_config("r50" if large else "r18")
    try:
        # With its own tensors at hand, the library only renames them between its versions.
        model, report = library.RTDetrV2ForObjectDetection.from_pretrained(
            None, config=config, state_dict=tensors, output_loading_info=True
        )
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        raise ValueError(f"{path} is not an RT-DETR v2 r50 or r18: its shapes differ.") from error
    wrong_keys = [*report["missing_keys"], *report["unexpected_keys"], *report["mismatched_keys"]]
    if wrong_keys:
        raise ValueError(
            f"{path} is not an RT-DETR v2 r50 or r18 for people: {len(wrong_keys)} tensors are "
            "missing "
            f"or do not belong to it, such as {wrong_keys[0]!r}."
        )
    return DetectorNet(model.float()).eval().requires_grad_(False)


def network_config(size: str) -> Any:
    """The library's description of the network ``r50`` or ``r18``; ImportError without it."""
    library = require_library()
    backbone, network = SIZES[size]
    return library.RTDetrV2Config(
        backbone_config=library.RTDetrResNetConfig(**BACKBONE, **backbone),
        num_labels=NUM_CLASSES,
        **network,
    )


def require_library() -> Any:
    """The package ``transformers``; call this before a detector is downloaded.

    Raises:
        ImportError: it is missing or too old; the message says what to do.
    """
    try:
        import transformers

        _ = transformers.RTDetrV2ForObjectDetection  # names are imported when first used
    except (ImportError, AttributeError) as error:
        raise ImportError(
            "Detecting people needs the package transformers, 4.50 or newer: "
            "pip install 'transformers>=4.50'. Without it, use boxes or the whole image."
        ) from error
    return transformers
