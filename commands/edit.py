"""``sapiens-pose edit``: pose files with edits applied."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from ..skeletons.options.files import EDITING, OUTPUTS
from .arguments.from_options import add_option
from .arguments.reading import add_reading_arguments, reading_options
from .files.pose_files import open_all, write_pose_files

log = logging.getLogger(__name__)

_DESCRIPTION = """\
Apply edits to poses. All inputs together are one clip, in order. Edits that fit nobody are named
and not applied; the exit code is then 1. If -o is a FILE.json, all frames go into it. Otherwise -o
is a folder, with one file per input, or one per image if the format holds one image per file."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser("edit", help="apply edits to poses", description=_DESCRIPTION)
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="POSES.json", help="Pose files.")
    add_option(add, replace(EDITING["edits"], kind="path", default=None), required=True)
    add("-o", "--output", required=True, type=Path, help="A .json file, or a folder.")
    add_option(add, replace(OUTPUTS["format"], flag="--to"))
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Edits; 0 if everything was written and all edits fit, 1 if some fit nobody.

    Raises:
        OSError or ValueError: something cannot be read or written.
    """
    from ..skeletons.edits.edited_clip import apply_edits
    from ..skeletons.edits.edits_text import read_edits
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ..skeletons.formats.table import FORMATS

    edits = read_edits(args.edits)
    files, failures = open_all(args.inputs, reading_options(args))
    if failures:
        raise ValueError("Nothing is written, because an input could not be read.")
    edited = apply_edits([frame for file in files for frame in file.frames], edits)
    for sentence in edited.sentences:
        log.warning("%s", sentence)
    following = iter(edited.frames)
    changed = [replace(file, frames=list(islice(following, len(file.names)))) for file in files]
    inputs = [*args.inputs, args.edits]
    write_pose_files(changed, inputs, args.output, FORMATS[args.to], EncodeOptions())
    return 1 if edited.unplaced else 0
