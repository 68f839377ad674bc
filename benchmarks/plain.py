"""Cropping and decoding as the reference does it, person by person and map by map.

Written for comparison only: cv2 and numpy, one keypoint after the other, each whole map blurred.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MEAN = np.array([123.675, 116.28, 103.53], np.float32)
STD = np.array([58.395, 57.12, 57.375], np.float32)


def crop_and_normalise(
    image_rgb: NDArray[np.uint8], matrix: NDArray[np.float32], size_hw: tuple[int, int]
) -> NDArray[np.float32]:
    """(H, W, 3) uint8 image -> (3, h, w) network input of one person."""
    height, width = size_hw
    crop = cv2.warpAffine(image_rgb, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return ((crop.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)  # HWC -> CHW


def decode(heatmaps: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """(K, h, w) heatmaps of one person -> (K, 2) x, y in heatmap cells and (K,) scores."""
    count = len(heatmaps)
    scores = heatmaps.reshape(count, -1).max(axis=1)
    keypoints = np.full((count, 2), -1.0)
    for index, heatmap in enumerate(heatmaps):
        if scores[index] <= 0:
            continue
        y, x = np.unravel_index(heatmap.argmax(), heatmap.shape)
        blurred = cv2.GaussianBlur(np.pad(heatmap, 5), (11, 11), 0, borderType=cv2.BORDER_CONSTANT)[
            5:-5, 5:-5
        ]
        blurred = blurred * (scores[index] / blurred.max())
        log_map = np.pad(np.log(np.clip(blurred, 1e-3, 50)), 1, mode="edge")
        keypoints[index] = (x, y) - _newton_step(log_map, x + 1, y + 1)
    return keypoints, scores


def _newton_step(log_map: NDArray, x: int, y: int) -> NDArray[np.float64]:
    here = log_map[y, x]
    left, right, up, down = (
        log_map[y, x - 1],
        log_map[y, x + 1],
        log_map[y - 1, x],
        log_map[y + 1, x],
    )
    gradient = np.array([right - left, down - up], float) / 2
    dxy = log_map[y + 1, x + 1] - right - down + 2 * here - left - up + log_map[y - 1, x - 1]
    hessian = np.array([[right - 2 * here + left, dxy / 2], [dxy / 2, down - 2 * here + up]], float)
    return np.linalg.inv(hessian + np.finfo(np.float32).eps * np.eye(2)) @ gradient
