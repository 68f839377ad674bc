"""The last step of some drawings: from the size that was drawn at to that of the finished image."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np

from ..options import Canvas
from .inked import find_inked_pairs
from .rules import SizeWh

TILE_PX = 16
"""About the side, in finished pixels, of what is resized or left out as a whole. Of 8 to 48,
those up to 24 were the fastest."""

AT_ONCE = 4096
"""Source columns of tiles side by side that are resized at once. Of 512 to 8192, the fastest."""


def bilinear(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``INTER_LINEAR`` of OpenCV, which skips pixels where it shrinks."""
    return np.asarray(cv2.resize(canvas, size_wh, interpolation=cv2.INTER_LINEAR), np.uint8)


def lanczos_or_area(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """Lanczos where it enlarges and area where it shrinks, as VACE does."""
    height, width = canvas.shape[:2]
    if math.prod(size_wh) > width * height:
        return np.asarray(cv2.resize(canvas, size_wh, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    if size_wh[0] > width or size_wh[1] > height:  # then OpenCV looks beyond the edges of a tile
        return np.asarray(cv2.resize(canvas, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    return _area_by_tiles(canvas, size_wh)


def _area_by_tiles(canvas: Canvas, size_wh: SizeWh) -> Canvas:
    """``INTER_AREA`` of those tiles that anything is drawn on, side by side.

    Each finished tile is made of source pixels of its own.
    """
    resized = np.zeros((size_wh[1], size_wh[0], canvas.shape[2]), np.uint8)
    tiles: list[tuple[Canvas, Canvas]] = []
    width = 0
    for source, finished in _inked_tiles(canvas, resized):
        if tiles and (width >= AT_ONCE or len(source) != len(tiles[0][0])):
            _resize_tiles(tiles)
            tiles, width = [], 0
        tiles.append((source, finished))
        width += source.shape[1]
    if tiles:
        _resize_tiles(tiles)
    return resized


def _inked_tiles(canvas: Canvas, resized: Canvas) -> Iterator[tuple[Canvas, Canvas]]:
    """Source and finished pixels of tiles with ink, where neighbours in a row are one."""
    source_y, y = _cuts(canvas.shape[0], resized.shape[0])
    source_x, x = _cuts(canvas.shape[1], resized.shape[1])
    pairs = find_inked_pairs(canvas, [slice(*ends) for ends in pairwise(source_y)])
    before = np.pad(np.cumsum(pairs, axis=1), ((0, 0), (1, 0)))  # inked pairs before each
    firsts, beyonds = np.array(source_x[:-1]) // 2, (np.array(source_x[1:]) + 1) // 2
    inked = np.pad(before[:, beyonds] > before[:, firsts], ((0, 0), (1, 1)))
    bands, ends = (each.tolist() for each in np.nonzero(np.diff(inked, axis=1)))
    for band, left, right in zip(bands[::2], ends[::2], ends[1::2], strict=True):
        rows, source_rows = (slice(cuts[band], cuts[band + 1]) for cuts in (y, source_y))
        source = canvas[source_rows, source_x[left] : source_x[right]]
        yield source, resized[rows, x[left] : x[right]]


def _resize_tiles(tiles: list[tuple[Canvas, Canvas]]) -> None:
    """Resizes tiles of one height with a single call, as calls cost more than pixels."""
    beside = cv2.hconcat([source for source, _ in tiles])
    widths = [finished.shape[1] for _, finished in tiles]
    wh = sum(widths), len(tiles[0][1])
    shrunk, left = cv2.resize(beside, wh, interpolation=cv2.INTER_AREA), 0
    for (_, finished), width in zip(tiles, widths, strict=True):
        finished[:] = shrunk[:, left : left + width]
        left += width


def _cuts(source: int, finished: int) -> tuple[list[int], list[int]]:
    """Where a source pixel and a finished one begin at the same place, and the ends of the axis."""
    parts = math.gcd(source, finished)
    step = max(1, TILE_PX * parts // finished)
    starts = [*range(0, parts, step), parts]
    return [at * source // parts for at in starts], [at * finished // parts for at in starts]


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
