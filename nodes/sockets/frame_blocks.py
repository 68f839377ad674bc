"""IMAGE and MASK outputs, filled frame by frame: a clip is in memory once, as the output itself."""

from __future__ import annotations

from collections.abc import Iterable, Sized

import comfy.model_management as mm
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...skeletons.foundation.arrays import Image


class FrameBlock:
    """An output of ``num_frames`` frames of one size, to be added in order.

    It takes the size of the first one: (H, W, 3) for IMAGE, (H, W) for MASK.
    """

    def __init__(self, num_frames: int) -> None:
        self._num_frames = num_frames
        self._added = 0
        self._output: Tensor | None = None

    def add(self, array: NDArray[np.uint8]) -> None:
        """Adds a frame: uint8, stored as 0 to 1."""
        if self._output is None:
            # ComfyUI before 0.18 has no intermediate dtype: its outputs are float32.
            dtype = getattr(mm, "intermediate_dtype", lambda: torch.float32)()
            self._output = torch.empty((self._num_frames, *array.shape), dtype=dtype)
        frame = self._output[self._added]
        if frame.dtype == torch.float32:
            np.divide(array, np.float32(255), out=frame.numpy())
        else:
            frame.copy_(torch.from_numpy(array).float().div_(255))
        self._added += 1

    def finish(self) -> Tensor:
        """(B, H, W, 3) or (B, H, W), where ComfyUI keeps what nodes give.

        Raises:
            ValueError: there are fewer frames than were promised.
        """
        if self._output is None or self._added != self._num_frames:
            raise ValueError(f"{self._added} of {self._num_frames} frames were added.")
        return self._output.to(mm.intermediate_device())


def image_to_comfy(images_rgb: Iterable[Image], num_frames: int | None = None) -> Tensor:
    """Images (H, W, 3) uint8 of one size -> IMAGE, (B, H, W, 3) float32 0 to 1.

    ``num_frames`` is that of images which are made while they are asked for.
    """
    return _to_comfy(images_rgb, num_frames)


def mask_to_comfy(masks: Iterable[NDArray[np.uint8]], num_frames: int | None = None) -> Tensor:
    """Masks (H, W) uint8 of one size -> MASK, (B, H, W) float32 0 to 1."""
    return _to_comfy(masks, num_frames)


def _to_comfy(arrays: Iterable[NDArray[np.uint8]], num_frames: int | None) -> Tensor:
    if num_frames is None:
        arrays = arrays if isinstance(arrays, Sized) else list(arrays)
        num_frames = len(arrays)
    block = FrameBlock(num_frames)
    for array in arrays:
        block.add(array)
    return block.finish()
