"""What is done to the boxes of people before anybody looks into them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def suppress_boxes(
    boxes_xyxy: ArrayLike, scores: ArrayLike, max_overlap: float
) -> NDArray[np.intp]:
    """Keeps the best of boxes that show the same person (greedy non-maximum suppression).

    Boxes count their last pixel, as in the demos of both references (``pose/mmpose/evaluation/
    functional/nms.py``): a box from 10 to 10 is one pixel wide.

    Args:
        boxes_xyxy: (N, 4) left, top, right, bottom in pixels; N may be 0.
        scores: (N,) confidence.
        max_overlap: a box goes if its intersection over union with a better one is above this.

    Returns:
        (M,) positions of the boxes that stay, best first; of equals the earlier one.
    """
    boxes = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
    low, high = boxes[:, :2], boxes[:, 2:]
    areas = np.prod(high - low + 1, axis=1)
    waiting = np.argsort(-np.asarray(scores), kind="stable")
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        shared = np.minimum(high[best], high[waiting]) - np.maximum(low[best], low[waiting]) + 1
        intersection = np.prod(np.maximum(shared, 0), axis=1)
        union = areas[best] + areas[waiting] - intersection
        waiting = waiting[intersection <= max_overlap * union]
    return np.array(kept, dtype=np.intp)
