"""Pillow's bicubic resizing to half the size, to the last bit, by OpenCV's filters.

At this scale, away from the edges, all of Pillow's weights are whole 256ths, with which float32 is
exact; so OpenCV's ``filter2D`` rounds as Pillow does.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from ..options import Canvas
from .inked import find_inked_pairs

WEIGHTS = np.array([[-3, -9, 29, 111, 111, 29, -9, -3]], np.float32) / 256
"""Of the pixels before and after the middle of a finished one."""

REACH = 4
"""Source pixels on either side of the middle that a finished pixel is made of."""

EDGE = REACH // 2
"""Finished pixels at an edge that have other weights."""

BAND = 16
"""Finished rows of a part. Of 4 to 64, those of 16 leave out the most that is black."""

SOURCE_BAND = 2 * (BAND + 2 * EDGE)
"""Source rows of a part."""

GAP = 16
"""Pairs of columns that are black in a band are left out where there are more of them than this;
fewer cost more to leave out than to compute."""

AT_ONCE = 1024
"""Source columns, of parts side by side, that are filtered at once: of 256 to 2048, the fastest."""


Part = tuple[int, int, int]
"""The top row, the left column and the column beyond the right one of ``BAND`` finished rows."""


def halve_all_but_edges(canvas: Canvas, *, down_first: bool) -> Canvas:
    """(H, W, 4) to (H / 2, W / 2, 4), where ``EDGE`` pixels at each edge are not Pillow's.

    H is at least ``SOURCE_BAND``.
    """
    halved = np.zeros((canvas.shape[0] // 2, canvas.shape[1] // 2, 4), np.uint8)
    for parts in _groups(_inked_parts(canvas)):
        beside = cv2.hconcat([_source(canvas, part) for part in parts])
        finished = _halve(np.asarray(beside, np.uint8), down_first=down_first)
        begin = EDGE
        for top, left, right in parts:
            end = begin + right - left
            halved[top : top + BAND, left:right] = finished[EDGE : EDGE + BAND, begin:end]
            begin = end + 2 * EDGE
    return halved


def _source(canvas: Canvas, part: Part) -> Canvas:
    """The pixels that a part is made of."""
    top, left, right = part
    first = 2 * (top - EDGE)
    return canvas[first : first + SOURCE_BAND, 2 * (left - EDGE) : 2 * (right + EDGE)]


def _inked_parts(canvas: Canvas) -> list[Part]:
    """Parts that hold everything that ink adds to, but for the edges."""
    bottom = len(canvas) - SOURCE_BAND
    starts = [*range(0, bottom, 2 * BAND), bottom]
    inked = find_inked_pairs(canvas, [slice(start, start + SOURCE_BAND) for start in starts])
    width = inked.shape[1]
    apart = np.pad(inked, ((0, 0), (0, GAP)))  # no part goes on in the next band
    places = np.flatnonzero(apart)
    if not len(places):
        return []
    ends = np.flatnonzero(np.diff(places) > GAP)
    bands, firsts = np.divmod(places[np.append(0, ends + 1)], apart.shape[1])
    lasts = places[np.append(ends, -1)] % apart.shape[1]
    tops = np.array(starts)[bands] // 2 + EDGE
    lefts, rights = np.maximum(firsts - EDGE, EDGE), np.minimum(lasts + EDGE + 1, width - EDGE)
    parts = zip(tops.tolist(), lefts.tolist(), rights.tolist(), strict=True)
    return [(top, left, right) for top, left, right in parts if left < right]


def _groups(parts: list[Part]) -> Iterator[list[Part]]:
    """Parts in their order, together about ``AT_ONCE`` source columns wide."""
    group: list[Part] = []
    columns = 0
    for part in parts:
        group.append(part)
        columns += 2 * (part[2] - part[1])
        if columns >= AT_ONCE:
            yield group
            group, columns = [], 0
    if group:
        yield group


def _halve(part: Canvas, *, down_first: bool) -> Canvas:
    for down in (down_first, not down_first):
        weights, anchor = (WEIGHTS.T, (0, 3)) if down else (WEIGHTS, (3, 0))
        # OpenCV rounds halves to even and Pillow up, so that they are made a little more.
        filtered = cv2.filter2D(part, -1, weights, anchor=anchor, delta=1 / 512)
        full: Canvas = np.asarray(filtered, np.uint8)
        part = full[::2] if down else np.ascontiguousarray(full.view(np.uint32)[:, ::2]).view("u1")
    return part
