"""A Sapiens network under ComfyUI's model management: loaded and offloaded like any other."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import comfy.model_management as mm
import comfy.model_patcher
import comfy.ops
import torch

from ...sapiens_core.batches import OnBatch
from ...sapiens_core.checkpoints.load import load_model
from ...sapiens_core.checkpoints.shards import find_checkpoint_files
from ...sapiens_core.detection.people import People
from ...sapiens_core.network.activation_memory import activation_bytes, fitting_batch_size
from ...sapiens_core.network.fast_bf16 import has_fast_bf16
from ...sapiens_core.pipeline import PoseOptions, find_poses
from ...skeletons.foundation.arrays import Image
from ...skeletons.pose import Frame
from ..caches.cached_estimator import CachedEstimator

log = logging.getLogger(__name__)

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

CPU_CROPS = 2
"""Maximum number of crops per pass on a CPU: more are hardly faster, and a pass cannot be
cancelled."""

# ComfyUI from 0.12 on moves weights itself, piece by piece, through this class.
_Patcher = getattr(comfy.model_patcher, "CoreModelPatcher", comfy.model_patcher.ModelPatcher)


class ManagedModel:
    """The value on a SAPIENS_MODEL socket: a network that ComfyUI loads and offloads.

    Args:
        path: the checkpoint.
        precision: ``auto``, ``fp32``, ``bf16`` or ``fp16``.

    Raises:
        FileNotFoundError, ValueError: the file is missing or is not a Sapiens pose checkpoint.
    """

    def __init__(self, path: Path, precision: str = "auto") -> None:
        self.path = path
        self.device = mm.get_torch_device()
        num_bytes = sum(file.stat().st_size for file in find_checkpoint_files(path))
        self.dtype = DTYPES.get(precision) or _auto_dtype(self.device, num_bytes // 4)
        model = load_model(path, dtype=self.dtype, operations=comfy.ops.manual_cast)
        self.patcher = _Patcher(
            model, load_device=self.device, offload_device=mm.unet_offload_device()
        )
        self._estimator = CachedEstimator(model, self.device, self.dtype, self._load)
        self.keypoint_set = self._estimator.keypoint_set
        log.info("%s: %s, %s on %s", path.name, self.keypoint_set.name, self.dtype, self.device)

    def find_poses(
        self,
        images_rgb: Sequence[Image],
        people: Sequence[People],
        options: PoseOptions,
        batch_size: int,
        on_batch: OnBatch,
    ) -> list[Frame]:
        """All people, as ``pipeline.find_poses``; batch size 0 chooses by the free memory."""
        batch_size = batch_size or self.fitting_batch_size(2 if options.estimate.flip else 1)
        options = replace(options, estimate=replace(options.estimate, batch_size=batch_size))
        return find_poses(self._estimator, images_rgb, people, options, on_batch)

    def _load(self, num_crops: int) -> None:
        """Brings the network to the device, with room for so many crops in a pass."""
        config, element_bytes = self._estimator.model.config, self.dtype.itemsize
        needed = activation_bytes(config, num_crops, element_bytes)
        mm.load_models_gpu([self.patcher], memory_required=needed)

    def fitting_batch_size(self, crops_per_person: int) -> int:
        """How many people fit into a pass, when all weights are on the device too."""
        missing_weights = self.patcher.model_size() - self.patcher.loaded_size()
        free_bytes = mm.get_free_memory(self.device) - missing_weights
        config, element_bytes = self._estimator.model.config, self.dtype.itemsize
        people = fitting_batch_size(config, free_bytes, element_bytes, crops_per_person)
        return min(people, CPU_CROPS // crops_per_person) if self.device.type == "cpu" else people


def get_model(path: Path, precision: str = "auto") -> ManagedModel:
    """The model of a file: the one in memory if it is the same file, unchanged, else loaded.

    Raises:
        FileNotFoundError, ValueError: the file is missing or is not a Sapiens pose checkpoint.
    """
    changed_ns = tuple(file.stat().st_mtime_ns for file in find_checkpoint_files(path))
    return _load(path, changed_ns, precision)


@lru_cache(maxsize=1)
def _load(path: Path, changed_ns: tuple[int, ...], precision: str) -> ManagedModel:
    """The model whose files were last changed at these times; kept for the next run."""
    return ManagedModel(path, precision)


def _auto_dtype(device: torch.device, num_parameters: int) -> torch.dtype:
    """bf16 where the hardware has it, otherwise float32; fp16 may overflow, so users choose it."""
    if device.type == "cpu":  # where ComfyUI knows float32 alone
        bf16 = has_fast_bf16() and not mm.FORCE_FP32
    else:
        bf16 = mm.should_use_bf16(device, model_params=num_parameters)
    return torch.bfloat16 if bf16 else torch.float32
