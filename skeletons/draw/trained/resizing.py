"""The last step of some drawings: from the size that was drawn at to that of the finished image."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..options import Canvas
from .rules import SizeWh

PRECISION_BITS = 32 - 8 - 2
"""Bits after the point of Pillow's weights, as in its ``Resample.c``."""

Weights = tuple[NDArray[np.intp], NDArray[np.int32]]
"""(N, K) indices of source pixels, and their weights, for each of N finished pixels."""


def bilinear(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``INTER_LINEAR`` of OpenCV, which skips pixels where it shrinks."""
    return np.asarray(cv2.resize(canvas, size_wh, interpolation=cv2.INTER_LINEAR), np.uint8)


def lanczos_or_area(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """Lanczos where it enlarges and area where it shrinks, as VACE does."""
    enlarges = math.prod(size_wh) > math.prod(canvas.shape[:2])
    method = cv2.INTER_LANCZOS4 if enlarges else cv2.INTER_AREA
    return np.asarray(cv2.resize(canvas, size_wh, interpolation=method), np.uint8)


def pillow_bicubic(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``BICUBIC`` of Pillow, to the last bit.

    Written out, as this package draws without Pillow and nothing else rounds between the two
    passes: OpenCV's area and bilinear are up to 36 levels off, its bicubic 88.
    """
    return _pillow_resize(canvas, size_wh, _cubic, 2.0)


def pillow_bilinear(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``BILINEAR`` of Pillow, which takes the mean of all pixels where it shrinks."""
    return _pillow_resize(canvas, size_wh, _triangle, 1.0)


def fit_onto(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """Resized to fit and centred on black, as ``padding_resize`` of Wan2.2 does it."""
    (height, width), (new_width, new_height) = canvas.shape[:2], size_wh
    if height / width > new_height / new_width:
        placed_wh = max(1, int(new_height / height * width)), new_height
    else:
        placed_wh = new_width, max(1, int(new_width / width * height))
    left, top = (int((side - placed) / 2) for side, placed in zip(size_wh, placed_wh, strict=True))
    fitted = np.zeros((new_height, new_width, canvas.shape[2]), np.uint8)
    fitted[top : top + placed_wh[1], left : left + placed_wh[0]] = bilinear(canvas, placed_wh)
    return fitted


def _cubic(distance: float) -> float:
    if distance < 1:
        return (1.5 * distance - 2.5) * distance * distance + 1
    if distance < 2:
        return (((distance - 5) * distance + 8) * distance - 4) * -0.5
    return 0.0


def _triangle(distance: float) -> float:
    return max(1 - distance, 0.0)


def _pillow_resize(
    canvas: Canvas, size_wh: SizeWh, kernel: Callable[[float], float], reach: float
) -> Canvas:
    """Two passes with rounding between them: across and then down.

    Or down first where the height shrinks by more than twice as many pixels as the width, which is
    Pillow's rule since version 13 (python-pillow/Pillow pull request 9549).
    """
    height, width = canvas.shape[:2]
    if height - size_wh[1] > 2 * (width - size_wh[0]):
        down = _resize_rows(canvas, size_wh[1], kernel, reach)
        return _resize_columns(down, size_wh[0], kernel, reach)
    across = _resize_columns(canvas, size_wh[0], kernel, reach)
    return _resize_rows(across, size_wh[1], kernel, reach)


def _resize_columns(
    canvas: Canvas, width: int, kernel: Callable[[float], float], reach: float
) -> Canvas:
    turned = np.ascontiguousarray(canvas.swapaxes(0, 1))
    return np.ascontiguousarray(_resize_rows(turned, width, kernel, reach).swapaxes(0, 1))


def _resize_rows(
    canvas: Canvas, height: int, kernel: Callable[[float], float], reach: float
) -> Canvas:
    """One pass, over the rows and columns that anything is drawn on; the others stay black."""
    left, top, inked_width, inked_height = cv2.boundingRect(canvas[..., 3].copy())
    columns = slice(left, left + inked_width)
    indices, shares = _weights(len(canvas), height, kernel, reach)
    resized = np.zeros((height, *canvas.shape[1:]), np.uint8)
    touched = np.flatnonzero((indices[:, -1] >= top) & (indices[:, 0] < top + inked_height))
    if not len(touched):
        return resized
    rows = slice(touched[0], touched[-1] + 1)
    first, last = indices[rows.start, 0], indices[rows.stop - 1, -1] + 1
    pixels = canvas[first:last, columns].reshape(last - first, -1)
    total = np.full((rows.stop - rows.start, pixels.shape[1]), 1 << PRECISION_BITS - 1, np.int32)
    for tap in range(indices.shape[1]):
        share = shares[rows, tap, None]
        if share.any():
            total += pixels[indices[rows, tap] - first] * share
    total >>= PRECISION_BITS
    resized[rows, columns] = total.clip(0, 255).reshape(len(total), -1, canvas.shape[2])
    return resized


@lru_cache(maxsize=8)
def _weights(source: int, finished: int, kernel: Callable[[float], float], reach: float) -> Weights:
    """Pillow's ``precompute_coeffs`` and ``normalize_coeffs_8bpc`` for one axis."""
    scale = source / finished
    stretch = max(scale, 1.0)
    support = reach * stretch
    count = math.ceil(support) * 2 + 1
    indices = np.zeros((finished, count), np.intp)
    weights = np.zeros((finished, count), np.int32)
    for row in range(finished):
        center = (row + 0.5) * scale
        first = max(int(center - support + 0.5), 0)
        last = min(int(center + support + 0.5), source)
        shares = [kernel(abs((x - center + 0.5) / stretch)) for x in range(first, last)]
        total = sum(shares)
        fixed = [share / total * (1 << PRECISION_BITS) for share in shares]
        weights[row, : len(fixed)] = [int(share + math.copysign(0.5, share)) for share in fixed]
        indices[row] = np.minimum(np.arange(first, first + count), source - 1)
    return indices, weights
