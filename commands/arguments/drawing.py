"""How poses are drawn, as the command line says it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from ...skeletons.options.drawing import DRAWING, SHOWN
from ...skeletons.options.option import Option
from .from_options import add_option, add_options, make_options
from .thresholds import add_threshold_arguments, shown_points

if TYPE_CHECKING:
    from ...skeletons.draw import DrawOptions

PARTS = ("body", "head", "hands", "face", "feet")
BY_ATTRIBUTE = tuple(DRAWING[name] for name in ("canvas_wh", *PARTS))
"""Options whose values are parsed under the name of their attribute, as flags are short here."""

PLAIN_BACKGROUNDS = ("black", "white")
"""Those of drawings that may become a video; the image itself is that of ``--overlay``."""

ELSEWHERE = ("style", "score_threshold", "for_model")
"""Options that commands which draw what they find have among those of their results."""

OF_THE_SIZE = ("canvas_wh", "layout", "detect_resolution")
"""Options that these commands lack: their drawings have the size of the image."""


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


def add_look_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``look_options`` reads."""
    add_options(parser.add_argument_group("drawing").add_argument, *_look_rows())


def look_options(arguments: argparse.Namespace) -> DrawOptions:
    """How a command draws the poses that it finds, apart from style, model and thresholds."""
    from ...skeletons.draw import DrawOptions

    return make_options(DrawOptions, arguments, _look_rows())


def _look_rows() -> list[Option]:
    """Parts are ``--draw-hands`` here: ``--hands`` of ``--retarget`` says what is retargeted."""
    rows = []
    for row in DRAWING:
        if row.name == "background":
            row = replace(row, choices={name: row.choices[name] for name in PLAIN_BACKGROUNDS})
        elif row.attribute.startswith("draw_"):
            row = replace(row, flag=f"--draw-{row.name}")
        if row.flag and row.name not in (*ELSEWHERE, *OF_THE_SIZE):
            rows.append(row)
    return rows
