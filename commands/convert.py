"""``sapiens-pose convert``: pose files of one format into another."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.options.drawing import SHOWN
from ..skeletons.options.files import OUTPUTS, WRITING
from .arguments.from_options import add_option, add_options, make_options
from .arguments.reading import add_reading_arguments, reading_options
from .arguments.thresholds import add_threshold_arguments, shown_points
from .files.pose_files import open_all, write_pose_files

if TYPE_CHECKING:
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions

_DESCRIPTION = """\
Convert pose files. The format of each input is recognised from its content. If -o is a FILE.json,
all frames go into it. Otherwise -o is a folder, with one file per input, or one per image if the
format holds one image per file."""


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add ``convert`` to the commands; ``run`` takes what it parses."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "convert",
        help="convert pose files from one format to another",
        description=_DESCRIPTION,
    )
    parser.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="Pose files.")
    to = replace(OUTPUTS["format"], flag="--to", default=None)
    add_option(parser.add_argument, to, required=True)
    parser.add_argument(
        "-o", "--output", required=True, type=Path, help="A .json file, or a folder."
    )
    add_reading_arguments(parser)
    writing = parser.add_argument_group("writing (comfy and openpose)").add_argument
    add_option(writing, replace(SHOWN["score_threshold"], flag="--threshold"))
    add_threshold_arguments(writing, "--threshold")
    add_options(writing, *WRITING, SHOWN["face_jaw"])
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Convert; 0 if everything was written, 1 if an input was left out (the log says why).

    Raises:
        OSError or ValueError: nothing could be written, or not all.
    """
    from ..skeletons.formats.table import FORMATS

    files, failures = open_all(args.inputs, reading_options(args))
    if args.output.suffix == ".json" and failures:
        raise ValueError(f"{args.output} is not written, because an input could not be read.")
    write_pose_files(files, args.inputs, args.output, FORMATS[args.to], _encode_options(args))
    return 1 if failures else 0


def _encode_options(args: argparse.Namespace) -> EncodeOptions:
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions

    shown = shown_points(args, args.threshold, args.face_jaw)
    return make_options(EncodeOptions, args, WRITING, openpose=shown)
