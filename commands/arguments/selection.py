"""Whom ``estimate`` keeps of the people of a picture or frame."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.choices import SORT_SUMMARIES
from .cli_overrides import built, refuse_given
from .types import finite_number, whole_number

if TYPE_CHECKING:
    from ...skeletons.poses.select import Region, SelectOptions

log = logging.getLogger(__name__)

SORTS = {name.replace(" ", "-"): name for name in SORT_SUMMARIES}

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture."""

FIELDS = {
    "--select": "places",
    "--select-ids": "track_ids",
    "--select-min-score": "min_score",
    "--select-min-keypoints": "min_keypoints",
    "--select-min-inside": "min_inside",
    "--max-people": "max_people",
}
"""The arguments for fields of ``SelectOptions``."""


def add_selection_arguments(group: Any) -> None:
    """Adds the arguments that ``Selection.of`` reads."""
    add = group.add_argument
    add("--select", metavar="LIST", help="places of the people to keep, such as 0,2-3")
    add("--select-ids", metavar="LIST", help="their ids, such as 0,2-3; also tracks")
    add(
        "--select-min-score",
        type=finite_number,
        metavar="0..1",
        help="leave out people whose visible body points have a lower mean score (default: 0)",
    )
    add(
        "--select-min-keypoints",
        type=whole_number,
        metavar="N",
        help="leave out people with fewer visible body points (default: 0)",
    )
    add(
        "--select-box",
        type=parse_box,
        action="append",
        metavar="X1,Y1,X2,Y2",
        help="only people in this box, in pixels; given several times: in one of them. With a "
        "number below 0 first: --select-box=-10,0,640,480",
    )
    add(
        "--select-mask",
        type=Path,
        metavar="PICTURE",
        help="only people in the white of this picture, which is laid over every picture; with "
        "--select-box: in either",
    )
    add(
        "--select-min-inside",
        type=finite_number,
        metavar="0..1",
        help="how much of a person must lie in there, as a share of the visible points "
        "(default: 0.5)",
    )
    add(
        "--sort",
        choices=list(SORTS),
        default="as-they-come",
        help="the order of the people; track-id also tracks (default: %(default)s)",
    )
    add("--sort-reverse", action="store_true", help="the other way round")
    add("--max-people", type=int, metavar="N", help="so many at most (default: all)")


def parse_box(text: str) -> Box:
    """``0,0,640,480``: left, top, right, bottom; corners in the wrong order are exchanged later.

    Raises:
        argparse.ArgumentTypeError: it is no such box, or without extent.
    """
    try:
        left, top, right, bottom = (finite_number(each) for each in text.split(","))
    except (ValueError, argparse.ArgumentTypeError):
        left = top = right = bottom = 0.0
    if left == right or top == bottom:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a box such as 0,0,640,480: left, top, right, bottom in pixels"
        )
    return left, top, right, bottom


@dataclass(frozen=True)
class Selection:
    """Whom to keep.

    Attributes:
        options: by what.
        boxes_xyxy: of these, people must lie in one.
        mask: or in the white of this picture.
    """

    options: SelectOptions
    boxes_xyxy: tuple[Box, ...] = ()
    mask: Path | None = None

    @classmethod
    def of(cls, options: argparse.Namespace) -> Selection:
        """As the command line asks for.

        Raises:
            ValueError, FileNotFoundError: a value or the mask cannot be read, or an argument would
                change nothing.
        """
        from ...skeletons.poses.select import SelectOptions

        boxes = tuple(options.select_box or ())
        if not boxes and options.select_mask is None:
            missing = "It is about a box or a mask: add --select-box or --select-mask."
            refuse_given(options, ["--select-min-inside"], missing)
        chosen = cls(
            built(
                SelectOptions,
                options,
                FIELDS,
                sort=SORTS[options.sort],
                reverse=options.sort_reverse,
                score_threshold=options.score_threshold,
            ),
            boxes,
            options.select_mask,
        )
        _ = chosen.region  # a mask that cannot be read is told before anything runs
        return chosen

    @cached_property
    def region(self) -> Region | None:
        """Where people must be, the mask read; None if anywhere."""
        from ...skeletons.poses.select import Region
        from ..files.images import read_image

        if self.mask is None:
            return Region(self.boxes_xyxy) if self.boxes_xyxy else None
        return Region(self.boxes_xyxy, read_image(self.mask).max(axis=-1) / 255)
