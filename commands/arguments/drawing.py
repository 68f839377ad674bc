"""How poses are drawn, as the command line says it."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING, get_args

from ...skeletons.choices import STYLE_SUMMARIES, Background, Layout, Xinsir
from .thresholds import add_threshold_arguments, shown_points
from .types import finite_number, parse_size_wh, share

if TYPE_CHECKING:
    from ...skeletons.draw import DrawOptions


def add_drawing_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds an argument for each of the ``DrawOptions``, under the option's own name."""
    add = parser.add_argument_group("drawing").add_argument
    add("--style", choices=list(STYLE_SUMMARIES), default="openpose", help="(default: %(default)s)")
    add(
        "--size",
        dest="canvas_wh",
        type=parse_size_wh,
        metavar="WxH",
        help="size of the drawing (default: that of the picture the poses were found in)",
    )
    add("--layout", choices=get_args(Layout), default="fit", help="how --size is met")
    add(
        "--background", choices=get_args(Background), default="black", help="(default: %(default)s)"
    )
    add("--image-opacity", type=finite_number, default=1.0, metavar="0..1")
    add(
        "--score-threshold",
        type=share,
        default=0.3,
        help="hide what scores less (%(default)s)",
    )
    add_threshold_arguments(add, "--score-threshold")
    add("--line-width", type=finite_number, metavar="PX", help="(default: the style's own)")
    add("--point-radius", type=finite_number, metavar="PX", help="(default: the style's own)")
    add("--face-point-radius", type=finite_number, metavar="PX", help="(default: the style's own)")
    add(
        "--relative-size",
        action="store_true",
        help="widths and radii grow with the canvas; as given at a short side of 512",
    )
    add(
        "--xinsir",
        choices=get_args(Xinsir),
        default="off",
        help="wider limbs, for xinsir's SDXL ControlNets",
    )
    add(
        "--detect-resolution",
        type=int,
        default=0,
        metavar="PX",
        help="resize the finished drawing to this short side, as DWPose does",
    )
    add(
        "--face-jaw",
        choices=("hidden", "drawn", "none"),
        default="hidden",
        help="the jaw that 308 points have not, made up from ear lobes and chin (%(default)s)",
    )
    add("--color-by-person", action="store_true", help="one colour for each person")
    for part in ("body", "hands", "face", "feet"):
        add(
            f"--{part}",
            dest=f"draw_{part}",
            action=argparse.BooleanOptionalAction,
            default=None if part == "feet" else True,
        )


def drawing_options(arguments: argparse.Namespace) -> DrawOptions:
    """What ``add_drawing_arguments`` parsed; ValueError if a value is out of range."""
    from ...skeletons.draw import DrawOptions

    names = {field.name for field in dataclasses.fields(DrawOptions)}
    wishes = {name: value for name, value in vars(arguments).items() if name in names}
    shown = shown_points(arguments, arguments.score_threshold, arguments.face_jaw)
    return DrawOptions(**wishes | {"openpose": shown})
