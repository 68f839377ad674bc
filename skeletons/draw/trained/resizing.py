"""The last step of some drawings: from the size that was drawn at to that of the finished image."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..options import Canvas
from .inked import find_inked_pairs
from .rules import SizeWh

TILE_PX = 32
"""About the side, in finished pixels, of what is resized at once. Of 13
to 104, it was fastest: smaller tiles take longer to begin than to resize, larger ones are seldom
black."""


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
    """``INTER_AREA`` of those tiles that anything is drawn on, each with pixels of its own."""
    resized = np.zeros((size_wh[1], size_wh[0], canvas.shape[2]), np.uint8)
    columns = _tiles(canvas.shape[1], size_wh[0])
    rows = _tiles(canvas.shape[0], size_wh[1])
    inked = find_inked_pairs(canvas, [source for source, _ in rows])
    for band, (source_rows, finished_rows) in zip(inked, rows, strict=True):
        before = np.append(0, np.cumsum(band)).tolist()  # inked pairs before each
        for source_columns, finished_columns in columns:
            if before[(source_columns.stop + 1) // 2] > before[source_columns.start // 2]:
                source = canvas[source_rows, source_columns]
                finished = resized[finished_rows, finished_columns]
                wh = finished.shape[1], finished.shape[0]
                cv2.resize(source, wh, finished, interpolation=cv2.INTER_AREA)
    return resized


def _tiles(source: int, finished: int) -> list[tuple[slice, slice]]:
    """An axis cut where a source pixel and a finished pixel begin at the same place."""
    parts = math.gcd(source, finished)
    step = max(1, TILE_PX * parts // finished)
    starts = range(0, parts, step)
    return [
        (
            slice(start * source // parts, min(start + step, parts) * source // parts),
            slice(start * finished // parts, min(start + step, parts) * finished // parts),
        )
        for start in starts
    ]


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
