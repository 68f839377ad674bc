"""``sapiens-pose render``: pose files in, skeleton pictures out."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ..skeletons.choices import STYLE_SUMMARIES, Background, Layout, Xinsir
from .arguments.thresholds import add_threshold_arguments, shown_points
from .arguments.types import finite_number, share
from .error_text import told
from .files.pose_files import picture_called, read_all, unique_stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..skeletons.draw import DrawOptions, Rendering

log = logging.getLogger(__name__)


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    styles = "\n".join(f"  {name:<17} {summary}" for name, summary in STYLE_SUMMARIES.items())
    parser = subparsers.add_parser(
        "render",
        help="draw pose files",
        description="Draw the people in pose files of any format that can be read.",
        epilog=f"styles:\n{styles}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="POSE.json", help="pose files")
    add(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="folder for the pictures, or a .png for a single one",
    )
    add("--mask", action="store_true", help="also write where the skeleton is, as *_mask.png")
    add(
        "--image",
        type=Path,
        metavar="PATH",
        help="for --background image: the picture, or a folder with a picture named as each pose",
    )
    add_drawing_arguments(parser)


def add_drawing_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds an argument for each of the ``DrawOptions``, under the option's own name."""
    add = parser.add_argument_group("drawing").add_argument
    add("--style", choices=list(STYLE_SUMMARIES), default="openpose", help="(default: %(default)s)")
    add(
        "--size",
        dest="canvas_wh",
        type=parse_size,
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


def parse_size(text: str) -> tuple[int, int]:
    """``832x1216`` as width and height; argparse's own error if it is anything else."""
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"size is {text!r}, expected WxH such as 832x1216")
    return int(width), int(height)


def drawing_options(arguments: argparse.Namespace) -> DrawOptions:
    """What ``add_drawing_arguments`` parsed; ValueError if a value is out of range."""
    from ..skeletons.draw import DrawOptions

    names = {field.name for field in dataclasses.fields(DrawOptions)}
    wishes = {name: value for name, value in vars(arguments).items() if name in names}
    shown = shown_points(arguments, arguments.score_threshold, arguments.face_jaw)
    return DrawOptions(**wishes | {"openpose": shown})


def run(arguments: argparse.Namespace) -> int:
    """Draws every frame of every file; returns 1 if any of them failed."""
    from ..skeletons.draw import render
    from ..skeletons.foundation.atomic_files import prepare_folder

    options = drawing_options(arguments)
    if arguments.image and options.background != "image":
        raise ValueError("--image is drawn on with --background image alone; add it.")
    frames = list(read_all(arguments.inputs))
    single = arguments.output.suffix.lower() == ".png"
    if single and len(frames) != 1:
        raise ValueError(
            f"{len(frames)} pictures cannot all go into {arguments.output}; give a folder."
        )
    prepare_folder(arguments.output.parent if single else arguments.output)
    stems = unique_stems([name for name, _ in frames])
    failures = 0
    for stem, (name, frame) in zip(stems, frames, strict=True):
        if isinstance(frame, Exception):
            failures += 1
            log.error("%s", frame)
            continue
        path = arguments.output if single else arguments.output / f"{stem}.png"
        try:
            picture = _background(arguments, name, path)
            _write(path, render(frame, options, picture), arguments)
        except (ValueError, OSError, MemoryError) as error:
            failures += 1
            log.error("%s: %s", name, told(error))
        else:
            log.info("%s: %d people -> %s", name, len(frame.poses), path)
    return 1 if failures else 0


def _background(arguments: argparse.Namespace, name: str, result: Path) -> NDArray[np.uint8] | None:
    """The picture to draw on, if one is given; ValueError if the result would replace it."""
    from .files.images import read_image

    if arguments.image is None:
        return None
    picture = picture_called(name, arguments.image)
    if picture.resolve() in (result.resolve(), _mask_path(result).resolve()):
        raise ValueError(
            f"The drawing would take the place of the picture {picture}; give another folder "
            "with -o."
        )
    return read_image(picture)


def _mask_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}_mask.png")


def _write(path: Path, drawn: Rendering, arguments: argparse.Namespace) -> None:
    from ..skeletons.foundation import atomic_files
    from .files.images import encode_png

    clear = arguments.background == "transparent"
    atomic_files.write_bytes(path, encode_png(drawn.rgba if clear else drawn.image_rgb))
    if arguments.mask:
        atomic_files.write_bytes(_mask_path(path), encode_png(drawn.mask))
