"""``sapiens-pose retarget``: a clip's poses in the proportions of another person."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.options.files import OUTPUTS
from .arguments.from_options import add_option
from .arguments.retarget_options import Retargeting, add_retarget_arguments
from .files.pose_files import NamedFrames, write_pose_files

if TYPE_CHECKING:
    from ..skeletons.pose import Frame

log = logging.getLogger(__name__)

_DESCRIPTION = """\
Give the people of a clip the proportions of the people in a reference image: limbs, head, hands
and feet become as long as theirs, the motion stays. All inputs together are one clip, in order.
With -o FILE.json all frames go into that file; otherwise -o is a folder, with one file for each
input, or for each image where the format holds one per file."""


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


def run(args: argparse.Namespace) -> int:
    """Retargets; 0 if everything was written.

    Raises:
        OSError or ValueError: something cannot be read, retargeted or written.
    """
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ..skeletons.formats.table import FORMATS, read_named_poses
    from ..skeletons.openpose_points import uniform_thresholds

    retargeting = Retargeting.of(args)
    files = [(path, read_named_poses(path)) for path in args.inputs]
    frames = [frame for _, named in files for _, frame in named]
    retargeted = retargeting.retarget(frames)
    shown = EncodeOptions(openpose=uniform_thresholds(args.score_threshold))
    inputs = [*args.inputs, *args.reference]
    write_pose_files(_with_frames(files, retargeted), inputs, args.output, FORMATS[args.to], shown)
    return 0


def _with_frames(
    files: list[tuple[Path, NamedFrames]], frames: list[Frame]
) -> list[tuple[Path, NamedFrames]]:
    """The files with other frames, given in the same order."""
    following = iter(frames)
    return [
        (path, tuple((name, frame) for (name, _), frame in zip(named, following, strict=False)))
        for path, named in files
    ]
