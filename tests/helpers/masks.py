"""Masks made of rectangles."""

from __future__ import annotations

import numpy as np

WH = (100, 80)
LEFT, RIGHT = (5, 10, 25, 60), (50, 20, 80, 70)
FIRST, SECOND, INNER = (0, 0, 40, 40), (20, 0, 60, 40), (25, 5, 35, 15)


def mask_of(*boxes: tuple[int, int, int, int], wh: tuple[int, int] = WH) -> np.ndarray:
    """True inside the boxes."""
    mask = np.zeros(wh[::-1], bool)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    return mask


OVERLAPPING = [mask_of(FIRST), mask_of(SECOND), mask_of(INNER), mask_of(RIGHT)]
"""Four people: two share pixels, and the third lies wholly inside both."""
