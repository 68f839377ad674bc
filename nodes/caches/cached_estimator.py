"""A pose network that looks at no crop twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from ...sapiens_core.batches import OnBatch
from ...sapiens_core.estimator import CropJob, EstimateOptions, Keypoints, PoseEstimator
from ...sapiens_core.network.pose_net import SapiensPoseNet
from ...skeletons.foundation.arrays import Image
from .lazy_images import LazyImages
from .result_cache import ResultCache

MAX_BYTES = 64_000_000
"""Maximum memory of kept keypoints: 8,600 people with 308 keypoints, 36 in each of 240 frames."""


class CachedEstimator(PoseEstimator):
    """Keeps what the network found in each crop, as it was before thresholds and cleaning.

    So other thresholds, cleaning or parts need no pass at all, and a second look at hands, or one
    more person, only passes of their own.

    Args:
        model, device, dtype: as for ``PoseEstimator``.
        load: called before the network runs, with the number of crops in a pass.
    """

    def __init__(
        self,
        model: SapiensPoseNet,
        device: torch.device,
        dtype: torch.dtype,
        load: Callable[[int], None],
    ) -> None:
        super().__init__(model, device, dtype)
        self._load = load
        self._cache = ResultCache[Keypoints](MAX_BYTES)

    def find_keypoints(
        self,
        images_rgb: Sequence[Image],
        jobs: Sequence[CropJob],
        options: EstimateOptions | None = None,
        on_batch: OnBatch | None = None,
    ) -> list[Keypoints]:
        """As ``PoseEstimator.find_keypoints``; crops of ``LazyImages`` are known again."""
        options = options or EstimateOptions()

        def find(indices: Sequence[int]) -> Iterator[Keypoints]:
            self._load(min(options.batch_size, len(indices)) * (2 if options.flip else 1))
            new = [jobs[index] for index in indices]
            return self.find_each(images_rgb, new, options, on_batch)

        if not isinstance(images_rgb, LazyImages):
            return list(find(range(len(jobs))))
        return self._cache.get_or_find(_keys(images_rgb, jobs, options), find)


def _keys(images: LazyImages, jobs: Sequence[CropJob], options: EstimateOptions) -> list[bytes]:
    """A hash of all that the keypoints of each crop depend on, beside the network."""
    digests = images.digests() if jobs else []
    labels_digests: dict[int, bytes] = {}  # people of a frame share an array
    keys = []
    for job in jobs:
        key = hashlib.sha256(digests[job.frame_index])
        key.update(np.asarray(job.box_xyxy, np.float64).tobytes() + bytes([options.flip]))
        if job.pixels is not None and options.dim_others:
            labels = job.pixels.labels
            if id(labels) not in labels_digests:
                content = np.ascontiguousarray(labels).tobytes()
                labels_digests[id(labels)] = hashlib.sha256(content).digest()
            key.update(labels_digests[id(labels)])
            key.update(repr((job.pixels.own_labels, options.dim_others)).encode())
        keys.append(key.digest())
    return keys
