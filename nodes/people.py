"""Where people are, as other nodes say it: BOUNDING_BOX and MASK values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from ..sapiens_core.people import People
from ..skeletons.pose import Frame

MASK_LEVEL = 0.5
"""From this value on a mask's pixel belongs to the person."""


def people_from_bboxes(value: Any, num_frames: int) -> list[People]:
    """The boxes of each frame from a BOUNDING_BOX value of any of the shapes that nodes give.

    One dict with x, y, width, height is one person in every frame; a flat list of dicts the
    people of every frame; a list of lists has one entry a frame, and the last entry serves the
    frames beyond it, as in ComfyUI's own nodes. An empty list means nobody.

    Raises:
        ValueError: a box is not a dict with the four numbers.
    """
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"BOUNDING_BOX is a {type(value).__name__}, expected a list of boxes.")
    frames = value if value and not isinstance(value[0], dict) else [value]
    people = [_people(boxes, frame) for frame, boxes in enumerate(frames)]
    return [people[min(frame, len(people) - 1)] for frame in range(num_frames)]


def _people(boxes: Any, frame: int) -> People:
    if isinstance(boxes, dict):
        boxes = [boxes]
    corners, scores = [], []
    for index, box in enumerate(boxes):
        try:
            x, y, width, height = (float(box[key]) for key in ("x", "y", "width", "height"))
            scores.append(float(box.get("score", 1.0)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(
                f"Frame {frame}, box {index} is {box!r}, expected numbers for x, y, width and "
                "height in pixels."
            ) from error
        corners.append([x, y, x + width, y + height])
    return People(corners, scores)


def people_from_mask(mask: Tensor, canvases_wh: Sequence[tuple[int, int]]) -> list[People]:
    """One person a frame: the box around a mask's pixels, nobody where it is empty.

    Args:
        mask: (H, W) or (B, H, W) float; one mask serves all frames. Its size may differ from
            the pictures'.
        canvases_wh: width and height of each picture.

    Raises:
        ValueError: there are neither one mask nor as many as frames.
    """
    masks = mask.reshape(-1, *mask.shape[-2:])
    if len(masks) not in (1, len(canvases_wh)):
        raise ValueError(
            f"There are {len(masks)} masks for {len(canvases_wh)} frames; expected one for all, "
            "or one a frame."
        )
    return [
        _person_in(masks[min(frame, len(masks) - 1)], canvas_wh)
        for frame, canvas_wh in enumerate(canvases_wh)
    ]


def _person_in(mask: Tensor, canvas_wh: tuple[int, int]) -> People:
    inside = mask.float().cpu().numpy() >= MASK_LEVEL
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return People([])
    scale = np.array(canvas_wh) / (inside.shape[1], inside.shape[0])
    low = np.array([columns[0], rows[0]]) * scale
    high = np.array([columns[-1] + 1, rows[-1] + 1]) * scale
    return People([[*low, *high]])


def bboxes_from_frames(frames: Sequence[Frame]) -> list[list[dict[str, Any]]]:
    """The people's boxes as BOUNDING_BOX: one list a frame, also where it is empty."""
    return [[_bbox(pose.box_xyxy.tolist(), pose.box_score) for pose in f.poses] for f in frames]


def _bbox(box_xyxy: Sequence[float], score: float) -> dict[str, Any]:
    left, top, right, bottom = box_xyxy
    # Whole pixels: ComfyUI's own crop and draw nodes index with them.
    x, y = round(left), round(top)
    return {
        "x": x,
        "y": y,
        "width": round(right) - x,
        "height": round(bottom) - y,
        "label": "person",
        "score": score,
    }
