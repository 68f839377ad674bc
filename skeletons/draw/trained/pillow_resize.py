"""Pillow's resizing, to the last bit, of drawings that are mostly black.

Written out, as this package draws without Pillow and nothing else rounds between the two passes:
OpenCV's area and bilinear are up to 36 levels off its bicubic, OpenCV's own bicubic 88.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..options import Canvas
from . import pillow_halve
from .rules import SizeWh

PRECISION_BITS = 32 - 8 - 2
"""Bits after the point of Pillow's weights, as in its ``Resample.c``."""

STRIP = 8
"""Finished pixels of a strip at an edge, from which the outermost two are taken."""

Pixels = NDArray[np.uint32]
"""(H, W) pixels, each with its four bytes as one number."""

Edges = NDArray[np.bool_]
"""Whether a pixel differs from the next one."""


@dataclass(frozen=True)
class Taps:
    """What N finished pixels of an axis are made of.

    Attributes:
        first: (N,) index of the first source pixel.
        nearest: (N,) index of the source pixel with the largest weight.
        weights: K arrays of (N,), each item four times the same int32 in one: of the first source
            pixel, the second and so on, 0 beyond the last.
    """

    first: NDArray[np.intp]
    nearest: NDArray[np.intp]
    weights: list[NDArray[np.complex128]]


