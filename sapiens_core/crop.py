"""From a person's box to the network's input, and exactly back.

As the references' full pipelines do it (v1: ``pose/mmpose``, ``GetBBoxCenterScale``,
``TopdownAffine`` with ``use_udp=True``, ``PoseDataPreprocessor``; Sapiens2: ``sapiens/pose/src/
datasets/transforms``, which differs only in how it enlarges): the box is padded, widened to the
input's aspect, and its edges are mapped onto the centres of the crop's first and last pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ..skeletons.foundation.arrays import Image

BOX_PADDING = 1.25
"""Factor of width and height by which a box is padded, as in both references."""
MIN_SIDE_PX = 1e-3
"""Minimum side of a box: a shorter one counts as 1 pixel, or it would be enlarged to infinity."""
PIXEL_MEAN_RGB = (123.675, 116.28, 103.53)
"""Mean of a pixel's values in ImageNet, as both references subtract it."""
PIXEL_STD_RGB = (58.395, 57.12, 57.375)
"""Standard deviation of a pixel's values in ImageNet, as both references divide by it."""

_NORMALISED = (
    np.arange(256, dtype=np.float32) - np.array(PIXEL_MEAN_RGB, dtype=np.float32)[:, None]
) / np.array(PIXEL_STD_RGB, dtype=np.float32)[:, None]
"""(3, 256) network input of each pixel value, by channel."""


@dataclass(frozen=True)
class Crop:
    """The affine map from one padded box of an image to a crop of fixed size, and its inverse.

    Attributes:
        center_xy: centre of the box in image pixels.
        extent_wh: width and height in image pixels that the crop covers.
        size_hw: height and width of the crop in crop pixels.
    """

    center_xy: tuple[float, float]
    extent_wh: tuple[float, float]
    size_hw: tuple[int, int]

    @classmethod
    def from_box(cls, box_xyxy: ArrayLike, size_hw: tuple[int, int]) -> Crop:
        """The crop of a box: padded by a quarter, then widened to the crop's aspect.

        Corners may be in any order, and the box may lie partly or wholly outside the image. A
        side shorter than ``MIN_SIDE_PX`` counts as one pixel.

        Args:
            box_xyxy: (4,) left, top, right, bottom in image pixels.
            size_hw: height and width of the crop in pixels.

        Raises:
            ValueError: the box is not four finite numbers.
        """
        corners = np.asarray(box_xyxy, dtype=np.float32)
        if corners.shape != (4,) or not np.isfinite(corners).all():
            raise ValueError(
                f"Box {np.asarray(box_xyxy).tolist()} is not four finite numbers: "
                "left, top, right, bottom in pixels."
            )
        low, high = np.minimum(corners[:2], corners[2:]), np.maximum(corners[:2], corners[2:])
        sides = np.where(high - low > MIN_SIDE_PX, high - low, np.float32(1))
        width, height = (sides * np.float32(BOX_PADDING)).astype(np.float32)
        aspect = np.float32(size_hw[1] / size_hw[0])
        if width > height * aspect:
            height = width / aspect
        else:
            width = height * aspect
        center = (low + high) * np.float32(0.5)
        return cls((float(center[0]), float(center[1])), (float(width), float(height)), size_hw)

    @property
    def matrix(self) -> NDArray[np.float32]:
        """(2, 3) affine from image pixels to crop pixels (UDP: box edges to pixel centres)."""
        # Rounded to float32 at each step, as in the reference: the last bit changes pixel values.
        extent = np.array(self.extent_wh, dtype=np.float32)
        center = np.array(self.center_xy, dtype=np.float32)
        scale = np.array([side - 1 for side in self.size_hw[::-1]], dtype=np.float32) / extent
        offset = scale * (np.float32(0.5) * extent - center)
        return np.array([[scale[0], 0, offset[0]], [0, scale[1], offset[1]]], dtype=np.float32)

    @property
    def _scale(self) -> NDArray[np.float64]:
        height, width = self.size_hw
        return np.array([width - 1, height - 1]) / np.array(self.extent_wh)

    def pixels(self, image_rgb: Image, *, cubic_enlargement: bool = False) -> Image:
        """(H, W, 3) image -> (h, w, 3) crop, black outside the image.

        Interpolation is linear; with ``cubic_enlargement`` it is cubic where the crop has more
        pixels than the region of the image that it shows.
        """
        height, width = self.size_hw
        cubic = cubic_enlargement and self._scale.min() >= 1
        flags = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
        crop = cv2.warpAffine(image_rgb, self.matrix, (width, height), flags=flags)
        return np.asarray(crop, dtype=np.uint8)

    def labels(self, labels_image: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """(H, W) labels of an image's pixels -> (h, w) of the crop's, 0 outside the image."""
        height, width = self.size_hw
        flags = cv2.INTER_NEAREST
        crop = cv2.warpAffine(labels_image, self.matrix, (width, height), flags=flags)
        return np.asarray(crop, dtype=np.uint16)

    def to_crop(self, xy_image: ArrayLike) -> NDArray[np.float64]:
        """(..., 2) x, y in image pixels -> crop pixels."""
        xy = np.asarray(xy_image, dtype=np.float64)
        return (xy - self.center_xy + np.array(self.extent_wh) / 2) * self._scale

    def to_image(self, xy_crop: ArrayLike) -> NDArray[np.float64]:
        """(..., 2) x, y in crop pixels -> image pixels; the inverse of ``to_crop``."""
        xy = np.asarray(xy_crop, dtype=np.float64)
        return xy / self._scale + self.center_xy - np.array(self.extent_wh) / 2


def normalise(crops_rgb: Sequence[Image], device: torch.device | str = "cpu") -> Tensor:
    """(h, w, 3) uint8 crops -> (B, 3, h, w) float32 network input, mean 0 and deviation 1.

    The same numbers on every device.
    """
    if torch.device(device).type != "cpu":
        # Bytes are sent to the device: a quarter of the size of floats.
        return _normalise_bytes(torch.from_numpy(np.stack(crops_rgb)).to(device))
    height, width = crops_rgb[0].shape[:2]
    images = np.empty((len(crops_rgb), 3, height, width), dtype=np.float32)
    for image, crop in zip(images, crops_rgb, strict=True):
        # HWC -> CHW; looking up one of 256 values is faster than arithmetic.
        for channel, plane, table in zip(image, cv2.split(crop), _NORMALISED, strict=True):
            cv2.LUT(plane, table, dst=channel)
    return torch.from_numpy(images)


def _normalise_bytes(crops_rgb: Tensor) -> Tensor:
    """(B, h, w, 3) uint8 -> (B, 3, h, w) float32, where arithmetic is cheaper than a table."""
    mean, std = (
        torch.tensor(row, device=crops_rgb.device).view(3, 1, 1)
        for row in (PIXEL_MEAN_RGB, PIXEL_STD_RGB)
    )
    # BHWC -> BCHW
    return (crops_rgb.permute(0, 3, 1, 2).contiguous().float() - mean) / std
