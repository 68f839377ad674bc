"""``sapiens-pose convert``: pose files of one format into another."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.options.drawing import SHOWN
from ..skeletons.options.files import OUTPUTS, READING, WRITING
from .arguments.from_options import add_option, add_options, make_options
from .arguments.thresholds import add_threshold_arguments, shown_points

if TYPE_CHECKING:
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ..skeletons.formats.table import Format
    from ..skeletons.pose import Frame

log = logging.getLogger(__name__)

_DESCRIPTION = """\
Convert pose files. The format of each input is told from its content. With -o FILE.json all
frames go into that file; otherwise -o is a folder, with one file per input, or one per image
where the format has one image per file."""


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
    reading = parser.add_argument_group("reading")
    add_options(reading.add_argument, READING["canvas_wh"], READING["hands_swapped"])
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
    from ..skeletons.formats.pose_keypoint_reader import ReadOptions
    from ..skeletons.formats.table import FORMATS, read_named_poses

    read_options = make_options(ReadOptions, args, READING)
    file_format = FORMATS[args.to]
    files: list[tuple[Path, tuple[tuple[str, Frame], ...]]] = []
    for path in args.inputs:
        try:
            files.append((path, read_named_poses(path, read_options)))
        except (OSError, ValueError) as error:
            log.error("%s", error)
    _write(files, args, file_format, _encode_options(args))
    return 0 if len(files) == len(args.inputs) else 1


def _encode_options(args: argparse.Namespace) -> EncodeOptions:
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions

    shown = shown_points(args, args.threshold, args.face_jaw)
    return make_options(EncodeOptions, args, WRITING, openpose=shown)


def _write(
    files: list[tuple[Path, tuple[tuple[str, Frame], ...]]],
    args: argparse.Namespace,
    file_format: Format,
    options: EncodeOptions,
) -> None:
    """Write all files, or none if two of them, or one and an input, are the same.

    Raises:
        ValueError: that is so, or a single output was asked for and an input is missing from it.
    """
    from ..skeletons.formats.table import write_poses
    from ..skeletons.foundation.atomic_files import prepare_folder

    if args.output.suffix == ".json":
        if len(files) < len(args.inputs):
            raise ValueError(f"{args.output} is not written, because an input could not be read.")
        plan = [(args.output, tuple(pair for _, named in files for pair in named))]
    else:
        plan = [
            (args.output / name, named)
            for path, all_named in files
            for name, named in _split(path, all_named, file_format)
        ]
    inputs = {path.resolve() for path in args.inputs}
    outputs: set[Path] = set()
    for path in (path.resolve() for path, _ in plan):
        if path in outputs:
            raise ValueError(f"Two inputs would be written to {path}. Convert them one by one.")
        if path in inputs:
            raise ValueError(f"{path} is an input and would be overwritten. Give another folder.")
        outputs.add(path)
    for folder in {path.parent for path, _ in plan}:
        prepare_folder(folder)
    for path, named in plan:
        write_poses(path, named, file_format, options)
        log.info("Wrote %s (frames: %d).", path, len(named))


def _split(
    path: Path, named: tuple[tuple[str, Frame], ...], file_format: Format
) -> list[tuple[str, tuple[tuple[str, Frame], ...]]]:
    """The files that an input becomes: name and what goes into it."""
    from ..skeletons.formats.table import image_stem

    if len(named) == 1 or not file_format.one_image_per_file:
        return [(image_stem(path) + file_format.suffix, named)]
    return [(Path(name).stem + file_format.suffix, ((name, frame),)) for name, frame in named]