def bicubic(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``BICUBIC`` of Pillow; see ``_resize``."""
    height, width = canvas.shape[:2]
    if (width, height) != (2 * size_wh[0], 2 * size_wh[1]) or min(
        size_wh
    ) < pillow_halve.SOURCE_BAND:
        return _resize(canvas, size_wh, _cubic, 2.0, down_first=_is_down_first(canvas, size_wh))
    down_first = _is_down_first(canvas, size_wh)
    halved = pillow_halve.halve_all_but_edges(canvas, down_first=down_first)
    # Two finished pixels at each edge have weights of their own: resized from a strip as wide as
    # that takes.
    whole, first, last = slice(None), slice(pillow_halve.EDGE), slice(-pillow_halve.EDGE, None)
    for strip, edge in ((slice(2 * STRIP), first), (slice(-2 * STRIP, None), last)):
        for sources, finished in (((strip, whole), (edge, whole)), ((whole, strip), (whole, edge))):
            source = canvas[sources]
            if source.any():
                wh = source.shape[1] // 2, source.shape[0] // 2
                shrunk = _resize(source, wh, _cubic, 2.0, down_first=down_first)
                halved[finished] = shrunk[finished]
    return halved


def bilinear(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``BILINEAR`` of Pillow, which takes the mean of all pixels where it shrinks."""
    return _resize(canvas, size_wh, _triangle, 1.0, down_first=_is_down_first(canvas, size_wh))


def _cubic(distance: float) -> float:
    if distance < 1:
        return (1.5 * distance - 2.5) * distance * distance + 1
    if distance < 2:
        return (((distance - 5) * distance + 8) * distance - 4) * -0.5
    return 0.0


def _triangle(distance: float) -> float:
    return max(1 - distance, 0.0)


def _is_down_first(canvas: Canvas, size_wh: SizeWh) -> bool:
    """Whether the height shrinks, and by more than twice as many pixels as the width.

    The rule of Pillow since version 13 (python-pillow/Pillow pull request 9549); before, never.
    """
    height, width = canvas.shape[:2]
    return height - size_wh[1] > max(0, 2 * (width - size_wh[0]))


def _resize(
    canvas: Canvas,
    size_wh: SizeWh,
    kernel: Callable[[float], float],
    reach: float,
    *,
    down_first: bool,
) -> Canvas:
    """Two passes over (H, W, 4), across and then down or down first, with rounding in between."""
    height, width = canvas.shape[:2]
    across = _taps(width, size_wh[0], kernel, reach)
    down = _taps(height, size_wh[1], kernel, reach)
    pixels: Pixels = np.ascontiguousarray(canvas).view(np.uint32)[..., 0]
    for is_down in (down_first, not down_first):
        pixels = _resize_down(pixels, down) if is_down else _resize_across(pixels, across)
    return pixels[..., None].view(np.uint8)


def _resize_down(pixels: Pixels, taps: Taps) -> Pixels:
    """(H, W) resized to (N, W).

    Where all source pixels of a finished one have the same colour, so has that; the others, about
    one in fifty, are computed.
    """
    width = pixels.shape[1]
    resized = pixels.take(taps.nearest, axis=0, mode="clip")
    place = np.flatnonzero(_reached(pixels[1:] != pixels[:-1], taps))
    row = place // width
    source = place + (taps.first - np.arange(len(taps.first)))[row] * width
    resized.ravel()[place] = _sum(pixels, source, width, taps, row)
    return resized


def _resize_across(pixels: Pixels, taps: Taps) -> Pixels:
    """(H, W) resized to (H, N), as ``_resize_down`` does it."""
    width, finished = pixels.shape[1], len(taps.first)
    resized = pixels.take(taps.nearest, axis=1, mode="clip")
    edges = np.zeros(pixels.shape, np.bool_)
    # The last pixel of a row is compared with the next row's first, which harms nothing.
    np.not_equal(pixels.ravel()[1:], pixels.ravel()[:-1], out=edges.ravel()[:-1])
    place = np.flatnonzero(_turn(_reached(_turn(edges), taps)))
    row = place // finished
    column = place - row * finished
    source = row * width + taps.first[column]
    resized.ravel()[place] = _sum(pixels, source, 1, taps, column)
    return resized


def _turn(edges: Edges) -> Edges:
    """Rows and columns exchanged; by OpenCV, as numpy takes ten times as long."""
    return np.asarray(cv2.transpose(edges.view(np.uint8)), np.uint8).view(np.bool_)


def _reached(edges: Edges, taps: Taps) -> Edges:
    """(S or S - 1, W) to (N, W): whether the source pixels of a finished one differ.

    At the end of an axis some beyond are counted as well.
    """
    reached = np.zeros((len(taps.first), edges.shape[1]), np.bool_)
    for index in range(len(taps.weights) - 1):
        reached |= edges.take(taps.first + index, axis=0, mode="clip")
    return reached


def _sum(
    pixels: Pixels, source: NDArray[np.intp], step: int, taps: Taps, index: NDArray[np.intp]
) -> NDArray[np.uint32]:
    """(M,) finished pixels.

    Args:
        pixels: to resize.
        source: (M,) places of their first source pixels; it is changed.
        step: from a source pixel to the next one.
        taps: of the axis.
        index: (M,) which finished pixels of the axis they are.
    """
    # The same memory for all taps: new memory would cost more time than the arithmetic.
    total = np.full(4 * len(source), 1 << PRECISION_BITS - 1, np.int32)
    weights, values = np.empty_like(total), np.empty_like(total)
    colors = np.empty(len(source), np.uint32)
    for tap in taps.weights:
        # An index that leaves the row or the image has a weight of 0.
        pixels.ravel().take(source, out=colors, mode="clip")
        tap.take(index, out=weights.view(np.complex128), mode="clip")
        np.copyto(values, colors.view(np.uint8))
        values *= weights
        total += values
        source += step
    total >>= PRECISION_BITS
    np.clip(total, 0, 255, out=total)
    return total.astype(np.uint8).view(np.uint32)


@lru_cache(maxsize=16)
def _taps(source: int, finished: int, kernel: Callable[[float], float], reach: float) -> Taps:
    """Pillow's ``precompute_coeffs`` and ``normalize_coeffs_8bpc``."""
    scale = source / finished
    stretch = max(scale, 1.0)
    support = reach * stretch
    weights = np.zeros((math.ceil(support) * 2 + 1, finished, 4), np.int32)
    bounds = np.zeros((2, finished), np.intp)
    for index in range(finished):
        center = (index + 0.5) * scale
        first = max(int(center - support + 0.5), 0)
        last = min(int(center + support + 0.5), source)
        shares = [kernel(abs((x - center + 0.5) / stretch)) for x in range(first, last)]
        total = sum(shares)
        fixed = [share / total * (1 << PRECISION_BITS) for share in shares]
        rounded = [int(share + math.copysign(0.5, share)) for share in fixed]
        weights[: len(rounded), index] = np.array(rounded)[:, None]
        bounds[:, index] = first, last
    nearest = bounds[0] + weights[..., 0].argmax(axis=0)
    used = weights[: (bounds[1] - bounds[0]).max()].view(np.complex128)[..., 0]
    return Taps(bounds[0], nearest, list(used))
