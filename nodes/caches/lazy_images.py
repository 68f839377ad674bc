"""The images of an IMAGE, converted one at a time, and hashes by which they are known again."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor

from ...skeletons.foundation.arrays import Image

SAMPLE_STEP = 61
"""Every so many rows and columns of a tensor are compared to know it again."""


class LazyImages(Sequence[Image]):
    """IMAGE, (B, H, W, C) float 0 to 1, as B images (H, W, 3) uint8 RGB.

    Grey images get three equal channels, alpha is dropped. An image is converted when it is asked
    for, so that a long clip needs no second copy, and one whose people are known takes no time.

    Args:
        image: the tensor, with 1, 3 or 4 channels; nobody may change it.
        indices: of the frames that are meant; None: all.

    Attributes:
        sizes_wh: width and height of each image in pixels.
    """

    def __init__(self, image: Tensor, indices: Sequence[int] | None = None) -> None:
        self._image = image
        self._indices = range(len(image)) if indices is None else indices
        self._last: tuple[int, Image] | None = None
        self.sizes_wh = [(int(image.shape[2]), int(image.shape[1]))] * len(self)

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> Image: ...

    @overload
    def __getitem__(self, index: slice) -> LazyImages: ...

    def __getitem__(self, index: int | slice) -> Image | LazyImages:
        if isinstance(index, slice):
            return self.take(range(len(self))[index])
        frame = self._indices[index]
        last = self._last
        if last is None or last[0] != frame:  # people of a frame are cut out one after the other
            last = self._last = (frame, _convert(self._image[frame]))
        return last[1]

    def take(self, indices: Sequence[int]) -> LazyImages:
        """The images at these positions."""
        return LazyImages(self._image, [self._indices[index] for index in indices])

    def digests(self) -> list[bytes]:
        """A hash of each image's content."""
        digests = _digests.of(self._image)
        return [digests[frame] for frame in self._indices]


def _convert(frame: Tensor) -> Image:
    pixels = torch.nan_to_num(frame[..., :3].float()).mul_(255).round_().clamp_(0, 255)
    rgb = pixels.to(torch.uint8).expand(-1, -1, 3).cpu().numpy()
    return np.ascontiguousarray(rgb)


class _Digests:
    """Hashes of the frames of the last tensor, for as long as it lives.

    ComfyUI keeps what a node gave, and hands out the same tensor in the next run. Reading all of it
    again takes 0.6 seconds for 240 frames of 640 x 424; a sample tells whether somebody has changed
    it in place against ComfyUI's rules.
    """

    def __init__(self) -> None:
        self._last: tuple[weakref.ref[Tensor], bytes, list[bytes]] | None = None

    def of(self, image: Tensor) -> list[bytes]:
        """A hash of each frame of (B, H, W, C)."""
        sample = _digest(image[:, ::SAMPLE_STEP, ::SAMPLE_STEP])
        if self._last and self._last[0]() is image and self._last[1] == sample:
            return self._last[2]
        with ThreadPoolExecutor() as pool:  # hashing does not hold Python's lock
            digests = list(pool.map(_digest, image))
        self._last = (weakref.ref(image), sample, digests)
        return digests


_digests = _Digests()


def _digest(values: Tensor) -> bytes:
    plain = values.detach().contiguous().cpu()
    digest = hashlib.sha256(f"{tuple(plain.shape)} {plain.dtype}".encode())
    content: Any = plain.view(torch.uint8).numpy()
    digest.update(content)
    return digest.digest()
