"""``sapiens-pose retarget``: a clip's poses in the proportions of another person."""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from ..skeletons.options.files import OUTPUTS
from .arguments.from_options import add_option
from .arguments.reading import add_reading_arguments, reading_options
from .arguments.retarget_options import Retargeting, add_retarget_arguments
from .files.pose_files import open_all, write_pose_files

_DESCRIPTION = """\
Give the people in a clip the proportions of the people in a reference image: limbs, head, hands
and feet get the reference's lengths, and the motion stays the same. All inputs together are one
clip, in order. If -o is a FILE.json, all frames go into it. Otherwise -o is a folder, with one
file per input, or one per image if the format holds one image per file."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "retarget",
        help="give a motion the proportions of another person",
        description=_DESCRIPTION,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="CLIP.json", help="Pose files of the driver.")
    add("-o", "--output", required=True, type=Path, help="A .json file, or a folder.")
    add_option(add, replace(OUTPUTS["format"], flag="--to"))
    add_retarget_arguments(add)
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Retargets; 0 if everything was written.

    Raises:
        OSError or ValueError: something cannot be read, retargeted or written.
    """
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ..skeletons.formats.table import FORMATS
    from ..skeletons.openpose_points import uniform_thresholds

    retargeting = Retargeting.of(args)
    files, failures = open_all(args.inputs, reading_options(args))
    if failures:
        raise ValueError("Nothing is written, because an input could not be read.")
    following = iter(retargeting.retarget([frame for file in files for frame in file.frames]))
    changed = [replace(file, frames=list(islice(following, len(file.names)))) for file in files]
    shown = EncodeOptions(openpose=uniform_thresholds(args.score_threshold))
    inputs = [*args.inputs, *args.reference]
    write_pose_files(changed, inputs, args.output, FORMATS[args.to], shown)
    return 0
