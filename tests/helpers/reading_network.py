"""A network that reads where it looks from the colours of a picture made for it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from comfyui_sapiens_pose.sapiens_core.crop import PIXEL_MEAN_RGB, PIXEL_STD_RGB
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133 as WHOLEBODY
from torch import Tensor

SIDE = 256
BOX = (68, 52, 188, 204)
"""Of the person, left, top, right, bottom in pixels."""
CLOSE_UP = 6.0
"""Pixels of the picture in a cell of the heatmap: the whole person has 9, a hand 3."""
PEAK_CELLS = 2.0
"""Standard deviation of a peak, as the networks are trained with."""


def picture_rgb() -> np.ndarray:
    """(256, 256, 3) uint8, red is x and green is y."""
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8)


def person() -> np.ndarray:
    """(133, 2) where the person's joints are in the picture, not symmetric."""
    random = np.random.default_rng(0)
    points = random.uniform((85, 70), (170, 190), (len(WHOLEBODY), 2))
    for part, center in {"left_hand": (160, 140), "right_hand": (96, 150)}.items():
        rows = [*WHOLEBODY.part_indices(part), WHOLEBODY.index(part.replace("hand", "wrist"))]
        points[rows] = random.uniform(-10, 10, (len(rows), 2)) + center
    face = WHOLEBODY.part_indices("face")
    points[face] = random.uniform(-10, 10, (len(face), 2)) + np.array([130, 90])
    return points


class ReadingNetwork(torch.nn.Module):
    """Finds the one person of ``picture_rgb``, in any crop of it, mirrored or not.

    In the mirrored picture red falls from left to right; then left is right.

    Args:
        far: (133,) scores in crops that show much of the picture.
        near: (133,) scores in close-ups.
        near_shift: so many pixels to the person's left close-ups put each joint.
    """

    def __init__(self, far: np.ndarray, near: np.ndarray, near_shift: float = 0.0) -> None:
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.far, self.near = torch.as_tensor(far), torch.as_tensor(near)
        self.points = torch.as_tensor(person())
        self.near_shift = near_shift
        self.config = SimpleNamespace(
            num_keypoints=len(WHOLEBODY),
            input_size_hw=(96, 72),
            generation=SimpleNamespace(cubic_enlargement=False),
        )

    def forward(self, crops: Tensor) -> Tensor:
        """(B, 3, h, w) crops -> (B, 133, h / 4, w / 4) heatmaps."""
        return torch.stack([self._heatmaps(crop) for crop in crops]).to(crops.dtype)

    def _heatmaps(self, crop: Tensor) -> Tensor:
        mean, std = (torch.tensor(row).view(3, 1, 1) for row in (PIXEL_MEAN_RGB, PIXEL_STD_RGB))
        height, width = crop.shape[1:]
        cells = torch.nn.functional.interpolate(
            (crop * std + mean)[None],
            (height // 4, width // 4),
            mode="bilinear",
            align_corners=True,
        )[0].double()
        pixels_a_cell = (cells[0, :, -1] - cells[0, :, 0]).median() / (width // 4 - 1)
        rows = torch.arange(len(self.points))
        if pixels_a_cell < 0:
            rows = torch.as_tensor(WHOLEBODY.flip_indices.copy())
        near = bool(abs(pixels_a_cell) < CLOSE_UP)
        # K, 1, 1 against h, w
        x, y, scores = (
            values[rows].view(-1, 1, 1)
            for values in (*self.points.T, self.near if near else self.far)
        )
        squares = (cells[0] - x - near * self.near_shift) ** 2 + (cells[1] - y) ** 2
        return scores * torch.exp(-squares / (2 * (PEAK_CELLS * pixels_a_cell) ** 2))
