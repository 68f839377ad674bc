"""Whom ``estimate`` keeps of the people of a picture or frame."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.options.selecting import SELECTING
from .from_options import add_option, add_options, make_options, refuse_given
from .types import finite_number

if TYPE_CHECKING:
    from ...skeletons.poses.select import Region, SelectOptions

log = logging.getLogger(__name__)

SORTS = {name.replace(" ", "-"): name for name in SELECTING["sort"].choices}
"""The orders by their names on the command line, where spaces would need quotation marks."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture."""


def add_selection_arguments(group: Any) -> None:
    """Adds the arguments that ``Selection.of`` reads."""
    add = group.add_argument
    sort = SELECTING["sort"]
    choices = dict(zip(SORTS, sort.choices.values(), strict=True))
    sort = replace(sort, choices=choices, default=sort.default.replace(" ", "-"))
    add_option(add, sort)
    others = (row for row in SELECTING if row.name not in ("sort", "select_box"))
    add_options(add, *others, given_only=True)
    add_option(add, SELECTING["select_box"], type=parse_box, action="append")


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
            missing = "It needs a box or a mask: add --select-box or --select-mask."
            refuse_given(options, [SELECTING["min_inside"]], missing)
        chosen = cls(
            make_options(
                SelectOptions,
                options,
                SELECTING,
                sort=SORTS[options.sort],
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
