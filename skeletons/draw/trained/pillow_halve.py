"""Pillow's bicubic resizing to half the size, to the last bit, by OpenCV's filters.

At this scale, away from the edges, all of Pillow's weights are whole 256ths, with which float32 is
exact; so OpenCV's ``filter2D`` rounds as Pillow does.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..options import Canvas

WEIGHTS = np.array([[-3, -9, 29, 111, 111, 29, -9, -3]], np.float32) / 256
"""Of the pixels before and after the middle of a finished one."""

REACH = 4
"""Source pixels on either side of the middle that a finished pixel is made of."""

EDGE = REACH // 2
"""Finished pixels at an edge that have other weights."""

BAND = 64
"""Finished rows that are computed at once, where they are not black. Of 16 to 64, the fastest."""

GAP = 32
"""Columns that are black in a band are left out where there are more of them than this; fewer cost
more to leave out than to compute."""


def halve_all_but_edges(canvas: Canvas, *, down_first: bool) -> Canvas:
    """(H, W, 4) to (H / 2, W / 2, 4), where ``EDGE`` pixels at each edge are not Pillow's."""
    height, width = canvas.shape[0] // 2, canvas.shape[1] // 2
    halved = np.zeros((height, width, 4), np.uint8)
    for top in range(0, height, BAND):
        bottom = min(top + BAND, height)
        rows, above = _sources(top, bottom)
        for left, right in _inked_columns(canvas[rows]):
            columns, before = _sources(left, right)
            part = _halve(canvas[rows, columns], down_first=down_first)
            own = part[above : above + bottom - top, before : before + right - left]
            halved[top:bottom, left:right] = own
    return halved


def _inked_columns(band: Canvas) -> list[tuple[int, int]]:
    """First and beyond the last of finished columns that ink adds to."""
    pairs = np.bitwise_or.reduce(band.reshape(len(band), -1).view(np.uint64), axis=0)
    inked = np.flatnonzero(pairs)
    if not len(inked):
        return []
    gaps = np.flatnonzero(np.diff(inked) > GAP)
    firsts = np.maximum(inked[np.append(0, gaps + 1)] - EDGE, 0)
    lasts = np.minimum(inked[np.append(gaps, -1)] + EDGE, band.shape[1] // 2 - 1)
    return list(zip(firsts.tolist(), (lasts + 1).tolist(), strict=True))


def _sources(first: int, beyond: int) -> tuple[slice, int]:
    """Source pixels of some finished ones, and how many finished ones they make before those."""
    start = max(first - EDGE, 0)
    return slice(2 * start, 2 * (beyond + EDGE)), first - start


def _halve(part: Canvas, *, down_first: bool) -> Canvas:
    for down in (down_first, not down_first):
        weights, anchor = (WEIGHTS.T, (0, 3)) if down else (WEIGHTS, (3, 0))
        # OpenCV rounds halves to even and Pillow up, so that they are made a little more.
        filtered = cv2.filter2D(part, -1, weights, anchor=anchor, delta=1 / 512)
        full: Canvas = np.asarray(filtered, np.uint8)
        part = full[::2] if down else np.ascontiguousarray(full.view(np.uint32)[:, ::2]).view("u1")
    return part
