"""Where people are, as other nodes say it: BOUNDING_BOX and MASK values."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from ...sapiens_core.detection.masks import MaskOptions, people_from_masks
from ...sapiens_core.detection.people import People
from ...skeletons.foundation.checks import short_repr
from ...skeletons.pose import Frame
from .tensors import mask_from_comfy

log = logging.getLogger(__name__)

ADVICE = "Check the node that makes the boxes."
MASK_LEVEL = 0.5
"""From this value on a mask's pixel belongs to the person."""


def people_from_bboxes(value: Any, num_frames: int) -> list[People]:
    """The boxes of each frame from a BOUNDING_BOX or BBOX value of any shape that nodes give.

    A box is a dict with x, y, width, height (BOUNDING_BOX), or four numbers: left, top, right,
    bottom (BBOX, as the nodes of SAM2 and of Wan Animate's preprocessing take and give it).

    One box is one person in every frame; a flat list of boxes the people of every frame; a list of
    lists has one entry a frame, and the last entry serves the frames beyond it, as in ComfyUI's own
    nodes. A flat list of BBOX that is as long as the clip has one box a frame. An empty list, or
    None, means nobody. Boxes that show nothing are left out later, by ``People.usable``.

    Raises:
        ValueError: a box is neither, or has a score that is none.
    """
    value = _plain(value)
    if _is_box(value):
        value = [value]
    if not isinstance(value, list):
        raise ValueError(
            f"BOUNDING_BOX is {short_repr(value)}, expected a list of boxes. Connect the output "
            "BOUNDING_BOX of another node."
        )
    if len(value) == num_frames and all(map(_is_bbox, value)):
        value = [[box] for box in value]
    frames = value if value and not _is_box(value[0]) else [value]
    people = [_people(boxes, frame) for frame, boxes in enumerate(frames)]
    return [people[min(frame, len(people) - 1)] for frame in range(num_frames)]


def _people(boxes: Any, frame: int) -> People:
    boxes = [boxes] if _is_box(boxes) else [] if boxes is None else boxes
    if not isinstance(boxes, list):
        raise ValueError(
            f"BOUNDING_BOX, frame {frame} is {short_repr(boxes)}, expected a list of boxes. "
            f"{ADVICE}"
        )
    corners, scores = [], []
    for index, box in enumerate(boxes):
        try:
            corners.append(_corners(box))
            score = box.get("score") if isinstance(box, dict) else None
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"BOUNDING_BOX, frame {frame}, box {index} is {short_repr(box)}, expected numbers "
                "for x, y, width and height, or of a BBOX for left, top, right and bottom, in "
                f"pixels. {ADVICE}"
            ) from error
        try:
            scores.append(1.0 if score is None else float(score))
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"BOUNDING_BOX, frame {frame}, box {index} has the score {short_repr(score)}, "
                f"expected a number or nothing. {ADVICE}"
            ) from error
    return People(corners, scores)


def _plain(value: Any) -> Any:
    """Arrays and tuples as lists, at any depth."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _is_box(value: Any) -> bool:
    return isinstance(value, dict) or _is_bbox(value)


def _is_bbox(value: Any) -> bool:
    """Whether this is one box of numbers."""
    numbers = (int, float, np.number)
    return (
        isinstance(value, list) and len(value) == 4 and all(isinstance(v, numbers) for v in value)
    )


def _corners(box: Any) -> list[float]:
    """Left, top, right and bottom of a box in pixels."""
    if isinstance(box, dict):
        x, y, width, height = (float(box[key]) for key in ("x", "y", "width", "height"))
        return [x, y, x + width, y + height]
    left, top, right, bottom = map(float, box)
    if right < left or bottom < top:
        raise ValueError("It may be x, y, width, height.")
    return [left, top, right, bottom]


def people_from_mask(
    mask: Tensor, canvases_wh: Sequence[tuple[int, int]], options: MaskOptions | None = None
) -> list[People]:
    """The people that a MASK shows; see ``masks.people_from_masks``.

    A mask that shows nobody in any frame is logged.

    Args:
        mask: (H, W) or (B, H, W) float; its size may differ from the images'.
        canvases_wh: width and height of each image.
        options: what the masks mean.

    Raises:
        ValueError: as ``mask_from_comfy``, or the number of masks does not fit that of frames.
    """
    masks = mask_from_comfy(mask) >= MASK_LEVEL
    people = people_from_masks(list(masks), canvases_wh, options)
    if people and not any(map(len, people)):
        log.warning(
            "The mask shows nobody: it is black, or has only specks. Load Image gives "
            "such a mask for an image without transparency. Disconnect it, or invert it if people "
            "are black in it."
        )
    return people


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
