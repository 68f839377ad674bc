"""How poses are drawn, as the command line says it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...skeletons.options.drawing import DRAWING, SHOWN
from ...skeletons.options.option import Option
from .from_options import add_option, add_options, make_options
from .thresholds import add_threshold_arguments, shown_points

if TYPE_CHECKING:
    from ...skeletons.draw import DrawOptions

BY_ATTRIBUTE = tuple(DRAWING[name] for name in ("canvas_wh", "body", "hands", "face", "feet"))
"""Options whose values are parsed under the name of their attribute, as flags are short here."""


def add_drawing_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``drawing_options`` reads."""
    add = parser.add_argument_group("drawing").add_argument
    for row in BY_ATTRIBUTE:
        add_option(add, row, dest=row.attribute_name)
    add_options(add, *_others())
    add_threshold_arguments(add, "--score-threshold")
    add_option(add, SHOWN["face_jaw"])


def drawing_options(arguments: argparse.Namespace) -> DrawOptions:
    """What ``add_drawing_arguments`` parsed."""
    from ...skeletons.draw import DrawOptions

    shown = shown_points(arguments, arguments.score_threshold, arguments.face_jaw)
    names = [row.attribute_name for row in BY_ATTRIBUTE]
    values = {name: getattr(arguments, name) for name in names}
    return make_options(DrawOptions, arguments, _others(), openpose=shown, **values)


def _others() -> list[Option]:
    return [row for row in DRAWING if row not in BY_ATTRIBUTE]
