"""Where people are, as other nodes say it: BOUNDING_BOX and MASK values."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from ...sapiens_core.detection.masks import MaskOptions, people_from_masks
from ...sapiens_core.detection.people import People
from ...skeletons.foundation.checks import short_repr
from ...skeletons.pose import Frame
from .tensors import mask_from_comfy

log = logging.getLogger(__name__)

ADVICE = "Look at what makes the boxes."
MASK_LEVEL = 0.5
"""From this value on a mask's pixel belongs to the person."""


def people_from_bboxes(value: Any, num_frames: int) -> list[People]:
    """The boxes of each frame from a BOUNDING_BOX value of any of the shapes that nodes give.

    One dict with x, y, width, height is one person in every frame; a flat list of dicts the
    people of every frame; a list of lists has one entry a frame, and the last entry serves the
    frames beyond it, as in ComfyUI's own nodes. An empty list, or None, means nobody. Boxes that
    show nothing are left out later, by ``People.usable``.

    Raises:
        ValueError: a box is not a dict with the four numbers, or has a score that is none.
    """
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise ValueError(
            f"BOUNDING_BOX is {short_repr(value)}, expected a list of boxes. Connect the output "
            "BOUNDING_BOX of another node."
        )
    frames = value if value and not isinstance(value[0], dict) else [value]
    people = [_people(boxes, frame) for frame, boxes in enumerate(frames)]
    return [people[min(frame, len(people) - 1)] for frame in range(num_frames)]


def _people(boxes: Any, frame: int) -> People:
    boxes = [boxes] if isinstance(boxes, dict) else [] if boxes is None else boxes
    if not isinstance(boxes, (list, tuple)):
        raise ValueError(
            f"BOUNDING_BOX, frame {frame} is {short_repr(boxes)}, expected a list of boxes. "
            f"{ADVICE}"
        )
    corners, scores = [], []
    for index, box in enumerate(boxes):
        try:
            x, y, width, height = (float(box[key]) for key in ("x", "y", "width", "height"))
            score = box.get("score")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ValueError(
                f"BOUNDING_BOX, frame {frame}, box {index} is {short_repr(box)}, expected numbers "
                f"for x, y, width and height in pixels. {ADVICE}"
            ) from error
        corners.append([x, y, x + width, y + height])
        try:
            scores.append(1.0 if score is None else float(score))
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"BOUNDING_BOX, frame {frame}, box {index} has the score {short_repr(score)}, "
                f"expected a number or nothing. {ADVICE}"
            ) from error
    return People(corners, scores)


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
            "The mask shows nobody: all of it is black, but for specks perhaps. Load Image gives "
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
