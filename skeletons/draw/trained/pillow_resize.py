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


@dataclass(frozen=True)
class Taps:
    """What one axis of S source pixels adds to each of N finished pixels.

    Attributes:
        first: (N,) index of the first source pixel.
        weights: K arrays of (N,), each item four times the same int32 in one: of the first source
            pixel, the second and so on, 0 beyond the last.
        reached: (S,) index of the first finished pixel that each source pixel adds to.
        span: to how many finished pixels a source pixel and the next one add at most.
    """

    first: NDArray[np.intp]
    weights: list[NDArray[np.complex128]]
    reached: NDArray[np.intp]
    span: int


def bicubic(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``BICUBIC`` of Pillow; see ``_resize``."""
    height, width = canvas.shape[:2]
    if (width, height) != (2 * size_wh[0], 2 * size_wh[1]) or min(size_wh) < pillow_halve.SOURCE_BAND:
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
    if down_first:
        resized = _resize_across(_resize_across(_turn(pixels), down, turned=True), across)
    else:
        resized = _resize_across(pixels, across, turned=True)
        resized = _resize_across(resized, down, turned=True)
    return resized[..., None].view(np.uint8)


def _turn(pixels: Pixels) -> Pixels:
    """Rows and columns exchanged; by OpenCV, as numpy takes ten times as long."""
    return np.asarray(cv2.transpose(pixels.view(np.int32))).view(np.uint32)


def _resize_across(pixels: Pixels, taps: Taps, *, turned: bool = False) -> Pixels:
    """(H, W) resized to (H, N), or ``turned`` to (N, H), with rows and columns exchanged.

    Only those pixels are computed that ink adds to, about one in twenty.
    """
    if pixels.shape[1] % 2:
        pixels = np.pad(pixels, ((0, 0), (0, 1)))
    height, width = pixels.shape
    row, column = _reached(pixels, taps)
    source = row * width + taps.first[column]
    # The same memory for all taps: new memory would cost more time than the arithmetic.
    total = np.full(4 * len(row), 1 << PRECISION_BITS - 1, np.int32)
    weights, values, colors = np.empty_like(total), np.empty_like(total), np.empty(len(row), "u4")
    for tap in taps.weights:
        # An index that leaves the row or the image has a weight of 0.
        pixels.ravel().take(source, out=colors, mode="clip")
        tap.take(column, out=weights.view(np.complex128), mode="clip")
        np.copyto(values, colors.view(np.uint8))
        values *= weights
        total += values
        source += 1
    total >>= PRECISION_BITS
    finished = len(taps.first)
    resized = np.zeros((finished, height) if turned else (height, finished), np.uint32)
    place = column * height + row if turned else row * finished + column
    np.clip(total, 0, 255, out=total)
    resized.ravel()[place] = total.astype(np.uint8).view(np.uint32)
    return resized


def _reached(pixels: Pixels, taps: Taps) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of all finished pixels that ink adds to, and of a few others, each once.

    Ink is looked for in pairs of pixels, which takes half the time.
    """
    height, width = pixels.shape
    finished = len(taps.first)
    row, column = _divide(np.flatnonzero(pixels.ravel().view(np.uint64) != 0), width // 2)
    begin = row * finished + taps.reached[2 * column]
    free = np.diff(begin, append=height * finished)
    reached = [(begin + index)[free > index] for index in range(taps.span)]
    return _divide(np.concatenate(reached), finished)


def _divide(flat: NDArray[np.intp], width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns; faster than ``np.divmod``."""
    row = flat // width
    return row, flat - row * width


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
    reached = np.searchsorted(bounds[1], np.arange(source), side="right")
    beyond = np.searchsorted(bounds[0], np.arange(source), side="right")
    span = int((np.append(beyond[1:], beyond[-1]) - reached).max())
    used = weights[: (bounds[1] - bounds[0]).max()].view(np.complex128)[..., 0]
    return Taps(bounds[0], list(used), reached, span)
