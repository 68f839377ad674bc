"""A detector of people under ComfyUI's model management, found or downloaded like a model."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import comfy.model_management as mm
import comfy.model_patcher

from ...sapiens_core.batches import OnBatch
from ...sapiens_core.checkpoints.zoo import DETECTORS, DetectorCheckpoint
from ...sapiens_core.detection.people import People
from ...sapiens_core.detection.rt_detr import (
    Detections,
    DetectOptions,
    PersonDetector,
    choose_people,
    load_detector,
    require_library,
)
from ..caches.lazy_images import LazyImages
from ..caches.result_cache import ResultCache
from . import model_files
from .progress import progress_of

log = logging.getLogger(__name__)

IMAGE_BYTES = 300_000_000
"""Upper estimate of the memory per image beside the weights, of the larger network in float32."""

CACHE_BYTES = 16_000_000
"""Maximum memory of kept detections: those of 2,700 images."""


class ManagedDetector:
    """An RT-DETR v2 that ComfyUI loads and offloads.

    Args:
        path: its weights.

    Raises:
        FileNotFoundError, ValueError, ImportError: see ``load_detector``.
    """

    def __init__(self, path: Path) -> None:
        self.device = mm.get_torch_device()
        model = load_detector(path)
        # Not the patcher that moves single weights: the library's layers cannot load theirs.
        self.patcher = comfy.model_patcher.ModelPatcher(
            model, load_device=self.device, offload_device=mm.unet_offload_device()
        )
        self._detector = PersonDetector(model, self.device)
        self._cache = ResultCache[Detections](CACHE_BYTES)
        log.info("%s: people, %s on %s", path.name, self._detector.dtype, self.device)

    def detect(self, images: LazyImages, options: DetectOptions, on_batch: OnBatch) -> list[People]:
        """The people of each image, as ``PersonDetector.detect``; no image is looked at twice."""

        def find(indices: list[int]) -> Iterator[Detections]:
            batch_size = min(options.batch_size or self._detector.batch_size, len(indices))
            needed = batch_size * IMAGE_BYTES
            mm.load_models_gpu([self.patcher], memory_required=needed, force_full_load=True)
            return self._detector.find_boxes(images.take(indices), batch_size, on_batch)

        found = self._cache.get_or_find(images.digests(), find)
        return [
            choose_people(boxes, scores, size_wh, options)
            for (boxes, scores), size_wh in zip(found, images.sizes_wh, strict=True)
        ]


def detect_people(images: LazyImages, name: str, options: DetectOptions) -> list[People]:
    """The people of each image, as the detector of that name finds them, with progress.

    Raises:
        ImportError, DownloadError: see ``get_detector``.
    """
    (row,) = (row for row in DETECTORS if row.name == name)
    detector = get_detector(row)
    return detector.detect(images, options, progress_of(len(images)))


def get_detector(row: DetectorCheckpoint) -> ManagedDetector:
    """The detector of a row of the zoo: from memory, from disk, or downloaded.

    Raises:
        ImportError: the package that runs it is missing.
        DownloadError: it is not on disk and cannot be fetched.
    """
    require_library()
    path = model_files.find_or_fetch(row)
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _load(path: Path, changed_ns: int) -> ManagedDetector:
    """The detector of a file as it was at ``changed_ns``; kept for the next run."""
    return ManagedDetector(path)
